//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	p11 "github.com/miekg/pkcs11"

	"yinxin/gm"
	"yinxin/hsm/profile"
)

// maxObjects bounds one search.
const maxObjects = 4096

// want is a key asked for. Empty fields say nothing.
type want struct {
	label    string
	id       []byte
	public   string // SM3 fingerprint it must have
	imported bool
}

func (w want) String() string {
	switch {
	case w.label != "" && len(w.id) > 0:
		return fmt.Sprintf("%q (id %x)", w.label, w.id)
	case w.label != "":
		return fmt.Sprintf("%q", w.label)
	}
	return fmt.Sprintf("id %x", w.id)
}

// found is a key pair on the token.
type found struct {
	private    p11.ObjectHandle
	public     *ecdsa.PublicKey
	label      string
	id         []byte
	attributes []Attribute
	always     bool // wants an authorisation before each use
}

// locate finds exactly one private key of a profile's type, its public half and its attributes.
func locate(lib *p11.Ctx, h p11.SessionHandle, p *profile.Profile, w want) (found, error) {
	handles, err := search(lib, h, keyTemplate(p11.CKO_PRIVATE_KEY, p, w.label, w.id))
	if err != nil {
		return found{}, err
	}
	switch {
	case len(handles) == 0 && !isLoggedIn(lib, h):
		return found{}, p11.Error(p11.CKR_USER_NOT_LOGGED_IN) // private objects are out of sight: that says nothing about the key
	case len(handles) == 0:
		return found{}, &failure{class: KeyMissing, about: w.String()}
	case len(handles) > 1:
		return found{}, &failure{class: KeyTwice, about: w.String(), detail: fmt.Sprintf("%d keys", len(handles))}
	}
	return describe(lib, h, p, handles[0])
}

func keyTemplate(class uint, p *profile.Profile, label string, id []byte) []*p11.Attribute {
	template := []*p11.Attribute{p11.NewAttribute(p11.CKA_CLASS, class), p11.NewAttribute(p11.CKA_KEY_TYPE, p.SM2.KeyType)}
	if label != "" {
		template = append(template, p11.NewAttribute(p11.CKA_LABEL, label))
	}
	if len(id) > 0 {
		template = append(template, p11.NewAttribute(p11.CKA_ID, id))
	}
	return template
}

func search(lib *p11.Ctx, h p11.SessionHandle, template []*p11.Attribute) (all []p11.ObjectHandle, err error) {
	if err := lib.FindObjectsInit(h, template); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lib.FindObjectsFinal(h)) }()
	for len(all) < maxObjects {
		some, _, err := lib.FindObjects(h, 64)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			return all, nil
		}
		all = append(all, some...)
	}
	return nil, fmt.Errorf("pkcs11: more than %d objects match", maxObjects)
}

