package evidence

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"

	"yinxin/fault"
	"yinxin/gm"
)

// Write writes evidence about a document, and the document too where b.Document.File is set: then it is read twice, and Size and SM3 must be its own.
// Equal bundles give equal bytes, whatever the order of their values. The refusals are Invalid for what is no bundle and Limit for one that Read would
// not take under its default limits.
func Write(ctx context.Context, w io.Writer, b Bundle) error {
	m, pieces, err := b.manifest()
	if err != nil {
		return invalid("evidence-invalid", "要保存的证据不完整或自相矛盾", "the evidence to be kept is incomplete or contradicts itself", err)
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	if err := withinDefaults(m, len(text)); err != nil {
		return err
	}
	crc := crc32.NewIEEE()
	if b.Document.File != nil {
		h := gm.NewSM3()
		if err := pour(ctx, io.MultiWriter(h, crc), b.Document.File, b.Document.Size); err != nil {
			return err
		}
		if !bytes.Equal(h.Sum(nil), b.Document.SM3[:]) {
			return invalid("evidence-invalid", "要保存的证据不属于这份文件", "the evidence to be kept is not about the document enclosed",
				fmt.Errorf("its SM3 digest is %x", h.Sum(nil)))
		}
	}
	z := zip.NewWriter(w)
	if err := writeEntry(z, manifestName, text); err != nil {
		return err
	}
	for _, e := range m.Entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeEntry(z, e.Name, pieces[e.Name]); err != nil {
			return err
		}
	}
	if b.Document.File != nil {
		to, err := z.CreateRaw(header(documentFolder+b.Document.Name, zip.Store, crc.Sum32(), b.Document.Size, b.Document.Size))
		if err != nil {
			return fmt.Errorf("evidence: write the document: %w", err)
		}
		if err := pour(ctx, to, b.Document.File, b.Document.Size); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("evidence: write the directory: %w", err)
	}
	return nil
}

// manifest gathers the pieces, each once and by the name of its entry, and says what they are.
func (b *Bundle) manifest() (*manifest, map[string][]byte, error) {
	d := b.Document
	m := &manifest{Format: format, Version: version,
		Document: manifestDocument{Name: d.Name, Size: d.Size, SM3: hex.EncodeToString(d.SM3[:]), Enclosed: d.File != nil}}
	if d.SM3 == (Digest{}) {
		return nil, nil, errors.New("the document has no digest")
	}
	pieces := map[string][]byte{}
	m.Document.Evidence = collect(pieces, &b.Values)
	m.Signatures = make([]manifestSignature, len(b.Signatures))
	for i := range b.Signatures {
		s := &b.Signatures[i]
		m.Signatures[i] = manifestSignature{ID: s.ID, SM3: hex.EncodeToString(s.SM3[:]), Evidence: collect(pieces, &s.Values)}
	}
	slices.SortFunc(m.Signatures, func(a, b manifestSignature) int { return cmp.Compare(a.SM3, b.SM3) })
	m.Entries = make([]manifestEntry, 0, len(pieces))
	for _, name := range slices.SortedFunc(maps.Keys(pieces), compareNames) {
		_, sum, _ := parseEntryName(name)
		m.Entries = append(m.Entries, manifestEntry{Name: name, Size: int64(len(pieces[name])), SM3: hex.EncodeToString(sum[:])})
	}
	return m, pieces, m.check()
}

// collect enters values among the pieces and returns their names, sorted, each once.
func collect(pieces map[string][]byte, v *Values) []string {
	names := []string{}
	enter := func(k kind, value []byte) {
		name := entryName(k, gm.SM3(value))
		pieces[name] = value
		names = append(names, name)
	}
	for i, list := range v.lists() {
		for _, value := range *list {
			enter(known[i], value)
		}
	}
	for _, o := range v.Others {
		enter(kind{o.Folder, o.Ending}, o.Data)
	}
	slices.SortFunc(names, compareNames)
	return slices.Compact(names)
}

// withinDefaults refuses to write what would not be read.
func withinDefaults(m *manifest, text int) error {
	l := Limits{}.withDefaults()
	total := int64(text)
	for _, e := range m.Entries {
		total += e.Size
		if e.Size > l.Entry {
			return tooMuch("entry", e.Size, l.Entry)
		}
	}
	switch {
	case text > maxManifest:
		return tooMuch("manifest", int64(text), maxManifest)
	case len(m.Entries)+2 > l.Entries:
		return tooMuch("entries", int64(len(m.Entries)+2), int64(l.Entries))
	case total > l.Total:
		return tooMuch("total", total, l.Total)
	case m.Document.Enclosed && m.Document.Size > l.Document:
		return tooMuch("document", m.Document.Size, l.Document)
	}
	return nil
}

func tooMuch(what string, has, most int64) error {
	return fault.New(fault.Limit, "evidence-too-large", "证据超出处理上限", "there is more evidence than is read again", fmt.Errorf("%s: %d, at most %d", what, has, most))
}

// writeEntry writes an entry, deflated where that is shorter.
func writeEntry(z *zip.Writer, name string, data []byte) error {
	packed, err := deflate(data)
	if err != nil {
		return err
	}
	method := zip.Deflate
	if len(packed) >= len(data) {
		method, packed = zip.Store, data
	}
	to, err := z.CreateRaw(header(name, method, crc32.ChecksumIEEE(data), int64(len(packed)), int64(len(data))))
	if err == nil {
		_, err = to.Write(packed)
	}
	if err != nil {
		return fmt.Errorf("evidence: write %s: %w", name, err)
	}
	return nil
}

// header is that of an entry: sizes stand before the data, and no time tells when it was written.
func header(name string, method uint16, crc uint32, packed, size int64) *zip.FileHeader {
	const (
		version20 = 20
		unix      = 3 << 8
		readable  = 0o100644 << 16
		year1980  = 1<<5 | 1 // the first day that a ZIP archive knows
	)
	h := &zip.FileHeader{Name: name, Method: method, CreatorVersion: unix | version20, ReaderVersion: version20, ExternalAttrs: readable,
		CRC32: crc, CompressedSize64: uint64(packed), UncompressedSize64: uint64(size), ModifiedDate: year1980}
	if !isASCII(name) {
		h.Flags = flagUTF8
	}
	return h
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func deflate(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err == nil {
		_, err = z.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("evidence: deflate: %w", err)
	}
	return b.Bytes(), nil
}
