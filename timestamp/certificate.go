package timestamp

import (
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var (
	oidKeyUsage       = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtKeyUsage    = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidTimeStamping   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// CheckCertificate says why a certificate is none of a time stamping authority: its extended key usage must be there once, critical, and name time
// stamping alone (RFC 3161 2.3), and a key usage must allow signatures.
func CheckCertificate(cert *gm.Certificate) error {
	purposes, usage := 0, false
	for _, e := range cert.Extensions {
		switch {
		case e.Id.Equal(oidKeyUsage):
			usage = true
		case e.Id.Equal(oidExtKeyUsage):
			purposes++
			if !onlyStamping(e.Value) {
				return errors.New("the certificate is not for time stamping alone")
			}
			if !e.Critical {
				return errors.New("the certificate's extended key usage is not marked critical")
			}
		}
	}
	switch {
	case purposes != 1:
		return errors.New("the certificate does not say that it is for time stamping")
	case usage && cert.KeyUsage&(gm.KeyUsageDigitalSignature|gm.KeyUsageContentCommitment) == 0:
		return errors.New("the certificate's key usage does not allow signatures")
	}
	return nil
}

// onlyStamping reads ExtKeyUsageSyntax of exactly one purpose.
func onlyStamping(value cryptobyte.String) bool {
	var list cryptobyte.String
	var oid asn1.ObjectIdentifier
	return value.ReadASN1(&list, cbasn1.SEQUENCE) && value.Empty() && list.ReadASN1ObjectIdentifier(&oid) && list.Empty() && oid.Equal(oidTimeStamping)
}
