package pdf

import (
	"fmt"
	"maps"
	"slices"

	"yinxin/document"
)

var _ document.Suspecter = (*Document)(nil)

// Bounds of the search. What is beyond them is not looked at: the search warns, it does not judge.
const (
	maxSuspicions  = 100
	maxOverlapping = 500 // annotations of a page that are compared with each other
	coversPage     = 4   // an annotation that takes more than one part in so many of its page covers it
)

// Suspicions lists what could be made to show, or to stop showing, once the document is signed:
//
//   - object-hidden: a page, a picture, a form or content that nothing refers to and never did
//   - layer-off: optional content that is not shown, or shown on some occasions
//   - form-appearances: readers are asked to draw the form's fields themselves
//   - annotation-hidden: an annotation or field that has a look and is not shown
//   - annotation-covers: one that covers much of its page
//   - annotations-overlap: two of which one lies over the other
//
// A later revision that makes use of any of these is found by Changes as well.
func (d *Document) Suspicions() ([]document.Suspicion, error) {
	f := d.f
	repairs := f.repairs
	defer func() { // as in listStray: to look at what is not used of a document is no reason to refuse it
		clear(f.cache)
		f.repairs, f.kept = repairs, 0
	}()
	s := suspecting{snapshot: f.newest()}
	for _, look := range []func() error{s.hidden, s.layers, s.form, s.pages} {
		if err := look(); err != nil {
			return nil, malformed(err)
		}
	}
	return s.out, f.spend(0)
}

// suspecting is one search.
type suspecting struct {
	snapshot
	out []document.Suspicion
}

func (s *suspecting) add(x document.Suspicion) {
	if len(s.out) < maxSuspicions {
		s.out = append(s.out, x)
	}
}