// attribute reads one attribute; ok is false where the token does not have or does not show it.
func attribute(lib *p11.Ctx, h p11.SessionHandle, o p11.ObjectHandle, a uint) (value []byte, ok bool, err error) {
	got, err := lib.GetAttributeValue(h, o, []*p11.Attribute{{Type: a}})
	switch code := codeOf(err); {
	case code == p11.CKR_ATTRIBUTE_TYPE_INVALID || code == p11.CKR_ATTRIBUTE_SENSITIVE:
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return got[0].Value, true, nil
}

// describe reads all there is to know of a private key.
func describe(lib *p11.Ctx, h p11.SessionHandle, p *profile.Profile, private p11.ObjectHandle) (found, error) {
	f := found{private: private}
	for _, a := range []struct {
		number uint
		to     func([]byte)
	}{{p11.CKA_LABEL, func(b []byte) { f.label = string(b) }}, {p11.CKA_ID, func(b []byte) { f.id = b }}} {
		value, _, err := attribute(lib, h, private, a.number)
		if err != nil {
			return f, err
		}
		a.to(value)
	}
	for _, r := range rules() {
		value, ok, err := attribute(lib, h, private, r.number)
		if err != nil {
			return f, err
		}
		f.attributes = append(f.attributes, r.judge(value, ok && !slices.Contains(p.Template.Omit, r.name)))
		f.always = f.always || r.number == p11.CKA_ALWAYS_AUTHENTICATE && bytes.Equal(value, []byte{1})
	}
	pub, err := publicOf(lib, h, p, f)
	f.public = pub
	return f, err
}

// rule says what an attribute of a private key must be.
type rule struct {
	name   string
	number uint
	must   string // "" for either
	proven bool   // what the token does not say is wrong
}

// rules are the attributes of a key that never leaves and only signs.
func rules() []rule {
	return []rule{
		{"CKA_TOKEN", p11.CKA_TOKEN, "true", true}, {"CKA_PRIVATE", p11.CKA_PRIVATE, "true", true}, {"CKA_SENSITIVE", p11.CKA_SENSITIVE, "true", true},
		{"CKA_EXTRACTABLE", p11.CKA_EXTRACTABLE, "false", true}, {"CKA_SIGN", p11.CKA_SIGN, "true", true},
		{"CKA_DECRYPT", p11.CKA_DECRYPT, "false", false}, {"CKA_UNWRAP", p11.CKA_UNWRAP, "false", false}, {"CKA_DERIVE", p11.CKA_DERIVE, "false", false},
		{"CKA_LOCAL", p11.CKA_LOCAL, "true", false}, {"CKA_NEVER_EXTRACTABLE", p11.CKA_NEVER_EXTRACTABLE, "true", false},
		{"CKA_ALWAYS_SENSITIVE", p11.CKA_ALWAYS_SENSITIVE, "true", false}, {"CKA_ALWAYS_AUTHENTICATE", p11.CKA_ALWAYS_AUTHENTICATE, "", false},
	}
}

func (r rule) judge(value []byte, known bool) Attribute {
	a := Attribute{Name: r.name, Value: "unknown", Wrong: r.proven}
	if known && len(value) == 1 {
		a.Value = fmt.Sprint(value[0] != 0)
		a.Wrong = r.must != "" && a.Value != r.must
	}
	return a
}

// history are the attributes that say where a key has been.
func history() []string {
	return []string{"CKA_LOCAL", "CKA_NEVER_EXTRACTABLE", "CKA_ALWAYS_SENSITIVE"}
}

// wrong lists the attributes that are not what they must be.
func wrong(attributes []Attribute, imported bool) error {
	var list []string
	for _, a := range attributes {
		if a.Wrong && !(imported && slices.Contains(history(), a.Name)) {
			list = append(list, a.Name+" "+a.Value)
		}
	}
	if len(list) > 0 {
		return errors.New(strings.Join(list, ", "))
	}
	return nil
}

// publicOf reads the public point, from the private object where the profile says so, else from the public object of the same ID (or label).
func publicOf(lib *p11.Ctx, h p11.SessionHandle, p *profile.Profile, f found) (*ecdsa.PublicKey, error) {
	if p.SM2.PointOnPrivate {
		if b, err := readPoint(lib, h, p, f.private); err == nil && len(b) > 0 {
			return point(b)
		}
	}
	handles, err := search(lib, h, publicTemplate(p, f))
	if err != nil {
		return nil, err
	}
	if len(handles) != 1 {
		return nil, &failure{class: KeyMissing, about: want{label: f.label, id: f.id}.String(), detail: fmt.Sprintf("%d public keys belong to it", len(handles))}
	}
	b, err := readPoint(lib, h, p, handles[0])
	if err != nil {
		return nil, err
	}
	return point(b)
}

func publicTemplate(p *profile.Profile, f found) []*p11.Attribute {
	if len(f.id) > 0 {
		return keyTemplate(p11.CKO_PUBLIC_KEY, p, "", f.id)
	}
	return keyTemplate(p11.CKO_PUBLIC_KEY, p, f.label, nil)
}

func readPoint(lib *p11.Ctx, h p11.SessionHandle, p *profile.Profile, o p11.ObjectHandle) ([]byte, error) {
	numbers := []uint{p.SM2.Point.Attribute}
	if p.SM2.Point.X != 0 {
		numbers = []uint{p.SM2.Point.X, p.SM2.Point.Y}
	}
	var b []byte
	for _, n := range numbers {
		value, _, err := attribute(lib, h, o, n)
		if err != nil {
			return nil, err
		}
		b = append(b, value...)
	}
	return b, nil
}

// fingerprint is the SM3 digest of the public key's SubjectPublicKeyInfo, as key show prints it.
func fingerprint(pub any) string {
	der, err := gm.MarshalPublicKey(pub)
	if err != nil {
		return "none"
	}
	d := gm.SM3(der)
	return "sm3:" + hex.EncodeToString(d[:])
}

// find is locate with each profile that may be right, in a session of the token.
func (t *token) find(ctx context.Context, gen uint64, w want) (found, *profile.Profile, error) {
	t.mu.Lock()
	profiles := t.profiles
	t.mu.Unlock()
	type pair struct {
		f found
		p *profile.Profile
	}
	got, err := use(ctx, t, gen, false, func(lib *p11.Ctx, h p11.SessionHandle) (got pair, err error) {
		for _, p := range profiles {
			if got.f, err = locate(lib, h, p, w); err == nil || classOf(err, p) != KeyMissing {
				return pair{got.f, p}, err
			}
		}
		return got, err
	})
	return got.f, got.p, err
}
