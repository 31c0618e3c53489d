package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// revision is what one act of writing left: all of the file up to its end. A linearized file has two sections in one revision.
type revision struct {
	newest int   // index in file.sections of the section that startxref names
	oldest int   // index of the last section that belongs to the same revision
	eof    int64 // behind %%EOF
	end    int64 // behind one end of line after it
}

// tail is "startxref N %%EOF".
type tail struct {
	pos    int64 // of startxref
	target int64 // N
	eof    int64 // behind %%EOF
	end    int64 // behind the end of line that follows
}

// lastTail finds the tail that readers start from.
func (f *file) lastTail() (tail, error) {
	b := make([]byte, min(tailBytes, f.size))
	start := f.size - int64(len(b))
	if n, err := f.r.ReadAt(b, start); n < len(b) {
		return tail{}, fmt.Errorf("read the end of the file: %w", err)
	}
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return tail{}, &ParseError{start, "startxref is missing: the file is cut off or damaged"}
	}
	t, err := f.readTail(start + int64(i))
	if err != nil {
		return tail{}, err
	}
	if t.target+f.shift >= f.size {
		return tail{}, &ParseError{t.pos, "startxref points behind the end of the file"}
	}
	return t, nil
}

// readTail reads the tail that is the next thing at an offset.
func (f *file) readTail(offset int64) (tail, error) {
	l := &f.lex
	l.seek(offset, f.size)
	if !l.keyword("startxref") {
		return tail{}, l.fail("startxref was expected")
	}
	t := tail{pos: l.at() - int64(len("startxref"))}
	var err error
	if t.target, err = l.natural(); err != nil {
		return tail{}, err
	}
	t.eof = l.at()
	l.blank()
	if b, ok := l.take(5); ok && string(b) == "%%EOF" {
		l.pos += 5
		t.eof = l.at()
	} else {
		l.tolerate("%%EOF is missing")
	}
	if c, ok := l.peek(); ok && (c == '\r' || c == '\n') {
		l.pos++
		if c == '\r' {
			l.feed()
		}
	}
	t.end = l.at()
	return t, l.err
}

// divide sorts the sections into revisions and finds where each ends. last is the tail that readers start from.
func (f *file) divide(last tail) {
	n := len(f.sections)
	tails := make([]tail, n)
	attached := false
	for i := range f.sections {
		t, err := f.readTail(f.sections[i].after)
		if err != nil {
			t = tail{pos: -1, target: -1}
		}
		tails[i] = t
		attached = attached || t.pos == last.pos
	}
	if !attached {
		f.disorder(last.pos, "startxref stands apart from the sections it leads to")
	}
	oldest := n - 1
	for i := n - 1; i >= 0; i-- {
		t, ok := f.ending(i, tails, last)
		if !ok {
			if i == 0 || tails[i].target < 0 || tails[i].target+f.shift != f.sections[i-1].offset {
				f.disorder(f.sections[i].offset, "a revision has no startxref of its own")
			}
			continue
		}
		f.revisions = append(f.revisions, revision{newest: i, oldest: oldest, eof: t.eof, end: t.end})
		oldest = i - 1
	}
	f.checkRevisions()
}

// ending returns the tail that ends the revision of section i. In a linearized file it follows the section that Prev names.
func (f *file) ending(i int, tails []tail, last tail) (tail, bool) {
	offset := f.sections[i].offset - f.shift
	switch {
	case tails[i].target == offset:
		return tails[i], true
	case i+1 < len(tails) && tails[i+1].target == offset:
		return tails[i+1], true
	case i == 0:
		return last, true
	}
	return tail{}, false
}

// checkRevisions tells the sections where their revision ends and looks for what should not be: revisions out of order, entries that point
// nowhere, bytes behind the end.
func (f *file) checkRevisions() {
	before := int64(0)
	for _, r := range f.revisions {
		if r.end <= before {
			f.disorder(r.end, "the revisions are out of order")
		}
		before = r.end
		for i := r.newest; i <= r.oldest; i++ {
			s := &f.sections[i]
			s.end = r.end
			if s.after > r.end {
				f.disorder(s.offset, "a section stands behind the end of its revision")
			}
			f.checkEntries(s.table, s)
			f.checkEntries(s.hidden, s)
		}
	}
	l := &f.lex
	l.seek(before, f.size)
	if l.blank(); l.at() < f.size {
		f.trailing = true
		f.tolerate(l.at(), "bytes behind the last %%EOF")
	}
}

func (f *file) checkEntries(t table, s *section) {
	for _, r := range t {
		for i, e := range r.entries {
			if e.kind == plainEntry && (e.offset == 0 || e.offset+f.shift >= s.end) {
				f.tolerate(s.offset, fmt.Sprintf("the entry of object %d points outside its revision", r.first+i))
			}
		}
	}
}

func (f *file) disorder(offset int64, what string) {
	f.disordered = true
	f.tolerate(offset, what)
}

// indexAbove is how many sections are looked through one by one; with more of them an index is made.
const indexAbove = 16

// lookup returns the entry of an object as of section i, and the section that has it, or -1.
func (f *file) lookup(num, i int) (entry, int) {
	if len(f.sections)-i <= indexAbove {
		for ; i < len(f.sections); i++ {
			if e, ok := f.sections[i].find(num); ok {
				return e, i
			}
		}
		return entry{}, -1
	}
	if f.index == nil {
		f.buildIndex()
	}
	list := f.index[num]
	k, _ := slices.BinarySearch(list, int32(i))
	if k == len(list) {
		return entry{}, -1
	}
	e, _ := f.sections[list[k]].find(num)
	return e, int(list[k])
}

// buildIndex lists, for each object, the sections that name it, newest first.
func (f *file) buildIndex() {
	f.index = map[int][]int32{}
	for i := range f.sections {
		for _, t := range []table{f.sections[i].table, f.sections[i].hidden} {
			for _, r := range t {
				for k := range r.entries {
					num := r.first + k
					if list := f.index[num]; len(list) == 0 || list[len(list)-1] != int32(i) {
						f.index[num] = append(list, int32(i))
					}
				}
			}
		}
	}
}
