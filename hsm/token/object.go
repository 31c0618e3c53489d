package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
)

const (
	objectPrefix = "object-"
	maxName      = 256      // bytes of CKA_LABEL and of CKA_ID
	maxValue     = 48 << 10 // bytes of a certificate or of data
	maxObjects   = 20000
)

// record is an object as it is kept.
type record struct {
	Format int    `json:"format"`
	Class  uint64 `json:"class"`
	Label  []byte `json:"label"`
	ID     []byte `json:"id"`

	Key     string `json:"key,omitempty"`    // a private key's name in the key store
	Public  []byte `json:"public,omitempty"` // a key's SubjectPublicKeyInfo
	Sign    bool   `json:"sign,omitempty"`   // or verify
	Decrypt bool   `json:"decrypt,omitempty"`
	Guard   *guard `json:"guard,omitempty"` // of a private key

	Private bool     `json:"private,omitempty"` // of a certificate or of data
	Other   template `json:"other,omitempty"`   // attributes of a certificate or of data
}

// object is one of the token's objects.
type object struct {
	handle uint64
	name   string // of the record
	spec   hsm.Spec
	public crypto.PublicKey
	kept   atomic.Pointer[record] // never changed, only replaced

	mu     sync.RWMutex // held by whoever uses the key or replaces the record, so that it is not cleared meanwhile
	opened *keystore.Private
	gone   bool
}

// load reads all objects. A key without a record was left by a crash while it was made or destroyed; nobody was told of it, and it is not served.
func (t *Token) load() error {
	names, err := t.store.Records()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, objectPrefix) {
			continue
		}
		var r record
		if err := getRecord(t.store, name, &r); err != nil {
			return err
		}
		o, err := newObject(name, r)
		if err != nil {
			return fault.New(fault.Invalid, "token-record", "令牌的记录 "+name+" 无法识别", "the token's record "+name+" is not understood", err)
		}
		t.add(o)
	}
	return nil
}

func newObject(name string, r record) (*object, error) {
	if r.Format != 1 {
		return nil, fmt.Errorf("format %d is not known here", r.Format)
	}
	o := &object{name: name}
	o.kept.Store(&r)
	if r.Class != ckoPublicKey && r.Class != ckoPrivateKey {
		return o, nil
	}
	var err error
	if o.public, err = gm.ParsePublicKey(r.Public); err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	o.spec, err = hsm.SpecOf(o.public)
	return o, err
}

// add gives an object its handle. The caller holds mu, or is alone.
func (t *Token) add(o *object) {
	o.handle = t.next
	t.next++
	t.objects = append(t.objects, o)
}

// object is the one of a handle if the program may see it. The caller holds mu.
func (t *Token) object(handle uint64, user uint64) *object {
	i, found := slices.BinarySearchFunc(t.objects, handle, func(o *object, h uint64) int {
		switch {
		case o.handle < h:
			return -1
		case o.handle > h:
			return 1
		}
		return 0
	})
	if !found || t.objects[i].private() && user != ckuUser {
		return nil
	}
	return t.objects[i]
}

func (o *object) record() *record { return o.kept.Load() }

// change replaces the record of an object, on disk first.
func (t *Token) change(o *object, with func(*record)) rv {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone {
		return rvObjectHandleInvalid
	}
	r := *o.record()
	with(&r)
	if err := putRecord(t.store, o.name, r); err != nil {
		return rvDeviceError
	}
	o.kept.Store(&r)
	return rvOK
}

// private reports whether only the user sees it.
func (o *object) private() bool { return o.record().Class == ckoPrivateKey || o.record().Private }

// use calls fn with the private key, opened at its first use.
func (t *Token) use(o *object, fn func(*keystore.Private) error) error {
	o.mu.RLock()
	if o.opened == nil && !o.gone {
		o.mu.RUnlock()
		o.mu.Lock()
		if o.opened == nil && !o.gone {
			p, err := t.store.Private(o.record().Key)
			if err != nil {
				o.mu.Unlock()
				return err
			}
			o.opened = p
		}
		o.mu.Unlock()
		o.mu.RLock()
	}
	defer o.mu.RUnlock()
	if o.gone {
		return rvKeyHandleInvalid
	}
	if k, ok := o.opened.Public.(interface{ Equal(crypto.PublicKey) bool }); !ok || !k.Equal(o.public) {
		return fmt.Errorf("the key %s is not the one its record speaks of", o.record().Key)
	}
	return fn(o.opened)
}

// zero clears the key, once nobody is using it.
func (o *object) zero() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone = true
	if o.opened != nil {
		o.opened.Zero()
		o.opened = nil
	}
}

