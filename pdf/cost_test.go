package pdf

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// crowd is a file of n signatures that each claim to protect all of it, padded to a size.
func crowd(n, size int) []byte {
	var fields strings.Builder
	objs := []string{"", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
		"null"}
	for i := range n {
		fmt.Fprintf(&fields, "%d 0 R ", 5+2*i)
		objs = append(objs, fmt.Sprintf("<</FT/Sig/T(s%d)/V %d 0 R>>", i, 6+2*i),
			fmt.Sprintf("<</Type/Sig/ByteRange[0 A%07d B%07d C%07d]/Contents<3003020101%06d>>>", i, i, i, i))
	}
	objs[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + fields.String() + "]>>>>"
	b := raw(append(objs, stream("", strings.Repeat("x", size)))...)
	for i := range n {
		hole := fmt.Appendf(nil, "<3003020101%06d>", i)
		from := bytes.Index(b, hole)
		copy(b[from:], "<3003020101000000>")
		for mark, at := range map[string]int{"A": from, "B": from + len(hole), "C": len(b) - from - len(hole)} {
			b = bytes.Replace(b, fmt.Appendf(nil, "%s%07d", mark, i), fmt.Appendf(nil, "%08d", at), 1)
		}
	}
	return b
}

// TestCrowdHashing: signatures that cannot all be true do not have the file hashed once for each.
func TestCrowdHashing(t *testing.T) {
	b := crowd(300, 1<<20)
	c := &countingReader{r: bytes.NewReader(b)}
	d, err := open(t.Context(), c, int64(len(b)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := d.Signatures()
	if err != nil || len(signed) != 300 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	refused := 0
	for _, s := range signed {
		_, err := s.Digest(sm3)
		if err != nil && fault.KindOf(err) != fault.Limit {
			t.Fatal(err)
		}
		if err != nil {
			refused++
		}
	}
	if most := int64(hashAtLeast + (hashPerByte+1)*len(b)); c.n > most || refused == 0 {
		t.Errorf("%d bytes read, at most %d; %d signatures refused", c.n, most, refused)
	}
}

// TestCrowdChanges: many signatures before many changes do not list all of them each.
func TestCrowdChanges(t *testing.T) {
	b := crowd(100, 10)
	for range 5 {
		var objects []object
		d := openBytes(t, b)
		for i := range 900 {
			objects = append(objects, object{d.f.maxObject() + 1 + i, "1"})
		}
		b = revised(t, b, "", objects...)
	}
	signed, err := openBytes(t, b).Signatures()
	if err != nil || len(signed) != 100 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	for _, s := range signed {
		changes, err := s.Changes()
		if err != nil || len(changes) > maxChanges+1 || changes[len(changes)-1].Code != "more-changes" {
			t.Fatalf("%d changes, %v", len(changes), err)
		}
	}
}

// TestCosts: files of about a megabyte do not take hundreds of megabytes of memory.
func TestCosts(t *testing.T) {
	many := func(n int, object string, fields func(string) string) []byte {
		objs := []string{"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "", ""}
		var kids strings.Builder
		for i := range n {
			fmt.Fprintf(&kids, "%d 0 R ", 5+i)
			objs = append(objs, object)
		}
		objs[2] = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[" + kids.String() + "]>>"
		objs[3] = fields(kids.String())
		return raw(objs...)
	}
	for name, b := range map[string][]byte{
		"long names": many(15000, "<</T(a)/FT/Sig>>", func(kids string) string { return "<</T(" + strings.Repeat("x", 300_000) + ")/Kids[" + kids + "]>>" }),
		"many widgets": many(15000, "<</Subtype/Widget/P 3 0 R/Rect[1 1 8 4]>>", func(kids string) string {
			return "<</FT/Sig/T(S)/V 3 0 R/Kids[" + kids + "]>>"
		}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := ask(b)
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 100 || err == nil {
			t.Errorf("%s: %d MB allocated for %d bytes, %v", name, n, len(b), err)
		}
	}
}
