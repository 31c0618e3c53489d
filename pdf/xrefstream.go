package pdf

import "fmt"

// readXRefStream reads the cross-reference stream at an offset. Afterwards the lexer stands behind it.
func (f *file) readXRefStream(offset int64, entries *int) (Dict, table, error) {
	st, err := f.xrefObject(offset)
	if err != nil {
		return nil, nil, err
	}
	if st.Dict["Type"] != Name("XRef") {
		return nil, nil, &ParseError{offset, "no cross-reference section stands here"}
	}
	widths, err := xrefWidths(st.Dict["W"], offset)
	if err != nil {
		return nil, nil, err
	}
	index, err := xrefIndex(st.Dict, offset)
	if err != nil {
		return nil, nil, err
	}
	data, err := f.decode(st)
	if err != nil {
		return nil, nil, err
	}
	t := make(table, 0, len(index)/2)
	row := widths[0] + widths[1] + widths[2]
	for i := 0; i < len(index); i += 2 {
		first, count := index[i], index[i+1]
		if first+count > maxNumber || count > int64(len(data)/row) {
			return nil, nil, &ParseError{offset, "a cross-reference stream is shorter than its Index"}
		}
		if *entries -= int(count); *entries < 0 {
			return nil, nil, f.tooManyObjects()
		}
		r := run{first: int(first), entries: make([]entry, count)}
		for j := range r.entries {
			r.entries[j] = f.xrefRow(data[j*row:], widths, offset)
		}
		data = data[int(count)*row:]
		t = append(t, r)
	}
	if t, err = t.order(offset); err != nil {
		return nil, nil, err
	}
	f.lex.seek(st.Offset+st.Length, f.size)
	if !f.lex.keyword("endstream") || !f.lex.keyword("endobj") {
		f.lex.tolerate("a cross-reference stream does not end with endstream endobj")
	}
	return st.Dict, t, f.lex.err
}

// xrefObject reads a stream object whose number nothing tells yet.
func (f *file) xrefObject(offset int64) (*Stream, error) {
	l := &f.lex
	l.seek(offset, f.size)
	l.nodes = maxNodes
	if _, err := l.natural(); err != nil {
		return nil, err
	}
	if _, err := l.natural(); err != nil {
		return nil, err
	}
	if !l.keyword("obj") {
		return nil, l.fail("no cross-reference section stands here")
	}
	o, err := l.object(0)
	if err != nil {
		return nil, err
	}
	if o, err = f.finish(o, f.size); err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok || st.Length < 0 {
		return nil, &ParseError{offset, "no cross-reference stream with a usable Length stands here"}
	}
	return st, nil
}

func xrefWidths(o Object, offset int64) (w [3]int, err error) {
	a, _ := o.(Array)
	if len(a) != 3 {
		return w, &ParseError{offset, "W of a cross-reference stream must be three integers"}
	}
	for i := range w {
		n, ok := a[i].(int64)
		if !ok || n < 0 || n > 8 {
			return w, &ParseError{offset, "W of a cross-reference stream must be three widths of at most 8 bytes"}
		}
		w[i] = int(n)
	}
	if w[1] == 0 {
		return w, &ParseError{offset, "W of a cross-reference stream gives the offsets no bytes"}
	}
	return w, nil
}

// xrefIndex returns pairs of first number and count.
func xrefIndex(d Dict, offset int64) ([]int64, error) {
	o, ok := d["Index"]
	if !ok {
		size, _ := d["Size"].(int64)
		return []int64{0, max(size, 0)}, nil
	}
	a, ok := o.(Array)
	if !ok || len(a)%2 != 0 {
		return nil, &ParseError{offset, "Index of a cross-reference stream must be pairs of integers"}
	}
	index := make([]int64, len(a))
	for i := range a {
		if index[i], ok = a[i].(int64); !ok || index[i] < 0 || index[i] > maxNumber {
			return nil, &ParseError{offset, "Index of a cross-reference stream must be pairs of integers"}
		}
	}
	return index, nil
}

// xrefRow reads one entry. Unknown types are absent objects, as ISO 32000-1, 7.5.8.3 asks.
func (f *file) xrefRow(b []byte, w [3]int, offset int64) entry {
	kind := uint64(1)
	if w[0] > 0 {
		kind = bigEndian(b[:w[0]])
	}
	second := bigEndian(b[w[0] : w[0]+w[1]])
	third := bigEndian(b[w[0]+w[1] : w[0]+w[1]+w[2]])
	if third > maxNumber || second > 1<<62 {
		if kind != 0 {
			f.tolerate(offset, fmt.Sprintf("a cross-reference stream has an entry out of range: %d %d", second, third))
		}
		return entry{kind: freeEntry}
	}
	switch kind {
	case 1:
		return entry{int64(second), int32(third), plainEntry}
	case 2:
		return entry{int64(second), int32(third), packedEntry}
	case 0:
		return entry{int64(second), int32(third), freeEntry}
	}
	f.tolerate(offset, "a cross-reference stream has an entry of unknown type")
	return entry{kind: freeEntry}
}

func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}
