package layout

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"yinxin/font"
)

const producer = "yinxin"

// WritePDF writes the document as PDF 1.7 with subsets of the fonts embedded. Equal documents give equal bytes: the file identifier comes from the
// content, the dates are doc.Created. The file has one cross-reference table, no object streams and no encryption, so increments append to it well.
//
// A document that cannot be shown as described is a fault.Invalid with an *Error as its cause; a missing character is font's error. Nothing is
// written then. Other errors are w's.
//
// Objects are those of pdfcpu's types package; the file around them is written here because pdfcpu's writer puts the current time into dates and
// identifier. That package has no settings: no folder of fonts or configuration is looked for or made.
func WritePDF(w io.Writer, doc Document, fonts font.Stack) error {
	if err := check(doc, fonts); err != nil {
		return err
	}
	p := pdfWriter{doc: doc, stack: fonts, pictures: map[[32]byte]types.IndirectRef{}}
	if err := p.embedFonts(); err != nil {
		return fmt.Errorf("layout: embed fonts: %w", err)
	}
	root, err := p.catalog()
	if err != nil {
		return err
	}
	data, err := p.file.bytes(root, p.file.add(p.info()))
	if err != nil {
		return fmt.Errorf("layout: write PDF: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("layout: write PDF: %w", err)
	}
	return nil
}

// pdfWriter builds the objects of one file.
type pdfWriter struct {
	doc      Document
	stack    font.Stack
	file     pdfFile
	fonts    []pdfFont                      // in the order of the stack, those used
	pictures map[[32]byte]types.IndirectRef // image objects by the digest of their PNG
}

func (p *pdfWriter) catalog() (types.IndirectRef, error) {
	root := types.Dict{"Type": types.Name("Catalog"), "ViewerPreferences": types.Dict{"DisplayDocTitle": types.Boolean(true)}}
	if p.doc.Language != "" {
		root["Lang"] = textString(p.doc.Language)
	}
	pages, err := p.pages()
	if err != nil {
		return types.IndirectRef{}, err
	}
	root["Pages"] = pages
	root["Metadata"] = p.file.add(types.StreamDict{
		Dict: types.Dict{"Type": types.Name("Metadata"), "Subtype": types.Name("XML")}, Raw: p.xmp(),
	})
	if len(p.doc.Attached) > 0 {
		names, specs, err := p.attachments()
		if err != nil {
			return types.IndirectRef{}, err
		}
		root["Names"] = types.Dict{"EmbeddedFiles": p.file.add(types.Dict{"Names": names})}
		root["AF"] = specs
		root["PageMode"] = types.Name("UseNone") // a licence opens on its face, not on the list of its attachments
	}
	return p.file.add(root), nil
}

func (p *pdfWriter) pages() (types.IndirectRef, error) {
	parent := p.file.reserve()
	fonts := types.Dict{}
	for _, f := range p.fonts {
		fonts[f.name] = f.ref
	}
	kids := make(types.Array, 0, len(p.doc.Pages))
	for i, page := range p.doc.Pages {
		c := content{writer: p, height: page.Height}
		for j, item := range page.Items {
			if err := c.item(item); err != nil {
				return parent, invalid(&Error{Page: i + 1, Item: j + 1, Reason: err.Error()})
			}
		}
		stream, err := compressed(types.Dict{}, c.b.Bytes())
		if err != nil {
			return parent, err
		}
		resources := types.Dict{"Font": fonts}
		if len(c.images) > 0 {
			resources["XObject"] = c.images
		}
		kids = append(kids, p.file.add(types.Dict{
			"Type": types.Name("Page"), "Parent": parent, "Resources": resources, "Contents": p.file.add(stream),
			"MediaBox": types.Array{types.Integer(0), types.Integer(0), number(page.Width / MM), number(page.Height / MM)},
		}))
	}
	p.file.set(parent, types.Dict{"Type": types.Name("Pages"), "Kids": kids, "Count": types.Integer(len(kids))})
	return parent, nil
}

// attachments embeds the files and lists them: as a name tree's Names, in order of their keys, and for AF.
func (p *pdfWriter) attachments() (names, specs types.Array, err error) {
	type entry struct {
		key  []byte
		spec types.IndirectRef
	}
	var entries []entry
	date := pdfDate(p.doc.Created)
	for _, a := range p.doc.Attached {
		stream, err := compressed(types.Dict{
			"Type": types.Name("EmbeddedFile"), "Subtype": types.Name(a.MIME),
			"Params": types.Dict{"Size": types.Integer(len(a.Data)), "CreationDate": date, "ModDate": date},
		}, a.Data)
		if err != nil {
			return nil, nil, err
		}
		file := p.file.add(stream)
		spec := types.Dict{
			"Type": types.Name("Filespec"), "F": textString(asciiName(a.Name)), "UF": textString(a.Name),
			"EF": types.Dict{"F": file, "UF": file}, "AFRelationship": types.Name("Data"),
		}
		if a.Description != "" {
			spec["Desc"] = textString(a.Description)
		}
		ref := p.file.add(spec)
		specs = append(specs, ref)
		entries = append(entries, entry{textBytes(a.Name), ref})
	}
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	for _, e := range entries {
		names = append(names, types.NewHexLiteral(e.key), e.spec)
	}
	return names, specs, nil
}

// asciiName is the file name for readers that know no Unicode.
func asciiName(s string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '_'
		}
		return r
	}, s)
}

