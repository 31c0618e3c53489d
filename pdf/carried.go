package pdf

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

var _ document.Contents = (*Document)(nil)

const (
	maxCarried   = 10_000
	maxNameNodes = 20_000 // of a name tree
	maxLabels    = 1_000
)

// Carried implements document.Contents: the files embedded in the last revision, as the catalog's EmbeddedFiles and AF name them, the pages' AF, and
// annotations that attach files (ISO 32000-2, 7.11.4 and 14.13). Path is the object that holds the bytes, as in "12 0 R". Files elsewhere, which a
// specification may name too, are not carried.
func (d *Document) Carried() ([]document.Carried, error) {
	defer d.f.quiet()()
	w := carriedWalk{snapshot: d.f.newest(), seen: map[Ref]bool{}, nodes: map[Ref]bool{}}
	for _, look := range []func() error{w.catalogFiles, w.pageFiles} {
		if err := onlyFatal(look()); err != nil {
			return nil, malformed(err)
		}
	}
	return w.out, nil
}

// carriedWalk gathers the embedded files of a revision, each once.
type carriedWalk struct {
	snapshot
	seen  map[Ref]bool // streams of files
	nodes map[Ref]bool // of the name tree
	count int
	out   []document.Carried
}

func (w *carriedWalk) catalogFiles() error {
	catalog, err := w.catalog()
	if err != nil {
		return err
	}
	names, err := w.dict(catalog["Names"])
	if err != nil {
		return err
	}
	if err := onlyFatal(w.nameTree(names["EmbeddedFiles"], 0)); err != nil {
		return err
	}
	return w.associated(catalog)
}

// nameTree visits the leaves of a name tree (ISO 32000-1, 7.9.6).
func (w *carriedWalk) nameTree(o Object, depth int) error {
	if ref := refOf(o); ref != (Ref{}) {
		if w.nodes[ref] {
			return nil
		}
		w.nodes[ref] = true
	}
	if w.count++; depth > w.f.lim.Depth || w.count > maxNameNodes {
		return nil
	}
	d, err := w.dict(o)
	if err != nil {
		return onlyFatal(err)
	}
	pairs, err := w.array(d["Names"])
	if err = onlyFatal(err); err != nil {
		return err
	}
	if err := w.cost(pairs); err != nil {
		return err
	}
	for i := 1; i < len(pairs); i += 2 {
		if err := w.file(pairs[i]); err != nil {
			return err
		}
	}
	kids, err := w.array(d["Kids"])
	if err = onlyFatal(err); err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.nameTree(kid, depth+1); err != nil {
			return err
		}
	}
	return w.cost(kids)
}

// cost counts a list that is visited: many may share one.
func (w *carriedWalk) cost(list Array) error { return w.f.spend(int64(len(list)) * kidCost) }

// associated visits AF of an object.
func (w *carriedWalk) associated(owner Dict) error {
	list, err := w.array(owner["AF"])
	if err = onlyFatal(err); err != nil {
		return err
	}
	for _, o := range list {
		if err := w.file(o); err != nil {
			return err
		}
	}
	return w.cost(list)
}

func (w *carriedWalk) pageFiles() error {
	return w.eachPage(func(p pageInfo) (bool, error) {
		if err := w.associated(p.Dict); err != nil {
			return false, err
		}
		annots, err := w.array(p.Dict["Annots"])
		if err = onlyFatal(err); err != nil {
			return false, err
		}
		for _, o := range annots {
			a, err := w.dict(o)
			if err == nil && a["Subtype"] == Object(Name("FileAttachment")) {
				err = w.file(a["FS"])
			}
			if err = onlyFatal(err); err != nil {
				return false, err
			}
		}
		return true, w.cost(annots)
	})
}

