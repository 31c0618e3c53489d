package ofd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

var _ document.Renderer = (*Document)(nil)

// Render writes a page as SVG. It implements document.Renderer.
//
// Glyphs are drawn as outlines: those of fonts embedded in the package, else those of the font built into this program, so a page looks the same wherever
// it is viewed. The text itself lies over them, transparent, and can be selected and searched. docs/design/ofd.md says what is not shown; the list
// returned says what of that this page holds.
func (d *Document) Render(ctx context.Context, w io.Writer, page int, pictures document.Pictures) ([]document.Omission, error) {
	p, size, err := d.shown(page)
	if err != nil {
		return nil, err
	}
	s := newShower(ctx, d, newSVG())
	if err := s.page(p); err != nil {
		return nil, malformed(err)
	}
	if err := s.stamps(p, pictures); err != nil {
		return nil, malformed(err)
	}
	return s.out.omitted, s.out.writeTo(w, size[2], size[3])
}

// shown is a page, by its number from 1, with its size.
func (d *Document) shown(number int) (p page, size box, err error) {
	if number < 1 || number > len(d.pages) {
		return p, size, fault.New(fault.NotFound, "ofd-no-page", fmt.Sprintf("没有第 %d 页，文件共 %d 页", number, len(d.pages)),
			fmt.Sprintf("there is no page %d: the file has %d", number, len(d.pages)), nil)
	}
	p = d.pages[number-1]
	if size, err = d.measure(p); err != nil {
		return p, size, malformed(err)
	}
	if size[2] > maxLength || size[3] > maxLength {
		return p, size, tooCostly(fmt.Sprintf("%g × %g mm", size[2], size[3]))
	}
	return p, size, nil
}

// shower draws a page of one document.
type shower struct {
	ctx    context.Context //nolint:containedctx // it lives no longer than one call of Render or Text
	d      *Document
	out    *svg
	unit   func(*node, scope) error // what is done with an object that is to be seen: it is drawn, or its text read
	common map[string]resource      // of the document, by ID
	space  string                   // its DefaultCS
	used   map[string]template      // its templates, by ID
	fonts  map[string]*face         // by the key of the resource
	nested bool                     // the page is itself the picture of a seal
}

func newShower(ctx context.Context, d *Document, out *svg) *shower {
	s := &shower{ctx: ctx, d: d, out: out, fonts: map[string]*face{}}
	s.unit = s.draw
	return s
}

// template is a TemplatePage of the document.
type template struct {
	at    link
	front bool // it lies before the pages that use it, unless they say otherwise
}

// scope is what the objects of a part refer to.
type scope struct {
	raw    []byte // the part's text
	res    resources
	styles []*node  // drawing parameters of the layer, then those they build on
	within []string // the composite objects that this one is in
	at     matrix   // of the text that is read: from its coordinates to those of the page
}

// load reads a part that the page uses.
func (s *shower) load(e *entry) (part, error) {
	if err := s.ctx.Err(); err != nil {
		return part{}, err
	}
	raw, err := s.fetch(e)
	if err != nil {
		return part{}, err
	}
	p, err := tree(e, raw, s.d.lim.Depth, maxShownNodes-s.out.nodes)
	if err != nil {
		return part{}, err
	}
	s.out.nodes += p.root.count()
	return p, nil
}

// count is how many elements there are.
func (n *node) count() int {
	sum := 1
	for _, k := range n.kids {
		sum += k.count()
	}
	return sum
}

// fetch reads a file whole, within what a page may read.
func (s *shower) fetch(e *entry) ([]byte, error) {
	if s.out.bytes += e.size; s.out.bytes > maxShownBytes {
		return nil, tooCostly(fmt.Sprintf("more than %d MB of files", maxShownBytes>>20))
	}
	if raw, ok := s.d.kept[e]; ok {
		return raw, nil
	}
	raw := make([]byte, e.size)
	return raw, s.d.zip.into(e, raw)
}

// page draws what the page itself holds, with its templates and annotations.
func (s *shower) page(p page) error {
	if err := s.sheet(p); err != nil {
		return err
	}
	return s.annotations(p)
}

// sheet draws what the page itself holds, with its templates.
func (s *shower) sheet(p page) error {
	about := p.body.about
	if err := s.document(about); err != nil {
		return err
	}
	e, err := s.d.follow(about.e, about.from, p.at)
	if err != nil {
		return err
	}
	if e == nil {
		return missing(p.at.loc, display(about.e.name))
	}
	return s.content(p.body, e, nil)
}

// document takes what pages need to know of their document.
func (s *shower) document(about *scan) error {
	p, err := s.load(about.e)
	if err != nil {
		return err
	}
	front := map[string]bool{}
	for _, common := range p.root.all("CommonData") {
		for _, n := range common.kids {
			switch n.name {
			case "TemplatePage":
				front[value(n, "ID")] = value(n, "ZOrder") == zFront
			case "DefaultCS":
				s.space = n.text
			}
		}
	}
	s.common, s.used = map[string]resource{}, map[string]template{}
	for _, l := range about.links {
		switch {
		case l.to == resourcePart:
			if err := s.resource(s.common, about.e, about.from, l); err != nil {
				return err
			}
		case l.template:
			s.used[l.id] = template{at: l, front: front[l.id]}
		}
	}
	return nil
}

// zFront is the ZOrder of a template before the page.
const zFront = "Foreground"

