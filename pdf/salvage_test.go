package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// breakage damages a file as programs, mails and disks do. It returns the file as it was where there is nothing for it to damage.
type breakage struct {
	name  string
	apply func([]byte) []byte
	// content: what a page shows may differ, since what stands in the file is no longer unambiguous to the judges.
	content bool
}

var (
	startNumber = regexp.MustCompile(`startxref\s+\d+`)
	directSize  = regexp.MustCompile(`/Length \d+([^\d ]| [^\d])`)
	tableRow    = regexp.MustCompile(`(\d{10} \d{5} [nf])(?: \n| \r|\r\n)`)
	freeRow     = regexp.MustCompile(`(?:xref\s+0 )(\d+)`)
)

func breakages() []breakage {
	cutBefore := func(word string) func([]byte) []byte {
		return func(b []byte) []byte {
			if i := bytes.LastIndex(b, []byte(word)); i >= 0 {
				return bytes.Clone(b[:i])
			}
			return b
		}
	}
	replaced := func(old, with string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) }
	}
	return []breakage{
		{"startxref cut off", cutBefore("startxref"), false},
		{"tail cut off", func(b []byte) []byte { return bytes.Clone(b[:bytes.LastIndex(b, []byte("endobj"))+len("endobj")]) }, false},
		{"startxref wrong", func(b []byte) []byte { return startNumber.ReplaceAll(b, []byte("startxref\n7")) }, false},
		{"startxref far off", func(b []byte) []byte { return startNumber.ReplaceAll(b, []byte("startxref\n99999999999")) }, false},
		{"startxref no number", func(b []byte) []byte { return startNumber.ReplaceAll(b, []byte("startxref\nhere")) }, false},
		{"junk before the header", func(b []byte) []byte { return append([]byte("HTTP/1.1 200 OK\r\n\r\n"), b...) }, false},
		{"offsets shifted", func(b []byte) []byte {
			return append([]byte("%PDF-1.7\n% a line that a filter put in\n"), b[bytes.IndexByte(b, '\n')+1:]...)
		}, false},
		{"rows of 19 bytes", func(b []byte) []byte { return tableRow.ReplaceAll(b, []byte("$1\n")) }, false},
		{"table from 1", func(b []byte) []byte { return freeRow.ReplaceAll(b, []byte("xref\n1 $1")) }, false},
		{"trailer gone", replaced("trailer", "trai1er"), false},
		{"table gone", replaced("xref\n0", "xr\n0"), false},
		{"Prev loop", func(b []byte) []byte {
			at := bytes.LastIndex(b, []byte("xref\n0"))
			return bytes.Replace(b, []byte("/Root"), fmt.Appendf(nil, "/Prev %d/Root", at), 1)
		}, false},
		{"Prev wrong", replaced("/Root", "/Prev 3/Root"), false},
		{"endobj gone", replaced("endobj", "      "), false},
		{"Length too large", func(b []byte) []byte { return directSize.ReplaceAll(b, []byte("/Length 88888$1")) }, true},
		{"Length too small", func(b []byte) []byte { return directSize.ReplaceAll(b, []byte("/Length 0$1")) }, true},
		{"line ends translated", func(b []byte) []byte {
			if bytes.Contains(b, []byte("FlateDecode")) {
				return b
			}
			return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
		}, true},
		{"bytes behind the end", func(b []byte) []byte { return append(bytes.Clone(b), "\n<html>scanned</html>\n"...) }, false},
	}
}

// packedBase is changeBase in an object stream.
func packedBase() []byte {
	d, err := openReader(changeBase())
	if err != nil {
		panic(err)
	}
	var objects []object
	for n := 1; n <= d.f.maxObject(); n++ {
		o, err := d.f.get(Ref{Num: n})
		if err != nil {
			panic(err)
		}
		if _, ok := o.(*Stream); ok {
			objects = append(objects, object{n, "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream"})
			continue
		}
		objects = append(objects, object{n, source(o)})
	}
	return packed(objects, "/Root 1 0 R/Info 3 0 R")
}

