package cms

import "encoding/asn1"

// singleValued are the signed attributes that have exactly one value and stand once (RFC 5652 11, RFC 5126 5, EN 319 122-1 5). A second value would leave
// it to the reader which of the two was signed for.
var singleValued = []asn1.ObjectIdentifier{
	OIDContentType, OIDMessageDigest, OIDSigningTime, OIDSigningCertificate, OIDSigningCertificateV2,
	{1, 2, 840, 113549, 1, 9, 16, 2, 15}, // signature-policy-identifier
	{1, 2, 840, 113549, 1, 9, 16, 2, 16}, // commitment-type-indication
	{1, 2, 840, 113549, 1, 9, 16, 2, 17}, // signer-location
	{1, 2, 840, 113549, 1, 9, 16, 2, 18}, // signer-attributes
	{0, 4, 0, 19122, 1, 1},               // signer-attributes-v2
}

// multiplied fails attributes that have several values or stand several times though they may not.
func (c *check) multiplied() {
	for _, oid := range singleValued {
		if _, _, err := c.s.single(oid); err != nil {
			c.r.fail(ErrAttributes, "%v", err)
		}
	}
}
