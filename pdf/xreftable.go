package pdf

import "fmt"

const rowBytes = 20 // of an entry in a cross-reference table

// readTable reads a cross-reference table behind its keyword, its trailer, and the stream of a hybrid section.
func (f *file) readTable(s *section, entries *int) error {
	l := &f.lex
	s.kind = tableSection
	for !l.keyword("trailer") {
		first, err := l.natural()
		if err != nil {
			return err
		}
		count, err := l.natural()
		if err != nil {
			return err
		}
		if first+count > maxNumber || count > (l.end-l.at())/(rowBytes-2) {
			return l.fail("a cross-reference subsection is larger than the file")
		}
		if *entries -= int(count); *entries < 0 {
			return f.tooManyObjects()
		}
		r := run{first: int(first)}
		if r.entries, err = l.rows(int(count)); err != nil {
			return err
		}
		s.table = append(s.table, r)
	}
	var err error
	if s.table, err = s.table.order(s.offset); err != nil {
		return err
	}
	o, err := l.object(0)
	if err != nil {
		return err
	}
	d, ok := o.(Dict)
	if !ok {
		return l.fail("the trailer is no dictionary")
	}
	s.trailer, s.after = d, l.at()
	if err := f.spend(s.after - s.offset); err != nil {
		return err
	}
	return f.readHidden(s, entries)
}

// readHidden reads the stream that stands beside a table for newer readers.
func (f *file) readHidden(s *section, entries *int) error {
	o, ok := s.trailer["XRefStm"]
	if !ok {
		return nil
	}
	s.kind = hybridSection
	offset, ok := o.(int64)
	if !ok || offset < 0 || offset+f.shift >= f.size {
		return &ParseError{s.offset, "XRefStm is no offset in the file"}
	}
	d, t, err := f.readXRefStream(offset+f.shift, entries)
	if err != nil {
		return err
	}
	if !equalObjects(d["Encrypt"], s.trailer["Encrypt"]) && d["Encrypt"] != nil {
		return &ParseError{s.offset, "XRefStm and the trailer beside it differ in Encrypt"}
	}
	s.hidden = t
	return nil
}

func (f *file) tooManyObjects() error {
	return limitError("pdf-too-many-objects", "对象过多", "it has too many objects", fmt.Errorf("at most %d", f.lim.Objects))
}

// rows reads the entries of a subsection.
func (l *lexer) rows(count int) ([]entry, error) {
	l.blank()
	out := make([]entry, 0, min(count, maxToken))
	for range count {
		e, ok := entry{}, false
		if b, enough := l.take(rowBytes); enough {
			if e, ok = parseRow(b); ok {
				l.pos += rowBytes
			}
		}
		if !ok {
			var err error
			if e, err = l.oddRow(); err != nil {
				return nil, err
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// parseRow reads "oooooooooo ggggg n" with its two characters of line end.
func parseRow(b []byte) (entry, bool) {
	offset, ok := parseNatural(b[:10])
	gen, ok2 := parseNatural(b[11:16])
	end := string(b[18:20])
	if !ok || !ok2 || b[10] != ' ' || b[16] != ' ' || gen > maxGeneration || end != " \n" && end != " \r" && end != "\r\n" {
		return entry{}, false
	}
	return newEntry(offset, gen, b[17])
}

func newEntry(offset, gen int64, kind byte) (entry, bool) {
	switch kind {
	case 'n':
		return entry{offset, int32(gen), plainEntry}, true
	case 'f':
		return entry{offset, int32(gen), freeEntry}, true
	}
	return entry{}, false
}

// oddRow reads an entry that is not laid out in 20 bytes.
func (l *lexer) oddRow() (entry, error) {
	l.blank()
	start := l.at()
	offset, err := l.natural()
	if err != nil {
		return entry{}, err
	}
	gen, err := l.natural()
	if err != nil {
		return entry{}, err
	}
	l.blank()
	c, ok := l.peek()
	if e, known := newEntry(offset, gen, c); ok && known && gen <= maxGeneration {
		l.pos++
		l.note(start, "an entry of the cross-reference table is not 20 bytes long")
		l.blank()
		return e, nil
	}
	return entry{}, &ParseError{start, "malformed entry in a cross-reference table"}
}
