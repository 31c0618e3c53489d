package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"yinxin/document"
	"yinxin/fault"
)

// salvage is what the bytes of a file hold, whatever its cross-reference sections say: each object that is written out, the extent of each stream, each
// trailer. It is found in one pass over the bytes and one over the objects, and asked for signs of a signature on the way.
type salvage struct {
	reader   *file // that follows the cross-reference sections; nil where they lead nowhere
	why      error // what kept the reader from being used
	g        *file // reads objects; after rebuild, the document that the objects add up to
	marks    []mark
	found    []found         // in order of the file, objects of object streams behind their stream
	spans    []span          // in order of the file
	lengths  map[int64]int64 // of the spans of which Length says otherwise, by offset
	packs    []foundPack     // in order of the file
	trailers []Dict          // in order of the file, dictionaries of cross-reference streams among them
	catalogs []Ref           // in order of the file
	covered  int64           // all before was read as an object, a stream or a trailer, or was looked through
	endless  int64           // no stream that starts behind this ends; 0 where not known
	header   string          // version that the first header names; empty where none does
	headerAt int64           // where it stands
}

// mark is where something may start.
type mark struct {
	offset int64
	num    int32 // of the object; trailerMark for a trailer
	gen    int32
}

const trailerMark = -1

// found is an object.
type found struct {
	offset int64 // of the object; that of its object stream where it is in one
	num    int32
	gen    int32 // index in the object stream where it is in one
	pack   int32 // number of the object stream it is in, or 0
}

// foundPack is an object stream and where its data is.
type foundPack struct {
	found
	data int64
}

// span is the data of a stream.
type span struct{ offset, length int64 }

const sweepBytes = 256 << 10

// salvaged looks a file through. Files that must not be rewritten are refused.
func salvaged(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (*salvage, error) {
	lim := withDefaults(o.Limits)
	if size > lim.Bytes {
		return nil, limitError("pdf-too-large", "文件过大", "the file is too large", fmt.Errorf("%d bytes, at most %d", size, lim.Bytes))
	}
	g := &file{r: r, size: size, lim: lim, cache: map[site]Object{}, ambiguous: map[site]bool{}, loading: map[int64]bool{}}
	g.lex = lexer{r: r, wide: firstWindow, depth: lim.Depth, longest: lim.Stream, names: map[string]Name{}, note: g.tolerate}
	s := &salvage{g: g, lengths: map[int64]int64{}}
	if err := s.sweep(ctx); err != nil {
		return nil, err
	}
	d, err := open(ctx, r, size, o)
	var p *ParseError
	switch {
	case err == nil:
		s.reader = d.f
	case fault.KindOf(err) == fault.Limit || fault.KindOf(err) == 0 && !errors.As(err, &p):
		return nil, err
	default:
		s.why = err
	}
	s.place(s.marked())
	if err := s.readMarks(ctx); err != nil {
		return nil, err
	}
	if err := s.readPacks(ctx); err != nil {
		return nil, err
	}
	for _, f := range []*file{g, s.reader} {
		if f != nil {
			f.lengths = s.lengths
			clear(f.cache)
			f.kept = 0
		}
	}
	g.repairs = nil
	return s, nil
}

// sweep goes once over all bytes and notes where objects and trailers may start.
func (s *salvage) sweep(ctx context.Context) error {
	var c clues
	var numbers [2]int64 // the last words, where they are numbers that only white space parts
	var starts [2]int64
	valid := 0
	w := sweeper{visit: func(w word) error {
		c.see(w)
		if c.signed != "" {
			return errSigned(fmt.Sprintf("%s at offset %d", c.signed, w.start))
		}
		if w.apart || w.name {
			valid = 0
		}
		if w.name {
			return nil
		}
		if v, ok := headerVersion(w.text); ok && s.header == "" && w.apart {
			s.header, s.headerAt = v, w.start-1
		}
		const glued = "endobj"
		if len(w.text) > len(glued) && string(w.text[:len(glued)]) == glued && class[w.text[len(glued)]] == digit {
			w.text, w.start, valid = w.text[len(glued):], w.start+int64(len(glued)), 0
		}
		if n, ok := parseNatural(w.text); ok {
			numbers, starts, valid = [2]int64{numbers[1], n}, [2]int64{starts[1], w.start}, valid+1
			return nil
		}
		enough := valid >= 2
		valid = 0
		switch string(w.text) {
		case "obj":
			if enough && numbers[0] > 0 && numbers[0] <= maxNumber && numbers[1] <= maxGeneration {
				return s.mark(mark{starts[0], int32(numbers[0]), int32(numbers[1])})
			}
		case "trailer":
			return s.mark(mark{w.start, trailerMark, 0})
		}
		return nil
	}}
	if err := s.g.eachChunk(ctx, 0, s.g.size, w.feed); err != nil {
		return err
	}
	return w.finish()
}

// headerVersion reads the version of a header, without its percent sign.
func headerVersion(b []byte) (string, bool) {
	const mark = "PDF-"
	if len(b) != len(mark)+3 || string(b[:len(mark)]) != mark {
		return "", false
	}
	v := string(b[len(mark):])
	return v, (v[0] == '1' || v[0] == '2') && v[1] == '.' && class[v[2]] == digit
}

func (s *salvage) mark(m mark) error {
	if len(s.marks) >= tableFactor*s.g.lim.Objects {
		return s.g.tooManyObjects()
	}
	s.marks = append(s.marks, m)
	return nil
}

// eachChunk hands the bytes of the file from a place to another to feed.
func (f *file) eachChunk(ctx context.Context, from, to int64, feed func([]byte) error) error {
	b := make([]byte, min(sweepBytes, to-from))
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		b = b[:min(int64(len(b)), to-from)]
		if err := readFull(f.r, b, from); err != nil {
			return err
		}
		if err := feed(b); err != nil {
			return err
		}
		from += int64(len(b))
	}
	return nil
}

