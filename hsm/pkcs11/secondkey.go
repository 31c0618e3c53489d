//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/ThalesGroup/crypto11"
	p11 "github.com/miekg/pkcs11"

	"yinxin/fault"
	"yinxin/hsm"
)

// secondKey is an RSA or P-256 key on a token.
type secondKey struct {
	s      *second
	want   want
	ref    hsm.Ref
	spec   hsm.Spec
	public crypto.PublicKey
	print  string

	mu     sync.Mutex
	signer crypto11.Signer // found in gen and tested
	gen    uint64
}

var _ hsm.Key = (*secondKey)(nil)

func (k *secondKey) Public() crypto.PublicKey { return k.public }

// Ref is the key's full address.
func (k *secondKey) Ref() hsm.Ref { return k.ref }

// Sign answers as hsm.Algorithm says; no answer leaves that has not been verified.
func (k *secondKey) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := k.spec.Algorithm.Accepts(digest, alg); err != nil {
		return nil, err
	}
	return do(ctx, k.s, false, func(c *crypto11.Context) ([]byte, error) {
		if err := k.prove(c); err != nil {
			return nil, err
		}
		return k.once(digest, false)
	})
}

// prove finds the key in this configuration of crypto11, compares it and has it sign a random digest.
func (k *secondKey) prove(c *crypto11.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s.mu.Lock()
	gen := k.s.gen
	k.s.mu.Unlock()
	if k.signer != nil && k.gen == gen {
		return nil
	}
	signer, attributes, err := k.s.locate(c, k.want)
	if err != nil {
		return err
	}
	if !k.public.(interface{ Equal(crypto.PublicKey) bool }).Equal(signer.Public()) {
		return k.s.keyFail(KeyChanged, k.want, "was "+k.print+", is "+fingerprint(signer.Public()), nil)
	}
	if err := wrong(attributes, k.want.imported); err != nil {
		return k.s.keyFail(KeyAttributes, k.want, "", err)
	}
	k.signer, k.gen = signer, gen
	digest := make([]byte, sha256.Size)
	if _, err := rand.Read(digest); err != nil {
		return fmt.Errorf("random digest: %w", err)
	}
	if _, err := k.sign(signer, digest, true); err != nil {
		k.signer = nil
		return err
	}
	return nil
}

func (k *secondKey) once(digest []byte, test bool) ([]byte, error) {
	k.mu.Lock()
	signer := k.signer
	k.mu.Unlock()
	if signer == nil {
		return nil, errStale
	}
	return k.sign(signer, digest, test)
}

func (k *secondKey) sign(signer crypto11.Signer, digest []byte, test bool) ([]byte, error) {
	start := k.s.opts.Now()
	var mechanism uint = p11.CKM_ECDSA
	if k.spec.Algorithm == hsm.RSAPKCS1 {
		mechanism = p11.CKM_RSA_PKCS
	}
	sig, err := signer.Sign(rand.Reader, digest, crypto.SHA256)
	if err == nil && !k.verifies(digest, sig) {
		err = k.s.keyFail(WrongAnswer, k.want, fmt.Sprintf("mechanism %#x", mechanism), nil)
	}
	k.s.opts.Observer.Signed(Use{Token: k.s.title(), Key: k.ref, Public: k.print, Mechanism: mechanism, Digest: bytes.Clone(digest), SelfTest: test,
		Class: classOf(err, nil), Code: codeOf(err), Took: k.s.opts.Now().Sub(start)})
	if err != nil {
		return nil, err
	}
	return sig, nil
}

func (k *secondKey) verifies(digest, sig []byte) bool {
	switch pub := k.public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, digest, sig)
	}
	return false
}

func (s *second) keyFail(c Class, w want, detail string, err error) error {
	return &failure{class: c, about: s.name() + " " + w.String(), detail: detail, err: err}
}

// locate finds exactly one pair and reads its attributes.
func (s *second) locate(c *crypto11.Context, w want) (crypto11.Signer, []Attribute, error) {
	found, err := pairs(c, w)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, s.keyFail(KeyMissing, w, "", nil)
	}
	if len(found) > 1 {
		return nil, nil, s.keyFail(KeyTwice, w, fmt.Sprintf("%d keys", len(found)), nil)
	}
	var attributes []Attribute
	for _, r := range rules() {
		a, err := c.GetAttribute(found[0], r.number)
		if gone(classOf(err, nil)) && err != nil {
			return nil, nil, err
		}
		var value []byte
		if err == nil && a != nil {
			value = a.Value
		}
		attributes = append(attributes, r.judge(value, err == nil))
	}
	return found[0], attributes, nil
}

func (s *second) open(ctx context.Context, w want) (hsm.Key, error) {
	return do(ctx, s, false, func(c *crypto11.Context) (hsm.Key, error) {
		k, _, err := s.prepare(c, w)
		if err != nil {
			return nil, err
		}
		return k, nil
	})
}

