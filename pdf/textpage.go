package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"yinxin/document"
)

const (
	maxPageRuns  = 1 << 19
	maxPageText  = 16 << 20 // bytes
	maxNestForms = 24       // forms drawn by forms
	formCost     = 64       // of drawing a form, in bytes of content
	maxSaved     = 1 << 14  // graphics states
)

// Text implements document.Contents: what the last revision's page says, in the order in which it is drawn.
//
// Left out is what is not displayed: text that is invisible (rendering modes 3 and 7, as scans with recognised text have), of no size, outside of the
// page's box, wholly transparent, or in layers that are off. What text is covered by, clipped to or coloured like is not looked at. Of annotations the looks of text and
// choice fields that are shown belong to the page; seals, other widgets and notes do not. Such a field with a value and no look counts as Unread: readers
// differ in whether they show it.
//
// A run is one operator that shows text; blanks alone are none, nor is what was drawn just before in the same place. A gap in it of a fifth of an em, half an em beside ideographs, is a space. The upper edge is 0.85 em over the
// baseline in all fonts. What glyphs mean is what their font says of them; ActualText, which may say something else than is shown, is not asked.
// Characters that cannot be told are U+FFFD in a run that has others too, and a run that has no others is left out.
//
// Content that is malformed is read as far as it makes sense, as readers do. Beyond the limits the error is fault.Limit.
func (d *Document) Text(ctx context.Context, page int) (document.PageText, error) {
	f := d.f
	defer f.quiet()()
	info, err := f.page(page)
	if err != nil {
		return document.PageText{}, malformed(err)
	}
	p := newPageReader(ctx, d, info, page)
	if err := p.read(); err != nil {
		return document.PageText{}, malformed(err)
	}
	return p.out, nil
}

// quiet begins a reading that is no reason to refuse the file, as in listStray; at its end what was noted is forgotten.
func (f *file) quiet() (end func()) {
	noted := len(f.repairs)
	return func() {
		if len(f.repairs) > noted {
			clear(f.cache)
			f.repairs, f.kept = f.repairs[:noted], 0
		}
	}
}

func newPageReader(ctx context.Context, d *Document, info pageInfo, n int) *pageReader {
	return &pageReader{
		snapshot: d.f.newest(), ctx: ctx, page: info, view: info.shown(n), fonts: &d.fonts, left: d.f.lim.Stream, forms: map[int64]*scope{},
	}
}

// pageReader reads one page.
type pageReader struct {
	snapshot
	ctx    context.Context
	page   pageInfo
	view   view
	layers layers
	fonts  *fontStore
	forms  map[int64]*scope // by where they stand in the file
	depth  int              // of forms
	left   int64            // bytes of content that may still be read
	length int              // bytes of text so far
	out    document.PageText
}

// scope is content with what it names.
type scope struct {
	data      []byte
	resources Dict
	direct    map[Name]*textFont // fonts that are no objects of their own
	open      bool               // it is being drawn
}

func (p *pageReader) read() error {
	var err error
	if p.layers, err = p.readLayers(); err != nil {
		return err
	}
	data, err := p.contents()
	if err != nil {
		return err
	}
	resources, err := p.dict(p.page.Resources)
	if err = onlyFatal(err); err != nil {
		return err
	}
	if err := p.draw(&scope{data: data, resources: resources}, identity); err != nil {
		return err
	}
	return p.fields()
}

// contents are the page's content streams, joined (ISO 32000-1, 7.8.2).
func (p *pageReader) contents() ([]byte, error) {
	o, err := p.resolve(p.page.Dict["Contents"])
	if err != nil || o == nil {
		return nil, err
	}
	list, isArray := o.(Array)
	if !isArray {
		list = Array{p.page.Dict["Contents"]}
	}
	var all bytes.Buffer
	for _, o := range list {
		s, err := p.stream(o)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		data, err := p.f.decode(s)
		if errors.Is(err, errRawFilter) {
			return nil, &ParseError{s.Offset, err.Error()}
		}
		if err != nil {
			return nil, err
		}
		if int64(all.Len()+len(data)) > p.left {
			return nil, p.charge(all.Len() + len(data))
		}
		all.Write(data)
		all.WriteByte('\n')
	}
	return all.Bytes(), nil
}

// charge counts n bytes of content, or what costs as much, and ends the reading of a page that costs too much.
func (p *pageReader) charge(n int) error {
	if p.left -= int64(n); p.left < 0 {
		return limitError("pdf-page-too-costly", "页面内容过多", "a page has too much content", fmt.Errorf("at most %d bytes", p.f.lim.Stream))
	}
	return nil
}

// draw reads content that is drawn with the matrix m.
func (p *pageReader) draw(s *scope, m matrix) error {
	if err := p.charge(len(s.data) + formCost); err != nil {
		return err
	}
	c := &canvas{
		pageReader: p, scope: s, graphics: graphics{ctm: m, scale: 1},
		in: newProgram(s.data, p.f.lim.Depth, p.f.lex.names),
	}
	return c.run()
}

