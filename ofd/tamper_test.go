package ofd

import (
	"fmt"
	"hash"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
)

// verdict sums a file up as a verifier must: the worst signature decides.
func verdict(data []byte) string {
	list, err := judge(data)
	switch {
	case err != nil:
		return "unreadable"
	case len(list) == 0:
		return "unsigned"
	case slices.ContainsFunc(list, func(j judged) bool { return !j.good() }):
		return "bad"
	}
	return fmt.Sprintf("good %d", len(list))
}

// listed reports whether a signature tells that it does not protect a file, and that nothing leads there.
func listedOpen(t *testing.T, data []byte, name string) bool {
	t.Helper()
	signed, err := mustOpen(t, data).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range signed {
		open, err := s.(document.Coverer).Uncovered()
		if err == nil && slices.ContainsFunc(open, func(u document.Uncovered) bool { return u.Path == "/"+name && !u.Reached }) {
			return true
		}
	}
	return false
}

// One byte changed in any entry of a file sealed here is found, or the entry is told to be unprotected and unused. The list of signatures, which further
// signatures must change, is looked at in TestListTampered.
func TestEveryEntryTampered(t *testing.T) {
	whole := sealAt(2)
	whole.Lock = []string{document.LockAll}
	for name, requests := range map[string][]document.Request{"continue": {sealAt(1), sealAt(2)}, "whole": {sealAt(1), whole}} {
		files := unpack(t, manySealed(t, pagesOFD(2).With("Doc_0/extra.bin", "unused").Build(), requests))
		for i, f := range files {
			for _, at := range []int{0, len(f.Data) / 2, len(f.Data) - 2} {
				b := []byte(f.Data)
				b[max(at, 0)] ^= 1
				changed := slices.Clone(files)
				changed[i].Data = string(b)
				got := verdict(changed.Build())
				if strings.HasPrefix(got, "good") && !(f.Name == "Doc_0/Signs/Signatures.xml" && name == "continue") {
					t.Errorf("%s: %s changed at %d: %s", name, f.Name, at, got)
				}
			}
			if got := verdict(files.Without(f.Name).Build()); strings.HasPrefix(got, "good") || got == "unsigned" {
				t.Errorf("%s: without %s: %s", name, f.Name, got)
			}
		}
	}
}

func manySealed(t *testing.T, data []byte, requests []document.Request) []byte {
	t.Helper()
	for _, r := range requests {
		data = sealed(t, data, r)
	}
	return data
}

