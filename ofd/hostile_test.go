package ofd

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// raw is a record of the archive that a test writes by hand.
type raw struct {
	name, local string // local: in the local header, where it differs
	data        []byte
	packed      []byte // where it is not data
	method      uint16
	flags       uint16
	crc         uint32 // added to the right one
	size        uint32 // added to the right one, in the directory
	extra       []byte
	within      int // bytes behind the last local header, where this entry's is said to be; 0: it has its own
}

// archiveOf writes records, without looking at what they say.
func archiveOf(list ...raw) []byte {
	le := binary.LittleEndian
	var out, dir []byte
	last := 0
	for _, r := range list {
		local, packed := r.name, r.packed
		if r.local != "" {
			local = r.local
		}
		if packed == nil {
			packed = r.data
		}
		common := func(n, x int, size uint32) []byte {
			b := le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, 20), r.flags), r.method)
			b = le.AppendUint32(le.AppendUint32(b, 0), crc32.ChecksumIEEE(r.data)+r.crc)
			b = le.AppendUint32(le.AppendUint32(b, uint32(len(packed))), uint32(len(r.data))+size)
			return le.AppendUint16(le.AppendUint16(b, uint16(n)), uint16(x))
		}
		where := len(out)
		if r.within > 0 {
			where = last + r.within
		} else {
			last = len(out)
			out = append(append(out, sigLocal...), common(len(local), 0, r.size)...)
			out = append(append(out, local...), packed...)
		}
		dir = append(append(append(dir, sigCentral...), 20, 0), common(len(r.name), len(r.extra), r.size)...)
		dir = le.AppendUint32(append(dir, make([]byte, 10)...), uint32(where))
		dir = append(append(dir, r.name...), r.extra...)
	}
	start := len(out)
	out = append(append(out, dir...), sigEnd...)
	out = le.AppendUint16(le.AppendUint16(append(out, 0, 0, 0, 0), uint16(len(list))), uint16(len(list)))
	return append(le.AppendUint32(le.AppendUint32(out, uint32(len(dir))), uint32(start)), 0, 0)
}

// rawOnePage is onePage as records, with more behind.
func rawOnePage(more ...raw) []byte {
	var list []raw
	for _, f := range onePage() {
		list = append(list, raw{name: f.Name, data: []byte(f.Data)})
	}
	return archiveOf(append(list, more...)...)
}

// check opens a hostile file and asks everything of it. It must end in an error for people with the code, or, where code is empty, in none.
func check(t *testing.T, name string, data []byte, code string) {
	t.Helper()
	err := ask(data, document.Limits{})
	if code == "" {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	p, ok := fault.PublicOf(err)
	if !ok || p.Code != code || p.ZH == "" || p.EN == "" || fault.KindOf(err) == 0 {
		t.Errorf("%s: %v (%s), want %s", name, err, p.Code, code)
	}
	var parse *ParseError
	if code == "ofd-malformed" && (!errors.As(err, &parse) || parse.Offset < 0 || parse.Msg == "") {
		t.Errorf("%s: no ParseError: %v", name, err)
	}
}

// ask opens a file, reads all of it and seals it.
func ask(data []byte, limits document.Limits) error {
	d, err := Format{}.Open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{Limits: limits})
	if err != nil {
		return err
	}
	pages, err := d.Pages()
	if err != nil {
		return err
	}
	if _, err := d.Signatures(); err != nil {
		return err
	}
	if _, err := d.(document.Suspecter).Suspicions(); err != nil {
		return err
	}
	if err := askContents(d.(document.Contents), len(pages)); err != nil {
		return err
	}
	draft, err := d.Prepare(document.Request{Kind: document.Sign})
	if err != nil {
		return err
	}
	_, err = draft.Copy(discard{}, sm3)
	return err
}

// askContents reads a document as data.
func askContents(d document.Contents, pages int) error {
	list, err := d.Carried()
	if err != nil {
		return err
	}
	for _, c := range list {
		if _, err := d.Read(c, 1<<20); err != nil {
			return err
		}
	}
	for n := range min(pages, 3) {
		if _, err := d.Text(context.Background(), n+1); err != nil {
			return err
		}
	}
	_, err = d.Labels()
	return err
}

// discard is a Sink that keeps nothing.
type discard struct{}

