package pdf

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

const show = "BT /F 10 Tf (%s) Tj ET"

func TestTextForms(t *testing.T) {
	form := func(entries, content string) string { return stream("/Subtype/Form/BBox[0 0 9 9]"+entries, content) }
	a, b := fmt.Sprintf(show, "a"), fmt.Sprintf(show, "b")
	for _, c := range []struct {
		name, content string
		forms         []string
		want, lefts   string
		unread        int
	}{
		{"its place", "q 1 0 0 1 100 0 cm /X Do Q " + b, []string{form("/Matrix[1 0 0 1 5 0]", a)}, "a|b", "105 0", 0},
		{"its own resources", "/X Do", []string{form("/Resources<</Font<</F<</Subtype/Type1/Encoding<</Differences[97/z]>>>>>>>>", a)}, "z", "0", 0},
		{"its state stays in it", "BT /F 10 Tf ET /X Do BT (b) Tj ET", []string{form("", "q BT /F 20 Tf 9 Tc (a) Tj ET")}, "a|b", "0 0", 0},
		{"a form in a form", "/X Do", []string{form("/Resources<</XObject<</Y 6 0 R>>"+courier+">>", "2 0 0 2 0 0 cm /Y Do"), form("/Matrix[1 0 0 1 7 0]", a)}, "a", "14", 0},
		{"a cycle", "/X Do", []string{form("", a+" 1 0 0 1 50 0 cm /X Do")}, "a", "0", 1},
		{"a form that cannot be read", "/X Do " + a, []string{form("/Filter/FlateDecode", "not deflated")}, "a", "0", 1},
		{"no object", "/Y Do /X Do " + a, []string{"<<>>"}, "a", "0", 0},
	} {
		file := saying(courier+"/XObject<</X 5 0 R>>", c.content, c.forms...)
		texts, lefts, unread, drawn := say(t, file)
		if texts != c.want || c.lefts != "" && lefts != c.lefts || unread != c.unread || drawn {
			t.Errorf("%s: %q at %s, %d unread, drawn %v", c.name, texts, lefts, unread, drawn)
		}
	}
}

func TestTextDrawn(t *testing.T) {
	for content, want := range map[string]bool{
		"0 0 m 9 9 l S 0 0 m 0 9 l 9 9 l 9 0 l h S": false, "1 2 30 40 re f 0 0 9 9 re B": false, "0 0 m 9 0 l 9 9 l 0 9 l 0 0 l f": false,
		"0 0 9 9 re W n 0 0 m 1 1 2 2 3 3 c W n": false, "0 0 m 9 9 l 0 9 l f": true, "0 0 m 9 9 l 9 0 l S": true, "0 0 m 1 1 2 2 3 3 c S": true,
		"0 0 m 0 9 l 9 9 l 9 0 l 5 0 l 5 5 l h f": true, "/P sh": true, "/Pattern cs /P scn 0 0 9 9 re f": true, "/Im Do": true, "BI ID x EI ": true,
		"/OC /Off BDC /Im Do 0 0 m 1 1 2 2 3 3 c f EMC": false, "0 0 m 1 1 2 2 3 3 v h b*": true, "0 0 m 1 1 3 3 y f": true,
	} {
		file := saying("/XObject<</Im 5 0 R>>/Properties<</Off 6 0 R>>", content, stream("/Subtype/Image/Width 1/Height 1", "x"), "<</Type/OCG>>")
		file = layered(t, file, "/OFF[6 0 R]")
		if _, _, _, drawn := say(t, file); drawn != want {
			t.Errorf("%s: %v", content, drawn)
		}
	}
}

// layered gives a file a configuration of its optional content.
func layered(t *testing.T, file []byte, d string) []byte {
	t.Helper()
	return revised(t, file, "", object{1, "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R 7 0 R]/D<<" + d + ">>>>>>"})
}

