package seal

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The vocabularies in which a seal's type number is read. In v4 and v5 the number is left to whoever makes seals, so it says nothing until the
// vocabulary is known; the seal does not name it.
const (
	VocabularyNational = "national"       // seal types of the national e-government seal interface, see TypeName
	VocabularyPolice   = "GA 241.2"       // seal type codes under which public security files physical seals
	VocabularyDevice   = "USB-key"        // seal types of the interface of USB tokens that hold seals
	Vocabulary2014     = "GM/T 0031-2014" // v1: a unit's or a person's
)

// TypeReading is what a type number means in one vocabulary.
type TypeReading struct {
	Vocabulary string
	ZH, EN     string
}

// TypeReadings returns what Property.Type number t can mean in a seal of generation v, the likeliest vocabulary first. A vocabulary that has no such
// number is left out, so the answer may be empty.
func TypeReadings(v Version, t int) []TypeReading {
	if v == V1 {
		return readings(t, vocabulary{Vocabulary2014, map[int][2]string{1: {"单位印章", "a unit's seal"}, 2: {"个人印章", "a person's seal"}}})
	}
	var out []TypeReading
	switch t {
	case TypePersonal, TypeLegal, TypeFinance, TypeInvoice, TypeContract, TypeLegalRep, TypeBusiness, TypeOther:
		zh, en := TypeName(t)
		out = append(out, TypeReading{VocabularyNational, zh, en})
	}
	return append(out, readings(t,
		vocabulary{VocabularyPolice, map[int][2]string{
			1: {"单位专用章", "unit seal"}, 2: {"财务专用章", "finance seal"}, 3: {"税务专用章", "tax seal"}, 4: {"合同专用章", "contract seal"},
			5: {"法定代表人名章", "legal representative's name seal"}, 99: {"其他", "other"},
		}},
		vocabulary{VocabularyDevice, map[int][2]string{
			1: {"法定名称章", "legal name seal"}, 2: {"财务章", "finance seal"}, 3: {"发票章", "invoice seal"}, 4: {"合同章", "contract seal"},
			5: {"电子名章", "electronic name seal"}, 11: {"业务专用章", "business seal"},
		}})...)
}

type vocabulary struct {
	name  string
	words map[int][2]string
}

func readings(t int, from ...vocabulary) []TypeReading {
	var out []TypeReading
	for _, v := range from {
		if w, ok := v.words[t]; ok {
			out = append(out, TypeReading{v.name, w[0], w[1]})
		}
	}
	return out
}

// The extensions of seals whose meaning is known. All three lie below one arc and are met in the seals of government makers.
var (
	oidMakerInfo    = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 1}
	oidMinorityName = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 2}
	oidEnglishName  = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 3}
)

// ExtensionName returns what an extension holds, in both languages; ok is false where that is not known.
func ExtensionName(oid asn1.ObjectIdentifier) (zh, en string, ok bool) {
	switch {
	case oid.Equal(oidMakerInfo):
		return "制章者信息", "maker information", true
	case oid.Equal(oidMinorityName):
		return "少数民族文字名称", "name in a minority language", true
	case oid.Equal(oidEnglishName):
		return "英文名称", "English name", true
	}
	return "", "", false
}

// IsName reports whether the extension is a further name of the seal, which speaks of the seal alone and stays true whoever makes it.
func (x Extension) IsName() bool { return x.OID.Equal(oidMinorityName) || x.OID.Equal(oidEnglishName) }

// Text returns the value of an extension that is one DER string, or plain characters, and "" where it is neither.
func (x Extension) Text() string {
	in := cryptobyte.String(x.Value)
	var body cryptobyte.String
	var tag cbasn1.Tag
	if in.ReadAnyASN1(&body, &tag) && in.Empty() {
		switch tag {
		case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String:
			if validText(byte(tag), string(body)) {
				return string(body)
			}
		}
		return ""
	}
	for _, c := range x.Value {
		if c < 0x20 || c == 0x7f {
			return ""
		}
	}
	if !validText(tagUTF8String, string(x.Value)) {
		return ""
	}
	return string(x.Value)
}

// IsSignature reports whether bytes begin as an SES_Signature does and an SESeal does not: the first thing inside is a version number, not a header. It
// decides which of ParseSignature and Parse to ask, and so whose error to show; bytes that are neither answer either way.
func IsSignature(der []byte) bool {
	in := cryptobyte.String(der)
	// The lengths are not followed, so that a file cut short is still told apart.
	for range 2 {
		if !skipHead(&in, tagSequence) {
			return false
		}
	}
	return len(in) > 0 && in[0] == tagInteger
}

// skipHead steps over the tag and length octets of an element, into its body.
func skipHead(in *cryptobyte.String, tag byte) bool {
	if len(*in) < 2 || (*in)[0] != tag {
		return false
	}
	octets := 0
	if (*in)[1] >= 0x80 {
		octets = int((*in)[1] & 0x7f)
	}
	return in.Skip(2 + octets)
}