// The list of signatures is not protected in continue mode. Whatever adds, drops, reorders or points a signature elsewhere is found all the same.
func TestListTampered(t *testing.T) {
	const list = "Doc_0/Signs/Signatures.xml"
	files := unpack(t, manySealed(t, pagesOFD(2).Build(), []document.Request{sealAt(1), sealAt(2), sealAt(1)}))
	text := files.Get(t, list)
	element := func(n, id int) string {
		return fmt.Sprintf(`<ofd:Signature ID="s%03d" Type="Seal" BaseLoc="/Doc_0/Signs/Sign_%d/Signature.xml"/>`, id, n)
	}
	one, two, three := element(0, 1), element(1, 3), element(2, 5)
	if !strings.Contains(text, one+two+three) {
		t.Fatalf("the list is %s", text)
	}
	for name, with := range map[string]string{
		"first dropped": two + three, "second dropped": one + three, "last dropped": one + two, "all dropped": "",
		"reordered": one + three + two, "reversed": three + two + one, "twice": one + two + three + three, "added": one + two + three + element(7, 9),
		"pointed elsewhere": one + two + element(1, 5), "swapped": element(1, 1) + element(0, 3) + three, "same ID": one + two + element(2, 1),
		"another type": one + strings.Replace(two, "Seal", "Other", 1) + three, "no place": one + two + `<ofd:Signature ID="s005"/>`,
		"out of the package": one + two + `<ofd:Signature ID="s005" BaseLoc="../../../x"/>`, "another case": one + two + strings.Replace(three, "Sign_2", "SIGN_2", 1),
	} {
		if got := verdict(files.Edit(t, list, one+two+three, with).Build()); got != "bad" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for relative, want := range map[string]string{"s001": "good 3", "s003": "bad", "s999": "bad"} {
		if got := verdict(files.Edit(t, list, `ID="s003"`, `ID="s003" Relative="`+relative+`"`).Build()); got != want {
			t.Errorf("built on %s: %s, want %s", relative, got, want)
		}
	}
	if got := verdict(files.Edit(t, list, one, one+" <!-- a comment -->").Build()); got != "good 3" || !listedOpen(t, files.Build(), list) {
		t.Errorf("a comment: %s", got)
	}
	if got := verdict(files.Edit(t, "OFD.xml", "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", "").Build()); got != "bad" {
		t.Errorf("the list is not named: %s", got)
	}
}

// What is added without a signature being told: where showing the document uses it the signature fails, where not it is listed.
func TestAddedFiles(t *testing.T) {
	base := pagesOFD(2)
	missing := base.Edit(t, "Doc_0/Document.xml", "</ofd:PublicRes>", "</ofd:PublicRes><ofd:DocumentRes>Later.xml</ofd:DocumentRes>")
	files := unpack(t, sealed(t, missing.Build(), sealAt(1)))
	if got := verdict(files.Build()); got != "good 1" {
		t.Fatalf("a part that is not there: %s", got)
	}
	extra := files.With("Doc_0/Pages/Page_0/PageRes.xml", "<Res/>")
	if got := verdict(extra.Build()); got != "good 1" || !listedOpen(t, extra.Build(), "Doc_0/Pages/Page_0/PageRes.xml") {
		t.Errorf("an unreferenced file: %s", got)
	}
	for _, name := range []string{"Doc_0/Later.xml", "Doc_0/LATER.xml"} {
		later := files.With(name, `<Res BaseLoc="Res"/>`)
		list, err := judge(later.Build())
		if err != nil || len(list) != 1 || list[0].good() || list[0].coverage != document.CoversPart || !strings.Contains(list[0].why, name) {
			t.Errorf("%s added: %+v %v", name, list, err)
		}
	}
	own := base.Edit(t, "Doc_0/Attachs/Attachments.xml", "data.xml", "/Doc_0/Signs/Sign_0/SignedValue.dat")
	if list, err := judge(sealed(t, own.Build(), sealAt(1))); err != nil || list[0].coverage != document.CoversPart {
		t.Errorf("a document that shows the signature's own value: %+v %v", list, err)
	}
	template := files.Edit(t, "Doc_0/Tpls/Tpl_0/Content.xml", "<ofd:Content/>", "<ofd:Content><ofd:Layer/></ofd:Content>")
	if got := verdict(template.Build()); got != "bad" {
		t.Errorf("a swapped template: %s", got)
	}
}

// Of each part that showing uses, a signature that leaves it out does not cover the document.
func TestClosure(t *testing.T) {
	full := onePage().
		Edit(t, "OFD.xml", "</ofd:DocRoot>", `</ofd:DocRoot><ofd:Versions><ofd:Version ID="1" Index="0" BaseLoc="Doc_0/Versions/V.xml"/></ofd:Versions>`).
		Edit(t, "OFD.xml", "</ofd:DocID>", `</ofd:DocID><ofd:Cover>cover.png</ofd:Cover>`).With("cover.png", "png").
		With("Doc_0/Versions/V.xml", `<DocVersion><FileList><File ID="1">old.bin</File></FileList><DocRoot>../Old.xml</DocRoot></DocVersion>`).
		With("Doc_0/Versions/old.bin", "old").With("Doc_0/Old.xml", `<Document><CommonData/><Pages><Page ID="1" BaseLoc="old_page.xml"/></Pages></Document>`).
		With("Doc_0/old_page.xml", `<Page><Content/><PageRes>OldRes.xml</PageRes></Page>`).With("Doc_0/OldRes.xml", "<Res/>").
		Edit(t, "Doc_0/Document.xml", "</ofd:Attachments>", `</ofd:Attachments><ofd:Annotations>Annots/A.xml</ofd:Annotations><ofd:CustomTags>Tags/T.xml</ofd:CustomTags><ofd:Extensions>E.xml</ofd:Extensions>`).
		With("Doc_0/Annots/A.xml", `<Annotations><Page PageID="10"><FileLoc>P/A.xml</FileLoc></Page></Annotations>`).With("Doc_0/Annots/P/A.xml", `<PageAnnot/>`).
		With("Doc_0/Tags/T.xml", `<CustomTags><CustomTag><SchemaLoc>s.xsd</SchemaLoc><FileLoc>/Doc_0/Tags/f.xml</FileLoc></CustomTag></CustomTags>`).
		With("Doc_0/Tags/s.xsd", "x").With("Doc_0/Tags/f.xml", "x").
		With("Doc_0/E.xml", `<Extensions><Extension><ExtendData>./ext/../e.bin</ExtendData></Extension></Extensions>`).With("Doc_0/e.bin", "x").
		Edit(t, "Doc_0/Pages/Page_0/Content.xml", "<ofd:Content>", "<ofd:PageRes>R.xml</ofd:PageRes><ofd:Content>").
		With("Doc_0/Pages/Page_0/R.xml", `<x:Res xmlns:x="http://www.ofdspec.org" BaseLoc="/Shared"><x:MultiMedias><x:MultiMedia><x:MediaFile><![CDATA[m.png]]></x:MediaFile></x:MultiMedia></x:MultiMedias>`+
			`<x:ColorSpaces><x:ColorSpace Profile="p.icc"/></x:ColorSpaces></x:Res>`).With("Shared/m.png", "x").With("Shared/p.icc", "x")
	files := unpack(t, sealed(t, full.Build(), sealAt(1)))
	d := mustOpen(t, files.Build())
	if notes, err := d.Suspicions(); err != nil || len(notes) != 0 {
		t.Errorf("suspicions: %v %v", notes, err)
	}
	const signature = "Doc_0/Signs/Sign_0/Signature.xml"
	text := files.Get(t, signature)
	reached := 0
	for _, f := range full {
		from := strings.Index(text, `<ofd:Reference FileRef="/`+f.Name+`"`)
		if from < 0 {
			t.Errorf("%s is not protected", f.Name)
			continue
		}
		to := from + strings.Index(text[from:], "</ofd:Reference>") + len("</ofd:Reference>")
		without := files.With(signature, text[:from]+text[to:]).Build()
		signed, err := mustOpen(t, without).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		if coverage, why := signed[0].Coverage(); coverage != document.CoversPart || !strings.Contains(why, "/"+f.Name) {
			t.Errorf("without %s: %s %s", f.Name, coverage, why)
		}
		reached++
	}
	if reached < 20 {
		t.Errorf("%d parts were tried", reached)
	}
}

// OFD.xml left out matters only where it could lead to another document whose parts are all protected.
func TestMainPartLeftOut(t *testing.T) {
	const signature = "Doc_0/Signs/Sign_0/Signature.xml"
	for name, test := range map[string]struct {
		file testOFD
		want document.Coverage
	}{
		"one document":     {onePage(), document.CoversRevision},
		"another document": {onePage().With("Doc_0/Second.xml", "<?x?><o:Document xmlns:o='x'/>"), document.CoversPart},
		"a version":        {onePage().With("v", "<!-- -->\n<DocVersion/>"), document.CoversPart},
	} {
		files := unpack(t, sealed(t, test.file.Build(), sealAt(1)))
		text := files.Get(t, signature)
		from := strings.Index(text, `<ofd:Reference FileRef="/OFD.xml"`)
		to := from + strings.Index(text[from:], "</ofd:Reference>") + len("</ofd:Reference>")
		signed, err := mustOpen(t, files.With(signature, text[:from]+text[to:]).Build()).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		if got, why := signed[0].Coverage(); got != test.want {
			t.Errorf("%s: %s (%s), want %s", name, got, why, test.want)
		}
	}
}

// References that protect nothing, or whose meaning is open, never pass.
func TestReferencesRefused(t *testing.T) {
	const signature = "Doc_0/Signs/Sign_0/Signature.xml"
	files := unpack(t, sealed(t, onePage().Build(), sealAt(1)))
	method := `<ofd:References CheckMethod="1.2.156.10197.1.401">`
	for name, edit := range map[string][2]string{
		"MD5": {method, `<ofd:References CheckMethod="MD5">`}, "sha-1": {method, `<ofd:References CheckMethod="sha1">`}, "absent": {method, `<ofd:References>`},
		"keyed": {method, `<ofd:References CheckMethod="1.2.156.10197.1.401.2">`}, "unknown": {method, `<ofd:References CheckMethod="1.2.3">`},
		"twice": {method, `<ofd:References CheckMethod="SM3"/>` + method}, "attribute twice": {method, `<ofd:References CheckMethod="SM3" o:CheckMethod="MD5">`},
		"no digest": {"<ofd:CheckValue>", "<ofd:CheckValue>*"}, "outside": {`FileRef="/OFD.xml"`, `FileRef="/../OFD.xml"`}, "case": {`FileRef="/OFD.xml"`, `FileRef="/ofd.xml"`},
		"no value": {"<ofd:SignedValue>/Doc_0", "<ofd:SignedValue>/Doc_9"}, "two values": {"</ofd:Signature>", "<ofd:SignedValue>x</ofd:SignedValue></ofd:Signature>"},
		"no seal": {"/Seal.esl</", "/Seal2.esl</"}, "boundary": {`Boundary="130 180 40 40"`, `Boundary="130 180 -40 40"`},
	} {
		if got := verdict(files.Edit(t, signature, edit[0], edit[1]).Build()); got != "bad" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, name := range []string{"MD5", "SHA1", "1.3.14.3.2.26", "1.2.156.10197.1.401.2", ""} { // whatever the hasher takes
		signed, err := mustOpen(t, files.Edit(t, signature, `CheckMethod="1.2.156.10197.1.401"`, `CheckMethod="`+name+`"`).Build()).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		_, err = signed[0].(document.Referencer).References(func(string) (hash.Hash, error) { return gm.NewSM3(), nil })
		if coverage, _ := signed[0].Coverage(); fault.KindOf(err) != fault.Denied || coverage != document.CoversUnclear {
			t.Errorf("%s: %v, %s", name, err, coverage)
		}
	}
	named := files.Edit(t, signature, method, `<ofd:References CheckMethod="SM3">`)
	if list, err := judge(named.Build()); err != nil || list[0].err == nil || list[0].coverage != document.CoversRevision || document.Worst(list[0].changes) != document.LevelNone {
		t.Errorf("SM3 by name: %+v %v", list, err) // all but the value, which is over other bytes now
	}
	signed, err := mustOpen(t, files.Build()).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed[0].Changes(); err == nil {
		t.Error("Changes answers before References was asked")
	}
	if _, err := signed[0].Picture(); err != document.ErrInValue { //nolint:errorlint // returned as it is
		t.Errorf("Picture: %v", err)
	}
}

// A package may hold several documents, each with its own signatures.
func TestSeveralDocuments(t *testing.T) {
	second := onePage()
	files := onePage().Edit(t, "OFD.xml", "</ofd:DocBody>", "</ofd:DocBody><ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>")
	for _, f := range second[1:] {
		files = files.With(strings.Replace(f.Name, "Doc_0", "Doc_1", 1), f.Data)
	}
	pages, err := mustOpen(t, files.Build()).Pages()
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	both := sealAt(1)
	both.Places = append(both.Places, sealAt(2).Places...)
	if _, err := mustOpen(t, files.Build()).Prepare(both); err == nil {
		t.Error("one signature in two documents")
	}
	data := sealed(t, files.Build(), sealAt(2))
	list := allGood(t, data, 1)
	if list[0].info.ID != "2:s001" || list[0].info.Property != "/Doc_1/Signs/Sign_0/Signature.xml" || list[0].info.Places[0].Page != 2 {
		t.Errorf("%+v", list[0].info)
	}
	// The first signature protects OFD.xml, where the other document has no list yet.
	if _, err := mustOpen(t, data).Prepare(sealAt(1)); err == nil {
		t.Error("the second document would break the first one's signature")
	}
	named := files.Edit(t, "OFD.xml", "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>", "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>Doc_0/S.xml</ofd:Signatures>").
		Edit(t, "OFD.xml", "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot>", "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot><ofd:Signatures>Doc_1/S.xml</ofd:Signatures>").
		With("Doc_0/S.xml", "<Signatures/>").With("Doc_1/S.xml", "<Signatures/>")
	data = sealed(t, sealed(t, named.Build(), sealAt(2)), sealAt(1))
	allGood(t, data, 2)
	tampered := unpack(t, data).Edit(t, "Doc_1/Pages/Page_0/Content.xml", "a &lt; b", "a &lt; c")
	if list, err := judge(tampered.Build()); err != nil || list[0].good() || list[1].good() {
		t.Errorf("a page of the second document changed: %+v %v", list, err)
	}
}
