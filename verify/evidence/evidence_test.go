package evidence

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// example is a bundle with something of every kind; with the document where enclosed.
func example(enclosed bool) Bundle {
	file := []byte(strings.Repeat("the document\n", 5000))
	b := Bundle{
		Document: Document{Name: "示例合同.ofd", Size: int64(len(file)), SM3: gm.SM3(file)},
		Values:   Values{Certificates: [][]byte{[]byte("ca"), []byte("root")}, CRLs: [][]byte{bytes.Repeat([]byte("revoked "), 1000)}, Tokens: [][]byte{[]byte("token")}},
		Signatures: []Signature{
			{ID: "签章 1", SM3: gm.SM3([]byte("value 1")), Values: Values{Certificates: [][]byte{[]byte("ca"), []byte("signer")}, OCSPs: [][]byte{[]byte("good")}}},
			{ID: "2", SM3: gm.SM3([]byte("value 2")), Values: Values{Tokens: [][]byte{[]byte("token 2")}, Manifests: [][]byte{[]byte("earlier")}, Proofs: [][]byte{[]byte("{}")}, Answers: [][]byte{[]byte("answer")}}},
		},
	}
	if enclosed {
		b.Document.File = bytes.NewReader(file)
	}
	return b
}

func written(t testing.TB, b Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(t.Context(), &out, b); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readBytes(t testing.TB, b []byte, l Limits) (Bundle, error) {
	t.Helper()
	return Read(t.Context(), bytes.NewReader(b), int64(len(b)), l)
}

// plain is a bundle as it can be compared: what is in it, sorted.
func plain(t testing.TB, b Bundle) Bundle {
	t.Helper()
	tidy := func(v Values) Values {
		v.Others = union(nil, slices.SortedFunc(slices.Values(v.Others), func(a, b Other) int {
			return cmp.Or(strings.Compare(a.Folder+a.Ending, b.Folder+b.Ending), bytes.Compare(a.Data, b.Data))
		}), func(o Other) string { return o.Folder + o.Ending + string(o.Data) })
		for _, list := range v.lists() {
			sorted := slices.SortedFunc(slices.Values(*list), bytes.Compare)
			*list = slices.CompactFunc(sorted, bytes.Equal)
		}
		return v
	}
	b.Values = tidy(b.Values)
	b.Signatures = slices.SortedFunc(slices.Values(b.Signatures), func(a, b Signature) int { return bytes.Compare(a.SM3[:], b.SM3[:]) })
	for i := range b.Signatures {
		b.Signatures[i].Values = tidy(b.Signatures[i].Values)
	}
	if b.Document.File != nil {
		whole, err := io.ReadAll(io.NewSectionReader(b.Document.File, 0, b.Document.Size))
		if err != nil {
			t.Fatal(err)
		}
		b.Document.File = strings.NewReader(string(whole))
	}
	return b
}

func checkSame(t testing.TB, got, want Bundle) {
	t.Helper()
	text := gocmp.Transformer("text", func(r io.ReaderAt) string {
		if r == nil {
			return "none"
		}
		b, _ := io.ReadAll(io.NewSectionReader(r, 0, 1<<40))
		return string(b)
	})
	if diff := gocmp.Diff(plain(t, want), plain(t, got), text); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, enclosed := range []bool{false, true} {
		b := example(enclosed)
		out := written(t, b)
		if !Match(out[:64]) {
			t.Error("it does not match")
		}
		got, err := readBytes(t, out, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, got, b)
		if !bytes.Equal(written(t, got), out) {
			t.Error("written again it is another file")
		}
		if n := bytes.Count(out, []byte("certificates/"+fmt.Sprintf("%x", gm.SM3([]byte("ca"))))); n != 2 {
			t.Errorf("a certificate kept for two is there %d times", n) // once in the archive, once in its directory
		}
		if b.Document.File != nil && !bytes.Contains(out, []byte("the document\nthe document\n")) {
			t.Error("the document is not stored as it is")
		}
	}
}

// Whatever is written is read back, and the order of what is given does not show.
func TestRoundTripOfAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.Custom(func(t *rapid.T) Values {
			var v Values
			for _, list := range v.lists() {
				*list = rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 40), 0, 3).Draw(t, "list")
			}
			other := rapid.Custom(func(t *rapid.T) Other {
				word := rapid.SampledFrom([]string{"films", "films", "x", "receipts"})
				return Other{word.Draw(t, "folder"), word.Draw(t, "ending"), rapid.SliceOfN(rapid.Byte(), 1, 9).Draw(t, "other")}
			})
			v.Others = rapid.SliceOfN(other, 0, 3).Draw(t, "others")
			return v
		})
		file := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(rt, "file")
		b := Bundle{Document: Document{Name: "a.ofd", Size: int64(len(file)), SM3: gm.SM3(file)}, Values: values.Draw(rt, "values")}
		if rapid.Bool().Draw(rt, "enclosed") {
			b.Document.File = bytes.NewReader(file)
		}
		for i := range rapid.IntRange(0, 4).Draw(rt, "signatures") {
			b.Signatures = append(b.Signatures, Signature{ID: rapid.String().Draw(rt, "id"), SM3: gm.SM3([]byte{byte(i)}), Values: values.Draw(rt, "values")})
		}
		var out, again bytes.Buffer
		if err := Write(context.Background(), &out, b); err != nil {
			rt.Fatal(err)
		}
		got, err := readBytes(t, out.Bytes(), Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		checkSame(t, got, b)
		slices.Reverse(b.Signatures)
		slices.Reverse(b.Certificates)
		b.CRLs = append(b.CRLs, b.CRLs...)
		if err := Write(context.Background(), &again, b); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			rt.Fatalf("another order gives another file: %v", err)
		}
	})
}

