package codes

import (
	"fmt"
	"strconv"
	"strings"

	"yinxin/fault"
)

// LicenceRoot is the object identifier under which electronic licences are named (GB/T 36904-2018).
const LicenceRoot = "1.2.156.3005.2"

const (
	licenceTypeLength = usccLength + 3
	maxSerial         = 32  // characters of a licence's serial
	maxLicenceVersion = 999 // versions are three digits from 001
)

// LicenceType is the code of a licence type: the unified social credit code of the body that defines it, and three digits.
type LicenceType struct {
	Definer USCC
	Number  string // three digits
}

// ParseLicenceType reads the code of a licence type, 21 characters.
func ParseLicenceType(s string) (LicenceType, error) {
	t, err := normalise(KindLicenceType, s)
	if err != nil {
		return LicenceType{}, err
	}
	return t.licenceType()
}

func (t text) licenceType() (LicenceType, error) {
	if err := t.only(0, len(t.runes), usccAlphabet, usccZH, usccEN); err != nil {
		return LicenceType{}, err
	}
	if err := t.length(licenceTypeLength); err != nil {
		return LicenceType{}, err
	}
	if err := t.only(usccLength, licenceTypeLength, digits, "末三位是序号，只用数字", "the last three are a number, digits only"); err != nil {
		return LicenceType{}, err
	}
	number := string(t.runes[usccLength:])
	t.runes = t.runes[:usccLength]
	definer, err := t.uscc(usccLength)
	if err != nil {
		return LicenceType{}, err
	}
	return LicenceType{definer, number}, nil
}

// String returns the 21 characters.
func (t LicenceType) String() string { return t.Definer.String() + t.Number }

// LicenceID identifies one version of one electronic licence (GB/T 36904-2018): root . type . issuer . serial . version . check. The check
// character is ISO 7064 MOD 37,36 (GB/T 17710) over type, issuer, serial and version written together, without root and dots.
type LicenceID struct {
	Type    string // code of the licence type, 21 characters
	Issuer  string // unified social credit code of the issuer; older licences name a region of six digits
	Serial  string // 1 to 32 digits and capital letters
	Version int    // 1 to 999
	Check   byte   // check character as written; WantCheck computes it
}

// NewLicenceID makes the identifier of a licence and computes its check character.
func NewLicenceID(typeCode, issuer, serial string, version int) (LicenceID, error) {
	if version < 1 || version > maxLicenceVersion {
		return LicenceID{}, fault.New(fault.Invalid, "code-licence", fmt.Sprintf("证照版本号 %d 不可用：应在 1 至 %d 之间", version, maxLicenceVersion),
			fmt.Sprintf("licence version %d is not usable: it goes from 1 to %d", version, maxLicenceVersion), nil)
	}
	var parts [3]string
	for i, s := range [...]string{typeCode, issuer, serial} {
		t, err := normalise(KindLicence, s)
		if err != nil {
			return LicenceID{}, err
		}
		if err := t.licencePart(i); err != nil {
			return LicenceID{}, err
		}
		parts[i] = t.String()
	}
	id := LicenceID{Type: parts[0], Issuer: parts[1], Serial: parts[2], Version: version}
	id.Check = id.WantCheck()
	return id, nil
}

// ParseLicenceID reads an identifier, with or without the root. Whether its check character matches is told by CheckOK and Warnings.
func ParseLicenceID(s string) (LicenceID, error) {
	t, err := normalise(KindLicence, s)
	if err != nil {
		return LicenceID{}, err
	}
	if root := []rune(LicenceRoot + "."); strings.HasPrefix(t.String(), string(root)) {
		t.runes, t.lead = t.runes[len(root):], t.lead+len(root)
	}
	parts := t.split('.')
	if len(parts) != 5 {
		return LicenceID{}, t.fail(0, fmt.Sprintf("去掉前缀 %s 后应有 5 段（类型、发证机构、流水号、版本、校验位），现有 %d 段", LicenceRoot, len(parts)),
			fmt.Sprintf("after the root %s there are five parts (type, issuer, serial, version, check), here %d", LicenceRoot, len(parts)))
	}
	for i, p := range parts {
		if err := p.licencePart(i); err != nil {
			return LicenceID{}, err
		}
	}
	version, err := strconv.Atoi(parts[3].String())
	if err != nil || version == 0 {
		return LicenceID{}, parts[3].fail(0, "版本号从 001 起", "versions start at 001")
	}
	return LicenceID{
		Type: parts[0].String(), Issuer: parts[1].String(), Serial: parts[2].String(), Version: version, Check: byte(parts[4].runes[0]),
	}, nil
}

