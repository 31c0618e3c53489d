package ofd

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
)

func TestSealOnceTwiceThrice(t *testing.T) {
	data := pagesOFD(3).Build()
	sign := document.Request{Kind: document.Sign, Filter: "示例 <签名>", Time: sealAt(1).Time}
	locking := sealAt(3)
	locking.Lock = []string{document.LockAll}
	for i, r := range []document.Request{sealAt(2), sign, locking} {
		data = sealed(t, data, r)
		list := allGood(t, data, i+1)
		want := document.CoversRevision
		if i == 2 {
			want = document.CoversFile
		}
		if list[i].coverage != want {
			t.Errorf("signature %d covers %s, want %s", i+1, list[i].coverage, want)
		}
	}
	list := allGood(t, data, 3)
	for i, want := range []struct {
		id, profile, property, filter string
		changes                       int
	}{
		{"s001", "Seal", "/Doc_0/Signs/Sign_0/Signature.xml", "yinxin", 3},
		{"s003", "Sign", "/Doc_0/Signs/Sign_1/Signature.xml", "示例 <签名>", 2},
		{"s004", "Seal", "/Doc_0/Signs/Sign_2/Signature.xml", "yinxin", 0},
	} {
		info := list[i].info
		if info.ID != want.id || info.Profile != want.profile || info.Property != want.property || info.Filter != want.filter || len(list[i].changes) != want.changes {
			t.Errorf("signature %d: %+v with %d changes", i+1, info, len(list[i].changes))
		}
		if !info.ClaimedTime.Equal(sealAt(1).Time) {
			t.Errorf("signature %d claims %v", i+1, info.ClaimedTime)
		}
	}
	if !slices.Equal(list[0].info.Places, sealAt(2).Places) || list[1].info.Places != nil || string(list[2].info.SealFile) != "the seal" || list[1].info.SealFile != nil {
		t.Errorf("places or seals: %+v", list)
	}
	_, err := mustOpen(t, data).Prepare(sealAt(1))
	if p, _ := fault.PublicOf(err); p.Code != "ofd-locked" || fault.KindOf(err) != fault.Conflict {
		t.Errorf("sealing a locked file: %v", err)
	}
}

// What was in the package stays, byte for byte and as it was compressed; OFD.xml changes by its new element alone.
func TestSealKeepsTheRest(t *testing.T) {
	before := pagesOFD(2).With("Doc_0/Res/large.bin", strings.Repeat("large ", 50000)).Build()
	after := sealed(t, before, sealAt(1))
	stored := func(data []byte) map[string]string {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range z.File {
			r, err := f.OpenRaw()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			out[f.Name] = string(b)
		}
		return out
	}
	is := stored(after)
	for name, raw := range stored(before) {
		if name != "OFD.xml" && is[name] != raw {
			t.Errorf("%s is stored otherwise", name)
		}
	}
	old, changed := unpack(t, before).Get(t, "OFD.xml"), unpack(t, after).Get(t, "OFD.xml")
	if element := "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"; strings.Replace(changed, element, "", 1) != old ||
		!strings.Contains(changed, "</ofd:DocRoot>"+element) {
		t.Errorf("OFD.xml: %s", changed)
	}
	twice := sealed(t, after, sealAt(2))
	if got := unpack(t, twice).Get(t, "OFD.xml"); got != changed {
		t.Errorf("OFD.xml changed again: %s", got)
	}
	if again := sealed(t, before, sealAt(1)); !bytes.Equal(again, after) {
		t.Error("equal requests gave different bytes")
	}
}

func TestSignatureTextInSchemaOrder(t *testing.T) {
	text := unpack(t, sealed(t, onePage().Build(), sealAt(1))).Get(t, "Doc_0/Signs/Sign_0/Signature.xml")
	at := -1
	for _, want := range []string{
		`<ofd:SignedInfo>`, `<ofd:Provider ProviderName=`, `<ofd:SignatureMethod>1.2.156.10197.1.501<`, `<ofd:SignatureDateTime>20260302013000Z<`,
		`<ofd:References CheckMethod="1.2.156.10197.1.401">`, `<ofd:Reference FileRef="/OFD.xml"><ofd:CheckValue>`, `</ofd:References>`,
		`<ofd:StampAnnot ID="s002" PageRef="10" Boundary="130 180 40 40"/>`, `<ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/Sign_0/Seal.esl<`,
		`</ofd:SignedInfo><ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue></ofd:Signature>`,
	} {
		i := strings.Index(text, want)
		if i <= at {
			t.Errorf("%s is missing or out of order in %s", want, text)
		}
		at = i
	}
}

