package gm

import "encoding/asn1"

// Object identifiers of GM/T 0006 and GB/T 35275 (GM/T 0010).
var (
	OIDSM2          = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}        // the curve, and SM2 in general
	OIDSM2Sign      = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 1}     // SM2-1, the signature algorithm of GB/T 35275
	OIDSM2Encrypt   = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301, 3}     // SM2-3
	OIDSM3          = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 401}        // SM3
	OIDSM3Keyed     = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 401, 2}     // SM3 with a key: never accepted as a plain digest
	OIDSM2WithSM3   = asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 501}        // SM2 signature with SM3, what seals write
	OIDGBData       = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 1} // GB/T 35275 data
	OIDGBSignedData = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 2} // GB/T 35275 signedData
)

// IsSM2SignatureOID reports whether oid names SM2 with SM3 in any of the three ways met in the field (.501, .301.1, .301).
func IsSM2SignatureOID(oid asn1.ObjectIdentifier) bool {
	return oid.Equal(OIDSM2WithSM3) || oid.Equal(OIDSM2Sign) || oid.Equal(OIDSM2)
}
