package pdf

import (
	"slices"
	"strings"
	"time"

	"yinxin/document"
)

// The SubFilters that tell what a value is; all others are taken for signatures.
const (
	subFilterSeal      Name = "GM.sm2seal"   // an SES_Signature, as seen in the field
	subFilterTimestamp Name = "ETSI.RFC3161" // ISO 32000-2, 12.8.5
)

// Info is what the file says of the signature. Of a malformed dictionary it says what can be read.
func (s *signature) Info() document.Info {
	if s.info == nil {
		info := s.describe()
		s.info = &info
	}
	return *s.info
}

func (s *signature) describe() document.Info {
	v := s.d.f.at(s.at)
	sub, _ := v.name(s.dict["SubFilter"])
	filter, _ := v.name(s.dict["Filter"])
	info := document.Info{
		ID:          s.id,
		Kind:        document.Sign,
		Profile:     string(sub),
		Filter:      string(filter),
		Name:        v.text(s.dict["Name"]),
		Reason:      v.text(s.dict["Reason"]),
		Location:    v.text(s.dict["Location"]),
		ClaimedTime: parseDate(v.text(s.dict["M"])),
		Standing:    s.standing,
		Gone:        s.gone,
	}
	if s.d.restrict() == nil { // else Changes returns the error
		info.Certifies, info.Permits, info.Locks = s.forbids.certifies, s.forbids.permits, s.forbids.locked()
	}
	if k, ok := s.d.f.revisionEnding(s.end()); ok && s.err == nil {
		info.Protects = k + 1
	}
	switch {
	case sub == subFilterSeal:
		info.Kind = document.Seal
		if s.err == nil {
			info.Property = propertyText(s.ranges)
		}
	case sub == subFilterTimestamp || s.dict["Type"] == Name("DocTimeStamp"):
		info.Kind = document.Timestamp
	}
	info.Certs = v.certs(s.dict["Cert"])
	for _, w := range s.widgets() {
		if p, ok := s.d.placeOf(w); ok {
			info.Places = append(info.Places, p)
		}
	}
	return info
}

// maxCerts bounds how many certificates are read beside a value.
const maxCerts = 16

// certs reads Cert: one string, or an array of them (ISO 32000-1, table 252).
func (v snapshot) certs(o Object) (out [][]byte) {
	if one, err := v.stringOf(o); err == nil && one != nil {
		return [][]byte{one}
	}
	list, _ := v.array(o)
	for _, o := range list[:min(len(list), maxCerts)] {
		if one, err := v.stringOf(o); err == nil && one != nil {
			out = append(out, one)
		}
	}
	return out
}

// widgets lists the widgets of all the fields that have the value.
func (s *signature) widgets() []Ref {
	var out []Ref
	for _, f := range s.fields {
		for _, w := range f.widgets {
			if w != (Ref{}) {
				out = append(out, w)
			}
		}
	}
	return out
}

// Annotation flags (ISO 32000-1, 12.5.3).
const (
	flagHidden   = 1 << 1
	flagNoZoom   = 1 << 3
	flagNoRotate = 1 << 4
	flagNoView   = 1 << 5
)

// placeOf says where a widget is shown; ok is false where it is not. One that shows a slice of a picture has the whole picture's box.
func (d *Document) placeOf(widget Ref) (document.Place, bool) {
	v := d.f.newest()
	w, err := v.dict(widget)
	if err != nil || w == nil {
		return document.Place{}, false
	}
	flags, err := v.integer(w["F"])
	if err != nil || flags&(flagHidden|flagNoView) != 0 {
		return document.Place{}, false
	}
	b, ok := v.box(w["Rect"])
	if !ok {
		return document.Place{}, false
	}
	page, n, ok := d.pageOf(widget, w)
	if !ok {
		return document.Place{}, false
	}
	place := page.shown(n).place(rect{b[0], b[1], b[2], b[3]})
	form, err := v.normalAppearance(widget)
	if form == nil || err != nil {
		return place, true
	}
	p, err := d.paints(form)
	if err != nil || p.whole() || p.turn != page.Rotate || flags&(flagNoZoom|flagNoRotate) != 0 {
		return place, true
	}
	return p.unclip(place), true
}

// unclip gives the place of a slice, which stands upright as displayed, the whole picture's box.
func (p painting) unclip(slice document.Place) document.Place {
	x, y := slice.Width/p.box.width(), slice.Height/p.box.height() // mm per unit of the form
	out := document.Place{Page: slice.Page, Width: p.frame.width() * x, Height: p.frame.height() * y}
	out.Clip = document.Clip{X: (p.box.x0 - p.frame.x0) * x, Y: (p.frame.y1 - p.box.y1) * y, Width: slice.Width, Height: slice.Height}
	out.X = slice.X - slice.Width/2 - out.Clip.X + out.Width/2
	out.Y = slice.Y - slice.Height/2 - out.Clip.Y + out.Height/2
	return out
}

