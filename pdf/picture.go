package pdf

import (
	"bytes"
	"math"
	"slices"

	"yinxin/document"
)

const (
	maxContent = 4 << 10 // of an appearance that shows one picture and nothing else
	maxForms   = 4       // nested in one another
)

// Picture returns what the widgets show, as PNG, with their size on paper.
//
// An appearance of this project's form gives the very bytes of the PNG that was stamped. Of other appearances those that paint one image, and nothing
// else, over their whole box are decoded and encoded again. A box that the image reaches beyond shows a slice of it, as riding seals do: the picture is
// the whole image then, and its size that of the whole. Whether slices add up is for those who know the seal; Info gives their places. Widgets that show
// different pictures, or one at different sizes, are no one picture; nor is what depends on the reader: layers, hidden widgets that show something else,
// looks for a pressed mouse, a key twice in a dictionary.
func (s *signature) Picture() (document.Picture, error) {
	v := s.d.f.newest()
	var out document.Picture
	seen := map[Ref]bool{}
	visible := false
	for _, w := range s.widgets() {
		form, err := v.normalAppearance(w)
		if err != nil {
			return document.Picture{}, malformed(err)
		}
		if form == nil {
			continue
		}
		p, err := s.d.paints(form)
		if err != nil {
			return document.Picture{}, malformed(err)
		}
		if place, shown := s.d.placeOf(w); shown {
			if visible && (!sameLength(place.Width, out.Width) || !sameLength(place.Height, out.Height)) || !p.whole() && place.Clip == (document.Clip{}) {
				return document.Picture{}, document.ErrNotOnePicture
			}
			visible, out.Width, out.Height = true, place.Width, place.Height
		}
		if seen[p.image] {
			continue
		}
		data, err := v.imageOf(p.image)
		if err != nil {
			return document.Picture{}, malformed(err)
		}
		if len(seen) > 0 && !bytes.Equal(data, out.Data) {
			return document.Picture{}, document.ErrNotOnePicture
		}
		out.Data, seen[p.image] = data, true
	}
	switch {
	case !visible:
		return document.Picture{}, document.ErrInvisible
	case len(s.d.f.ambiguous) > 0:
		return document.Picture{}, document.ErrNotOnePicture
	}
	out.Type = "PNG"
	return out, nil
}

// sameLength compares lengths on paper in mm.
func sameLength(a, b float64) bool { return math.Abs(a-b) < 0.05 }

// normalAppearance returns the stream that a widget shows, or nil.
func (v snapshot) normalAppearance(widget Ref) (*Stream, error) {
	w, err := v.dict(widget)
	if err != nil {
		return nil, err
	}
	ap, err := v.dict(w["AP"])
	if err != nil || ap == nil {
		return nil, err
	}
	for k, other := range ap {
		if k != "N" && !equalObjects(other, ap["N"]) {
			return nil, document.ErrNotOnePicture
		}
	}
	o, err := v.resolve(ap["N"])
	if states, ok := o.(Dict); ok && err == nil && len(states) > 0 {
		state, _ := v.name(w["AS"])
		if o, err = v.resolve(states[state]); o == nil && err == nil {
			err = document.ErrNotOnePicture // readers differ in what they show then
		}
	}
	form, _ := o.(*Stream)
	if form != nil && w["OC"] != nil {
		return nil, document.ErrNotOnePicture
	}
	return form, err
}

// painting is what an appearance paints: one image, and nothing else.
type painting struct {
	image Ref
	box   rect // of the form: what is seen
	frame rect // where the image lies in the form's space; it holds the box
	turn  int  // degrees counter-clockwise that the form is turned by: 0, 90, 180 or 270
}

// whole reports whether all of the image is seen.
func (p painting) whole() bool { return p.box == p.frame }

// maxSlices is how many times an image may be larger than what is seen of it.
const maxSlices = 1000

// painted is what was found out about a form.
type painted struct {
	painting
	err error
}

// paints is painting, remembered by where the form stands in the file: Info and Picture ask again and again.
func (d *Document) paints(form *Stream) (painting, error) {
	p, known := d.painted[form.Offset]
	if !known {
		p.painting, p.err = d.f.newest().painting(form)
		if d.painted == nil {
			d.painted = map[int64]painted{}
		}
		d.painted[form.Offset] = p
	}
	return p.painting, p.err
}

