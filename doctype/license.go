package doctype

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/license"
)

// LicenseFacts is what a licence says, by the record it carries and on its face.
type LicenseFacts struct {
	Title string `json:"title,omitempty"`

	Record      *license.Record `json:"record,omitempty"` // without its face: that is held against the page when it is read, and may be confidential
	From        string          `json:"from,omitempty"`   // where the record is carried
	RecordError string          `json:"recordError,omitempty"`
	Newer       bool            `json:"newer,omitempty"`  // a record of a form that is not known here
	Others      []string        `json:"others,omitempty"` // identifiers of further records that are not the same
	Unread      bool            `json:"unread,omitempty"` // some carried files could not be looked into

	Printed map[Key]Printed `json:"printed,omitempty"` // what the face says under the labels that licences have
	Agrees  []FaceField     `json:"agrees,omitempty"`  // what the record says, held against the face
	Extra   []string        `json:"extra,omitempty"`   // labels on the face of which the record has no field
	Hidden  bool            `json:"hidden,omitempty"`  // the face has text that cannot be read
}

// Printed is what stands under a label of the face, written in the way in which texts are compared.
type Printed struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Page  int    `json:"page"`
}

// FaceField is one thing that the record says, looked for on the face.
type FaceField struct {
	Key   string    `json:"key"`             // of the record's face, or a Key
	Label string    `json:"label,omitempty"` // under which the face says something else
	Found Agreement `json:"found"`
}

// Agreement is how face and record compare.
type Agreement string

// The agreements.
const (
	Agrees  Agreement = "agrees"
	Differs Agreement = "differs"
	Missing Agreement = "missing" // the face says nothing of it that can be read
)

// Limits of looking for a record.
const (
	mostCarried = 100
	mostRecords = 10
	mostFace    = 4 // pages of a licence's face that are read
)

// formatPrefix begins the name of every form of record, of this version and others.
const formatPrefix = "yinxin-licence-record/"

func certainLicense(ctx context.Context, r *reading) (bool, error) {
	list, err := r.contents.Carried()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	f := &LicenseFacts{Unread: err != nil || len(list) > mostCarried}
	var first *license.Record
	found := 0
	for _, c := range list[:min(len(list), mostCarried)] {
		if c.As == document.Tags || c.Size > license.MaxRecordBytes {
			continue
		}
		data, err := r.contents.Read(c, license.MaxRecordBytes)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			f.Unread = f.Unread || fault.KindOf(err) != fault.Limit
			continue
		}
		if !isRecord(data) {
			continue
		}
		if found++; found > mostRecords {
			f.RecordError = "the file carries more records than are read"
			break
		}
		if err := f.take(c, data, &first); err != nil {
			return false, err
		}
	}
	if found == 0 {
		return false, nil
	}
	return true, r.readLicense(ctx, f, first)
}