func TestRiding(t *testing.T) {
	for _, side := range []document.Side{document.Right, document.Left, document.Top, document.Bottom} {
		for name, riding := range map[string]document.Riding{
			"all": {Side: side}, "grouped": {Side: side, Group: 3, Margin: 2}, "double": {Side: side, DoublePage: true}, "odd": {Side: side, Pages: []int{1, 3, 5, 7}, Offset: 60},
		} {
			data := pagesOFD(7).Build()
			pages, err := mustOpen(t, data).Pages()
			if err != nil {
				t.Fatal(err)
			}
			places, err := riding.Places(pages, 40, 42)
			if err != nil {
				t.Fatal(err)
			}
			r := sealAt(1)
			r.Places = places
			got := allGood(t, sealed(t, data, r), 1)[0].info.Places
			if len(got) != len(places) {
				t.Fatalf("%s %s: %d places, want %d", side, name, len(got), len(places))
			}
			for i, p := range places {
				g := got[i]
				if g.Page != p.Page || g.Clip != p.Clip || math.Abs(g.X-p.X) > 1e-9 || math.Abs(g.Y-p.Y) > 1e-9 || g.Width != p.Width || g.Height != p.Height {
					t.Errorf("%s %s: place %+v, want %+v", side, name, g, p)
				}
			}
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	outside, huge, page, clip := sealAt(1), sealAt(1), sealAt(9), sealAt(1)
	outside.Places = []document.Place{{Page: 1, X: -5, Y: 50, Width: 40, Height: 40}}
	huge.Places = []document.Place{{Page: 1, X: 100, Y: 100, Width: 400, Height: 40}}
	clip.Places = []document.Place{{Page: 1, X: 100, Y: 100, Width: 40, Height: 40, Clip: document.Clip{X: 30, Width: 20, Height: 40}}}
	nan := sealAt(1)
	nan.Places = []document.Place{{Page: 1, X: math.NaN(), Y: 50, Width: 40, Height: 40}}
	visible := sealAt(1)
	visible.Kind = document.Sign
	with := func(change func(*document.Request)) document.Request {
		r := sealAt(1)
		change(&r)
		return r
	}
	base := onePage()
	noSize := base.Edit(t, "Doc_0/Document.xml", "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>", "")
	for name, test := range map[string]struct {
		file testOFD
		r    document.Request
		code string
	}{
		"outside": {base, outside, "ofd-place"}, "huge": {base, huge, "ofd-place"}, "NaN": {base, nan, "ofd-place"}, "clip": {base, clip, "ofd-place"},
		"no page": {base, page, "page-out-of-range"}, "visible signature": {base, visible, "ofd-sign-visible"},
		"time stamp": {base, document.Request{Kind: document.Timestamp}, "ofd-kind"},
		"certify":    {base, with(func(r *document.Request) { r.Certify = 1 }), "ofd-certify"},
		"field":      {base, with(func(r *document.Request) { r.Field = "x" }), "ofd-field"},
		"lock":       {base, with(func(r *document.Request) { r.Lock = []string{"x"} }), "ofd-lock"},
		"reason":     {base, with(func(r *document.Request) { r.Reason = "x" }), "ofd-reason"},
		"no size":    {noSize, sealAt(1), "ofd-malformed"},
		"GBK name":   {base.With("Doc_0/Res/\xb8\xbd\xbc\xfe.bin", "x"), sealAt(1), "ofd-name-encoding"},
		"no list":    {base.Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><ofd:Signatures>Signs.xml</ofd:Signatures>"), sealAt(1), "ofd-part-missing"},
	} {
		_, err := mustOpen(t, test.file.Build()).Prepare(test.r)
		if p, ok := fault.PublicOf(err); !ok || p.Code != test.code || p.ZH == "" || p.EN == "" {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

// Lists of signatures as products leave them take another one, and keep what they hold.
func TestEditLists(t *testing.T) {
	first := unpack(t, sealed(t, onePage().Build(), sealAt(1)))
	const list = "Doc_0/Signs/Signatures.xml"
	element := `<ofd:Signature ID="s001" Type="Seal" BaseLoc="/Doc_0/Signs/Sign_0/Signature.xml"/>`
	for name, test := range map[string]struct{ text, id string }{
		"ours":           {first.Get(t, list), "s003"},
		"MaxSignId last": {`<Signatures xmlns="http://www.ofdspec.org">` + strings.ReplaceAll(element, "ofd:", "") + `<!-- kept --><MaxSignId>s009</MaxSignId></Signatures>`, "s010"},
		"no MaxSignId":   {`<o:Signatures xmlns:o="http://www.ofdspec.org/2016">` + strings.ReplaceAll(element, "ofd:", "o:") + `<o:Other kept="yes"/></o:Signatures>`, "s003"},
		"numbers":        {strings.ReplaceAll(strings.ReplaceAll(first.Get(t, list), `"s001"`, `"1"`), ">s002<", ">2<"), "3"},
		"relative":       {strings.Replace(first.Get(t, list), "/Doc_0/Signs/Sign_0/", "Sign_0/", 1), "s003"},
	} {
		data := sealed(t, first.With(list, test.text).Build(), sealAt(1))
		got := allGood(t, data, 2)
		if got[1].info.ID != test.id {
			t.Errorf("%s: the second ID is %s, want %s", name, got[1].info.ID, test.id)
		}
		after := unpack(t, data).Get(t, list)
		if strings.Count(after, "MaxSignId>") != 2 || strings.Contains(test.text, "kept") != strings.Contains(after, "kept") {
			t.Errorf("%s: %s", name, after)
		}
	}
	empty := onePage().Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><ofd:Signatures>Signs.xml</ofd:Signatures>")
	for _, text := range []string{`<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016"/>`, `<Signatures><MaxSignId>0</MaxSignId></Signatures>`, `<Signatures ></Signatures>`} {
		allGood(t, sealed(t, empty.With("Signs.xml", text).Build(), sealAt(1)), 1)
	}
	allGood(t, sealed(t, onePage().Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><ofd:Signatures></ofd:Signatures>").Build(), sealAt(1)), 1)
	allGood(t, sealed(t, onePage().With("Doc_0/signs/signatures.xml", "in the way").Build(), sealAt(1)), 1)
}

func TestDraftStates(t *testing.T) {
	r := sealAt(1)
	r.Reserve = 100
	draft, err := mustOpen(t, onePage().Build()).Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if draft.Finish(&out, []byte("x")) == nil {
		t.Error("Finish before Copy")
	}
	if _, err := draft.Copy(&out, sm3); err != nil {
		t.Fatal(err)
	}
	if _, err := draft.Copy(&out, sm3); err == nil {
		t.Error("Copy twice")
	}
	before := out.Size()
	for _, n := range []int{0, 101} {
		if err := draft.Finish(&out, make([]byte, n)); fault.KindOf(err) != fault.Limit || out.Size() != before {
			t.Errorf("a value of %d bytes: %v", n, err)
		}
	}
	if err := draft.Finish(&out, make([]byte, 100)); err != nil {
		t.Error(err)
	}
	if draft.Finish(&out, []byte("x")) == nil {
		t.Error("Finish twice")
	}
}

// Other programs read what was written.
func TestOthersReadIt(t *testing.T) {
	unzip, python := need.Tool(t, "unzip"), need.Tool(t, "python3")
	data := pagesOFD(30).With("Doc_0/Res/大图.bin", strings.Repeat("large ", 50000)).Build()
	for range 3 {
		data = sealed(t, data, sealAt(1))
	}
	path := filepath.Join(t.TempDir(), "sealed.ofd")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	script := `import sys,zipfile,xml.dom.minidom
z=zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
n=0
for i in z.infolist():
    if i.filename.endswith(".xml"):
        xml.dom.minidom.parseString(z.read(i)); n+=1
assert len(set(z.namelist()))==len(z.namelist()) and n>30
assert "Doc_0/Res/大图.bin" in z.namelist()`
	for _, args := range [][]string{{unzip, "-tq", path}, {python, "-c", script, path}} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil || bytes.Contains(out, []byte("warning")) {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
}
