package pdf

// listStray finds signatures whose widgets stand on a page while the form does not name their fields. Readers differ in whether they show such; here
// they are malformed signatures, so that the file does not look unsigned.
func (d *Document) listStray(add func(Object, leafField) error) error {
	f := d.f
	repairs := f.repairs
	defer func() { // a document that is only searched is not refused for what is not used of it: what is read again will be noted again
		clear(f.cache)
		f.repairs, f.kept = repairs, 0
	}()
	v := f.newest()
	err := v.eachPage(func(p pageInfo) (bool, error) {
		annots, err := v.array(p.Dict["Annots"])
		if err != nil {
			return true, onlyFatal(err)
		}
		for _, o := range annots {
			w, err := v.dict(o)
			if err != nil || w["Subtype"] != Name("Widget") {
				if isFatal(err) {
					return false, err
				}
				continue
			}
			if field := v.inherit(w); field.kind == "Sig" && field.value != nil {
				field.widgets = []Ref{refOf(o)}
				if err := add(field.value, field); err != nil {
					return false, err
				}
			}
		}
		return true, nil
	})
	return onlyFatal(err)
}

// inherit gathers what a field has from those above it, seen from below.
func (v snapshot) inherit(d Dict) leafField {
	f := leafField{dict: d}
	for range v.f.lim.Depth {
		f.name = joinName(v.text(d["T"]), f.name)
		if kind, err := v.name(d["FT"]); err == nil && f.kind == "" {
			f.kind = kind
		}
		if f.value == nil {
			f.value = d["V"]
		}
		above, err := v.dict(d["Parent"])
		if err != nil || above == nil || len(f.name) > maxToken {
			break
		}
		d = above
	}
	return f
}