// isRecord tells a record by how it begins: it is written in one way only.
func isRecord(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n{"), []byte(`"format"`)) && bytes.Contains(data[:min(len(data), 256)], []byte(formatPrefix))
}

func (f *LicenseFacts) take(c document.Carried, data []byte, first **license.Record) error {
	record, err := license.ParseRecord(data)
	var malformed *license.ParseError
	switch {
	case err != nil && !bytes.Contains(data[:min(len(data), 256)], []byte(license.RecordFormat+`"`)):
		f.Newer = true
	case errors.As(err, &malformed):
		f.RecordError = malformed.Error()
	case err != nil:
		return err
	case *first == nil:
		*first, f.From = &record, c.Path
	case !sameRecord(**first, record):
		f.Others = append(f.Others, record.Identifier)
	}
	return nil
}

// sameRecord compares two records by their only encoding.
func sameRecord(a, b license.Record) bool {
	one, errA := license.Marshal(a)
	two, errB := license.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(one, two)
}

var licenseTitle = regexp.MustCompile(`(?:执照|许可证|许可证书|登记证|登记证书|登记证照|电子证照|备案证|备案证书|资质证书|资格证书|合格证)(?:\([^)]*\))?$`)

// likelyLicense asks for a title that licences have and the labels of two things that they say, or for the identifier of a licence.
func likelyLicense(ctx context.Context, r *reading) (bool, error) {
	sheets, err := r.span(ctx, 1, 0)
	if err != nil || len(sheets) == 0 {
		return false, err
	}
	title := firstMatch(sheets[0].titles(), licenseTitle)
	if title != "" {
		if sheets, err = r.span(ctx, mostFace, 0); err != nil {
			return false, err
		}
	}
	printed, seen := newFace(sheets).printed()
	signs := 0
	for _, k := range []Key{KeyIssuer, KeyDate, KeyUntil, KeyHolderCode, KeyNumber} {
		if seen[k] {
			signs++
		}
	}
	if r.told != License && (title == "" || signs < 2) && !isIdentifier(printed[KeyNumber].Value) {
		return false, nil
	}
	return true, r.readLicense(ctx, &LicenseFacts{Title: title}, nil)
}

func firstMatch(list []string, pattern *regexp.Regexp) string {
	for _, s := range list {
		if pattern.MatchString(s) {
			return s
		}
	}
	return ""
}

// readLicense reads the face, and holds the record against it where there is one.
func (r *reading) readLicense(ctx context.Context, f *LicenseFacts, record *license.Record) error {
	sheets, err := r.span(ctx, mostFace, 0)
	if err != nil {
		return err
	}
	for _, s := range sheets {
		f.Hidden = f.Hidden || s.hidden
	}
	face := newFace(sheets)
	f.Printed, _ = face.printed()
	if len(sheets) > 0 && f.Title == "" {
		f.Title = clip(firstMatch(sheets[0].titles(), licenseTitle))
	}
	if record != nil {
		f.Agrees, f.Extra = face.compare(*record, f.Printed)
		record.Face = license.Face{}
		f.Record = record
	}
	r.facts.License = f
	r.facts.Why = f.why()
	r.facts.Fields = f.fields()
	return nil
}

func (f *LicenseFacts) why() Words {
	switch {
	case f.Record != nil || f.RecordError != "" || f.Newer:
		return Words{"文件随附证照记录", "the file carries a licence record"}
	case f.Title != "":
		return Words{"版面上有“" + f.Title + "”和证照的栏目名称", "the page says “" + f.Title + "” and has the labels of a licence"}
	}
	return Words{"版面上有证照的栏目名称", "the page has the labels of a licence"}
}

func licenseLabels() map[Key]Words {
	return map[Key]Words{
		KeyNumber: {"证照标识", "licence identifier"}, KeyIssuer: {"发证机关", "issuing body"}, KeyDate: {"签发日期", "issued"},
		KeyUntil: {"有效期至", "valid until"}, KeyHolder: {"持证主体", "holder"}, KeyHolderCode: {"持证主体代码", "holder's code"},
	}
}

// fields are those of the record, else what is printed. A person's number is not among them.
func (f *LicenseFacts) fields() []Field {
	labels, values := licenseLabels(), f.values()
	var list []Field
	for _, k := range []Key{KeyNumber, KeyHolder, KeyHolderCode, KeyIssuer, KeyDate, KeyUntil} {
		p := values[k]
		if p.Value == "" {
			continue
		}
		from := f.From
		if f.Record == nil {
			from = onPage(p.Page)
		}
		label := labels[k]
		if k == KeyNumber && f.Record == nil && !strings.Contains(p.Label, "标识") {
			label = Words{"证照编号", "licence number"}
		}
		list = append(list, Field{Key: k, Label: label, Value: clip(p.Value), From: from})
	}
	return list
}

// values are the things that licences have in common: by the record, else as printed.
func (f *LicenseFacts) values() map[Key]Printed {
	r := f.Record
	if r == nil {
		values := map[Key]Printed{}
		for k, p := range f.Printed {
			if _, shaped := codeDoubts(p.Value); k != KeyHolderCode || shaped {
				values[k] = p
			}
		}
		return values
	}
	values := map[Key]Printed{KeyNumber: {Value: r.Identifier}, KeyIssuer: {Value: r.Issuer.Name}, KeyDate: {Value: string(r.Issued)},
		KeyUntil: {Value: string(r.Validity.Until)}, KeyHolder: {Value: r.Holder.Name}}
	if r.Holder.CodeType == license.HolderUSCC {
		values[KeyHolderCode] = Printed{Value: r.Holder.Code}
	}
	return values
}

// lastDay is the day with which a printed period ends; empty where none is printed: 长期, 自2026年3月18日起, 2026-03-18至.
func lastDay(value string) license.Day {
	found := days(value)
	if len(found) == 0 || strings.Contains(value, "长期") {
		return ""
	}
	last := found[len(found)-1]
	if rest := value[last.to:]; strings.HasPrefix(rest, "起") || strings.HasPrefix(rest, "至") {
		return ""
	}
	return last.day
}
