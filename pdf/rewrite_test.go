package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
)

// TestRewriteDamaged: whatever else happens to a file that is broken already, what is written is what Rewrite promises.
func TestRewriteDamaged(t *testing.T) {
	files := broken(t)
	names := slices.Sorted(maps.Keys(files))
	pieces := []string{"1 0 R", "4 0 R", "5 0 R", "8 0 R", "9 0 R", "null", "<<", ">>", "[", "]", "/Kids", "/Parent", "/Fields", "/Type", "/Pages", "/Page", "0", "-1", "612",
		"endobj", "stream\n", "endstream", "\n4 0 obj", "/MediaBox", "/Rotate 45", "/Annots", "/Contents", "/Length", "(", ")", "/FT/Tx", "/T(x)", "/Info", "/ID", "xref", "trailer"}
	written := 0
	rapid.Check(t, func(rt *rapid.T) {
		b := slices.Clone(files[rapid.SampledFrom(names).Draw(rt, "file")])
		for range rapid.IntRange(1, 4).Draw(rt, "hits") {
			at := rapid.IntRange(0, len(b)).Draw(rt, "at")
			switch n := rapid.IntRange(0, 12).Draw(rt, "bytes"); rapid.IntRange(0, 2).Draw(rt, "way") {
			case 0:
				b = slices.Delete(b, at, min(at+n, len(b)))
			case 1:
				b = slices.Insert(b, at, []byte(rapid.SampledFrom(pieces).Draw(rt, "piece"))...)
			case 2:
				copy(b[at:], rapid.SampledFrom(pieces).Draw(rt, "piece"))
			}
		}
		rt.Logf("%q", b)
		out, r, err := rewrittenFile(rt, b, document.Limits{})
		if err == nil {
			written++
			checkRewritten(rt, out, r)
		}
	})
	if written == 0 {
		t.Error("every damaged file was refused")
	}
}

