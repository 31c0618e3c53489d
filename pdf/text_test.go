package pdf

import (
	"bytes"
	"context"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/layout"
)

// laidOut writes pages of text.
func laidOut(t testing.TB, doc layout.Document) []byte {
	t.Helper()
	doc.Created = time.Date(2026, 3, 18, 9, 30, 0, 0, time.UTC)
	var b bytes.Buffer
	if err := layout.WritePDF(&b, doc, font.Stack{font.Default()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// contractPages is the repository's contract as laid out.
func contractPages(t testing.TB) layout.Document {
	t.Helper()
	source, err := os.ReadFile("../testdata/contract.txt")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := layout.ParseMarkup(source)
	if err != nil {
		t.Fatal(err)
	}
	flowed, err := layout.Flow(font.Stack{font.Default()}, blocks, layout.DefaultStyle())
	if err != nil {
		t.Fatal(err)
	}
	return layout.Document{Title: "智能仓储设备采购合同", Author: "云杉示例科技有限公司", Pages: flowed.Pages, Attached: []layout.Attachment{
		{Name: "数据.xml", MIME: "application/xml", Data: []byte("<合同/>")}, {Name: "empty.txt", MIME: "text/plain"},
	}}
}

// texts are the lines laid out on a page, those that are not empty.
func texts(page layout.Page) (out []layout.Text) {
	for _, item := range page.Items {
		if text, ok := item.(layout.Text); ok && text.String != "" {
			out = append(out, text)
		}
	}
	return out
}

func textOf(t testing.TB, b []byte, page int) document.PageText {
	t.Helper()
	out, err := openBytes(t, b).Text(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTextRoundTrip: what was laid out is read again, in order and in its place.
func TestTextRoundTrip(t *testing.T) {
	doc := contractPages(t)
	d := openBytes(t, laidOut(t, doc))
	for n, page := range doc.Pages {
		got, err := d.Text(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		want := texts(page)
		if len(got.Runs) != len(want) || len(want) < 10 || got.Unread != 0 || got.Drawn {
			t.Fatalf("page %d: %d runs of %d, %d unread, drawn: %v", n+1, len(got.Runs), len(want), got.Unread, got.Drawn)
		}
		for i, w := range want {
			checkRun(t, got.Runs[i], w)
		}
	}
}

// checkRun wants a run to be a level text, within half a millimetre.
func checkRun(t *testing.T, got document.Run, w layout.Text) {
	t.Helper()
	width := layout.Width(font.Stack{font.Default()}, w.String, w.Size) + w.Spacing*float64(len([]rune(w.String))-1)
	size := w.Size * layout.MM
	x := w.X - width*float64(w.Align)/2
	want := document.Run{Text: w.String, X: x, Y: w.Y - ascent*size, Width: width, Height: size}
	if got.Text != want.Text || !within(got.X, want.X) || !within(got.Y, want.Y) || !within(got.Width, want.Width) || !within(got.Height, want.Height) {
		t.Errorf("read %+v, laid out %+v", got, want)
	}
}

func within(a, b float64) bool { return math.Abs(a-b) < 0.5 }

// TestTextOfItems: letter spacing makes no spaces, spaces stay, pictures and shapes are told of and plain lines and boxes are not.
func TestTextOfItems(t *testing.T) {
	grey := layout.Colour{R: 200, G: 200, B: 200}
	plain := []layout.Item{
		layout.Text{X: 105, Y: 30, String: "营业执照（副本）", Size: 26, Align: layout.Centre, Bold: true, Spacing: 6},
		layout.Text{X: 190, Y: 60, String: "Latin (brackets) \\ 2026 年 〇𠮷", Size: 12, Align: layout.Right, Colour: grey},
		layout.Line{X1: 20, Y1: 80, X2: 190, Y2: 80, Width: 0.3},
		layout.Line{X1: 20, Y1: 80, X2: 190, Y2: 90, Width: 0.3},
		layout.Box{X: 20, Y: 90, Width: 50, Height: 20, Fill: &grey, Stroke: 0.5},
	}
	text := plain[1].(layout.Text)
	if missing := (font.Stack{font.Default()}).Missing(text.String); len(missing) > 0 {
		text.String = strings.Trim(text.String, string(missing))
		plain[1] = text
	}
	page := func(items ...layout.Item) layout.Page {
		return layout.Page{Width: layout.A4Width, Height: layout.A4Height, Items: items}
	}
	b := laidOut(t, layout.Document{Title: "样张", Pages: []layout.Page{
		page(plain...), page(layout.Shape{Outline: layout.RectangleOutline(60, 120, 10, 10)}),
		page(layout.Shape{Outline: layout.PolygonOutline([][2]float64{{0, 0}, {10, 0}, {5, 10}})}), page(layout.Picture{X: 80, Y: 90, Width: 20, Height: 20, PNG: sealPNG(t, 12, 2362)}),
	}})
	got := textOf(t, b, 1)
	if len(got.Runs) != 2 || got.Drawn || got.Unread != 0 {
		t.Fatalf("%+v", got)
	}
	checkRun(t, got.Runs[0], plain[0].(layout.Text))
	checkRun(t, got.Runs[1], text)
	for page, want := range map[int]bool{2: false, 3: true, 4: true} {
		if got := textOf(t, b, page); got.Drawn != want || len(got.Runs) != 0 {
			t.Errorf("page %d: %+v", page, got)
		}
	}
}

// TestTextOfTurnedPages: places are those of the page as displayed, whatever it is turned by, cut to and measured in.
func TestTextOfTurnedPages(t *testing.T) {
	const content = "BT /F 10 Tf 1 0 0 1 60 80 Tm (Ab) Tj 0 1 -1 0 100 50 Tm (Up) Tj 1 0 0 1 -50 0 Tm (outside) Tj ET"
	for _, c := range []struct {
		page         string
		level, other [4]float64 // points: x, y, width, height of the two runs
	}{
		{"/MediaBox[0 0 200 100]", [4]float64{60, 11.5, 10, 10}, [4]float64{91.5, 40, 10, 10}},
		{"/MediaBox[0 0 200 100]/CropBox[50 40 150 90]", [4]float64{10, 1.5, 10, 10}, [4]float64{41.5, 30, 10, 10}},
		{"/MediaBox[0 0 200 100]/Rotate 90", [4]float64{78.5, 60, 10, 10}, [4]float64{50, 91.5, 10, 10}},
		{"/MediaBox[0 0 200 100]/Rotate 180", [4]float64{130, 78.5, 10, 10}, [4]float64{98.5, 50, 10, 10}},
		{"/MediaBox[0 0 200 100]/Rotate -90", [4]float64{11.5, 130, 10, 10}, [4]float64{40, 98.5, 10, 10}},
		{"/MediaBox[0 0 200 100]/UserUnit 2", [4]float64{120, 23, 20, 20}, [4]float64{183, 80, 20, 20}},
	} {
		b := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1"+c.page+"/Resources<</Font<</F 5 0 R>>>>>>",
			"<</Type/Page/Parent 2 0 R/Contents 4 0 R"+strings.ReplaceAll(c.page, "/MediaBox", "/X")+">>", stream("", content),
			"<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 32/Widths["+strings.Repeat("500 ", 95)+"]>>")
		got := textOf(t, b, 1)
		if len(got.Runs) != 2 {
			t.Errorf("%s: %+v", c.page, got)
			continue
		}
		for i, want := range [][4]float64{c.level, c.other} {
			r := got.Runs[i]
			for j, v := range []float64{r.X, r.Y, r.Width, r.Height} {
				if math.Abs(v-want[j]*mmPerPoint) > 0.01 {
					t.Errorf("%s: %+v, want %v points", c.page, r, want)
					break
				}
			}
		}
	}
}

func TestCarried(t *testing.T) {
	d := openBytes(t, laidOut(t, contractPages(t)))
	carried, err := d.Carried()
	if err != nil || len(carried) != 2 {
		t.Fatal(carried, err)
	}
	byName := map[string]document.Carried{}
	for _, c := range carried {
		byName[c.Name] = c
	}
	c := byName["数据.xml"]
	data, err := d.Read(c, 100)
	if err != nil || string(data) != "<合同/>" || c.MIME != "application/xml" || c.Size != int64(len(data)) || c.As != document.Attachment {
		t.Errorf("%+v %q %v", c, data, err)
	}
	labels, err := d.Labels()
	if err != nil || len(labels) == 0 {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, l := range labels {
		said[l.Name] = l.Value
	}
	if said["Title"] != "智能仓储设备采购合同" || said["Author"] != "云杉示例科技有限公司" {
		t.Errorf("%v", labels)
	}
}

// BenchmarkText reads the first page of the contract, with the fonts and objects still to be read and without.
func BenchmarkText(b *testing.B) {
	file := laidOut(b, contractPages(b))
	b.Run("opened anew", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d, err := open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := d.Text(b.Context(), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		d := openBytes(b, file)
		for b.Loop() {
			if _, err := d.Text(b.Context(), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
