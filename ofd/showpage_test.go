package ofd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// colouredPage is the content of a page or template that draws one line of a colour, in layers told.
func colouredPage(head string, layers ...string) string {
	var b strings.Builder
	for i, l := range layers {
		kind, colour, _ := strings.Cut(l, ":")
		fmt.Fprintf(&b, `<ofd:Layer ID="9%d" Type="%s">%s</ofd:Layer>`, i, kind, line("", `<ofd:StrokeColor Value="`+colour+`"/>`, "M 0 0 L 9 0"))
	}
	return partHead + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">` + head + `<ofd:Content>` + b.String() + `</ofd:Content></ofd:Page>`
}

// Templates lie behind or before the page, layers by their type, annotations above them, seals above all.
func TestOrder(t *testing.T) {
	o := onePage().
		Edit(t, "Doc_0/Document.xml", `<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>`,
			`<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/><ofd:TemplatePage ID="6" BaseLoc="Tpls/Tpl_1/Content.xml" ZOrder="Foreground"/>`).
		Edit(t, "Doc_0/Document.xml", `<ofd:Attachments>`, `<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:Attachments>`).
		With("Doc_0/Tpls/Tpl_0/Content.xml", colouredPage("", "Body:0 0 1")).
		With("Doc_0/Tpls/Tpl_1/Content.xml", colouredPage("", "Body:0 0 5")).
		With("Doc_0/Pages/Page_0/Content.xml", colouredPage(`<ofd:Template TemplateID="6"/><ofd:Template TemplateID="2"/>`, "Foreground:0 0 4", "Body:0 0 3", "Background:0 0 2")).
		With("Doc_0/Annots/Annotations.xml", partHead+`<ofd:Annotations xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Page PageID="10"><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page><ofd:Page PageID="99"><ofd:FileLoc>gone.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>`).
		With("Doc_0/Annots/Page_0/Annotation.xml", partHead+`<ofd:PageAnnot xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Annot ID="80" Type="Watermark"><ofd:Appearance Boundary="100 100 50 50">`+
			line("", `<ofd:StrokeColor Value="0 0 6"/>`, "M 0 0 L 9 0")+`</ofd:Appearance></ofd:Annot><ofd:Annot ID="81" Visible="false"><ofd:Appearance Boundary="1 1 1 1">`+
			line("", `<ofd:StrokeColor Value="0 0 9"/>`, "M 0 0 L 9 0")+`</ofd:Appearance></ofd:Annot><ofd:Annot ID="82"/></ofd:PageAnnot>`)
	d := opened(t, sealed(t, o.Build(), sealAt(1)))
	picture := func(document.Signature) (document.Picture, error) {
		return document.Picture{Type: "PNG", Data: []byte(square(t, "png")), Width: 40, Height: 40}, nil
	}
	svg, _, omitted := shown(t, d, 1, picture)
	at := 0
	for _, want := range []string{"#000001", "#000002", "#000003", "#000004", "#000005", `<g transform="matrix(1 0 0 1 100 100)"`, "#000006", "mix-blend-mode:multiply", "<use"} {
		i := strings.Index(svg[at:], want)
		if i < 0 {
			t.Fatalf("%s is missing or out of order in\n%s", want, svg)
		}
		at += i
	}
	if len(omitted) != 0 || strings.Contains(svg, "#000009") {
		t.Errorf("%v", omitted)
	}
	if _, _, omitted = shown(t, d, 1, func(document.Signature) (document.Picture, error) { return document.Picture{}, errors.New("no seal") }); codes(omitted) != "seal-picture" {
		t.Errorf("%v", omitted)
	}
}

