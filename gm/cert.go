package gm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/smx509"
)

// Certificate is an X.509 certificate whose key may be SM2, RSA, ECDSA or Ed25519. Raw holds its bytes as received.
type Certificate = smx509.Certificate

// RevocationList is an X.509 CRL, SM2 signed or not.
type RevocationList = smx509.RevocationList

// RevocationListEntry is one line of a CRL.
type RevocationListEntry = smx509.RevocationListEntry

// KeyUsage is the key usage bit set of RFC 5280 4.2.1.3.
type KeyUsage = smx509.KeyUsage

// The key usages the project asks for.
const (
	KeyUsageDigitalSignature  = smx509.KeyUsageDigitalSignature
	KeyUsageContentCommitment = smx509.KeyUsageContentCommitment // nonRepudiation
	KeyUsageCertSign          = smx509.KeyUsageCertSign
	KeyUsageCRLSign           = smx509.KeyUsageCRLSign
)

// ExtKeyUsage is one purpose of RFC 5280 4.2.1.12.
type ExtKeyUsage = smx509.ExtKeyUsage

// The extended key usages the project looks at.
const (
	ExtKeyUsageAny          = smx509.ExtKeyUsageAny
	ExtKeyUsageTimeStamping = smx509.ExtKeyUsageTimeStamping
	ExtKeyUsageOCSPSigning  = smx509.ExtKeyUsageOCSPSigning
)

// maxCertificate bounds one certificate's DER in bytes.
const maxCertificate = 64 << 10

// ParseCertificate reads one DER certificate, refusing trailing bytes and more than 64 KB. Certificates in the field break the rules of X.509 in
// ways no judgement rests on, and are read all the same: characters in a name that its string type does not allow, a negative serial number, a
// malformed extension among those that only inform (alternative names, key identifiers, policies, where to find CRLs and issuers). Such an extension
// fills no field; it stays in Extensions, and in UnhandledCriticalExtensions where it is critical, so that the chain is refused. All Raw fields are
// slices of der.
func ParseCertificate(der []byte) (cert *Certificate, err error) {
	if len(der) > maxCertificate {
		return nil, fmt.Errorf("gm: certificate of %d bytes is larger than %d", len(der), maxCertificate)
	}
	defer func() { // the parser below is foreign code on hostile bytes
		if p := recover(); p != nil {
			cert, err = nil, fmt.Errorf("gm: certificate: %v", p)
		}
	}()
	if cert, err = smx509.ParseCertificate(der); err != nil {
		return tolerate(der)
	}
	return cert, nil
}

// ParseCertificates reads certificates from PEM (all CERTIFICATE blocks) or from one DER certificate.
func ParseCertificates(data []byte) ([]*Certificate, error) {
	var out []*Certificate
	for rest := data; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := ParseCertificate(b.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) > 0 {
		return out, nil
	}
	c, err := ParseCertificate(data)
	if err != nil {
		return nil, err
	}
	return []*Certificate{c}, nil
}

