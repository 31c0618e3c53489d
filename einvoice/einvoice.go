// Package einvoice reads the data of Chinese electronic invoices (电子发票) and checks what can be checked without asking anyone.
//
// An invoice file states the same facts several times: as data (original_invoice.xml in the OFD form of the older value-added-tax invoice, or the
// XML form of the fully digital invoice 数电票), on its face (text that the OFD's custom tags point to), and as labelled entries of the
// container (CustomDatas in OFD.xml). Each becomes an Invoice of the same shape, by Parse, ParseTags and FromLabels:
//
//	found, err := einvoice.Parse("Doc_0/Attachs/original_invoice.xml", data)
//	for _, f := range einvoice.Check(&found[0], time.Now()) { … }         // do its parts agree with each other?
//	for _, f := range einvoice.Compare(&found[0], &face) { … }            // does the face say the same?
//
// Nothing is guessed. A Field keeps what was written, where it stood and whether it was understood; a field that is given twice, or in a form
// that could be read in two ways, has no value. Amounts are whole fen, quantities and prices exact decimals; floating point has no part in it.
//
// The rules are data (Rules): shapes of codes and numbers, check characters, dates, and above all addition: lines to net and tax, net and tax to
// the total, the total in Chinese capitals to the total in figures. They say whether the file contradicts itself. Who sealed it and whether it was
// changed is for a signature to say; whether it was issued and not voided is the tax authority's to answer, and a finding says so every time.
//
// The forms are shaped after public descriptions and two test files of the older form. No real file of the digital form was at hand, so its
// invoices are marked Untested.
package einvoice

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Kind is the sort of invoice.
type Kind string

// The kinds.
const (
	VAT     Kind = "vat"     // 增值税电子发票: code of 10 or 12 digits, number of 8, check code of 20
	Digital Kind = "digital" // 数电票: number of 20 digits, neither code nor check code
	Unnamed Kind = ""        // the source does not say: custom tags, labelled entries
)

// Source is what sort of place an invoice was read from.
type Source string

// The sources.
const (
	Data  Source = "data"   // made for programs
	Face  Source = "face"   // texts of the pages, which tags name one by one
	Words Source = "words"  // texts of the pages, told by what stands beside them
	Entry Source = "labels" // entries of the container
)

// names are what people call the source; in English with where that is.
func (s Source) names() (zh, en string) {
	switch s {
	case Face:
		return "票面", "on the face"
	case Words:
		return "页面文字", "in the words of the page"
	case Entry:
		return "文件属性", "in the file's properties"
	}
	return "发票数据", "in the data"
}

// Invoice is what one source says of one invoice.
type Invoice struct {
	Kind     Kind   `json:"kind,omitempty"`
	Part     string `json:"part"`               // the file or part it was read from
	Source   Source `json:"source"`             // what sort of part that is
	Untested bool   `json:"untested,omitempty"` // read after descriptions alone, no real file was ever tried

	Type      Field[string] `json:"type"` // as the source words or numbers it
	Code      Field[string] `json:"code"`
	Number    Field[string] `json:"number"`
	Date      Field[Date]   `json:"date"`
	CheckCode Field[string] `json:"check_code"` // without the spaces it is printed with
	Machine   Field[string] `json:"machine"`

	Seller Party  `json:"seller"`
	Buyer  Party  `json:"buyer"`
	Items  []Item `json:"items,omitempty"`

	Net      Field[Amount] `json:"net"`      // 合计金额, without tax
	Tax      Field[Amount] `json:"tax"`      // 合计税额
	Total    Field[Amount] `json:"total"`    // 价税合计（小写）
	Capitals Field[Amount] `json:"capitals"` // 价税合计（大写）

	Clerk     Field[string] `json:"clerk"` // 开票人
	Payee     Field[string] `json:"payee"` // 收款人
	Checker   Field[string] `json:"checker"`
	Authority Field[string] `json:"authority"` // tax authority named by the data
	Note      Field[string] `json:"note"`
	Graph     Field[string] `json:"graph"` // what the two-dimensional code holds, where the data repeats it

	// Signatures are the elements of its file that hold a signature, of whatever kind. None is read here, let alone judged.
	Signatures []Place `json:"signatures,omitempty"`
}

