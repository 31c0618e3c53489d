package layout

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"hash"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/ofd"
)

func writeOFD(t testing.TB, doc Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteOFD(&b, doc, stack()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entries reads the package as the standard library does.
func entries(t testing.TB, data []byte) (names []string, parts map[string][]byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return names, parts
}

// The package reads back: every XML part is well formed, fonts are fonts with their characters, pictures and attachments are those of the document.
func TestOFDParts(t *testing.T) {
	doc := exampleDocument(t)
	names, parts := entries(t, writeOFD(t, doc))
	if names[0] != "OFD.xml" {
		t.Errorf("the package begins with %s", names[0])
	}
	fonts, pictures, xmls := 0, 0, 0
	for name, data := range parts {
		switch filepath.Ext(name) {
		case ".xml":
			xmls++
			for d := xml.NewDecoder(bytes.NewReader(data)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		case ".ttf":
			fonts++
			f, err := font.Parse(data)
			if err != nil || !f.Has('印') || !f.Has('a') {
				t.Errorf("%s: %v", name, err)
			}
		case ".png":
			pictures++
			if !bytes.Equal(data, palettePNG(t)) && !bytes.Equal(data, alphaPNG(t)) {
				t.Errorf("%s is another picture", name)
			}
		}
	}
	if fonts != 1 || pictures != 2 || xmls != 6 {
		t.Errorf("%d fonts, %d pictures, %d XML parts in %q", fonts, pictures, xmls, names)
	}
	list := string(parts["Doc_0/Attachs/Attachments.xml"])
	for _, want := range []string{`Name="记录.json" Format="json"`, `Name="a.txt" Format="txt"`} {
		if !strings.Contains(list, want) {
			t.Errorf("no %s in %s", want, list)
		}
	}
	if i := strings.Index(list, "<ofd:FileLoc>"); string(parts["Doc_0/Attachs/"+list[i+13:i+13+strings.Index(list[i+13:], "<")]]) != `{"a":1}` {
		t.Error("the record is not attached as it was")
	}
	for _, want := range []string{"<ofd:Title>版面样张</ofd:Title>", "<ofd:Author>云杉示例科技有限公司</ofd:Author>", "<ofd:Subject>一页上有各种内容 &lt;&amp;&gt;</ofd:Subject>", "<ofd:CreationDate>2026-03-18</ofd:CreationDate>"} {
		if !strings.Contains(string(parts["OFD.xml"]), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestOFDDeterministic(t *testing.T) {
	a, b := writeOFD(t, exampleDocument(t)), writeOFD(t, exampleDocument(t))
	if !bytes.Equal(a, b) {
		t.Error("the same document gave different files")
	}
	id := func(change func(*Document)) string {
		doc := exampleDocument(t)
		change(&doc)
		_, parts := entries(t, writeOFD(t, doc))
		_, rest, _ := strings.Cut(string(parts["OFD.xml"]), "<ofd:DocID>")
		return rest[:32]
	}
	seen := map[string]bool{}
	for _, change := range []func(*Document){
		func(*Document) {}, func(d *Document) { d.Title = "别的" }, func(d *Document) { d.Created = d.Created.Add(time.Second) },
		func(d *Document) { d.Attached[0].Data = []byte("{}") }, func(d *Document) { d.Pages[0].Items = d.Pages[0].Items[1:] },
	} {
		seen[id(change)] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d identifiers of 5 documents", len(seen))
	}
}

// opened reads a package with the house's own reader, which must find nothing odd.
func opened(t testing.TB, data []byte) document.Document {
	t.Helper()
	d, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := d.(document.Suspecter)
	if !ok {
		t.Fatal("it cannot be searched")
	}
	if notes, err := s.Suspicions(); err != nil || len(notes) != 0 {
		t.Errorf("%v %v", notes, err)
	}
	return d
}

// It can be sealed, and the seal then covers every file of it.
func TestOFDTakesASeal(t *testing.T) {
	d := opened(t, writeOFD(t, exampleDocument(t)))
	pages, err := d.Pages()
	if err != nil || len(pages) != 1 || pages[0].Width != A4Width || pages[0].Height != A4Height {
		t.Fatalf("%v %v", pages, err)
	}
	draft, err := d.Prepare(document.Request{Kind: document.Seal, Places: []document.Place{{Page: 1, X: 100, Y: 200, Width: 40, Height: 40}}, Payload: []byte("seal")})
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if _, err := draft.Copy(&out, func(string) (hash.Hash, error) { return gm.NewSM3(), nil }); err != nil {
		t.Fatal(err)
	}
	if err := draft.Finish(&out, []byte("value")); err != nil {
		t.Fatal(err)
	}
	signed, err := opened(t, out.Bytes()).Signatures()
	if err != nil || len(signed) != 1 {
		t.Fatalf("%d signatures: %v", len(signed), err)
	}
	if c, why := signed[0].Coverage(); c != document.CoversRevision {
		t.Errorf("%s: %s", c, why)
	}
}

// WriteOFD refuses what WritePDF refuses, and writes nothing then.
func TestOFDRefuses(t *testing.T) {
	for name, change := range map[string]func(*Document){
		"no time":       func(d *Document) { d.Created = time.Time{} },
		"missing glyph": func(d *Document) { d.Pages[0].Items = append(d.Pages[0].Items, Text{String: "\U0001F600", Size: 12}) },
		"cut picture": func(d *Document) {
			data := palettePNG(t)
			d.Pages[0].Items = append(d.Pages[0].Items, Picture{Width: 1, Height: 1, PNG: data[:len(data)-30]})
		},
		"text": func(d *Document) { d.Pages[0].Items = []Item{Text{String: "a\nb", Size: 12}} },
	} {
		doc := exampleDocument(t)
		change(&doc)
		var b bytes.Buffer
		if err := WriteOFD(&b, doc, stack()); fault.KindOf(err) != fault.Invalid || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
	if err := WriteOFD(failing{}, exampleDocument(t), stack()); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// Distances add up to where the characters are, however they are rounded.
func TestDeltas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]float64{4.2333333, 2.1166667, 0.12345678, 4.2333333}), 1, 300).Draw(rt, "steps")
		at, want := []float64{1.23456}, []float64{}
		for _, s := range steps {
			at = append(at, at[len(at)-1]+s)
			want = append(want, at[len(at)-1])
		}
		x, i := math.Round(at[0]*1e4)/1e4, 0
		fields := strings.Fields(deltas(at))
		for f := 0; f < len(fields); f++ {
			count := 1
			if fields[f] == "g" {
				count, f = atoi(rt, fields[f+1]), f+2
			}
			for range count {
				x += atof(rt, fields[f])
				if math.Abs(x-want[i]) > 0.002 {
					rt.Fatalf("character %d is at %g, want %g", i+1, x, want[i])
				}
				i++
			}
		}
		if i != len(want) {
			rt.Fatalf("%d distances, want %d", i, len(want))
		}
	})
}

// Both formats look the same: wherever one has ink, the other has some within 0.3 mm.
func TestOFDLooksLikePDF(t *testing.T) {
	sameInk(t, exampleDocument(t))
}

func sameInk(t *testing.T, doc Document) {
	t.Helper()
	const dpi = 254 // ten pixels a millimetre
	dir := t.TempDir()
	run(t, "pdftoppm", "-r", "254", "-png", "-singlefile", save(t, write(t, doc)), filepath.Join(dir, "pdf"))
	r, ok := opened(t, writeOFD(t, doc)).(document.Renderer)
	if !ok {
		t.Fatal("it cannot be shown")
	}
	var svg bytes.Buffer
	omitted, err := r.Render(t.Context(), &svg, 1, nil)
	if err != nil || len(omitted) != 0 {
		t.Fatalf("%v %v", omitted, err)
	}
	viewer := exec.Command(need.Tool(t, "rsvg-convert"), "-d", "254", "-p", "254")
	viewer.Stdin = &svg
	shown, err := viewer.Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "pdf.png"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := inkOf(t, data), inkOf(t, shown)
	for name, pair := range map[string][2]ink{"the PDF and not in the OFD": {a, b}, "the OFD and not in the PDF": {b, a}} {
		all, lost := pair[0].beyond(pair[1], 0.3*dpi/25.4)
		if all < 1000 || float64(lost) > 0.0005*float64(all) {
			t.Errorf("%d of %d dark places are in %s", lost, all, name)
		}
	}
}
