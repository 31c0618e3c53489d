package pdf

// layers says which optional content is off (ISO 32000-1, 8.11).
type layers struct {
	off     map[Ref]bool
	on      map[Ref]bool
	baseOff bool
}

func (p *pageReader) readLayers() (layers, error) {
	catalog, err := p.catalog()
	if err != nil {
		return layers{}, err
	}
	properties, err := p.dict(catalog["OCProperties"])
	if err != nil || properties == nil {
		return layers{}, onlyFatal(err)
	}
	d, err := p.dict(properties["D"])
	if err != nil {
		return layers{}, onlyFatal(err)
	}
	l := layers{off: map[Ref]bool{}, on: map[Ref]bool{}, baseOff: d["BaseState"] == Object(Name("OFF"))}
	for key, set := range map[Name]map[Ref]bool{"OFF": l.off, "ON": l.on} {
		list, err := p.array(d[key])
		if err = onlyFatal(err); err != nil {
			return layers{}, err
		}
		for _, o := range list {
			set[refOf(o)] = true
		}
	}
	return l, nil
}

func (l layers) isOff(ref Ref) bool { return l.off[ref] || l.baseOff && !l.on[ref] }

// hides reports whether content of an optional content group, or of a membership of several, is off. Where it cannot be told it is shown.
func (p *pageReader) hides(o Object) (bool, error) {
	if o == nil || p.layers.off == nil {
		return false, nil
	}
	d, err := p.dict(o)
	if err != nil || d == nil {
		return false, onlyFatal(err)
	}
	if d["Type"] != Object(Name("OCMD")) {
		return p.layers.isOff(refOf(o)), nil
	}
	groups, err := p.resolve(d["OCGs"])
	list, isArray := groups.(Array)
	if !isArray {
		list = Array{d["OCGs"]}
	}
	on, off := 0, 0
	for _, o := range list {
		switch ref := refOf(o); {
		case ref == Ref{}:
		case p.layers.isOff(ref):
			off++
		default:
			on++
		}
	}
	if err = onlyFatal(err); err != nil || on+off == 0 {
		return false, err
	}
	err = p.charge(len(list) * entryCost)
	switch policy, _ := p.name(d["P"]); policy {
	case "AllOn":
		return off > 0, err
	case "AnyOff":
		return off == 0, err
	case "AllOff":
		return on > 0, err
	}
	return on == 0, err
}
