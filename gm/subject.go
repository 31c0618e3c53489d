package gm

import (
	"encoding/asn1"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// OIDOrganizationIdentifier is the X.520 attribute 2.5.4.97, where a subject's unified social credit code stands.
var OIDOrganizationIdentifier = asn1.ObjectIdentifier{2, 5, 4, 97}

// usccLength is the length of a unified social credit code (GB 32100).
const usccLength = 18

// SubjectUSCC returns the unified social credit code a certificate gives for its subject, "" where it gives none. It looks, in this order, at
// organizationIdentifier; at the extensions Chinese authorities keep the codes of organisations in (1.2.156.10260.4.1.4 organisation code,
// .4.4 social credit code, .4.1.3 business registration, .4.1.5 taxpayer number); and at serialNumber, unless what stands there can be a personal
// identity number. Only the shape of the code is checked.
func SubjectUSCC(cert *Certificate) string {
	for _, a := range cert.Subject.Names {
		if v, ok := a.Value.(string); ok && a.Type.Equal(OIDOrganizationIdentifier) {
			for _, prefix := range []string{"", "NTRCN-", "VATCN-"} {
				if code, ok := strings.CutPrefix(v, prefix); ok && IsUSCC(code) {
					return code
				}
			}
		}
	}
	arc := asn1.ObjectIdentifier{1, 2, 156, 10260, 4}
	for _, tail := range [][]int{{1, 4}, {4}, {1, 3}, {1, 5}} {
		oid := slices.Concat(arc, tail)
		for _, e := range cert.Extensions {
			if code := text(e.Value); e.Id.Equal(oid) && IsUSCC(code) {
				return code
			}
		}
	}
	if code := cert.Subject.SerialNumber; IsUSCC(code) && !personal(code) {
		return code
	}
	return ""
}

// text returns the characters of an extension's value, which is a string type, an octet string or, in old certificates, bare characters.
func text(value []byte) string {
	in := cryptobyte.String(value)
	var inner cryptobyte.String
	var tag cbasn1.Tag
	if in.ReadAnyASN1(&inner, &tag) && in.Empty() {
		switch tag {
		case cbasn1.PrintableString, cbasn1.UTF8String, cbasn1.IA5String, cbasn1.OCTET_STRING:
			return string(inner)
		}
	}
	return string(value)
}

// IsUSCC reports whether s has the shape of a code: 18 of the 31 characters of GB 32100.
func IsUSCC(s string) bool {
	if len(s) != usccLength {
		return false
	}
	for i := range len(s) {
		if !(s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z' && !strings.ContainsRune("IOSVZ", rune(s[i]))) {
			return false
		}
	}
	return true
}

// personal reports whether 18 characters can be an identity card number (GB 11643): 17 digits, with a date of birth from the seventh on.
func personal(s string) bool {
	for i := range usccLength - 1 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	century, month, day := s[6:8], s[10:12], s[12:14]
	return (century == "18" || century == "19" || century == "20") && month >= "01" && month <= "12" && day >= "01" && day <= "31"
}
