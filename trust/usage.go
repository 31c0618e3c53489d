package trust

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var (
	oidKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidAnyPurpose   = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
	oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// documentPurposes are the purposes under which documents are signed. Certificates made for persons name mail and client authentication more often
// than the purpose made for documents, and readers of PDF have always taken them.
var documentPurposes = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 3, 36},       // documentSigning (RFC 9336)
	{1, 3, 6, 1, 5, 5, 7, 3, 4},        // emailProtection
	{1, 3, 6, 1, 5, 5, 7, 3, 2},        // clientAuth
	{1, 3, 6, 1, 5, 5, 7, 3, 3},        // codeSigning
	{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}, // document signing, as one vendor names it
	{1, 2, 840, 113583, 1, 1, 5},       // PDF signing, as another does
}

// KeyUsageForSigning returns the two usages that allow signing documents. A certificate without the extension is not restricted: both are true.
func KeyUsageForSigning(cert *gm.Certificate) (digitalSignature, nonRepudiation bool) {
	if !hasExtension(cert, oidKeyUsage) {
		return true, true
	}
	return cert.KeyUsage&gm.KeyUsageDigitalSignature != 0, cert.KeyUsage&gm.KeyUsageContentCommitment != 0
}

// purposesOf reads the extended key usage (RFC 5280 4.2.1.12); stated is false where there is none.
func purposesOf(cert *gm.Certificate) (list []asn1.ObjectIdentifier, stated, critical bool) {
	for _, e := range cert.Extensions {
		if !e.Id.Equal(oidExtKeyUsage) {
			continue
		}
		in := cryptobyte.String(e.Value)
		var seq cryptobyte.String
		if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
			return nil, true, e.Critical
		}
		for !seq.Empty() {
			var oid asn1.ObjectIdentifier
			if !seq.ReadASN1ObjectIdentifier(&oid) {
				return nil, true, e.Critical
			}
			list = append(list, oid)
		}
		return list, true, e.Critical
	}
	return nil, false, false
}

// inspectPurposes judges a path by the use: the leaf's extended key usage, and that of each CA below the anchor, whose purposes bound those of what
// it issues. What an anchor may vouch for the operator said.
func inspectPurposes(path []*gm.Certificate, anchored bool, use Use) []Problem {
	var out []Problem
	for i, cert := range path {
		if anchored && i == len(path)-1 {
			break
		}
		list, stated, critical := purposesOf(cert)
		why := ""
		switch {
		case use == UseTSA && i == 0:
			why = stampingOnly(cert, list, critical)
		case stated && !serves(list, use):
			why = fmt.Sprintf("its purposes %v are others", list)
		}
		if why != "" {
			out = append(out, Problem{Code: ExtKeyUsage, Link: i, Detail: cert.Subject.String() + ": " + why})
		}
	}
	return out
}

// stampingOnly says why a certificate is none of a time stamping authority (RFC 3161 2.3): it serves time stamping, critically, and nothing else.
func stampingOnly(cert *gm.Certificate, list []asn1.ObjectIdentifier, critical bool) string {
	digital, commitment := KeyUsageForSigning(cert)
	switch {
	case len(list) != 1 || !list[0].Equal(oidTimeStamping):
		return "it is not for time stamping alone"
	case !critical:
		return "its purpose is not marked critical"
	case !digital && !commitment:
		return "its key usage does not allow signing"
	}
	return ""
}

func serves(list []asn1.ObjectIdentifier, use Use) bool {
	fit := documentPurposes
	if use == UseTSA {
		fit = []asn1.ObjectIdentifier{oidTimeStamping}
	}
	for _, oid := range list {
		if oid.Equal(oidAnyPurpose) {
			return true
		}
		for _, f := range fit {
			if oid.Equal(f) {
				return true
			}
		}
	}
	return false
}
