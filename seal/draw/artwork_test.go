package draw

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/font"
)

// svg wraps elements in a root with a viewBox of 100 × 100.
func svg(body string) string {
	return `<svg xmlns="` + svgNamespace + `" viewBox="0 0 100 100">` + body + `</svg>`
}

func TestPathData(t *testing.T) {
	move, line, quad, cubic, end := font.Move, font.Line, font.Quad, font.Cubic, font.Close
	p := func(op font.Op, v ...float64) font.Segment {
		s := font.Segment{Op: op}
		for i := 0; i < len(v); i += 2 {
			s.P[i/2] = font.Point{X: v[i], Y: v[i+1]}
		}
		return s
	}
	tests := []struct {
		d    string
		want font.Outline
	}{
		{"", nil},
		{"M1 2", nil},
		{"M1,2L3 4z", font.Outline{p(move, 1, 2), p(line, 3, 4), p(end)}},
		{"M1 2 3 4", font.Outline{p(move, 1, 2), p(line, 3, 4), p(end)}},
		{"m1 2 3 4", font.Outline{p(move, 1, 2), p(line, 4, 6), p(end)}},
		{"M1-2.5.5e1-.5L+3 4", font.Outline{p(move, 1, -2.5), p(line, 5, -.5), p(line, 3, 4), p(end)}},
		{"M1 1h2v3H0V9", font.Outline{p(move, 1, 1), p(line, 3, 1), p(line, 3, 4), p(line, 0, 4), p(line, 0, 9), p(end)}},
		{"M0 0c1 1 2 1 3 0s2-1 3 0", font.Outline{p(move, 0, 0), p(cubic, 1, 1, 2, 1, 3, 0), p(cubic, 4, -1, 5, -1, 6, 0), p(end)}},
		{"M5 5S1 1 2 2", font.Outline{p(move, 5, 5), p(cubic, 5, 5, 1, 1, 2, 2), p(end)}},
		{"M0 0q1 2 2 0t2 0", font.Outline{p(move, 0, 0), p(quad, 1, 2, 2, 0), p(quad, 3, -2, 4, 0), p(end)}},
		{"M0 0T2 0", font.Outline{p(move, 0, 0), p(quad, 0, 0, 2, 0), p(end)}},
		{"M1 1h2zh3", font.Outline{p(move, 1, 1), p(line, 3, 1), p(end), p(move, 1, 1), p(line, 4, 1), p(end)}},
		{"M0 0L1 1M2 2l1 0", font.Outline{p(move, 0, 0), p(line, 1, 1), p(end), p(move, 2, 2), p(line, 3, 2), p(end)}},
		{"M0 0A0 5 0 0 1 3 4", font.Outline{p(move, 0, 0), p(line, 3, 4), p(end)}},
	}
	for _, tt := range tests {
		got, err := parsePath(tt.d, 100)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%q is %v, want %v (%v)", tt.d, got, tt.want, err)
		}
	}
	for _, d := range []string{
		"L1 2", "M1", "M1 2 3", "M1 2X", "M1 2L", "M--1 2", "M1 2e", "M. 2", "M0 0A1 1 0 2 0 3 3", "M0 0A1 1 0 0", "M0 0L1e9 1", "M0 0l1e6 1 1e6 1", "M1 2#", "M1 2é",
		"M0 0" + strings.Repeat("h1", 101),
	} {
		if got, err := parsePath(d, 100); err == nil {
			t.Errorf("%q is read as %v", d, got)
		}
	}
}

// TestArcs holds every kind of arc to the circle or ellipse it is of.
func TestArcs(t *testing.T) {
	for _, flags := range []string{"0 0", "0 1", "1 0", "1 1"} {
		for _, packed := range []bool{false, true} {
			d := "M10 0A10 10 0 " + flags + " 0 10"
			if packed { // flags need no space behind them
				d = "M10 0A10 10 0 " + strings.ReplaceAll(flags, " ", "") + "0 10"
			}
			o, err := parsePath(d, 100)
			if err != nil {
				t.Fatal(err)
			}
			centre := font.Point{}
			if flags == "0 0" || flags == "1 1" {
				centre = font.Point{X: 10, Y: 10}
			}
			length := 0
			pen := o[0].P[0]
			for _, s := range o[1 : len(o)-1] {
				for k := 1; k <= 8; k++ {
					q := along(pen, s.Points(), float64(k)/8)
					if r := math.Hypot(q.X-centre.X, q.Y-centre.Y); math.Abs(r-10) > 0.01 {
						t.Errorf("%s: %v is %.3f from the centre", d, q, r)
					}
				}
				pen = s.P[2]
				length++
			}
			if long := flags[0] == '1'; pen != (font.Point{X: 0, Y: 10}) || long != (length == 3) {
				t.Errorf("%s: %d quarters to %v", d, length, pen)
			}
		}
	}
	o, err := parsePath("M0 0a1 2 90 0 1 8 0", 100) // too small, so grown: half an ellipse turned on its side, 8 by 4
	if b := o.Bounds(); err != nil || math.Abs(b.MinY+2) > 1e-3 || math.Abs(b.Width()-8) > 1e-6 {
		t.Errorf("grown arc %+v (%v)", b, err)
	}
}

