package layout

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"yinxin/font"
)

// pdfFont is a font of the stack as embedded: a Type0 font with Identity-H over a CIDFontType2 (ISO 32000-1, 9.7).
type pdfFont struct {
	font *font.Font
	name string // as a resource
	ref  types.IndirectRef
	gid  map[rune]uint16
}

// embedFonts embeds the fonts that the document draws with.
func (p *pdfWriter) embedFonts() error {
	cuts, err := cutFonts(p.doc, p.stack)
	if err != nil {
		return err
	}
	for i, c := range cuts {
		ref, err := p.embedFont(c.font, c.subset)
		if err != nil {
			return err
		}
		p.fonts = append(p.fonts, pdfFont{font: c.font, name: fmt.Sprintf("F%d", i+1), ref: ref, gid: c.subset.GID})
	}
	return nil
}

func (p *pdfWriter) embedFont(f *font.Font, s *font.Subset) (types.IndirectRef, error) {
	program, err := compressed(types.Dict{"Length1": types.Integer(len(s.Data))}, s.Data)
	if err != nil {
		return types.IndirectRef{}, err
	}
	unicode, err := compressed(types.Dict{}, toUnicode(s.GID))
	if err != nil {
		return types.IndirectRef{}, err
	}
	m := f.Metrics()
	name := types.Name(s.PostScriptName)
	flags := 1 << 2 // symbolic: no standard Latin encoding
	if m.FixedPitch {
		flags |= 1
	}
	if m.ItalicAngle != 0 {
		flags |= 1 << 6
	}
	descriptor := p.file.add(types.Dict{
		"Type": types.Name("FontDescriptor"), "FontName": name, "Flags": types.Integer(flags),
		"FontBBox": types.Array{number(1000 * m.BBox.MinX), number(1000 * m.BBox.MinY), number(1000 * m.BBox.MaxX), number(1000 * m.BBox.MaxY)},
		"Ascent":   number(1000 * m.Ascent), "Descent": number(1000 * m.Descent), "CapHeight": number(1000 * m.CapHeight),
		"ItalicAngle": number(m.ItalicAngle), "StemV": types.Integer(stem(m.Weight)), "FontFile2": p.file.add(program),
	})
	cid := p.file.add(types.Dict{
		"Type": types.Name("Font"), "Subtype": types.Name("CIDFontType2"), "BaseFont": name, "FontDescriptor": descriptor,
		"CIDSystemInfo": types.Dict{"Registry": textString("Adobe"), "Ordering": textString("Identity"), "Supplement": types.Integer(0)},
		"CIDToGIDMap":   types.Name("Identity"), "DW": types.Integer(1000), "W": widths(s),
	})
	return p.file.add(types.Dict{
		"Type": types.Name("Font"), "Subtype": types.Name("Type0"), "BaseFont": name, "Encoding": types.Name("Identity-H"),
		"DescendantFonts": types.Array{cid}, "ToUnicode": p.file.add(unicode),
	}), nil
}

// stem estimates the thickness of upright strokes from the weight, 400 being regular.
func stem(weight int) int { return 50 + weight*weight/4225 }

// widths lists the advances by glyph, in thousandths of an em.
func widths(s *font.Subset) types.Array {
	runes := slices.SortedFunc(maps.Keys(s.GID), func(a, b rune) int { return int(s.GID[a]) - int(s.GID[b]) })
	var out, run types.Array
	last := -1
	for _, r := range runes {
		if gid := int(s.GID[r]); gid != last+1 || run == nil {
			if run != nil {
				out = append(out, run)
			}
			out, run = append(out, types.Integer(gid)), types.Array{}
		}
		run = append(run, number(1000*s.Advance[r]))
		last = int(s.GID[r])
	}
	if run != nil {
		out = append(out, run)
	}
	return out
}

// toUnicode is the CMap that gives every glyph its character, so that text can be copied and searched (ISO 32000-1, 9.10.3).
func toUnicode(gid map[rune]uint16) []byte {
	runes := slices.SortedFunc(maps.Keys(gid), func(a, b rune) int { return int(gid[a]) - int(gid[b]) })
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(runes, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, r := range part {
			fmt.Fprintf(&b, "<%04X> <", gid[r])
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
