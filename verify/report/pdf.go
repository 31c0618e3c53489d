package report

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"yinxin/gm"
	"yinxin/layout"
	"yinxin/trust"
	"yinxin/verify"
)

// Options say what a printed report needs to know besides the judgement.
type Options struct {
	Lang    string         // "zh" or "en"
	Fonts   layout.Fonts   // characters that none of them draws are printed by their numbers
	Made    time.Time      // when the report is made
	Size    int64          // of the file, bytes
	SM3     string         // of the file, hex; empty where it could not be read
	Anchors []trust.Anchor // who was trusted; none: nobody
	Online  bool           // evidence was looked for over the network
}

// Bounds of a printed report. What they leave out is counted on its pages; the attached JSON has it.
const (
	maxCards    = 40      // signatures shown one by one, the worst first
	maxListed   = 12      // signatures on the first page
	maxFindings = 24000   // bytes of the findings of one signature
	maxAnchors  = 8       // anchors named
	maxPlaces   = 8       // places of one signature
	maxAttached = 8 << 20 // bytes of the attached JSON
)

// AttachedName is the name of the file inside a printed report that holds the same report for programs.
const AttachedName = "verification.json"

// Attached is that file: what yinxin verify --json says, and what was known of the file and of the trust.
type Attached struct {
	File
	Language string    `json:"language"` // of the messages
	Made     time.Time `json:"made"`
	Size     int64     `json:"size"` // bytes
	SM3      string    `json:"sm3,omitempty"`
	Online   bool      `json:"online"`
	Anchors  []Trusted `json:"anchors"`
}

// Trusted is one anchor that was trusted.
type Trusted struct {
	Use   trust.Use   `json:"use"`
	Name  string      `json:"name"`
	Class trust.Class `json:"class"`
	SM3   string      `json:"sm3"` // fingerprint of its certificate
}

// PDF writes a report as pages to print and to keep: the verdict, the file and the trust on the first page, then each signature with the picture of its
// seal and everything that was found, then what was not checked. The JSON is attached. Equal reports and options give equal bytes.
//
// The errors are those of layout.WritePDF.
func PDF(w io.Writer, r verify.Report, o Options) error {
	doc, err := Describe(r, o)
	if err != nil {
		return err
	}
	return layout.WritePDF(w, doc, o.Fonts)
}

// Describe lays a report out as PDF writes it.
func Describe(r verify.Report, o Options) (layout.Document, error) {
	p := printed{
		sheet: sheet{tongue: tongue(o.Lang), fonts: o.Fonts}, Report: r, Options: o, anchors: Anchors(o.Anchors),
		gallery: newGallery(),
		cards:   worst(len(r.Signatures), maxCards, func(i int) int { return weight(r.Signatures[i].Verdict) }),
	}
	attached, err := p.attached()
	if err != nil {
		return layout.Document{}, err
	}
	p.whole = attached != nil
	p.newPage()
	p.cover()
	if r.Document != nil {
		p.document(r.Document)
	}
	for _, i := range p.cards {
		p.card(i)
	}
	p.leftOut()
	p.unchecked()
	p.legend()
	title := p.say("电子签章核验报告", "Verification report")
	p.frame(title, p.digestLine(), p.say("报告生成于 ", "Report made ")+p.in(verify.Moment(o.Made)))
	doc := layout.Document{
		Title: title + " " + p.fit(filepath.Base(r.File)), Subject: p.digestLine(), Language: p.say("zh-CN", "en"), Created: o.Made.UTC(), Pages: p.pages,
	}
	if attached != nil {
		doc.Attached = []layout.Attachment{{Name: AttachedName, Description: title, MIME: "application/json", Data: attached}}
	}
	return doc, nil
}

// printed is a report being set on pages.
type printed struct {
	sheet
	verify.Report
	Options
	anchors []Trusted
	gallery gallery
	cards   []int // the signatures shown one by one
	whole   bool  // the JSON is attached

	explained bool // the legend was set
}

// attached is the JSON, or nil where it is too large.
func (p *printed) attached() ([]byte, error) {
	if p.bulk() > maxAttached { // encoding needs all of it in memory
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(Attached{File: Line(p.Report, p.Lang), Language: p.Lang, Made: p.Made.UTC(), Size: p.Size, SM3: p.SM3, Online: p.Online, Anchors: p.anchors})
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if b.Len() > maxAttached {
		return nil, nil
	}
	return b.Bytes(), nil
}

// bulk is about how many bytes the JSON of the report has, and never many times less.
func (p *printed) bulk() int {
	n := len(p.Report.File) + 200*len(p.anchors)
	if d := p.Document; d != nil {
		for _, f := range d.Fields {
			n += 200 + len(f.Value) + len(f.From)
		}
		n += p.weightOf(d.Findings)
	}
	for _, s := range p.Signatures {
		n += 1000 + len(s.ID) + len(s.Profile) + 200*len(s.Places) + 200*len(s.Timestamps)
		if s.Seal != nil {
			n += len(s.Seal.ID) + len(s.Seal.Name) + len(s.Seal.Picture.Type)
		}
		for _, c := range []*verify.CertSummary{s.Signer, s.Maker} {
			if c != nil {
				n += 200 + len(c.Name) + len(c.Issuer) + len(c.Serial) + len(c.Fingerprint)
			}
		}
		for _, c := range s.Changes.List {
			n += 100 + len(c.Object) + 200*len(c.Places)
		}
		n += p.weightOf(s.Findings)
	}
	return n
}

func (p *printed) weightOf(list []verify.Finding) (n int) {
	for _, f := range list {
		n += 200 + len(p.in(f.Message)) + len(p.in(f.Next)) + len(f.Detail)
	}
	return n
}

// Anchors names those who are trusted.
func Anchors(list []trust.Anchor) []Trusted {
	out := make([]Trusted, len(list))
	for i, a := range list {
		fingerprint := gm.Fingerprint(a.Certificate)
		name := a.Name
		if name == "" {
			name = a.Certificate.Subject.CommonName
		}
		out[i] = Trusted{Use: a.Use, Name: verify.Clean(name), Class: a.Class, SM3: hex.EncodeToString(fingerprint[:])}
	}
	return out
}

func (p *printed) digestLine() string {
	if p.SM3 == "" {
		return p.say("文件摘要未知", "digest of the file unknown")
	}
	return p.say("文件 SM3 ", "File SM3 ") + p.SM3
}

// weight orders verdicts, the worst first.
func weight(v verify.Verdict) int {
	switch v {
	case verify.Failed, verify.Unreadable:
		return 0
	case verify.Indeterminate:
		return 1
	case verify.Passed:
		return 3
	}
	return 2
}

// worst picks at most so many of n things, those of the least weight, and gives them in their own order.
func worst(n, most int, weight func(int) int) []int {
	all := ranked(n, weight)[:min(n, most)]
	slices.Sort(all)
	return all
}

// ranked gives the numbers below n in order of their weight, equals in their own order.
func ranked(n int, weight func(int) int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return weight(a) - weight(b) })
	return all
}

// answerWord is a verdict in one word.
func (l tongue) answerWord(v verify.Verdict) string {
	switch v {
	case verify.Passed:
		return l.say("通过", "passed")
	case verify.Failed:
		return l.say("不通过", "failed")
	case verify.Indeterminate:
		return l.say("不能确定", "not established")
	}
	return l.say("未核验", "not judged")
}