func TestTextLayers(t *testing.T) {
	const on, off = "a|x|b", "a|b"
	for _, c := range []struct{ name, layer, d, want string }{
		{"on", "6 0 R", "", on}, {"off", "6 0 R", "/OFF[6 0 R]", off}, {"another off", "6 0 R", "/OFF[7 0 R]", on},
		{"all off", "6 0 R", "/BaseState/OFF", off}, {"all others off", "6 0 R", "/BaseState/OFF/ON[6 0 R]", on},
		{"any of two", "<</Type/OCMD/OCGs[6 0 R 7 0 R]>>", "/OFF[6 0 R]", on}, {"none of two", "<</Type/OCMD/OCGs[6 0 R 7 0 R]>>", "/OFF[6 0 R 7 0 R]", off},
		{"all of two", "<</Type/OCMD/P/AllOn/OCGs[6 0 R 7 0 R]>>", "/OFF[6 0 R]", off}, {"not all", "<</Type/OCMD/P/AnyOff/OCGs[6 0 R 7 0 R]>>", "/OFF[6 0 R]", on},
		{"while off", "<</Type/OCMD/P/AllOff/OCGs 6 0 R>>", "/OFF[6 0 R]", on}, {"while off, and on", "<</Type/OCMD/P/AllOff/OCGs 6 0 R>>", "", off},
		{"of nothing", "<</Type/OCMD/OCGs[]>>", "/BaseState/OFF", on},
	} {
		content := "BT /F 10 Tf (a) Tj ET /OC /L BDC /Span BMC BT /F 10 Tf (x) Tj ET EMC EMC BT /F 10 Tf (b) Tj ET"
		file := layered(t, saying(courier+"/Properties<</L "+c.layer+">>", content, "<<>>", "<</Type/OCG>>", "<</Type/OCG>>"), c.d)
		if texts, _, _, _ := say(t, file); texts != c.want {
			t.Errorf("%s: marked content: %s", c.name, texts)
		}
		file = layered(t, saying(courier+"/XObject<</X 5 0 R>>", "BT /F 10 Tf (a) Tj ET /X Do BT /F 10 Tf (b) Tj ET",
			stream("/Subtype/Form/OC "+c.layer, fmt.Sprintf(show, "x")), "<</Type/OCG>>", "<</Type/OCG>>"), c.d)
		if texts, _, _, _ := say(t, file); texts != c.want {
			t.Errorf("%s: a form: %s", c.name, texts)
		}
	}
}