func (discard) Write(p []byte) (int, error)            { return len(p), nil }
func (discard) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

func TestHostileNames(t *testing.T) {
	check(t, "plain", rawOnePage(), "")
	for _, name := range []string{
		"../x", "a/../b", "/abs", `a\b`, "C:/x", "a//b", "./a", "a/.", "", "a\x00b", "a\nb", strings.Repeat("n", maxName+1),
		"OFD.xml", "ofd.XML", "Doc_0/document.xml", "Doc_0/Document.xml/",
	} {
		check(t, fmt.Sprintf("%.20q", name), rawOnePage(raw{name: name}), "ofd-malformed")
	}
	check(t, "a folder", rawOnePage(raw{name: "Doc_0/"}, raw{name: "Doc_0/Res/"}), "")
	check(t, "a folder with data", rawOnePage(raw{name: "Doc_0/", data: []byte("x")}), "ofd-malformed")
	const gbk = "Doc_0/\xb8\xbd\xbc\xfe.bin"
	check(t, "GBK", rawOnePage(raw{name: gbk}), "ofd-name-encoding") // it reads; it cannot be sealed
	if got := display(gbk); got != "Doc_0/附件.bin" {
		t.Errorf("display: %s", got)
	}
	check(t, "GBK and UTF-8", rawOnePage(raw{name: gbk}, raw{name: "Doc_0/附件.bin"}), "ofd-malformed")
	path := func(name, unicode string) []byte {
		le := binary.LittleEndian
		field := le.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(name)))
		field = append(field, unicode...)
		return append(le.AppendUint16(le.AppendUint16(nil, extraUnicodePath), uint16(len(field))), field...)
	}
	check(t, "two names", rawOnePage(raw{name: "a.bin", extra: path("a.bin", "Doc_0/Res.xml")}), "ofd-malformed")
	check(t, "one name twice", rawOnePage(raw{name: "a.bin", extra: path("a.bin", "a.bin")}), "")
}

func TestHostileArchives(t *testing.T) {
	good := rawOnePage()
	end := len(good) - lenEnd
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], with)
		return b
	}
	junk := []byte("junk before the archive")
	inner := archiveOf(raw{name: "b", data: []byte("x")})[:lenLocal+len("b")+1] // an entry as it stands in an archive
	second := append(bytes.Clone(good), good[end:]...)
	commented := append(bytes.Clone(good), good[end:]...)
	binary.LittleEndian.PutUint16(commented[end+20:], lenEnd)
	for name, test := range map[string]struct {
		data []byte
		code string
	}{
		"empty":                    {nil, "ofd-malformed"},
		"no archive":               {[]byte("PK\x03\x04 but no more"), "ofd-malformed"},
		"no OFD":                   {archiveOf(raw{name: "a", data: []byte("x")}), "ofd-not"},
		"OFD.xml in another case":  {archiveOf(raw{name: "ofd.xml", data: []byte("<OFD/>")}), "ofd-malformed"},
		"bytes behind":             {append(bytes.Clone(good), 0), "ofd-malformed"},
		"bytes before":             {append(bytes.Clone(junk), good...), ""},
		"two end records":          {second, "ofd-malformed"},
		"end record in a comment":  {commented, "ofd-malformed"},
		"two directories":          {append(bytes.Clone(good[:end]), good...), "ofd-malformed"},
		"fewer entries":            {edit(end+8, 3, 0, 3, 0), "ofd-malformed"},
		"more entries":             {edit(end+8, 30, 0, 30, 0), "ofd-malformed"},
		"another volume":           {edit(end+4, 1), "ofd-malformed"},
		"saturated without ZIP64":  {edit(end+16, 255, 255, 255, 255), "ofd-malformed"},
		"offset too far":           {edit(end+16, 255, 255, 255, 0), "ofd-malformed"},
		"another local checksum":   {edit(14, good[14]+1), "ofd-malformed"},
		"another stored size":      {edit(18, good[18]+1), "ofd-malformed"},
		"another size":             {edit(22, good[22]+1), "ofd-malformed"},
		"another method":           {edit(8, methodDeflate), "ofd-malformed"},
		"another local name":       {rawOnePage(raw{name: "abc", local: "abd"}), "ofd-malformed"},
		"encrypted":                {rawOnePage(raw{name: "a", flags: 1}), "ofd-encrypted"},
		"unknown method":           {rawOnePage(raw{name: "a", method: 12}), "ofd-malformed"},
		"checksum":                 {rawOnePage(raw{name: "a", crc: 1}), "ofd-malformed"},
		"stored with other size":   {rawOnePage(raw{name: "a", size: 1}), "ofd-malformed"},
		"inflates to less":         {rawOnePage(raw{name: "a", method: 8, packed: []byte{3, 0}, size: 9}), "ofd-malformed"},
		"inflates to more":         {rawOnePage(raw{name: "a", method: 8, packed: []byte("\x4b\x04\x00")}), "ofd-malformed"},
		"more than one stream":     {rawOnePage(raw{name: "a", method: 8, packed: []byte{3, 0, 3, 0}}), "ofd-malformed"},
		"cut stream":               {rawOnePage(raw{name: "a", method: 8, packed: []byte{0x4b}, data: []byte("a")}), "ofd-malformed"},
		"one within another":       {rawOnePage(raw{name: "a", data: inner}, raw{name: "b", data: []byte("x"), within: lenLocal + len("a")}), "ofd-malformed"},
		"the same, not listed":     {rawOnePage(raw{name: "a", data: inner}), ""},
		"stored with a descriptor": {rawOnePage(raw{name: "a", flags: flagDescriptor, data: []byte("x")}), ""},
	} {
		check(t, name, test.data, test.code)
	}
	for n := range good {
		if n%7 == 0 || n > len(good)-80 {
			check(t, fmt.Sprintf("cut at %d", n), good[:n], "ofd-malformed")
		}
	}
}

