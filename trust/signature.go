package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" //nolint:gosec // old evidence is signed with it and OCSP names issuers by it; the weakness is reported
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	oid    asn1.ObjectIdentifier
	params cryptobyte.String
}

func readAlgorithm(in *cryptobyte.String) (a algorithm, ok bool) {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&a.oid) {
		return a, false
	}
	a.params = seq
	return a, true
}

var (
	oidRSAPSS  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidSHA1    = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA224  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
	oidSHA256  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

var hashes = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{{oidSHA1, crypto.SHA1}, {oidSHA224, crypto.SHA224}, {oidSHA256, crypto.SHA256}, {oidSHA384, crypto.SHA384}, {oidSHA512, crypto.SHA512}}

// signatures are the RSA PKCS#1 v1.5 and ECDSA identifiers that evidence is signed under.
var signatures = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
	rsa  bool
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, crypto.SHA1, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}, crypto.SHA224, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, crypto.SHA384, true},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, crypto.SHA512, true},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, crypto.SHA1, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}, crypto.SHA224, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, crypto.SHA256, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, crypto.SHA384, false},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, crypto.SHA512, false},
}

var errSignature = errors.New("the signature does not verify")

// evidenceSigned checks the signature of a CRL or an OCSP response. id stands for all its bytes. weak says what of the signature is no proof any more,
// empty where nothing is.
func (s *Set) evidenceSigned(signer *gm.Certificate, a algorithm, signed, sig, id []byte) (weak string, err error) {
	err = s.proven.Check("evidence", func() error { return verify(signer.PublicKey, a, signed, sig) }, signer.RawSubjectPublicKeyInfo, id)
	return a.weakness(signer.PublicKey), err
}

// verify checks a signature.
func verify(key crypto.PublicKey, a algorithm, signed, sig []byte) error {
	switch pub := key.(type) {
	case *ecdsa.PublicKey:
		if gm.IsSM2(pub) {
			if !gm.IsSM2SignatureOID(a.oid) {
				return fmt.Errorf("signature algorithm %s with an SM2 key", a.oid)
			}
			return holds(gm.Verify(pub, signed, sig))
		}
		h, isRSA, err := a.hash()
		if err != nil || isRSA {
			return fmt.Errorf("signature algorithm %s with an ECDSA key", a.oid)
		}
		return holds(ecdsa.VerifyASN1(pub, sum(h, signed), sig))
	case *rsa.PublicKey:
		return a.verifyRSA(pub, signed, sig)
	case ed25519.PublicKey:
		if !a.oid.Equal(oidEd25519) {
			return fmt.Errorf("signature algorithm %s with an Ed25519 key", a.oid)
		}
		return holds(ed25519.Verify(pub, signed, sig))
	}
	return fmt.Errorf("a key of a kind not known here (%T)", key)
}

func (a algorithm) verifyRSA(pub *rsa.PublicKey, signed, sig []byte) error {
	if bits := pub.N.BitLen(); bits > mostRSA {
		return fmt.Errorf("an RSA key of %d bits is not used", bits)
	}
	h, isRSA, err := a.hash()
	if err != nil || !isRSA {
		return fmt.Errorf("signature algorithm %s with an RSA key", a.oid)
	}
	if a.oid.Equal(oidRSAPSS) {
		p, _ := a.pss()
		return holds(rsa.VerifyPSS(pub, h, sum(h, signed), sig, &rsa.PSSOptions{SaltLength: p.salt}) == nil)
	}
	return holds(rsa.VerifyPKCS1v15(pub, h, sum(h, signed), sig) == nil)
}

// weakness says what of a signature by the key is no proof any more, empty where nothing is.
func (a algorithm) weakness(key crypto.PublicKey) string {
	if h, _, err := a.hash(); err == nil && weakHash(h) != "" {
		return weakHash(h)
	}
	if pub, ok := key.(*rsa.PublicKey); ok {
		return weakRSA(pub)
	}
	return ""
}

var errUnknownAlgorithm = errors.New("signature algorithm not known here")

// hash returns the hash the identifier fixes; RSA-PSS names it in its parameters.
func (a algorithm) hash() (h crypto.Hash, isRSA bool, err error) {
	if a.oid.Equal(oidRSAPSS) {
		p, err := a.pss()
		return p.hash, true, err
	}
	for _, s := range signatures {
		if s.oid.Equal(a.oid) {
			return s.hash, s.rsa, nil
		}
	}
	return 0, false, errUnknownAlgorithm
}

// pssParams are RSASSA-PSS-params of RFC 4055 3.1.
type pssParams struct {
	hash crypto.Hash
	salt int // bytes
}

// pss reads the parameters of RSA-PSS. Defaults are SHA-1 and 20 bytes of salt; a mask made with another hash is not known here.
func (a algorithm) pss() (p pssParams, err error) {
	in := a.params
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return p, errUnknownAlgorithm
	}
	p.hash, p.salt = crypto.SHA1, 20
	mask, trailer := crypto.SHA1, 1
	var field cryptobyte.String
	var present bool
	optional := func(n uint8) bool {
		return seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(n).ContextSpecific().Constructed())
	}
	ok := optional(0) && (!present || readHash(field, &p.hash)) && optional(1)
	if ok && present {
		mgf, read := readAlgorithm(&field)
		ok = read && mgf.oid.Equal(oidMGF1) && readHash(mgf.params, &mask)
	}
	ok = ok && optional(2) && (!present || field.ReadASN1Integer(&p.salt) && p.salt >= 0 && p.salt <= mostRSA/8) &&
		optional(3) && (!present || field.ReadASN1Integer(&trailer)) && seq.Empty()
	if !ok || mask != p.hash || trailer != 1 {
		return p, errUnknownAlgorithm
	}
	return p, nil
}

// readHash reads an AlgorithmIdentifier of a hash.
func readHash(in cryptobyte.String, h *crypto.Hash) bool {
	a, ok := readAlgorithm(&in)
	for _, known := range hashes {
		if ok && known.oid.Equal(a.oid) {
			*h = known.hash
			return true
		}
	}
	return false
}

func holds(ok bool) error {
	if !ok {
		return errSignature
	}
	return nil
}

func weakHash(h crypto.Hash) string {
	if h == crypto.SHA1 {
		return "SHA-1"
	}
	return ""
}

func sum(h crypto.Hash, parts ...[]byte) []byte {
	w := h.New()
	for _, p := range parts {
		w.Write(p)
	}
	return w.Sum(nil)
}
