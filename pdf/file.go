package pdf

import (
	"context"
	"fmt"
	"io"
	"slices"

	"yinxin/document"
	"yinxin/fault"
)

// The defaults of document.Limits.
const (
	defaultBytes      = 2 << 30
	defaultObjects    = 1_000_000
	defaultStream     = 64 << 20
	defaultDepth      = 64
	defaultSignatures = 500
	defaultPages      = 50_000
)

const (
	workPerByte = 8        // bytes read and decoded for each byte of the file …
	workAtLeast = 1 << 28  // … and this much more
	keptBytes   = 48 << 20 // source bytes of parsed objects and decoded object streams that are kept
	kindling    = 8        // a parsed object is counted as this many times its source
	maxRepairs  = 64
)

// file is a PDF whose structure has been read and whose objects are read when asked for.
//
// Each revision has its own snapshot of the objects. What an object says is read once and kept by its place in the file, so revisions share what did
// not change between them. Nothing is searched for or rebuilt: what the cross-reference sections do not name does not exist.
type file struct {
	r         io.ReaderAt
	size      int64
	lim       document.Limits
	lex       lexer
	shift     int64      // bytes before the header where offsets count from there
	trailer   Dict       // of the newest section
	security  *security  // nil where the file is not encrypted
	root      Ref        // the catalog
	sections  []section  // newest first
	revisions []revision // oldest first
	repairs   []ParseError
	// disordered: the revisions do not follow one another as they should. trailing: bytes follow the last of them.
	disordered, trailing bool
	index                map[int][]int32 // see buildIndex
	work                 int64           // bytes read and decoded so far
	kept                 int64
	cache                map[site]Object
	packs                []*pack       // decoded object streams, last used first
	ambiguous            map[site]bool // objects with a key twice in a dictionary
	loading              map[int64]bool
	lengths              map[int64]int64 // by offset of the data: what is known better than Length of a stream; nil but for files being repaired
	inflate              inflater
	parts                []byte // see part
}

