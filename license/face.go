package license

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/codes"
	"yinxin/fault"
)

// Face is the data on the face of a licence: values by field key, and for the fields left out the code of the reason. A field has a value or a gap,
// never both.
type Face struct {
	Values map[string]string `json:"values"`
	Gaps   map[string]string `json:"gaps,omitempty"`
}

// Value returns the value of a field, "" where there is none.
func (f Face) Value(key string) string { return f.Values[key] }

// Warning is something odd that does not stand in the way: a stable code and one sentence in each language.
type Warning = fault.Public

// Check says whether a face is complete under the type: every required field has a value of its kind, or a gap with a reason the field allows. The
// error is a fault.Invalid whose cause, Problems, names everything wrong at once. Warnings are returned beside it: codes in use exist whose
// check character is wrong.
func (t Type) Check(face Face) ([]Warning, error) {
	warnings, p := t.checkFace(face)
	return warnings, p.fault("license-face", "照面数据不完整或有误：", "the face is incomplete or wrong: ")
}

func (t Type) checkFace(face Face) ([]Warning, Problems) {
	var p Problems
	var warnings []Warning
	t.checkKeys(&p, face)
	for _, f := range t.Fields {
		value, has := face.Values[f.Key]
		reason, gap := face.Gaps[f.Key]
		switch {
		case has && gap:
			p.add(f.Key, "value-and-gap", f.Label.ZH+"既有值又标为缺失", f.Label.EN+" has a value and a gap")
		case gap:
			t.checkGap(&p, f, reason)
		case has:
			if w := checkValue(&p, f, value); w != nil {
				warnings = append(warnings, *w)
			}
		case f.Required && len(f.Absent) > 0:
			p.add(f.Key, "missing", f.Label.ZH+"缺失：请填写，或给出理由（"+strings.Join(f.Absent, "、")+"）",
				f.Label.EN+" is missing: give it, or a reason ("+strings.Join(f.Absent, ", ")+")")
		case f.Required:
			p.add(f.Key, "missing", f.Label.ZH+"缺失，此项不可缺", f.Label.EN+" is missing and may not be absent")
		}
	}
	return warnings, p
}

// checkKeys refuses keys the type does not know. They come from outside: at most a few are named, and cut short.
func (t Type) checkKeys(p *Problems, face Face) {
	unknown := 0
	for _, m := range []map[string]string{face.Values, face.Gaps} {
		for _, key := range sortedKeys(m) {
			if _, ok := t.Field(key); ok {
				continue
			}
			if unknown++; unknown <= 10 {
				p.add(short(key), "unknown-field", "证照类型没有此字段", "the licence type has no such field")
			}
		}
	}
	if unknown > 10 {
		p.add("face", "unknown-field", fmt.Sprintf("另有 %d 个未知字段", unknown-10), fmt.Sprintf("%d more unknown fields", unknown-10))
	}
}

func (t Type) checkGap(p *Problems, f Field, reason string) {
	if !f.Required {
		p.add(f.Key, "gap", f.Label.ZH+"可不填，无需标为缺失", f.Label.EN+" is optional: leave it out instead of giving a reason")
		return
	}
	for _, code := range f.Absent {
		if code == reason {
			return
		}
	}
	if len(f.Absent) == 0 {
		p.add(f.Key, "gap-reason", f.Label.ZH+"不可缺失", f.Label.EN+" may not be absent")
		return
	}
	p.add(f.Key, "gap-reason", f.Label.ZH+"的缺失理由不被允许，可用："+strings.Join(f.Absent, "、"),
		f.Label.EN+" may not be absent for this reason; allowed: "+strings.Join(f.Absent, ", "))
}

var amountPattern = regexp.MustCompile(`^(?:[A-Z]{3} )?(?:0|[1-9][0-9]{0,14})\.[0-9]{2}$`)

