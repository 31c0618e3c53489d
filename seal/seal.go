// Package seal reads and writes the bytes of electronic seals (SESeal) and of signatures made with them (SES_Signature), and holds the rules that
// need nothing but those bytes. It knows three generations: v1 (GM/T 0031-2014, read only), v4 (GB/T 38540-2020) and v5 (GM/T 0031-2025).
//
// A seal is a picture, a name, a period and a list of the certificates that may use it, signed by its maker. A seal signature is a seal together with
// the digest of some content, signed by one of those listed:
//
//	SES_Signature ── signer's certificate and value
//	└ TBS_Sign ── time claimed, digest of the content, what was digested
//	  └ SESeal ── maker's certificate and value
//	    └ SES_SealInfo ── identifier, name, type, period, list of signers, picture, extensions
//
// To read, call Parse for a seal and ParseSignature for a signature; IsSignature tells which a file is. Both accept what real products write against the
// rules, and note it as a Deviation. Validate then names the fields that break a rule of their own. Three checks say what the bytes prove, and a
// signature is that of the seal only when all three hold: Seal.VerifyMaker (the maker's value), Signature.Verify (the signer's value) and Seal.Lists (the
// signer is in the list).
//
// To write, fill an Info and Marshal it, have the maker sign those bytes, and Assemble the parts; for a signature the same with TBS and
// AssembleSignature. Keys are nowhere in this package: it returns the bytes to be signed and takes values.
//
// Signatures are verified over the bytes as received, never over a second encoding: what is parsed keeps slices of its input, which the caller must
// not change afterwards. Trust, revocation and time belong to others: a good value here says only that the key in the certificate made it. Times are UTC
// in whole seconds, measures of pictures millimetres, offsets and sizes bytes. What cannot be read or written is a fault.Invalid; where bytes are at
// fault a ParseError with their offset is in its chain.
//
// It is shaped after public descriptions of those standards and after sample files; the texts of GB/T 38540 and GM/T 0031-2025 were not read.
package seal

import (
	"encoding/asn1"
	"strconv"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Version is the generation of a seal or signature. Its number is what header.version says in v4 and v5.
type Version int

// The generations.
const (
	V1 Version = 1 // GM/T 0031-2014
	V4 Version = 4 // GB/T 38540-2020
	V5 Version = 5 // GM/T 0031-2025
)

// Standard returns the standard the generation comes from.
func (v Version) Standard() string {
	switch v {
	case V1:
		return "GM/T 0031-2014"
	case V4:
		return "GB/T 38540-2020"
	case V5:
		return "GM/T 0031-2025"
	}
	return "?"
}

// String returns "v4".
func (v Version) String() string { return "v" + strconv.Itoa(int(v)) }

// Seal is one SESeal. All byte slices are slices of what was parsed.
type Seal struct {
	Raw     []byte // the whole SESeal
	RawInfo []byte // its SES_SealInfo
	Version Version
	Info    Info

	MakerCert []byte // DER certificate of the maker, not looked into by Parse
	SignAlg   asn1.ObjectIdentifier
	SignValue []byte // content of the BIT STRING as stored: DER SEQUENCE{r,s}, raw r‖s or an RSA signature
	TimeStamp []byte // v5: RFC 3161 token over SignValue; nil where there is none

	Deviations []Deviation // what Assemble would have written otherwise
}

// Info is SES_SealInfo: what the maker signs.
type Info struct {
	Header     Header
	ESID       string // identifier of the seal, IA5String
	Property   Property
	Picture    Picture
	Extensions []Extension
}

// Header is SES_Header without its fixed ID "ES".
type Header struct {
	Version int    // as stored. Marshal writes the generation's number and takes 0 for it
	Vid     string // the maker's or vendor's identifier, IA5String
}

// Kinds of signer lists (certListType of v4 and v5).
const (
	ListCerts   = 1
	ListDigests = 2
)

// Property is SES_ESPropertyInfo.
type Property struct {
	Type     int    // what the seal is for; see TypeName
	Name     string // of the seal, UTF8String
	ListType int    // ListCerts or ListDigests; 0 in v1, which has no such field
	Certs    [][]byte
	Digests  []CertDigest
	IDs      []string  // v1: certificates named by an IA5String instead of held
	Created  time.Time // UTC, whole seconds, as the next two
	Start    time.Time // first moment of validity
	End      time.Time // last moment of validity
}

// CertDigest names a certificate by a digest of its DER.
type CertDigest struct {
	Type  string // of the digest: "SM3"
	Value []byte
}

// Picture is SES_ESPictureInfo.
type Picture struct {
	Type          string // "PNG", "GIF", "ofd" …, in any case
	Data          []byte
	Width, Height int // mm
}

// Extension is ExtData.
type Extension struct {
	OID      asn1.ObjectIdentifier
	Critical bool
	Value    []byte
}

// SignedBytes returns what the maker's signature covers: in v4 and v5 the SES_SealInfo, in v1 (GM/T 0031-2014 6.1) the SEQUENCE of SES_SealInfo,
// certificate and algorithm.
func (s *Seal) SignedBytes() []byte {
	if s.Version != V1 {
		return s.RawInfo
	}
	b := cryptobyte.NewBuilder(make([]byte, 0, len(s.Raw)))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(s.RawInfo)
		b.AddASN1OctetString(s.MakerCert)
		b.AddASN1ObjectIdentifier(s.SignAlg)
	})
	// The parts were read as DER, which has one encoding, so this cannot fail and gives the bytes as they stood in the file.
	out, err := b.Bytes()
	if err != nil {
		return nil
	}
	return out
}

// Signature is one SES_Signature: a seal used on content. All byte slices are slices of what was parsed.
type Signature struct {
	Raw     []byte // the whole SES_Signature
	RawTBS  []byte // its TBS_Sign
	RawSeal []byte // the SESeal inside
	Version Version
	Seal    *Seal

	TBSVersion int       // TBS_Sign.version as stored
	Time       time.Time // timeInfo as claimed by the signer, UTC; zero where v1 holds none that can be read
	TimeText   string    // v1: timeInfo where it is text
	TimeToken  []byte    // v1: timeInfo where it is a time stamp token
	TimeInfo   []byte    // v1: timeInfo as stored, whatever it is

	DataHash   []byte // digest of the content signed
	Property   string // propertyInfo, what the digest was made of
	Extensions []Extension

	Cert      []byte // DER certificate of the signer, not looked into by ParseSignature
	Alg       asn1.ObjectIdentifier
	Value     []byte // content of the BIT STRING as stored: DER SEQUENCE{r,s}, raw r‖s or an RSA signature
	TimeStamp []byte // v4, v5: RFC 3161 token over Value; nil where there is none

	Deviations []Deviation // of the signature and of the seal inside, with offsets from the start of Raw
}

// SignedBytes returns what the signer's signature covers, the TBS_Sign. In v1 it holds the certificate and the algorithm; in v4 and v5 it does not, so
// there the signer is bound only by the seal's list.
func (s *Signature) SignedBytes() []byte { return s.RawTBS }