// hidden finds objects that would show something and that no revision refers to.
func (s *suspecting) hidden() error {
	f := s.f
	refs, err := f.at(0).references()
	if err != nil {
		return fmt.Errorf("look for hidden objects: %w", err)
	}
	numbers := map[int]bool{}
	for k, r := range f.revisions {
		v := f.at(k)
		// Some programs keep the document they made the PDF from beside it, and tell of it in the trailer.
		if err := refs.enter(v, trailerNum, f.sections[r.newest].trailer); err != nil {
			return err
		}
		for i := r.newest; i <= r.oldest; i++ {
			for _, t := range []table{f.sections[i].table, f.sections[i].hidden} {
				for _, run := range t {
					for n := range run.entries {
						numbers[run.first+n] = true
						if err := s.follow(refs, v, run.first+n, k); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	for _, num := range slices.Sorted(maps.Keys(numbers)) {
		if refs.any(num) {
			continue
		}
		o, err := s.get(s.current(num))
		if isFatal(err) {
			return err
		}
		if err == nil && shows(o) {
			s.add(document.Suspicion{Code: "object-hidden", Object: fmt.Sprintf("object %d", num)})
		}
		if len(s.out) >= maxSuspicions {
			return nil
		}
	}
	return nil
}

// follow enters what a later revision made an object refer to.
func (s *suspecting) follow(refs *references, v snapshot, num, revision int) error {
	if revision == 0 || !refs.any(num) {
		return nil
	}
	o, err := v.get(v.current(num))
	if err != nil || o == nil {
		return onlyFatal(err)
	}
	return refs.enter(v, num, o)
}

// shows reports whether an object is of a kind that shows something on a page, or is a page.
func shows(o Object) bool {
	switch x := o.(type) {
	case *Stream:
		kind, sub := x.Dict["Type"], x.Dict["Subtype"]
		_, hints := x.Dict["S"].(int64) // of a linearized file, which are found by their offset
		return sub == Object(Name("Form")) || sub == Object(Name("Image")) || kind == nil && sub == nil && !hints
	case Dict:
		kind := x["Type"]
		return kind == Object(Name("Page")) || kind == Object(Name("Pages")) || kind == Object(Name("Catalog")) || isMarkup(x["Subtype"])
	}
	return false
}

// layers looks at optional content (ISO 32000-1, 8.11.4).
func (s *suspecting) layers() error {
	catalog, err := s.catalog()
	if err != nil {
		return err
	}
	properties, err := s.dict(catalog["OCProperties"])
	if err != nil || properties == nil {
		return onlyFatal(err)
	}
	d, err := s.dict(properties["D"])
	if err != nil {
		return onlyFatal(err)
	}
	off, err := s.array(d["OFF"])
	if err != nil {
		return onlyFatal(err)
	}
	occasions, err := s.array(d["AS"])
	if err != nil {
		return onlyFatal(err)
	}
	base, err := s.name(d["BaseState"])
	if err != nil {
		return onlyFatal(err)
	}
	if len(off) > 0 || len(occasions) > 0 || base != "" && base != "ON" {
		s.add(document.Suspicion{Code: "layer-off", Object: "catalog entry OCProperties"})
	}
	return nil
}

func (s *suspecting) form() error {
	form, err := s.acroForm()
	if err != nil {
		return onlyFatal(err)
	}
	needs, err := s.resolve(form["NeedAppearances"])
	if err != nil {
		return onlyFatal(err)
	}
	if needs == Object(true) {
		s.add(document.Suspicion{Code: "form-appearances", Object: "form"})
	}
	return nil
}

// pages looks at the annotations of all pages.
func (s *suspecting) pages() error {
	n := 0
	err := s.eachPage(func(p pageInfo) (bool, error) {
		n++
		annots, err := s.array(p.Dict["Annots"])
		if err != nil {
			return true, onlyFatal(err)
		}
		var shown []document.Place
		view := p.shown(n)
		width, height := view.size()
		for _, o := range annots[:min(len(annots), maxOverlapping)] {
			w, err := s.dict(o)
			if isFatal(err) {
				return false, err
			}
			b, area := s.box(w["Rect"])
			if err != nil || !area || !s.marks(w) {
				continue
			}
			place := view.place(rect{b[0], b[1], b[2], b[3]})
			object := fmt.Sprintf("page %d", n)
			switch flags, err := s.integer(w["F"]); {
			case err == nil && flags&(flagHidden|flagNoView) != 0:
				s.add(document.Suspicion{Code: "annotation-hidden", Object: object, Places: []document.Place{place}})
				continue
			case place.Width*place.Height*coversPage > width*height:
				s.add(document.Suspicion{Code: "annotation-covers", Object: object, Places: []document.Place{place}})
			}
			if i := slices.IndexFunc(shown, func(q document.Place) bool { return mostly(place, q) }); i >= 0 {
				s.add(document.Suspicion{Code: "annotations-overlap", Object: object, Places: []document.Place{shown[i], place}})
			}
			shown = append(shown, place)
		}
		return len(s.out) < maxSuspicions, s.f.spend(int64(len(shown)*len(shown)) / 8)
	})
	return onlyFatal(err)
}

// marks reports whether an annotation puts something on the page: windows that open and places to click do not, and a signature field's look is signed
// with it.
func (s *suspecting) marks(w Dict) bool {
	switch w["Subtype"] {
	case Name("Popup"), Name("Link"):
		return false
	case Name("Widget"):
		field := s.inherit(w)
		return field.kind != "Sig" && (w["AP"] != nil || w["MK"] != nil || field.value != nil)
	}
	return w["Subtype"] != nil
}

// mostly reports whether the smaller of two places lies in the other by more than half.
func mostly(a, b document.Place) bool {
	width := min(a.X+a.Width/2, b.X+b.Width/2) - max(a.X-a.Width/2, b.X-b.Width/2)
	height := min(a.Y+a.Height/2, b.Y+b.Height/2) - max(a.Y-a.Height/2, b.Y-b.Height/2)
	return width > 0 && height > 0 && 2*width*height > min(a.Width*a.Height, b.Width*b.Height)
}
