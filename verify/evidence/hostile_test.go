package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/fault"
	"yinxin/gm"
)

// file is an entry of an archive made by hand.
type file struct {
	name   string
	data   []byte
	method uint16
	change func(*zip.FileHeader)
}

// contents takes an archive apart.
func contents(t testing.TB, b []byte) (out []file) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{name: f.Name, data: data, method: f.Method})
	}
	return out
}

// packed puts an archive together.
func packed(t testing.TB, files []file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		data := f.data
		if f.method == zip.Deflate {
			var err error
			if data, err = deflate(data); err != nil {
				t.Fatal(err)
			}
		}
		h := header(f.name, f.method, crc32.ChecksumIEEE(f.data), int64(len(data)), int64(len(f.data)))
		if f.change != nil {
			f.change(h)
		}
		w, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// spoiled is an archive of which the files were changed.
func spoiled(t testing.TB, enclosed bool, change func([]file) []file) []byte {
	t.Helper()
	return packed(t, change(contents(t, written(t, example(enclosed)))))
}

func inManifest(old, now string) func([]file) []file {
	return func(f []file) []file {
		if !bytes.Contains(f[0].data, []byte(old)) {
			panic("the manifest has no " + old)
		}
		f[0].data = bytes.Replace(f[0].data, []byte(old), []byte(now), 1)
		return f
	}
}

func TestHostileContents(t *testing.T) {
	ca := fmt.Sprintf("%x", gm.SM3([]byte("ca")))
	cases := map[string]struct {
		change func([]file) []file
		code   string
	}{
		"a value changed":          {func(f []file) []file { f[1].data[0]++; return f }, "evidence-changed"},
		"the document changed":     {func(f []file) []file { f[len(f)-1].data[0]++; return f }, "evidence-changed"},
		"a value longer":           {func(f []file) []file { f[1].data = append(f[1].data, 0); return f }, "evidence-malformed"},
		"an entry missing":         {func(f []file) []file { return slices.Delete(f, 2, 3) }, "evidence-malformed"},
		"the document missing":     {func(f []file) []file { return f[:len(f)-1] }, "evidence-malformed"},
		"an entry twice":           {func(f []file) []file { return slices.Insert(f, 2, f[1]) }, "evidence-malformed"},
		"an entry more":            {func(f []file) []file { return append(f, file{name: "readme.txt", data: []byte("x")}) }, "evidence-malformed"},
		"a path upwards":           {func(f []file) []file { return append(f, file{name: "../../etc/passwd", data: []byte("x")}) }, "evidence-malformed"},
		"a folder":                 {func(f []file) []file { return append(f, file{name: "certificates/"}) }, "evidence-malformed"},
		"entries in another order": {func(f []file) []file { f[1], f[2] = f[2], f[1]; return f }, "evidence-malformed"},
		"no manifest":              {func(f []file) []file { return f[1:] }, "evidence-malformed"},
		"manifest last":            {func(f []file) []file { return append(f[1:], f[0]) }, "evidence-malformed"},
		"the document packed":      {func(f []file) []file { f[len(f)-1].method = zip.Deflate; return f }, "evidence-malformed"},
		"manifest no JSON":         {func(f []file) []file { f[0].data = []byte("{"); return f }, "evidence-malformed"},
		"manifest of others":       {inManifest("yinxin-evidence", "others-evidence"), "evidence-malformed"},
		"a later version":          {inManifest(`"version": 1`, `"version": 2`), "evidence-version"},
		"a key twice":              {inManifest(`"version": 1,`, `"version": 1, "version": 1,`), "evidence-malformed"},
		"an unknown key":           {inManifest(`"version": 1,`, `"version": 1, "more": 1,`), "evidence-malformed"},
		"another spelling":         {inManifest(`"version": 1,`, `"Version": 1,`), "evidence-malformed"},
		"a size":                   {inManifest(`"size": 2,`, `"size": 3,`), "evidence-malformed"},
		"the document's size":      {inManifest(`"size": 65000,`, `"size": 64999,`), "evidence-malformed"},
		"another document":         {inManifest(fmt.Sprintf("%x", example(true).Document.SM3), strings.Repeat("ab", 32)), "evidence-changed"},
		"no digest":                {inManifest(fmt.Sprintf("%x", example(true).Document.SM3), strings.Repeat("AB", 32)), "evidence-malformed"},
		"another name":             {inManifest("示例合同.ofd", "../合同.ofd"), "evidence-malformed"},
		"a reference to nothing":   {inManifest("certificates/"+ca, "certificates/"+strings.Repeat("ab", 32)), "evidence-malformed"},
		"enclosed is denied":       {inManifest(`"enclosed": true`, `"enclosed": false`), "evidence-malformed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := readBytes(t, spoiled(t, true, c.change), Limits{})
			if p, _ := fault.PublicOf(err); p.Code != c.code || !errors.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
			if parse := new(ParseError); c.code != "evidence-version" && !errors.As(err, &parse) {
				t.Errorf("no place is named: %v", err)
			}
		})
	}
	if _, err := readBytes(t, spoiled(t, true, func(f []file) []file { return f }), Limits{}); err != nil {
		t.Errorf("taken apart and put together: %v", err)
	}
}

