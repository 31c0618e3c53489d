package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

// ofdWorld is a body with seals of two generations, and who trusts its maker.
type ofdWorld struct {
	*testpki.PKI
	owner  *testpki.Holder
	v4, v5 []byte
	judge  verify.Verifier
}

func newOFDWorld(t testing.TB) *ofdWorld {
	t.Helper()
	p := testpki.New(t)
	w := &ofdWorld{PKI: p, owner: p.Owner(testpki.OwnerName, testpki.OwnerUSCC)}
	w.v4 = testseal.Make(t, p, testseal.Info(t, p, "示例", w.owner.Cert), seal.V4)
	w.v5 = testseal.Make(t, p, testseal.Info(t, p, "示例", w.owner.Cert), seal.V5)
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	w.judge = verify.Verifier{Formats: bothFormats(), Trust: set}
	return w
}

// sealed has two seals, the second over the first.
func (w *ofdWorld) sealed(t testing.TB, p testofd.Package) []byte {
	t.Helper()
	data := testseal.Stamp(t, testseal.Order(p.Build(), w.v4, w.owner.Key, w.Now))
	o := testseal.Order(data, w.v5, w.owner.Key, w.Now)
	o.Places[0].X = 60
	return testseal.Stamp(t, o)
}

// locked adds a signature in the shape of GB/T 35275 over the whole package.
func (w *ofdWorld) locked(t testing.TB, data []byte) []byte {
	t.Helper()
	o := testseal.Order(data, nil, w.owner.Key, w.Now)
	o.Profile, o.Places, o.Certificate, o.Lock = stamp.GBT35275, nil, w.owner.Cert.Raw, []string{document.LockAll}
	return testseal.Stamp(t, o)
}

// report judges under trust. A file that cannot be read is UNREADABLE.
func (w *ofdWorld) report(data []byte) verify.Report {
	facts, err := w.judge.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return verify.Report{Verdict: verify.Unreadable}
	}
	return verify.Judge(facts, verify.Policy{}, w.Now.Add(time.Hour))
}

const signatureList = "Doc_0/Signs/Signatures.xml"

// TestOFDEveryEntry: one byte of any entry changed, or the entry taken out, is not PASSED. Of the list of signatures a change that alters no signature is,
// where it was not locked, and the list is told to be open.
func TestOFDEveryEntry(t *testing.T) {
	w := newOFDWorld(t)
	open := w.sealed(t, testofd.Pages(2))
	rnd := rand.New(rand.NewPCG(6, 1))
	for name, data := range map[string][]byte{"open": open, "locked": w.locked(t, open)} {
		files := testofd.Unpack(t, data)
		if r := w.report(files.Build()); r.Verdict != verify.Passed || len(files) < 15 {
			t.Fatalf("%s: %s of %d entries", name, r.Verdict, len(files))
		}
		for i, f := range files {
			for range 12 {
				b := []byte(f.Data)
				at := rnd.IntN(len(b))
				b[at] ^= 1 << rnd.IntN(8)
				changed := slices.Clone(files)
				changed[i].Data = string(b)
				r := w.report(changed.Build())
				if r.Verdict != verify.Passed {
					continue
				}
				last := r.Signatures[len(r.Signatures)-1]
				if f.Name != signatureList || name == "locked" || len(r.Signatures) != 2 || !finding(last, "FILE_OPEN") {
					t.Errorf("%s: %s changed at %d: %s", name, f.Name, at, r.Verdict)
				}
			}
			if r := w.report(files.Without(f.Name).Build()); r.Verdict == verify.Passed || r.Verdict == verify.Unsigned {
				t.Errorf("%s: without %s: %s", name, f.Name, r.Verdict)
			}
		}
	}
}

// TestOFDFlips: wherever in the archive a byte is changed, the file is PASSED only if another reader of archives finds the same entries in it, or
// none at all: what the archive says of times and systems is no content. Nor does a sealed file ever look as if nobody had signed it.
func TestOFDFlips(t *testing.T) {
	w := newOFDWorld(t)
	data := w.locked(t, w.sealed(t, testofd.Pages(1)))
	files := testofd.Unpack(t, data)
	directory := bytes.LastIndex(data, []byte("PK\x01\x02")) // of the last entry; the others stand before
	rnd := rand.New(rand.NewPCG(6, 2))
	passed := 0
	for i := range 3000 {
		at := rnd.IntN(len(data))
		if i%3 == 0 {
			at = directory - 1500 + rnd.IntN(len(data)-directory+1500)
		}
		b := bytes.Clone(data)
		b[at] ^= 1 << rnd.IntN(8)
		switch r := w.report(b); r.Verdict {
		case verify.Unsigned:
			t.Errorf("byte %d of %d: unsigned", at, len(data))
		case verify.Passed:
			passed++
			if other, err := testofd.Read(b); err == nil && !slices.Equal(other, files) {
				t.Errorf("byte %d of %d: PASSED", at, len(data))
			}
		}
	}
	if passed == 0 || passed > 600 {
		t.Errorf("%d of 3000 passed", passed)
	}
}