// TestRewriteRefused: what shows a signature, is encrypted, or would lose pages is not written.
func TestRewriteRefused(t *testing.T) {
	const field = "<</FT/Sig/T(S)/V 50 0 R>>"
	base := changeBase()
	with := func(old, now string) []byte { return bytes.ReplaceAll(base, []byte(old), []byte(now)) }
	behind := func(s string) []byte { return append(bytes.Clone(base), s...) }
	inPack := func(body string) []byte {
		return packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"}, {3, "<</Type/Page/Parent 2 0 R>>"}, {4, body}}, "/Root 1 0 R")
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"sealed", signedBase(t), "pdf-rewrite-signed"},
		{"sealed, tail cut off", signedBase(t)[:len(signedBase(t))-400], "pdf-rewrite-signed"},
		{"sealed, last revision cut off", signedBase(t)[:len(base)+1800], "pdf-rewrite-signed"},
		{"deleted again", revised(t, signedBase(t), "", object{14, ""}, object{numForm, "<</Fields[]>>"}), "pdf-rewrite-signed"},
		{"nothing leads to it", revised(t, base, "", object{50, "<</Contents<3000>/ByteRange[0 1 2 3]>>"}), "pdf-rewrite-signed"},
		{"escaped names", revised(t, base, "", object{50, "<</Type/#53i#67/Contents<3000>>>"}), "pdf-rewrite-signed"},
		{"a comment in between", revised(t, base, "", object{50, "<</Type % no\n/Sig/Contents<3000>>>"}), "pdf-rewrite-signed"},
		{"a time stamp", revised(t, base, "", object{50, "<</Type/DocTimeStamp/Contents<3000>>>"}), "pdf-rewrite-signed"},
		{"a field with a value", revised(t, base, "", object{50, field}), "pdf-rewrite-signed"},
		{"a value inherited", revised(t, base, "", object{numKid, "<</Type/Annot/Subtype/Widget/Parent 11 0 R/T(x)/V(y)>>"}), "pdf-rewrite-signed"},
		{"certified", with("/AcroForm", "/Perms<</DocMDP 6 0 R>>/AcroForm"), "pdf-rewrite-signed"},
		{"in an object stream", inPack("<</Type/Sig>>"), "pdf-rewrite-signed"},
		{"a field in an object stream", inPack(field), "pdf-rewrite-signed"},
		{"a broken field in an object stream", inPack(field[:len(field)-2] + "/X ("), "pdf-rewrite-signed"},
		{"behind the end", behind("50 0 obj\n<</Type/Sig>>\nendobj\n"), "pdf-rewrite-signed"},
		{"a field that cannot be read", behind("50 0 obj\n<</FT /Sig /T(x) /V 9 0 R /X )>>\nendobj\n"), "pdf-rewrite-signed"},
		{"a field without a header", behind("50 0 ob\n<</FT/Sig/V 9 0 R>>\nendobj\n"), "pdf-rewrite-signed"},
		{"encrypted", with("/Root", "/Encrypt<</Filter/Standard>>/Root"), "pdf-rewrite-encrypted"},
		{"encrypted, trailer broken", with("trailer\n<<", "trailer\n<</Encrypt 9 0 R)"), "pdf-rewrite-encrypted"},
		{"encrypted once", revised(t, with("/Root", "/Nothing 9 0 R/Root"), "/Encrypt 9 0 R"), "pdf-rewrite-encrypted"},
		{"XFA", with("/Fields", "/XFA 6 0 R/Fields"), "pdf-rewrite-xfa"},
		{"no PDF", []byte("<html></html>"), "pdf-rewrite-pages"},
		{"empty", nil, "pdf-rewrite-pages"},
		{"no page tree", with("/Pages 2 0 R", ""), "pdf-rewrite-pages"},
		{"a page is absent", with("4 0 R 5 0 R", "4 0 R 77 0 R"), "pdf-rewrite-pages"},
		{"a page is freed", revised(t, base, "", object{numPage2, ""}), "pdf-rewrite-pages"},
		{"a page cannot be read", with("5 0 obj\n<<", "5 0 obj\n<)"), "pdf-rewrite-pages"},
		{"a page is no dictionary", revised(t, base, "", object{numPage2, "(page)"}), "pdf-rewrite-pages"},
		{"a page shows nothing any more", with("6 0 obj", "6 0 obi"), "pdf-rewrite-pages"},
		{"contents are cut off", bytes.ReplaceAll(base[:bytes.Index(base, []byte("re f"))], []byte("4 0 R 5 0 R"), []byte("4 0 R      ")), "pdf-rewrite-pages"},
		{"the tree goes round", with("4 0 R 5 0 R", "4 0 R 2 0 R"), "pdf-rewrite-pages"},
		{"the catalog is a page", with("4 0 R 5 0 R", "4 0 R 1 0 R"), "pdf-rewrite-pages"},
		{"the form cannot be read", with("/Fields[8", "/Fields(8"), "pdf-rewrite-unreadable"},
		{"an object stream cannot be read", bytes.Replace(packedBase(), []byte("/FlateDecode"), []byte("/CrypDecode"), 1), "pdf-rewrite-unreadable"},
		{"an object stream's dictionary cannot be read", bytes.Replace(packedBase(), []byte("/ObjStm/N"), []byte("/ObjStm)/"), 1), "pdf-rewrite-unreadable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r, err := rewrittenFile(t, c.file, document.Limits{})
			if code(err) != c.want || fault.KindOf(err) != fault.Denied {
				t.Errorf("got %v, %+v; want %s", err, r, c.want)
			}
		})
	}
}