// A riding seal shows on each page its slice: the picture on its whole box, cut by the clip.
func TestRidingSeal(t *testing.T) {
	places := []document.Place{
		{Page: 1, X: 210, Y: 100, Width: 40, Height: 40, Clip: document.Clip{Width: 20, Height: 40}},
		{Page: 2, X: 190, Y: 100, Width: 40, Height: 40, Clip: document.Clip{X: 20, Width: 20, Height: 40}},
	}
	d := opened(t, sealed(t, pagesOFD(2).Build(), document.Request{Kind: document.Seal, Places: places, Payload: []byte("seal")}))
	for page, want := range map[int][]string{
		1: {`<rect x="190" y="80" width="20" height="40"/>`, `transform="matrix(40 0 0 40 190 80)"`},
		2: {`<rect x="190" y="80" width="20" height="40"/>`, `transform="matrix(40 0 0 40 170 80)"`},
	} {
		svg, _, _ := shown(t, d, page, func(document.Signature) (document.Picture, error) {
			return document.Picture{Data: []byte(square(t, "gif"))}, nil
		})
		for _, w := range want {
			if !strings.Contains(svg, w) {
				t.Errorf("page %d: no %s", page, w)
			}
		}
	}
}

// A seal whose picture is an OFD is drawn from it, on its box; one within it is not, nor one that is damaged or costs too much.
func TestSealOfOFD(t *testing.T) {
	d := opened(t, sealed(t, onePage().Build(), sealAt(1)))
	sealWith := func(data []byte) (string, string) {
		svg, _, omitted := shown(t, d, 1, func(document.Signature) (document.Picture, error) {
			return document.Picture{Type: "ofd", Data: data}, nil
		})
		return svg, codes(omitted)
	}
	inner := drawn(t, text(`Font="5"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`)+line(``, `<ofd:StrokeColor Value="1 0 0"/>`, "M 0 0 L 9 0"))
	svg, omitted := sealWith(inner.Build())
	if !strings.Contains(svg, "#010000") || strings.Count(svg, "<rect width=") != 1 || omitted != "font-unreadable" { // of the page that is sealed
		t.Errorf("%s in\n%s", omitted, svg)
	}
	for name, data := range map[string][]byte{
		"no OFD":  []byte("PK\x03\x04 nothing"),
		"cyclic":  drawn(t, `<ofd:CompositeObject ID="70" Boundary="0 0 5 5" ResourceID="42"/>`).Build(),
		"no page": inner.Edit(t, "Doc_0/Document.xml", `<ofd:Page ID="10" BaseLoc="Pages/Page_0/Content.xml"/>`, "").Build(),
	} {
		if svg, omitted := sealWith(data); omitted != "font-unreadable seal-picture" || strings.Count(svg, "mix-blend") != 0 {
			t.Errorf("%s: %s", name, omitted)
		}
	}
}

