package pdf

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const (
	// maxObjectNumber is what ISO 32000-1, Annex C lets readers stop at.
	maxObjectNumber = 8388607
	// maxTableOffset is the largest offset that the ten digits of a cross-reference table hold.
	maxTableOffset = 9999999999
)

// increment builds, in memory, what is appended to a file: objects, one cross-reference section and its trailer (ISO 32000-1, 7.5.6).
// Offsets are those of the finished file.
type increment struct {
	buf     []byte
	base    int64 // offset in the finished file of buf[0]
	next    int   // first number that no object of any revision ever had
	size    int64 // Size of the base's trailer
	entries []xrefEntry
	// security encrypts what is written, except for the cross-reference section; nil where the base is not encrypted.
	security *security
}

// xrefEntry is where the increment put an object.
type xrefEntry struct {
	ref    Ref
	offset int64
}

// newIncrement starts an increment behind size bytes, for which about room bytes are kept. tail is the last byte of the base: without an end of line
// there, "%%EOF" and the first object would run into one token.
func newIncrement(size int64, tail byte, next int, trailerSize int64, room int) *increment {
	w := &increment{buf: make([]byte, 0, room), base: size, next: next, size: trailerSize}
	if tail != '\n' && tail != '\r' {
		w.buf = append(w.buf, '\n')
	}
	return w
}

// pos is the offset in the finished file of the next byte.
func (w *increment) pos() int64 { return w.base + int64(len(w.buf)) }

// alloc returns a reference to an object yet to be written. Numbers of freed objects are not taken: in an increment they would need the
// generation that freeing gave them, and validators rightly take a recycled number for tampering.
func (w *increment) alloc() Ref {
	r := Ref{Num: w.next}
	w.next++
	return r
}

func (w *increment) begin(r Ref) {
	w.entries = append(w.entries, xrefEntry{ref: r, offset: w.pos()})
	w.buf = strconv.AppendInt(w.buf, int64(r.Num), 10)
	w.buf = append(w.buf, ' ')
	w.buf = strconv.AppendInt(w.buf, int64(r.Gen), 10)
	w.buf = append(w.buf, " obj\n"...)
}

func (w *increment) end() { w.buf = append(w.buf, "\nendobj\n"...) }

// object writes o as the object r, new or in place of an earlier one whose generation r keeps.
func (w *increment) object(r Ref, o Object) {
	w.begin(r)
	w.buf = appendObject(w.buf, w.security.encryptObject(o, r))
	w.end()
}

// stream writes a stream; Length is set here. The end of line before endstream is not part of the data.
func (w *increment) stream(r Ref, d Dict, data []byte) {
	if w.security != nil {
		d, data = w.security.encryptStream(r, d, data)
	}
	w.plainStream(r, d, data)
}

// plainStream writes a stream as it is.
func (w *increment) plainStream(r Ref, d Dict, data []byte) {
	w.begin(r)
	w.buf = append(w.buf, "<<"...)
	d["Length"] = int64(len(data))
	w.buf = appendEntries(w.buf, d)
	w.buf = append(w.buf, ">>\nstream\n"...)
	w.buf = append(w.buf, data...)
	w.buf = append(w.buf, "\nendstream"...)
	w.end()
}

// trailer is what the last section of an increment says of the file.
type trailer struct {
	root Ref
	info Object // Ref or nil
	id   [2]String
	prev int64 // offset of the section before
	// encrypt is the encryption dictionary, which stays the same in every revision; zero where the file is not encrypted.
	encrypt Ref
}

// dict has Root, Info, ID, Size, Prev and Encrypt and nothing else: keys of the section before (XRefStm, the keys of its stream) describe that section only.
func (t trailer) dict(size int64) Dict {
	d := Dict{"Root": t.root, "ID": Array{t.id[0], t.id[1]}, "Size": size, "Prev": t.prev}
	if t.info != nil {
		d["Info"] = t.info
	}
	if t.encrypt != (Ref{}) {
		d["Encrypt"] = t.encrypt
	}
	return d
}

