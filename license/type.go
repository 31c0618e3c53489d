// Package license holds what a licence (证照) is: the type it is issued under, the data on its face, and the record that keeps both.
//
// A licence type is data, not code: a YAML file names the body that defines it, the fields of the face with their kinds, grades and the reasons
// for which one may be absent, how long licences run, which seals go with them and where the QR code leads (ParseType). A Type turns an Order into
// a Record only when the face is complete or every gap has a reason the type allows; a refusal names every problem at once.
//
// Identifiers are shaped after public descriptions of GB/T 36904, the metadata of a Record after those of GB/T 36903.
package license

import (
	"strings"

	"yinxin/fault"
)

// Limits of a type. They bound what one file can cost and what one face can carry.
const (
	MaxFields  = 100
	MaxReasons = 50
	MaxSeals   = 20
	MaxValue   = 4000 // characters in one value
	MaxName    = 200  // characters in a name of a body, holder or licence type
)

// Words is one thing said in both languages.
type Words struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// Body is an organisation: its name and unified social credit code (GB 32100).
type Body struct {
	Name string `yaml:"name" json:"name"`
	USCC string `yaml:"uscc" json:"uscc"`
}

// Type is a licence type. The zero value is not usable; ParseType makes one.
type Type struct {
	Code      string   `yaml:"code"`      // 21 characters: the authority's USCC and three digits
	Version   int      `yaml:"version"`   // of this description, from 1
	Name      Words    `yaml:"name"`      // e.g. 示例企业登记证照
	Authority Body     `yaml:"authority"` // the body that defines the type; licences may be issued by others
	Layout    string   `yaml:"layout"`    // names the description of the face, e.g. landscape
	Validity  Validity `yaml:"validity"`
	QR        string   `yaml:"qr"` // https address that a licence's identifier is appended to
	Reasons   []Reason `yaml:"reasons"`
	Fields    []Field  `yaml:"fields"`
	Seals     []Seal   `yaml:"seals"`
}

// ValidityKind says how the last day of a licence is found.
type ValidityKind string

// The kinds of validity.
const (
	ValidForever ValidityKind = "none"   // no last day
	ValidMonths  ValidityKind = "months" // a number of months from the day of issue
	ValidUntil   ValidityKind = "until"  // the date in a field of the face
)

// Validity says how long licences of a type run.
type Validity struct {
	Kind   ValidityKind `yaml:"kind"`
	Months int          `yaml:"months,omitempty"` // for ValidMonths: 1 to 1200
	Field  string       `yaml:"field,omitempty"`  // for ValidUntil: the key of a date field
}

// Reason is why a field may be absent.
type Reason struct {
	Code string `yaml:"code"` // lower case letters, digits and hyphens
	ZH   string `yaml:"zh"`
	EN   string `yaml:"en"`
}

// Kind says what a field's value is.
type Kind string

// The kinds of field. Every value is one string.
const (
	Text    Kind = "text"    // one line
	Address Kind = "address" // one line
	List    Kind = "list"    // one item a line
	Date    Kind = "date"    // 2006-01-02
	USCC    Kind = "uscc"    // 18 characters (GB 32100)
	Amount  Kind = "amount"  // money: 1234.00, or with an ISO 4217 code USD 1234.00; without one it is yuan renminbi
)

// Grade says who may see a field.
type Grade string

// The grades, from open to closed.
const (
	Public       Grade = "public"       // anyone, also on a public verification page
	Restricted   Grade = "restricted"   // those with a stated reason
	Confidential Grade = "confidential" // issuer and holder
)

var gradeRank = map[Grade]int{Public: 1, Restricted: 2, Confidential: 3}

// Role says that a field repeats what the record holds; the two must agree.
type Role string

// The roles. A field may have none.
const (
	HolderName Role = "holder-name"
	HolderCode Role = "holder-code"
	IssuerName Role = "issuer-name"
	IssueDate  Role = "issue-date"
)

// Field is one field of the face.
type Field struct {
	Key      string   `yaml:"key"` // letters and digits, starting with a lower case letter
	Label    Words    `yaml:"label"`
	Kind     Kind     `yaml:"kind"`
	Required bool     `yaml:"required"`
	Grade    Grade    `yaml:"grade"`
	Max      int      `yaml:"max,omitempty"`    // characters; needed for text, address and list
	Role     Role     `yaml:"role,omitempty"`   // what of the record it repeats
	Absent   []string `yaml:"absent,omitempty"` // codes of the reasons for which a required field may be absent
}

// SealKind is the kind of a seal.
type SealKind string

// The kinds of seal.
const (
	AgencySeal    SealKind = "agency"               // the issuing body's own
	LegalNameSeal SealKind = "legal-name"           // 法定名称章
	FinanceSeal   SealKind = "finance"              // 财务专用章
	ContractSeal  SealKind = "contract"             // 合同专用章
	InvoiceSeal   SealKind = "invoice"              // 发票专用章
	PersonSeal    SealKind = "legal-representative" // 法定代表人名章
)

// Seal is a seal that goes with every licence of the type. Its name is a pattern: {issuer}, {holder} and {face.KEY} stand for the issuing body's
// name, the holder's name and a value of the face.
type Seal struct {
	Kind SealKind `yaml:"kind"`
	Name string   `yaml:"name"`
}

// Field returns the field with the key.
func (t Type) Field(key string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Key == key {
			return f, true
		}
	}
	return Field{}, false
}

// Reason returns the reason with the code.
func (t Type) Reason(code string) (Reason, bool) {
	for _, r := range t.Reasons {
		if r.Code == code {
			return r, true
		}
	}
	return Reason{}, false
}

// Problem is one thing wrong with a type, a face or an order.
type Problem struct {
	Where string // the field's key, or the path in the description: fields[3].kind
	Code  string // stable: lower case words joined by hyphens
	ZH    string
	EN    string
}

// Problems are all the things wrong at once; as an error it is the cause of a fault.Invalid.
type Problems []Problem

// Error lists the problems in English.
func (p Problems) Error() string {
	parts := make([]string, len(p))
	for i, q := range p {
		parts[i] = q.Where + ": " + q.EN
	}
	return strings.Join(parts, "; ")
}

// zh lists the problems in Chinese.
func (p Problems) zh() string {
	parts := make([]string, len(p))
	for i, q := range p {
		parts[i] = q.Where + "：" + q.ZH
	}
	return strings.Join(parts, "；")
}

func (p *Problems) add(where, code, zh, en string) {
	*p = append(*p, Problem{Where: where, Code: code, ZH: zh, EN: en})
}

// fault turns the problems into one error, nil where there are none. The sentences name every problem.
func (p Problems) fault(code, zh, en string) error {
	if len(p) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, code, zh+p.zh(), en+p.Error(), p)
}
