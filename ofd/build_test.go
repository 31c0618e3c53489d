package ofd

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
)

const testHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// testFile is one file of a package made for a test.
type testFile struct{ name, data string }

// testOFD is a package made for a test.
type testOFD []testFile

// onePage is a package of one A4 page with a template, a picture, a font and an attachment.
func onePage() testOFD { return pagesOFD(1) }

// pagesOFD is a package of n A4 pages.
func pagesOFD(n int) testOFD {
	var pages strings.Builder
	var files testOFD
	for i := range n {
		fmt.Fprintf(&pages, `<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, i+10, i)
		files = append(files, testFile{fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", i), testHead + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">` +
			`<ofd:Template TemplateID="2"/><ofd:Content><ofd:Layer ID="900"><ofd:TextObject ID="901" Boundary="20 20 100 10" Font="3" Size="6">` +
			fmt.Sprintf(`<ofd:TextCode X="0" Y="6">第 %d 页 a &lt; b</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`, i+1)})
	}
	return append(testOFD{
		{"OFD.xml", testHead + `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID>` +
			`</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`},
		{"Doc_0/Document.xml", testHead + `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:MaxUnitID>1000</ofd:MaxUnitID>` +
			`<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>` +
			`<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages>` + pages.String() + `</ofd:Pages>` +
			`<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>`},
		{"Doc_0/PublicRes.xml", testHead + `<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="示例"><ofd:FontFile>font.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>` +
			`<ofd:MultiMedias><ofd:MultiMedia ID="4" Type="Image"><ofd:MediaFile>image.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>`},
		{"Doc_0/Res/font.ttf", strings.Repeat("font", 500)},
		{"Doc_0/Res/image.png", "\x89PNG" + strings.Repeat("\x00\x01\x02picture", 300)},
		{"Doc_0/Tpls/Tpl_0/Content.xml", testHead + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content/></ofd:Page>`},
		{"Doc_0/Attachs/Attachments.xml", testHead + `<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="5" Name="a"><ofd:FileLoc>data.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>`},
		{"Doc_0/Attachs/data.xml", "<data/>"},
	}, files...)
}

// with replaces or adds a file.
func (o testOFD) with(name, data string) testOFD {
	out := slices.Clone(o)
	for i := range out {
		if out[i].name == name {
			out[i].data = data
			return out
		}
	}
	return append(out, testFile{name, data})
}

// without takes files out.
func (o testOFD) without(names ...string) testOFD {
	return slices.DeleteFunc(slices.Clone(o), func(f testFile) bool { return slices.Contains(names, f.name) })
}

// get is the content of a file.
func (o testOFD) get(t testing.TB, name string) string {
	t.Helper()
	for _, f := range o {
		if f.name == name {
			return f.data
		}
	}
	t.Fatalf("no file %s", name)
	return ""
}

// edit replaces a text in a file, which must have it.
func (o testOFD) edit(t testing.TB, name, from, to string) testOFD {
	t.Helper()
	data := o.get(t, name)
	if !strings.Contains(data, from) {
		t.Fatalf("%s does not hold %q: %s", name, from, data)
	}
	return o.with(name, strings.Replace(data, from, to, 1))
}

// build makes the archive.
func (o testOFD) build() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range o {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = io.WriteString(w, f.data)
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

// unpack reads an archive with another reader than ours.
func unpack(t testing.TB, data []byte) testOFD {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out testOFD
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		out = append(out, testFile{f.Name, string(b)})
	}
	return out
}

func openBytes(data []byte) (*Document, error) {
	return open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
}

func mustOpen(t testing.TB, data []byte) *Document {
	t.Helper()
	d, err := openBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sm3 is the Hasher of a verifier: SM3, and the algorithm of the value.
func sm3(alg string) (hash.Hash, error) {
	if alg == "" || digestName(alg) == oidSM3 {
		return gm.NewSM3(), nil
	}
	return nil, fmt.Errorf("unknown digest %q", alg)
}

// sealAt asks for a seal of 40 × 40 mm on a page.
func sealAt(page int) document.Request {
	return document.Request{Kind: document.Seal, Time: time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC), Payload: []byte("the seal"),
		Places: []document.Place{{Page: page, X: 150, Y: 200, Width: 40, Height: 40}}}
}

// sealed is data with one more signature, whose value says what was digested.
func sealed(t testing.TB, data []byte, r document.Request) []byte {
	t.Helper()
	draft, err := mustOpen(t, data).Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	digest, err := draft.Copy(&out, sm3)
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Finish(&out, append([]byte("signed "), digest...)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// judged is what this package says of a signature: good means a value over these bytes, files unchanged, all that shows covered, and nothing worse than
// further signatures after it.
type judged struct {
	info     document.Info
	coverage document.Coverage
	why      string
	changes  []document.Change
	err      error
}

func (j judged) good() bool {
	return j.err == nil && (j.coverage == document.CoversFile || j.coverage == document.CoversRevision) && document.Worst(j.changes).Rank() <= document.LevelForm.Rank() &&
		!slices.ContainsFunc(j.changes, func(c document.Change) bool { return c.Ruling.Forbids() })
}

// errValue says that a value is over other bytes.
var errValue = errors.New("the value is over other bytes")

// judge asks everything of every signature, as a verifier does.
func judge(data []byte) ([]judged, error) {
	d, err := openBytes(data)
	if err != nil {
		return nil, err
	}
	signed, err := d.Signatures()
	if err != nil {
		return nil, err
	}
	var out []judged
	for _, s := range signed {
		j := judged{info: s.Info()}
		_, j.err = s.(document.Referencer).References(sm3)
		j.coverage, j.why = s.Coverage()
		if j.err == nil {
			j.changes, j.err = s.Changes()
		}
		if j.err == nil {
			var digest []byte
			if digest, j.err = s.Digest(sm3); j.err == nil && string(s.Value()) != "signed "+string(digest) {
				j.err = errValue
			}
		}
		out = append(out, j)
	}
	return out, nil
}

// allGood says what is wrong with the first signature that is not good.
func allGood(t testing.TB, data []byte, n int) []judged {
	t.Helper()
	list, err := judge(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != n {
		t.Fatalf("%d signatures, want %d", len(list), n)
	}
	for _, j := range list {
		if !j.good() {
			t.Fatalf("signature %s: %+v", j.info.ID, j)
		}
	}
	return list
}
