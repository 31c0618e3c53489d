package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"yinxin/document"
)

// painter gathers all that a page, or a sealed field, is painted from, by a walk of its own that knows nothing of roles.
type painter struct {
	v    snapshot
	out  io.Writer
	seen map[Ref]int
	left int
}

// unpainted tells the entries that paint nothing, whatever has them.
func unpainted(k Name) bool {
	return slices.Contains([]Name{"Parent", "P", "Fields", "Kids", "Annots", "AcroForm", "K", "Obj", "Pg", "ParentTree", "DSS", "VRI", "Certs", "Cert", "OCSPs", "OCSP", "Popup", "IRT"}, k)
}

func (p *painter) walk(o Object, but ...Name) {
	if p.left--; p.left < 0 {
		return
	}
	if r, ok := o.(Ref); ok {
		if n, again := p.seen[r]; again {
			fmt.Fprintf(p.out, "again %d;", n)
			return
		}
		p.seen[r] = len(p.seen)
		var err error
		if o, err = p.v.get(r); err != nil {
			fmt.Fprint(p.out, "unreadable;")
			return
		}
	}
	switch x := o.(type) {
	case Array:
		for _, e := range x {
			p.walk(e)
		}
		fmt.Fprint(p.out, "];")
	case Dict:
		for _, k := range sortedKeys(x) {
			if !slices.Contains(but, k) && !unpainted(k) {
				fmt.Fprintf(p.out, "%q:", k)
				p.walk(x[k])
			}
		}
		fmt.Fprint(p.out, ">>;")
	case *Stream:
		b, err := p.v.f.decode(x)
		if err != nil {
			b, err = p.v.f.raw(x)
		}
		fmt.Fprintf(p.out, "%x %v;", b, err)
		for _, k := range sortedKeys(x.Dict) {
			if k != "Length" && k != "Filter" {
				p.walk(x.Dict[k])
			}
		}
	default:
		fmt.Fprintf(p.out, "%T %v;", o, o)
	}
}

// paintedBy is a digest of all that the pages and the fields signed in the first revisions show.
func paintedBy(d *Document, sealed []Ref) string {
	h := sha256.New()
	v := d.f.newest()
	p := &painter{v, h, map[Ref]int{}, 20_000}
	if catalog, err := v.catalog(); err == nil {
		for _, k := range []Name{"OCProperties", "OpenAction", "Perms", "AA", "URI", "Collection"} {
			p.walk(catalog[k])
		}
		names, _ := v.dict(catalog["Names"])
		p.walk(names["JavaScript"])
		p.walk(names["EmbeddedFiles"])
	}
	err := v.eachPage(func(page pageInfo) (bool, error) {
		fmt.Fprint(h, page.MediaBox, page.CropBox, page.Rotate, page.UserUnit)
		p.walk(page.Dict, "Annots", "StructParents", "Tabs")
		annots, _ := v.array(page.Dict["Annots"])
		for _, r := range sealed {
			fmt.Fprint(h, slices.ContainsFunc(annots, func(o Object) bool { return refOf(o) == r }))
		}
		return true, nil
	})
	fmt.Fprint(h, err != nil)
	for _, r := range sealed {
		w, err := v.dict(r)
		fmt.Fprint(h, err != nil, v.inherit(w).name)
		p.walk(w)
	}
	return string(h.Sum(nil))
}

// checkPainted holds Changes against paintedBy: where what is painted has changed, nothing but OTHER will do.
func checkPainted(t *testing.T, base, b []byte, what string) (changed bool) {
	t.Helper()
	before := openBytes(t, base)
	signed, err := before.Signatures()
	if err != nil || len(signed) == 0 {
		t.Fatal(err)
	}
	var widgets []Ref
	for _, s := range before.signed {
		widgets = append(widgets, s.widgets()...)
	}
	d, err := openReader(b)
	if err != nil {
		return false
	}
	if after, err := d.Signatures(); err != nil || len(after) == 0 || after[0].Info().ID != signed[0].Info().ID {
		return false
	}
	changes, err := d.signed[0].Changes()
	if err != nil {
		return false
	}
	changed = paintedBy(before, widgets) != paintedBy(d, widgets)
	if worst := document.Worst(changes); changed && worst != document.LevelOther {
		t.Errorf("%s: what is painted has changed, and the changes are %v", what, changes)
	}
	return changed
}

