//go:build cgo

package pkcs11

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	p11 "github.com/miekg/pkcs11"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/profile"
)

// idSize is the length in bytes of the CKA_ID of new keys.
const idSize = 16

func trimmed(s string) string { return strings.TrimSpace(strings.TrimRight(s, "\x00")) }

// generate makes an SM2 key pair that can only sign and never leaves, reads back what the token made of that, and has it sign. It is tried once: when
// no answer comes there may be a key all the same. A key that is not what it must be is destroyed.
func (t *token) generate(ctx context.Context, w want) (*key, error) {
	gen, err := t.wait(ctx)
	if err != nil {
		return nil, err
	}
	if len(w.id) == 0 {
		w.id = make([]byte, idSize)
		if _, err := rand.Read(w.id); err != nil {
			return nil, fmt.Errorf("random id: %w", err)
		}
	}
	t.mu.Lock()
	profiles := t.profiles
	t.mu.Unlock()
	for i, p := range profiles {
		_, err = use(ctx, t, gen, true, func(lib *p11.Ctx, h p11.SessionHandle) (struct{}, error) {
			return struct{}{}, t.makePair(lib, h, p, w)
		})
		if code := codeOf(err); i == len(profiles)-1 || code != p11.CKR_MECHANISM_INVALID && code != p11.CKR_ATTRIBUTE_VALUE_INVALID {
			break
		}
	}
	if c := classOf(err, t.likely()); gone(c) {
		t.lost(gen, c, err)
		return nil, t.fail(c, "whether the key "+w.String()+" was made is not known: see the list of keys", err)
	}
	if err != nil {
		return nil, t.explain(err)
	}
	k, _, err := t.key(ctx, w)
	if err != nil {
		if gone(classOf(err, t.likely())) {
			return nil, err
		}
		return nil, fmt.Errorf("the new key was destroyed: %w", joinIf(err, t.destroy(context.WithoutCancel(ctx), w)))
	}
	return k, nil
}

func joinIf(err, more error) error {
	if more == nil {
		return err
	}
	return fmt.Errorf("%w (and it could not be destroyed: %w)", err, more)
}

// makePair refuses a label or ID that is in use by any private key.
func (t *token) makePair(lib *p11.Ctx, h p11.SessionHandle, p *profile.Profile, w want) error {
	for _, a := range []*p11.Attribute{p11.NewAttribute(p11.CKA_LABEL, w.label), p11.NewAttribute(p11.CKA_ID, w.id)} {
		taken, err := search(lib, h, []*p11.Attribute{p11.NewAttribute(p11.CKA_CLASS, p11.CKO_PRIVATE_KEY), a})
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return fault.New(fault.Conflict, "key-exists", "令牌中已有名为 "+w.String()+" 的密钥", "the token already has a key "+w.String(), nil)
		}
	}
	public, private, err := templates(p, w)
	if err != nil {
		return err
	}
	_, _, err = lib.GenerateKeyPair(h, []*p11.Mechanism{p11.NewMechanism(p.SM2.KeyGen.Mechanism, nil)}, public, private)
	return err
}

// templates are what a new key pair is asked to be.
func templates(p *profile.Profile, w want) (public, private []*p11.Attribute, err error) {
	spared := map[string]uint{"CKA_DECRYPT": p11.CKA_DECRYPT, "CKA_UNWRAP": p11.CKA_UNWRAP, "CKA_DERIVE": p11.CKA_DERIVE, "CKA_SIGN_RECOVER": p11.CKA_SIGN_RECOVER,
		"CKA_VERIFY": p11.CKA_VERIFY, "CKA_ENCRYPT": p11.CKA_ENCRYPT, "CKA_WRAP": p11.CKA_WRAP}
	add := func(list []*p11.Attribute, name string, value bool) []*p11.Attribute {
		if slices.Contains(p.Template.Omit, name) {
			return list
		}
		return append(list, p11.NewAttribute(spared[name], value))
	}
	public = append(keyTemplate(p11.CKO_PUBLIC_KEY, p, w.label, w.id), p11.NewAttribute(p11.CKA_TOKEN, true), p11.NewAttribute(p11.CKA_PRIVATE, false))
	for _, name := range []string{"CKA_VERIFY", "CKA_ENCRYPT", "CKA_WRAP"} {
		public = add(public, name, name == "CKA_VERIFY")
	}
	if p.SM2.ECParams != profile.ParamsOmit {
		oid, err := profile.CurveParams(p.SM2.CurveOID)
		if err != nil {
			return nil, nil, err
		}
		public = append(public, p11.NewAttribute(p11.CKA_EC_PARAMS, oid))
	}
	private = append(keyTemplate(p11.CKO_PRIVATE_KEY, p, w.label, w.id), p11.NewAttribute(p11.CKA_TOKEN, true), p11.NewAttribute(p11.CKA_PRIVATE, true),
		p11.NewAttribute(p11.CKA_SENSITIVE, true), p11.NewAttribute(p11.CKA_EXTRACTABLE, false), p11.NewAttribute(p11.CKA_SIGN, true))
	for _, name := range []string{"CKA_DECRYPT", "CKA_UNWRAP", "CKA_DERIVE"} {
		private = add(private, name, false)
	}
	return append(public, extra(p.Template.PublicExtra)...), append(private, extra(p.Template.PrivateExtra)...), nil
}