func TestArtworkRefusals(t *testing.T) {
	path := `<path d="M1 1h9v9z"/>`
	many := strings.Repeat("M1 1h1v1z", maxArtSegments/3)
	tests := []struct{ name, file, why string }{
		{"nothing", "", "no path"},
		{"text", "emblem", "text"},
		{"broken", svg("<path"), "sound XML"},
		{"not UTF-8", `<?xml version="1.0" encoding="GBK"?>` + svg(path), "sound XML"},
		{"no namespace", `<svg viewBox="0 0 1 1"/>`, "root"},
		{"other root", `<html xmlns="` + svgNamespace + `"/>`, "root"},
		{"two roots", svg(path) + svg(path), "roots"},
		{"nested", svg(svg(path)), "root"},
		{"no viewBox", `<svg xmlns="` + svgNamespace + `">` + path + `</svg>`, "viewBox"},
		{"flat viewBox", strings.Replace(svg(path), "0 0 100 100", "0 0 100 0", 1), "viewBox"},
		{"thin viewBox", strings.Replace(svg(path), "0 0 100 100", "0 0 100 1", 1), "viewBox"},
		{"viewBox of no numbers", strings.Replace(svg(path), "0 0 100 100", "0 0 NaN 1", 1), "viewBox"},
		{"no path", svg("<g/>"), "no path"},
		{"doctype", `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg(path), "document type"},
		{"entity", svg("<title>&a;</title>" + path), "sound XML"},
		{"instruction", `<?xml-stylesheet href="a.css"?>` + svg(path), "instruction"},
		{"script", svg("<script>alert(1)</script>" + path), `"script"`},
		{"style sheet", svg("<style>path{fill:none}</style>" + path), `"style"`},
		{"picture", svg(`<image href="https://example.invalid/a.png"/>`), `"image"`},
		{"use", svg(`<use href="#a"/>` + path), `"use"`},
		{"letters", svg("<text>国</text>"), `"text"`},
		{"defs", svg("<defs><path d='M0 0'/></defs>" + path), "defs"},
		{"handler", svg(`<path d="M1 1h9v9z" onclick="alert(1)"/>`), "onclick"},
		{"reference", svg(`<g xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a">` + path + `</g>`), "reference"},
		{"gradient", svg(`<path fill="url(#a)" d="M1 1h9v9z"/>`), "url"},
		{"transform", svg(`<g transform="scale(2)">` + path + `</g>`), "transform"},
		{"stroke", svg(`<path stroke="#000" d="M1 1h9v9z"/>`), "stroke"},
		{"even-odd", svg(`<path style="fill:#000;fill-rule:evenodd" d="M1 1h9v9z"/>`), "evenodd"},
		{"hidden", svg(`<g style="display:none">` + path + `</g>`), "display"},
		{"half opaque", svg(`<g opacity="0.5">` + path + `</g>`), "opacity"},
		{"clipped", svg(`<g clip-path="inset(5px)">` + path + `</g>`), "clip-path"},
		{"not filled", svg(`<path style="fill:none" d="M1 1h9v9z"/>`), "without a fill"},
		{"two colours", svg(path + `<path fill="#fff" d="M2 2h5v5z"/>`), "more than one colour"},
		{"outside", svg(`<path d="M1 1h100v9z"/>`), "viewBox"},
		{"bad path", svg(`<path d="M1 1 boom"/>`), "character 5"},
		{"too many segments", svg(`<path d="` + many + `"/>`), "segments"},
		{"too many paths", svg(strings.Repeat(path, maxArtPaths+1)), "paths"},
		{"too deep", svg(strings.Repeat("<g>", 20) + strings.Repeat("</g>", 20)), "deep"},
		{"too large", svg(path + strings.Repeat(" ", MaxArtwork)), "larger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseArtwork([]byte(tt.file))
			public, _ := fault.PublicOf(err)
			if public.Code != "seal-artwork-invalid" || !strings.Contains(public.EN, tt.why) || public.ZH == "" {
				t.Errorf("ParseArtwork = %v, want a word on %s", err, tt.why)
			}
			if at := new(ArtworkError); !errors.As(err, &at) {
				t.Errorf("%v has no offset", err)
			}
		})
	}
}

