package hsm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"yinxin/fault"
	"yinxin/gm"
)

// Spec says what kind of key one is: what it signs, and how large it is where keys of that kind differ in size. Specs are compared with ==.
type Spec struct {
	Algorithm Algorithm
	Bits      int // of the RSA modulus; 0 for the others, whose curve is their size
}

// Specs lists the kinds of key that can be asked for. RSA has 3072 bits, the size that stands beside 256 bits of SM2 and P-256 (NIST SP 800-57
// part 1, table 2).
func Specs() []Spec {
	return []Spec{{Algorithm: SM2}, {Algorithm: RSAPKCS1, Bits: 3072}, {Algorithm: ECDSAP256}}
}

// String is the name people write: sm2, rsa3072, p256.
func (s Spec) String() string {
	switch {
	case s.Algorithm == RSAPKCS1:
		return fmt.Sprintf("rsa%d", s.Bits)
	case s.Bits != 0:
		return fmt.Sprintf("%s of %d bits", s.Algorithm, s.Bits)
	}
	return string(s.Algorithm)
}

// Check refuses, with fault.Invalid, what is not one of Specs.
func (s Spec) Check() error {
	if !slices.Contains(Specs(), s) {
		return noSpec(s.String())
	}
	return nil
}

// ParseSpec reads the name of one of Specs. Another name is fault.Invalid, and the sentence lists those there are.
func ParseSpec(name string) (Spec, error) {
	for _, s := range Specs() {
		if s.String() == name {
			return s, nil
		}
	}
	return Spec{}, noSpec(name)
}

func noSpec(name string) error {
	return fault.New(fault.Invalid, "key-algorithm",
		fmt.Sprintf("没有 %.32q 这种密钥，应为 %s 之一", name, SpecNames()), fmt.Sprintf("there is no kind of key %.32q: it is one of %s", name, SpecNames()), nil)
}

// SpecNames lists the names ParseSpec reads.
func SpecNames() string {
	var names []string
	for _, s := range Specs() {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

// SpecOf returns the kind of a public key: an *ecdsa.PublicKey on the SM2 curve or on P-256, or an *rsa.PublicKey of any size, so the answer need not
// be one of Specs. Its Algorithm is the one the private half is asked to sign with. Any other key is fault.Invalid.
func SpecOf(pub crypto.PublicKey) (Spec, error) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch {
		case k == nil:
		case gm.IsSM2(k):
			return Spec{Algorithm: SM2}, nil
		case k.Curve == elliptic.P256():
			return Spec{Algorithm: ECDSAP256}, nil
		}
	case *rsa.PublicKey:
		if k != nil && k.N != nil {
			return Spec{Algorithm: RSAPKCS1, Bits: k.N.BitLen()}, nil
		}
	}
	return Spec{}, fault.New(fault.Invalid, "key-kind",
		"公钥既不是 SM2、RSA，也不是 P-256 的，不能使用", "the public key is none of SM2, RSA and P-256 and cannot be used", nil)
}

// digestSize is the length in bytes of what every algorithm signs: e = SM3(ZA‖M), or a SHA-256 digest.
const digestSize = 32

// Accepts refuses, with fault.Invalid, to use a key that signs a for another algorithm or for a digest of the wrong length. Drivers ask it first.
func (a Algorithm) Accepts(digest []byte, asked Algorithm) error {
	if asked != a {
		return fault.New(fault.Invalid, "key-algorithm",
			fmt.Sprintf("这把密钥只做 %s 签名，不能按 %.32q 使用", a, string(asked)), fmt.Sprintf("this key signs %s only and cannot be used as %.32q", a, string(asked)), nil)
	}
	if len(digest) != digestSize {
		return fault.New(fault.Invalid, "key-digest",
			fmt.Sprintf("待签名的摘要是 %d 字节，%s 要求 %d 字节", len(digest), a, digestSize), fmt.Sprintf("the digest to sign has %d bytes, %s takes %d", len(digest), a, digestSize), nil)
	}
	return nil
}
