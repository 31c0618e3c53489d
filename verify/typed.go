package verify

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/seal"
)

// formatXML is the format of data without a page, which is read only as a document of a known type.
const formatXML = "XML"

// maxXML bounds an XML file read by itself, in bytes.
const maxXML = 8 << 20

func startsXML(r io.ReaderAt, size int64) bool {
	head, err := headOf(r, size)
	return err == nil && doctype.IsXML(head)
}

// gatherXML reads an XML file by itself. It has no signature that is known here.
func (v *Verifier) gatherXML(r io.ReaderAt, size int64) (Facts, error) {
	f := Facts{Format: formatXML, Signatures: []SignatureFacts{}}
	if size > maxXML {
		return f, fault.New(fault.Limit, "xml-too-large", "XML 文件超过 8 MB", "the XML file is larger than 8 MB", nil)
	}
	data := make([]byte, size)
	if n, err := r.ReadAt(data, 0); n < len(data) && !errors.Is(err, io.EOF) {
		return f, fault.New(fault.Unavailable, "file-unreadable", "文件读取失败", "the file cannot be read", err)
	}
	found, err := doctype.ReadXML("", data, v.Type)
	if err == nil {
		f.Document = &found
	}
	return f, err
}

// typed reads what the document says of itself.
func (v *Verifier) typed(ctx context.Context, doc document.Document) (*doctype.Facts, error) {
	found, err := doctype.Read(ctx, doc, v.Type)
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// document adds what the rules of the document's type found; d may be nil. A file is worth no more than they say, and what it says is worth nothing where
// no signature vouches for it.
func (r *Report) document(d *DocumentReport) {
	r.Document = d
	switch {
	case d == nil:
	case r.Verdict != Unsigned && worse(d.Verdict, r.Verdict):
		r.Verdict = d.Verdict
	case d.Verdict == Passed && r.Verdict != Passed:
		d.Verdict = NotJudged
	}
}

// judgeDocument holds what the document says against the rules of its type; nil where no type was told.
func judgeDocument(f *Facts, judged []SignatureReport, at time.Time) *DocumentReport {
	if f.Document == nil || f.Document.Type == doctype.Unknown {
		return nil
	}
	d := f.Document
	r := &DocumentReport{Type: d.Type, Certainty: d.Certainty, Why: cleanText(Text(d.Why)), Untested: d.Untested, Verdict: Passed,
		Fields: make([]doctype.Field, len(d.Fields)), Findings: []Finding{}}
	for i, field := range d.Fields {
		field.Value, field.From = Clean(field.Value), Clean(field.From)
		r.Fields[i] = field
	}
	for _, found := range doctype.Check(d, signersOf(f.Signatures, judged), at) {
		x := documentFinding(found)
		r.Findings = append(r.Findings, x)
		if x.Level == Fail && worse(x.Verdict, r.Verdict) {
			r.Verdict, r.Sub = x.Verdict, x.Sub
		}
	}
	return r
}

// taxTrusted are the signatures with what trust in a tax authority adds: on an invoice, and nowhere else, a chain that ends at an anchor for tax
// authorities counts as one that ends at an anchor for signers.
func taxTrusted(f *Facts) []SignatureFacts {
	if f.Document == nil || f.Document.Type != doctype.Invoice {
		return f.Signatures
	}
	list := slices.Clone(f.Signatures)
	for i, s := range list {
		if isTimestamp(s.Profile) || s.Signer == nil || s.Signer.Tax == nil || s.Signer.Chain.Anchored {
			continue
		}
		signer := *s.Signer.Tax
		signer.Tax = s.Signer.Tax
		list[i].Signer = &signer
	}
	return list
}

// signersOf says who signed, time stamps apart: signatures that the document has no more are nobody's.
func signersOf(facts []SignatureFacts, judged []SignatureReport) []doctype.Signer {
	var list []doctype.Signer
	for i, s := range facts {
		if isTimestamp(s.Profile) || s.Standing != "" || s.Signer == nil || s.Signer.Err != "" {
			continue
		}
		signer := doctype.Signer{ID: s.ID, Name: s.Signer.Subject, Organization: s.Signer.Organization, USCC: s.Signer.USCC,
			Intact: judged[i].Integrity == Intact, Trusted: s.Signer.Chain.Anchored, Tax: s.Signer.Tax != nil, Time: s.Value.ClaimedTime}
		if s.Seal != nil {
			signer.Seal, signer.SealName, signer.SealType = true, s.Seal.Name, s.Seal.Type
			if s.Seal.Version == 1 {
				signer.SealType = seal.TypeOther // seals of the first generation number their types otherwise
			}
		}
		list = append(list, signer)
	}
	return list
}

// documentFinding is a finding of package doctype as a finding of the report. Its code is written as all codes of a report are.
func documentFinding(f doctype.Finding) Finding {
	x := Finding{Check: Code(strings.ToUpper(strings.ReplaceAll(f.Code, "-", "_"))), Level: Inform,
		Message: cleanText(Text{ZH: f.ZH, EN: f.EN}), Next: cleanText(Text(f.Next))}
	switch f.Level {
	case doctype.Fail:
		x.Level, x.Verdict, x.Sub = Fail, Failed, SubConstraints
	case doctype.Undecided:
		x.Level, x.Verdict, x.Sub = Fail, Indeterminate, SubConstraints
	case doctype.Warn:
		x.Level = Warn
	}
	return x
}

func cleanText(t Text) Text { return Text{ZH: CleanTo(t.ZH, maxList), EN: CleanTo(t.EN, maxList)} }
