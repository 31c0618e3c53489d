package keystore

import (
	"crypto"
	"errors"
	"fmt"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
)

const (
	keySuffix  = ".key"
	maxKeyFile = 16 << 10 // bytes
)

// keyFile is name.key.
type keyFile struct {
	Format    int    `json:"format"`
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"` // one of hsm.Specs by its name: sm2, rsa3072, p256
	Created   string `json:"created"`   // RFC 3339, UTC, whole seconds
	Public    []byte `json:"public"`    // DER SubjectPublicKeyInfo
	Nonce     []byte `json:"nonce"`
	Sealed    []byte `json:"sealed"` // what privateKey.bytes gives, under SM4-GCM
}

// decodeKey reads name.key and checks everything that can be checked without the key-encryption key.
func decodeKey(data []byte) (*keyFile, error) {
	var f keyFile
	if err := decodeCanonical(data, &f, f.encode); err != nil {
		return nil, err
	}
	var reason string
	spec, unknown := hsm.ParseSpec(f.Algorithm)
	switch {
	case f.Format != formatVersion:
		reason = fmt.Sprintf("format %d is not known here", f.Format)
	case unknown != nil:
		reason = fmt.Sprintf("algorithm %.32q is not known here", f.Algorithm)
	case len(f.Nonce) != nonceSize || !sealedLength(spec, len(f.Sealed)):
		reason = "nonce or sealed key has the wrong length"
	}
	if reason == "" {
		if _, err := checkName(f.Name); err != nil {
			reason = "the name is not the name of a key"
		} else if at, err := time.Parse(time.RFC3339, f.Created); err != nil || stamp(at) != f.Created {
			reason = "the date is not RFC 3339 in UTC with whole seconds"
		} else if _, err := f.public(); err != nil {
			reason = err.Error()
		}
	}
	if reason != "" {
		return nil, &ParseError{Reason: reason}
	}
	return &f, nil
}

func (f *keyFile) encode() []byte { return encodeCanonical(f) }

// public reads the public half, which must be of the kind the file names.
func (f *keyFile) public() (crypto.PublicKey, error) {
	pub, err := gm.ParsePublicKey(f.Public)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	spec, err := hsm.SpecOf(pub)
	if err != nil || spec.String() != f.Algorithm {
		return nil, fmt.Errorf("public key: %T is not of kind %s", pub, f.Algorithm)
	}
	return pub, nil
}

// aad binds all that is said of the key to the key.
func (f *keyFile) aad() []byte {
	return bind("yinxin key", number(f.Format), []byte(f.Name), []byte(f.Algorithm), []byte(f.Created), f.Public)
}

// newKeyFile seals a fresh key.
func newKeyFile(name string, spec hsm.Spec, created time.Time, kek []byte, key privateKey) (*keyFile, error) {
	pub, err := gm.MarshalPublicKey(key.public())
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	f := &keyFile{Format: formatVersion, Name: name, Algorithm: spec.String(), Created: stamp(created), Public: pub}
	if f.Nonce, err = randomBytes(nonceSize); err != nil {
		return nil, err
	}
	private, err := key.bytes()
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	defer clear(private)
	f.Sealed, err = seal(kek, f.Nonce, private, f.aad())
	return f, err
}

// open unseals the key of a decoded file and makes sure that it is the one the file speaks of.
func (f *keyFile) open(kek []byte) (*Private, error) {
	info, err := f.info()
	if err != nil {
		return nil, err
	}
	private, err := unseal(kek, f.Nonce, f.Sealed, f.aad())
	if err != nil {
		return nil, err
	}
	defer clear(private)
	key, err := parsePrivate(info.Spec, private)
	if err != nil {
		return nil, err
	}
	if pub, ok := key.public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !pub.Equal(info.Public) {
		key.zero()
		return nil, errors.New("the private key does not belong to the public key beside it")
	}
	return &Private{Info: info, key: key}, nil
}

func (f *keyFile) info() (hsm.Info, error) {
	pub, err := f.public()
	if err != nil {
		return hsm.Info{}, err
	}
	spec, err := hsm.ParseSpec(f.Algorithm)
	return hsm.Info{Ref: hsm.Ref("soft:" + f.Name), Spec: spec, Public: pub}, err
}

func stamp(at time.Time) string { return at.UTC().Truncate(time.Second).Format(time.RFC3339) }
