package pdf

import (
	"fmt"

	"yinxin/document"
)

// Annotation flags (ISO 32000-1, table 165): a seal is printed, and viewers do not let it be moved.
const (
	flagsUnseen = 1<<0 | 1<<1 | 1<<5 // Invisible, Hidden, NoView
	flagsSeal   = 1<<2 | 1<<7        // Print, Locked
)

// appearances writes what the widgets show: the picture once, a form for each shape.
type appearances struct {
	image Ref
	forms map[shape]Ref
}

// appearance returns the form for a shape.
func (p *preparation) appearance(l shape) (Ref, error) {
	if p.shown.forms == nil {
		image, err := p.w.picture(p.r.Appearance)
		if err != nil {
			return Ref{}, err
		}
		p.shown = appearances{image, map[shape]Ref{}}
	}
	ref, ok := p.shown.forms[l]
	if !ok {
		ref = p.w.appearance(p.shown.image, l)
		p.shown.forms[l] = ref
	}
	return ref, nil
}

// place puts a place on its page.
func (p *preparation) place(pl document.Place) (spot, *pageEdit, error) {
	e, err := p.editPage(pl.Page)
	if err != nil {
		return spot{}, nil, err
	}
	s, err := e.page.shown(pl.Page).lay(pl)
	return s, e, err
}

// writeFields writes the fields, each one object with its widget, and enters the widgets in their pages. Those that are new are returned.
//
// A signature field has one widget (ISO 32000-2, 12.7.5.5; viewers take further ones for unsigned fields), so a seal at several places is several fields
// with one value. A field that is there already takes the first of them.
func (p *preparation) writeFields() ([]Ref, error) {
	places, names := p.r.Places, p.names
	if err := p.findPages(places); err != nil {
		return nil, err
	}
	switch {
	case p.field != nil:
		if err := p.writeEmptyField(); err != nil {
			return nil, err
		}
		places, names = places[min(1, len(places)):], names[1:]
	case len(places) == 0:
		return p.writeInvisible()
	}
	refs := make([]Ref, len(places))
	for i, pl := range places {
		s, e, err := p.place(pl)
		if err != nil {
			return nil, err
		}
		form, err := p.appearance(s.shape)
		if err != nil {
			return nil, err
		}
		field := p.newField(names[i])
		setWidget(field, s, e.page.Ref, form)
		refs[i] = p.w.alloc()
		p.w.object(refs[i], field)
		e.add(refs[i])
	}
	return refs, nil
}

func (p *preparation) newField(name string) Dict {
	d := Dict{"FT": Name("Sig"), "T": textString(name), "V": p.value}
	if len(p.r.Lock) > 0 {
		d["Lock"] = lockDict("SigFieldLock", p.r.Lock)
	}
	return d
}

// writeInvisible gives the field a widget without an area on the first page (ISO 32000-1, 12.7.4.5).
func (p *preparation) writeInvisible() ([]Ref, error) {
	e, err := p.editPage(1)
	if err != nil {
		return nil, err
	}
	ref, field := p.w.alloc(), p.newField(p.names[0])
	setWidget(field, spot{}, e.page.Ref, Ref{})
	p.w.object(ref, field)
	e.add(ref)
	return []Ref{ref}, nil
}

// setWidget writes the entries of a widget annotation (ISO 32000-1, 12.5.6.19) into d.
func setWidget(d Dict, s spot, page, form Ref) {
	flags, _ := d["F"].(int64)
	d["Type"], d["Subtype"] = Name("Annot"), Name("Widget")
	d["F"] = flags&^flagsUnseen | flagsSeal
	d["Rect"] = s.rect.array()
	d["P"] = page
	if form != (Ref{}) {
		d["AP"] = Dict{"N": form}
		delete(d, "AS")
	}
}

// writeEmptyField signs a field that is there. Where a place is asked its widget moves there.
func (p *preparation) writeEmptyField() error {
	fd := p.field
	field := with(fd.dict, "V", p.value)
	if len(p.r.Lock) > 0 {
		field["Lock"] = lockDict("SigFieldLock", p.r.Lock)
	}
	widgets := fd.widgets
	if len(p.r.Places) > 0 && len(widgets) > 1 {
		return denied("pdf-field-widgets", fmt.Sprintf("签名域“%s”本身显示在 %d 处，不能再指定位置；请不指定位置，或另选签名域", p.names[0], len(widgets)),
			fmt.Sprintf("the field %q is shown at %d places of its own; name no place, or another field", p.names[0], len(widgets)), nil)
	}
	if len(widgets) == 0 {
		widgets = []Ref{fd.ref} // a field without a widget becomes one
	}
	for _, ref := range widgets {
		widget := field
		if ref != fd.ref {
			// A widget that is no object of its own could not be rewritten alone; none of the generators met writes such.
			if ref == (Ref{}) {
				return errDirectField(p.names[0])
			}
			d, err := p.f.dict(ref)
			if err != nil {
				return err
			}
			widget = with(d, "Parent", fd.ref)
		}
		if err := p.moveWidget(ref, widget); err != nil {
			return err
		}
		if ref != fd.ref {
			if err := p.rewrite(ref, widget); err != nil {
				return err
			}
		}
	}
	return p.rewrite(fd.ref, field)
}

// moveWidget gives a widget of the base its place and look.
func (p *preparation) moveWidget(ref Ref, widget Dict) error {
	n, old, err := p.pageOf(ref)
	if err != nil {
		return brokenPages(err)
	}
	var s spot
	e := old
	switch {
	case len(p.r.Places) > 0:
		if s, e, err = p.place(p.r.Places[0]); err != nil {
			return err
		}
	case old != nil:
		r, ok := p.f.newest().box(widget["Rect"])
		if !ok || len(p.r.Appearance.Data) == 0 {
			return nil // invisible, or to look as its author drew it
		}
		v := old.page.shown(n)
		pl := v.place(rect{r[0], r[1], r[2], r[3]})
		if a := p.r.Appearance; a.Width > 0 && a.Height > 0 { // a seal keeps its size, whatever room the form's author left
			pl.Page, pl.Width, pl.Height = n, a.Width, a.Height
		}
		if s, err = v.lay(pl); err != nil {
			return err
		}
	default:
		return nil // on no page
	}
	form, err := p.appearance(s.shape)
	if err != nil {
		return err
	}
	setWidget(widget, s, e.page.Ref, form)
	if e == old {
		return nil
	}
	if old != nil {
		old.remove(ref)
	}
	e.add(ref)
	return nil
}
