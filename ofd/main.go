package ofd

// mainPart is where an OFD begins (GB/T 33190, 6).
const mainPart = "OFD.xml"

// body is one document of the package: a DocBody of OFD.xml (GB/T 33190, table 4).
type body struct {
	index      int
	node       *node
	root       string          // DocRoot: its Document.xml
	signatures string          // where its Signatures.xml is; empty: it has none
	extra      []link          // what else the DocBody leads to: versions, a cover
	pages      map[string]int  // their numbers in the package, from 1, by ID
	list       part            // Signatures.xml, where there is one
	about      *scan           // of its Document.xml
	covered    map[*entry]bool // see coveredIn; nil until asked for
	reach      *closure        // see closure; nil until asked for
}

// readMain reads OFD.xml.
func (d *Document) readMain(e *entry) error {
	p, err := d.control(e, maxListed)
	if err != nil {
		return err
	}
	d.main = p
	if p.root.name != "OFD" {
		return p.root.broken("the root element is %s, not OFD", p.root.name)
	}
	bodies := p.root.all("DocBody")
	if len(bodies) == 0 {
		return p.root.broken("there is no DocBody")
	}
	if len(bodies) > maxBodies {
		return tooMuch("ofd-too-many-documents", "文档过多", "too many documents", nil)
	}
	for i, n := range bodies {
		b, err := readBody(n)
		if err != nil {
			return err
		}
		b.index = i
		for _, other := range d.bodies {
			if b.root == other.root {
				return n.broken("two DocBody elements have the DocRoot %s", b.root)
			}
			if b.signatures != "" && b.signatures == other.signatures {
				return n.broken("two DocBody elements have the Signatures %s", b.signatures)
			}
		}
		d.bodies = append(d.bodies, b)
	}
	return nil
}

func readBody(n *node) (*body, error) {
	b := &body{node: n}
	for _, a := range []named{{"DocRoot", &b.root}, {"Signatures", &b.signatures}} {
		loc, err := n.textOf(a.name)
		if err != nil {
			return nil, err
		}
		if loc == "" {
			continue
		}
		path, why := resolve("", loc)
		if why != "" || path == "" {
			return nil, n.broken("%s: %s", a.name, why)
		}
		*a.to = path
	}
	if b.root == "" {
		return nil, n.broken("a DocBody without DocRoot")
	}
	return b, b.readExtra()
}

// readExtra takes the versions (GB/T 33190, 19) and the cover.
func (b *body) readExtra() error {
	for _, versions := range b.node.all("Versions") {
		for _, v := range versions.all("Version") {
			loc, ok, err := v.attr("BaseLoc")
			if err != nil {
				return err
			}
			if ok {
				b.extra = append(b.extra, link{loc: loc, to: versionPart})
			}
		}
	}
	for _, info := range b.node.all("DocInfo") {
		for _, cover := range info.all("Cover") {
			b.extra = append(b.extra, link{loc: cover.text, to: plainPart})
		}
	}
	return nil
}

// entryOf finds a part that must be there under exactly its name.
func (d *Document) entryOf(name, by string) (*entry, error) {
	if e := d.zip.find(name); e != nil {
		return e, nil
	}
	if e := d.zip.loose(name); e != nil {
		return nil, nameCase(e.name, name)
	}
	return nil, missing(name, by)
}