// What readers do not show, or could see otherwise, is told before sealing; sealing leaves it out.
func TestHiddenBytes(t *testing.T) {
	hidden := rawOnePage(raw{name: "zz", data: []byte("hidden")})
	at := len(hidden) - lenEnd - lenCentral - len("zz")
	end := bytes.Clone(hidden[len(hidden)-lenEnd:])
	le := binary.LittleEndian
	n := le.Uint16(end[8:]) - 1
	le.PutUint16(end[8:], n)
	le.PutUint16(end[10:], n)
	le.PutUint32(end[12:], le.Uint32(end[12:])-lenCentral-uint32(len("zz")))
	data := append([]byte("before"), append(hidden[:at:at], end...)...)
	codes := func(data []byte) string {
		notes, err := mustOpen(t, data).Suspicions()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, n := range notes {
			out = append(out, n.Code)
		}
		return strings.Join(out, " ")
	}
	if got := codes(data); got != "zip-prefix zip-gap" {
		t.Errorf("suspicions: %s", got)
	}
	if got := codes(sealed(t, data, sealAt(1))); got != "" {
		t.Errorf("suspicions after sealing: %s", got)
	}
	odd := onePage().With("Doc_0/extra.bin", "x").Without("Doc_0/Res/font.ttf").Edit(t, "Doc_0/Document.xml", "Tpls/Tpl_0", "TPLS/Tpl_0")
	if got := codes(odd.Build()); got != "name-case part-missing unreferenced" && got != "part-missing name-case unreferenced" {
		t.Errorf("suspicions: %s", got)
	}
}

// Bombs end at the limits, before anything is inflated.
func TestBombs(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range onePage() {
		w, _ := z.Create(f.Name)
		_, _ = io.WriteString(w, f.Data)
	}
	w, _ := z.Create("Doc_0/Res/bomb.bin")
	zeros := make([]byte, 1<<20)
	for range 80 {
		_, _ = w.Write(zeros)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, "80 MB of zeros", b.Bytes(), "ofd-inflates-too-far")
	large := onePage().With("Doc_0/Document.xml", onePage().Get(t, "Doc_0/Document.xml")+strings.Repeat(" ", maxControl+1)).Build()
	check(t, "large Document.xml", large, "") // it streams
	large = onePage().With("OFD.xml", onePage().Get(t, "OFD.xml")+strings.Repeat(" ", maxControl+1)).Build()
	check(t, "large OFD.xml", large, "ofd-part-too-large")
	check(t, "many elements", onePage().With("OFD.xml", "<OFD>"+strings.Repeat("<a/>", maxListed)+"</OFD>").Build(), "ofd-part-too-large")

	data := pagesOFD(3).Build()
	for _, r := range []document.Request{sealAt(1), sealAt(1), sealAt(1)} {
		data = sealed(t, data, r)
	}
	for name, limits := range map[string]document.Limits{
		"bytes": {Bytes: 1000}, "entries": {Objects: 10}, "entry": {Stream: 1000}, "pages": {Pages: 2}, "signatures": {Signatures: 2},
	} {
		if err := ask(data, limits); fault.KindOf(err) != fault.Limit {
			t.Errorf("limit of %s: %v", name, err)
		}
	}
	if err := ask(data, document.Limits{Depth: 3}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("limit of depth: %v", err)
	}
}

