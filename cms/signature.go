package cms

import (
	"bytes"
	"crypto"
	"crypto/dsa" // old signatures are told from broken ones; see AcceptedUntil in package trust for what they are worth
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"hash"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// RSA keys: below the least nothing is computed, above the most a hostile key would only cost time.
const (
	leastRSA  = 1024
	secureRSA = 2048
	mostRSA   = 16384
)

// scheme is how one signer's value is checked.
type scheme struct {
	name     string
	weakness string                    // what makes it Insecure, empty where nothing does
	newHash  func() (hash.Hash, error) // over the signed bytes; nil where the signature takes them whole (Ed25519)
	verify   func(signed []byte) bool  // signed is newHash's sum, or the bytes themselves
	raw      bool                      // the value is r‖s where DER is written elsewhere
	salted   bool                      // RSA-PSS
	salt     int                       // bytes, where salted
}

// unsupported is the error of what is not known here; nothing was computed, so nothing speaks against the value either.
func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnsupported}, args...)...)
}

// scheme chooses by the key first: an identifier that does not fit the key, or a hash other than the signer's digest algorithm, is refused rather than
// guessed round.
func (s *Signer) scheme(key crypto.PublicKey, d digest) (scheme, error) {
	if pub, ok := key.(*ecdsa.PublicKey); ok && gm.IsSM2(pub) {
		return s.sm2(pub, d)
	}
	var fam family
	for _, sig := range signatures {
		if !sig.oid.Equal(s.SignatureAlgorithm) {
			continue
		}
		if sig.hash != 0 && sig.hash != d.std {
			return scheme{}, fmt.Errorf("the signature algorithm says %s, the digest algorithm %s", digestByHash(sig.hash).name, d.name)
		}
		fam = sig.family
	}
	if fam == 0 && gm.IsSM2SignatureOID(s.SignatureAlgorithm) {
		return scheme{}, fmt.Errorf("signature algorithm %s (SM2) does not fit the certificate's key (%T)", s.SignatureAlgorithm, key)
	}
	if fam == 0 {
		return scheme{}, unsupported("signature algorithm %s is not known here", s.SignatureAlgorithm)
	}
	if d.std == 0 {
		return scheme{}, unsupported("SM3 with signature algorithm %s is not known here", s.SignatureAlgorithm)
	}
	var out scheme
	var err error
	switch pub := key.(type) {
	case *rsa.PublicKey:
		out, err = s.rsa(pub, fam, d)
	case *ecdsa.PublicKey:
		out, err = s.ecdsa(pub, fam, d)
	case *dsa.PublicKey:
		out, err = s.dsa(pub, fam)
	case ed25519.PublicKey:
		return s.ed25519(pub, fam, d)
	default:
		return scheme{}, unsupported("the certificate's key (%T) is of a kind not known here", key)
	}
	out.newHash = func() (hash.Hash, error) { return d.new(), nil }
	return out, err
}

func (s *Signer) misfit(key string) error {
	return fmt.Errorf("signature algorithm %s does not fit the certificate's %s key", s.SignatureAlgorithm, key)
}

// sm2 accepts the three identifiers met in the field. What the key signs is e = SM3(ZA‖M), never a plain digest of M.
func (s *Signer) sm2(pub *ecdsa.PublicKey, d digest) (scheme, error) {
	if !gm.IsSM2SignatureOID(s.SignatureAlgorithm) {
		return scheme{}, s.misfit("SM2")
	}
	if d.std != 0 {
		return scheme{}, fmt.Errorf("SM2 signs with SM3, the digest algorithm is %s", d.name)
	}
	return scheme{
		name:    "SM2 with SM3",
		newHash: func() (hash.Hash, error) { return gm.NewE(pub) },
		verify:  func(e []byte) bool { return gm.VerifyE(pub, e, s.Value) },
		raw:     len(s.Value) == 64,
	}, nil
}

// ed25519 is pure Ed25519 (RFC 8419): the value signs the attributes themselves, whose message digest is SHA-512.
func (s *Signer) ed25519(pub ed25519.PublicKey, fam family, d digest) (scheme, error) {
	if fam != edDSA {
		return scheme{}, s.misfit("Ed25519")
	}
	if d.std != crypto.SHA512 {
		return scheme{}, fmt.Errorf("Ed25519 goes with SHA-512, the digest algorithm is %s", d.name)
	}
	return scheme{name: "Ed25519", verify: func(msg []byte) bool { return ed25519.Verify(pub, msg, s.Value) }}, nil
}