// What ends a page is a clear error; nothing else does.
func TestRefusals(t *testing.T) {
	self := onePage().With("Doc_0/Tpls/Tpl_0/Content.xml", colouredPage(`<ofd:Template TemplateID="2"/>`))
	two := onePage().Edit(t, "Doc_0/Document.xml", `</ofd:CommonData>`, `<ofd:TemplatePage ID="6" BaseLoc="Tpls/Tpl_1/Content.xml"/></ofd:CommonData>`).
		With("Doc_0/Tpls/Tpl_0/Content.xml", colouredPage(`<ofd:Template TemplateID="6"/>`)).With("Doc_0/Tpls/Tpl_1/Content.xml", colouredPage(`<ofd:Template TemplateID="2"/>`))
	many := strings.Repeat(text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="1">`+strings.Repeat("印", 50_000)+`</ofd:TextCode>`), 5)
	for _, c := range []struct {
		name, code, want string
		kind             fault.Kind
		data             testOFD
	}{
		{"a template that uses itself", "ofd-malformed", "in a circle", fault.Invalid, self},
		{"templates that use one another", "ofd-malformed", "in a circle", fault.Invalid, two},
		{"composites that use one another", "ofd-malformed", "in a circle", fault.Invalid, drawn(t, `<ofd:CompositeObject ID="70" Boundary="0 0 5 5" ResourceID="42"/>`)},
		{"too many glyphs", "ofd-page-too-costly", "objects", fault.Limit, drawn(t, many)},
		{"a resource that costs much, used often", "ofd-page-too-costly", "too often", fault.Limit, drawn(t, strings.Repeat(`<ofd:CompositeObject ID="70" Boundary="0 0 5 5" ResourceID="40"/>`, 2000)).
			Edit(t, "Doc_0/PublicRes.xml", "M 0 0 L 10 10 L 0 10 C", "M 0 0"+strings.Repeat(" L 1 1", 50_000)+" L 1")},
		{"a page that is no XML", "ofd-malformed", "Content.xml", fault.Invalid, onePage().With("Doc_0/Pages/Page_0/Content.xml", "<a><b></a>")},
		{"a page that is not there", "ofd-part-missing", "Content.xml", fault.Invalid, onePage().Without("Doc_0/Pages/Page_0/Content.xml")},
		{"a page of an impossible size", "ofd-page-too-costly", "mm", fault.Limit, onePage().Edit(t, "Doc_0/Document.xml", "0 0 210 297", "0 0 2000000 297")},
	} {
		d := opened(t, c.data.Build())
		var b bytes.Buffer
		_, err := d.Render(context.Background(), &b, 1, nil)
		p, _ := fault.PublicOf(err)
		if fault.KindOf(err) != c.kind || p.Code != c.code || !strings.Contains(err.Error(), c.want) || b.Len() > 0 {
			t.Errorf("%s: %v (%s), %d bytes written", c.name, err, p.Code, b.Len())
		}
	}
	d := opened(t, onePage().Build())
	for _, n := range []int{0, -1, 2} {
		if _, err := d.Render(context.Background(), &bytes.Buffer{}, n, nil); fault.KindOf(err) != fault.NotFound {
			t.Errorf("page %d: %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Render(ctx, &bytes.Buffer{}, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Nothing that a file says becomes markup: not its texts, not its names, not its numbers.
func TestInert(t *testing.T) {
	const evil = `&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;a href=&quot;javascript:x&quot;`
	attack := drawn(t, strings.Join([]string{
		text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="2">`+evil+`</ofd:TextCode>`),
		text(`Font="5`+evil+`" Weight="`+evil+`" CTM="`+evil+`"`, `<ofd:TextCode X="`+evil+`" Y="4">印</ofd:TextCode>`),
		text(`Font="66"`, `<ofd:TextCode X="0" Y="4">😀</ofd:TextCode>`),
		line(`LineWidth="`+evil+`" Cap="`+evil+`" Join="`+evil+`" DashPattern="`+evil+`" Rule="`+evil+`"`, `<ofd:StrokeColor Value="`+evil+`" ColorSpace="`+evil+`"/>`, "M 0 0 L 9 0"),
		line(`Fill="true"`, `<ofd:FillColor><ofd:AxialShd StartPoint="`+evil+`" EndPoint="1 1" MapType="`+evil+`"/></ofd:FillColor>`, "M 0 0 L 9 0 "+evil),
		`<ofd:ImageObject ID="70" Boundary="1 1 1 1" ResourceID="14"/>`,
	}, "")).Edit(t, "Doc_0/PublicRes.xml", `<ofd:Font ID="5"`, `<ofd:Font ID="66" FontName="a" FamilyName="x';} @import url(http://example.com) &lt;script>"/><ofd:Font ID="5"`).
		Edit(t, "Doc_0/PublicRes.xml", `<ofd:MultiMedia ID="8"`, `<ofd:MultiMedia ID="14" Format="svg+xml"><ofd:MediaFile>evil.svg</ofd:MediaFile></ofd:MultiMedia><ofd:MultiMedia ID="8"`).
		With("Doc_0/Res/evil.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	svg, texts, _ := shown(t, opened(t, attack.Build()), 1, nil)
	if strings.Contains(svg, "<script") || strings.Contains(svg, "javascript:x\"") || strings.Contains(svg, "example.com)") || strings.Contains(svg, "@import") {
		t.Error(svg)
	}
	if len(texts) == 0 || !strings.Contains(texts[0], `"><script>alert(1)`) {
		t.Errorf("the text itself is lost: %q", texts)
	}
}
