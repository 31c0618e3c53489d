package gm

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/emmansun/gmsm/smx509"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// tolerate reads a certificate that is refused for what certificates in the field have and no judgement rests on: characters of a name that its
// string type does not allow, a negative serial number, an extension that only informs and is malformed. These are put out of the way in a copy,
// place by place and without moving a byte; what is returned speaks of der itself. A malformed extension stays in Extensions, with no field
// filled from it, and where it is critical in UnhandledCriticalExtensions.
func tolerate(der []byte) (*Certificate, error) {
	own, copied := shape{}, shape{}
	if buf := bytes.Clone(der); !own.read(der) || !copied.read(buf) {
		return nil, errors.New("gm: malformed certificate")
	}
	serial := new(big.Int)
	if in := cryptobyte.String(own.serial); !in.ReadASN1Integer(serial) {
		return nil, errors.New("gm: malformed serial number")
	}
	issuer, err := readName(own.issuer)
	if err != nil {
		return nil, err
	}
	subject, err := readName(own.subject)
	if err != nil {
		return nil, err
	}
	copied.disarm(serial.Sign() < 0)
	cert, err := copied.parse()
	if err != nil {
		return nil, err
	}
	cert.Raw, cert.RawTBSCertificate, cert.RawIssuer, cert.RawSubject, cert.RawSubjectPublicKeyInfo = der, own.tbs, own.issuer, own.subject, own.spki
	cert.SerialNumber, cert.Issuer, cert.Subject = serial, issuer, subject
	return cert, nil
}

// shape is where the parts of a certificate lie, as slices of it.
type shape struct {
	whole                              []byte
	tbs, serial, issuer, subject, spki []byte   // elements, with tag and length
	informing                          [][]byte // contents of the OIDs of extensions that only inform
}

