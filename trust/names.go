package trust

import (
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var (
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidEmailAddress   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	oidSMTPUTF8       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 9} // RFC 9598 3
)

// Kinds of GeneralName (RFC 5280 4.2.1.6), by tag number. The others are known by number alone and never compared.
const (
	nameOther     = 0
	nameEmail     = 1
	nameDNS       = 2
	nameX400      = 3
	nameDirectory = 4
	nameEDI       = 5
	nameURI       = 6
	nameIP        = 7
)

// maxNames bounds the names of a certificate and the subtrees of a constraint: each is compared with each.
const maxNames = 256

// generalName is one GeneralName: its kind and contents; for a directory name the contents are the DER Name.
type generalName struct {
	kind   int
	value  []byte
	parts  []string // of a directory name, relative names as comparable text
	opaque bool     // of this kind, but in a form that cannot be compared
}

// readName reads one GeneralName.
func readName(in *cryptobyte.String, list *[]generalName) bool {
	var body cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&body, &tag) {
		return false
	}
	n := generalName{kind: int(tag & 0x1f), value: body}
	constructed := n.kind == nameOther || n.kind == nameX400 || n.kind == nameDirectory || n.kind == nameEDI
	want := cbasn1.Tag(n.kind).ContextSpecific()
	if constructed {
		want = want.Constructed()
	}
	if tag != want || n.kind > 8 {
		return false
	}
	if n.kind == nameDirectory {
		var ok bool
		n.parts, ok = relativeNames(body)
		n.opaque = !ok
	}
	*list = append(*list, n)
	return true
}

// namesOf lists what constraints apply to: the subject, the alternative names, and e-mail addresses in either.
func namesOf(cert *gm.Certificate) (names []generalName, ok bool) {
	if value := cryptobyte.String(extension(cert, oidSubjectAltName)); value != nil {
		var in cryptobyte.String
		if !value.ReadASN1(&in, cbasn1.SEQUENCE) || !value.Empty() {
			return nil, false
		}
		for !in.Empty() {
			if !readName(&in, &names) || len(names) > maxNames {
				return nil, false
			}
			if n := names[len(names)-1]; n.kind == nameOther && isMailbox(n.value) {
				names = append(names, generalName{kind: nameEmail, opaque: true})
			}
		}
	}
	if len(cert.Subject.Names) > 0 {
		parts, ok := relativeNames(cert.RawSubject)
		names = append(names, generalName{kind: nameDirectory, value: cert.RawSubject, parts: parts, opaque: !ok})
	}
	for _, a := range cert.Subject.Names {
		if a.Type.Equal(oidEmailAddress) {
			s, isText := a.Value.(string)
			names = append(names, generalName{kind: nameEmail, value: []byte(s), opaque: !isText})
		}
	}
	return names, len(names) <= 2*maxNames
}

// isMailbox reports an otherName that is a mailbox with characters beyond ASCII, to which constraints on mailboxes apply (RFC 9598 6).
func isMailbox(other cryptobyte.String) bool {
	var oid asn1.ObjectIdentifier
	return other.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidSMTPUTF8)
}

// nameKey is a DER Name as text that is the same for names that RFC 5280 7.1 calls the same. A malformed name is only the same as itself.
func nameKey(der []byte) string {
	parts, ok := relativeNames(der)
	if !ok {
		return "\x00" + string(der)
	}
	return strings.Join(parts, "\x00")
}

// relativeNames returns the relative distinguished names of a DER Name as comparable text: types and values, text folded in case and inner space,
// whatever string type carries it (RFC 5280 7.1, without Unicode normalisation).
func relativeNames(der cryptobyte.String) (out []string, ok bool) {
	var in cryptobyte.String
	if !der.ReadASN1(&in, cbasn1.SEQUENCE) || !der.Empty() {
		return nil, false
	}
	for !in.Empty() {
		var set cryptobyte.String
		if !in.ReadASN1(&set, cbasn1.SET) {
			return nil, false
		}
		part, ok := relativeName(set)
		if !ok {
			return nil, false
		}
		out = append(out, part)
	}
	return out, true
}

// relativeName returns the contents of one RelativeDistinguishedName as comparable text. Each part says its length, so that no text can look like two.
func relativeName(set cryptobyte.String) (string, bool) {
	var pairs []string
	for !set.Empty() {
		var pair, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var tag cbasn1.Tag
		if !set.ReadASN1(&pair, cbasn1.SEQUENCE) {
			return "", false
		}
		raw := string(pair)
		if !pair.ReadASN1ObjectIdentifier(&oid) {
			return "", false
		}
		kind := raw[:len(raw)-len(pair)]
		if !pair.ReadAnyASN1(&value, &tag) {
			return "", false
		}
		if text, isText := decodeText(tag, value); isText {
			text = strings.ToLower(singleSpaced(text))
			pairs = append(pairs, kind+"="+strconv.Itoa(len(text))+":"+text)
		} else {
			pairs = append(pairs, kind+"#"+strconv.Itoa(int(tag))+"."+strconv.Itoa(len(value))+":"+string(value))
		}
	}
	slices.Sort(pairs) // DER orders them by encoding, which depends on the string types
	return strings.Join(pairs, "+"), true
}

// singleSpaced has one space where text has white space, and none at its ends.
func singleSpaced(text string) string {
	before := ' '
	for _, r := range text {
		if unicode.IsSpace(r) && (r != ' ' || before == ' ') {
			return strings.Join(strings.Fields(text), " ")
		}
		before = r
	}
	return strings.TrimSuffix(text, " ")
}

// Tags of string types that cryptobyte has no name for.
const (
	tagNumericString   = cbasn1.Tag(18)
	tagVisibleString   = cbasn1.Tag(26)
	tagUniversalString = cbasn1.Tag(28)
	tagBMPString       = cbasn1.Tag(30)
)

// decodeText returns the text of a directory string of any type, so that a name in another type is still the same name.
func decodeText(tag cbasn1.Tag, value []byte) (string, bool) {
	switch tag {
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, cbasn1.T61String, tagNumericString, tagVisibleString:
		if utf8.Valid(value) {
			return string(value), true
		}
		latin := make([]rune, len(value)) // what T61 is used for
		for i, b := range value {
			latin[i] = rune(b)
		}
		return string(latin), true
	case tagBMPString:
		if len(value)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(value)/2)
		for i := range units {
			units[i] = uint16(value[2*i])<<8 | uint16(value[2*i+1])
		}
		return string(utf16.Decode(units)), true
	case tagUniversalString:
		if len(value)%4 != 0 {
			return "", false
		}
		runes := make([]rune, len(value)/4)
		for i := range runes {
			runes[i] = rune(uint32(value[4*i])<<24 | uint32(value[4*i+1])<<16 | uint32(value[4*i+2])<<8 | uint32(value[4*i+3]))
		}
		return string(runes), true
	}
	return "", false
}

func extension(cert *gm.Certificate, oid asn1.ObjectIdentifier) []byte {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oid) {
			return e.Value
		}
	}
	return nil
}

func hasExtension(cert *gm.Certificate, oid asn1.ObjectIdentifier) bool {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oid) {
			return true
		}
	}
	return false
}
