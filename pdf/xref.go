package pdf

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
)

const (
	tailBytes   = 1024 // where startxref is looked for, from the end
	headBytes   = 1024 // where the header is looked for
	maxSections = 4096
	tableFactor = 4 // cross-reference entries over all sections, as a multiple of the objects allowed
)

// sectionKind is how a cross-reference section is written.
type sectionKind uint8

const (
	tableSection  sectionKind = iota + 1 // ISO 32000-1, 7.5.4
	streamSection                        // ISO 32000-1, 7.5.8
	hybridSection                        // a table with an XRefStm beside it (ISO 32000-1, 7.5.8.4): old and new readers see two files
)

// section is one cross-reference section.
type section struct {
	kind    sectionKind
	offset  int64 // of what startxref or Prev names
	size    int64 // Size of the trailer
	trailer Dict
	end     int64 // end of its revision, behind %%EOF and one end of line
	table   table
	hidden  table // of XRefStm
	after   int64 // where the section itself ends
	twice   bool  // the trailer has a key twice
}

// entryKind is what a cross-reference entry says of an object.
type entryKind uint8

const (
	noEntry     entryKind = iota
	freeEntry             // deleted, or never used
	plainEntry            // at an offset
	packedEntry           // in an object stream
)

// entry is a cross-reference entry.
type entry struct {
	offset int64 // plain: in the file; packed: number of the object stream
	gen    int32 // plain and free: generation; packed: index in the object stream
	kind   entryKind
}

// run is a subsection: entries of consecutive numbers.
type run struct {
	first   int
	entries []entry
}

// table is the subsections of a section, ordered by number and without overlap.
type table []run

func (t table) lookup(num int) (entry, bool) {
	i, found := slices.BinarySearchFunc(t, num, func(r run, n int) int { return cmp.Compare(r.first, n) })
	if !found {
		i--
	}
	if i < 0 || num-t[i].first >= len(t[i].entries) {
		return entry{}, false
	}
	return t[i].entries[num-t[i].first], true
}

func (t table) highest() int {
	if len(t) == 0 {
		return 0
	}
	last := t[len(t)-1]
	return last.first + len(last.entries) - 1
}

// order sorts the subsections, joins neighbours and refuses overlap: two entries for one object in one section mean that readers disagree.
func (t table) order(offset int64) (table, error) {
	slices.SortStableFunc(t, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	out := t[:0]
	for _, r := range t {
		if len(r.entries) == 0 {
			continue
		}
		if n := len(out); n > 0 {
			switch next := out[n-1].first + len(out[n-1].entries); {
			case r.first < next:
				return nil, &ParseError{offset, fmt.Sprintf("object %d has two entries in one cross-reference section", r.first)}
			case r.first == next:
				out[n-1].entries = append(out[n-1].entries, r.entries...)
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// find looks in the section. A hidden object has a free entry in the table and its true one in the stream.
func (s *section) find(num int) (entry, bool) {
	e, ok := s.table.lookup(num)
	if ok && e.kind != freeEntry {
		return e, true
	}
	if h, hidden := s.hidden.lookup(num); hidden {
		return h, true
	}
	return e, ok
}

// readStructure reads header, startxref and the chain of sections.
func (f *file) readStructure(ctx context.Context) error {
	header, err := f.readHeader()
	if err != nil {
		return err
	}
	last, err := f.lastTail()
	if err != nil {
		return err
	}
	if err := f.readChain(ctx, last.target, header); err != nil {
		return err
	}
	f.trailer = f.sections[0].trailer
	root, ok := f.trailer["Root"].(Ref)
	if !ok {
		return &ParseError{f.sections[0].offset, "the trailer names no Root"}
	}
	f.root = root
	f.divide(last)
	return f.lex.err
}

// readHeader returns where "%PDF-" stands.
func (f *file) readHeader() (int64, error) {
	head := make([]byte, min(headBytes, f.size))
	if _, err := f.r.ReadAt(head, 0); err != nil && int64(len(head)) < f.size {
		return 0, fmt.Errorf("read the header: %w", err)
	}
	i := bytes.Index(head, []byte("%PDF-"))
	if i < 0 {
		return 0, &ParseError{0, "this is no PDF: %PDF- is missing"}
	}
	if i > 0 {
		f.tolerate(0, "bytes before %PDF-")
	}
	return int64(i), nil
}

// readChain reads the section at target and those before it.
func (f *file) readChain(ctx context.Context, target, header int64) error {
	seen := map[int64]bool{}
	entries := tableFactor * f.lim.Objects
	for offset := target; offset >= 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if seen[offset] || len(seen) >= maxSections {
			return &ParseError{offset, "the chain of cross-reference sections does not end"}
		}
		seen[offset] = true
		if len(seen) == 1 && header > 0 && !f.sectionAt(offset) && f.sectionAt(offset+header) {
			f.shift = header
		}
		s, err := f.readSection(offset+f.shift, &entries)
		if err != nil {
			return err
		}
		if offset, err = f.previous(&s); err != nil {
			return err
		}
		f.sections = append(f.sections, s)
	}
	return nil
}

// sectionAt reports whether something like a section starts there.
func (f *file) sectionAt(offset int64) bool {
	l := &f.lex
	l.seek(offset, f.size)
	if l.keyword("xref") {
		return true
	}
	if _, err := l.natural(); err != nil {
		return false
	}
	_, err := l.natural()
	return err == nil && l.keyword("obj")
}

// previous returns Prev of a section, or -1.
func (f *file) previous(s *section) (int64, error) {
	prev, ok := s.trailer["Prev"]
	if !ok {
		return -1, nil
	}
	n, ok := prev.(int64)
	if r, isReal := prev.(float64); isReal && r == float64(int64(r)) {
		f.tolerate(s.offset, "Prev is written as a real")
		n, ok = int64(r), true
	}
	if !ok || n < 0 || n >= f.size {
		return 0, &ParseError{s.offset, "Prev is no offset in the file"}
	}
	if n == 0 {
		f.tolerate(s.offset, "Prev is 0")
		return -1, nil
	}
	return n, nil
}

// readSection reads the section at an offset.
func (f *file) readSection(offset int64, entries *int) (section, error) {
	l := &f.lex
	l.seek(offset, f.size)
	l.nodes = maxNodes
	l.blank()
	if l.at() != offset {
		l.tolerate("a cross-reference section starts behind white space")
	}
	s := section{offset: offset}
	l.twice = false
	var err error
	if l.keyword("xref") {
		err = f.readTable(&s, entries)
	} else {
		s.kind = streamSection
		s.trailer, s.table, err = f.readXRefStream(offset, entries)
		s.after = f.lex.at()
	}
	if err != nil {
		return s, fmt.Errorf("read the cross-reference section: %w", err)
	}
	s.twice = l.twice
	size, ok := s.trailer["Size"].(int64)
	if !ok || size < 0 {
		return s, &ParseError{offset, "the trailer has no Size"}
	}
	s.size = size
	if highest := max(s.table.highest(), s.hidden.highest()); int64(highest) >= size {
		f.tolerate(offset, "Size is not beyond the highest object number")
	}
	if n := len(f.sections); n > 0 && f.sections[n-1].size < size {
		f.tolerate(f.sections[n-1].offset, "Size is smaller than in the revision before")
	}
	if size > maxNumber {
		f.tolerate(offset, "Size is beyond any object number")
	}
	return s, nil
}