func extra(list []profile.Attribute) (out []*p11.Attribute) {
	for _, a := range list {
		out = append(out, p11.NewAttribute(a.Attribute, []byte(a.Value)))
	}
	return out
}

// destroy removes a key pair, the private half first. What is gone cannot be asked for again, so it is tried once.
func (t *token) destroy(ctx context.Context, w want) error {
	gen, err := t.wait(ctx)
	if err != nil {
		return err
	}
	f, p, err := t.find(ctx, gen, w)
	if err != nil {
		return t.explain(err)
	}
	_, err = use(ctx, t, gen, true, func(lib *p11.Ctx, h p11.SessionHandle) (struct{}, error) {
		now, err := locate(lib, h, p, w) // in this session, whose handles may be its own
		if err != nil {
			return struct{}{}, err
		}
		halves, err := search(lib, h, publicTemplate(p, now))
		if err != nil {
			return struct{}{}, err
		}
		for _, o := range append([]p11.ObjectHandle{now.private}, halves...) {
			if err := lib.DestroyObject(h, o); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		return t.explain(err)
	}
	t.forget(w, f)
	return nil
}

// forget drops what is held of a key that is no more.
func (t *token) forget(w want, f found) {
	k := t.known(w, f)
	k.held.Store(nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	for at, other := range t.keys {
		if other == k {
			delete(t.keys, at)
		}
	}
}

// list describes every SM2 key of the token, without testing any.
func (t *token) list(ctx context.Context) ([]hsm.Info, error) {
	return try(ctx, t, func(gen uint64) ([]hsm.Info, error) {
		t.mu.Lock()
		profiles := t.profiles
		t.mu.Unlock()
		all, err := use(ctx, t, gen, false, func(lib *p11.Ctx, h p11.SessionHandle) (all []found, err error) {
			for _, p := range profiles {
				handles, err := search(lib, h, keyTemplate(p11.CKO_PRIVATE_KEY, p, "", nil))
				if err != nil {
					return nil, err
				}
				for _, o := range handles {
					f, err := describe(lib, h, p, o)
					if err != nil {
						return nil, err
					}
					all = append(all, f)
				}
				if len(all) > 0 {
					break // the others find the same keys, or none
				}
			}
			return all, nil
		})
		if err != nil {
			return nil, err
		}
		var out []hsm.Info
		for _, f := range all {
			out = append(out, hsm.Info{Ref: t.refOf(f.label, f.id), Spec: hsm.Spec{Algorithm: hsm.SM2}, Public: f.public})
		}
		return out, nil
	})
}

func (t *token) refOf(label string, id []byte) hsm.Ref {
	t.mu.Lock()
	defer t.mu.Unlock()
	return URI{Token: trimmed(t.info.Label), Serial: trimmed(t.info.SerialNumber), Object: label, ID: id}.Ref()
}

// inspect finds and tests a key, and says what it is.
func (t *token) inspect(ctx context.Context, w want) (KeyInfo, error) {
	k, _, err := t.key(ctx, w)
	if err != nil {
		return KeyInfo{}, err
	}
	h, err := try(ctx, t, func(gen uint64) (*held, error) {
		k.held.Store(nil)
		return k.hold(ctx, gen)
	})
	if err != nil {
		return KeyInfo{}, err
	}
	return KeyInfo{Ref: k.ref, Spec: hsm.Spec{Algorithm: hsm.SM2}, Public: k.public, Token: t.title(), Profile: h.p.Name, Attributes: h.f.attributes, SelfTest: h.took}, nil
}

// ready has every key opened so far sign; where none is, the token is opened.
func (t *token) ready(ctx context.Context) error {
	t.mu.Lock()
	var keys []*key
	for _, k := range t.keys {
		keys = append(keys, k)
	}
	t.mu.Unlock()
	for _, k := range keys {
		if _, err := t.inspect(ctx, k.want); err != nil {
			return err
		}
	}
	_, err := t.wait(ctx)
	return err
}