// An OFD is a ZIP archive too, and so are many files: only what begins with a manifest is one of ours.
func TestMatch(t *testing.T) {
	for name, c := range map[string]struct {
		head []byte
		want bool
	}{
		"evidence":       {written(t, example(false)), true},
		"a bundle":       {written(t, example(true)), true},
		"an OFD":         {packed(t, []file{{name: "OFD.xml", data: []byte("<ofd:OFD/>")}, {name: manifestName, data: []byte("{}")}}), false},
		"another folder": {packed(t, []file{{name: "x/" + manifestName, data: []byte("{}")}}), false},
		"a PDF":          {[]byte("%PDF-1.7 " + manifestName + strings.Repeat(" ", 64)), false},
		"short":          {[]byte("PK\x03\x04"), false},
	} {
		if Match(c.head[:min(64, len(c.head))]) != c.want {
			t.Errorf("%s", name)
		}
	}
}

// Archives that programs could understand in two ways, or that promise what they do not hold.
func TestHostileArchives(t *testing.T) {
	good := written(t, example(true))
	end := len(good) - endSize
	in := func(at int, b ...byte) []byte { return slices.Concat(good[:at], b, good[at+len(b):]) }
	header := func(change func(*zip.FileHeader)) []byte {
		return spoiled(t, true, func(f []file) []file { f[1].change = change; return f })
	}
	cases := map[string][]byte{
		"empty":               {},
		"no archive":          []byte(strings.Repeat("no archive ", 100)),
		"cut off":             good[:len(good)-1],
		"more behind":         append(bytes.Clone(good), 0),
		"more before":         append([]byte("MZ"), good...),
		"a comment":           slices.Concat(good[:len(good)-2], []byte{1, 0}, []byte("x")),
		"no entries":          packed(t, nil),
		"fewer entries":       in(end+8, 1, 0, 1, 0),
		"directory moved":     in(end+16, 0, 0, 0, 0),
		"another disk":        in(end+4, 1, 0),
		"another name":        in(localSize, 'M'),
		"another method":      in(8, 99),
		"a gap":               gap(t, good),
		"encrypted":           header(func(h *zip.FileHeader) { h.Flags |= 1 }),
		"size behind":         header(func(h *zip.FileHeader) { h.Flags |= 8 }),
		"extra field":         header(func(h *zip.FileHeader) { h.Extra = []byte{1, 2, 0, 0} }),
		"unknown packing":     header(func(h *zip.FileHeader) { h.Method = 12 }),
		"two sizes":           header(func(h *zip.FileHeader) { h.UncompressedSize64++ }),
		"too long":            header(func(h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<31, 1<<31 }),
		"ZIP64":               header(func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 40 }),
		"checksum":            header(func(h *zip.FileHeader) { h.CRC32++ }),
		"inflates to less":    spoiled(t, true, func(f []file) []file { f[3].change = func(h *zip.FileHeader) { h.UncompressedSize64 += 9 }; return f }),
		"a name of 65000 B":   spoiled(t, true, func(f []file) []file { return append(f, file{name: strings.Repeat("x", 65000)}) }),
		"overlapping entries": overlapping(t),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := readBytes(t, b, Limits{})
			if p, _ := fault.PublicOf(err); p.Code != "evidence-malformed" {
				t.Errorf("%v", err)
			}
		})
	}
}