func (s *shape) read(der cryptobyte.String) bool {
	s.whole = der
	var cert, tbs, version, list cryptobyte.String
	var present bool
	if !der.ReadASN1(&cert, cbasn1.SEQUENCE) || !cert.ReadASN1Element((*cryptobyte.String)(&s.tbs), cbasn1.SEQUENCE) {
		return false
	}
	tbs = s.tbs
	if !tbs.ReadASN1(&tbs, cbasn1.SEQUENCE) || !tbs.ReadOptionalASN1(&version, &present, cbasn1.Tag(0).Constructed().ContextSpecific()) ||
		!tbs.ReadASN1Element((*cryptobyte.String)(&s.serial), cbasn1.INTEGER) || !tbs.SkipASN1(cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element((*cryptobyte.String)(&s.issuer), cbasn1.SEQUENCE) || !tbs.SkipASN1(cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element((*cryptobyte.String)(&s.subject), cbasn1.SEQUENCE) || !tbs.ReadASN1Element((*cryptobyte.String)(&s.spki), cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific()) || !tbs.SkipOptionalASN1(cbasn1.Tag(2).ContextSpecific()) ||
		!tbs.ReadOptionalASN1(&list, &present, cbasn1.Tag(3).Constructed().ContextSpecific()) {
		return false
	}
	if !present {
		return true
	}
	if !list.ReadASN1(&list, cbasn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var extension, oid cryptobyte.String
		if !list.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
			return false
		}
		if informs(oid) {
			s.informing = append(s.informing, oid)
		}
	}
	return true
}

// informs reports whether a malformed extension of this OID may be passed over: those that help to find or describe. Basic constraints, key usages
// and name and policy constraints limit what a certificate is good for, so a certificate that garbles them is not read at all.
func informs(oid []byte) bool {
	switch string(oid) {
	case "\x55\x1d\x0e", // subjectKeyIdentifier
		"\x55\x1d\x11",                     // subjectAltName; trust reads its bytes where names are constrained
		"\x55\x1d\x1f",                     // cRLDistributionPoints
		"\x55\x1d\x20",                     // certificatePolicies
		"\x55\x1d\x23",                     // authorityKeyIdentifier
		"\x2b\x06\x01\x05\x05\x07\x01\x01": // authorityInfoAccess
		return true
	}
	return false
}

// disarm makes the serial number positive and every value of the two names a TeletexString, which any bytes are.
func (s *shape) disarm(negative bool) {
	if negative {
		content := cryptobyte.String(s.serial)
		content.ReadASN1(&content, cbasn1.INTEGER) // read before
		content[0] = 0x40
	}
	for _, name := range [][]byte{s.issuer, s.subject} {
		_ = eachValue(name, func(_ int, _ asn1.ObjectIdentifier, value []byte) { value[0] = byte(cbasn1.T61String) })
	}
}

// parse reads the copy with as few extensions hidden as possible. Once it reads with all hidden, each stands there once, so few they are.
func (s *shape) parse() (*Certificate, error) {
	if cert, err := smx509.ParseCertificate(s.whole); err == nil {
		return cert, nil
	}
	for _, oid := range s.informing {
		hide(oid)
	}
	cert, err := smx509.ParseCertificate(s.whole)
	if err != nil {
		return nil, err
	}
	hidden := make(map[string]asn1.ObjectIdentifier)
	for _, oid := range s.informing {
		known := readOID(show(oid))
		if better, err := smx509.ParseCertificate(s.whole); err == nil {
			cert = better
		} else {
			hidden[readOID(hide(oid)).String()] = known
		}
	}
	for i, e := range cert.Extensions {
		if known := hidden[e.Id.String()]; known != nil {
			cert.Extensions[i].Id = known
		}
	}
	for i, id := range cert.UnhandledCriticalExtensions {
		if known := hidden[id.String()]; known != nil {
			cert.UnhandledCriticalExtensions[i] = known
		}
	}
	return cert, nil
}

// hide turns the OID of an extension into one that nobody knows, 2.5 into 2.6 and 1.3 into 1.4; two that become one are refused as repeated.
func hide(oid []byte) []byte { oid[0]++; return oid }

func show(oid []byte) []byte { oid[0]--; return oid }

// readOID returns an OID from its content; nil where that is malformed.
func readOID(content []byte) (id asn1.ObjectIdentifier) {
	element := cryptobyte.String(append([]byte{byte(cbasn1.OBJECT_IDENTIFIER), byte(len(content))}, content...)) // those above are short
	element.ReadASN1ObjectIdentifier(&id)
	return id
}

// errName is returned for a name that is no SEQUENCE of SETs of pairs.
var errName = errors.New("gm: malformed name")

// eachValue hands over the type and the whole value of each attribute of a Name.
func eachValue(name cryptobyte.String, visit func(set int, id asn1.ObjectIdentifier, value []byte)) error {
	if !name.ReadASN1(&name, cbasn1.SEQUENCE) {
		return errName
	}
	for n := 0; !name.Empty(); n++ {
		var set cryptobyte.String
		if !name.ReadASN1(&set, cbasn1.SET) {
			return errName
		}
		for !set.Empty() {
			var pair, value cryptobyte.String
			var id asn1.ObjectIdentifier
			var tag cbasn1.Tag
			if !set.ReadASN1(&pair, cbasn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&id) || !pair.ReadAnyASN1Element(&value, &tag) {
				return errName
			}
			visit(n, id, value)
		}
	}
	return nil
}

func readName(der []byte) (name pkix.Name, err error) {
	var list pkix.RDNSequence
	err = eachValue(der, func(set int, id asn1.ObjectIdentifier, value []byte) {
		for len(list) <= set { // a SET may be empty
			list = append(list, nil)
		}
		list[set] = append(list[set], pkix.AttributeTypeAndValue{Type: id, Value: nameText(value)})
	})
	name.FillFromRDNSequence(&list)
	return name, err
}

// nameText reads the value of an attribute: UTF-8 whatever the string type says, else Latin-1; a type that is no string as RFC 4514 2.4 writes it.
func nameText(element cryptobyte.String) string {
	var text cryptobyte.String
	var tag cbasn1.Tag
	whole := element
	if !element.ReadAnyASN1(&text, &tag) {
		return ""
	}
	switch tag {
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, asn1.TagNumericString, visibleString:
		if utf8.Valid(text) {
			return string(text)
		}
	case asn1.TagBMPString:
		if len(text)%2 == 0 {
			return utf16Text(text)
		}
	case cbasn1.T61String:
	default:
		return "#" + hex.EncodeToString(whole)
	}
	out := make([]byte, 0, 2*len(text))
	for _, b := range text {
		out = utf8.AppendRune(out, rune(b))
	}
	return string(out)
}

const visibleString cbasn1.Tag = 26

// utf16Text reads big-endian UTF-16, so also the characters a BMPString has no room for, without a terminator.
func utf16Text(text []byte) string {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
	}
	if n := len(units); n > 0 && units[n-1] == 0 {
		units = units[:n-1]
	}
	return string(utf16.Decode(units))
}