// openFile reads the cross-reference sections of r, and finds the key where it is encrypted.
func openFile(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (*file, error) {
	f := &file{r: r, size: size, lim: withDefaults(o.Limits), cache: map[site]Object{}, ambiguous: map[site]bool{}, loading: map[int64]bool{}}
	if size > f.lim.Bytes {
		return nil, limitError("pdf-too-large", "文件过大", "the file is too large", fmt.Errorf("%d bytes, at most %d", size, f.lim.Bytes))
	}
	f.lex = lexer{r: r, wide: firstWindow, depth: f.lim.Depth, longest: f.lim.Stream, names: map[string]Name{}, note: f.tolerate}
	if err := f.readStructure(ctx); err != nil {
		return nil, err
	}
	if err := f.unlock(o.Password); err != nil {
		return nil, err
	}
	return f, nil
}

func withDefaults(l document.Limits) document.Limits {
	set := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	set(&l.Objects, defaultObjects)
	set(&l.Depth, defaultDepth)
	set(&l.Signatures, defaultSignatures)
	set(&l.Pages, defaultPages)
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	if l.Stream <= 0 {
		l.Stream = defaultStream
	}
	return l
}

func limitError(code, zh, en string, cause error) error {
	return fault.New(fault.Limit, code, "PDF "+zh+"，超出处理上限；请拆分或重新生成该文件",
		"PDF: "+en+": beyond the limit; split the file or make it anew", cause)
}

// tolerate records what was read although it is not as the standard has it.
func (f *file) tolerate(offset int64, what string) {
	e := ParseError{Offset: offset, What: what}
	if len(f.repairs) < maxRepairs && !slices.Contains(f.repairs, e) {
		f.repairs = append(f.repairs, e)
	}
}

// strict returns nil only where nothing was tolerated so far.
func (f *file) strict() error {
	if len(f.repairs) == 0 {
		return nil
	}
	e := f.repairs[0]
	return &e
}

// part returns room for reading n bytes of the file, or as many of them as are read at once. It is the same room each time.
func (f *file) part(n int64) []byte {
	if n = min(n, copyBuffer); int64(len(f.parts)) < n {
		f.parts = make([]byte, n)
	}
	return f.parts[:n]
}

// spend counts work done for the file and ends it where a file costs out of proportion to its size.
func (f *file) spend(n int64) error {
	if f.work += n; f.work > workAtLeast+workPerByte*f.size {
		return limitError("pdf-too-costly", "解析代价过高", "reading it takes too much work", nil)
	}
	return nil
}

// maxObject is the highest object number that any revision names or reserves.
func (f *file) maxObject() int {
	highest := 0
	for i := range f.sections {
		s := &f.sections[i]
		highest = max(highest, int(min(s.size, maxNumber))-1, s.table.highest(), s.hidden.highest())
	}
	return highest
}

// at returns the file as it was in revision k, counted from 0.
func (f *file) at(k int) snapshot { return snapshot{f, k} }

func (f *file) newest() snapshot { return snapshot{f, len(f.revisions) - 1} }

// get returns the newest object of that number and generation; nil where it is absent or free.
func (f *file) get(ref Ref) (Object, error)      { return f.newest().get(ref) }
func (f *file) resolve(o Object) (Object, error) { return f.newest().resolve(o) }
func (f *file) dict(o Object) (Dict, error)      { return f.newest().dict(o) }
func (f *file) array(o Object) (Array, error)    { return f.newest().array(o) }
func (f *file) name(o Object) (Name, error)      { return f.newest().name(o) }
func (f *file) integer(o Object) (int64, error)  { return f.newest().integer(o) }

// site is where an object stands in the file: at an offset, or at an index in the object stream at that offset.
type site struct {
	offset int64
	bound  int64 // end of the revision that placed it: not a byte behind that is read for it
	index  int32 // in the object stream; -1 outside of one
	num    int32 // the object's number
}

// keep remembers an object that took n bytes of source. The memory for it is bounded by forgetting everything now and then.
func (f *file) keep(s site, o Object, n int64) {
	n *= kindling
	if f.kept += n; f.kept > keptBytes {
		clear(f.cache)
		f.kept = n
	}
	f.cache[s] = o
}

// load reads the object that a cross-reference entry places at s.
func (f *file) load(ref Ref, s site) (Object, error) {
	if o, ok := f.cache[s]; ok {
		return o, nil
	}
	offset, bound := s.offset, s.bound
	if f.loading[offset] || len(f.loading) > f.lim.Depth {
		return nil, &ParseError{offset, fmt.Sprintf("object %d needs itself to be read", ref.Num)}
	}
	f.loading[offset] = true
	defer delete(f.loading, offset)
	if err := f.header(ref, offset, bound); err != nil {
		return nil, err
	}
	f.lex.twice = false
	o, err := f.lex.object(0)
	if err != nil {
		if spent := f.spend(f.lex.at() - offset); spent != nil { // it may be asked for again and again
			return nil, spent
		}
		return nil, err
	}
	if f.lex.twice {
		f.ambiguous[s] = true
	}
	if o, err = f.finish(o, bound); err != nil {
		return nil, err
	}
	n := f.lex.at() - offset
	if st, ok := o.(*Stream); ok {
		n, st.ref = st.Offset-offset, ref
	}
	if f.security != nil {
		if o, err = f.decryptObject(o, ref, offset); err != nil {
			return nil, err
		}
	}
	if err := f.spend(n); err != nil {
		return nil, err
	}
	f.keep(s, o, n)
	return o, nil
}

// header goes to an object and reads "N G obj".
func (f *file) header(ref Ref, offset, bound int64) error {
	if offset >= bound {
		return &ParseError{offset, fmt.Sprintf("object %d is said to stand behind the end of its revision", ref.Num)}
	}
	l := &f.lex
	l.seek(offset, bound)
	l.nodes = maxNodes
	l.skip()
	if l.at() != offset {
		l.tolerate(fmt.Sprintf("the entry of object %d points at white space", ref.Num))
	}
	num, err := l.natural()
	if err == nil {
		var gen int64
		if gen, err = l.natural(); err == nil && l.keyword("obj") && num == int64(ref.Num) && gen == int64(ref.Gen) {
			return nil
		}
	}
	if l.err != nil {
		return l.err
	}
	return &ParseError{offset, fmt.Sprintf("object %d does not start here", ref.Num)}
}

// finish reads what follows an object: endobj, or the data of a stream.
func (f *file) finish(o Object, bound int64) (Object, error) {
	l := &f.lex
	if l.keyword("endobj") {
		return o, nil
	}
	d, ok := o.(Dict)
	if !ok || !l.keyword("stream") {
		if l.err == nil {
			l.tolerate("endobj is missing")
		}
		return o, l.err
	}
	switch b, _ := l.take(2); {
	case len(b) == 2 && b[0] == '\r' && b[1] == '\n':
		l.pos += 2
	case len(b) == 2 && b[0] == '\n':
		l.pos++
	case len(b) == 2 && b[0] == '\r':
		l.tolerate("a stream's data starts behind a lone CR")
		l.pos++
	default:
		l.tolerate("a stream's data does not start on a new line")
	}
	s := &Stream{Dict: d, Offset: l.at(), Length: -1, bound: bound}
	length, err := f.integer(d["Length"])
	if err == nil && d["Length"] != nil && length >= 0 && length <= bound-s.Offset {
		s.Length = length
	}
	if n, ok := f.lengths[s.Offset]; ok {
		s.Length = n
	}
	return s, l.err
}
