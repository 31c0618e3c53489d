package pdf

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"yinxin/document"
)

// growth is a store as it grows. Of the base one object is written again: the dictionary of the store, or the catalog where that holds it. Lists and records
// that were objects of their own move into it: something else may refer to those too, as dead objects do in files that were updated often.
type growth struct {
	preparation
	d     *Document
	store *store
	refs  [evidenceKinds]map[[sha256.Size]byte]Ref // the streams there are, those written now included
	grown bool
}

// part is a dictionary of the base as it grows.
type part struct {
	dict    Dict
	changed bool // dict is no longer what the base has
}

func (p *part) set(key Name, o Object) {
	p.dict = with(p.dict, key, o)
	p.changed = true
}

// grow writes what is new; where that is nothing it says so.
func (g *growth) grow(lists [evidenceKinds][][]byte, bySignature map[string]document.Record) error {
	dss := part{dict: g.store.dict}
	if dss.dict == nil {
		dss.dict = Dict{"Type": Name("DSS")}
	}
	for kind, values := range lists {
		g.refs[kind] = g.streams(kind)
		if err := g.extend(&dss, storeLists[kind], values, kind, g.store.lists[kind]); err != nil {
			return err
		}
	}
	if err := g.writeRecords(&dss, bySignature); err != nil {
		return err
	}
	if !g.grown {
		return document.ErrEvidenceKnown
	}
	catalog := part{dict: g.catalog}
	ref, indirect := g.catalog["DSS"].(Ref)
	switch {
	case g.store.dict == nil: // an object of its own can grow again without the catalog
		ref = g.w.alloc()
		g.w.object(ref, dss.dict)
		catalog.set("DSS", ref)
	case indirect:
		if err := g.rewrite(ref, dss.dict); err != nil {
			return err
		}
	default:
		catalog.set("DSS", dss.dict)
	}
	if err := g.declare(&catalog); err != nil {
		return err
	}
	if !catalog.changed {
		return nil
	}
	return g.rewrite(g.f.root, catalog.dict)
}

// streams lists the streams of a kind that the store has, in its lists or its records.
func (g *growth) streams(kind int) map[[sha256.Size]byte]Ref {
	out := map[[sha256.Size]byte]Ref{}
	enter := func(l evidenceList) {
		for i := range l {
			if _, ok := out[l[i].sum]; !ok {
				out[l[i].sum] = l[i].ref
			}
		}
	}
	enter(g.store.lists[kind])
	for _, k := range slices.Sorted(maps.Keys(g.store.records)) {
		enter(g.store.records[k].lists[kind])
	}
	return out
}

// extend enters in a list of p what it does not name yet. has is what could be read of that list.
func (g *growth) extend(p *part, name Name, values [][]byte, kind int, has evidenceList) error {
	list, err := g.f.array(p.dict[name])
	if err != nil {
		return err
	}
	entered := make(map[[sha256.Size]byte]bool, len(has)+len(values))
	for i := range has {
		entered[has[i].sum] = true
	}
	longer := slices.Clip(list)
	for _, der := range values {
		sum := sha256.Sum256(der)
		if entered[sum] {
			continue
		}
		entered[sum] = true
		ref, ok := g.refs[kind][sum]
		if !ok {
			if ref, err = g.writeValue(der); err != nil {
				return err
			}
			g.refs[kind][sum] = ref
		}
		longer = append(longer, ref)
	}
	if len(longer) == len(list) {
		return nil
	}
	g.grown = true
	p.set(name, longer)
	return nil
}

// writeValue writes a stream that holds a value, deflated where that is shorter.
func (g *growth) writeValue(der []byte) (Ref, error) {
	d, data := Dict{}, der
	packed, err := deflate(der)
	if err != nil {
		return Ref{}, err
	}
	if len(packed) < len(der) {
		d["Filter"], data = Name("FlateDecode"), packed
	}
	ref := g.w.alloc()
	g.w.stream(ref, d, data)
	return ref, nil
}

// writeRecords grows the records of the signatures.
func (g *growth) writeRecords(dss *part, bySignature map[string]document.Record) error {
	if len(bySignature) == 0 {
		return nil
	}
	wanted, err := g.named(bySignature)
	if err != nil {
		return err
	}
	vri := part{dict: g.store.vri}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		rec, err := g.writeRecord(name, wanted[name])
		if err != nil {
			return err
		}
		if !rec.changed {
			continue
		}
		vri.set(name, rec.dict)
	}
	if vri.changed {
		dss.set("VRI", vri.dict)
	}
	return nil
}

// named gives each record the name of its signature. Several signatures may have one value, and what is kept of it is of each.
func (g *growth) named(bySignature map[string]document.Record) (map[Name]document.Record, error) {
	if err := g.d.list(); err != nil {
		return nil, err
	}
	out := map[Name]document.Record{}
	found := map[string]bool{}
	for _, s := range g.d.signed {
		r, ok := bySignature[string(s.value)]
		if !ok || s.err != nil {
			continue
		}
		found[string(s.value)] = true
		name, err := s.recordName()
		if err != nil {
			return nil, err
		}
		out[name] = r
	}
	if len(found) < len(bySignature) {
		return nil, badRequest("pdf-evidence-signature", "要添加的长期核验资料属于文件中没有的签名", "the evidence to be added is of a signature that the document does not have")
	}
	return out, nil
}

// writeRecord grows one record; what it returns is unchanged where there is nothing new.
func (g *growth) writeRecord(name Name, r document.Record) (part, error) {
	rec := g.store.records[name]
	if rec == nil {
		rec = &record{dict: Dict{"Type": Name("VRI")}}
	}
	p := part{dict: rec.dict}
	for kind, values := range recorded(r) {
		if err := g.extend(&p, recordLists[kind], values, kind, rec.lists[kind]); err != nil {
			return p, err
		}
	}
	if !r.Time.IsZero() && !r.Time.Truncate(time.Second).Equal(rec.time) {
		p.set("TU", dateString(r.Time))
	}
	if r.Token != nil && !bytes.Equal(r.Token, rec.token) {
		ref, err := g.writeValue(r.Token)
		if err != nil {
			return p, err
		}
		p.set("TS", ref)
	}
	g.grown = g.grown || p.changed
	return p, nil
}

// The developer extension by which files before PDF 2.0 say that they hold a store or document time stamps as PAdES has them.
const (
	padesPrefix Name  = "ESIC"
	padesBase   Name  = "1.7"
	padesLevel  int64 = 1
)

// declare names that extension in the catalog where it is missing. Extensions that are malformed are left as they are.
func (g *growth) declare(catalog *part) error {
	second, err := g.f.isPDF2(catalog.dict)
	if err != nil || second {
		return err
	}
	known, err := typed[Dict](g.f.newest(), catalog.dict["Extensions"], "a dictionary")
	if err != nil {
		_, err = unreadable(err)
		return err
	}
	if known[padesPrefix] != nil {
		return nil
	}
	catalog.set("Extensions", with(known, padesPrefix, Dict{"Type": Name("DeveloperExtensions"), "BaseVersion": padesBase, "ExtensionLevel": padesLevel}))
	return nil
}

// isPDF2 reports whether the file says that it is PDF 2.0, of which the store is a part.
func (f *file) isPDF2(catalog Dict) (bool, error) {
	if v, err := f.name(catalog["Version"]); err == nil && v >= "2" {
		return true, nil
	}
	head := make([]byte, min(f.size, 1024+8)) // junk before the header is tolerated up to there
	if err := readFull(f.r, head, 0); err != nil {
		return false, err
	}
	return bytes.Contains(head, []byte("%PDF-2.")), nil
}
