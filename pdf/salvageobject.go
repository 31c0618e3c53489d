package pdf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"yinxin/fault"
)

// readMarks reads what stands at the marks, in order. What lies inside another object or its data is none, and what lies between objects is looked
// through for signs of a signature.
func (s *salvage) readMarks(ctx context.Context) error {
	for i, m := range s.marks {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if m.offset < s.covered {
			continue
		}
		read := s.readObject
		if m.num == trailerMark {
			read = s.readTrailer
		}
		end, err := read(m)
		if s.g.lex.err != nil {
			return s.g.lex.err
		}
		if isFatal(err) {
			return err
		}
		if err != nil {
			if err := s.g.spend(s.g.lex.at() - m.offset); err != nil {
				return err
			}
			continue // what cannot be read stays in the gap
		}
		if err := s.gap(ctx, m.offset); err != nil {
			return err
		}
		s.covered = end
	}
	return s.gap(ctx, s.g.size)
}

// readTrailer reads a trailer and returns where it ends.
func (s *salvage) readTrailer(m mark) (int64, error) {
	l := &s.g.lex
	l.seek(m.offset, s.g.size)
	l.nodes = maxNodes
	if !l.keyword("trailer") {
		return 0, l.fail("no trailer stands here")
	}
	o, err := l.object(0)
	if err != nil {
		return 0, err
	}
	if d, ok := o.(Dict); ok {
		if err := s.trailer(d); err != nil {
			return 0, err
		}
	}
	return l.at(), s.g.spend(l.at() - m.offset)
}

func (s *salvage) trailer(d Dict) error {
	if d["Encrypt"] != nil {
		return errEncrypted()
	}
	s.trailers = append(s.trailers, d)
	return nil
}

// readObject reads an object and returns where it ends.
func (s *salvage) readObject(m mark) (int64, error) {
	f := s.g
	s.found = append(s.found, found{offset: m.offset, num: m.num, gen: m.gen}) // also where it cannot be read: no earlier one takes its place in silence
	if err := f.header(Ref{int(m.num), int(m.gen)}, m.offset, f.size); err != nil {
		return 0, err
	}
	o, err := f.lex.object(0)
	if err != nil {
		return 0, err
	}
	end := f.lex.at()
	d, _ := o.(Dict)
	if o, err = f.finish(o, f.size); err != nil {
		return 0, err
	}
	if err := f.spend(end - m.offset); err != nil {
		return 0, err
	}
	if why := suspect(o); why != "" {
		return 0, errSigned(fmt.Sprintf("%s in the object at offset %d", why, m.offset))
	}
	if d["Type"] == Name("Catalog") {
		s.catalogs = append(s.catalogs, Ref{int(m.num), int(m.gen)})
	}
	st, ok := o.(*Stream)
	if !ok {
		return f.lex.at(), nil
	}
	sp, end, err := s.extent(st)
	if err != nil {
		return 0, err
	}
	s.spans = append(s.spans, sp)
	switch d["Type"] {
	case Name("ObjStm"):
		s.packs = append(s.packs, foundPack{s.found[len(s.found)-1], st.Offset})
	case Name("XRef"):
		return end, s.trailer(d)
	}
	return end, nil
}

// extent finds the data of a stream and where the object ends. Length counts where endstream follows; else the data ends before the next endstream or
// endobj.
func (s *salvage) extent(st *Stream) (span, int64, error) {
	f := s.g
	length, err := s.length(st.Dict["Length"])
	if err != nil {
		return span{}, 0, err
	}
	if length >= 0 && length <= f.size-st.Offset {
		f.lex.seek(st.Offset+length, f.size)
		if f.lex.keyword("endstream") {
			f.lex.keyword("endobj")
			return span{st.Offset, length}, f.lex.at(), f.lex.err
		}
	}
	end, err := s.streamEnd(st.Offset)
	if err != nil {
		return span{}, 0, err
	}
	f.lex.seek(end, f.size)
	f.lex.keyword("endstream")
	f.lex.keyword("endobj")
	s.lengths[st.Offset] = end - st.Offset
	return span{st.Offset, end - st.Offset}, f.lex.at(), f.lex.err
}

// length resolves Length, in the reader's view before that of the bytes; -1 where it is none.
func (s *salvage) length(o Object) (int64, error) {
	for _, f := range []*file{s.reader, s.g} {
		if f == nil {
			continue
		}
		n, err := f.integer(o)
		if isFatal(err) {
			return 0, err
		}
		if err == nil && o != nil && n >= 0 {
			return n, nil
		}
	}
	return -1, nil
}