// file enters the file of a specification (ISO 32000-1, 7.11.3), if it is embedded.
func (w *carriedWalk) file(o Object) error {
	d, err := w.dict(o)
	if err != nil {
		return onlyFatal(err)
	}
	embedded, err := w.dict(d["EF"])
	if err != nil {
		return onlyFatal(err)
	}
	name := w.text(d["UF"])
	if name == "" {
		name = w.text(d["F"])
	}
	for _, key := range []Name{"UF", "F"} { // of one file, the same; older keys are for systems that are no more
		ref := refOf(embedded[key])
		if ref == (Ref{}) || w.seen[ref] {
			continue
		}
		s, err := w.stream(ref)
		if err != nil || s == nil {
			if err = onlyFatal(err); err != nil {
				return err
			}
			continue
		}
		if len(w.out) == maxCarried {
			return limitError("pdf-too-many-files", "附带文件过多", "it carries too many files", fmt.Errorf("at most %d", maxCarried))
		}
		w.seen[ref] = true
		w.out = append(w.out, w.describe(ref, s, name))
	}
	return nil
}

func (w *carriedWalk) describe(ref Ref, s *Stream, name string) document.Carried {
	c := document.Carried{Name: name, Path: ref.String(), As: document.Attachment, Size: -1}
	if mime, err := w.name(s.Dict["Subtype"]); err == nil {
		c.MIME = string(mime)
	}
	params, err := w.dict(s.Dict["Params"])
	if n, err2 := w.integer(params["Size"]); err == nil && err2 == nil && params["Size"] != nil && n >= 0 {
		c.Size = n
	}
	return c
}

// Read implements document.Contents. The file's own limit on streams holds as well.
func (d *Document) Read(c document.Carried, most int64) ([]byte, error) {
	defer d.f.quiet()()
	ref, ok := parseRef(c.Path)
	if !ok {
		return nil, noSuchFile(c)
	}
	s, err := d.f.newest().stream(ref)
	if err != nil {
		return nil, malformed(err)
	}
	if s == nil {
		return nil, noSuchFile(c)
	}
	limit := d.f.lim.Stream
	defer func() { d.f.lim.Stream = limit }()
	d.f.lim.Stream = min(limit, max(most, s.Length)) // decoding stops there
	data, err := d.f.decode(s)
	switch {
	case errors.Is(err, errRawFilter):
		err = &ParseError{s.Offset, err.Error()}
	case err == nil && int64(len(data)) > most: // some filters shorten
		err = d.f.streamTooLarge()
	}
	if err != nil {
		return nil, malformed(err)
	}
	return data, nil
}

// parseRef reads "12 0 R".
func parseRef(s string) (Ref, bool) {
	words := strings.Fields(s)
	if len(words) != 3 || words[2] != "R" {
		return Ref{}, false
	}
	num, err := strconv.Atoi(words[0])
	gen, err2 := strconv.Atoi(words[1])
	return Ref{num, gen}, err == nil && err2 == nil && num > 0 && gen >= 0
}

func noSuchFile(c document.Carried) error {
	return fault.New(fault.NotFound, "pdf-no-such-file", fmt.Sprintf("文件中没有附带“%s”，请从附件列表中选取", c.Name),
		fmt.Sprintf("the PDF carries no file %q; take one of those it lists", c.Name), nil)
}

// Labels implements document.Contents: the entries of the document information dictionary that are texts or names (ISO 32000-1, 14.3.3), by name.
func (d *Document) Labels() ([]document.Label, error) {
	defer d.f.quiet()()
	v := d.f.newest()
	info, err := v.dict(d.f.trailer["Info"])
	if err = onlyFatal(err); err != nil {
		return nil, malformed(err)
	}
	var out []document.Label
	for _, key := range slices.Sorted(maps.Keys(info)) {
		o, err := v.resolve(info[key])
		if err = onlyFatal(err); err != nil {
			return nil, malformed(err)
		}
		switch x := o.(type) {
		case String:
			out = append(out, document.Label{Name: string(key), Value: x.text()})
		case Name:
			out = append(out, document.Label{Name: string(key), Value: string(x)})
		}
		if len(out) == maxLabels {
			break
		}
	}
	return out, nil
}
