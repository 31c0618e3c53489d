package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"yinxin/fault"
	"yinxin/gm"
)

// Limits bound what a hostile file can cost. A zero field means its default.
type Limits struct {
	Entries  int   // most entries of the archive: 10,000
	Entry    int64 // largest piece of evidence, in bytes: 64 MiB
	Total    int64 // all pieces and the manifest together, in bytes: 256 MiB
	Ratio    int64 // how many times its packed size an entry may have, beyond 64 KiB: 100
	Document int64 // largest document of a bundle, in bytes: 2 GiB
}

// maxManifest is the size in bytes of the largest manifest.
const maxManifest = 8 << 20

func (l Limits) withDefaults() Limits {
	set := func(n *int64, v int64) {
		if *n <= 0 {
			*n = v
		}
	}
	if l.Entries <= 0 {
		l.Entries = 10_000
	}
	set(&l.Entry, 64<<20)
	set(&l.Total, 256<<20)
	set(&l.Ratio, 100)
	set(&l.Document, 2<<30)
	return l
}

// ParseError says where a file of evidence stops making sense.
type ParseError struct {
	Offset int64 // in the archive
	What   string
	Err    error // more of it, or nil
}

func (e *ParseError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("evidence: offset %d: %s: %v", e.Offset, e.What, e.Err)
	}
	return fmt.Sprintf("evidence: offset %d: %s", e.Offset, e.What)
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Err }

func invalid(code, zh, en string, cause error) error {
	return fault.New(fault.Invalid, code, zh, en, cause)
}

func malformed(cause error) error {
	return invalid("evidence-malformed", "证据文件结构有误，或被其他软件改写过；请使用原始的证据文件",
		"the file of evidence is malformed, or was written anew by another program; use the original", cause)
}

func unreadable(cause error) error {
	return fault.New(fault.Unavailable, "file-unreadable", "文件读取失败", "the file cannot be read", cause)
}

// Read reads evidence and, of a bundle, the document, which stays in r. All entries, the document too, are checked against the manifest. The faults are
// Limit for what is beyond l and Invalid for the rest, whose codes are evidence-malformed (with a *ParseError), evidence-version and evidence-changed.
func Read(ctx context.Context, r io.ReaderAt, size int64, l Limits) (Bundle, error) {
	a := archive{r: r, size: size, lim: l.withDefaults()}
	if err := a.open(); err != nil {
		return Bundle{}, err
	}
	m, err := a.manifest()
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{Document: Document{Name: m.Document.Name, Size: m.Document.Size}}
	b.Document.SM3, _ = parseDigest(m.Document.SM3)
	values := make(map[string][]byte, len(m.Entries))
	for i, e := range m.Entries {
		if err := ctx.Err(); err != nil {
			return Bundle{}, err
		}
		if values[e.Name], err = a.piece(a.entries[i+1], e); err != nil {
			return Bundle{}, err
		}
	}
	if m.Document.Enclosed {
		if err := a.document(ctx, &b.Document); err != nil {
			return Bundle{}, err
		}
	}
	b.fill(m, values)
	return b, nil
}

// manifest reads the manifest, and holds the archive against it.
func (a *archive) manifest() (*manifest, error) {
	first := a.entries[0]
	if first.file.Name != manifestName {
		return nil, malformed(&ParseError{Offset: first.at, What: "the first entry is not " + manifestName})
	}
	if first.size() > maxManifest {
		return nil, tooMuch("manifest", first.size(), maxManifest)
	}
	text, err := a.read(first)
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(text)
	if errors.Is(err, errVersion) {
		return nil, invalid("evidence-version", "证据文件由更新的版本写成；请升级后再核验", "the evidence was written by a later version; use that to verify it", err)
	}
	if err != nil {
		return nil, malformed(&ParseError{Offset: first.data, What: "the manifest", Err: err})
	}
	return m, a.compare(m)
}

// compare holds the names and sizes of the entries against the manifest.
func (a *archive) compare(m *manifest) error {
	want := make([]manifestEntry, 0, len(m.Entries)+2)
	want = append(append(want, manifestEntry{Name: manifestName, Size: a.entries[0].size()}), m.Entries...)
	if m.Document.Enclosed {
		want = append(want, manifestEntry{Name: documentFolder + m.Document.Name, Size: m.Document.Size})
	}
	for i, w := range want {
		switch {
		case i >= len(a.entries):
			return malformed(&ParseError{Offset: a.end, What: fmt.Sprintf("%q is missing", w.Name)})
		case a.entries[i].file.Name != w.Name:
			return malformed(&ParseError{Offset: a.entries[i].at, What: fmt.Sprintf("%.100q stands where the manifest has %q", a.entries[i].file.Name, w.Name)})
		case a.entries[i].size() != w.Size:
			return malformed(&ParseError{Offset: a.entries[i].at, What: fmt.Sprintf("%q has %d bytes, %d in the manifest", w.Name, a.entries[i].size(), w.Size)})
		}
	}
	if len(a.entries) > len(want) {
		e := a.entries[len(want)]
		return malformed(&ParseError{Offset: e.at, What: fmt.Sprintf("%.100q is not in the manifest", e.file.Name)})
	}
	return nil
}

// piece reads a piece of evidence.
func (a *archive) piece(e entry, m manifestEntry) ([]byte, error) {
	b, err := a.read(e)
	if err != nil {
		return nil, err
	}
	if sum := gm.SM3(b); hex.EncodeToString(sum[:]) != m.SM3 {
		return nil, changed(e, sum[:])
	}
	return b, nil
}

func changed(e entry, sum []byte) error {
	return invalid("evidence-changed", "证据文件的内容与其清单不符，可能被改动过；请使用原始的证据文件",
		"the contents are not those that the manifest names and may have been changed; use the original",
		&ParseError{Offset: e.data, What: fmt.Sprintf("%q has the SM3 digest %x", e.file.Name, sum)})
}

// document finds the document, the last entry, and checks that it is the one.
func (a *archive) document(ctx context.Context, d *Document) error {
	e := a.entries[len(a.entries)-1]
	if e.file.Method != zip.Store {
		return malformed(&ParseError{Offset: e.at, What: "the document is packed"})
	}
	if e.size() > a.lim.Document {
		return tooMuch("document", e.size(), a.lim.Document)
	}
	file := io.NewSectionReader(a.r, e.data, e.size())
	sum, err := Sum(ctx, file, e.size())
	if err != nil {
		return err
	}
	if !bytes.Equal(sum[:], d.SM3[:]) {
		return changed(e, sum[:])
	}
	d.File = file
	return nil
}

// fill gives the values to what the manifest names them for.
func (b *Bundle) fill(m *manifest, values map[string][]byte) {
	give := func(v *Values, names []string) {
		for _, name := range names {
			k, _, _ := parseEntryName(name)
			if k.rank() == kinds {
				v.Others = append(v.Others, Other{k.folder, k.ending, values[name]})
				continue
			}
			list := v.lists()[k.rank()]
			*list = append(*list, values[name])
		}
	}
	give(&b.Values, m.Document.Evidence)
	for _, s := range m.Signatures {
		own := Signature{ID: s.ID}
		own.SM3, _ = parseDigest(s.SM3)
		give(&own.Values, s.Evidence)
		b.Signatures = append(b.Signatures, own)
	}
}