func (s *Signer) rsa(pub *rsa.PublicKey, fam family, d digest) (scheme, error) {
	bits := pub.N.BitLen()
	if bits < leastRSA || bits > mostRSA {
		return scheme{}, unsupported("an RSA key of %d bits is not used", bits)
	}
	out := scheme{name: fmt.Sprintf("RSA-%d with %s", bits, d.name)}
	if bits < secureRSA {
		out.weakness = fmt.Sprintf("RSA key of %d bits", bits)
	}
	switch fam {
	case rsaPKCS1:
		out.verify = func(sum []byte) bool { return verifyPKCS1(pub, d, sum, s.Value) }
	case rsaPSS:
		salt, err := pssSalt(s.SignatureParams, d)
		if err != nil {
			return scheme{}, err
		}
		out.name = fmt.Sprintf("RSA-PSS-%d with %s", bits, d.name)
		out.salted, out.salt = true, salt
		out.verify = func(sum []byte) bool { return verifyPSS(pub, d, sum, s.Value, salt) }
	default:
		return scheme{}, s.misfit("RSA")
	}
	return out, nil
}

func (s *Signer) ecdsa(pub *ecdsa.PublicKey, fam family, d digest) (scheme, error) {
	switch pub.Curve {
	case elliptic.P256(), elliptic.P384(), elliptic.P521():
	default:
		return scheme{}, unsupported("curve %s is not used", pub.Curve.Params().Name)
	}
	out := scheme{name: fmt.Sprintf("ECDSA %s with %s", pub.Curve.Params().Name, d.name)}
	switch fam {
	case ecdsaDER:
		out.verify = func(sum []byte) bool { return ecdsa.VerifyASN1(pub, sum, s.Value) }
	case ecdsaPlain:
		out.raw = true
		out.verify = func(sum []byte) bool {
			der, ok := plainToDER(s.Value, (pub.Curve.Params().BitSize+7)/8)
			return ok && ecdsa.VerifyASN1(pub, sum, der)
		}
	default:
		return scheme{}, s.misfit("ECDSA")
	}
	return out, nil
}

// plainToDER turns r‖s, each of size bytes, into SEQUENCE{r,s}.
func plainToDER(sig []byte, size int) ([]byte, bool) {
	if len(sig) != 2*size {
		return nil, false
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range [][]byte{sig[:size], sig[size:]} {
			n = bytes.TrimLeft(n, "\x00")
			b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) {
				if len(n) == 0 || n[0]&0x80 != 0 {
					b.AddUint8(0)
				}
				b.AddBytes(n)
			})
		}
	})
	der, err := b.Bytes()
	return der, err == nil
}

var (
	oidMGF1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidSHA1 = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)

// maxSalt bounds the PSS salt in bytes; the salts met are as long as the hash.
const maxSalt = 512

// pssSalt reads RSASSA-PSS-params (RFC 4055 3.1) and returns the salt's length in bytes. The hash must be the signer's digest and so must the mask's.
func pssSalt(params []byte, d digest) (int, error) {
	hashOID, maskOID, salt := oidSHA1, oidSHA1, 20 // the defaults
	var in cryptobyte.String
	if p := cryptobyte.String(params); params != nil && (!p.ReadASN1(&in, cbasn1.SEQUENCE) || !p.Empty()) {
		return 0, fmt.Errorf("malformed RSA-PSS parameters")
	}
	var field cryptobyte.String
	var present bool
	tag := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	ok := in.ReadOptionalASN1(&field, &present, tag(0)) && (!present || readAlgorithm(&field, &hashOID, nil))
	if ok = ok && in.ReadOptionalASN1(&field, &present, tag(1)); ok && present {
		var mgf asn1.ObjectIdentifier
		var inner cryptobyte.String
		ok = readAlgorithm(&field, &mgf, &inner) && mgf.Equal(oidMGF1) && readAlgorithm(&inner, &maskOID, nil)
	}
	trailer := 1
	ok = ok && in.ReadOptionalASN1Integer(&salt, tag(2), 20) && in.ReadOptionalASN1Integer(&trailer, tag(3), 1) && in.Empty()
	switch {
	case !ok || trailer != 1:
		return 0, fmt.Errorf("malformed or unusual RSA-PSS parameters")
	case !hashOID.Equal(d.oid):
		return 0, fmt.Errorf("RSA-PSS says %s, the digest algorithm %s", HashName(hashOID), d.name)
	case !maskOID.Equal(hashOID):
		return 0, unsupported("RSA-PSS masks with %s but hashes with %s", HashName(maskOID), d.name)
	case salt < 0 || salt > maxSalt:
		return 0, fmt.Errorf("RSA-PSS salt of %d bytes", salt)
	}
	return salt, nil
}

// readAlgorithm reads one AlgorithmIdentifier that fills in; params, where asked for, gets what follows the identifier.
func readAlgorithm(in *cryptobyte.String, oid *asn1.ObjectIdentifier, params *cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1ObjectIdentifier(oid) {
		return false
	}
	if params != nil {
		*params = seq
	}
	return true
}