// TestRewriteDefects: what is put right is named, and nothing else changes.
func TestRewriteDefects(t *testing.T) {
	const catalog, page = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
	for _, c := range []struct {
		name    string
		objects []string
		pages   int
		want    string
	}{
		{"nothing", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", page}, 1, ""},
		{"no pages", []string{catalog, "<</Type/Pages/Kids[]/Count 0>>"}, 0, ""},
		{"a page twice", []string{catalog, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", page}, 2, "pdf-repaired-pages"},
		{"a direct page", []string{catalog, "<</Type/Pages/Kids[3 0 R" + page + "]/Count 2>>", page}, 2, "pdf-repaired-pages"},
		{"a direct node", []string{"<</Type/Catalog/Pages<</Type/Pages/Kids[3 0 R]/Count 1>>>>", "null", page}, 1, "pdf-repaired-pages"},
		{"a page for a tree", []string{"<</Type/Catalog/Pages 3 0 R>>", "null", page}, 1, "pdf-repaired-pages"},
		{"Count", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 7>>", page}, 1, "pdf-repaired-pages"},
		{"Type", []string{"<</Pages 2 0 R>>", "<</Kids[3 0 R]/Count 1>>", "<</MediaBox[0 0 9 9]>>"}, 1, "pdf-repaired-pages"},
		{"no MediaBox", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R>>"}, 1, "pdf-repaired-page-look"},
		{"MediaBox without area", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 0 9]>>"}, 1, "pdf-repaired-page-look"},
		{"Rotate", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1/Rotate 45>>", page}, 1, "pdf-repaired-page-look"},
		{"Annots", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots 7>>"}, 1, "pdf-repaired-page-look"},
		{"a field twice", []string{"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 4 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page, "<</FT/Tx/T(a)>>"},
			1, "pdf-repaired-form"},
		{"a kid twice", []string{"<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page, "<</FT/Tx/T(a)/Kids[6 0 R 6 0 R]>>",
			"<</Fields[4 0 R]>>", "<</T(b)>>"}, 1, "pdf-repaired-form"},
		{"a key twice", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1/Count 1>>", page}, 1, "pdf-repaired-objects"},
		{"a lone CR", []string{catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>", "<</Length 1>>stream\rq\nendstream"},
			1, "pdf-repaired-streams"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, r, err := rewrittenFile(t, raw(c.objects...), document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkRewritten(t, out, r)
			got := ""
			for _, d := range r.Defects {
				got += d.Code
				if d.ZH == "" || d.EN == "" || d.Count < 1 || d.Detail == "" {
					t.Errorf("%+v", d)
				}
			}
			if got != c.want || r.PagesAfter != c.pages || r.Rebuilt || len(r.Lost) > 0 {
				t.Errorf("got %+v, want %d pages and %q", r, c.pages, c.want)
			}
		})
	}
}

// TestRewriteLost: what cannot be read is named by its old number, and nothing refers to it any more.
func TestRewriteLost(t *testing.T) {
	b := bytes.Replace(changeBase(), []byte("/Border[0 0 0]"), []byte("/Border[0 0 0)"), 1)
	for name, c := range map[string]struct {
		file    []byte
		rebuilt bool
	}{"the table is right": {b, false}, "the table is wrong": {bytes.Replace(b, []byte("startxref"), []byte("startxrfe"), 1), true}} {
		out, r, err := rewrittenFile(t, c.file, document.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkRewritten(t, out, r)
		if len(r.Lost) != 1 || r.Lost[0].Num != numLink || r.Lost[0].Reason == "" || r.Rebuilt != c.rebuilt || r.Clean() {
			t.Errorf("%s: %+v", name, r)
		}
		d := openBytes(t, out)
		if p, err := d.f.page(1); err != nil || !equalObjects(p.Dict["Annots"], Ref{10, 0}) {
			t.Errorf("%s: %v, %v", name, p.Dict["Annots"], err)
		} else if a, err := d.f.array(p.Dict["Annots"]); err != nil || len(a) != 4 || a[3] != nil {
			t.Errorf("%s: annotations %v, %v", name, a, err)
		}
	}
}

// TestRewriteKeeps: version, identifier, information, old streams and the form's empty signature fields stay; what nothing leads to goes.
func TestRewriteKeeps(t *testing.T) {
	body := fmt.Sprintf("%%PDF-2.0\n900 3 obj\n<</Type/Catalog/Pages 800 0 R/AcroForm<</Fields[7 0 R]>>>>\nendobj\n800 0 obj\n<</Type/Pages/Kids[%d 0 R]/Count 1>>\nendobj\n"+
		"7 0 obj\n<</FT/Sig/T(Empty)/SV<</V 1>>>>\nendobj\n%d 0 obj\n<</Type/Page/Parent 800 0 R/MediaBox[0 0 9 9]/Contents 5 0 R/Missing 66 0 R>>\nendobj\n"+
		"5 0 obj\n<</Length 6 0 R/Filter/Unknown>>\nstream\n\x00endo\r\n\x80 \nendstream\nendobj\n6 0 obj\n9\nendobj\n8 0 obj\n(orphan)\nendobj\n4 0 obj\n<</Title(\xfe\xff\x53\x70)>>\nendobj\n",
		maxNumber, maxNumber)
	b := []byte(body + "trailer\n<</Root 900 3 R/Info 4 0 R/ID[<00ff>(old)]>>\n%%EOF\n")
	out, r, err := rewrittenFile(t, b, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	checkRewritten(t, out, r)
	d := openBytes(t, out)
	id, err := d.f.array(d.f.trailer["ID"])
	if err != nil || len(id) != 2 || !equalObjects(id[0], String("\x00\xff")) || equalObjects(id[1], String("old")) {
		t.Errorf("ID %v, %v", id, err)
	}
	info, err := d.f.dict(d.f.trailer["Info"])
	if err != nil || string(info["Title"].(String)) != "\xfe\xff\x53\x70" {
		t.Errorf("Info %v, %v", info, err)
	}
	if !bytes.HasPrefix(out, []byte("%PDF-2.0\n")) || !bytes.Contains(out, []byte("stream\n\x00endo\r\n\x80 \nendstream")) || bytes.Contains(out, []byte("orphan")) {
		t.Errorf("%q", out)
	}
	if r.Objects != 6 || d.f.maxObject() != 6 || !r.Rebuilt || len(r.Lost) != 1 || r.Lost[0].Num != 66 {
		t.Errorf("%+v", r)
	}
}

// TestRewriteHostile: what is made to cost much does not cost too much.
func TestRewriteHostile(t *testing.T) {
	files := map[string]string{}
	for name, c := range hostile() {
		files[name] = c.file
	}
	files["open strings"] = "%PDF-1.7\n" + strings.Repeat("1 0 obj (", 200_000)
	files["open dictionaries"] = "%PDF-1.7\n" + strings.Repeat("1 0 obj<</A", 200_000)
	files["endless streams"] = "%PDF-1.7\n" + strings.Repeat("1 0 obj<<>>stream\n", 100_000)
	files["streams with a Length of themselves"] = "%PDF-1.7\n" + strings.Repeat("1 0 obj<</Length 1 0 R>>stream\nendstream ", 50_000)
	files["shared annotations"] = string(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields["+strings.Repeat("4 0 R 5 0 R ", 20000)+"]>>>>", "<</Type/Pages/Kids[3 0 R]>>",
		"<</Type/Page>>", "<</Kids 6 0 R>>", "<</Kids 6 0 R>>", "["+strings.Repeat("7 0 R ", 20000)+"]", "<</T(x)>>"))
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			out, r, err := rewrittenFile(t, []byte(file), document.Limits{})
			runtime.ReadMemStats(&after)
			const most = 2 << 30 // counting what was given back: the work that is allowed makes much of that
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%d MB allocated", n>>20)
			}
			if err == nil {
				checkRewritten(t, out, r)
			}
		})
	}
}

func TestRewriteLimits(t *testing.T) {
	b := packedBase()
	for name, lim := range map[string]document.Limits{"Bytes": {Bytes: 100}, "Objects": {Objects: 2}, "Stream": {Stream: 300}, "Pages": {Pages: 1}} {
		if _, _, err := rewrittenFile(t, b, lim); fault.KindOf(err) != fault.Limit {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Rewrite(ctx, bytes.NewReader(b), int64(len(b)), document.Options{}, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