// streamEnd finds where data ends that starts at an offset: before the end of line that stands before endstream, or endobj where that comes first.
// What is searched is behind all that was searched before, so the search as a whole is linear.
func (s *salvage) streamEnd(from int64) (int64, error) {
	none := &ParseError{from, "a stream does not end: the file is cut off or damaged"}
	if s.endless != 0 && from >= s.endless {
		return 0, none
	}
	const overlap = len("endstream") + 1 // of one look with the next: a word cut short, with the end of line before it
	l := &s.g.lex
	l.seek(from, s.g.size)
	for {
		b := l.buf[l.pos:]
		if i := firstOf(b, "endstream", "endobj"); i >= 0 {
			if i > 0 && b[i-1] == '\n' {
				i--
			}
			if i > 0 && b[i-1] == '\r' {
				i--
			}
			return l.at() + int64(i), nil
		}
		l.pos = max(len(l.buf)-overlap, l.pos)
		if !l.refill(overlap + 1) {
			break
		}
	}
	if l.err != nil {
		return 0, l.err
	}
	s.endless = from
	return 0, none
}

func firstOf(b []byte, words ...string) int {
	first := -1
	for _, w := range words {
		if i := bytes.Index(b, []byte(w)); i >= 0 {
			first, b = i, b[:min(i+len(w), len(b))]
		}
	}
	return first
}

// gap looks through what lies between the last object that could be read and an offset.
func (s *salvage) gap(ctx context.Context, to int64) error {
	const shortest = 8 // no clue is shorter
	if to-s.covered < shortest {
		return nil
	}
	var c clues
	w := sweeper{visit: func(w word) error { c.see(w); return nil }}
	if err := s.g.eachChunk(ctx, s.covered, to, w.feed); err != nil {
		return err
	}
	_ = w.finish() // its visit never fails
	switch {
	case c.locked:
		return errEncrypted()
	case c.field && c.value:
		return errSigned(fmt.Sprintf("a signature field, perhaps with a value, between offsets %d and %d", s.covered, to))
	case c.packed:
		return errUnreadable(&ParseError{s.covered, "an object stream cannot be read"})
	}
	return nil
}

// readPacks reads what the object streams hold, also those of revisions that nothing leads to any more.
func (s *salvage) readPacks(ctx context.Context) error {
	for _, in := range s.packs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.readPack(in); err != nil {
			var p *ParseError
			if fault.KindOf(err) == 0 && (errors.As(err, &p) || errors.Is(err, errRawFilter)) {
				return errUnreadable(err)
			}
			return err
		}
	}
	slices.SortStableFunc(s.found, func(a, b found) int { return cmp.Compare(a.offset, b.offset) })
	return nil
}

func (s *salvage) readPack(in foundPack) error {
	f := s.g
	at := site{in.offset, f.size, -1, in.num}
	o, err := f.load(Ref{int(in.num), int(in.gen)}, at)
	if err != nil {
		return err
	}
	st, ok := o.(*Stream)
	if !ok {
		return &ParseError{in.offset, "an object stream cannot be read"}
	}
	sp, _ := s.span(in.data)
	p, err := f.readPack(&Stream{Dict: st.Dict, Offset: in.data, Length: sp.length, bound: f.size}, at)
	if err != nil {
		return err
	}
	if len(s.found)+len(p.nums) > tableFactor*f.lim.Objects {
		return f.tooManyObjects()
	}
	var c clues
	w := sweeper{visit: func(w word) error { c.see(w); return nil }}
	_ = w.feed(p.data)
	_ = w.finish()
	for i, num := range p.nums {
		if num == 0 {
			continue
		}
		s.found = append(s.found, found{in.offset, num, int32(i), in.num})
		l := lexer{buf: p.data, pos: int(p.offs[i]), end: int64(len(p.data)), origin: in.offset, depth: f.lex.depth, longest: f.lex.longest,
			nodes: maxNodes, names: f.lex.names}
		o, broken := l.object(0)
		if err := f.spend(l.at() - p.offs[i]); err != nil {
			return err
		}
		if d, ok := o.(Dict); ok && d["Type"] == Name("Catalog") {
			s.catalogs = append(s.catalogs, Ref{Num: int(num)})
		}
		if why := suspect(o); why != "" {
			c.signed = why
		}
		if broken != nil && c.field && c.value {
			c.signed = "a signature field, perhaps with a value,"
		}
	}
	if c.signed != "" {
		return errSigned(fmt.Sprintf("%s in the object stream at offset %d", c.signed, in.offset))
	}
	return nil
}

// span returns the data that starts at an offset.
func (s *salvage) span(offset int64) (span, bool) {
	i, ok := slices.BinarySearchFunc(s.spans, offset, func(sp span, at int64) int { return cmp.Compare(sp.offset, at) })
	if !ok {
		return span{}, false
	}
	return s.spans[i], true
}
