package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Sizes and flags of APPNOTE.TXT, the description of ZIP archives.
const (
	endSize      = 22 // of the record that ends an archive, without a comment
	localSize    = 30 // of what stands before the name of an entry
	centralSize  = 46 // of what stands before its name in the directory
	maxEntryName = len(documentFolder) + maxName
	flagUTF8     = 1 << 11
	zip64        = 1<<32 - 1 // a size that is told elsewhere
	freeRatio    = 64 << 10  // bytes that an entry may have, however well it is packed
)

// archive is a ZIP archive that leaves nothing to interpretation: entries follow one another from the first byte on, the directory follows the last,
// and what stands before each entry is what the directory says.
type archive struct {
	r       io.ReaderAt
	size    int64
	lim     Limits
	entries []entry
	end     int64 // of the entries
	total   int64 // bytes of the entries read so far
}

// entry is a file in the archive.
type entry struct {
	file *zip.File
	at   int64 // of its header
	data int64 // of its bytes
}

func (e entry) size() int64 { return int64(e.file.UncompressedSize64) }

// open reads the directory and checks that it is true. It reads nothing of an archive whose last record promises too much.
func (a *archive) open() error {
	if a.size < endSize || a.size > zip64 {
		return malformed(&ParseError{Offset: 0, What: fmt.Sprintf("%d bytes are no archive of this kind", a.size)})
	}
	count, err := a.readEnd()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(io.NewSectionReader(a.r, 0, a.size), a.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are held against the manifest
		return malformed(&ParseError{Offset: a.end, What: "the directory", Err: err})
	}
	if len(z.File) != count {
		return malformed(&ParseError{Offset: a.end, What: "the directory has another number of entries than it says"})
	}
	at := int64(0)
	for _, f := range z.File {
		e := entry{file: f, at: at, data: at + localSize + int64(len(f.Name))}
		if err := a.check(e); err != nil {
			return err
		}
		at = e.data + int64(f.CompressedSize64)
		a.entries = append(a.entries, e)
	}
	if at != a.end {
		return malformed(&ParseError{Offset: at, What: "the directory does not follow the last entry"})
	}
	return nil
}

// readEnd reads the record that ends the archive: how many entries it has, and where the directory stands.
func (a *archive) readEnd() (int, error) {
	var b [endSize]byte
	at := a.size - endSize
	if n, err := a.r.ReadAt(b[:], at); n < endSize {
		return 0, unreadable(err)
	}
	fail := func(what string) error { return malformed(&ParseError{Offset: at, What: what}) }
	count := int(binary.LittleEndian.Uint16(b[10:]))
	directory, start := int64(binary.LittleEndian.Uint32(b[12:])), int64(binary.LittleEndian.Uint32(b[16:]))
	switch {
	case !bytes.HasPrefix(b[:], []byte("PK\x05\x06\x00\x00\x00\x00")):
		return 0, fail("the archive does not end with its directory")
	case int(binary.LittleEndian.Uint16(b[8:])) != count || binary.LittleEndian.Uint16(b[20:]) != 0:
		return 0, fail("the archive is in several parts or has a comment")
	case start+directory != at:
		return 0, fail("the directory does not stand at the end")
	case count == 0:
		return 0, fail("the archive is empty")
	case count > a.lim.Entries:
		return 0, tooMuch("entries", int64(count), int64(a.lim.Entries))
	case directory > int64(count)*int64(centralSize+maxEntryName):
		return 0, fail("the directory is longer than its entries can be")
	}
	a.end = start
	return count, nil
}

// check holds an entry against the rules, and what stands before its bytes against the directory.
func (a *archive) check(e entry) error {
	f := e.file
	fail := func(what string) error {
		return malformed(&ParseError{Offset: e.at, What: fmt.Sprintf("%.100q %s", f.Name, what)})
	}
	switch {
	case len(f.Name) > maxEntryName:
		return fail("has too long a name")
	case f.Flags&^uint16(flagUTF8) != 0:
		return fail("is encrypted, or its size stands behind it")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fail("is packed in a way that is not known")
	case len(f.Extra) != 0 || f.Comment != "":
		return fail("has extra fields or a comment")
	case f.UncompressedSize64 >= zip64 || f.CompressedSize64 > uint64(max(a.end-e.data, 0)):
		return fail("is longer than the archive")
	case f.Method == zip.Store && f.UncompressedSize64 != f.CompressedSize64:
		return fail("is stored and has two sizes")
	}
	if f.Method == zip.Deflate && e.size() > freeRatio && e.size()/a.lim.Ratio > int64(f.CompressedSize64) {
		return tooMuch("ratio of "+f.Name, e.size()/max(int64(f.CompressedSize64), 1), a.lim.Ratio)
	}
	want := make([]byte, 0, localSize+len(f.Name))
	want = append(want, "PK\x03\x04"...)
	for _, n := range [...]uint16{f.ReaderVersion, f.Flags, f.Method, f.ModifiedTime, f.ModifiedDate} { // as the directory has them
		want = binary.LittleEndian.AppendUint16(want, n)
	}
	for _, n := range [...]uint32{f.CRC32, uint32(f.CompressedSize64), uint32(f.UncompressedSize64), uint32(len(f.Name))} {
		want = binary.LittleEndian.AppendUint32(want, n) // the last one is two lengths: of the name, and none of extra fields
	}
	want = append(want, f.Name...)
	got := make([]byte, len(want))
	if n, err := a.r.ReadAt(got, e.at); n < len(got) {
		return malformed(&ParseError{Offset: e.at, What: "an entry is cut off", Err: err})
	}
	if !bytes.Equal(got, want) {
		return fail("does not stand where the directory has it, or is described in two ways")
	}
	return nil
}

// read gives the bytes of an entry.
func (a *archive) read(e entry) ([]byte, error) {
	if e.size() > a.lim.Entry {
		return nil, tooMuch(strings.ToValidUTF8(e.file.Name, "?"), e.size(), a.lim.Entry)
	}
	if a.total += e.size(); a.total > a.lim.Total {
		return nil, tooMuch("total", a.total, a.lim.Total)
	}
	fail := func(err error) error {
		return malformed(&ParseError{Offset: e.data, What: fmt.Sprintf("%.100q cannot be unpacked", e.file.Name), Err: err})
	}
	r, err := e.file.Open()
	if err != nil {
		return nil, fail(err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, e.size()+1)) // in steps: what a header promises is not believed
	if err != nil {
		return nil, fail(err)
	}
	if int64(len(b)) != e.size() {
		return nil, fail(fmt.Errorf("%d bytes", len(b)))
	}
	return b, nil
}
