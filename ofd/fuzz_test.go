package ofd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// FuzzOpen asks everything of hostile archives: no panic, bounded memory, and every error one for people. What opens and takes a signature is read back.
func FuzzOpen(f *testing.F) {
	plain := onePage().Build()
	f.Add(plain)
	f.Add(rawOnePage())
	f.Add(rawOnePage(raw{name: "a", method: 8, packed: []byte{3, 0}}))
	f.Add(sealedSeed(f, plain))
	if root := os.Getenv("YINXIN_SAMPLES"); root != "" {
		for _, name := range []string{"unsigned-hello.ofd", "unsigned-5-pages.ofd", "invoice-test-ca.ofd"} {
			if data, err := os.ReadFile(filepath.Join(root, "ofd", name)); err == nil {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := document.Limits{Objects: 200, Pages: 100, Signatures: 20}
		if err := ask(data, limits); err != nil && fault.KindOf(err) == 0 {
			t.Fatalf("an error that is not for people: %v", err)
		}
		if _, err := judge(data); err != nil && fault.KindOf(err) == 0 {
			t.Fatalf("an error that is not for people: %v", err)
		}
		d, err := openBytes(data)
		if err != nil {
			return
		}
		before, err := d.Signatures()
		if err != nil {
			return
		}
		draft, err := d.Prepare(document.Request{Kind: document.Sign})
		if err != nil {
			return
		}
		var out document.Memory
		digest, err := draft.Copy(&out, sm3)
		if err != nil {
			return
		}
		if err := draft.Finish(&out, append([]byte("signed "), digest...)); err != nil {
			t.Fatal(err)
		}
		after, err := judge(out.Bytes())
		if err != nil || len(after) != len(before)+1 {
			t.Fatalf("%d signatures became %d: %v", len(before), len(after), err)
		}
		if last := after[len(after)-1]; last.err != nil || document.Worst(last.changes) != document.LevelNone && last.coverage == document.CoversFile {
			t.Fatalf("the signature made: %+v", last)
		}
	})
}

// FuzzSignature reads hostile Signature.xml files.
func FuzzSignature(f *testing.F) {
	const name = "Doc_0/Signs/Sign_0/Signature.xml"
	files := unpackFuzz(f, sealedSeed(f, onePage().Build()))
	f.Add([]byte(files.Get(f, name)))
	f.Add([]byte(`<Signature><SignedInfo><References CheckMethod="SM3"><Reference FileRef="/OFD.xml"><CheckValue>AA==</CheckValue></Reference></References></SignedInfo><SignedValue>v</SignedValue></Signature>`))
	f.Add([]byte("<Signature><SignedInfo>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := judge(files.With(name, string(data)).Build())
		if err != nil || len(list) != 1 {
			t.Fatalf("%d signatures, %v", len(list), err)
		}
		if list[0].good() && string(data) != files.Get(t, name) {
			t.Fatalf("a signature over other bytes is good: %q", data)
		}
	})
}

// FuzzList reads hostile lists of signatures: no signature is lost from sight.
func FuzzList(f *testing.F) {
	const name = "Doc_0/Signs/Signatures.xml"
	files := unpackFuzz(f, sealedSeed(f, sealedSeed(f, onePage().Build())))
	f.Add([]byte(files.Get(f, name)))
	f.Add([]byte(`<Signatures><Signature ID="1" BaseLoc="Sign_1/Signature.xml"/><Signature ID="2" BaseLoc="Sign_0/Signature.xml"/></Signatures>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := judge(files.With(name, string(data)).Build())
		if err == nil && len(list) < 2 {
			t.Fatalf("%d signatures are seen of two: %q", len(list), data)
		}
	})
}

func sealedSeed(f *testing.F, data []byte) []byte { return sealed(f, data, sealAt(1)) }

func unpackFuzz(f *testing.F, data []byte) testOFD { return unpack(f, data) }

// Memory does not grow with the largest entry, neither for sealing nor for judging.
func TestMemory(t *testing.T) {
	cost := func(n int) uint64 {
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(i * i >> 7)
		}
		base := onePage().With("Doc_0/Res/large.bin", string(content)).
			With("Doc_0/Pages/Page_0/Content.xml", "<Page><Content>"+string(make0(n/4))+"</Content></Page>").Build()
		signed := sealed(t, base, sealAt(1))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		draft, err := mustOpen(t, base).Prepare(sealAt(1))
		if err == nil {
			_, err = draft.Copy(discard{}, sm3)
		}
		if err != nil {
			t.Fatal(err)
		}
		if list, err := judge(signed); err != nil || !list[0].good() {
			t.Fatal(list, err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	small, large := cost(1<<20), cost(64<<20)
	if large > small+1<<20 {
		t.Errorf("%d bytes are allocated for entries of 1 MB, %d for 64 MB", small, large)
	}
}

// make0 is a text of n spaces.
func make0(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = ' '
	}
	return b
}

// The same file is read in the same way however its archive was made: with descriptors behind the data or sizes before it, compressed or not.
func TestOtherWriters(t *testing.T) {
	for name, data := range map[string][]byte{"compressed": onePage().Build(), "stored": rawOnePage()} {
		if got := verdict(sealed(t, data, sealAt(1))); got != "good 1" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// FuzzRender shows what opens and reads its text: no panic, bounded output, and every SVG holds nothing but what is known to be inert.
func FuzzRender(f *testing.F) {
	all := line(`Fill="true" DrawParam="30"`, `<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="0 0 1 1"><ofd:AbbreviatedData>M 0 0 L 1 1 C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips><ofd:FillColor Value="1 2 3"/>`, "M 0 0 B 1 2 3 4 5 6 A 1 1 0 0 1 2 2 C") +
		text(`Font="3" Weight="700" Italic="true"`, `<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="1"><ofd:Glyphs>2</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X="1" Y="5" DeltaX="g 1 4.5">印信</ofd:TextCode>`) +
		`<ofd:ImageObject ID="70" Boundary="1 1 5 5" ResourceID="9"/><ofd:CompositeObject ID="71" Boundary="0 0 5 5" ResourceID="40"/>`
	f.Add(drawn(f, all).Get(f, "Doc_0/Pages/Page_0/Content.xml"))
	f.Add(drawn(f, `<ofd:CompositeObject ID="70" Boundary="0 0 5 5" ResourceID="42"/>`).Get(f, "Doc_0/Pages/Page_0/Content.xml"))
	base := drawn(f, "")
	f.Fuzz(func(t *testing.T, page string) {
		d, err := openBytes(base.With("Doc_0/Pages/Page_0/Content.xml", page).Build())
		if err != nil {
			return
		}
		if _, err := d.Text(context.Background(), 1); err != nil && fault.KindOf(err) == 0 {
			t.Fatalf("an error that is not for people: %v", err)
		}
		var b bytes.Buffer
		if _, err := d.Render(context.Background(), &b, 1, nil); err != nil {
			if fault.KindOf(err) == 0 {
				t.Fatalf("an error that is not for people: %v", err)
			}
			return
		}
		if b.Len() > 64<<10+1000*len(page) {
			t.Fatalf("%d bytes of SVG from %d", b.Len(), len(page))
		}
		if _, err := checkSVG(b.Bytes()); err != nil {
			t.Fatalf("%v in\n%.2000s", err, b.String())
		}
	})
}
