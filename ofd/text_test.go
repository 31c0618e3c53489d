package ofd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
)

// textOf reads page 1 of a package.
func textOf(t testing.TB, o testOFD) document.PageText {
	t.Helper()
	p, err := mustOpen(t, o.Build()).Text(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// brief writes a page as its runs, in one line.
func brief(p document.PageText) string {
	var list []string
	for _, r := range p.Runs {
		list = append(list, fmt.Sprintf("%s@%.4g,%.4g+%.4gx%.4g#%d.%d", r.Text, r.X, r.Y, r.Width, r.Height, r.Object.Page, r.Object.ID))
	}
	return strings.Join(list, " ")
}

func TestText(t *testing.T) {
	code := func(attrs, s string) string { return `<ofd:TextCode ` + attrs + `>` + s + `</ofd:TextCode>` }
	inComposite := func(attrs string) string {
		return `<ofd:CompositeObject ID="70" Boundary="10 10 50 50" CTM="0.5 0 0 0.5 0 0" ResourceID="46" ` + attrs + `/>`
	}
	for _, c := range []struct {
		name, objects, want string
		unread              int
		drawn               bool
	}{
		{"distances", text(`Font="5"`, code(`X="1" Y="5" DeltaX="4.5"`, "印信")), "印信@11,21.6+8.5x4#10.50", 0, false},
		{"no distances", text(`Font="5"`, code(`X="0" Y="4"`, "a印")), "a印@10,20.6+6x4#10.50", 0, false},
		{"downwards", text(`Font="5"`, code(`X="0" Y="4" DeltaY="6 6"`, "购买方")), "购买方@10,20.6+4x4#10.50", 0, false},
		{"two lines", text(`Font="5"`, code(`X="0" Y="4" DeltaX="4"`, "印信")+code(`Y="9" DeltaX="4"`, "信印")), "印信@10,20.6+8x4#10.50 信印@10,25.6+8x4#10.50", 0, false},
		{"scaled", text(`Font="5" CTM="2 0 0 2 0 0"`, code(`X="0" Y="4"`, "印")), "印@10,21.2+8x8#10.50", 0, false},
		{"turned", text(`Font="5" CTM="0 1 -1 0 0 0"`, code(`X="0" Y="4"`, "印")), "印@5.4,20+4x4#10.50", 0, false},
		{"narrower", text(`Font="5" HScale="0.5"`, code(`X="0" Y="4"`, "印")), "印@10,20.6+2x4#10.50", 0, false},
		{"references", text(`Font="5"`, code(`X="0" Y="4" DeltaX="2"`, "a&lt;b")), "a<b@10,20.6+6x4#10.50", 0, false},
		{"glyphs by number keep their text", text(`Font="3"`, `<ofd:CGTransform CodePosition="0" CodeCount="1"><ofd:Glyphs>2</ofd:Glyphs></ofd:CGTransform>`+code(`X="0" Y="4"`, "印")), "印@10,20.6+4x4#10.50", 0, false},
		{"no identifier", strings.Replace(text(`Font="5"`, code(`X="0" Y="4"`, "印")), `ID="50"`, "", 1), "印@10,20.6+4x4#10.0", 0, false},
		{"composite", inComposite(""), "印@10,10.3+2x2#10.47", 0, false},
		{"not visible composite", inComposite(`Visible="false"`), "", 0, false},
		{"not visible", text(`Font="5" Visible="false"`, code(`X="0" Y="4"`, "印")), "", 0, false},
		{"not visible block", `<ofd:PageBlock Visible="false">` + text(`Font="5"`, code(`X="0" Y="4"`, "印")) + `</ofd:PageBlock>`, "", 0, false},
		{"clear", text(`Font="5" Alpha="0"`, code(`X="0" Y="4"`, "印")), "", 0, false},
		{"no ink", text(`Font="5" Fill="false"`, code(`X="0" Y="4"`, "印")), "", 0, false},
		{"clear ink", text(`Font="5"`, `<ofd:FillColor Value="0 0 0" Alpha="0"/>`+code(`X="0" Y="4"`, "印")), "", 0, false},
		{"outlined", text(`Font="5" Fill="false" Stroke="true"`, code(`X="0" Y="4"`, "印")), "印@10,20.6+4x4#10.50", 0, false},
		{"off the page", text(`Font="5"`, code(`X="300" Y="4"`, "印")), "", 0, false},
		{"spaces", text(`Font="5"`, code(`X="0" Y="4"`, "  ")), "", 0, false},
		{"place holders", text(`Font="3"`, code(`X="0" Y="4"`, "¤")) + text(`Font="3"`, code(`X="0" Y="4"`, "\ue001")), "¤@10,20.6+2x4#10.50 \ue001@10,20.6+4x4#10.50", 2, false},
		{"malformed, and the next", text(`Font="5" CTM="x"`, code(`X="0" Y="4"`, "印")) + text(`Font="5"`, code(`X="0" Y="4"`, "信")), "信@10,20.6+4x4#10.50", 1, false},
		{"filled shape", line(`Fill="true"`, ``, "M 0 0 L 1 1 C"), "", 0, true},
		{"line", line(``, ``, "M 0 0 L 1 1"), "", 0, false},
		{"picture", `<ofd:ImageObject ID="70" Boundary="1 1 5 5" ResourceID="9"/>`, "", 0, true},
	} {
		o := drawn(t, c.objects).Edit(t, "Doc_0/PublicRes.xml", `<ofd:CompositeGraphicUnit ID="42">`,
			`<ofd:CompositeGraphicUnit ID="46"><ofd:Content><ofd:TextObject ID="47" Boundary="0 0 9 9" Size="4"><ofd:TextCode X="0" Y="4">印</ofd:TextCode></ofd:TextObject></ofd:Content></ofd:CompositeGraphicUnit><ofd:CompositeGraphicUnit ID="42">`)
		p := textOf(t, o)
		if got := brief(p); got != c.want || p.Unread != c.unread || p.Drawn != c.drawn {
			t.Errorf("%s: %s, %d unread, drawn %t; want %s, %d, %t", c.name, got, p.Unread, p.Drawn, c.want, c.unread, c.drawn)
		}
	}
}

// Text comes in the order in which it is drawn: background, page, foreground. Annotations are no part of it.
func TestTextOrder(t *testing.T) {
	at := func(s string) string {
		return strings.Replace(text(`Font="5"`, `<ofd:TextCode X="0" Y="4">`+s+`</ofd:TextCode>`), `ID="50"`, "", 1)
	}
	page := func(before, objects string) string {
		return partHead + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">` + before + `<ofd:Content><ofd:Layer ID="900">` + objects + `</ofd:Layer></ofd:Content></ofd:Page>`
	}
	o := onePage().Edit(t, "Doc_0/Document.xml", `</ofd:CommonData>`, `<ofd:TemplatePage ID="6" ZOrder="Foreground" BaseLoc="Tpls/Tpl_1/Content.xml"/></ofd:CommonData>`).
		Edit(t, "Doc_0/Document.xml", `<ofd:Attachments>`, `<ofd:Annotations>Annots.xml</ofd:Annotations><ofd:Attachments>`).
		With("Doc_0/Annots.xml", `<Annotations><Page PageID="10"><FileLoc>Annot.xml</FileLoc></Page></Annotations>`).
		With("Doc_0/Annot.xml", `<PageAnnot><Annot Type="Stamp" ID="1"><Appearance Boundary="0 0 9 9">`+at("章")+`</Appearance></Annot></PageAnnot>`).
		With("Doc_0/Tpls/Tpl_0/Content.xml", page("", at("底"))).With("Doc_0/Tpls/Tpl_1/Content.xml", page("", at("面"))).
		With("Doc_0/Pages/Page_0/Content.xml", page(`<ofd:Template TemplateID="6"/><ofd:Template TemplateID="2"/>`, at("中")))
	var got string
	for _, r := range textOf(t, o).Runs {
		got += r.Text
	}
	if got != "底中面" {
		t.Errorf("%s", got)
	}
}

func TestTextRefused(t *testing.T) {
	many := strings.Repeat(text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="1">`+strings.Repeat("印", 50_000)+`</ofd:TextCode>`), 5)
	for _, c := range []struct {
		name, code string
		data       testOFD
	}{
		{"composites that use one another", "ofd-malformed", drawn(t, `<ofd:CompositeObject ID="70" Boundary="0 0 5 5" ResourceID="42"/>`)},
		{"too many characters", "ofd-page-too-costly", drawn(t, many)},
		{"no XML", "ofd-malformed", onePage().With("Doc_0/Pages/Page_0/Content.xml", "<a><b></a>")},
	} {
		_, err := mustOpen(t, c.data.Build()).Text(context.Background(), 1)
		if p, _ := fault.PublicOf(err); p.Code != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	d := mustOpen(t, onePage().Build())
	for _, n := range []int{0, -1, 2} {
		if _, err := d.Text(context.Background(), n); fault.KindOf(err) != fault.NotFound {
			t.Errorf("page %d: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Text(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestCarried(t *testing.T) {
	o := onePage().Edit(t, "Doc_0/Document.xml", "</ofd:Document>", "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags></ofd:Document>").
		Edit(t, "Doc_0/Attachs/Attachments.xml", "<ofd:Attachment ", `<ofd:Attachment ID="6" Name="gone"><ofd:FileLoc>gone.xml</ofd:FileLoc></ofd:Attachment><ofd:Attachment Format="xml" `).
		With("Doc_0/Tags/CustomTags.xml", `<CustomTags><CustomTag TypeID="fp"><FileLoc>/Doc_0/Tags/Tag.xml</FileLoc></CustomTag></CustomTags>`).With("Doc_0/Tags/Tag.xml", "<tag/>").
		Edit(t, "OFD.xml", "</ofd:DocInfo>", `<ofd:Title>示例</ofd:Title><ofd:Keywords><ofd:Keyword>x</ofd:Keyword></ofd:Keywords><ofd:CustomDatas><ofd:CustomData Name="发票号码">00000017</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>`)
	d := mustOpen(t, o.Build())
	list, err := d.Carried()
	want := []document.Carried{
		{Name: "a", Path: "Doc_0/Attachs/data.xml", As: document.Attachment, MIME: "xml", Size: 7},
		{Name: "fp", Path: "Doc_0/Tags/Tag.xml", As: document.Tags, Size: 6},
	}
	if err != nil || fmt.Sprint(list) != fmt.Sprint(want) {
		t.Fatalf("%+v, %v", list, err)
	}
	if data, err := d.Read(list[1], 6); err != nil || string(data) != "<tag/>" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := d.Read(list[1], 5); fault.KindOf(err) != fault.Limit {
		t.Errorf("a longer file: %v", err)
	}
	if _, err := d.Read(document.Carried{Path: "x"}, 5); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
	labels, err := d.Labels()
	if err != nil || fmt.Sprint(labels) != "[{DocID 0123456789abcdef0123456789abcdef} {Title 示例} {发票号码 00000017}]" {
		t.Errorf("%v, %v", labels, err)
	}
}

// The texts of samples that others made: the objects that the tags of an invoice name say what the entries of OFD.xml do.
func TestTextOfSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	for _, name := range []string{"invoice-test-ca.ofd", "invoice-kinggrid-relative-baseloc.ofd"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		d := mustOpen(t, data)
		page, err := d.Text(context.Background(), 1)
		if err != nil || page.Unread > 0 {
			t.Fatalf("%s: %v, %d unread", name, err, page.Unread)
		}
		labels, err := d.Labels()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, l := range labels {
			for _, r := range page.Runs {
				if l.Value != "" && strings.ReplaceAll(r.Text, " ", "") == l.Value {
					found++
					if math.Min(r.X, r.Y) < 0 || r.X+r.Width > 210 || r.Y+r.Height > 140 {
						t.Errorf("%s: %+v lies off its page", name, r)
					}
				}
			}
		}
		if found < 6 {
			t.Errorf("%s: of %d labels %d stand on the face", name, len(labels), found)
		}
	}
}
