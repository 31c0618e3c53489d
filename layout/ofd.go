package layout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"
	"io"
	"path"
	"strconv"
	"strings"

	"yinxin/font"
)

// WriteOFD writes the document as an OFD package (GB/T 33190) of one document, with subsets of the fonts embedded. The fonts keep their characters
// (cmap), so TextCode holds the text itself and needs no table of glyphs. Equal documents give equal bytes: DocID comes from the content, the times of the
// entries are doc.Created.
//
// Places are those of WritePDF. What OFD has no room for is left out: the document's language and the descriptions of attachments. Spaces at the ends of a
// text are left out too, since readers differ in what they make of them. The errors are those of WritePDF.
func WriteOFD(w io.Writer, doc Document, fonts font.Stack) error {
	if err := check(doc, fonts); err != nil {
		return err
	}
	o := ofdWriter{doc: doc, stack: fonts, pictures: map[[32]byte]int{}}
	if err := o.write(); err != nil {
		return err
	}
	data, err := zipped(o.entries, doc.Created)
	if err != nil {
		return fmt.Errorf("layout: write OFD: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("layout: write OFD: %w", err)
	}
	return nil
}

// ofdRoot opens a part's root element.
const ofdRoot = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ofd:%s xmlns:ofd="http://www.ofdspec.org/2016"`

// The folder of the document, and its parts.
const (
	ofdFolder      = "Doc_0/"
	ofdDocument    = ofdFolder + "Document.xml"
	ofdPublicRes   = ofdFolder + "PublicRes.xml"
	ofdDocumentRes = ofdFolder + "DocumentRes.xml"
	ofdAttachments = ofdFolder + "Attachs/Attachments.xml"
)

// ofdWriter builds the parts of one package.
type ofdWriter struct {
	doc      Document
	stack    font.Stack
	fonts    []ofdFont        // in the order of the stack, those used
	pictures map[[32]byte]int // IDs of pictures by the digest of their PNG
	media    strings.Builder  // MultiMedia elements of the pictures
	lastID   int
	entries  []entry
}

// ofdFont is a font of the stack as embedded.
type ofdFont struct {
	font *font.Font
	id   int
}

// entry is a file of the package.
type entry struct {
	name   string
	data   []byte
	stored bool // it does not get smaller by compression
}

func (o *ofdWriter) id() int {
	o.lastID++
	return o.lastID
}

func (o *ofdWriter) add(name, text string) {
	o.entries = append(o.entries, entry{name: name, data: []byte(text)})
}

func (o *ofdWriter) write() error {
	public, err := o.embedFonts()
	if err != nil {
		return fmt.Errorf("layout: embed fonts: %w", err)
	}
	var pages strings.Builder
	for i, p := range o.doc.Pages {
		id, loc := o.id(), fmt.Sprintf("Pages/Page_%d/Content.xml", i)
		fmt.Fprintf(&pages, `<ofd:Page ID="%d" BaseLoc="%s"/>`, id, loc)
		text, err := o.page(p)
		if err != nil {
			err.Page = i + 1
			return invalid(err)
		}
		o.add(ofdFolder+loc, text)
	}
	o.add(ofdPublicRes, public)
	if o.media.Len() > 0 {
		o.add(ofdDocumentRes, fmt.Sprintf(ofdRoot+` BaseLoc="Res"><ofd:MultiMedias>%s</ofd:MultiMedias></ofd:Res>`, "Res", o.media.String()))
	}
	if len(o.doc.Attached) > 0 {
		o.attachments()
	}
	o.document(pages.String())
	o.main()
	return nil
}

// embedFonts adds the fonts and returns the resources that name them.
func (o *ofdWriter) embedFonts() (string, error) {
	cuts, err := cutFonts(o.doc, o.stack)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, ofdRoot+` BaseLoc="Res">`, "Res")
	if len(cuts) > 0 {
		b.WriteString("<ofd:Fonts>")
		for _, c := range cuts {
			id, m := o.id(), c.font.Metrics()
			file := fmt.Sprintf("Font_%d.ttf", id)
			fmt.Fprintf(&b, `<ofd:Font ID="%d" FontName="%s" FamilyName="%s"><ofd:FontFile>%s</ofd:FontFile></ofd:Font>`, id, escaped(c.subset.PostScriptName), escaped(m.Family), file)
			o.entries = append(o.entries, entry{name: ofdFolder + "Res/" + file, data: c.subset.Data})
			o.fonts = append(o.fonts, ofdFont{c.font, id})
		}
		b.WriteString("</ofd:Fonts>")
	}
	b.WriteString("</ofd:Res>")
	return b.String(), nil
}

// picture adds a PNG once and returns its ID.
func (o *ofdWriter) picture(data []byte) (int, error) {
	key := sha256.Sum256(data)
	if id, ok := o.pictures[key]; ok {
		return id, nil
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		return 0, fmt.Errorf("the picture is not a PNG image: %w", err)
	}
	id := o.id()
	file := fmt.Sprintf("Image_%d.png", id)
	fmt.Fprintf(&o.media, `<ofd:MultiMedia ID="%d" Type="Image" Format="PNG"><ofd:MediaFile>%s</ofd:MediaFile></ofd:MultiMedia>`, id, file)
	o.entries = append(o.entries, entry{name: ofdFolder + "Res/" + file, data: data, stored: true})
	o.pictures[key] = id
	return id, nil
}

// attachments adds the files under names of this package, and the list with their own (GB/T 33190, 20).
func (o *ofdWriter) attachments() {
	var b strings.Builder
	fmt.Fprintf(&b, ofdRoot+`>`, "Attachments")
	for _, a := range o.doc.Attached {
		id, format := o.id(), ""
		if ext := path.Ext(a.Name); len(ext) > 1 && token(ext[1:]) {
			format = ext[1:]
		}
		file := fmt.Sprintf("Attach_%d", id)
		if format != "" {
			file += "." + format
		}
		fmt.Fprintf(&b, `<ofd:Attachment ID="%d" Name="%s"`, id, escaped(a.Name))
		if format != "" {
			fmt.Fprintf(&b, ` Format="%s"`, escaped(format))
		}
		kb := strconv.FormatFloat(float64(len(a.Data))/1024, 'f', 3, 64)
		fmt.Fprintf(&b, ` CreationDate="%s" Size="%s"><ofd:FileLoc>%s</ofd:FileLoc></ofd:Attachment>`, o.doc.Created.Format("2006-01-02T15:04:05"), kb, escaped(file))
		o.entries = append(o.entries, entry{name: ofdFolder + "Attachs/" + file, data: a.Data})
	}
	b.WriteString("</ofd:Attachments>")
	o.add(ofdAttachments, b.String())
}

// document writes Document.xml in the order of its schema.
func (o *ofdWriter) document(pages string) {
	first := o.doc.Pages[0]
	var b strings.Builder
	fmt.Fprintf(&b, ofdRoot+`><ofd:CommonData><ofd:MaxUnitID>%d</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>%s</ofd:PhysicalBox></ofd:PageArea>`,
		"Document", o.lastID, numbers(0, 0, first.Width, first.Height))
	b.WriteString("<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>")
	if o.media.Len() > 0 {
		b.WriteString("<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>")
	}
	b.WriteString("</ofd:CommonData><ofd:Pages>" + pages + "</ofd:Pages>")
	if len(o.doc.Attached) > 0 {
		b.WriteString("<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>")
	}
	b.WriteString("</ofd:Document>")
	o.add(ofdDocument, b.String())
}

// main writes OFD.xml, last, since the identifier it holds is a digest of all the rest, and first in the package.
func (o *ofdWriter) main() {
	var b strings.Builder
	for _, m := range [][2]string{{"Title", o.doc.Title}, {"Author", o.doc.Author}, {"Subject", o.doc.Subject}} {
		if m[1] != "" {
			fmt.Fprintf(&b, `<ofd:%s>%s</ofd:%s>`, m[0], escaped(m[1]), m[0])
		}
	}
	fmt.Fprintf(&b, `<ofd:CreationDate>%s</ofd:CreationDate><ofd:Creator>%s</ofd:Creator>`, o.doc.Created.Format("2006-01-02"), producer)
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %s\n", b.String(), o.doc.Created)
	for _, e := range o.entries {
		fmt.Fprintf(sum, "%q %d\n", e.name, len(e.data))
		sum.Write(e.data)
	}
	text := fmt.Sprintf(ofdRoot+` Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>%s</ofd:DocID>%s</ofd:DocInfo>`+
		`<ofd:DocRoot>%s</ofd:DocRoot></ofd:DocBody></ofd:OFD>`, "OFD", hex.EncodeToString(sum.Sum(nil)[:16]), b.String(), ofdDocument)
	o.entries = append([]entry{{name: "OFD.xml", data: []byte(text)}}, o.entries...)
}