// Party is the seller or the buyer.
type Party struct {
	Name  Field[string] `json:"name"`
	TaxID Field[string] `json:"tax_id"` // unified social credit code, or an older taxpayer number
}

// Item is one line of goods or services.
type Item struct {
	Name     Field[string]  `json:"name"`
	Spec     Field[string]  `json:"spec"`
	Unit     Field[string]  `json:"unit"`
	Quantity Field[Decimal] `json:"quantity"`
	Price    Field[Decimal] `json:"price"` // of one unit, without tax
	Amount   Field[Amount]  `json:"amount"`
	Rate     Field[string]  `json:"rate"` // 6%, 0.06, 免税
	Tax      Field[Amount]  `json:"tax"`
}

// Field is one value: what it means, what was written, and where.
type Field[T comparable] struct {
	Value T      `json:"value"` // the zero value unless State is Given
	Raw   string `json:"raw,omitempty"`
	From  Place  `json:"from,omitzero"`
	State State  `json:"state"`
}

// Given reports whether the field has a value.
func (f Field[T]) Given() bool { return f.State == Given }

// Place says where a value stood.
type Place struct {
	Part   string `json:"part"`
	Path   string `json:"path"`             // local names from the root; lines are counted from 1
	Offset int64  `json:"offset,omitempty"` // of the element in the part, in bytes
}

// State says how far a field could be read.
type State uint8

// The states.
const (
	Missing    State = iota // the source has no such field
	Empty                   // it has, with nothing in it
	Repeated                // it has several, and which one counts is not said
	Unreadable              // something is written that has no single meaning, or that is not text
	Given                   // understood
)

// String names the state.
func (s State) String() string {
	switch s {
	case Missing:
		return "missing"
	case Empty:
		return "empty"
	case Repeated:
		return "repeated"
	case Unreadable:
		return "unreadable"
	case Given:
		return "given"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText returns the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(text []byte) error {
	for known := Missing; known <= Given; known++ {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("einvoice: unknown state %.20q", text)
}

// Date is a day, without a time zone: as printed.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Time is the beginning of the day in China.
func (d Date) Time() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.FixedZone("CST", 8*60*60))
}

// String writes the day as 2006-01-02, and nothing for the zero value.
func (d Date) String() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes the day as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(text))
	*d = Date{t.Year(), t.Month(), t.Day()}
	return err
}

// dateForms are the ways in which invoices write a day; each has one meaning. A time of day behind it is passed over.
var dateForms = [...]string{"2006年1月2日", "2006-1-2", "2006/1/2", "20060102"}

// ParseDate reads 2020年08月05日, 2020-08-05, 2020/8/5 or 20200805, with full-width digits and spaces put right; a time of day may follow.
func ParseDate(s string) (Date, bool) {
	s = strings.TrimSpace(narrow(s))
	day, clock, timed := strings.Cut(strings.Replace(s, "T", " ", 1), " ")
	if timed && len(clock) > 0 && clock[0] >= '0' && clock[0] <= '9' && strings.Contains(clock, ":") {
		s = day
	}
	s = compact(s)
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 0 {
			return Date{t.Year(), t.Month(), t.Day()}, true
		}
	}
	return Date{}, false
}

// narrow turns full-width letters, digits and signs into their usual forms.
func narrow(s string) string {
	if !strings.ContainsFunc(s, wide) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000' || r == '\u00a0':
			return ' '
		case r == '￥':
			return '¥'
		case r == '−':
			return '-'
		}
		return r
	}, s)
}

// wide reports the characters that narrow changes.
func wide(r rune) bool {
	return r >= '！' && r <= '～' || r == '\u3000' || r == '\u00a0' || r == '￥' || r == '−'
}

// compact narrows a text and takes its spaces out, as codes and names are compared.
func compact(s string) string {
	if s = narrow(s); !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// digits reports whether s is n decimal digits.
func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// excerpt is the beginning of a text, for sentences.
func excerpt(s string) string {
	runes := []rune(s[:min(len(s), 400)])
	if len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return cmp.Or(string(runes), "–")
}
