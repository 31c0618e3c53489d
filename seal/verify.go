package seal

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/fault"
	"yinxin/gm"
)

// What VerifyMaker and Verify find wrong; errors.Is tells them apart.
var (
	ErrCertificate = errors.New("the certificate cannot be read")
	ErrAlgorithm   = errors.New("the signature algorithm is unknown or does not fit the certificate's key")
	ErrInsecure    = errors.New("the signature algorithm or key is too weak to prove anything")
	ErrValue       = errors.New("the signature value does not fit the bytes and the certificate's key")
)

// VerifyMaker reports whether the key in MakerCert signed the seal: nil, or a fault.Invalid with one of the Err values in its chain. Whether
// that certificate is to be trusted is not asked.
func (s *Seal) VerifyMaker() error { return s.VerifyMakerWith(nil) }

// VerifyMakerWith is VerifyMaker with a memory, for seals that are met over and over.
func (s *Seal) VerifyMakerWith(p *gm.Proven) error {
	signed := s.SignedBytes()
	err := p.Check("seal", func() error { return verifyValue(s.MakerCert, s.SignAlg, signed, s.SignValue, s.Version) },
		s.MakerCert, []byte(s.SignAlg.String()), signed, s.SignValue, []byte{byte(s.Version)})
	if err == nil {
		return nil
	}
	return fault.New(fault.Invalid, "seal-signature",
		"印章的制章者签名未通过核验：印章数据可能被改动，或不是所载证书签发的，请勿采信该印章",
		"the seal maker's signature does not hold: the seal may have been altered, do not rely on it", err)
}

// Verify reports whether the key in Cert signed RawTBS: nil, or a fault.Invalid with one of the Err values in its chain. It asks neither whether
// the certificate is in the seal's list (Seal.Lists) nor whether the seal is good (Seal.VerifyMaker).
func (s *Signature) Verify() error {
	err := verifyValue(s.Cert, s.Alg, s.RawTBS, s.Value, s.Version)
	if err == nil {
		return nil
	}
	return fault.New(fault.Invalid, "signature-value",
		"签章的签名值未通过核验：签章数据可能被改动，或不是所载证书签署的，请勿采信该签章",
		"the signature value does not hold: the signature may have been altered, do not rely on it", err)
}

// RSA in v1. Later generations know SM2 only.
var (
	oidRSASHA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}
	oidRSASHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
)

// minRSA is the shortest RSA key in bits whose signatures are still taken as proof.
const minRSA = 2048

func verifyValue(cert []byte, alg asn1.ObjectIdentifier, msg, value []byte, v Version) error {
	if v == V1 && alg.Equal(oidRSASHA1) {
		return fmt.Errorf("%w: RSA with SHA-1", ErrInsecure)
	}
	rsaAllowed := v == V1 && alg.Equal(oidRSASHA256)
	if !rsaAllowed && !gm.IsSM2SignatureOID(alg) {
		return fmt.Errorf("%w: %s", ErrAlgorithm, alg)
	}
	key, err := certificateKey(cert)
	if err != nil {
		return err
	}
	switch pub := key.(type) {
	case *rsa.PublicKey:
		if !rsaAllowed {
			return fmt.Errorf("%w: an RSA key under %s", ErrAlgorithm, alg)
		}
		if pub.N.BitLen() < minRSA {
			return fmt.Errorf("%w: RSA key of %d bits", ErrInsecure, pub.N.BitLen())
		}
		sum := sha256.Sum256(msg)
		if err := rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], value); err != nil {
			return fmt.Errorf("%w: %w", ErrValue, err)
		}
	case *ecdsa.PublicKey:
		if rsaAllowed || !gm.IsSM2(pub) {
			return fmt.Errorf("%w: an elliptic curve key under %s", ErrAlgorithm, alg)
		}
		if !gm.Verify(pub, msg, value) {
			return ErrValue
		}
	default:
		return fmt.Errorf("%w: key of type %T", ErrAlgorithm, pub)
	}
	return nil
}

// certificateKey returns the public key of a DER certificate and reads nothing else of it. Certificates of real seals have names and extensions that
// break X.509 (text in UTF-8 under IA5String, for one); whether to trust such a certificate is asked elsewhere, its key made the value all the same.
func certificateKey(der []byte) (crypto.PublicKey, error) {
	in := cryptobyte.String(der)
	var cert, tbs, key cryptobyte.String
	ok := in.ReadASN1(&cert, cbasn1.SEQUENCE) && in.Empty() &&
		cert.ReadASN1(&tbs, cbasn1.SEQUENCE) && cert.SkipASN1(cbasn1.SEQUENCE) && cert.SkipASN1(cbasn1.BIT_STRING) && cert.Empty() &&
		tbs.SkipOptionalASN1(cbasn1.Tag(tagContext0)) && tbs.SkipASN1(cbasn1.INTEGER) &&
		tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&key, cbasn1.SEQUENCE)
	if !ok {
		return nil, fmt.Errorf("%w: not a DER certificate", ErrCertificate)
	}
	pub, err := gm.ParsePublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	return pub, nil
}

// Errors of Lists: the list cannot answer.
var (
	ErrListNames  = errors.New("the seal names its signers by identifiers, not by certificates")
	ErrListDigest = errors.New("the seal lists signers by a digest that is not SM3")
)

// Lists reports whether the seal's list of signers holds the DER certificate, byte for byte or by the SM3 digest of it. Where nothing fits and the
// list has entries that cannot be compared the answer is unknown: ErrListNames or ErrListDigest.
func (s *Seal) Lists(cert []byte) (bool, error) {
	p := s.Info.Property
	for _, c := range p.Certs {
		if bytes.Equal(c, cert) {
			return true, nil
		}
	}
	var unknown error
	if len(p.IDs) > 0 {
		unknown = ErrListNames
	}
	sum := gm.SM3(cert)
	for _, d := range p.Digests {
		if !strings.EqualFold(d.Type, DigestSM3) {
			unknown = fmt.Errorf("%w: %.40q", ErrListDigest, d.Type)
		} else if bytes.Equal(d.Value, sum[:]) {
			return true, nil
		}
	}
	return false, unknown
}

// DigestSM3 is CertDigest.Type as this package writes it.
const DigestSM3 = "SM3"

// DigestOf returns the list entry for a DER certificate.
func DigestOf(cert []byte) CertDigest {
	sum := gm.SM3(cert)
	return CertDigest{Type: DigestSM3, Value: sum[:]}
}
