// Package testofd makes OFD packages for tests, and takes them apart with the standard library's reader of archives.
package testofd

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// Head begins the XML of the files.
const Head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// File is one file of a package.
type File struct{ Name, Data string }

// Package is what an OFD holds, in order.
type Package []File

// Pages is a package of n A4 pages with a template, a picture, a font and an attachment.
func Pages(n int) Package {
	var pages strings.Builder
	var files Package
	for i := range n {
		fmt.Fprintf(&pages, `<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, i+10, i)
		files = append(files, File{fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", i), Head + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">` +
			`<ofd:Template TemplateID="2"/><ofd:Content><ofd:Layer ID="900"><ofd:TextObject ID="901" Boundary="20 20 100 10" Font="3" Size="6">` +
			fmt.Sprintf(`<ofd:TextCode X="0" Y="6">第 %d 页 a &lt; b</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`, i+1)})
	}
	return append(Package{
		{"OFD.xml", Head + `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID>` +
			`</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`},
		{"Doc_0/Document.xml", Head + `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:MaxUnitID>1000</ofd:MaxUnitID>` +
			`<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>` +
			`<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages>` + pages.String() + `</ofd:Pages>` +
			`<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>`},
		{"Doc_0/PublicRes.xml", Head + `<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="示例"><ofd:FontFile>font.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>` +
			`<ofd:MultiMedias><ofd:MultiMedia ID="4" Type="Image"><ofd:MediaFile>image.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>`},
		{"Doc_0/Res/font.ttf", strings.Repeat("font", 500)},
		{"Doc_0/Res/image.png", "\x89PNG" + strings.Repeat("\x00\x01\x02picture", 300)},
		{"Doc_0/Tpls/Tpl_0/Content.xml", Head + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content/></ofd:Page>`},
		{"Doc_0/Attachs/Attachments.xml", Head + `<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="5" Name="a"><ofd:FileLoc>data.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>`},
		{"Doc_0/Attachs/data.xml", "<data/>"},
	}, files...)
}

// Sizes are packages to measure with: of one page, of many, and of large pictures that do not compress.
func Sizes() map[string]Package {
	picture := make([]byte, 4<<20)
	seed := uint32(1)
	for i := range picture {
		seed = seed*1664525 + 1013904223
		picture[i] = byte(seed >> 24)
	}
	large := Pages(1)
	for i := range 5 {
		large = large.With("Doc_0/Res/large_"+fmt.Sprint(i)+".jpg", string(picture))
	}
	text := strings.Repeat(`<ofd:TextObject ID="901" Boundary="20 20 100 10" Font="3" Size="6"><ofd:TextCode X="0" Y="6" DeltaX="6 6 6 6">一二三四五</ofd:TextCode></ofd:TextObject>`, 60)
	many := Pages(100)
	for i, f := range many {
		many[i].Data = strings.Replace(f.Data, `<ofd:TextObject`, text+`<ofd:TextObject`, 1)
	}
	return map[string]Package{"1 page": Pages(1), "100 pages": many, "20 MB of pictures": large}
}

// With replaces or adds a file.
func (o Package) With(name, data string) Package {
	out := slices.Clone(o)
	for i := range out {
		if out[i].Name == name {
			out[i].Data = data
			return out
		}
	}
	return append(out, File{name, data})
}

// Without takes files out.
func (o Package) Without(names ...string) Package {
	return slices.DeleteFunc(slices.Clone(o), func(f File) bool { return slices.Contains(names, f.Name) })
}

// Get is the content of a file.
func (o Package) Get(t testing.TB, name string) string {
	t.Helper()
	for _, f := range o {
		if f.Name == name {
			return f.Data
		}
	}
	t.Fatalf("no file %s", name)
	return ""
}

// Edit replaces a text in a file, which must have it.
func (o Package) Edit(t testing.TB, name, from, to string) Package {
	t.Helper()
	data := o.Get(t, name)
	if !strings.Contains(data, from) {
		t.Fatalf("%s does not hold %q: %s", name, from, data)
	}
	return o.With(name, strings.Replace(data, from, to, 1))
}

// Build makes the archive.
func (o Package) Build() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range o {
		w, err := z.Create(f.Name)
		if err == nil {
			_, err = io.WriteString(w, f.Data)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Unpack is Read for a package that can be read.
func Unpack(t testing.TB, data []byte) Package {
	t.Helper()
	p, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Read takes a package apart with the standard library's reader.
func Read(data []byte) (Package, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("testofd: %w", err)
	}
	var out Package
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("testofd: %s: %w", f.Name, err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("testofd: %s: %w", f.Name, err)
		}
		out = append(out, File{f.Name, string(b)})
	}
	return out, nil
}
