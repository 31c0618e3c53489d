// Package cms reads and writes signed data: plain CMS (RFC 5652), PKCS#7 1.5 (RFC 2315) and the GB/T 35275 shape, which keeps the PKCS#7 structure under
// content types of its own. It checks what a signer signed, with SM2, RSA, ECDSA and Ed25519.
//
// Reading is Parse, then SignedData.Certificate and Signer.Check. Writing is a Builder: NewBuilder, Attributes, ask the key, Assemble. What is read is
// taken as it is met in the field; what is written is DER, of one signer, over content that stays outside.
//
// What is signed is kept as received: signed attributes are hashed in the order the file has them, since real SM2 signers do not sort them. Nothing
// here knows a chain, a time or a policy: Signer.Check says whether the bytes, the attributes and the value fit one certificate, and notes each
// deviation it tolerated, so that the judge can decide what to make of it.
//
// The GB/T 35275 side is shaped after public descriptions and files met in the field; the standard's text was not read.
package cms

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Bounds on hostile input.
const (
	maxBytes        = 16 << 20 // of the whole value
	maxDepth        = 32       // nested elements
	maxElements     = 1 << 18  // elements rewritten, where the input is BER
	maxCertificates = 100
	maxRevocation   = 100 // CRLs, and as many OCSP responses
	maxSigners      = 16
	maxAttributes   = 64
	maxAttrValues   = 64
	maxAlgorithms   = 16
)

// ParseError says where signed data is malformed. Offset counts bytes from the start of the value; where the value is BER with a sound structure, it
// counts in the DER form that is read instead.
type ParseError struct {
	Offset int64
	What   string
}

// Error returns what is wrong and where.
func (e *ParseError) Error() string { return fmt.Sprintf("cms: %s at byte %d", e.What, e.Offset) }

// SignedData is a parsed SignedData. The slices share the memory of the value it was parsed from.
type SignedData struct {
	Raw              []byte                  // the ContentInfo as received, without bytes after it
	Trailing         []byte                  // bytes after it that are no padding, which no signature covers; nil where there are none
	BER              bool                    // Raw is not DER: indefinite or over-long lengths, or octet strings in pieces
	GB               bool                    // the content types are those of GB/T 35275
	Version          int                     // as stated
	DigestAlgorithms []asn1.ObjectIdentifier // as stated; the signers' own count
	ContentType      asn1.ObjectIdentifier
	Content          []byte   // eContent, without tag and length; nil where Detached
	Detached         bool     // there is no eContent
	Certificates     [][]byte // X.509 certificates as received, unparsed; other certificate kinds are left out
	CRLs             [][]byte // certificate lists, DER
	OCSPs            [][]byte // OCSPResponse, DER (RFC 5940)
	Signers          []Signer
}

// IssuerSerial names a certificate by its issuer and serial number.
type IssuerSerial struct {
	Issuer []byte // DER Name
	Serial *big.Int
}

// Signer is one SignerInfo. Either IssuerSerial or SubjectKeyID names its certificate.
type Signer struct {
	Version            int
	IssuerSerial       *IssuerSerial
	SubjectKeyID       []byte
	DigestAlgorithm    asn1.ObjectIdentifier
	RawAttributes      []byte // the signed attributes as received, without their outer tag and length; nil where there are none
	Attributes         []Attribute
	SignatureAlgorithm asn1.ObjectIdentifier
	SignatureParams    []byte // DER of the parameters, nil where absent
	Value              []byte
	Unsigned           []Attribute
}

// Attribute is one attribute with its values, each a whole DER element.
type Attribute struct {
	Type   asn1.ObjectIdentifier
	Values [][]byte
}