// finish writes the cross-reference section, as a stream or a table, and the end of the file.
func (w *increment) finish(t trailer, asStream bool) error {
	var start int64
	if w.security != nil {
		t.encrypt = w.security.at
	}
	if asStream {
		start = w.xrefStream(t)
	} else {
		start = w.pos()
		if start > maxTableOffset {
			return fmt.Errorf("pdf: offset %d does not fit a cross-reference table", start)
		}
		w.xrefTable(t)
	}
	if w.next-1 > maxObjectNumber {
		return fmt.Errorf("pdf: object number %d is beyond %d", w.next-1, maxObjectNumber)
	}
	w.buf = append(w.buf, "startxref\n"...)
	w.buf = strconv.AppendInt(w.buf, start, 10)
	w.buf = append(w.buf, "\n%%EOF\n"...)
	return nil
}

func (w *increment) trailerSize() int64 { return max(w.size, int64(w.next)) }

// xrefTable writes the table of ISO 32000-1, 7.5.4: each entry has exactly 20 bytes.
func (w *increment) xrefTable(t trailer) {
	w.buf = append(w.buf, "xref\n"...)
	for _, run := range w.subsections() {
		w.buf = fmt.Appendf(w.buf, "%d %d\n", run[0].ref.Num, len(run))
		for _, e := range run {
			w.buf = fmt.Appendf(w.buf, "%010d %05d n \n", e.offset, e.ref.Gen)
		}
	}
	w.buf = append(w.buf, "trailer\n"...)
	w.buf = appendObject(w.buf, t.dict(w.trailerSize()))
	w.buf = append(w.buf, '\n')
}

// xrefStream writes the stream of ISO 32000-1, 7.5.8, which lists itself, and returns its offset. A handful of entries is not worth a filter.
func (w *increment) xrefStream(t trailer) int64 {
	self, start := w.alloc(), w.pos()
	w.entries = append(w.entries, xrefEntry{ref: self, offset: start})
	width := 4
	for start>>(8*width) != 0 {
		width++
	}
	var index Array
	var data []byte
	for _, run := range w.subsections() {
		index = append(index, int64(run[0].ref.Num), int64(len(run)))
		for _, e := range run {
			var offset [8]byte
			binary.BigEndian.PutUint64(offset[:], uint64(e.offset))
			data = append(data, 1)
			data = append(data, offset[8-width:]...)
			data = binary.BigEndian.AppendUint16(data, uint16(e.ref.Gen))
		}
	}
	d := t.dict(w.trailerSize())
	d["Type"], d["Index"], d["W"] = Name("XRef"), index, Array{int64(1), int64(width), int64(2)}
	w.entries = w.entries[:len(w.entries)-1] // stream lists it again
	w.plainStream(self, d, data)
	return start
}

// subsections sorts the entries and cuts them into runs of consecutive numbers.
func (w *increment) subsections() [][]xrefEntry {
	sorted := slices.SortedFunc(slices.Values(w.entries), func(a, b xrefEntry) int { return cmp.Compare(a.ref.Num, b.ref.Num) })
	var runs [][]xrefEntry
	first := 0
	for i := range sorted {
		if i+1 == len(sorted) || sorted[i+1].ref.Num != sorted[i].ref.Num+1 {
			runs = append(runs, sorted[first:i+1])
			first = i + 1
		}
	}
	return runs
}

// identify gives the file identifier of the new revision (ISO 32000-1, 14.4): the first half stays what it was, or is made from the end of a base
// that has none; the second comes from the first and what the increment holds besides the hole, so that equal requests give equal files. tail is the
// last bytes of the base.
func (w *increment) identify(old Object, tail []byte, hole [2]int) [2]String {
	var id [2]String
	if a, ok := old.(Array); ok && len(a) == 2 {
		id[0], _ = a[0].(String)
	}
	if len(id[0]) == 0 {
		h := sha256.New()
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(w.base)))
		h.Write(tail)
		id[0] = String(h.Sum(nil)[:16])
	}
	h := sha256.New()
	h.Write(id[0])
	h.Write(tail)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(w.base)))
	h.Write(w.buf[:hole[0]])
	h.Write(w.buf[hole[1]:])
	id[1] = String(h.Sum(nil)[:16])
	return id
}

// textString encodes s as a text string (ISO 32000-1, 7.9.2.2): ASCII is the same in PDFDocEncoding, all else is UTF-16BE with a byte order mark.
func textString(s string) String {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return String(s)
	}
	b := String("\xfe\xff")
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}