// marked are the marks of objects as if each of them were one.
func (s *salvage) marked() []found {
	out := make([]found, 0, len(s.marks))
	for _, m := range s.marks {
		if m.num != trailerMark {
			out = append(out, found{offset: m.offset, num: m.num, gen: m.gen})
		}
	}
	return out
}

// place makes the objects the table of g's only revision: of each number the last.
func (s *salvage) place(objects []found) {
	slices.SortStableFunc(objects, func(a, b found) int { return int(a.num) - int(b.num) })
	var t table
	for i, o := range objects {
		if i+1 < len(objects) && objects[i+1].num == o.num {
			continue
		}
		e := entry{o.offset, o.gen, plainEntry}
		if o.pack != 0 {
			e = entry{int64(o.pack), o.gen, packedEntry}
		}
		if n := len(t); n > 0 && t[n-1].first+len(t[n-1].entries) == int(o.num) {
			t[n-1].entries = append(t[n-1].entries, e)
			continue
		}
		t = append(t, run{int(o.num), []entry{e}})
	}
	g := s.g
	g.sections = []section{{kind: tableSection, table: t, end: g.size, trailer: Dict{}}}
	g.revisions = []revision{{eof: g.size, end: g.size}}
}

// rebuild makes g the document that the objects add up to: of each number the last definition, under the newest trailer whose Root is a catalog with
// pages, or else under the last such catalog.
func (s *salvage) rebuild() error {
	plain := map[int32]int64{}
	for _, o := range s.found {
		if o.pack == 0 {
			plain[o.num] = o.offset
		}
	}
	// Objects of an object stream whose number was given to something else later are out of reach for any reader.
	s.place(slices.DeleteFunc(slices.Clone(s.found), func(o found) bool { return o.pack != 0 && plain[o.pack] != o.offset }))
	g := s.g
	trailer := Dict{}
	candidates := slices.Clone(s.catalogs)
	for _, t := range s.trailers {
		if root, ok := t["Root"].(Ref); ok {
			candidates = append(candidates, root)
		}
		if id, err := g.array(t["ID"]); err == nil && len(id) == 2 {
			trailer["ID"] = id
		}
		if info, err := g.dict(t["Info"]); err == nil && info != nil {
			trailer["Info"] = t["Info"]
		} else if isFatal(err) {
			return err
		}
	}
	for _, ref := range slices.Backward(candidates) {
		ok, err := s.isCatalog(ref)
		if err != nil {
			return err
		}
		if ok {
			trailer["Root"] = ref
			g.root, g.trailer, g.sections[0].trailer = ref, trailer, trailer
			return nil
		}
	}
	return errPages(&ParseError{-1, "no catalog leads to pages"})
}

func (s *salvage) isCatalog(ref Ref) (bool, error) {
	d, err := s.g.dict(ref)
	if err != nil || d["Pages"] == nil {
		return false, onlyFatal(err)
	}
	pages, err := s.g.dict(d["Pages"])
	return pages != nil, onlyFatal(err)
}
