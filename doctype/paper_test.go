package doctype

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/layout"
	"yinxin/license"
	licenseface "yinxin/license/face"
	"yinxin/testdata"
)

var errPaper = errors.New("the page is torn")

// paper is a document as its contents alone.
type paper struct {
	pages   []document.PageText
	carried map[string]string // data by name
	fails   error             // of every page
}

func (p *paper) Pages() ([]document.Page, error) { return make([]document.Page, len(p.pages)), nil }

func (p *paper) Signatures() ([]document.Signature, error) { return nil, nil }

func (p *paper) Prepare(document.Request) (document.Draft, error) { return nil, errors.New("paper") }

func (p *paper) Text(_ context.Context, page int) (document.PageText, error) {
	return p.pages[page-1], p.fails
}

func (p *paper) Carried() ([]document.Carried, error) {
	var list []document.Carried
	for name, data := range p.carried {
		list = append(list, document.Carried{Name: name, Path: name, As: document.Attachment, Size: int64(len(data))})
	}
	return list, nil
}

func (p *paper) Read(c document.Carried, most int64) ([]byte, error) {
	data := p.carried[c.Path]
	if int64(len(data)) > most {
		return nil, errors.New("too long")
	}
	return []byte(data), nil
}

func (p *paper) Labels() ([]document.Label, error) { return nil, nil }

// sheetOfLines sets lines one below the other. # makes a title, | parts columns, an empty line is a gap.
func sheetOfLines(lines ...string) document.PageText {
	var page document.PageText
	for i, l := range lines {
		size := 4.2
		if rest, title := strings.CutPrefix(l, "# "); title {
			l, size = rest, 8
		}
		columns := strings.Split(l, "|")
		for k, text := range columns {
			text = strings.Trim(text, " ")
			if text == "" {
				continue
			}
			width := float64(len([]rune(text))) * size
			page.Runs = append(page.Runs, document.Run{Text: text, X: 25 + float64(k)*160/float64(len(columns)), Y: 30 + 8*float64(i) - size, Width: width, Height: size})
		}
	}
	return page
}

func written(lines ...string) *paper {
	return &paper{pages: []document.PageText{sheetOfLines(lines...)}}
}

// printed is a laid-out document as its contents.
func laidOut(d layout.Document) *paper {
	p := &paper{carried: map[string]string{}}
	fonts := font.Stack{font.Default()}
	for _, page := range d.Pages {
		var text document.PageText
		for _, item := range page.Items {
			t, ok := item.(layout.Text)
			if !ok {
				text.Drawn = true
				continue
			}
			em := t.Size * layout.MM
			width := layout.Width(fonts, t.String, t.Size) + t.Spacing*float64(len([]rune(t.String))-1)
			x := t.X
			switch t.Align {
			case layout.Centre:
				x -= width / 2
			case layout.Right:
				x -= width
			}
			text.Runs = append(text.Runs, document.Run{Text: t.String, X: x, Y: t.Y - 0.88*em, Width: width, Height: em})
		}
		p.pages = append(p.pages, text)
	}
	for _, a := range d.Attached {
		p.carried[a.Name] = string(a.Data)
	}
	return p
}

// The bodies of the tests, and who signs for them.
const (
	officeName = "示例市登记管理局"
	officeUSCC = "11990000MB0000019F"
	firstName  = "云杉示例科技有限公司"
	firstUSCC  = "91990000MA0000015Q"
	secondName = "远山示例制造有限公司"
	secondUSCC = "91990000MA0000023K"
	thirdName  = "平湖示例贸易有限公司"
	thirdUSCC  = "91990000MA0000031E"
)

func signedBy(name, uscc string) Signer {
	return Signer{ID: name, Name: name, Organization: name, USCC: uscc, Seal: true, SealName: name, SealType: 1, Intact: true, Trusted: true, Time: now()}
}

func sealedWith(s Signer, name string, number int) Signer {
	s.Name, s.SealName, s.SealType = name, name, number
	return s
}

func now() time.Time { return time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC) }

// licence is a licence's record and its face, before anything is spoilt.
func licence(t testing.TB, change func(*license.Type, *license.Order)) (license.Record, *paper) {
	t.Helper()
	kind, err := license.ParseType(testdata.LicenceType)
	if err != nil {
		t.Fatal(err)
	}
	o := license.Order{
		Issuer: license.Body{Name: officeName, USCC: officeUSCC}, Holder: license.Holder{Name: firstName, Code: firstUSCC, CodeType: license.HolderUSCC},
		Serial: "7K2M9Q4T8W3X5Z1A6C0E", Version: 1, Issued: "2026-03-18",
		Face: license.Face{Values: map[string]string{
			"name": firstName, "uscc": firstUSCC, "type": "有限责任公司", "legalRepresentative": "林一示", "founded": "2021-05-07",
			"domicile": "示例市示例区样本路 100 号", "registrar": officeName, "approved": "2026-03-18",
			"scope": "软件开发；信息系统集成服务；仓储设备租赁服务；计算机及通讯设备销售；技术服务、技术开发、技术咨询、技术转让。",
		}, Gaps: map[string]string{"capital": "not-recorded"}},
	}
	if change != nil {
		change(&kind, &o)
	}
	r, _, err := kind.Record(o)
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := licenseface.Describe(r, kind, licenseface.Options{Fonts: font.Stack{font.Default()}, Specimen: true})
	if err != nil {
		t.Fatal(err)
	}
	return r, laidOut(d)
}

func read(t testing.TB, p *paper, told Type) Facts {
	t.Helper()
	f, err := Read(t.Context(), p, told)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// codesOf lists what Check finds as "level code field", without what only informs.
func codesOf(f Facts, signers []Signer, at time.Time) []string {
	var list []string
	for _, x := range Check(&f, signers, at) {
		if x.Level != Inform {
			list = append(list, strings.TrimSpace(string(x.Level)+" "+x.Code+" "+string(x.Field)))
		}
	}
	return list
}