// painting finds the image that a form paints over its whole box. Forms that only show a form of the same box, as some signers nest them, are followed.
func (v snapshot) painting(form *Stream) (painting, error) {
	turn, ok := v.turn(form.Dict["Matrix"])
	if !ok {
		return painting{}, document.ErrNotOnePicture
	}
	for range maxForms {
		b, ok := v.box(form.Dict["BBox"])
		if !ok || form.Length > maxContent || hasAny(form.Dict, "OC", "Ref", "OPI", "PS") {
			return painting{}, document.ErrNotOnePicture
		}
		content, err := v.f.decode(form)
		if err != nil {
			return painting{}, err
		}
		name, m, ok := paintsOne(content)
		if !ok {
			return painting{}, document.ErrNotOnePicture
		}
		ref, shown, err := v.external(form, name)
		if err != nil {
			return painting{}, err
		}
		inner, isBox := v.box(shown.Dict["BBox"])
		switch {
		case shown.Dict["Subtype"] == Name("Image"):
			box := rect{b[0], b[1], b[2], b[3]}
			frame, ok := frameOf(m, box)
			if !ok {
				return painting{}, document.ErrNotOnePicture
			}
			return painting{ref, box, frame, turn}, nil
		case shown.Dict["Subtype"] == Name("Form") && isBox && inner == b && shown.Dict["Matrix"] == nil && m == identity:
			form = shown
		default:
			return painting{}, document.ErrNotOnePicture
		}
	}
	return painting{}, document.ErrNotOnePicture
}

// frameOf is where an image lies that is painted with the matrix m; ok is false where it is turned or leaves a part of the box empty. Numbers written to
// a hundredth of a point are allowed for.
func frameOf(m [6]float64, box rect) (frame rect, ok bool) {
	const near = 0.02
	if nearMatrix(m, [6]float64{box.width(), 0, 0, box.height(), box.x0, box.y0}, near) {
		return box, true
	}
	frame = rect{m[4], m[5], m[4] + m[0], m[5] + m[3]}
	holds := frame.x0 <= box.x0+near && frame.y0 <= box.y0+near && frame.x1 >= box.x1-near && frame.y1 >= box.y1-near
	sane := frame.width() <= maxSlices*box.width() && frame.height() <= maxSlices*box.height()
	return frame, m[1] == 0 && m[2] == 0 && holds && sane
}

// hasAny reports whether a dictionary has one of the keys.
func hasAny(d Dict, keys ...Name) bool {
	return slices.ContainsFunc(keys, func(k Name) bool { return d[k] != nil })
}

// external returns an external object of a form's resources.
func (v snapshot) external(form *Stream, name Name) (Ref, *Stream, error) {
	resources, err := v.dict(form.Dict["Resources"])
	if err != nil {
		return Ref{}, nil, err
	}
	objects, err := v.dict(resources["XObject"])
	if err != nil {
		return Ref{}, nil, err
	}
	shown, err := v.stream(objects[name])
	if shown == nil && err == nil {
		err = document.ErrNotOnePicture
	}
	ref, _ := objects[name].(Ref) // a stream always is an object of its own
	return ref, shown, err
}

// imageOf reads an image as PNG.
func (v snapshot) imageOf(ref Ref) ([]byte, error) {
	image, err := v.stream(ref)
	if err != nil {
		return nil, err
	}
	return v.imagePNG(image)
}

var identity = [6]float64{1, 0, 0, 1, 0, 0}

// turn is how many degrees a form's Matrix turns counter-clockwise. Anything else than right angles would show another picture than the image is.
func (v snapshot) turn(o Object) (degrees int, ok bool) {
	a, err := v.array(o)
	if err != nil || a != nil && len(a) != 6 {
		return 0, false
	}
	if a == nil {
		return 0, true
	}
	var m [4]float64
	for i := range m {
		if m[i], err = v.number(a[i]); err != nil {
			return 0, false
		}
	}
	switch {
	case m[1] == 0 && m[2] == 0 && m[0] > 0 && m[3] > 0:
		return 0, true
	case m[0] == 0 && m[3] == 0 && m[1] > 0 && m[2] < 0:
		return 90, true
	case m[1] == 0 && m[2] == 0 && m[0] < 0 && m[3] < 0:
		return 180, true
	case m[0] == 0 && m[3] == 0 && m[1] < 0 && m[2] > 0:
		return 270, true
	}
	return 0, false
}

// paintsOne understands content of the form "q a b c d e f cm /Name Do Q", in which q with Q and the matrix may be missing.
func paintsOne(content []byte) (name Name, m [6]float64, ok bool) {
	l := lexer{buf: content, end: int64(len(content)), depth: 2, longest: maxContent, nodes: maxContent}
	m = identity
	saved := l.keyword("q")
	l.skip()
	if c, more := l.peek(); more && c != '/' {
		for i := range m {
			o, err := l.object(0)
			switch n := o.(type) {
			case int64:
				m[i] = float64(n)
			case float64:
				m[i] = n
			default:
				return "", m, false
			}
			if err != nil {
				return "", m, false
			}
		}
		if !l.keyword("cm") {
			return "", m, false
		}
	}
	o, err := l.object(0)
	name, ok = o.(Name)
	if err != nil || !ok || !l.keyword("Do") || saved && !l.keyword("Q") {
		return "", m, false
	}
	l.skip()
	_, more := l.peek()
	return name, m, !more
}

// nearMatrix compares matrices number by number.
func nearMatrix(a, b [6]float64, tolerance float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tolerance) {
			return false
		}
	}
	return true
}
