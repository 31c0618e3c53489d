package verify_test

import (
	"fmt"
	"math/rand/v2"
)

// field is a form field of a random file.
type field struct {
	name        string // full
	kind        string // Tx, Btn or Sig
	num, widget int    // the same where the field is its own widget
	page        int    // object number
}

// plan says which objects of a random file are what.
type plan struct {
	pages, contents, fonts, images, notes, elements []int
	node                                            int // of the page tree, the topmost
	layer                                           int // 0: none
	group, groupKid                                 int // a field with fields below it
	fields                                          []field
	names                                           []string // that a lock may name: fields and groups
}

// drafting is a random file being made.
type drafting struct {
	*increment
	plan
	annots    map[int][]string // by page
	top       []string         // the form's fields
	y         int              // where the next widget goes, points
	resources string
}

const pageBox = "[0 0 595 842]"

// newPaper makes a random file: one to six pages, written with a table, a cross-reference stream, or object streams; a form, annotations, pictures,
// layers, a structure tree, descriptions and evidence as they come. certificate is what the evidence is made of.
func newPaper(rnd *rand.Rand, certificate []byte) (*paper, *plan) {
	layout := rnd.IntN(3)
	start := &paper{data: []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), bodies: map[int]string{}, root: 1, next: 1, streams: layout > 0, packs: layout > 1}
	d := drafting{increment: start.begin(rnd), annots: map[int][]string{}, y: 690}
	d.reserve()
	d.node = d.reserve()
	for range 1 + rnd.IntN(6) {
		d.pages = append(d.pages, d.reserve())
	}
	catalog := fmt.Sprintf("/Type/Catalog/Pages %d 0 R", d.node)
	if d.likely(50) {
		d.layer = d.add("<</Type/OCG/Name(Layer)>>")
		catalog += fmt.Sprintf("/OCProperties<</OCGs[%[1]d 0 R]/D<</ON[%[1]d 0 R]>>>>", d.layer)
	}
	d.shared()
	if d.likely(80) {
		catalog += d.form()
	}
	d.annotations()
	catalog += d.descriptions(certificate)
	if d.likely(40) {
		catalog += d.structure()
	}
	d.tree()
	d.put(1, "<<"+catalog+">>")
	return d.write(), &d.plan
}

func (d *drafting) likely(percent int) bool { return d.rnd.IntN(100) < percent }

// held is source as it stands, or an object of its own.
func (d *drafting) held(source string) string {
	if d.likely(50) {
		return ref(d.add(source))
	}
	return source
}

// shared makes what all pages show with.
func (d *drafting) shared() {
	for _, name := range []string{"Helvetica", "Times-Roman"} {
		d.fonts = append(d.fonts, d.add("<</Type/Font/Subtype/Type1/BaseFont/"+name+">>"))
	}
	d.resources = fmt.Sprintf("<</Font<</F1 %d 0 R/F2 %d 0 R>>", d.fonts[0], d.fonts[1])
	if d.likely(60) {
		d.images = append(d.images, d.add(streamOf("/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceGray", "\x00\x40\x80\xff")))
		d.resources += fmt.Sprintf("/XObject<</X %d 0 R>>", d.images[0])
	}
	if d.layer != 0 {
		d.resources += fmt.Sprintf("/Properties<</L %d 0 R>>", d.layer)
	}
	d.resources = d.held(d.resources + ">>")
}

// tree makes the pages and their tree, which has a second level now and then.
func (d *drafting) tree() {
	kids, parent := []string{}, map[int]int{}
	for _, p := range d.pages {
		parent[p] = d.node
		kids = append(kids, ref(p))
	}
	if n := len(d.pages); n > 2 && d.likely(40) {
		inner := d.reserve()
		parent[d.pages[n-1]], parent[d.pages[n-2]] = inner, inner
		d.put(inner, fmt.Sprintf("<</Type/Pages/Parent %d 0 R/Kids%s/Count 2>>", d.node, listOf(kids[n-2:])))
		kids = append(kids[:n-2:n-2], ref(inner))
	}
	d.put(d.node, fmt.Sprintf("<</Type/Pages/Kids%s/Count %d>>", listOf(kids), len(d.pages)))
	for k, p := range d.pages {
		text := fmt.Sprintf("BT /F%d 12 Tf 72 760 Td (Page %d of a sample) Tj ET", 1+k%2, k+1)
		if len(d.images) > 0 {
			text += " q 40 0 0 40 300 700 cm /X Do Q"
		}
		if d.layer != 0 {
			text += " /OC /L BDC 300 640 9 9 re f EMC"
		}
		first := d.add(streamOf("", text))
		d.contents = append(d.contents, first)
		contents := ref(first)
		if d.likely(30) {
			contents = fmt.Sprintf("[%d 0 R %d 0 R]", first, d.add(streamOf("", "0 0 1 RG 20 20 500 1 re S")))
		}
		body := fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox%s/Contents %s/Resources %s", parent[p], pageBox, contents, d.resources)
		if len(d.elements) > 0 && k == 0 {
			body += "/StructParents 0"
		}
		if list := d.annots[p]; len(list) > 0 {
			body += "/Annots " + d.held(listOf(list))
		}
		d.put(p, body+">>")
	}
}

// widget is the part of a field that shows it, on a random page, and puts num among the page's annotations.
func (d *drafting) widget(num int) (source string, page int) {
	page = d.pages[d.rnd.IntN(len(d.pages))]
	d.annots[page] = append(d.annots[page], ref(num))
	d.y -= 30
	return fmt.Sprintf("/Type/Annot/Subtype/Widget/F 4/P %d 0 R/Rect[20 %d 140 %d]", page, d.y, d.y+20), page
}