// TestArtworkTolerates reads what drawing programs write round the paths.
func TestArtworkTolerates(t *testing.T) {
	a := artwork(t, `<?xml version="1.0" encoding="UTF-8" standalone="no"?><!-- made by hand -->
<svg xmlns="`+svgNamespace+`" xmlns:sodipodi="urn:s" xmlns:inkscape="urn:i" width="10mm" height="5mm" viewBox="-5,-5 20 10" version="1.1" inkscape:version="1">
 <title>Emblem &amp; more</title><defs id="d"/><metadata><rdf xmlns="urn:r"><about/></rdf></metadata>
 <sodipodi:namedview inkscape:zoom="2"><inkscape:grid/></sodipodi:namedview>
 <g id="layer1" inkscape:label="a"><path style="fill:#c00;fill-opacity:1;stroke:none;stroke-width:.2;font-size:12px;-inkscape-stroke:none" d="M0 0h1v1z" sodipodi:nodetypes="c"/></g>
 <g fill="#C00"><path d="M2 2h1v1z"/><path fill="inherit" d=""/></g></svg>`)
	if len(a.paths) != 2 || a.box != (font.Rect{MinX: -5, MinY: -5, MaxX: 15, MaxY: 5}) {
		t.Errorf("%d paths in %+v", len(a.paths), a.box)
	}
}

// TestPathsOverlap holds that paths wound against each other do not cancel out, and that a hole is not filled by its own path.
func TestPathsOverlap(t *testing.T) {
	art := artwork(t, svg(`<path d="M0 0H60V100H0z"/><path d="M40 0V100H100V0z"/><path d="M10 40h20v20h-20zM15 45v10h10v-10z"/>`))
	p := rendered(t, Design{Kind: Agency, Name: "示例市数据局", Emblem: art, EmblemSize: 10})
	for _, at := range [][2]float64{{-4, 0}, {0, 0}, {4, 0}, {-3, 0}} { // one path, two, one, and a hole that lies over another path
		if v := p.img.Pix[p.img.PixOffset(p.x(at[0]), p.y(at[1]))]; v != 255 {
			t.Errorf("at %v mm the ink is %d", at, v)
		}
	}
}

func FuzzParseArtwork(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "emblem.svg"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(svg(`<g style="fill:#000"><path d="M1-2.5.5e1-.5c1 1 2 1 3 0s2-1 3 0q1 2 2 0t2 0a5 4 30 01 6 7z"/></g>`)))
	f.Add([]byte(`<!DOCTYPE svg>` + svg("<defs/><metadata><x/></metadata>")))
	f.Fuzz(func(t *testing.T, data []byte) {
		art, err := ParseArtwork(data)
		if err != nil {
			var at *ArtworkError
			if fault.KindOf(err) != fault.Invalid || !errors.As(err, &at) || at.Offset < 0 || at.Offset > int64(len(data)) {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, d := range []Design{
			{Kind: Agency, Level: County, Name: "示例市数据局", Emblem: art},
			{Kind: Agency, Name: "示例市数据局", Minority: art},
			{Kind: Agency, Name: "示例市数据局", Minority: art, MinorityPlace: Inside},
		} {
			drawing, err := New(d, embedded)
			if err != nil {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatal(err)
				}
				continue
			}
			for _, p := range drawing.parts {
				if b := p.outline.Bounds(); !(b.MinX > -1 && b.MinY > -1 && b.MaxX < 46 && b.MaxY < 46) {
					t.Fatalf("a part reaches to %+v", b)
				}
			}
			if _, err := drawing.PNG(MinResolution); err != nil {
				t.Fatal(err)
			}
		}
	})
}
