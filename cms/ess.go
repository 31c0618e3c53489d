package cms

import (
	"bytes"
	"crypto/subtle"
	"encoding/asn1"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var (
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	errESS    = errors.New("malformed signing certificate attribute")
)

// CheckSigningCertificate compares cert with the signing certificate attributes (ESSCertIDv2 of RFC 5035, ESSCertID of RFC 2634); the first entry of
// each names the signer. present is false where the signer has neither, and err is nil then.
func (s *Signer) CheckSigningCertificate(cert *gm.Certificate) (present bool, err error) {
	v2, has2, err := s.single(OIDSigningCertificateV2)
	if err != nil {
		return true, err
	}
	v1, has1, err := s.single(OIDSigningCertificate)
	if err != nil {
		return true, err
	}
	if has2 {
		if err := checkESS(v2, oidSHA256, true, cert); err != nil {
			return true, err
		}
	}
	if has1 {
		if err := checkESS(v1, oidSHA1, false, cert); err != nil {
			return true, err
		}
	}
	return has1 || has2, nil
}

// checkESS reads SigningCertificate{V2} ::= SEQUENCE { certs SEQUENCE OF ESSCertID{v2}, policies OPTIONAL } with
// ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT SHA-256, certHash OCTET STRING, issuerSerial OPTIONAL }; the older form has no hashAlgorithm.
func checkESS(value cryptobyte.String, alg asn1.ObjectIdentifier, named bool, cert *gm.Certificate) error {
	var in, certs, id, sum cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) || !in.ReadASN1(&certs, cbasn1.SEQUENCE) || !certs.ReadASN1(&id, cbasn1.SEQUENCE) {
		return errESS
	}
	if named && id.PeekASN1Tag(cbasn1.SEQUENCE) {
		var seq cryptobyte.String
		if !id.ReadASN1Element(&seq, cbasn1.SEQUENCE) || !readAlgorithm(&seq, &alg, nil) {
			return errESS
		}
	}
	if !id.ReadASN1(&sum, cbasn1.OCTET_STRING) {
		return errESS
	}
	h, _, err := Hash(alg)
	if err != nil {
		return err
	}
	h.Write(cert.Raw)
	if subtle.ConstantTimeCompare(h.Sum(nil), sum) != 1 {
		return errors.New("the signing certificate attribute names another certificate")
	}
	if id.Empty() {
		return nil
	}
	return checkIssuerSerial(id, cert)
}

// checkIssuerSerial reads IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }. The hash has named the certificate already, so a
// name that is no directory name is let pass.
func checkIssuerSerial(in cryptobyte.String, cert *gm.Certificate) error {
	var seq, names, name cryptobyte.String
	serial := new(big.Int)
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1(&names, cbasn1.SEQUENCE) || !seq.ReadASN1Integer(serial) {
		return errESS
	}
	if serial.Cmp(cert.SerialNumber) != 0 {
		return errors.New("the signing certificate attribute has another serial number")
	}
	directory := cbasn1.Tag(4).ContextSpecific().Constructed()
	if names.PeekASN1Tag(directory) && (!names.ReadASN1(&name, directory) || !bytes.Equal(name, cert.RawIssuer)) {
		return errors.New("the signing certificate attribute has another issuer")
	}
	return nil
}

// checkProtection compares the algorithms with the CMSAlgorithmProtection attribute (RFC 6211), where the signer has one:
// SEQUENCE { digestAlgorithm, signatureAlgorithm [1] IMPLICIT OPTIONAL, macAlgorithm [2] IMPLICIT OPTIONAL }.
func (s *Signer) checkProtection() error {
	v, ok, err := s.single(OIDAlgorithmProtection)
	if err != nil || !ok {
		return err
	}
	var in, digestAlg, sigAlg cryptobyte.String
	var digestOID, sigOID asn1.ObjectIdentifier
	var present bool
	if !v.ReadASN1(&in, cbasn1.SEQUENCE) || !in.ReadASN1(&digestAlg, cbasn1.SEQUENCE) || !digestAlg.ReadASN1ObjectIdentifier(&digestOID) ||
		!in.ReadOptionalASN1(&sigAlg, &present, cbasn1.Tag(1).ContextSpecific().Constructed()) ||
		!present || !sigAlg.ReadASN1ObjectIdentifier(&sigOID) {
		return errors.New("malformed algorithm protection attribute")
	}
	if !digestOID.Equal(s.DigestAlgorithm) || !sigOID.Equal(s.SignatureAlgorithm) || !sameParams(sigAlg, s.SignatureParams) {
		return errors.New("the algorithms are not those that were signed")
	}
	return nil
}

// sameParams takes NULL and absent for the same.
func sameParams(a, b []byte) bool {
	null := []byte{5, 0}
	return bytes.Equal(a, b) || (len(a) == 0 || bytes.Equal(a, null)) && (len(b) == 0 || bytes.Equal(b, null))
}
