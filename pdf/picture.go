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
// else, over their whole box are decoded and encoded again. Widgets that show different pictures, or one at different sizes, are no one picture; nor is
// what depends on the reader: layers, hidden widgets that show something else, looks for a pressed mouse, a key twice in a dictionary.
func (s *signature) Picture() (document.Picture, error) {
	v := s.d.f.newest()
	var out document.Picture
	var seen []*Stream
	visible := false
	for _, w := range s.widgets() {
		form, err := v.normalAppearance(w)
		if err != nil {
			return document.Picture{}, malformed(err)
		}
		if form == nil {
			continue
		}
		if place, shown := s.d.placeOf(w); shown {
			if visible && (!sameLength(place.Width, out.Width) || !sameLength(place.Height, out.Height)) {
				return document.Picture{}, document.ErrNotOnePicture
			}
			visible, out.Width, out.Height = true, place.Width, place.Height
		}
		if slices.Contains(seen, form) {
			continue
		}
		data, err := v.onePicture(form)
		if err != nil {
			return document.Picture{}, malformed(err)
		}
		if seen != nil && !bytes.Equal(data, out.Data) {
			return document.Picture{}, document.ErrNotOnePicture
		}
		out.Data, seen = data, append(seen, form)
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

// onePicture finds the image that a form paints over its whole box and returns it as PNG. Forms that only show a form of the same box, as some signers
// nest them, are followed.
func (v snapshot) onePicture(form *Stream) ([]byte, error) {
	if !v.upright(form.Dict["Matrix"]) {
		return nil, document.ErrNotOnePicture
	}
	for range maxForms {
		box, ok := v.box(form.Dict["BBox"])
		if !ok || form.Length > maxContent || hasAny(form.Dict, "OC", "Ref", "OPI", "PS") {
			return nil, document.ErrNotOnePicture
		}
		content, err := v.f.decode(form)
		if err != nil {
			return nil, err
		}
		name, m, ok := paintsOne(content)
		if !ok {
			return nil, document.ErrNotOnePicture
		}
		shown, err := v.external(form, name)
		if shown == nil || err != nil {
			return nil, err
		}
		inner, isBox := v.box(shown.Dict["BBox"])
		switch {
		case shown.Dict["Subtype"] == Name("Image") && nearMatrix(m, [6]float64{box[2] - box[0], 0, 0, box[3] - box[1], box[0], box[1]}):
			return v.imagePNG(shown)
		case shown.Dict["Subtype"] == Name("Form") && isBox && inner == box && shown.Dict["Matrix"] == nil && m == identity:
			form = shown
		default:
			return nil, document.ErrNotOnePicture
		}
	}
	return nil, document.ErrNotOnePicture
}

// hasAny reports whether a dictionary has one of the keys.
func hasAny(d Dict, keys ...Name) bool {
	return slices.ContainsFunc(keys, func(k Name) bool { return d[k] != nil })
}

// external returns an external object of a form's resources.
func (v snapshot) external(form *Stream, name Name) (*Stream, error) {
	resources, err := v.dict(form.Dict["Resources"])
	if err != nil {
		return nil, err
	}
	objects, err := v.dict(resources["XObject"])
	if err != nil {
		return nil, err
	}
	shown, err := v.stream(objects[name])
	if shown == nil && err == nil {
		err = document.ErrNotOnePicture
	}
	return shown, err
}

var identity = [6]float64{1, 0, 0, 1, 0, 0}

// upright reports whether a form's Matrix turns by right angles at most: anything else would show another picture than the image is.
func (v snapshot) upright(o Object) bool {
	a, err := v.array(o)
	if err != nil || a != nil && len(a) != 6 {
		return false
	}
	if a == nil {
		return true
	}
	var m [4]float64
	for i := range m {
		if m[i], err = v.number(a[i]); err != nil {
			return false
		}
	}
	straight := m[1] == 0 && m[2] == 0 && m[0]*m[3] > 0
	turned := m[0] == 0 && m[3] == 0 && m[1]*m[2] < 0
	return straight || turned
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

// nearMatrix allows for the rounding of numbers written to a hundredth of a point.
func nearMatrix(a, b [6]float64) bool {
	for i := range a {
		if d := a[i] - b[i]; d > 0.02 || d < -0.02 {
			return false
		}
	}
	return true
}