// form draws a form with the matrix m (ISO 32000-1, 8.10). One that cannot be read, or that draws itself, counts as unread.
func (p *pageReader) form(s *Stream, above *scope, m matrix) error {
	inner, err := p.formScope(s, above)
	if err != nil {
		return err
	}
	if inner == nil || inner.open || p.depth == maxNestForms {
		p.out.Unread++
		return nil
	}
	if own, ok := p.matrix(s.Dict["Matrix"]); ok {
		m = own.before(m)
	}
	p.depth, inner.open = p.depth+1, true
	defer func() { p.depth, inner.open = p.depth-1, false }()
	return p.draw(inner, m)
}

// formScope reads the content of a form, once; nil where it cannot be read. A form without resources takes those of what draws it.
func (p *pageReader) formScope(s *Stream, above *scope) (*scope, error) {
	if known, ok := p.forms[s.Offset]; ok {
		return known, nil
	}
	resources, err := p.dict(s.Dict["Resources"])
	if err = onlyFatal(err); err != nil {
		return nil, err
	}
	if resources == nil && above != nil {
		resources = above.resources
	}
	var inner *scope
	data, err := p.f.decode(s)
	if err == nil {
		inner = &scope{data: data, resources: resources}
	}
	p.forms[s.Offset] = inner
	return inner, onlyFatal(err)
}

// fields draws the fields that show text.
func (p *pageReader) fields() error {
	annots, err := p.array(p.page.Dict["Annots"])
	if err != nil {
		return onlyFatal(err)
	}
	for _, o := range annots {
		if err := p.charge(formCost); err != nil {
			return err
		}
		w, err := p.dict(o)
		if err != nil || w["Subtype"] != Object(Name("Widget")) {
			if err = onlyFatal(err); err != nil {
				return err
			}
			continue
		}
		if err := p.field(w); err != nil {
			return err
		}
	}
	return nil
}

// field draws a text or choice field that is shown.
func (p *pageReader) field(w Dict) error {
	field := p.inherit(w)
	flags, err := p.integer(w["F"])
	if err == nil && (field.kind == "Tx" || field.kind == "Ch") && flags&(flagHidden|flagNoView) == 0 {
		var hidden bool
		if hidden, err = p.hides(w["OC"]); err == nil && !hidden {
			return p.look(w, field.value)
		}
	}
	return onlyFatal(err)
}

// look draws the look of a widget whose field has a value.
func (p *pageReader) look(w Dict, value Object) error {
	ap, err := p.dict(w["AP"])
	if err = onlyFatal(err); err != nil {
		return err
	}
	s, err := p.stream(ap["N"])
	if err != nil || s == nil {
		if p.text(value) != "" {
			p.out.Unread++
		}
		return onlyFatal(err)
	}
	if m, ok := p.appearance(s, w["Rect"]); ok {
		return p.form(s, nil, m)
	}
	return nil
}

// appearance is how a look is moved and stretched to its annotation (ISO 32000-1, 12.5.5).
func (p *pageReader) appearance(s *Stream, place Object) (matrix, bool) {
	to, ok := p.box(place)
	b, ok2 := p.box(s.Dict["BBox"])
	if !ok || !ok2 {
		return identity, false
	}
	m, ok := p.matrix(s.Dict["Matrix"])
	if !ok {
		m = identity
	}
	from := m.box(rect{b[0], b[1], b[2], b[3]})
	x, y := (to[2]-to[0])/from.width(), (to[3]-to[1])/from.height()
	return matrix{x, 0, 0, y, to[0] - from.x0*x, to[1] - from.y0*y}, from.width() > 0 && from.height() > 0
}

// fontStore keeps the fonts of a document.
type fontStore struct {
	byRef   map[Ref]*textFont
	entries int
}

// font reads the font o, once where it is an object of its own, else once by its name in a scope.
func (p *pageReader) font(s *scope, name Name, o Object) (*textFont, error) {
	ref, isRef := o.(Ref)
	known := s.direct[name]
	if isRef {
		known = p.fonts.byRef[ref]
	}
	if known != nil {
		return known, nil
	}
	font, err := p.textFont(o)
	if err != nil {
		return nil, err
	}
	if isRef {
		p.fonts.keep(ref, font)
	} else {
		if s.direct == nil {
			s.direct = map[Name]*textFont{}
		}
		s.direct[name] = font
	}
	return font, p.charge(font.entries * entryCost)
}

// keep remembers a font. The memory is bounded by forgetting all of them now and then.
func (s *fontStore) keep(ref Ref, f *textFont) {
	if s.entries += f.entries; s.byRef == nil || s.entries > fontsKept {
		s.byRef, s.entries = map[Ref]*textFont{}, f.entries
	}
	s.byRef[ref] = f
}
