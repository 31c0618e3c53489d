package ofd

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/seal"
)

// pictureIn is the picture of the seal in a signature, as callers hand it in.
func pictureIn(s document.Signature) (document.Picture, error) {
	v, err := seal.ParseSignature(s.Value())
	if err != nil {
		return document.Picture{}, err
	}
	p := v.Seal.Info.Picture
	return document.Picture{Type: p.Type, Data: p.Data, Width: float64(p.Width), Height: float64(p.Height)}, nil
}

// Every page of every file of the field is shown. What is left out is what those files lack; every seal is drawn, as red ink where it is placed, and every
// character of every text is one of the texts that can be selected.
func TestShowSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	lacks := map[string]string{"seal-and-sign-raw-rs-edited.ofd": "part-missing", "two-gbt35275-signatures-unsorted-attrs.ofd": "part-missing"}
	files, pages, seals := 0, 0, 0
	for name := range sampleTable() {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		d := opened(t, data)
		files++
		var all []string
		for n := range d.pages {
			svg, texts, omitted := shown(t, d, n+1, pictureIn)
			pages++
			all = append(all, codes(omitted))
			if want := strings.Count(pageText(t, d, n), "</ofd:TextCode>"); len(texts) < want {
				t.Errorf("%s, page %d: %d texts of %d", name, n+1, len(texts), want)
			}
			for _, p := range stampsOn(t, d, n+1) {
				seals++
				if red := redness(t, svg, p); red < 0.01 {
					t.Errorf("%s, page %d: the seal at %g, %g is red for %.1f %% only", name, n+1, p.X, p.Y, 100*red)
				}
			}
		}
		if got := strings.Trim(strings.Join(all, ""), " "); got != lacks[name] {
			t.Errorf("%s: omitted %q, want %q", name, all, lacks[name])
		}
	}
	if files != len(sampleTable()) || pages < 20 || seals < 10 {
		t.Errorf("%d files, %d pages, %d seals", files, pages, seals)
	}
}

// pageText is the XML of a page without its templates.
func pageText(t *testing.T, d *Document, n int) string {
	t.Helper()
	about := d.pages[n].body.about
	e, err := d.follow(about.e, about.from, d.pages[n].at)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := d.zip.all(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// stampsOn are the places of seals on a page.
func stampsOn(t *testing.T, d *Document, page int) (out []document.Place) {
	t.Helper()
	signatures, err := d.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range signatures {
		for _, p := range s.Info().Places {
			if p.Page == page {
				out = append(out, p)
			}
		}
	}
	return out
}

// redness is the part of a place, of its clip where it has one, that an independent viewer paints red.
func redness(t *testing.T, svg string, p document.Place) float64 {
	t.Helper()
	const dpi = 50
	viewer := exec.Command(need.Tool(t, "rsvg-convert"), "-d", "50", "-p", "50")
	viewer.Stdin = strings.NewReader(svg)
	out, err := viewer.Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	x, y, w, h := p.X-p.Width/2, p.Y-p.Height/2, p.Width, p.Height
	if p.Clip != (document.Clip{}) {
		x, y, w, h = x+p.Clip.X, y+p.Clip.Y, p.Clip.Width, p.Clip.Height
	}
	red, all := 0, 0
	for py := int(y * dpi / 25.4); py < int((y+h)*dpi/25.4); py++ {
		for px := int(x * dpi / 25.4); px < int((x+w)*dpi/25.4); px++ {
			all++
			if r, g, b, _ := img.At(px, py).RGBA(); r > 0x9000 && g < 0x9000 && b < 0x9000 {
				red++
			}
		}
	}
	return float64(red) / float64(max(all, 1))
}

// BenchmarkRender shows the first page of an invoice.
func BenchmarkRender(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(need.Samples(b, "ofd"), "invoice-test-ca.ofd"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		shownOnce(b, data)
	}
}

func shownOnce(b *testing.B, data []byte) {
	b.Helper()
	var out bytes.Buffer
	if _, err := opened(b, data).Render(b.Context(), &out, 1, pictureIn); err != nil {
		b.Fatal(err)
	}
}
