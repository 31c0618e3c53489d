package pdf

import (
	"fmt"
)

// leafField is a terminal field of the interactive form (ISO 32000-1, 12.7.3), with what it inherits.
type leafField struct {
	ref     Ref // zero for a field that is no indirect object
	dict    Dict
	name    string // full name: parent.child
	kind    Name   // FT
	value   Object // V
	widgets []Ref  // in order; the field itself where it is one
}

// fieldWalk visits the terminal fields of a snapshot.
type fieldWalk struct {
	snapshot
	seen  map[Ref]bool
	named int64 // bytes of full names so far: few fields with long names make many
	visit func(leafField) error
	group func(leafField) // of fields that only group others; may be nil
}

const (
	fieldCost    = 512     // of visiting a field, in bytes read
	namesAtLeast = 4 << 20 // bytes of full names, and as many as the file has bytes
)

// fullName joins the names of a field and of the group it is in.
func (w *fieldWalk) fullName(group, own string) (string, error) {
	name := joinName(group, own)
	if w.named += int64(len(name)); w.named > namesAtLeast+w.f.size {
		return "", limitError("pdf-too-costly", "表单域名称过长", "the names of its form fields are too long", nil)
	}
	return name, w.f.spend(fieldCost)
}

// acroForm returns the interactive form; nil where there is none.
func (v snapshot) acroForm() (Dict, error) {
	catalog, err := v.catalog()
	if err != nil {
		return nil, err
	}
	form, err := v.dict(catalog["AcroForm"])
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	return form, nil
}

// eachField calls visit for every terminal field, in order of the form.
func (v snapshot) eachField(visit func(leafField) error) error {
	return v.eachFieldAndGroup(visit, nil)
}

// eachFieldAndGroup calls group for the fields that only group others, too.
func (v snapshot) eachFieldAndGroup(visit func(leafField) error, group func(leafField)) error {
	form, err := v.acroForm()
	if err != nil {
		return err
	}
	roots, err := v.array(form["Fields"])
	if err != nil {
		return fmt.Errorf("read the fields of the form: %w", err)
	}
	w := fieldWalk{snapshot: v, seen: map[Ref]bool{}, visit: visit, group: group}
	for _, o := range roots {
		if err := w.field(o, leafField{}, 0); err != nil {
			return err
		}
	}
	return nil
}

// field visits a field below one from which it inherits.
func (w *fieldWalk) field(o Object, above leafField, depth int) error {
	ref, _ := o.(Ref)
	if ref != (Ref{}) {
		if w.seen[ref] {
			w.f.tolerate(w.offset(o), fmt.Sprintf("object %d stands twice among the form's fields", ref.Num))
			return nil
		}
		w.seen[ref] = true
	}
	if depth > w.f.lim.Depth {
		return &ParseError{w.offset(o), "the form's fields are nested too deeply"}
	}
	d, err := w.dict(o)
	if err != nil {
		return fmt.Errorf("read a field of the form: %w", err)
	}
	if d == nil {
		return nil // a reference to nothing is null: no field
	}
	me, err := w.under(above, ref, d)
	if err != nil {
		return err
	}
	kids, err := w.array(d["Kids"])
	if err != nil {
		return err
	}
	terminal := true
	for _, kid := range kids {
		kd, err := w.dict(kid)
		if err != nil {
			return fmt.Errorf("read a field of the form: %w", err)
		}
		if kd == nil {
			continue
		}
		if isWidgetOnly(kd) {
			r, _ := kid.(Ref)
			me.widgets = append(me.widgets, r)
			continue
		}
		terminal = false
		if err := w.field(kid, me, depth+1); err != nil {
			return err
		}
	}
	if !terminal {
		if w.group != nil {
			w.group(me)
		}
		return nil
	}
	if d["Subtype"] == Name("Widget") {
		me.widgets = append(me.widgets, ref) // beside its kids too: a page may show it
	}
	return w.visit(me)
}

// under describes a field below another, before its kids are known.
func (w *fieldWalk) under(above leafField, ref Ref, d Dict) (leafField, error) {
	me := leafField{ref: ref, dict: d, kind: above.kind, value: above.value}
	var err error
	if me.name, err = w.fullName(above.name, w.text(d["T"])); err != nil {
		return me, err
	}
	if d["FT"] != nil {
		if me.kind, err = w.name(d["FT"]); err != nil {
			return me, err
		}
	}
	if v, ok := d["V"]; ok {
		me.value = v
	}
	return me, nil
}

// isWidgetOnly reports whether a kid of a field is one of its widgets and no field itself: fields have names.
func isWidgetOnly(d Dict) bool {
	return d["T"] == nil && d["Kids"] == nil && d["Subtype"] == Name("Widget")
}

func joinName(parent, child string) string {
	switch {
	case parent == "":
		return child
	case child == "":
		return parent
	}
	return parent + "." + child
}
