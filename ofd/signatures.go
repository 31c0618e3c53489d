package ofd

import (
	"fmt"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

// signature is one entry of a Signatures.xml. It implements document.Signature, document.Referencer and document.Coverer.
type signature struct {
	d        *Document
	body     *body
	index    int // among those of its body
	id       string
	kind     string // Type
	relative string // ID of the signature it builds on (GM/T 0099), or empty
	path     string // of its Signature.xml, without the leading slash
	main     *entry // Signature.xml
	raw      []byte // its text
	told     signedInfo
	value    []byte
	seal     []byte // Seal.esl, or nil
	valueAt  *entry
	sealAt   *entry          // or nil
	covers   map[*entry]bool // see covered
	checked  []document.Reference
	shown    []document.Place // see places
	placed   bool

	open      []document.Uncovered // see Uncovered
	openErr   error
	openKnown bool

	err error // that it is malformed
	why string
}

// Signatures lists the signatures of all documents of the package, in the order in which they are listed. Files that look like a signature and are not
// listed come last, as malformed ones: a signature that was struck from the list must not make a file look unsigned.
func (d *Document) Signatures() ([]document.Signature, error) {
	if err := d.list(); err != nil {
		return nil, malformed(err)
	}
	out := make([]document.Signature, len(d.signed))
	for i, s := range d.signed {
		out[i] = s
	}
	return out, nil
}

// list finds the signatures once.
func (d *Document) list() error {
	if d.listed {
		return d.listErr
	}
	d.listed = true
	d.listErr = d.listAll()
	return d.listErr
}

func (d *Document) listAll() error {
	for _, b := range d.bodies {
		if b.signatures == "" {
			continue
		}
		if err := d.listBody(b); err != nil {
			return err
		}
	}
	if err := d.listStruck(); err != nil {
		return err
	}
	d.refuseShared()
	return nil
}

// listBody reads the Signatures.xml of a document.
func (d *Document) listBody(b *body) error {
	e, err := d.entryOf(b.signatures, mainPart)
	if err != nil {
		return err
	}
	p, err := d.control(e, maxListed)
	if err != nil {
		return err
	}
	if p.root.name != "Signatures" {
		return p.root.broken("the root element is %s, not Signatures", p.root.name)
	}
	b.list = p
	for i, n := range p.root.all("Signature") {
		s := &signature{d: d, body: b, index: i}
		if err := d.add(s); err != nil {
			return err
		}
		s.fail(s.read(n))
	}
	return nil
}

func (d *Document) add(s *signature) error {
	if d.signed = append(d.signed, s); len(d.signed) > d.lim.Signatures {
		return tooMuch("ofd-too-many-signatures", "签名过多", "too many signatures", fmt.Errorf("at most %d", d.lim.Signatures))
	}
	return nil
}

// fail keeps the reason why a signature cannot be taken at its word.
func (s *signature) fail(err error) {
	if err == nil || s.err != nil {
		return
	}
	s.why = err.Error()
	s.err = fault.New(fault.Invalid, "ofd-signature-malformed", "签名 "+s.id+" 的结构有误，无法核验", "the signature "+s.id+" is malformed and cannot be verified", err)
}

// read reads what the list says of a signature, and then the signature.
func (s *signature) read(n *node) error {
	loc := ""
	for _, a := range []named{{"ID", &s.id}, {"Type", &s.kind}, {"Relative", &s.relative}, {"BaseLoc", &loc}} {
		v, _, err := n.attr(a.name)
		if err != nil {
			return err
		}
		*a.to = v
	}
	if s.kind == "" {
		s.kind = document.TypeSeal
	}
	if s.kind != document.TypeSeal && s.kind != document.TypeSign {
		return n.broken("a signature of type %.20q", s.kind)
	}
	path, why := resolve(folder(s.body.signatures), loc)
	if why != "" || loc == "" {
		return n.broken("the signature has no BaseLoc that could be followed: %s", why)
	}
	s.path = path
	e, err := s.d.entryOf(path, display(s.body.signatures))
	if err != nil {
		return err
	}
	s.main = e
	p, err := s.d.control(e, maxNodes)
	if err != nil {
		return err
	}
	if s.told, err = readSigned(p.root); err != nil {
		return err
	}
	s.raw = p.raw
	return s.fetch(p.root)
}

// named is where the attribute of a name goes.
type named struct {
	name string
	to   *string
}

// fetch reads the value and the seal of a signature.
func (s *signature) fetch(root *node) error {
	from, by := folder(s.path), display(s.path)
	take := func(loc string, at **entry, to *[]byte) error {
		path, why := resolve(from, loc)
		if why != "" {
			return root.broken("%s: %.100q", why, loc)
		}
		e, err := s.d.entryOf(path, by)
		if err != nil {
			return err
		}
		*at = e
		*to, err = s.d.hold(e)
		return err
	}
	if err := take(s.told.value, &s.valueAt, &s.value); err != nil {
		return err
	}
	if len(s.value) == 0 {
		return root.broken("the signature value is empty")
	}
	if s.told.seal == "" {
		return nil
	}
	return take(s.told.seal, &s.sealAt, &s.seal)
}

// refuseShared fails signatures that cannot be told apart: by ID within a document, or by their files within the package. It fails those, too, that build
// on one that is not there (GM/T 0099: the base must be verified with them; all that are listed are).
func (d *Document) refuseShared() {
	type key struct {
		body int
		id   string
	}
	ids, files := map[key]*signature{}, map[*entry]*signature{}
	for _, s := range d.signed {
		if other := ids[key{s.body.index, s.id}]; other != nil {
			for _, s := range []*signature{s, other} {
				s.fail(fmt.Errorf("two signatures have the ID %q", s.id))
			}
		}
		ids[key{s.body.index, s.id}] = s
		for _, e := range []*entry{s.main, s.valueAt} {
			if e == nil {
				continue
			}
			if other := files[e]; other != nil {
				for _, s := range []*signature{s, other} {
					s.fail(fmt.Errorf("two signatures share the file %s", display(e.name)))
				}
			}
			files[e] = s
		}
	}
	for _, s := range d.signed {
		if s.relative != "" && (s.relative == s.id || ids[key{s.body.index, s.relative}] == nil) {
			s.fail(fmt.Errorf("it builds on the signature %.40q, which is not listed", s.relative))
		}
	}
}

// listStruck adds files that hold a signature and are not listed. Only files that are named as if they did are looked into.
func (d *Document) listStruck() error {
	known := map[*entry]bool{}
	for _, s := range d.signed {
		known[s.main] = true
	}
	for _, b := range d.bodies {
		known[b.list.e] = true
	}
	for _, e := range d.zip.entries {
		name := strings.ToLower(e.name)
		if e.dir || known[e] || !strings.Contains(name, "sign") || !strings.HasSuffix(name, ".xml") || d.rootOf(e) != "Signature" {
			continue
		}
		s := &signature{d: d, body: d.bodies[0], index: -1, id: "/" + display(e.name), kind: document.TypeSeal, path: e.name}
		if err := d.add(s); err != nil {
			return err
		}
		s.main = e
		s.fail(fmt.Errorf("%s is a signature that no Signatures.xml lists", display(e.name)))
	}
	return nil
}

// rootOf is the name of the root element of a part, without its prefix; empty where it is no XML.
func (d *Document) rootOf(e *entry) string {
	if name, ok := d.roots[e]; ok {
		return name
	}
	x := newScanner(d.zip.content(e, nil), e.name, d.lim.Depth, d.window)
	defer func() { d.window = x.buf }()
	name := ""
	for {
		t, err := x.next()
		if t.kind == startTag {
			name = string(local(t.name))
		}
		if err != nil || t.kind == startTag || t.kind == endOfXML {
			break
		}
	}
	d.roots[e] = name
	return name
}