// prepare finds a key, or knows it already, and has it proven.
func (s *second) prepare(c *crypto11.Context, w want) (*secondKey, []Attribute, error) {
	signer, attributes, err := s.locate(c, w)
	if err != nil {
		return nil, nil, err
	}
	mark := fingerprint(signer.Public())
	if w.public != "" && w.public != mark {
		return nil, nil, s.keyFail(KeyChanged, w, "configured "+w.public+", is "+mark, nil)
	}
	spec, err := hsm.SpecOf(signer.Public())
	if err != nil {
		return nil, nil, err
	}
	label, id := names(c, signer)
	w.label, w.id = label, id
	ref := s.refOf(label, id)
	s.mu.Lock()
	at := fmt.Sprint(ref, w.imported)
	k := s.keys[at]
	if k == nil {
		k = &secondKey{s: s, want: w, ref: ref, spec: spec, public: signer.Public(), print: mark}
		s.keys[at] = k
	}
	s.mu.Unlock()
	k.mu.Lock()
	if k.print != mark {
		k.signer = nil
	}
	k.mu.Unlock()
	return k, attributes, k.prove(c)
}

// make makes a pair that can only sign and never leaves. It is tried once.
func (s *second) make(ctx context.Context, w want, spec hsm.Spec) (hsm.Key, error) {
	return do(ctx, s, true, func(c *crypto11.Context) (hsm.Key, error) {
		if taken, err := pairs(c, want{label: w.label}); err != nil || len(taken) > 0 {
			if err == nil {
				err = fault.New(fault.Conflict, "key-exists", "令牌中已有名为 "+w.String()+" 的密钥", "the token already has a key "+w.String(), nil)
			}
			return nil, err
		}
		if len(w.id) == 0 {
			w.id = make([]byte, idSize)
			if _, err := rand.Read(w.id); err != nil {
				return nil, fmt.Errorf("random id: %w", err)
			}
		}
		public, private, err := secondTemplates(w)
		if err != nil {
			return nil, err
		}
		var signer crypto11.Signer
		if spec.Algorithm == hsm.RSAPKCS1 {
			signer, err = c.GenerateRSAKeyPairWithAttributes(public, private, spec.Bits)
		} else {
			signer, err = c.GenerateECDSAKeyPairWithAttributes(public, private, elliptic.P256())
		}
		if err != nil {
			return nil, err
		}
		k, _, err := s.prepare(c, w)
		if err != nil {
			return nil, fmt.Errorf("the new key was destroyed: %w", joinIf(err, signer.Delete()))
		}
		return k, nil
	})
}

func secondTemplates(w want) (public, private crypto11.AttributeSet, err error) {
	public, err = crypto11.NewAttributeSetWithIDAndLabel(w.id, []byte(w.label))
	if err != nil {
		return nil, nil, err
	}
	private = public.Copy()
	for a, on := range map[uint]bool{p11.CKA_TOKEN: true, p11.CKA_PRIVATE: true, p11.CKA_SENSITIVE: true, p11.CKA_EXTRACTABLE: false, p11.CKA_SIGN: true,
		p11.CKA_DECRYPT: false, p11.CKA_UNWRAP: false, p11.CKA_DERIVE: false} {
		if err := private.Set(a, on); err != nil {
			return nil, nil, err
		}
	}
	for a, on := range map[uint]bool{p11.CKA_TOKEN: true, p11.CKA_VERIFY: true, p11.CKA_ENCRYPT: false} {
		if err := public.Set(a, on); err != nil {
			return nil, nil, err
		}
	}
	return public, private, nil
}

func (s *second) destroy(ctx context.Context, w want) error {
	_, err := do(ctx, s, true, func(c *crypto11.Context) (struct{}, error) {
		signer, _, err := s.locate(c, w)
		if err != nil {
			return struct{}{}, err
		}
		label, id := names(c, signer)
		if err := signer.Delete(); err != nil {
			return struct{}{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for at, k := range s.keys {
			if k.want.label == label && bytes.Equal(k.want.id, id) {
				delete(s.keys, at)
			}
		}
		return struct{}{}, nil
	})
	return err
}

func (s *second) inspect(ctx context.Context, w want) (KeyInfo, error) {
	return do(ctx, s, false, func(c *crypto11.Context) (KeyInfo, error) {
		k, attributes, err := s.prepare(c, w)
		if err != nil {
			return KeyInfo{}, err
		}
		digest := make([]byte, sha256.Size)
		if _, err := rand.Read(digest); err != nil {
			return KeyInfo{}, fmt.Errorf("random digest: %w", err)
		}
		start := k.s.opts.Now()
		if _, err := k.once(digest, true); err != nil {
			return KeyInfo{}, err
		}
		return KeyInfo{Ref: k.ref, Spec: k.spec, Public: k.public, Token: s.title(), Attributes: attributes, SelfTest: k.s.opts.Now().Sub(start)}, nil
	})
}