// TestOFDAttacks: each attack is found by its name. Digests alone find none of the first: every file that the signatures list is as it was.
func TestOFDAttacks(t *testing.T) {
	w := newOFDWorld(t)
	base := testofd.Pages(2).Edit(t, "Doc_0/Pages/Page_0/Content.xml", "<ofd:Content>", "<ofd:PageRes>Later.xml</ofd:PageRes><ofd:Content>").
		With("Doc_0/Second.xml", `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData/><ofd:Pages/></ofd:Document>`)
	files := testofd.Unpack(t, w.sealed(t, base))
	other := testofd.Unpack(t, w.sealed(t, testofd.Pages(1)))
	list := files.Get(t, signatureList)
	from, to := strings.Index(list, "<ofd:Signature "), strings.Index(list, "</ofd:Signatures>")
	first, second, _ := strings.Cut(list[from:to], "/>")
	first += "/>"
	struck := func(keep ...string) string { return list[:from] + strings.Join(keep, "") + list[to:] }
	const page, value, esl = "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Signs/Sign_1/SignedValue.dat", "Doc_0/Signs/Sign_1/Seal.esl"
	for _, c := range []struct {
		name  string
		files testofd.Package
		want  verify.Code // empty: the file cannot be read
	}{
		{"a page resource added", files.With("Doc_0/Pages/Page_0/Later.xml", `<Res BaseLoc="."/>`), "FILE_UNPROTECTED"},
		{"a page resource added in another case", files.With("Doc_0/Pages/Page_0/later.XML", `<Res BaseLoc="."/>`), "FILE_UNPROTECTED"},
		{"an attachment added unseen", files.With("Doc_0/Attachs/more.xml", "<x/>"), "FILE_EXTRA"},
		{"a template swapped", files.Edit(t, "Doc_0/Tpls/Tpl_0/Content.xml", "<ofd:Content/>", "<ofd:Content><ofd:Layer/></ofd:Content>"), "FILE_DIGEST"},
		{"a page edited", files.Edit(t, page, "a &lt; b", "a &lt; c"), "FILE_DIGEST"},
		{"an entry renamed", renamed(files, "Doc_0/Res/font.ttf", "Doc_0/Res/font2.ttf"), "FILE_MISSING"},
		{"an entry in another case", renamed(files, "Doc_0/Res/font.ttf", "Doc_0/Res/FONT.ttf"), "FILE_UNREADABLE"},
		{"an entry twice", append(slices.Clone(files), testofd.File{Name: page, Data: "<Page/>"}), ""},
		{"signatures reordered", files.With(signatureList, struck(second, first)), "CHANGED"},
		{"the last signature struck", files.With(signatureList, struck(first)), "SIG_FORMAT"},
		{"the first signature struck", files.With(signatureList, struck(second)), "SIG_FORMAT"},
		{"a signature twice", files.With(signatureList, struck(first, second, second)), "SIG_FORMAT"},
		{"a seal called a signature", files.With(signatureList, struck(first, strings.Replace(second, `Type="Seal"`, `Type="Sign"`, 1))), "SIG_FORMAT"},
		{"the first signature removed with its files", files.With(signatureList, struck(second)).Without("Doc_0/Signs/Sign_0/Signature.xml", "Doc_0/Signs/Sign_0/SignedValue.dat"), "FILE_MISSING"},
		{"Seal.esl exchanged", files.With(esl, string(w.v4)), "SEAL_STORED"},
		{"the value of another file", files.With(value, other.Get(t, value)), "DATA_HASH"},
		{"the signature of another file", files.With(value, other.Get(t, value)).With("Doc_0/Signs/Sign_1/Signature.xml", other.Get(t, "Doc_0/Signs/Sign_1/Signature.xml")), "FILE_DIGEST"},
		{"DocRoot pointed elsewhere", files.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0/Second.xml"), "FILE_DIGEST"},
		{"the list pointed elsewhere", files.Edit(t, "OFD.xml", "/Doc_0/Signs/Signatures.xml", "/Doc_0/S.xml").With("Doc_0/S.xml", struck()), "SIG_FORMAT"},
		{"an entity", files.Edit(t, signatureList, "<ofd:Signatures", `<!DOCTYPE a [<!ENTITY b "c">]><ofd:Signatures`), ""},
	} {
		r := w.report(c.files.Build())
		seen := slices.ContainsFunc(r.Signatures, func(s verify.SignatureReport) bool { return finding(s, c.want) })
		switch {
		case c.want == "" && r.Verdict != verify.Unreadable, c.want != "" && !seen:
			t.Errorf("%s: %s: %s", c.name, r.Verdict, said(r))
		case (r.Verdict == verify.Passed) != (c.want == "FILE_EXTRA"):
			t.Errorf("%s is %s: %s", c.name, r.Verdict, said(r))
		}
	}
	if r := w.report(files.Build()); r.Verdict != verify.Passed {
		t.Errorf("untouched: %s %s", r.Verdict, said(r))
	}
}

func renamed(files testofd.Package, from, to string) testofd.Package {
	out := slices.Clone(files)
	for i := range out {
		if out[i].Name == from {
			out[i].Name = to
		}
	}
	return out
}

func said(r verify.Report) string {
	var b strings.Builder
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			fmt.Fprintf(&b, "\n  %s %s: %s (%s)", s.ID, f.Check, f.Message.EN, f.Detail)
		}
	}
	return b.String()
}