// broken are files that are damaged, by name, and some that are not.
func broken(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for kind, b := range map[string][]byte{"table": changeBase(), "stream": packedBase(), "two revisions": twoRevisions(t), "linear": linearized()} {
		out[kind] = b
		for _, x := range breakages() {
			if c := x.apply(b); !bytes.Equal(c, b) {
				out[kind+", "+x.name] = c
			}
		}
	}
	return out
}

// twoRevisions is changeBase with another text on its first page.
func twoRevisions(t testing.TB) []byte {
	return revised(t, changeBase(), "", object{numContents, "<</Length 12>>\nstream\n0 0 9 8 re f\nendstream"}, object{numText, ""})
}

// linearized is a file whose first page and its section come first.
func linearized() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at [6]int
	put := func(n int, body string) {
		at[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	put(3, "<</Linearized 1/L 9999/H[9 9]/O 5/E 99/N 1/T 999>>")
	first := b.Len()
	const rows = "xref\n3 3\n%010d 00000 n \n%010d 00000 n \n%010d 00000 n \ntrailer\n<</Size 6/Root 4 0 R/Prev %010d>>\nstartxref\n0\n%%%%EOF\n"
	fmt.Fprintf(&b, rows, 0, 0, 0, 0)
	put(4, "<</Type/Catalog/Pages 1 0 R>>")
	put(5, "<</Type/Page/Parent 1 0 R/MediaBox[0 0 200 100]/Contents 2 0 R>>")
	put(1, "<</Type/Pages/Kids[5 0 R]/Count 1>>")
	put(2, "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream")
	main := b.Len()
	fmt.Fprintf(&b, "xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \ntrailer\n<</Size 3>>\nstartxref\n%d\n%%%%EOF\n", at[1], at[2], first)
	copy(b.Bytes()[first:], fmt.Sprintf(rows, at[3], at[4], at[5], main))
	return b.Bytes()
}

// TestSalvage: whatever breaks the structure of a file, its pages, their contents and its form come through.
func TestSalvage(t *testing.T) {
	files := broken(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.Run(name, func(t *testing.T) {
			out, r, err := rewrittenFile(t, files[name], document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkRewritten(t, out, r)
			kind, damage, damaged := strings.Cut(name, ", ")
			if damaged == r.Clean() {
				t.Errorf("reported %+v", r)
			}
			unfinished := kind == "two revisions" && strings.HasSuffix(damage, "cut off") // what readers show then is the revision before
			if unfinished != (len(r.Lost) > 0) {
				t.Errorf("lost %v", r.Lost)
			}
			want, pages, fields := "0 0 9 9 re f", 2, 3
			switch {
			case unfinished:
			case kind == "two revisions":
				if want = "0 0 9 8 re f"; !r.Rebuilt {
					fields-- // the last revision deletes one; searching the bytes brings it back
				}
			case kind == "linear":
				pages, fields = 1, 0
			}
			if damage == "line ends translated" {
				want += "\r"
			}
			if r.PagesAfter != pages || r.PagesBefore != pages {
				t.Errorf("%d pages, claimed %d", r.PagesAfter, r.PagesBefore)
			}
			checkContent(t, out, strings.TrimSuffix(want, "\r"), fields)
		})
	}
}

// checkContent wants the first page to show something and the form to have so many fields.
func checkContent(t *testing.T, b []byte, want string, fields int) {
	t.Helper()
	d := openBytes(t, b)
	p, err := d.f.page(1)
	if err != nil {
		t.Fatal(err)
	}
	st, err := d.f.newest().stream(p.Dict["Contents"])
	if err != nil {
		t.Fatal(err)
	}
	if data, err := d.f.decode(st); err != nil || string(data) != want {
		t.Errorf("the page shows %q, %v; want %q", data, err, want)
	}
	n := 0
	if err := d.f.newest().eachField(func(leafField) error { n++; return nil }); err != nil || n != fields {
		t.Errorf("%d fields, %v; want %d", n, err, fields)
	}
}

// code is the stable code of a refusal; empty for nil.
func code(err error) string {
	p, _ := fault.PublicOf(err)
	return p.Code
}