// place is the opposite of lay: where a rectangle of user space is on the page as displayed.
func (v view) place(r rect) document.Place {
	w, h := r.width()*v.unit, r.height()*v.unit
	x, y := (r.x0+r.x1)/2, (r.y0+r.y1)/2
	switch v.rotate {
	case 90:
		x, y, w, h = y-v.box.y0, x-v.box.x0, h, w
	case 180:
		x, y = v.box.x1-x, y-v.box.y0
	case 270:
		x, y, w, h = v.box.y1-y, v.box.x1-x, h, w
	default:
		x, y = x-v.box.x0, v.box.y1-y
	}
	return document.Place{Page: v.page, X: x * v.unit, Y: y * v.unit, Width: w, Height: h}
}

// pageOf finds the page that shows a widget: the one whose annotations list it. P only says where to look first.
func (d *Document) pageOf(widget Ref, w Dict) (pageInfo, int, bool) {
	v := d.f.newest()
	if p, ok := w["P"].(Ref); ok && d.annotated == nil && d.asked < fewWidgets {
		d.asked++
		if page, err := v.dict(p); err == nil && v.lists(page, widget) {
			if n := v.pageNumber(p); n > 0 {
				if info, err := d.f.page(n); err == nil && info.Ref == p {
					return info, n, true
				}
			}
		}
	}
	if d.annotated == nil {
		d.findAnnotated()
	}
	at, ok := d.annotated[widget]
	return at.page, at.number, ok
}

// fewWidgets is how many are looked for one by one; with more of them all pages are looked through once.
const fewWidgets = 32

// lists reports whether the annotations of a page have the widget.
func (v snapshot) lists(page Dict, widget Ref) bool {
	annots, err := v.array(page["Annots"])
	return err == nil && slices.ContainsFunc(annots, func(o Object) bool { r, ok := o.(Ref); return ok && r == widget })
}

// shownOn is a page and its number.
type shownOn struct {
	page   pageInfo
	number int
}

// findAnnotated looks through all pages, once, for the widgets of signatures. Pages that cannot be read show nothing.
func (d *Document) findAnnotated() {
	d.annotated = map[Ref]shownOn{}
	wanted := map[Ref]bool{}
	for _, s := range d.signed {
		for _, w := range s.widgets() {
			wanted[w] = true
		}
	}
	v, n := d.f.newest(), 0
	_ = v.eachPage(func(p pageInfo) (bool, error) {
		n++
		annots, _ := v.array(p.Dict["Annots"])
		for _, o := range annots {
			if ref, ok := o.(Ref); ok && wanted[ref] {
				d.annotated[ref] = shownOn{p, n}
			}
		}
		return true, nil
	})
}

// pageNumber climbs the page tree from a page and counts what stands before it; 0 where the tree does not say.
func (v snapshot) pageNumber(ref Ref) int {
	n := 1
	for range v.f.lim.Depth {
		d, err := v.dict(ref)
		if err != nil {
			return 0
		}
		parent, ok := d["Parent"].(Ref)
		if !ok {
			if root, err := v.pageRoot(); err != nil || root != Object(ref) {
				return 0
			}
			return n
		}
		before, ok := v.pagesBefore(parent, ref)
		if !ok {
			return 0
		}
		n, ref = n+before, parent
	}
	return 0
}

// kidCost is that of looking at a node of the page tree, in bytes read.
const kidCost = 32

// pagesBefore counts the pages of a node that stand before one of its kids.
func (v snapshot) pagesBefore(node, kid Ref) (int, bool) {
	d, err := v.dict(node)
	if err != nil {
		return 0, false
	}
	kids, err := v.array(d["Kids"])
	if err != nil {
		return 0, false
	}
	i := slices.IndexFunc(kids, func(o Object) bool { r, ok := o.(Ref); return ok && r == kid })
	if i < 0 {
		return 0, false
	}
	if count, err := v.integer(d["Count"]); err == nil && count == int64(len(kids)) {
		return i, true
	}
	if err := v.f.spend(int64(i) * kidCost); err != nil {
		return 0, false
	}
	n := 0
	for _, o := range kids[:i] {
		k, err := v.dict(o)
		if err != nil {
			return 0, false
		}
		pages := int64(1)
		if k["Kids"] != nil || k["Type"] == Name("Pages") {
			if pages, err = v.integer(k["Count"]); err != nil || pages < 0 || pages > int64(v.f.lim.Pages) {
				return 0, false
			}
		}
		n += int(pages)
	}
	return n, n <= v.f.lim.Pages
}

// parseDate reads "D:YYYYMMDDHHmmSSOHH'mm'" (ISO 32000-1, 7.9.4), of which all behind the year may be missing; zero where it is unreadable.
func parseDate(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	digits := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(s)
	}
	const layout = "20060102150405"
	if digits < 4 || digits > len(layout) || digits%2 != 0 {
		return time.Time{}
	}
	zone := strings.ReplaceAll(s[digits:], "'", "")
	switch {
	case zone == "" || zone[0] == 'Z':
		zone = "+0000"
	case len(zone) == 3:
		zone += "00"
	}
	t, err := time.Parse(layout[:digits]+"-0700", s[:digits]+zone)
	if err != nil {
		return time.Time{}
	}
	return t
}