func (p *pdfWriter) info() types.Dict {
	date := pdfDate(p.doc.Created)
	d := types.Dict{"Producer": textString(producer), "CreationDate": date, "ModDate": date}
	for key, value := range map[string]string{"Title": p.doc.Title, "Author": p.doc.Author, "Subject": p.doc.Subject} {
		if value != "" {
			d[key] = textString(value)
		}
	}
	return d
}

// xmp is the same data as info, as XMP.
func (p *pdfWriter) xmp() []byte {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">`)
	put := func(before, value, after string) {
		if value != "" {
			b.WriteString(before)
			_ = xml.EscapeText(&b, []byte(value)) // a strings.Builder takes everything
			b.WriteString(after)
		}
	}
	put(`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">`, p.doc.Title, `</rdf:li></rdf:Alt></dc:title>`)
	put(`<dc:creator><rdf:Seq><rdf:li>`, p.doc.Author, `</rdf:li></rdf:Seq></dc:creator>`)
	put(`<dc:description><rdf:Alt><rdf:li xml:lang="x-default">`, p.doc.Subject, `</rdf:li></rdf:Alt></dc:description>`)
	put(`<dc:language><rdf:Bag><rdf:li>`, p.doc.Language, `</rdf:li></rdf:Bag></dc:language>`)
	date := p.doc.Created.Format("2006-01-02T15:04:05-07:00")
	put(`<xmp:CreateDate>`, date, `</xmp:CreateDate>`)
	put(`<xmp:ModifyDate>`, date, `</xmp:ModifyDate>`)
	put(`<pdf:Producer>`, producer, `</pdf:Producer>`)
	b.WriteString("</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return []byte(b.String())
}

// pdfDate writes a time as ISO 32000-1, 7.9.4 wants it.
func pdfDate(t time.Time) types.StringLiteral {
	zone := "Z"
	if _, offset := t.Zone(); offset != 0 {
		sign := '+'
		if offset < 0 {
			sign, offset = '-', -offset
		}
		zone = fmt.Sprintf("%c%02d'%02d'", sign, offset/3600, offset/60%60)
	}
	return types.StringLiteral("D:" + t.Format("20060102150405") + zone)
}

// textBytes is a text string: ASCII as it is, the rest UTF-16 with byte order mark (ISO 32000-1, 7.9.2.2).
func textBytes(s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r > '~' || r < ' ' }) < 0 {
		return []byte(s)
	}
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

func textString(s string) types.HexLiteral { return types.NewHexLiteral(textBytes(s)) }
