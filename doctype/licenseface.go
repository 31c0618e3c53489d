package doctype

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"yinxin/codes"
	"yinxin/license"
)

// mostExtra bounds how many labels are named that the record does not know.
const mostExtra = 20

var gapPattern = regexp.MustCompile(`^(?:—+\(.*\)|[—/*-]+|无)$`)

// compare holds the record against the face. A record does not say under which label a value stands, so a value is looked for on the whole face; where
// it is not there, and there is a label with something else that the record does not know, that is where they differ.
func (f *face) compare(r license.Record, printed map[Key]Printed) (fields []FaceField, extra []string) {
	f.markAll(r.Type.Name.ZH, r.Type.Name.EN)
	for i := range f.cells {
		c := &f.cells[i]
		_, value, ok := labelled(c.text)
		c.used = c.used || len(r.Face.Gaps) > 0 && (gapPattern.MatchString(c.text) || ok && gapPattern.MatchString(value))
	}
	reported := map[string]bool{}
	common := commonForms(r)
	for _, key := range []Key{KeyNumber, KeyHolder, KeyHolderCode, KeyIssuer, KeyDate, KeyUntil} {
		forms, has := common[key]
		field := FaceField{Key: string(key), Found: Agrees}
		switch p, shown := printed[key]; {
		case !has, f.markAll(forms...):
			continue // of what agrees only the face's own fields are listed
		case shown && !gapPattern.MatchString(p.Value):
			field.Label, field.Found = p.Label, Differs
			reported[p.Label] = true
		case key == KeyUntil && r.Validity.Until == "":
			continue // a licence without an end need not say so
		default:
			field.Found = Missing
		}
		fields = append(fields, field)
	}
	missing := f.faceFields(r, common, &fields)
	for _, p := range f.unmarked() {
		switch i := slices.IndexFunc(missing, func(key string) bool { return alike(r.Face.Values[key], p.value) }); {
		case reported[p.label]:
		case i >= 0:
			fields = append(fields, FaceField{Key: missing[i], Label: p.label, Found: Differs})
			missing = slices.Delete(missing, i, i+1)
		case len(extra) < mostExtra:
			extra = append(extra, clip(p.label))
		}
	}
	for _, key := range missing {
		fields = append(fields, FaceField{Key: key, Found: Missing})
	}
	return fields, extra
}

// faceFields looks for the values of the record's face, lists those that are there, and returns the keys of the others. What repeats the record is not
// looked for twice.
func (f *face) faceFields(r license.Record, common map[Key][]string, fields *[]FaceField) (missing []string) {
	repeated := map[string]bool{}
	for _, forms := range common {
		for _, form := range forms {
			repeated[fold(form)] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.Face.Values)) {
		value := r.Face.Values[key]
		switch found := f.markAll(license.Forms(value)...); {
		case found:
			*fields = append(*fields, FaceField{Key: key, Found: Agrees})
		case !repeated[fold(value)]:
			missing = append(missing, key)
		}
	}
	return missing
}

func (f *face) markAll(forms ...string) (found bool) {
	for _, form := range forms {
		found = f.mark(fold(form)) || found
	}
	return found
}

// commonForms are what every record says, in the ways in which a face may show it. What a face need not show is not there.
func commonForms(r license.Record) map[Key][]string {
	forms := map[Key][]string{
		KeyNumber: {r.Identifier, strings.TrimPrefix(r.Identifier, codes.LicenceRoot+".")},
		KeyIssuer: {r.Issuer.Name}, KeyHolder: {r.Holder.Name}, KeyDate: dayForms(r.Issued), KeyUntil: validityForms(r.Validity),
	}
	if r.Holder.CodeType == license.HolderUSCC {
		forms[KeyHolderCode] = []string{r.Holder.Code}
	}
	return forms
}

func validityForms(p license.Period) []string {
	starts := dayForms(p.From)
	if p.Until == "" {
		forms := []string{"长期", "长期有效", "无固定期限"}
		for _, start := range starts {
			forms = append(forms, "自"+start+"起长期有效", start+"至长期", start+"起长期有效")
		}
		return forms
	}
	forms := dayForms(p.Until)
	for i, end := range forms[:len(starts)] {
		forms = append(forms, starts[i]+"至"+end, "自"+starts[i]+"至"+end, "自"+starts[i]+"起至"+end, starts[i]+"-"+end)
	}
	return forms
}

func dayForms(d license.Day) []string {
	t := d.Time()
	return []string{d.Chinese(), t.Format("2006年01月02日"), string(d), t.Format("2006.01.02"), t.Format("2006/01/02")}
}

// alike reports whether a text has the look of a value: a day, a code, or words.
func alike(value, text string) bool {
	look := func(s string) int {
		_, shaped := codeDoubts(s)
		switch {
		case len(days(s)) == 1 && len([]rune(s)) <= 12:
			return 1
		case shaped:
			return 2
		}
		return 0
	}
	value, text = fold(value), fold(text)
	return look(value) == look(text) || look(text) == 0 && look(value) == 2
}