// checkValue checks one value by its kind. Messages never repeat the value: it may be personal.
func checkValue(p *Problems, f Field, value string) *Warning {
	switch f.Kind {
	case Text, Address, List:
		if n := utf8.RuneCountInString(value); n > f.Max {
			p.add(f.Key, "too-long", fmt.Sprintf("%s有 %d 个字符，最多 %d 个", f.Label.ZH, n, f.Max),
				fmt.Sprintf("%s has %d characters, at most %d fit", f.Label.EN, n, f.Max))
		} else if !plain(value, f.Max, f.Kind == List) {
			p.add(f.Key, "text", f.Label.ZH+"为空，或首尾有空白，或含控制字符", f.Label.EN+" is empty, begins or ends with a space, or holds control characters")
		}
	case Date:
		if _, err := ParseDay(value); err != nil {
			p.add(f.Key, "date", f.Label.ZH+"不是日期，应写作 2006-01-02", f.Label.EN+" is not a date, write 2006-01-02")
		}
	case Amount:
		if !amountPattern.MatchString(value) {
			p.add(f.Key, "amount", f.Label.ZH+"不是金额，应写作 1234.00 或 USD 1234.00", f.Label.EN+" is not an amount, write 1234.00 or USD 1234.00")
		}
	case USCC:
		return checkUSCC(p, f.Key, f.Label, value)
	}
	return nil
}

// checkUSCC refuses a malformed code and warns of a wrong check character: codes given out early are like that.
func checkUSCC(p *Problems, where string, label Words, value string) *Warning {
	code, err := codes.ParseUSCC(value)
	if err != nil || code.String() != value {
		p.add(where, "uscc", label.ZH+"不是统一社会信用代码（18 位半角数字和大写字母）",
			label.EN+" is not a unified social credit code (18 digits and capital letters)")
		return nil
	}
	if code.CheckOK() {
		return nil
	}
	return &Warning{
		Code: "uscc-check",
		ZH:   label.ZH + "的校验位不符，请核对原件（早期赋码中确有此类代码）",
		EN:   label.EN + ": the check character is wrong, compare it with the original (some codes given out early are like that)",
	}
}

// plain reports whether s is text as it may stand on a face: not empty, within max characters, without control characters (a list has line feeds),
// blank ends or lines, and without characters that reorder or hide text.
func plain(s string, most int, list bool) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	lines := []string{s}
	if list {
		lines = strings.Split(s, "\n")
	}
	for _, line := range lines {
		if line == "" || strings.TrimSpace(line) != line {
			return false
		}
		for _, r := range line {
			if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Co) || r == '\uFEFF' || r == utf8.RuneError || r == '\u200B' {
				return false
			}
		}
	}
	return true
}

// Visible returns the part of the face that a reader of the grade may see.
func (t Type) Visible(face Face, g Grade) Face {
	out := Face{Values: map[string]string{}}
	for _, f := range t.Fields {
		if gradeRank[f.Grade] > gradeRank[g] {
			continue
		}
		if v, ok := face.Values[f.Key]; ok {
			out.Values[f.Key] = v
		}
		if r, ok := face.Gaps[f.Key]; ok {
			if out.Gaps == nil {
				out.Gaps = map[string]string{}
			}
			out.Gaps[f.Key] = r
		}
	}
	return out
}

// Day is a calendar day written 2006-01-02, without a time zone.
type Day string

// ParseDay reads a day and refuses days that do not exist.
func ParseDay(s string) (Day, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("license: not a day of the form 2006-01-02: %q", short(s))
	}
	return Day(s), nil
}

// DayOf returns the day at t in t's own zone.
func DayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// Time returns midnight UTC of the day, the zero time where it is not one.
func (d Day) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// lastDay returns the last day of a period of whole months that begins on d: the day before the same day of the month in which it runs out, and
// where that month is too short its last day. Past the year 9999 it is an error.
func (d Day) lastDay(months int) (Day, error) {
	start := d.Time()
	if start.IsZero() && d != "0001-01-01" {
		return "", fmt.Errorf("license: not a day: %q", short(string(d)))
	}
	first := time.Date(start.Year(), start.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	end := first.AddDate(0, 0, start.Day()-2)
	if end.Month() != first.Month() && start.Day() > 1 {
		end = first.AddDate(0, 1, -1)
	}
	if end.Year() > 9999 {
		return "", fmt.Errorf("license: %d months from %s run past the year 9999", months, d)
	}
	return DayOf(end), nil
}

func short(s string) string {
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) > 32 {
		return string(r[:32]) + "…"
	}
	return string(r)
}