// A ZIP64 end record is read where it agrees with the other one.
func TestZip64(t *testing.T) {
	good := rawOnePage()
	end := good[len(good)-lenEnd:]
	le := binary.LittleEndian
	at := len(good) - lenEnd
	count, size, start := uint64(le.Uint16(end[10:])), uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	build := func(count uint64, where int, short []byte) []byte {
		b := append(bytes.Clone(good[:at]), sigEnd64...)
		b = le.AppendUint64(b, lenEnd64-12)
		b = append(b, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		for _, v := range []uint64{count, count, size, start} {
			b = le.AppendUint64(b, v)
		}
		b = append(append(b, sigLocator64...), 0, 0, 0, 0)
		return append(append(le.AppendUint64(b, uint64(where)), 1, 0, 0, 0), short...)
	}
	saturated := append([]byte(sigEnd), 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0)
	check(t, "saturated", build(count, at, saturated), "")
	check(t, "agreeing", build(count, at, end), "")
	check(t, "disagreeing", build(count-1, at, end), "ofd-malformed")
	check(t, "elsewhere", build(count, 4, saturated), "ofd-malformed")
}

func TestHostileXML(t *testing.T) {
	base := onePage()
	main := base.Get(t, "Doc_0/Document.xml")
	page := `<Page><Content/>%s</Page>`
	entity := `<!DOCTYPE OFD [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`
	for name, test := range map[string]struct {
		file testOFD
		code string
	}{
		"entities":             {base.Edit(t, "OFD.xml", "<ofd:OFD", entity+"<ofd:OFD"), "ofd-malformed"},
		"entities in a page":   {base.Edit(t, "Doc_0/Pages/Page_0/Content.xml", "<ofd:Page ", entity+"<ofd:Page "), "ofd-malformed"},
		"unknown entity":       {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0/&x;Document.xml"), "ofd-malformed"},
		"reference":            {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0&#47;D&#x6f;cument.xml"), ""},
		"zero":                 {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml&#0;"), "ofd-malformed"},
		"UTF-16":               {base.With("OFD.xml", "\xff\xfe<\x00"), "ofd-malformed"},
		"GBK":                  {base.Edit(t, "OFD.xml", "UTF-8", "GB2312"), "ofd-malformed"},
		"byte order mark":      {base.With("OFD.xml", "\xef\xbb\xbf"+base.Get(t, "OFD.xml")), ""},
		"not closed":           {base.Edit(t, "OFD.xml", "</ofd:OFD>", ""), "ofd-malformed"},
		"closed twice":         {base.Edit(t, "OFD.xml", "</ofd:OFD>", "</ofd:OFD></ofd:OFD>"), "ofd-malformed"},
		"crossed":              {base.Edit(t, "OFD.xml", "</ofd:DocBody></ofd:OFD>", "</ofd:OFD></ofd:DocBody>"), "ofd-malformed"},
		"two roots":            {base.Edit(t, "OFD.xml", "</ofd:OFD>", "</ofd:OFD><ofd:OFD/>"), "ofd-malformed"},
		"text behind":          {base.Edit(t, "OFD.xml", "</ofd:OFD>", "</ofd:OFD>x"), "ofd-malformed"},
		"another root":         {base.With("OFD.xml", "<Document/>"), "ofd-malformed"},
		"no document":          {base.With("OFD.xml", "<OFD/>"), "ofd-malformed"},
		"empty":                {base.With("OFD.xml", ""), "ofd-malformed"},
		"deep":                 {base.With("OFD.xml", strings.Repeat("<a>", 100000)), "ofd-malformed"},
		"two DocRoots":         {base.Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><x:DocRoot>Other.xml</x:DocRoot>"), "ofd-malformed"},
		"DocRoot with element": {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml<b/>"), "ofd-malformed"},
		"same DocRoot":         {base.Edit(t, "OFD.xml", "</ofd:DocBody>", "</ofd:DocBody><DocBody><DocRoot>/Doc_0/Document.xml</DocRoot></DocBody>"), "ofd-malformed"},
		"DocRoot missing":      {base.Without("Doc_0/Document.xml"), "ofd-part-missing"},
		"DocRoot escapes":      {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "../Document.xml"), "ofd-malformed"},
		"DocRoot in case":      {base.Edit(t, "OFD.xml", "Doc_0/Document.xml", "Doc_0/document.xml"), "ofd-malformed"},
		"DocRoot a page":       {base.With("Doc_0/Document.xml", fmt.Sprintf(page, "")), "ofd-malformed"},
		"page missing":         {base.Without("Doc_0/Pages/Page_0/Content.xml"), "ofd-part-missing"},
		"page named twice":     {base.With("Doc_0/Document.xml", strings.Replace(main, `<ofd:Pages>`, `<ofd:Pages><ofd:Page ID="10" BaseLoc="x"/>`, 1)), "ofd-malformed"},
		"page escapes":         {base.Edit(t, "Doc_0/Document.xml", "Pages/Page_0", "../../../Page_0"), "ofd-malformed"},
		"page is no page":      {base.With("Doc_0/Pages/Page_0/Content.xml", "<Document/>"), "ofd-malformed"},
		"two sizes":            {base.With("Doc_0/Pages/Page_0/Content.xml", "<Page><Area><PhysicalBox>0 0 1 1</PhysicalBox></Area><Content/><Area><PhysicalBox>0 0 2 2</PhysicalBox></Area></Page>"), "ofd-malformed"},
		"size of nothing":      {base.With("Doc_0/Pages/Page_0/Content.xml", "<Page><Area><PhysicalBox>0 0 0 NaN</PhysicalBox></Area><Content/></Page>"), "ofd-malformed"},
		"template of itself":   {base.With("Doc_0/Tpls/Tpl_0/Content.xml", `<Page><Template TemplateID="2"/><Content/></Page>`), "ofd-malformed"},
		"template behind":      {base.With("Doc_0/Tpls/Tpl_0/Content.xml", `<Page><Content/><Template TemplateID="2"/></Page>`), "ofd-malformed"},
		"templates in a circle": {base.With("Doc_0/T.xml", `<Page><Template TemplateID="2"/><Content/></Page>`).With("Doc_0/Tpls/Tpl_0/Content.xml", `<Page><Template TemplateID="7"/><Content/></Page>`).
			Edit(t, "Doc_0/Document.xml", "</ofd:CommonData>", `<ofd:TemplatePage ID="7" BaseLoc="T.xml"/></ofd:CommonData>`), "ofd-malformed"},
		"templates in a row": {base.With("Doc_0/T.xml", `<Page><Content/></Page>`).With("Doc_0/Tpls/Tpl_0/Content.xml", `<Page><Template TemplateID="7"/><Content/></Page>`).
			Edit(t, "Doc_0/Document.xml", "</ofd:CommonData>", `<ofd:TemplatePage ID="7" BaseLoc="T.xml"/></ofd:CommonData>`), ""},
		"many templates":     {base.With("Doc_0/Tpls/Tpl_0/Content.xml", "<Page>"+manyTemplates()+"</Page>"), "ofd-malformed"},
		"Signatures missing": {base.Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><ofd:Signatures>S.xml</ofd:Signatures>"), "ofd-part-missing"},
		"Signatures is none": {base.Edit(t, "OFD.xml", "</ofd:DocRoot>", "</ofd:DocRoot><ofd:Signatures>OFD.xml</ofd:Signatures>"), "ofd-malformed"},
	} {
		check(t, name, test.file.Build(), test.code)
	}
}

func manyTemplates() string {
	var b strings.Builder
	for i := range maxTemplates + 1 {
		fmt.Fprintf(&b, `<Template TemplateID="%d"/>`, i+1000)
	}
	return b.String()
}