// split cuts the text at every separator; each part knows where it stands in the whole.
func (t text) split(separator rune) []text {
	var parts []text
	from := 0
	for i := 0; i <= len(t.runes); i++ {
		if i == len(t.runes) || t.runes[i] == separator {
			parts = append(parts, text{kind: t.kind, given: t.given, runes: t.runes[from:i], lead: t.lead + from})
			from = i + 1
		}
	}
	return parts
}

// licencePart checks the form of part i: type, issuer, serial, version, check.
func (t text) licencePart(i int) error {
	switch i {
	case 0:
		_, err := t.licenceType()
		return err
	case 1:
		if len(t.runes) == regionLength {
			return t.only(0, regionLength, digits, "发证机构写作行政区划时只用数字", "an issuer given as a region is digits only")
		}
		_, err := t.uscc(usccLength)
		return err
	case 2:
		if len(t.runes) < 1 || len(t.runes) > maxSerial {
			return t.fail(0, fmt.Sprintf("流水号有 %d 个字符，应为 1 至 %d 个", len(t.runes), maxSerial),
				fmt.Sprintf("the serial has %d characters, 1 to %d are allowed", len(t.runes), maxSerial))
		}
		return t.only(0, len(t.runes), alphanumeric, "流水号只用数字和大写字母", "a serial is digits and capital letters")
	case 3:
		if err := t.only(0, len(t.runes), digits, "版本号只用数字", "the version is digits only"); err != nil {
			return err
		}
		return t.length(3)
	}
	if err := t.only(0, len(t.runes), alphanumeric, "校验位只用数字和大写字母", "the check character is a digit or a capital letter"); err != nil {
		return err
	}
	return t.length(1)
}

// String returns the whole identifier with its root.
func (id LicenceID) String() string {
	if id == (LicenceID{}) {
		return ""
	}
	return LicenceRoot + "." + id.Short()
}

// Short returns the identifier without its root, as used in file names.
func (id LicenceID) Short() string {
	if id == (LicenceID{}) {
		return ""
	}
	return fmt.Sprintf("%s.%s.%s.%03d.%c", id.Type, id.Issuer, id.Serial, id.Version, id.Check)
}

// WantCheck is the check character that the parts give, 0 where a part holds a character that no identifier has.
func (id LicenceID) WantCheck() byte {
	return mod3736(id.Type + id.Issuer + id.Serial + fmt.Sprintf("%03d", id.Version))
}

// CheckOK reports whether the check character is the one that the parts give.
func (id LicenceID) CheckOK() bool { return id.Check != 0 && id.Check == id.WantCheck() }

// Next is the identifier of the licence's next version.
func (id LicenceID) Next() (LicenceID, error) {
	return NewLicenceID(id.Type, id.Issuer, id.Serial, id.Version+1)
}

// Warnings lists the check characters that do not match: of the identifier, and of the bodies it names.
func (id LicenceID) Warnings() []fault.Public {
	if id == (LicenceID{}) {
		return nil
	}
	var list []fault.Public
	if !id.CheckOK() {
		list = append(list, fault.Public{
			Code: "licence-check",
			ZH:   fmt.Sprintf("电子证照标识 %s 的校验位为 %c，按各段应为 %c：请核对是否抄错", id.Short(), id.Check, id.WantCheck()),
			EN:   fmt.Sprintf("licence identifier %s ends in %c, its parts give %c: look for a slip", id.Short(), id.Check, id.WantCheck()),
		})
	}
	if t, err := ParseLicenceType(id.Type); err == nil {
		list = append(list, t.Definer.Warnings()...)
	}
	if u, err := ParseUSCC(id.Issuer); err == nil && !strings.HasPrefix(id.Type, id.Issuer) {
		list = append(list, u.Warnings()...)
	}
	return list
}

// MarshalText returns the whole identifier, empty for the zero value.
func (id LicenceID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads an identifier; empty text gives the zero value.
func (id *LicenceID) UnmarshalText(b []byte) (err error) {
	if *id = (LicenceID{}); len(b) == 0 {
		return nil
	}
	*id, err = ParseLicenceID(string(b))
	return err
}

// mod3736 is the check character of ISO 7064 MOD 37,36 (GB/T 17710), 0 where s holds other characters than digits and capital letters. It finds
// every single wrong character, and all but one in 630 exchanges of neighbours (those that pass have neighbouring values, as M and N).
func mod3736(s string) byte {
	p := 36
	for i := range len(s) {
		v := value36(s[i])
		if v < 0 {
			return 0
		}
		m := (p + v) % 36
		if m == 0 {
			m = 36
		}
		p = 2 * m % 37
	}
	return alphanumeric[(37-p)%36]
}
