// Package report puts a verdict into words for people and into the flat JSON that programs read line by line.
package report

import (
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/verify"
)

// File is the JSON of one file, one object a line. Its messages are in one language; everything else is for programs and does not change with it.
type File struct {
	File          string         `json:"file"`
	Format        string         `json:"format"` // PDF, OFD, XML, BUNDLE, or empty where unknown
	Verdict       verify.Verdict `json:"verdict"`
	IntegrityOnly bool           `json:"integrityOnly,omitempty"`
	At            *time.Time     `json:"at,omitempty"`
	Error         string         `json:"error,omitempty"`
	ErrorCode     string         `json:"errorCode,omitempty"`
	Document      *Document      `json:"document,omitempty"` // what it is and says; nil where no type with rules was recognised
	Signatures    []Signature    `json:"signatures"`
}

// Document is the verify.DocumentReport of a File, in one language.
type Document struct {
	Type      doctype.Type      `json:"type"`
	Name      string            `json:"name"` // of the type
	Certainty doctype.Certainty `json:"certainty"`
	Why       string            `json:"why"`
	Untested  bool              `json:"untested,omitempty"`
	Verdict   verify.Verdict    `json:"verdict"`
	Sub       verify.Sub        `json:"sub,omitempty"`
	Fields    []Field           `json:"fields"`
	Findings  []Finding         `json:"findings"`
}

// Field is one thing the document says.
type Field struct {
	Key   doctype.Key `json:"key"`
	Label string      `json:"label"`
	Value string      `json:"value"`
	From  string      `json:"from,omitempty"`
}

// Signature is one signature of a File.
type Signature struct {
	ID        string              `json:"id"`
	Kind      document.Kind       `json:"kind"`
	Profile   string              `json:"profile"`
	Verdict   verify.Verdict      `json:"verdict"`
	Headline  string              `json:"headline"` // the verdict in one sentence
	Sub       verify.Sub          `json:"sub"`
	Integrity verify.Integrity    `json:"integrity"`
	Aspects   verify.Aspects      `json:"aspects"`
	Coverage  document.Coverage   `json:"coverage"`
	Changes   verify.Changes      `json:"changes"`
	Seal      *verify.SealSummary `json:"seal"`
	Signer    *verify.CertSummary `json:"signer"`
	Maker     *verify.CertSummary `json:"maker,omitempty"`
	Time      *verify.Time        `json:"time"`

	Timestamps []verify.TokenReport `json:"timestamps,omitempty"`

	Standing  document.Standing `json:"standing,omitempty"`  // removed, hidden or remnant where the document does not list it any more
	Certifies bool              `json:"certifies,omitempty"` // it certifies the document
	Permits   document.Level    `json:"permits,omitempty"`   // the highest level of changes that it permits after it
	Locks     []document.Lock   `json:"locks,omitempty"`     // the fields that it locks

	Findings []Finding `json:"findings"`
}

// Finding is one finding in one language.
type Finding struct {
	Check   verify.Code    `json:"check"`
	Level   verify.Level   `json:"level"`
	Verdict verify.Verdict `json:"verdict,omitempty"`
	Sub     verify.Sub     `json:"sub,omitempty"`
	Message string         `json:"message"`
	Next    string         `json:"next,omitempty"`   // what to do about it
	Detail  string         `json:"detail,omitempty"` // what a parser or check said, in English
}

// Line is a report in lang ("zh" or "en").
func Line(r verify.Report, lang string) File {
	f := File{File: r.File, Format: r.Format, Verdict: r.Verdict, IntegrityOnly: r.IntegrityOnly, Signatures: make([]Signature, len(r.Signatures))}
	if !r.At.IsZero() {
		f.At = &r.At
	}
	if r.Error != nil {
		f.Error, f.ErrorCode = r.Error.In(lang), r.Error.Code
	}
	f.Document = documentLine(r.Document, lang)
	for i, s := range r.Signatures {
		out := Signature{ID: s.ID, Kind: s.Kind, Profile: s.Profile, Verdict: s.Verdict, Headline: Headline(s, r.IntegrityOnly).In(lang), Sub: s.Sub, Integrity: s.Integrity, Aspects: s.Aspects,
			Coverage: s.Coverage, Changes: s.Changes, Seal: s.Seal, Signer: s.Signer, Maker: s.Maker, Time: s.Time, Timestamps: s.Timestamps,
			Standing: s.Standing, Certifies: s.Certifies, Permits: s.Permits, Locks: s.Locks, Findings: findingLines(s.Findings, lang)}
		f.Signatures[i] = out
	}
	return f
}

func documentLine(d *verify.DocumentReport, lang string) *Document {
	if d == nil {
		return nil
	}
	out := &Document{Type: d.Type, Name: verify.Text(d.Type.Words()).In(lang), Certainty: d.Certainty, Why: d.Why.In(lang), Untested: d.Untested,
		Verdict: d.Verdict, Sub: d.Sub, Fields: make([]Field, len(d.Fields)), Findings: findingLines(d.Findings, lang)}
	for i, x := range d.Fields {
		out.Fields[i] = Field{Key: x.Key, Label: verify.Text(x.Label).In(lang), Value: x.Value, From: x.From}
	}
	return out
}

func findingLines(list []verify.Finding, lang string) []Finding {
	out := make([]Finding, len(list))
	for i, x := range list {
		out[i] = Finding{Check: x.Check, Level: x.Level, Verdict: x.Verdict, Sub: x.Sub, Message: x.Message.In(lang), Next: x.Next.In(lang), Detail: x.Detail}
	}
	return out
}