// TestRandomEdits writes entries of objects again, at random: behind a plain file, and behind files prepared for it, in which objects that may change are
// resources or content of a page as well.
func TestRandomEdits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	bases, cases, changed := 40, 60, 0
	if testing.Short() {
		bases = 5
	}
	for n := range bases {
		base := richBase(t)
		if n > 0 {
			categories := []string{"ExtGState", "Pattern", "Shading", "ColorSpace"}
			rnd.Shuffle(len(categories), func(i, k int) { categories[i], categories[k] = categories[k], categories[i] })
			ref := func() string { return refSource(5 + rnd.IntN(richEmpty-4)) }
			base = richWith(t, []string{"", " " + ref()}[rnd.IntN(2)], fmt.Sprintf("/%s<</G %s/H %s>>/%s %s", categories[0], ref(), ref(), categories[1], ref()))
		}
		r := randomEdits{rnd: rnd, base: base, d: openBytes(t, base)}
		r.prepare()
		for range cases {
			b, what := r.edit(t)
			if checkPainted(t, base, b, what) {
				changed++
			}
		}
	}
	if changed < bases*cases/20 {
		t.Errorf("%d of %d cases changed what is painted", changed, bases*cases)
	}
}

// randomEdits makes revisions behind a file.
type randomEdits struct {
	rnd     *rand.Rand
	base    []byte
	d       *Document
	highest int
	keys    []Name
	values  []string
}

func (r *randomEdits) prepare() {
	r.highest = r.d.f.maxObject()
	r.values = []string{"", "null", "true", "0", "1", "2", "(x)", "/On", "/Off", "[]", "<<>>", "[0 0 600 800]", "60 0 R", "61 0 R", "[60 0 R]", "<</N 60 0 R>>", "<</N 61 0 R>>"}
	for n := 1; n <= r.highest; n++ {
		r.values = append(r.values, refSource(n))
		if o, err := r.d.f.dict(Ref{n, 0}); err == nil {
			for _, k := range sortedKeys(o) {
				r.keys, r.values = append(r.keys, k), append(r.values, source(o[k]))
			}
		}
	}
	slices.Sort(r.keys)
	r.keys = slices.Compact(r.keys)
}

func (r *randomEdits) edit(t *testing.T) (file []byte, what string) {
	e := edit(t, r.base)
	for range 1 + r.rnd.IntN(3) {
		num := 1 + r.rnd.IntN(r.highest)
		o, err := r.d.f.get(r.d.f.newest().current(num))
		if err != nil || num == e.seal.ref.Num {
			continue
		}
		own, isDict := o.(Dict)
		key, value := r.keys[r.rnd.IntN(len(r.keys))], r.values[r.rnd.IntN(len(r.values))]
		if list := sortedKeys(own); len(list) > 0 && r.rnd.IntN(2) == 0 {
			key = list[r.rnd.IntN(len(list))]
		}
		what += fmt.Sprintf("%d %s %s, ", num, key, value)
		switch {
		case isDict:
			e.set(num, key, value)
		case r.rnd.IntN(3) == 0:
			e.put(num, "")
		case r.rnd.IntN(2) == 0 && value != "":
			e.put(num, value)
		default:
			e.put(num, anotherLook)
		}
	}
	e.put(richNew, anotherLook)
	if r.rnd.IntN(2) == 0 {
		e.put(richNew+1, "<</FT/Sig/T(New)"+widget+"/V 62 0 R>>")
		e.put(richNew+2, value)
	}
	return e.build(r.base), what
}

// FuzzRevision appends any bytes to a sealed file: nothing panics, and what is painted does not change unnoticed.
func FuzzRevision(f *testing.F) {
	base := richBase(f)
	add := func(do func(e *editor)) {
		e := edit(f, base)
		do(e)
		f.Add(bytes.TrimPrefix(e.build(base), base))
	}
	add(func(e *editor) { e.put(richContents, anotherLook) })
	add(func(e *editor) { e.set(richText, "V", "(new)"); e.put(richTextLook, anotherLook) })
	add(func(e *editor) { e.put(richCerts, "[28 0 R 60 0 R]"); e.put(richNew, stream("", "more")) })
	add(func(e *editor) { e.set(richNote, "Rect", "[1 1 9 9]"); e.put(richNoteLook, anotherLook) })
	add(func(e *editor) { e.set(richEmpty, "V", "60 0 R"); e.put(richNew, value) })
	add(func(e *editor) {
		e.set(richGroup, "Kids", "[10 0 R 11 0 R 60 0 R]")
		e.put(richNew, "<</FT/Sig/T(c)/Parent 9 0 R>>")
	})
	add(func(e *editor) {
		e.set(richElement, "K", "[32 0 R 60 0 R]")
		e.set(richNumbers, "Nums", "[0 33 0 R 1 60 0 R]")
	})
	add(func(e *editor) { e.put(richXMP, stream("/Type/Metadata/Subtype/XML", "<a/>")); e.put(richCert, "") })
	f.Add([]byte("\n% nothing"))
	f.Fuzz(func(t *testing.T, tail []byte) {
		b := append(bytes.Clone(base), tail...)
		checkPainted(t, base, b, "appended")
		if d, err := openReader(b); err == nil {
			_, _ = d.Suspicions()
		}
	})
}