// gap is an archive with unused bytes between the entries and the directory.
func gap(t testing.TB, good []byte) []byte {
	t.Helper()
	at := binary.LittleEndian.Uint32(good[len(good)-6:])
	out := slices.Concat(good[:at], []byte("unseen"), good[at:])
	binary.LittleEndian.PutUint32(out[len(out)-6:], at+6)
	return out
}

// overlapping is an archive in which many entries are the same bytes.
func overlapping(t testing.TB) []byte {
	t.Helper()
	one := packed(t, []file{{name: manifestName, data: make([]byte, 1000), method: zip.Deflate}})
	at := int(binary.LittleEndian.Uint32(one[len(one)-6:]))
	directory := one[at : len(one)-endSize]
	out := slices.Concat(one[:at], bytes.Repeat(directory, 100), one[len(one)-endSize:])
	tail := out[len(out)-endSize:]
	binary.LittleEndian.PutUint16(tail[8:], 100)
	binary.LittleEndian.PutUint16(tail[10:], 100)
	binary.LittleEndian.PutUint32(tail[12:], uint32(100*len(directory)))
	return out
}

func TestLimits(t *testing.T) {
	cases := map[string]struct {
		bomb  bool
		lim   Limits
		spoil func([]file) []file
	}{
		"entries":  {lim: Limits{Entries: 5}},
		"entry":    {lim: Limits{Entry: 5000}},
		"total":    {lim: Limits{Total: 9000}},
		"document": {lim: Limits{Document: 64999}},
		"ratio": {spoil: func(f []file) []file {
			f[1].data, f[1].method = make([]byte, 20<<20), zip.Deflate
			return f
		}},
		"manifest": {spoil: func(f []file) []file {
			f[0].data, f[0].method = bytes.Repeat([]byte("0123456789abcdef"), maxManifest/16+1), zip.Store
			return f
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.spoil == nil {
				c.spoil = func(f []file) []file { return f }
			}
			_, err := readBytes(t, spoiled(t, true, c.spoil), c.lim)
			if p, _ := fault.PublicOf(err); p.Code != "evidence-too-large" || !errors.Is(err, fault.Limit) {
				t.Errorf("%v", err)
			}
		})
	}
}

// What Read takes is written and read back as it is.
func FuzzRead(f *testing.F) {
	for _, enclosed := range []bool{false, true} {
		f.Add(written(f, example(enclosed)))
	}
	f.Add(written(f, Bundle{Document: Document{SM3: gm.SM3([]byte("x"))}}))
	f.Add(overlapping(f))
	f.Add(spoiled(f, false, inManifest(`"version": 1`, `"version": 2`)))
	lim := Limits{Entries: 50, Entry: 1 << 16, Total: 1 << 18, Document: 1 << 18}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readBytes(t, b, lim)
		if err != nil {
			if fault.KindOf(err) == 0 {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		if b := got.Beside(); len(b.Stamps) > len(got.Tokens) {
			t.Fatal("more time stamps than there are")
		}
		out := written(t, got)
		again, err := readBytes(t, out, lim)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written(t, again), out) {
			t.Fatal("written again it is another file")
		}
		if diff := cmp.Diff(got.Signatures, again.Signatures); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A manifest that decodes is spelled as it was.
func FuzzManifest(f *testing.F) {
	f.Add(contents(f, written(f, example(true)))[0].data)
	f.Add(contents(f, written(f, Bundle{Document: Document{SM3: gm.SM3([]byte("x"))}}))[0].data)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest(b)
		if err != nil {
			return
		}
		if again, err := m.encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s, %v", again, err)
		}
	})
}