// TestTextOfFields: what text and choice fields show is on the page; seals, buttons, notes and what is hidden are not.
func TestTextOfFields(t *testing.T) {
	const rect = "/Rect[100 500 120 540]/Subtype/Widget"
	look := stream("/Subtype/Form/BBox[0 0 10 10]/Resources<<"+courier+">>", "/Tx BMC "+fmt.Sprintf(show, "v")+" EMC")
	for _, c := range []struct {
		name, widget, want, lefts string
		unread                    int
	}{
		{"text", "/FT/Tx/V(v)/AP<</N 5 0 R>>", "p|v", "0 100", 0},
		{"choice of its parent's kind", "/Parent 6 0 R/AP<</N 5 0 R>>", "p|v", "0 100", 0},
		{"signature", "/FT/Sig/AP<</N 5 0 R>>", "p", "0", 0},
		{"button", "/FT/Btn/AP<</N 5 0 R>>", "p", "0", 0},
		{"hidden", "/FT/Tx/F 2/AP<</N 5 0 R>>", "p", "0", 0},
		{"not viewed", "/FT/Tx/F 32/AP<</N 5 0 R>>", "p", "0", 0},
		{"a value and no look", "/FT/Tx/V(v)", "p", "0", 1},
		{"neither", "/FT/Tx/V()", "p", "0", 0},
		{"a note", "/Subtype/FreeText/AP<</N 5 0 R>>", "p", "0", 0},
	} {
		widget := strings.Replace("<<"+rect+c.widget+">>", "/Subtype/Widget/Subtype", "/Subtype", 1)
		file := revised(t, saying(courier, fmt.Sprintf(show, "p"), look, "<</FT/Ch/V(v)>>"), "", object{3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[" + widget + "]>>"})
		if texts, lefts, unread, _ := say(t, file); texts != c.want || lefts != c.lefts || unread != c.unread {
			t.Errorf("%s: %q at %s, %d unread", c.name, texts, lefts, unread)
		}
	}
}

// TestTextOfContents: content streams are one, and the last revision's counts; what cannot be read is an error, and nothing is remembered of it.
func TestTextOfContents(t *testing.T) {
	base := saying(courier, "BT /F 10", stream("", "Tf (a) Tj ET"))
	split := revised(t, base, "", object{3, "<</Type/Page/Parent 2 0 R/Contents[4 0 R null 5 0 R 99 0 R]>>"})
	if texts, _, _, _ := say(t, split); texts != "a" {
		t.Errorf("content in two streams: %q", texts)
	}
	later := revised(t, split, "", object{5, stream("", "Tf (now) Tj ET")})
	if texts, _, _, _ := say(t, later); texts != "now" {
		t.Errorf("a later revision: %q", texts)
	}
	none := revised(t, base, "", object{3, "<</Type/Page/Parent 2 0 R>>"})
	if texts, _, unread, drawn := say(t, none); texts != "" || unread != 0 || drawn {
		t.Errorf("no content: %q", texts)
	}
	for name, contents := range map[string]string{"damaged": stream("/Filter/FlateDecode", "?"), "an image": stream("/Filter/DCTDecode", "?"), "no stream": "(x)"} {
		d := openBytes(t, revised(t, base, "", object{4, contents}))
		_, err := d.Text(t.Context(), 1)
		if fault.KindOf(err) != fault.Invalid || codeOf(err) != "pdf-malformed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := openBytes(t, base)
	if _, err := d.Text(t.Context(), 2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("page 2 of 1: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := openBytes(t, saying(courier, strings.Repeat("q Q ", stepsBetween))).Text(stopped, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestTextBounded: pages that cost out of proportion end with an error for people.
func TestTextBounded(t *testing.T) {
	limits := document.Limits{Stream: 1 << 20}
	many := func(name string, n int) string { return strings.Repeat("/"+name+" Do ", n) }
	form := func(content string) string { return stream("/Subtype/Form/BBox[0 0 9 9]", content) }
	const font = "<</Subtype/Type1/Encoding<</Differences 5 0 R>>>>"
	for name, file := range map[string][]byte{
		"forms that double":   saying("/XObject<<"+doubling(20)+">>", "/A5 Do", doubled(20)...),
		"a form again":        saying("/XObject<</A 5 0 R>>", many("A", 2000), form(strings.Repeat(" ", 1000))),
		"states":              saying("", strings.Repeat("q ", maxSaved+1)),
		"contents again":      revised(t, saying("", strings.Repeat(" ", 1000)), "", object{3, "<</Type/Page/Parent 2 0 R/Contents[" + strings.Repeat("4 0 R ", 2000) + "]>>"}),
		"fonts with widths":   saying("/Font<<"+strings.Join(fontNames(300), font)+font+">>", strings.Join(fontNames(300), " 1 Tf ")+" 1 Tf", "["+strings.Repeat("1 ", 9000)+"]"),
		"widgets":             revised(t, saying("", ""), "", object{3, "<</Type/Page/Parent 2 0 R/Annots[" + strings.Repeat("4 0 R ", 20000) + "]>>"}),
		"text of many glyphs": saying("/Font<</F<</Subtype/Type0/Encoding/Identity-H/ToUnicode 5 0 R>>>>", "BT /F 1 Tf "+strings.Repeat("("+strings.Repeat("\x01\x01", 9000)+")Tj 1 0 0 1 0 0 Tm ", 50)+"ET", stream("", "1 beginbfchar <0101><"+strings.Repeat("53705370", 8)+"> endbfchar")),
	} {
		d, err := open(t.Context(), strings.NewReader(string(file)), int64(len(file)), document.Options{Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.Text(t.Context(), 1); fault.KindOf(err) != fault.Limit {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// doubled are n forms, of which each but the last draws the next one twice.
func doubled(n int) (out []string) {
	for i := range n {
		out = append(out, stream("/Subtype/Form/BBox[0 0 9 9]", fmt.Sprintf("/A%d Do /A%[1]d Do", i+6)))
	}
	return out
}

// doubling are the names of forms from object 5 on.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "/A%d %[1]d 0 R", i+5)
	}
	return b.String()
}

// fontNames are names for fonts.
func fontNames(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("/F%d", i))
	}
	return out
}

// TestTextOfEncrypted: an encrypted file says what the plain one says.
func TestTextOfEncrypted(t *testing.T) {
	plain := laidOut(t, contractPages(t))
	locked := qpdf(t, plain, "--encrypt", "user", "owner", "256", "--")
	d, err := open(t.Context(), strings.NewReader(string(locked)), int64(len(locked)), document.Options{Password: "user"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Text(t.Context(), 1)
	if want := textOf(t, plain, 1); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%d runs, %d in the plain file, %v", len(got.Runs), len(want.Runs), err)
	}
	files, err := d.Carried()
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, c := range files {
		if data, err := d.Read(c, 100); err != nil || c.Size != int64(len(data)) {
			t.Errorf("%+v: %q, %v", c, data, err)
		}
	}
	labels, err := d.Labels()
	if err != nil || !slices.Contains(labels, document.Label{Name: "Title", Value: "智能仓储设备采购合同"}) {
		t.Errorf("%v, %v", labels, err)
	}
}
