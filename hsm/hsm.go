// Package hsm is the door to keys that never leave: a Provider opens them by Ref, a Key signs digests.
//
// Drivers stand below it: hsm/soft serves keys kept at rest by hsm/keystore, in process. Callers hold a Key and never learn where it lives.
package hsm

import (
	"context"
	"crypto"
	"fmt"
	"strings"

	"yinxin/fault"
)

// Algorithm names what a Key is asked to do with a digest.
type Algorithm string

// The algorithms. SM2 is the one every seal uses; the others sign for readers that do not know it.
const (
	SM2       Algorithm = "sm2"       // digest is e = SM3(ZA‖M), 32 bytes; answer DER SEQUENCE{r,s}
	RSAPKCS1  Algorithm = "rsa-pkcs1" // digest is SHA-256, 32 bytes; answer RSASSA-PKCS1-v1_5 (RFC 8017 8.2), as long as the modulus
	ECDSAP256 Algorithm = "p256"      // digest is SHA-256, 32 bytes; answer DER SEQUENCE{r,s}
)

// Key is one private key. It may be used by several goroutines.
type Key interface {
	Public() crypto.PublicKey
	// Sign answers once for one digest. Whoever needs the answer keeps it: asking again is another use of the key. What Algorithm.Accepts refuses
	// (an algorithm that is not the key's own, a digest of the wrong length) is fault.Invalid.
	Sign(ctx context.Context, digest []byte, alg Algorithm) ([]byte, error)
}

// Provider opens and makes keys.
type Provider interface {
	// Key opens one key. An unknown ref is fault.NotFound.
	Key(ctx context.Context, ref Ref) (Key, error)
	// Generate makes a key of one of Specs (else fault.Invalid) under a ref that is not in use yet (else fault.Conflict).
	Generate(ctx context.Context, ref Ref, s Spec) (Key, error)
	Close() error
}

// Info describes a key without opening it.
type Info struct {
	Ref    Ref
	Spec   Spec
	Public crypto.PublicKey
}

// Lister is a Provider that can say which keys it holds.
type Lister interface {
	List(ctx context.Context) ([]Info, error)
}

// Destroyer is a Provider that can destroy a key for good, so that making several keys can be all or nothing.
type Destroyer interface {
	Destroy(ctx context.Context, ref Ref) error
}

// Ref names a key: soft:NAME, or an RFC 7512 URI (pkcs11:…).
type Ref string

// MaxName bounds the NAME of a soft ref in bytes.
const MaxName = 120

// Soft returns the NAME of a soft:NAME ref. A bare NAME without a scheme is one too. Names are letters, digits, dot, hyphen and underscore,
// not starting with a dot; so a name is also a safe file name.
func (r Ref) Soft() (string, error) {
	name := strings.TrimPrefix(string(r), "soft:")
	if name == "" || len(name) > MaxName || name[0] == '.' {
		return "", badRef(r)
	}
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_') {
			return "", badRef(r)
		}
	}
	return name, nil
}

func badRef(r Ref) error {
	return fault.New(fault.Invalid, "key-ref",
		"密钥名 "+quote(r)+" 不可用：写作 soft:名称，名称只用字母、数字、点、连字符和下划线，且不以点开头",
		"key reference "+quote(r)+" is not usable: write soft:NAME with letters, digits, dot, hyphen and underscore, not starting with a dot", nil)
}

// quote shows a ref that may hold anything, 64 characters of it.
func quote(r Ref) string { return fmt.Sprintf("%.64q", string(r)) }