// content draws a page or a template: what lies behind it, its layers, what lies before it. within are the templates that use this one.
func (s *shower) content(b *body, e *entry, within []*entry) error {
	if slices.Contains(within, e) {
		return broken(display(e.name), 0, "templates use one another in a circle")
	}
	if len(within) >= maxComposites {
		return broken(display(e.name), 0, "templates are nested too deeply")
	}
	within = append(slices.Clip(within), e)
	p, err := s.load(e)
	if err != nil {
		return err
	}
	sc, err := s.scopeOf(p)
	if err != nil {
		return err
	}
	front, err := s.templates(b, p.root, within, false)
	if err != nil {
		return err
	}
	if content := first(p.root, "Content"); content != nil {
		layers := content.all("Layer")
		slices.SortStableFunc(layers, func(a, b *node) int { return layerRank(a) - layerRank(b) })
		for _, l := range layers {
			if err := s.layer(l, sc); err != nil {
				return err
			}
		}
	}
	if !front {
		return nil
	}
	_, err = s.templates(b, p.root, within, true)
	return err
}

// layerRank is where a layer lies (GB/T 33190, 7.10): the background first, the foreground last.
func layerRank(n *node) int {
	switch value(n, "Type") {
	case "Background":
		return 0
	case "Foreground":
		return 2
	}
	return 1
}

// templates draws the templates of a page that lie before its layers, or those behind. It reports whether there are any before.
func (s *shower) templates(b *body, root *node, within []*entry, before bool) (front bool, err error) {
	uses := root.all("Template")
	if len(uses) > maxTemplates {
		return false, uses[0].broken("more than %d templates on one page", maxTemplates)
	}
	for _, u := range uses {
		id := value(u, "TemplateID")
		t, known := s.used[id]
		foremost := t.front
		if order := value(u, "ZOrder"); order != "" {
			foremost = order == zFront
		}
		front = front || foremost
		if foremost != before {
			continue
		}
		if !known {
			s.out.omit("template-missing", id)
			continue
		}
		e, err := s.d.follow(b.about.e, b.about.from, t.at)
		if err != nil {
			return front, err
		}
		if e == nil {
			s.out.omit("template-missing", t.at.loc)
			continue
		}
		if err := s.content(b, e, within); err != nil {
			return front, err
		}
	}
	return front, nil
}

// scopeOf is the scope of a page: its own resources before those of the document.
func (s *shower) scopeOf(p part) (scope, error) {
	own := map[string]resource{}
	for _, n := range p.root.all("PageRes") {
		if err := s.resource(own, p.e, folder(p.e.name), link{loc: n.text, to: resourcePart}); err != nil {
			return scope{}, err
		}
	}
	return scope{raw: p.raw, res: resources{own: own, common: s.common, out: s.out}, at: identity()}, nil
}

func (s *shower) layer(l *node, sc scope) error {
	sc.styles = sc.res.parameters(value(l, "DrawParam"))
	return s.block(l, sc)
}

// block draws the objects of a layer, a page block or an appearance.
func (s *shower) block(n *node, sc scope) error {
	for _, k := range n.kids {
		if err := s.object(k, sc); err != nil {
			return err
		}
	}
	return nil
}

// annotations draws the appearances of a page's annotations (GB/T 33190, 15).
func (s *shower) annotations(p page) error {
	about := p.body.about
	for _, l := range about.links {
		if l.to != annotationsPart {
			continue
		}
		list, err := s.named(about.e, about.from, l)
		if err != nil || list.root == nil {
			return err
		}
		for _, n := range list.root.all("Page") {
			if value(n, "PageID") != p.id {
				continue
			}
			loc, err := n.textOf("FileLoc")
			if err != nil {
				return err
			}
			page, err := s.named(list.e, folder(list.e.name), link{loc: loc, to: annotationPart})
			if err != nil {
				return err
			}
			if page.root != nil {
				if err := s.annotated(page); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *shower) annotated(p part) error {
	sc, err := s.scopeOf(p)
	if err != nil {
		return err
	}
	for _, a := range p.root.all("Annot") {
		appearance := first(a, "Appearance")
		if appearance == nil || hidden(a) {
			continue
		}
		at, err := boundaryOf(appearance)
		if err != nil {
			s.out.omit("object-malformed", objectName(a))
			continue
		}
		fmt.Fprintf(&s.out.body, `<g%s>`, move(at[0], at[1]).transform())
		if err := s.block(appearance, sc); err != nil {
			return err
		}
		s.out.body.WriteString("</g>")
	}
	return nil
}

// named reads a part that a link leads to; one that is not there has no root.
func (s *shower) named(by *entry, from string, l link) (part, error) {
	e, err := s.d.follow(by, from, l)
	if err != nil {
		return part{}, err
	}
	if e == nil {
		s.out.omit("part-missing", l.loc)
		return part{}, nil
	}
	return s.load(e)
}

// first is the first child of a name, or nil.
func first(n *node, name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// value is an attribute trimmed; empty where it is not there or malformed, which then counts as not there.
func value(n *node, name string) string {
	if !bytes.Contains(n.attrs, []byte(name)) { // most are asked for in vain
		return ""
	}
	v, _, err := n.attr(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(v)
}

// hidden reports whether an object says that it is not visible.
func hidden(n *node) bool { return value(n, "Visible") == "false" }

// passing reports whether an error is about one object, which is left out, and not about the page.
func passing(err error) bool {
	var p *ParseError
	return errors.As(err, &p) && fault.KindOf(err) == 0
}

// costly reports whether an error says that the page costs too much, or that the caller gave up: it ends the page, whatever it came from.
func costly(err error) bool {
	return fault.KindOf(err) == fault.Limit || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
