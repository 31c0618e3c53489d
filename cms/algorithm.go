package cms

import (
	"crypto"
	_ "crypto/md5"  //nolint:gosec // an old signature's integrity is told from its age: what it says is computed and reported as insecure
	_ "crypto/sha1" //nolint:gosec // the same
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"yinxin/gm"
)

// Strength says what a named algorithm is worth.
type Strength uint8

// The strengths.
const (
	Unknown  Strength = iota // not known here: nothing can be computed
	Insecure                 // known and computed, so that integrity can be reported, but no proof of it: MD5, SHA-1, RSA below 2048 bits, DSA
	Secure
)

// ErrUnknownAlgorithm is returned for an object identifier that names no hash known here.
var ErrUnknownAlgorithm = errors.New("cms: unknown algorithm")

type digest struct {
	oid      asn1.ObjectIdentifier
	name     string
	std      crypto.Hash // 0: SM3, which the standard library has not
	strength Strength
}

func (d digest) new() hash.Hash {
	if d.std == 0 {
		return gm.NewSM3()
	}
	return d.std.New()
}

func (d digest) size() int {
	if d.std == 0 {
		return gm.DigestSize
	}
	return d.std.Size()
}

var digests = []digest{
	{gm.OIDSM3, "SM3", 0, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, "SHA-256", crypto.SHA256, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, "SHA-384", crypto.SHA384, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, "SHA-512", crypto.SHA512, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}, "SHA-224", crypto.SHA224, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 7}, "SHA3-224", crypto.SHA3_224, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 8}, "SHA3-256", crypto.SHA3_256, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 9}, "SHA3-384", crypto.SHA3_384, Secure},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 10}, "SHA3-512", crypto.SHA3_512, Secure},
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, "SHA-1", crypto.SHA1, Insecure},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}, "MD5", crypto.MD5, Insecure},
}

func digestByOID(oid asn1.ObjectIdentifier) (digest, bool) {
	for _, d := range digests {
		if d.oid.Equal(oid) {
			return d, true
		}
	}
	return digest{}, false
}

func digestByHash(h crypto.Hash) digest {
	for _, d := range digests {
		if d.std == h {
			return d
		}
	}
	return digest{}
}

// Hash returns the hash that oid names and what it is worth. MD5 and SHA-1 are computed and Insecure; anything not known here is Unknown with
// ErrUnknownAlgorithm, keyed SM3 (1.2.156.10197.1.401.2) among it.
func Hash(oid asn1.ObjectIdentifier) (hash.Hash, Strength, error) {
	d, ok := digestByOID(oid)
	if !ok {
		return nil, Unknown, fmt.Errorf("%w %s as a digest", ErrUnknownAlgorithm, oid)
	}
	return d.new(), d.strength, nil
}

// HashName returns the customary name of the hash, or the dotted identifier where it is not known here.
func HashName(oid asn1.ObjectIdentifier) string {
	if d, ok := digestByOID(oid); ok {
		return d.name
	}
	return oid.String()
}

// family is a kind of signature, as far as its object identifier tells.
type family uint8

const (
	rsaPKCS1 family = iota + 1
	rsaPSS
	ecdsaDER
	ecdsaPlain // r‖s of equal length (BSI TR-03111)
	edDSA
	dsaDER
)

// signatures name the family and, where the identifier fixes it, the hash. SM2 is not among them: its identifiers count on SM2 keys only.
var signatures = []struct {
	oid    asn1.ObjectIdentifier
	family family
	hash   crypto.Hash // 0: whatever the digest algorithm says
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, rsaPKCS1, 0}, // rsaEncryption, what PKCS#7 writes
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, rsaPKCS1, crypto.MD5},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, rsaPKCS1, crypto.SHA1},
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 29}, rsaPKCS1, crypto.SHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}, rsaPKCS1, crypto.SHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, rsaPKCS1, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, rsaPKCS1, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, rsaPKCS1, crypto.SHA512},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 13}, rsaPKCS1, crypto.SHA3_224},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 14}, rsaPKCS1, crypto.SHA3_256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 15}, rsaPKCS1, crypto.SHA3_384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 16}, rsaPKCS1, crypto.SHA3_512},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, rsaPSS, 0}, // the parameters name the hash
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, ecdsaDER, 0},    // id-ecPublicKey
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, ecdsaDER, crypto.SHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}, ecdsaDER, crypto.SHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, ecdsaDER, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, ecdsaDER, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, ecdsaDER, crypto.SHA512},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 9}, ecdsaDER, crypto.SHA3_224},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 10}, ecdsaDER, crypto.SHA3_256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 11}, ecdsaDER, crypto.SHA3_384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 12}, ecdsaDER, crypto.SHA3_512},
	{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 1}, ecdsaPlain, crypto.SHA1},
	{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 2}, ecdsaPlain, crypto.SHA224},
	{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3}, ecdsaPlain, crypto.SHA256},
	{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 4}, ecdsaPlain, crypto.SHA384},
	{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 5}, ecdsaPlain, crypto.SHA512},
	{asn1.ObjectIdentifier{1, 3, 101, 112}, edDSA, 0},
	{asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}, dsaDER, 0},
	{asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 3}, dsaDER, crypto.SHA1},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 1}, dsaDER, crypto.SHA224},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 2}, dsaDER, crypto.SHA256},
}
