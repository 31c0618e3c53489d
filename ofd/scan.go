package ofd

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// scan is what a part, taken for one of a kind, leads to and says of itself. Parts are looked through as they stream by and never held.
type scan struct {
	e         *entry
	kind      partKind
	from      string // the folder its paths count from
	links     []link
	templates []string // IDs of the templates a page uses
	box       box      // PhysicalBox; zero where it has none
	whole     bool     // it was looked through to its end
	err       error    // that it cannot be read
}

// box is x, y, width and height in mm.
type box [4]float64

// parseBox reads an ST_Box (GB/T 33190, table 3): four numbers, the size above zero.
func parseBox(s string) (box, bool) {
	var b box
	fields := strings.Fields(s)
	if len(fields) != len(b) {
		return box{}, false
	}
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || math.Abs(v) > math.MaxInt32 {
			return box{}, false
		}
		b[i] = v
	}
	return b, b[2] > 0 && b[3] > 0
}

// scanOf is the scan of an entry, made where there is none yet.
func (d *Document) scanOf(e *entry, k partKind) *scan {
	for _, s := range d.scans[e] {
		if s.kind == k {
			return s
		}
	}
	s := &scan{e: e, kind: k, from: folder(e.name)}
	d.scans[e] = append(d.scans[e], s)
	return s
}

// unseen is a scan of an entry that was not looked through yet, or nil.
func (d *Document) unseen(e *entry) *scan {
	for _, s := range d.scans[e] {
		if !s.whole && s.err == nil && len(s.kind.rules()) > 0 {
			return s
		}
	}
	return nil
}

// look looks a part through to its end, and gives its bytes to the writers too. What is wrong with its XML is kept in the scan; the error returned says
// that its bytes could not be had.
func (d *Document) look(s *scan, also ...io.Writer) error {
	fresh := scan{e: s.e, kind: s.kind, from: folder(s.e.name), whole: true}
	defer func() { *s = fresh }()
	if s.e.size <= maxGlance {
		raw, err := d.glance(s)
		if err != nil {
			fresh.err = err
			return err
		}
		for _, w := range also {
			if _, err := w.Write(raw); err != nil {
				return err
			}
		}
		if fresh.err = d.read(&fresh, scanBytes(raw, s.e.name, d.lim.Depth), skimming); errors.Is(fresh.err, errSkimmed) {
			fresh = scan{e: s.e, kind: s.kind, from: folder(s.e.name), whole: true}
			fresh.err = d.read(&fresh, scanBytes(raw, s.e.name, d.lim.Depth), thorough)
		}
		return nil
	}
	in := io.Reader(d.zip.content(s.e, nil))
	if len(also) > 0 {
		in = io.TeeReader(in, io.MultiWriter(also...))
	}
	fresh.err = d.stream(&fresh, in, skimming)
	if fresh.err != nil {
		if _, err := io.Copy(io.Discard, in); err != nil {
			fresh.err = err
			return err
		}
	}
	if errors.Is(fresh.err, errSkimmed) {
		fresh = scan{e: s.e, kind: s.kind, from: folder(s.e.name), whole: true}
		fresh.err = d.stream(&fresh, d.zip.content(s.e, nil), thorough)
	}
	return nil
}

// maxGlance is the size in bytes of the parts that are read at once; larger ones stream by.
const maxGlance = 32 << 10

// glance reads a small part. A Document.xml is kept, since it is digested later; others are digested as they are looked through.
func (d *Document) glance(s *scan) ([]byte, error) {
	if s.kind == documentPart || d.kept[s.e] != nil {
		return d.hold(s.e)
	}
	if int64(len(d.window)) < s.e.size {
		d.window = make([]byte, max(s.e.size, 4<<10))
	}
	raw := d.window[:s.e.size]
	return raw, d.zip.into(s.e, raw)
}

// stream reads a part that is not held in memory.
func (d *Document) stream(s *scan, in io.Reader, how care) error {
	x := newScanner(in, s.e.name, d.lim.Depth, d.window)
	defer func() { d.window = x.buf }()
	return d.read(s, x, how)
}

// seen is the scan of a part looked through to its end.
func (d *Document) seen(e *entry, k partKind) (*scan, error) {
	s := d.scanOf(e, k)
	if !s.whole && s.err == nil {
		_ = d.look(s) // the scan keeps the error
	}
	return s, s.err
}

// care is how a part is read.
type care uint8

const (
	thorough care = iota // every token
	skimming             // of a page, every token up to its content, where those that matter are; of the rest, that none of them is there
	boxOnly              // the same, and no further than the box
)

// errSkimmed says that a page must be read thoroughly: its content holds what looks like an element that matters.
var errSkimmed = errors.New("ofd: the page must be read thoroughly")

