package gm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
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

// SignFunc answers e = SM3(ZA‖M) with a DER SEQUENCE{r,s}: a key that never leaves, seen from here.
type SignFunc func(e []byte) ([]byte, error)

// CreateCertificate makes a certificate from template, signed by the parent's SM2 key: issuer is that key's public half, sign the key itself.
// For a self-signed certificate parent is the template.
func CreateCertificate(template, parent *Certificate, subject crypto.PublicKey, issuer *ecdsa.PublicKey, sign SignFunc) ([]byte, error) {
	return smx509.CreateCertificate(rand.Reader, template, parent, subject, signer{issuer, sign})
}

// CreateRevocationList makes a CRL signed by the issuer's SM2 key.
func CreateRevocationList(template *RevocationList, issuer *Certificate, sign SignFunc) ([]byte, error) {
	pub, ok := issuer.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, errors.New("gm: the issuer's key is not SM2")
	}
	return smx509.CreateRevocationList(rand.Reader, template, issuer, signer{pub, sign})
}

// signer lets smx509 build certificates with a key that signs e only. smx509 hands over the message, not its digest, because ZA depends on the
// key and the user ID; so the digest is made here.
type signer struct {
	pub  *ecdsa.PublicKey
	sign SignFunc
}

var _ crypto.MessageSigner = signer{}

func (s signer) Public() crypto.PublicKey { return s.pub }

func (s signer) SignMessage(_ io.Reader, msg []byte, _ crypto.SignerOpts) ([]byte, error) {
	e, err := E(s.pub, msg)
	if err != nil {
		return nil, err
	}
	sig, err := s.sign(e)
	if err != nil {
		return nil, err
	}
	return CanonicalSignature(sig)
}

func (s signer) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("gm: a digest without ZA cannot be signed")
}

// CheckCertificateSignature reports whether parent's key signed cert, for SM2, RSA, ECDSA and Ed25519. MD5 is refused; SHA-1 is checked, and it is for
// trust to say what that is still worth. Validity, usage and names are not looked at.
func CheckCertificateSignature(cert, parent *Certificate) error {
	return parent.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
}
