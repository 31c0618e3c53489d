package keystore

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
)

const (
	keySuffix  = ".key"
	maxKeyFile = 16 << 10 // bytes
	scalarSize = 32
)

// keyFile is name.key.
type keyFile struct {
	Format    int           `json:"format"`
	Name      string        `json:"name"`
	Algorithm hsm.Algorithm `json:"algorithm"`
	Created   string        `json:"created"` // RFC 3339, UTC, whole seconds
	Public    []byte        `json:"public"`  // DER SubjectPublicKeyInfo
	Nonce     []byte        `json:"nonce"`
	Sealed    []byte        `json:"sealed"` // SM2: the 32 byte scalar
}

// decodeKey reads name.key and checks everything that can be checked without the key-encryption key.
func decodeKey(data []byte) (*keyFile, error) {
	var f keyFile
	if err := decodeCanonical(data, &f, f.encode); err != nil {
		return nil, err
	}
	var reason string
	switch {
	case f.Format != formatVersion:
		reason = fmt.Sprintf("format %d is not known here", f.Format)
	case f.Algorithm != hsm.SM2:
		reason = fmt.Sprintf("algorithm %.32q is not known here", string(f.Algorithm))
	case len(f.Nonce) != nonceSize || len(f.Sealed) != scalarSize+tagSize:
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

func (f *keyFile) public() (*ecdsa.PublicKey, error) {
	pub, err := gm.ParsePublicKey(f.Public)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	sm2, ok := pub.(*ecdsa.PublicKey)
	if !ok || !gm.IsSM2(sm2) {
		return nil, fmt.Errorf("public key: %T is not SM2", pub)
	}
	return sm2, nil
}

// aad binds all that is said of the key to the key.
func (f *keyFile) aad() []byte {
	return bind("yinxin key", number(f.Format), []byte(f.Name), []byte(f.Algorithm), []byte(f.Created), f.Public)
}

// newKeyFile seals a fresh key.
func newKeyFile(name string, alg hsm.Algorithm, created time.Time, kek []byte, key *gm.PrivateKey) (*keyFile, error) {
	pub, err := gm.MarshalPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	f := &keyFile{Format: formatVersion, Name: name, Algorithm: alg, Created: stamp(created), Public: pub}
	if f.Nonce, err = randomBytes(nonceSize); err != nil {
		return nil, err
	}
	scalar := key.D.FillBytes(make([]byte, scalarSize))
	defer clear(scalar)
	f.Sealed, err = seal(kek, f.Nonce, scalar, f.aad())
	return f, err
}

// open unseals the key and makes sure that it is the one the file speaks of.
func (f *keyFile) open(kek []byte) (*gm.PrivateKey, error) {
	scalar, err := unseal(kek, f.Nonce, f.Sealed, f.aad())
	if err != nil {
		return nil, err
	}
	defer clear(scalar)
	key, err := gm.NewPrivateKey(scalar)
	if err != nil {
		return nil, errors.New("the sealed number is no private key")
	}
	pub, err := f.public()
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(pub) {
		zero(key)
		return nil, errors.New("the private key does not belong to the public key beside it")
	}
	return key, nil
}

func stamp(at time.Time) string { return at.UTC().Truncate(time.Second).Format(time.RFC3339) }

// zero clears the number that is the key.
func zero(key *gm.PrivateKey) {
	clear(key.D.Bits())
	key.D.SetInt64(0)
}