// EncodePEM returns the certificate as PEM text.
func EncodePEM(c *Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// ParseRevocationList reads a CRL from DER or PEM.
func ParseRevocationList(data []byte) (crl *RevocationList, err error) {
	if b, _ := pem.Decode(data); b != nil && b.Type == "X509 CRL" {
		data = b.Bytes
	}
	defer func() {
		if p := recover(); p != nil {
			crl, err = nil, fmt.Errorf("gm: revocation list: %v", p)
		}
	}()
	return smx509.ParseRevocationList(data)
}

// Fingerprint returns the SM3 digest of the certificate's DER, the name trust.yaml and people call an anchor by.
func Fingerprint(c *Certificate) [DigestSize]byte { return SM3(c.Raw) }

// MarshalPublicKey returns pub as DER SubjectPublicKeyInfo.
func MarshalPublicKey(pub crypto.PublicKey) ([]byte, error) { return smx509.MarshalPKIXPublicKey(pub) }

// ParsePublicKey reads DER SubjectPublicKeyInfo.
func ParsePublicKey(der []byte) (crypto.PublicKey, error) { return smx509.ParsePKIXPublicKey(der) }

// SignFunc answers a digest of 32 bytes: a key that never leaves, seen from here. What the digest is follows from the key. SM2: e = SM3(ZA‖M),
// answered with DER SEQUENCE{r,s}. RSA: SHA-256, answered as RSASSA-PKCS1-v1_5. P-256: SHA-256, answered with DER SEQUENCE{r,s}.
type SignFunc func(digest []byte) ([]byte, error)

// CreateCertificate makes a certificate from template, signed by the parent's key: issuer is that key's public half, an *ecdsa.PublicKey on the SM2
// curve or on P-256 or an *rsa.PublicKey, sign the key itself. The signature algorithm follows the issuer's key: SM2 with SM3 (GM/T 0006),
// sha256WithRSAEncryption (RFC 4055 5) or ecdsa-with-SHA256 (RFC 5758 3.2). The subject's key may be of another kind than the issuer's. For a
// self-signed certificate parent is the template. An answer of sign that is no signature by issuer is an error.
func CreateCertificate(template, parent *Certificate, subject, issuer crypto.PublicKey, sign SignFunc) ([]byte, error) {
	s, err := newSigner(issuer, sign)
	if err != nil {
		return nil, err
	}
	return smx509.CreateCertificate(rand.Reader, template, parent, subject, s)
}

// CreateRevocationList makes a CRL signed by the issuer's key, under the algorithm that follows from it as in CreateCertificate.
func CreateRevocationList(template *RevocationList, issuer *Certificate, sign SignFunc) ([]byte, error) {
	s, err := newSigner(issuer.PublicKey, sign)
	if err != nil {
		return nil, err
	}
	return smx509.CreateRevocationList(rand.Reader, template, issuer, s)
}

// CreateCertificateRequest makes a PKCS#10 request for the key whose public half is pub, signed by that key; the algorithm follows from it as in
// CreateCertificate.
func CreateCertificateRequest(subject pkix.Name, pub crypto.PublicKey, sign SignFunc) ([]byte, error) {
	s, err := newSigner(pub, sign)
	if err != nil {
		return nil, err
	}
	return smx509.CreateCertificateRequest(rand.Reader, &smx509.CertificateRequest{Subject: subject}, s)
}

// signer lets smx509 build certificates with a key that signs digests only. smx509 hands over the message, not its digest, because ZA depends on
// the key and the user ID; so the digest is made here. It checks the answer against the public key.
type signer struct {
	pub  crypto.PublicKey
	sign SignFunc
}

var _ crypto.MessageSigner = signer{}

func newSigner(pub crypto.PublicKey, sign SignFunc) (signer, error) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		if k != nil && (IsSM2(k) || k.Curve == elliptic.P256()) {
			return signer{pub, sign}, nil
		}
	case *rsa.PublicKey:
		if k != nil {
			return signer{pub, sign}, nil
		}
	}
	return signer{}, errors.New("gm: the issuer's key is none of SM2, RSA and P-256")
}

func (s signer) Public() crypto.PublicKey { return s.pub }

func (s signer) SignMessage(_ io.Reader, msg []byte, opts crypto.SignerOpts) ([]byte, error) {
	if IsSM2(s.pub) {
		e, err := E(s.pub.(*ecdsa.PublicKey), msg)
		if err != nil {
			return nil, err
		}
		sig, err := s.sign(e)
		if err != nil {
			return nil, err
		}
		return CanonicalSignature(sig)
	}
	if _, pss := opts.(*rsa.PSSOptions); pss || opts.HashFunc() != crypto.SHA256 {
		return nil, errors.New("gm: the template asks for a signature algorithm other than the key's")
	}
	digest := sha256.Sum256(msg)
	return s.sign(digest[:])
}

func (s signer) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("gm: a digest without its message cannot be signed")
}

// CheckCertificateSignature reports whether parent's key signed cert, for SM2, RSA, ECDSA and Ed25519. MD5 is refused; SHA-1 is checked, and it is for
// trust to say what that is still worth. Validity, usage and names are not looked at.
func CheckCertificateSignature(cert, parent *Certificate) error {
	return parent.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
}
