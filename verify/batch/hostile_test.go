package batch

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yinxin/fault"
)

// raw makes an archive of entries as their headers have them.
func raw(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&e.FileHeader)
		if err == nil {
			_, err = io.WriteString(w, e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type entry struct {
	zip.FileHeader
	data string
}

func named(name string) entry {
	return entry{zip.FileHeader{Name: name, Method: zip.Deflate}, invoice("00000001", 100)}
}

// patched changes the first header that the directory has: at is an offset in it.
func patched(data []byte, at int, change func([]byte)) []byte {
	data = bytes.Clone(data)
	change(data[bytes.Index(data, []byte("PK\x01\x02"))+at:])
	return data
}

func put16(n uint16) func([]byte) { return func(b []byte) { binary.LittleEndian.PutUint16(b, n) } }
func put32(n uint32) func([]byte) { return func(b []byte) { binary.LittleEndian.PutUint32(b, n) } }

// TestHostileArchives: what is not opened has a line that says why, and what is harmless beside it is judged.
func TestHostileArchives(t *testing.T) {
	good, zeros := named("good.xml"), strings.Repeat("\x00", 3<<20)
	one, flags := raw(t, named("x.xml")), named("secret.xml")
	symlink, pipe := named("link"), named("pipe")
	symlink.SetMode(fs.ModeSymlink | 0o777)
	pipe.SetMode(fs.ModeNamedPipe | 0o600)
	for _, c := range []struct {
		name    string
		archive []byte
		limits  Limits
		file    string // has the reason, empty: the archive
		says    string
	}{
		{"up", raw(t, named("../up.xml"), good), Limits{}, "/../up.xml", "not safe"},
		{"up inside", raw(t, named("a/../../up.xml"), good), Limits{}, "/a/../../up.xml", "not safe"},
		{"absolute", raw(t, named("/etc/x.xml"), good), Limits{}, "//etc/x.xml", "not safe"},
		{"backslash", raw(t, named(`a\b.xml`), good), Limits{}, `/a\b.xml`, "not safe"},
		{"drive", raw(t, named("C:x.xml"), good), Limits{}, "/C:x.xml", "not safe"},
		{"empty part", raw(t, named("a//x.xml"), good), Limits{}, "/a//x.xml", "not safe"},
		{"formula", raw(t, named("=1+1.xml"), named("\x1b[2Jx\n.xml"), good), Limits{}, "", ""},
		{"twice", raw(t, named("x.xml"), good, named("x.xml")), Limits{}, "/x.xml", "several files of this name"},
		{"twice by a point", raw(t, named("x.xml"), good, named("./x.xml")), Limits{}, "/x.xml", "several files of this name"},
		{"encrypted", patched(raw(t, flags, good), 8, put16(1)), Limits{}, "/secret.xml", "encrypted"},
		{"method", patched(raw(t, flags, good), 10, put16(12)), Limits{}, "/secret.xml", "not supported"},
		{"pipe", raw(t, pipe, good), Limits{}, "/pipe", "not a regular file"},
		{"nested", raw(t, entry{zip.FileHeader{Name: "in.zip"}, string(one)}, good), Limits{}, "/in.zip", "archive in an archive"},
		{"checksum", patched(raw(t, flags, good), 16, put32(1)), Limits{}, "/secret.xml", "damaged"},
		{"shorter than it says", patched(raw(t, flags, good), 24, put32(5000)), Limits{}, "/secret.xml", "damaged"},
		{"longer than it says", patched(raw(t, flags, good), 24, put32(5)), Limits{}, "/secret.xml", "damaged"},
		{"elsewhere", patched(raw(t, flags, good), 42, put32(7)), Limits{}, "/secret.xml", "damaged"},
		{"bomb", raw(t, entry{zip.FileHeader{Name: "bomb.pdf", Method: zip.Deflate}, zeros}, good), Limits{}, "/bomb.pdf", "suspiciously small"},
		{"large", raw(t, entry{zip.FileHeader{Name: "large.pdf"}, zeros}, good), Limits{Entry: 1 << 20}, "/large.pdf", "too large"},
		{"large in all", raw(t, entry{zip.FileHeader{Name: "large.pdf"}, zeros}, good), Limits{Total: 1 << 20}, "", "too large when unpacked"},
		{"many", raw(t, named("a"), named("b"), named("c")), Limits{Entries: 2}, "", "too many files"},
		{"long directory", raw(t, named(strings.Repeat("n", 9000)), named(strings.Repeat("m", 9000))), Limits{Directory: 16 << 10}, "", "too many files"},
		{"overlap", patched(raw(t, flags), 20, put32(1<<30)), Limits{}, "", "overlap"},
		{"cut", one[:len(one)-30], Limits{}, "", "damaged"},
		{"nothing but a head", []byte("PK\x03\x04"), Limits{}, "", "damaged"},
		{"link", raw(t, symlink, good), Limits{}, "", ""},
	} {
		path := filepath.Join(t.TempDir(), "in.zip")
		if err := os.WriteFile(path, c.archive, 0o600); err != nil {
			t.Fatal(err)
		}
		x := newTrial(t)
		x.limits = c.limits
		table, sum := x.must(t, path)
		_, list := rowsOf(t, table)
		row, found := byFile(list)[filepath.ToSlash(path)+c.file]
		if found != (c.says != "") || !strings.Contains(row["reason"], c.says) || found && row["verdict"] != "UNREADABLE" {
			t.Errorf("%s: %v", c.name, list)
		}
		if bytes.Contains(c.archive, []byte("good.xml")) && c.limits.Total == 0 && byFile(list)[filepath.ToSlash(path)+"/good.xml"]["verdict"] != "PASSED" {
			t.Errorf("%s: the file beside it was not judged: %v", c.name, list)
		}
		if c.name == "link" && sum.Skipped.Links != 1 {
			t.Errorf("%+v", sum.Skipped)
		}
	}
}

// TestArchivesThatAreFiles: an OFD is judged as one file whatever it is called, and so is a bundle of evidence; neither is an archive in an archive.
func TestArchivesThatAreFiles(t *testing.T) {
	files := map[string]string{"ofd.zip": packed("00000001", 100), "a.docx": string(zipped(t, map[string]string{"word/x.xml": "<x/>"})), "text.zip": "no archive",
		"bundle.zip": string(raw(t, entry{zip.FileHeader{Name: "manifest.json"}, "{}"}))}
	dir := writeTo(t, t.TempDir(), files)
	archive := filepath.Join(t.TempDir(), "all.zip")
	if err := os.WriteFile(archive, zipped(t, files), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{dir, archive} {
		table, _ := newTrial(t).must(t, in)
		_, list := rowsOf(t, table)
		rows := byFile(list)
		if len(list) != 4 || rows[filepath.ToSlash(in)+"/ofd.zip"]["verdict"] != "PASSED" {
			t.Errorf("%s: %v", in, list)
		}
	}
}

// TestOldNames: names in GB 18030, as archivers of Chinese Windows write them, and in UTF-8 that does not say so.
func TestOldNames(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("发票/一.xml")
	if err != nil {
		t.Fatal(err)
	}
	a, b := named(gbk), named("发票/二.xml")
	a.NonUTF8, b.NonUTF8 = true, true
	path := filepath.Join(t.TempDir(), "old.zip")
	if err := os.WriteFile(path, raw(t, a, b), 0o600); err != nil {
		t.Fatal(err)
	}
	table, _ := newTrial(t).must(t, path)
	for _, name := range []string{"old.zip/发票/一.xml", "old.zip/发票/二.xml"} {
		if !strings.Contains(table, name) {
			t.Errorf("no %s in %s", name, table)
		}
	}
}

// TestFolder: hidden files, links, what is no file, evidence beside files, and the journal itself.
func TestFolder(t *testing.T) {
	outside := writeTo(t, t.TempDir(), map[string]string{"secret.xml": invoice("00000009", 900)})
	dir := writeTo(t, t.TempDir(), map[string]string{"a.xml": invoice("00000001", 100), ".hidden": "x", ".git/config": "x", "sub/b.xml": invoice("00000002", 200),
		"sub/b.xml.evidence": "kept", "alone.evidence": "kept", "empty.xml": ""})
	if err := errors.Join(os.Symlink(filepath.Join(outside, "secret.xml"), filepath.Join(dir, "link.xml")), os.Symlink(outside, filepath.Join(dir, "out")), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	x := newTrial(t)
	x.journal = filepath.Join(dir, "out.csv.part")
	table, sum := x.must(t, dir)
	_, list := rowsOf(t, table)
	rows := byFile(list)
	at := func(name string) string { return rows[filepath.ToSlash(dir)+"/"+name]["verdict"] }
	if len(list) != 5 || at("a.xml") != "PASSED" || at("sub/b.xml") != "FAILED" || at("alone.evidence") != "UNREADABLE" || at("empty.xml") != "UNREADABLE" || at("pipe") != "UNREADABLE" {
		t.Errorf("%v", list)
	}
	if sum.Skipped != (Skipped{Hidden: 2, Links: 2, Kept: 1}) {
		t.Errorf("%+v", sum.Skipped)
	}
	if os.Getuid() == 0 {
		return // root reads every folder
	}
	if err := os.Mkdir(filepath.Join(dir, "shut"), 0); err != nil {
		t.Fatal(err)
	}
	if table, _ := newTrial(t).must(t, dir); !strings.Contains(table, "shut,") {
		t.Error("a folder that cannot be read has no line")
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct {
		inputs []string
		ok     bool
	}{{[]string{"a", "b", "a-b"}, true}, {[]string{"a/b", "a-b", "a"}, false}, {[]string{"a", "./a/"}, false}, {[]string{"x/../a", "a/c.pdf"}, false}, {[]string{"/", "a"}, false}, {[]string{"a.zip", "a"}, true}} {
		if err := Apart(c.inputs); (err == nil) != c.ok || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", c.inputs, err)
		}
	}
}

// TestLargeFiles: what is too large for memory is read from disk, of an archive through a file of its own, and gives the same row.
func TestLargeFiles(t *testing.T) {
	dir := writeTo(t, t.TempDir(), map[string]string{"large.xml": invoice("00000001", 100) + "<!--" + strings.Repeat("x", inMemory) + "-->"})
	archive := filepath.Join(t.TempDir(), "large.zip")
	data := raw(t, entry{zip.FileHeader{Name: "large.xml"}, string(read(t, filepath.Join(dir, "large.xml")))})
	if err := os.WriteFile(archive, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	folder, sum := newTrial(t).must(t, dir)
	packed, _ := newTrial(t).must(t, archive)
	if sum.Files != 1 || strings.ReplaceAll(folder, dir, "") != strings.ReplaceAll(packed, archive, "") {
		t.Errorf("%s\n%s", folder, packed)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	if table, _ := newTrial(t).must(t, archive); !strings.Contains(table, "a temporary file cannot be written") {
		t.Errorf("%s", table)
	}
}

// TestChangedWhileJudged: a large file that another program changes meanwhile has no verdict.
func TestChangedWhileJudged(t *testing.T) {
	dir := writeTo(t, t.TempDir(), map[string]string{"large.xml": invoice("00000001", 100) + strings.Repeat(" ", inMemory)})
	x := newTrial(t)
	x.before = func(int32) {
		f, err := os.OpenFile(filepath.Join(dir, "large.xml"), os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString(" ")
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Error(err)
		}
	}
	if table, _ := x.must(t, dir); !strings.Contains(table, "UNREADABLE,the file changed while it was being verified") {
		t.Errorf("%s", table)
	}
}

// FuzzArchive: whatever an archive holds, each line of it is a row, and a second reading gives the same.
func FuzzArchive(f *testing.F) {
	f.Add(raw(f, named("a.xml"), named("../b.xml"), named("c")))
	f.Add(patched(raw(f, named("a.xml"), named("b.xml")), 8, put16(1)))
	f.Add(raw(f, entry{zip.FileHeader{Name: "in.zip"}, string(raw(f, named("x.xml")))}, named("a.xml"), named("a.xml.evidence")))
	f.Add([]byte(packed("00000001", 100)))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "in.zip")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		x := newTrial(t)
		x.limits = Limits{Entries: 50, Entry: 1 << 20, Total: 2 << 20, Directory: 64 << 10}
		table, sum := x.must(t, path)
		again, kept := x.must(t, path)
		if _, rows := rowsOf(t, table); len(rows) != sum.Files || again != table || kept.Files != sum.Files {
			t.Fatalf("%d rows, %d files\n%s\n%s", len(rows), sum.Files, table, again)
		}
	})
}