func fieldLook(text string) string {
	return streamOf("/Type/XObject/Subtype/Form/BBox[0 0 120 20]", fmt.Sprintf("q 0 0 120 20 re W n (%s) pop Q", text))
}

// leaf makes a field below parent, with its widget in it or apart.
func (d *drafting) leaf(kind, name, full string, parent int, apart bool, more string) int {
	num := d.reserve()
	head := fmt.Sprintf("<</FT/%s/T(%s)%s", kind, name, more)
	if parent != 0 {
		head += fmt.Sprintf("/Parent %d 0 R", parent)
	}
	look := ""
	switch {
	case kind == "Tx" && d.likely(70):
		look = fmt.Sprintf("/AP<</N %d 0 R>>", d.add(fieldLook("old")))
	case kind == "Btn":
		look = fmt.Sprintf("/AS/Off/AP<</N<</On %d 0 R/Off %d 0 R>>>>", d.add(fieldLook("on")), d.add(fieldLook("off")))
	}
	f := field{name: full, kind: kind, num: num, widget: num}
	var box string
	if apart {
		f.widget = d.reserve()
		box, f.page = d.widget(f.widget)
		d.put(f.widget, fmt.Sprintf("<</Parent %d 0 R%s%s>>", num, box, look))
		d.put(num, fmt.Sprintf("%s/Kids[%d 0 R]>>", head, f.widget))
	} else {
		box, f.page = d.widget(num)
		d.put(num, head+box+look+">>")
	}
	d.fields, d.names = append(d.fields, f), append(d.names, full)
	return num
}

// form makes the fields and returns the catalog's entry.
func (d *drafting) form() string {
	top := func(num int) { d.top = append(d.top, ref(num)) }
	if d.likely(80) {
		top(d.leaf("Tx", "Name", "Name", 0, false, "/V(old)"))
	}
	if d.likely(60) {
		top(d.leaf("Tx", "Amount", "Amount", 0, true, ""))
	}
	if d.likely(60) {
		top(d.leaf("Btn", "Agree", "Agree", 0, d.likely(50), "/V/Off"))
	}
	if d.likely(50) {
		d.group = d.reserve()
		top(d.group)
		d.groupKid = d.leaf("Tx", "First", "Applicant.First", d.group, d.likely(50), "")
		kids := []string{ref(d.groupKid), ref(d.leaf("Tx", "Second", "Applicant.Second", d.group, false, "/V(x)"))}
		if d.likely(50) {
			inner := d.reserve()
			city := d.leaf("Tx", "City", "Applicant.Address.City", inner, true, "")
			d.put(inner, fmt.Sprintf("<</T(Address)/Parent %d 0 R/Kids[%d 0 R]>>", d.group, city))
			kids = append(kids, ref(inner))
			d.names = append(d.names, "Applicant.Address")
		}
		d.put(d.group, fmt.Sprintf("<</T(Applicant)/Kids %s>>", d.held(listOf(kids))))
		d.names = append(d.names, "Applicant")
	}
	if d.likely(50) {
		top(d.leaf("Sig", "Reserved", "Reserved", 0, d.likely(30), ""))
	}
	if len(d.top) == 0 {
		return ""
	}
	source := "<</Fields " + d.held(listOf(d.top)) + fmt.Sprintf("/DR<</Font<</Helv %d 0 R>>>>/DA(/Helv 0 Tf)>>", d.fonts[0])
	return "/AcroForm " + d.held(source)
}

func (d *drafting) annotations() {
	for k := range d.rnd.IntN(3) {
		page := d.pages[d.rnd.IntN(len(d.pages))]
		note := d.add(fmt.Sprintf("<</Type/Annot/Subtype/Square/Rect[%d 790 %d 810]/C[1 0 0]/F 4/P %d 0 R/AP<</N %d 0 R>>>>", 20+40*k, 50+40*k, page, d.add(fieldLook("note"))))
		d.notes = append(d.notes, note)
		d.annots[page] = append(d.annots[page], ref(note))
	}
}

// descriptions makes what a file says of itself, and the evidence that it holds.
func (d *drafting) descriptions(certificate []byte) (catalog string) {
	if d.likely(70) {
		d.info = d.add("<</Title(Sample)/CreationDate(D:20260101000000Z)>>")
	}
	if d.likely(50) {
		d.id = "[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
	}
	if d.likely(50) {
		catalog += "/Metadata " + ref(d.add(streamOf("/Type/Metadata/Subtype/XML", `<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`)))
	}
	if d.likely(30) {
		cert := d.add(streamOf("", string(certificate)))
		catalog += "/DSS " + d.held(fmt.Sprintf("<</Certs %s>>", d.held(listOf([]string{ref(cert)}))))
	}
	if d.likely(30) {
		catalog += "/Names " + d.held(fmt.Sprintf("<</Dests<</Names[(a)[%d 0 R/Fit]]>>>>", d.pages[0]))
	}
	return catalog
}

// structure makes a structure tree of one paragraph.
func (d *drafting) structure() string {
	root, document, paragraph := d.reserve(), d.reserve(), d.reserve()
	d.elements = []int{document, paragraph}
	numbers := d.add(fmt.Sprintf("<</Nums[0 [%d 0 R]]>>", paragraph))
	d.put(root, fmt.Sprintf("<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey 1>>", document, numbers))
	d.put(document, fmt.Sprintf("<</Type/StructElem/S/Document/P %d 0 R/K[%d 0 R]>>", root, paragraph))
	d.put(paragraph, fmt.Sprintf("<</Type/StructElem/S/P/P %d 0 R/K 0/Pg %d 0 R>>", document, d.pages[0]))
	return fmt.Sprintf("/StructTreeRoot %d 0 R/MarkInfo<</Marked true>>", root)
}