// attributes is all that may be seen of an object.
func (t *Token) attributes(o *object) template {
	r := o.record()
	list := template{
		{ckaClass, ulong(r.Class)}, {ckaToken, flag(true)}, {ckaPrivate, flag(o.private())}, {ckaModifiable, flag(true)}, {ckaCopyable, flag(false)},
		{ckaDestroyable, flag(true)}, {ckaLabel, r.Label},
	}
	if o.public == nil {
		if r.Class == ckoCertificate {
			list = append(list, attribute{ckaID, r.ID}, attribute{ckaTrusted, flag(false)})
		}
		return append(list, r.Other...)
	}
	kind, made, parts := t.publicParts(o)
	list = append(list,
		attribute{ckaID, r.ID}, attribute{ckaKeyType, ulong(kind)}, attribute{ckaSubject, nil}, attribute{ckaLocal, flag(true)},
		attribute{ckaKeyGenMechanism, ulong(made)}, attribute{ckaDerive, flag(false)}, attribute{ckaPublicKeyInfo, r.Public})
	list = append(list, parts...)
	if r.Class == ckoPublicKey {
		return append(list,
			attribute{ckaVerify, flag(r.Sign)}, attribute{ckaVerifyRecover, flag(false)}, attribute{ckaEncrypt, flag(r.Decrypt)}, attribute{ckaWrap, flag(false)},
			attribute{ckaTrusted, flag(false)})
	}
	list = append(list,
		attribute{ckaSign, flag(r.Sign)}, attribute{ckaSignRecover, flag(false)}, attribute{ckaDecrypt, flag(r.Decrypt)}, attribute{ckaUnwrap, flag(false)},
		attribute{ckaSensitive, flag(true)}, attribute{ckaAlwaysSensitive, flag(true)}, attribute{ckaExtractable, flag(false)},
		attribute{ckaNeverExtractable, flag(true)}, attribute{ckaAlwaysAuth, flag(r.Guard != nil)}, attribute{ckaWrapWithTrusted, flag(false)})
	if r.Guard != nil && r.Guard.Holder != nil {
		list = append(list, attribute{ckaHolder, r.Guard.Holder})
	}
	return list
}

// publicParts are key type, mechanism that makes such keys, and the attributes of a public key's value.
func (t *Token) publicParts(o *object) (kind, made uint64, parts template) {
	switch k := o.public.(type) {
	case *rsa.PublicKey:
		return ckkRSA, ckmRSAKeyGen, template{
			{ckaModulus, k.N.Bytes()}, {ckaModulusBits, ulong(uint64(k.N.BitLen()))}, {ckaPublicExponent, big.NewInt(int64(k.E)).Bytes()},
		}
	case *ecdsa.PublicKey:
		kind, made = ckkEC, ckmECKeyGen
		if o.spec.Algorithm == hsm.SM2 {
			kind, made = t.face.KeyType, t.face.KeyGen
		}
		parts = template{{ckaECParams, curveOID(o.spec.Algorithm)}}
		if o.record().Class == ckoPublicKey || t.face.PointOnPrivate {
			parts = append(parts, attribute{ckaECPoint, point(k)})
		}
	}
	return kind, made, parts
}

// curveOID is CKA_EC_PARAMS: the DER of the curve's object identifier.
func curveOID(a hsm.Algorithm) []byte {
	if a == hsm.SM2 {
		return []byte{0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d} // 1.2.156.10197.1.301
	}
	return []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07} // 1.2.840.10045.3.1.7
}

// point is CKA_EC_POINT: an OCTET STRING of 04‖x‖y.
func point(k *ecdsa.PublicKey) []byte {
	out := append([]byte{0x04, 65, 0x04}, make([]byte, 64)...)
	k.X.FillBytes(out[3:35])
	k.Y.FillBytes(out[35:])
	return out
}

// secret reports whether an attribute exists and is never shown.
func (o *object) secret(kind uint64) bool {
	if o.record().Class != ckoPrivateKey {
		return false
	}
	return kind == ckaValue || o.spec.Algorithm == hsm.RSAPKCS1 && kind >= ckaPrivateExponent && kind <= ckaCoefficient
}

// matches reports whether an object has every attribute of a search.
func (t *Token) matches(o *object, search template) bool {
	r := o.record()
	cheap := template{{ckaClass, ulong(r.Class)}, {ckaLabel, r.Label}, {ckaID, r.ID}} // what searches name; the rest takes longer to say
	for _, want := range search {
		if v, has := cheap.get(want.Type); has && !bytes.Equal(v, want.Value) {
			return false
		}
	}
	if len(search) == 0 {
		return true
	}
	have := t.attributes(o)
	for _, want := range search {
		if v, has := have.get(want.Type); !has || !bytes.Equal(v, want.Value) {
			return false
		}
	}
	return true
}

func (o *object) entry(event string, m mechanism) entry {
	e := entry{Event: event, Key: string(o.record().Label), ID: hex.EncodeToString(o.record().ID), Mechanism: m.number}
	if o.record().Public != nil {
		e.Public = fingerprint(o.record().Public)
	}
	return e
}
