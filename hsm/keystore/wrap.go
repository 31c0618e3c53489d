package keystore

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"

	"golang.org/x/crypto/scrypt"

	"yinxin/fault"
	"yinxin/gm"
)

const (
	formatVersion = 1
	storeName     = "store.json"
	rewrapName    = "store.json.new"
	maxStoreFile  = 4 << 10 // bytes

	kekSize   = gm.SM4KeySize
	saltSize  = 16
	nonceSize = 12
	tagSize   = 16

	minPassphrase = 8       // characters
	maxPassphrase = 1 << 10 // bytes
)

// The cost of a new store is scrypt N=2^15, r=8, p=1: 32 MB and about 0.1 s. What a file may ask for is bounded before anything is spent on it,
// downwards too, since this package has never written less.
const (
	scryptN, scryptR, scryptP = 1 << 15, 8, 1
	maxScryptN, maxScryptP    = 1 << 18, 4 // 256 MB
)

// storeFile is store.json.
type storeFile struct {
	Format int    `json:"format"`
	KDF    kdf    `json:"kdf"`
	Nonce  []byte `json:"nonce"`
	KEK    []byte `json:"kek"` // the key-encryption key, sealed
}

type kdf struct {
	Name string `json:"name"` // scrypt
	N    int    `json:"n"`
	R    int    `json:"r"`
	P    int    `json:"p"`
	Salt []byte `json:"salt"`
}

// ParseError says where a file of the store departs from its form.
type ParseError struct {
	Offset int64 // in bytes
	Reason string
}

func (e *ParseError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason) }

var errUnseal = errors.New("keystore: not sealed under this key")

// decodeStore reads store.json and checks everything that can be checked without the passphrase.
func decodeStore(data []byte) (*storeFile, error) {
	var f storeFile
	if err := decodeCanonical(data, &f, f.encode); err != nil {
		return nil, err
	}
	var reason string
	switch k := f.KDF; {
	case f.Format != formatVersion:
		reason = fmt.Sprintf("format %d is not known here", f.Format)
	case k.Name != "scrypt":
		reason = "the key derivation is not scrypt"
	case k.N < scryptN || k.N > maxScryptN || bits.OnesCount(uint(k.N)) != 1 || k.R != scryptR || k.P < scryptP || k.P > maxScryptP:
		reason = fmt.Sprintf("scrypt parameters n=%d r=%d p=%d are out of bounds", k.N, k.R, k.P)
	case len(k.Salt) != saltSize || len(f.Nonce) != nonceSize || len(f.KEK) != kekSize+tagSize:
		reason = "salt, nonce or sealed key has the wrong length"
	default:
		return &f, nil
	}
	return nil, &ParseError{Reason: reason}
}

// decodeCanonical reads JSON into v and refuses it unless encode gives the same bytes again: no unknown or repeated or differently written field,
// no other spacing, no second spelling of a base64 value, nothing behind.
func decodeCanonical(data []byte, v any, encode func() []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		e := &ParseError{Offset: d.InputOffset(), Reason: fmt.Sprintf("%.200s", err)}
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			e.Offset = s.Offset
		}
		return e
	}
	want := encode()
	if bytes.Equal(data, want) {
		return nil
	}
	n := 0
	for n < len(data) && n < len(want) && data[n] == want[n] {
		n++
	}
	return &ParseError{Offset: int64(n), Reason: "not written in the one form this format has"}
}

func (f *storeFile) encode() []byte { return encodeCanonical(f) }

// encodeCanonical writes a file of the store: JSON with one field a line.
func encodeCanonical(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // structs of strings, numbers and byte slices always marshal
	}
	return append(b, '\n')
}

// wrap seals kek under a fresh salt and nonce.
func wrap(kek, passphrase []byte) (*storeFile, error) {
	f := &storeFile{Format: formatVersion, KDF: kdf{Name: "scrypt", N: scryptN, R: scryptR, P: scryptP}}
	var err error
	if f.KDF.Salt, err = randomBytes(saltSize); err != nil {
		return nil, err
	}
	if f.Nonce, err = randomBytes(nonceSize); err != nil {
		return nil, err
	}
	derived, err := f.derive(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(derived)
	f.KEK, err = seal(derived, f.Nonce, kek, f.aad())
	return f, err
}

// unwrap returns the key-encryption key, or errUnseal.
func (f *storeFile) unwrap(passphrase []byte) ([]byte, error) {
	if len(passphrase) > maxPassphrase {
		return nil, errUnseal
	}
	derived, err := f.derive(passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(derived)
	return unseal(derived, f.Nonce, f.KEK, f.aad())
}

func (f *storeFile) derive(passphrase []byte) ([]byte, error) {
	key, err := scrypt.Key(passphrase, f.KDF.Salt, f.KDF.N, f.KDF.R, f.KDF.P, kekSize)
	if err != nil {
		return nil, fmt.Errorf("derive a key from the passphrase: %w", err)
	}
	return key, nil
}

// aad binds the parameters: a store whose cost was lowered does not open.
func (f *storeFile) aad() []byte {
	return bind("yinxin key store", []byte(f.KDF.Name), number(f.Format), number(f.KDF.N), number(f.KDF.R), number(f.KDF.P), f.KDF.Salt)
}

// bind joins fields unambiguously, each behind its length.
func bind(domain string, fields ...[]byte) []byte {
	out := append([]byte(domain), 0)
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func seal(key, nonce, plain, aad []byte) ([]byte, error) {
	aead, err := gm.NewSM4GCM(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nonce, plain, aad), nil
}

func unseal(key, nonce, sealed, aad []byte) ([]byte, error) {
	aead, err := gm.NewSM4GCM(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce, sealed, aad)
	if err != nil {
		return nil, errUnseal
	}
	return plain, nil
}

func randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return b, nil
}

func checkNewPassphrase(p []byte) error {
	if utf8.RuneCount(p) < minPassphrase {
		return fault.New(fault.Invalid, "key-passphrase-short",
			fmt.Sprintf("口令太短：至少 %d 个字符", minPassphrase),
			fmt.Sprintf("the passphrase is too short: use %d characters or more", minPassphrase), nil)
	}
	if len(p) > maxPassphrase {
		return fault.New(fault.Limit, "key-passphrase-long",
			fmt.Sprintf("口令太长：至多 %d 字节", maxPassphrase),
			fmt.Sprintf("the passphrase is too long: use %d bytes or fewer", maxPassphrase), nil)
	}
	return nil
}