// read reads the tokens of a part.
func (d *Document) read(s *scan, x *scanner, how care) error {
	rules := s.kind.rules()
	for {
		t, err := x.next()
		if err != nil {
			return err
		}
		switch t.kind {
		case endOfXML:
			return nil
		case startTag:
			if how != thorough && s.kind == pagePart && string(local(t.name)) == "Content" {
				return x.skim()
			}
			if err := s.start(x, t, rules); err != nil {
				return err
			}
			if how == boxOnly && s.box != (box{}) {
				return nil
			}
			if len(s.links) > maxNodes {
				return tooMuch("ofd-part-too-large", "部件 "+display(s.e.name)+" 引用过多", "the part "+display(s.e.name)+" names too many others", nil)
			}
		}
	}
}

// skim reads a page to its end without taking it apart. Names of elements cannot be written in two ways, so where none of these is found there is no such
// element. Contents are most of what an OFD has; this reads them many times faster.
func (s *scanner) skim() error {
	for {
		b := s.buf[s.at:s.end]
		for _, name := range []string{"PageRes", "Template", "PhysicalBox"} {
			if bytes.Contains(b, []byte(name)) {
				return errSkimmed
			}
		}
		s.at = max(s.at, s.end-len("PhysicalBox"))
		if err := s.more(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// start takes what an element says.
func (s *scan) start(x *scanner, t token, rules []rule) error {
	name := local(t.name)
	open := len(x.opens)
	if t.empty {
		open++
	}
	if open == 1 {
		return s.root(x, t)
	}
	in := local(x.parent(1))
	if t.empty {
		in = local(x.parent(0))
	}
	for _, r := range rules {
		if string(name) != r.name || string(in) != r.in {
			continue
		}
		l := link{to: r.to, template: r.name == "TemplatePage"}
		var err error
		if r.attr == "" {
			l.loc, err = x.textOf(t)
		} else {
			if l.loc, _, err = x.attrOf(t, r.attr); err == nil {
				l.id, _, err = x.attrOf(t, "ID")
			}
		}
		if err != nil {
			return err
		}
		if l.to == pagePart || strings.TrimSpace(l.loc) != "" {
			s.links = append(s.links, l)
		}
		return nil
	}
	switch {
	case s.kind == pagePart && string(name) == "Template":
		id, _, err := x.attrOf(t, "TemplateID")
		if err == nil && !slices.Contains(s.templates, id) {
			if s.templates = append(s.templates, id); len(s.templates) > maxTemplates {
				err = broken(x.part, t.from, "more than %d templates on one page", maxTemplates)
			}
		}
		return err
	case string(name) == "PhysicalBox" && (s.kind == pagePart && string(in) == "Area" || s.kind == documentPart && string(in) == "PageArea"):
		text, err := x.textOf(t)
		if err != nil {
			return err
		}
		b, ok := parseBox(text)
		if !ok || s.box != (box{}) && s.box != b {
			return broken(x.part, t.from, "a PhysicalBox that is none, or another one")
		}
		s.box = b
	}
	return nil
}

// maxTemplates is how many templates a page may use.
const maxTemplates = 256

// root takes what the root element says: of resources, where their files are.
func (s *scan) root(x *scanner, t token) error {
	if name := string(local(t.name)); !s.kind.isRoot(name) {
		return broken(x.part, t.from, "the root element is %s, which a part used as %s does not have", name, s.kind.role())
	}
	if s.kind != resourcePart {
		return nil
	}
	loc, ok, err := x.attrOf(t, "BaseLoc")
	if err != nil || !ok {
		return err
	}
	path, why := resolve(s.from, loc)
	if why != "" {
		return broken(x.part, t.from, "BaseLoc: %s", why)
	}
	s.from = path
	return nil
}

// attrOf is attribute for a token.
func (s *scanner) attrOf(t token, name string) (string, bool, error) {
	v, ok, why := attribute(t.attrs, name)
	if why != "" {
		return "", false, broken(s.part, t.from, "%s", why)
	}
	return v, ok, nil
}

// maxText is the longest text that textOf reads, in bytes.
const maxText = 4096

// textOf reads the text of the element that t started, to its end. It may hold no elements.
func (s *scanner) textOf(t token) (string, error) {
	if t.empty {
		return "", nil
	}
	var out strings.Builder
	for out.Len() <= maxText {
		part, err := s.next()
		if err != nil {
			return "", err
		}
		var text, why string
		switch part.kind {
		case endTag:
			return strings.TrimSpace(out.String()), nil
		case textRun:
			text, why = decode(part.text)
		case dataRun:
			text, why = decodeData(part.text)
		default:
			why = "an element where only text may be"
		}
		if why != "" {
			return "", broken(s.part, part.from, "%s", why)
		}
		out.WriteString(text)
	}
	return "", broken(s.part, t.from, "a text of more than %d bytes", maxText)
}
