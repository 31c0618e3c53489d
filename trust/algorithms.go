package trust

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

const (
	secureRSA = 2048
	mostRSA   = 8192 // bits; a larger key would only cost time
)

// AcceptedUntil is when an algorithm stopped being a proof; zero for one that still is. What is proven to be older counts still. name is as this
// package and the checks of signatures write it, such as "MD5", "SHA-1" and "RSA key of 1024 bits". The dates: collisions of MD5 were shown in August
// 2004; NIST SP 800-131A disallows SHA-1 and RSA below 2048 bits for signatures after 2013; RSA below 1024 bits fell to factoring before 2010.
func AcceptedUntil(name string) time.Time {
	bits := 0
	if i := strings.Index(name, "RSA"); i >= 0 {
		_, _ = fmt.Sscanf(strings.TrimLeft(name[i+3:], "- keyofRSA"), "%d", &bits)
	}
	plain := strings.ReplaceAll(strings.ToUpper(name), "-", "")
	switch {
	case strings.Contains(plain, "MD2"), strings.Contains(plain, "MD4"), strings.Contains(plain, "MD5"):
		return time.Date(2004, 8, 17, 0, 0, 0, 0, time.UTC)
	case bits > 0 && bits < 1024:
		return time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)
	case strings.Contains(plain, "SHA1") && !strings.Contains(plain, "SHA1WITHSM2"), bits > 0 && bits < secureRSA:
		return time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Time{}
}

// weakness makes the problem of a weak algorithm.
func weakness(link int, who, name, how string) Problem {
	return Problem{Code: WeakAlgorithm, Link: link, Detail: who + ": " + how + name, Algorithm: name, Until: AcceptedUntil(name)}
}

func weakKey(cert *gm.Certificate) string {
	if pub, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		return weakRSA(pub)
	}
	return ""
}

func weakRSA(pub *rsa.PublicKey) string {
	if bits := pub.N.BitLen(); bits < secureRSA {
		return fmt.Sprintf("RSA key of %d bits", bits)
	}
	return ""
}

// weakSignature names the broken hash under which the certificate was signed.
func weakSignature(cert *gm.Certificate) string {
	if cert.SignatureAlgorithm == 0 {
		a, ok := certificateAlgorithm(cert)
		if !ok {
			return ""
		}
		if h, _, err := a.hash(); err == nil {
			return weakHash(h)
		}
		return ""
	}
	name := cert.SignatureAlgorithm.String()
	for _, hash := range []string{"MD2", "MD5", "SHA1"} {
		if strings.Contains(name, hash) {
			return name
		}
	}
	return ""
}

// certificateAlgorithm reads the algorithm identifier that stands beside the certificate's signature.
func certificateAlgorithm(cert *gm.Certificate) (a algorithm, ok bool) {
	in := cryptobyte.String(cert.Raw)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) {
		return a, false
	}
	return readAlgorithm(&seq)
}

// unknownSignature reports a certificate signed under an algorithm that is not known here.
func unknownSignature(cert *gm.Certificate) bool {
	if cert.SignatureAlgorithm != 0 {
		return false
	}
	a, ok := certificateAlgorithm(cert)
	if !ok {
		return true
	}
	_, _, err := a.hash()
	return err != nil && !a.oid.Equal(oidEd25519) && !gm.IsSM2SignatureOID(a.oid)
}

// signed reports whether issuer's key signed cert.
func (s *Set) signed(cert, issuer *gm.Certificate) error {
	return s.proven.Check("certificate", func() error { return checkSignature(cert, issuer) }, issuer.RawSubjectPublicKeyInfo, cert.Raw)
}

// checkSignature is signed, computed. What the certificate library does not name, as RSA-PSS with other parameters than the usual
// ones, is checked here.
func checkSignature(cert, issuer *gm.Certificate) error {
	if pub, ok := issuer.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() > mostRSA {
		return fmt.Errorf("an RSA key of %d bits is not used", pub.N.BitLen())
	}
	if cert.SignatureAlgorithm != 0 {
		return gm.CheckCertificateSignature(cert, issuer)
	}
	a, ok := certificateAlgorithm(cert)
	if !ok {
		return errors.New("malformed signature algorithm")
	}
	return verify(issuer.PublicKey, a, cert.RawTBSCertificate, cert.Signature)
}
