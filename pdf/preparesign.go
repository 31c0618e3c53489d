package pdf

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"yinxin/document"
	"yinxin/fault"
)

// byteRangeWidth is the room for "[0 b c d]" with numbers of up to twelve digits: files of a terabyte.
const byteRangeWidth = 3 + 3*12 + 2 + 1

// signatureDict is the signature dictionary without ByteRange and Contents (ISO 32000-1, table 252).
func (p *preparation) signatureDict(references Array) Dict {
	d := Dict{"Type": Name("Sig"), "Filter": Name(defaultFilter), "SubFilter": Name(p.r.Profile)}
	if p.r.Kind == document.Timestamp {
		d["Type"] = Name("DocTimeStamp") // ISO 32000-2, 12.8.5
	}
	if p.r.Filter != "" {
		d["Filter"] = Name(p.r.Filter)
	}
	if p.r.Name != "" {
		d["Name"] = textString(p.r.Name)
	}
	if p.r.Reason != "" {
		d["Reason"] = textString(p.r.Reason)
	}
	if !p.r.Time.IsZero() {
		d["M"] = dateString(p.r.Time)
	}
	if len(references) > 0 {
		d["Reference"] = references
	}
	return d
}

// dateString is a date in UTC (ISO 32000-1, 7.9.4).
func dateString(t time.Time) String { return String(t.UTC().Format("D:20060102150405Z")) }

// references says what the signature locks: by r.Certify, by r.Lock or by the lock of the field that was there (ISO 32000-1, 12.8.2).
func (p *preparation) references() (Array, error) {
	var out Array
	if p.r.Certify != 0 {
		out = append(out, Dict{"Type": Name("SigRef"), "TransformMethod": Name("DocMDP"),
			"TransformParams": Dict{"Type": Name("TransformParams"), "P": int64(p.r.Certify), "V": Name("1.2")}})
	}
	var params Dict
	switch {
	case len(p.r.Lock) > 0:
		params = lockDict("TransformParams", p.r.Lock)
	case p.field != nil && p.field.dict["Lock"] != nil:
		lock, err := p.f.dict(p.field.dict["Lock"])
		if err != nil {
			return nil, fmt.Errorf("read the field's lock: %w", err)
		}
		params = with(lock, "Type", Name("TransformParams"))
	}
	if params != nil {
		params["V"] = Name("1.2")
		out = append(out, Dict{"Type": Name("SigRef"), "TransformMethod": Name("FieldMDP"), "TransformParams": params, "Data": p.f.root})
	}
	return out, nil
}

// lockDict names the fields that are locked, in the words that the field's lock and the signature's parameters share. What locks everything also says
// that nothing may change (P, ISO 32000-2, tables 236 and 256).
func lockDict(kind Name, names []string) Dict {
	if slices.Equal(names, []string{document.LockAll}) {
		return Dict{"Type": kind, "Action": Name("All"), "P": int64(1)}
	}
	fields := make(Array, len(names))
	for i, n := range names {
		fields[i] = textString(n)
	}
	return Dict{"Type": kind, "Action": Name("Include"), "Fields": fields}
}

// signature writes the signature dictionary r: ByteRange and Contents first, with room for the ranges and reserve bytes in hexadecimal, then d. It
// returns where in buf the ranges go, and the hole with its brackets.
func (w *increment) signature(r Ref, d Dict, reserve int) (ranges int, hole [2]int) {
	w.begin(r)
	w.buf = append(w.buf, "<</ByteRange"...)
	ranges = len(w.buf)
	w.buf = appendFill(w.buf, ' ', byteRangeWidth)
	w.buf = append(w.buf, "/Contents"...)
	hole[0] = len(w.buf)
	w.buf = append(w.buf, '<')
	w.buf = appendFill(w.buf, '0', 2*reserve)
	w.buf = append(w.buf, '>')
	hole[1] = len(w.buf)
	d, _ = w.security.encryptObject(d, r).(Dict) // the value itself is never encrypted
	w.buf = append(appendEntries(w.buf, d), ">>"...)
	w.end()
	return ranges, hole
}

// appendFill appends c n times.
func appendFill(b []byte, c byte, n int) []byte {
	at := len(b)
	b = slices.Grow(b, n)[:at+n]
	fill := b[at:]
	if n > 0 {
		fill[0] = c
	}
	for done := 1; done < n; done *= 2 {
		copy(fill[done:], fill[:done])
	}
	return b
}

// patch writes the ranges, known once the increment is complete, into the room kept for them.
func (d *draft) patch(at int) error {
	b := make([]byte, 0, byteRangeWidth)
	b = append(b, '[')
	for i, n := range d.ranges() {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	b = append(b, ']')
	if len(b) > byteRangeWidth {
		return fault.New(fault.Limit, "pdf-too-large", "文件过大，签名范围无法写入；请拆分文件", "the file is too large for the ranges of its signature; split it", nil)
	}
	copy(d.increment[at:], b)
	return nil
}