func TestOfAndBind(t *testing.T) {
	b := example(true)
	v, ok := b.Of([]byte("value 1"))
	if !ok || len(v.Certificates) != 3 || len(v.OCSPs) != 1 || len(v.Tokens) != 0 || len(v.CRLs) != 1 || len(b.Certificates) != 2 {
		t.Errorf("%+v, %v", v, ok)
	}
	if v, ok = b.Of([]byte("value 3")); ok || len(v.Certificates) != 2 {
		t.Errorf("%+v, %v", v, ok)
	}
	if e := v.Trust(); len(e.Certificates) != 2 || len(e.CRLs) != 1 || e.Origin != trust.OriginBeside {
		t.Errorf("%+v", e)
	}
	if err := b.Bind(t.Context(), b.Document.File, b.Document.Size); err != nil {
		t.Error(err)
	}
	for _, other := range []string{strings.Repeat("The document\n", 5000), "short"} {
		if p, _ := fault.PublicOf(b.Bind(t.Context(), strings.NewReader(other), int64(len(other)))); p.Code != "evidence-other-file" {
			t.Errorf("%.20q: %+v", other, p)
		}
	}
	if err := b.Bind(t.Context(), strings.NewReader("cut off"), b.Document.Size); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a file cut off: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := b.Bind(stopped, b.Document.File, b.Document.Size); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if FileName("a.ofd") != "a.ofd.evidence" {
		t.Error(FileName("a.ofd"))
	}
}

func TestWriteRefuses(t *testing.T) {
	cases := map[string]struct {
		spoil func(*Bundle)
		code  string
	}{
		"no digest":         {func(b *Bundle) { b.Document.SM3 = Digest{} }, "evidence-invalid"},
		"another digest":    {func(b *Bundle) { b.Document.SM3[0]++ }, "evidence-invalid"},
		"an empty value":    {func(b *Bundle) { b.CRLs = append(b.CRLs, nil) }, "evidence-invalid"},
		"a signature twice": {func(b *Bundle) { b.Signatures[0].SM3 = b.Signatures[1].SM3 }, "evidence-invalid"},
		"no text":           {func(b *Bundle) { b.Signatures[0].ID = "\xff" }, "evidence-invalid"},
		"no name":           {func(b *Bundle) { b.Document.Name = "" }, "evidence-invalid"},
		"a path":            {func(b *Bundle) { b.Document.Name = "../a" }, "evidence-invalid"},
		"a hidden turn":     {func(b *Bundle) { b.Document.Name = "a\u202efdp.exe" }, "evidence-invalid"},
		"too many":          {func(b *Bundle) { b.Answers = distinct(10_001) }, "evidence-too-large"},
		"too large":         {func(b *Bundle) { b.CRLs = append(b.CRLs, make([]byte, 64<<20+1)) }, "evidence-too-large"},
	}
	for name, c := range cases {
		b := example(true)
		c.spoil(&b)
		if p, _ := fault.PublicOf(Write(t.Context(), io.Discard, b)); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func distinct(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Append(nil, "value ", i)
	}
	return out
}

// Other programs open the archive too.
func TestOtherReaders(t *testing.T) {
	out := written(t, example(true))
	z, err := zip.NewReader(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	last := z.File[len(z.File)-1]
	if last.Name != "document/示例合同.ofd" || last.NonUTF8 || last.Method != zip.Store {
		t.Errorf("the document is %+v", last.FileHeader)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
