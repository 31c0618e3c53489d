package batch

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yinxin/fault"
	"yinxin/verify/evidence"
)

// Limits bound what one archive can cost. A zero field means its default.
type Limits struct {
	Directory int64 // largest directory, in bytes: 24 MiB
	Entries   int   // most entries: 100,000
	Entry     int64 // largest file in it, in bytes: 1 GiB
	Total     int64 // all files in it together, in bytes: 64 GiB
	Ratio     int64 // how many times its packed size a file may have, beyond 1 MiB: 200
}

func (l Limits) withDefaults() Limits {
	set := func(n *int64, v int64) {
		if *n <= 0 {
			*n = v
		}
	}
	if l.Entries <= 0 {
		l.Entries = 100_000
	}
	set(&l.Directory, 24<<20)
	set(&l.Entry, 1<<30)
	set(&l.Total, 64<<30)
	set(&l.Ratio, 200)
	return l
}

// freeRatio is how many bytes a file may have, however well it is packed.
const freeRatio = 1 << 20

// Bits of the flags of APPNOTE.TXT, 4.4.4, that mean encryption: of the content, strong, of the directory.
const flagsEncrypted = 1 | 1<<6 | 1<<13

// matchHead is how many bytes tell evidence from other archives.
const matchHead = 64

// isArchiveName goes by the name because .docx, .jar and .ofd are ZIP archives too; the content has the last word, see archive.
func isArchiveName(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".zip") }

// archive visits the files in a ZIP archive. found is false where the file is none, or is to be judged as one file: an OFD, a bundle of evidence.
func (w *walk) archive(ctx context.Context, shown string, open opener) (found bool, err error) {
	f, err := open()
	if err != nil {
		return false, nil // opened again as a file, whose line says why it cannot be
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || !isArchive(f) {
		return false, nil
	}
	list, err := w.limits.directory(f, info.Size())
	switch {
	case err != nil:
		return true, w.broken(shown, err)
	case isOFD(list):
		return false, nil
	}
	return true, w.entries(ctx, shown, list)
}

// isArchive tells an archive from what only has the name of one, and from a bundle.
func isArchive(r io.ReaderAt) bool {
	head := make([]byte, matchHead)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	return bytes.HasPrefix(head[:n], []byte("PK")) && !evidence.Match(head[:n])
}

func isOFD(list []*zip.File) bool {
	return slices.ContainsFunc(list, func(f *zip.File) bool { return strings.TrimPrefix(f.Name, "/") == "OFD.xml" })
}

// directory reads the list of what is in an archive. It reads no more of it than the limits allow, whatever the archive says of itself.
func (l Limits) directory(r io.ReaderAt, size int64) ([]*zip.File, error) {
	rationed := &ration{r, l.Directory}
	z, err := zip.NewReader(rationed, size)
	if rationed.left < 0 {
		return nil, tooMuch("压缩包中的文件太多", "the archive holds too many files")
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are looked at one by one
		return nil, fault.New(fault.Invalid, "zip-damaged", "压缩包已损坏，无法打开", "the ZIP archive is damaged and cannot be opened", err)
	}
	rationed.left = math.MaxInt64
	var packed, total uint64
	for _, f := range z.File {
		if f.CompressedSize64 > uint64(size)-packed {
			return nil, tooMuch("压缩包中的文件互相重叠，是有意做成这样的", "files in the archive overlap, which somebody made on purpose")
		}
		packed += f.CompressedSize64
		if total += min(f.UncompressedSize64, 1<<50); total > uint64(l.Total) {
			return nil, tooMuch("压缩包解开后太大", "the archive is too large when unpacked")
		}
	}
	if len(z.File) > l.Entries {
		return nil, tooMuch("压缩包中的文件太多", "the archive holds too many files")
	}
	return z.File, nil
}

// ration is a reader that fails after so many bytes.
type ration struct {
	io.ReaderAt
	left int64
}

func (r *ration) ReadAt(p []byte, off int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, errRation
	}
	return r.ReaderAt.ReadAt(p, off)
}

var errRation = errors.New("more was read than is allowed")

func tooMuch(zh, en string) error {
	return fault.New(fault.Limit, "zip-limit", zh+"，未打开：请解压后核验文件夹", en+"; it was not opened: unpack it and verify the folder", nil)
}

// entries visits the files in the order in which a folder of them would be.
func (w *walk) entries(ctx context.Context, shown string, list []*zip.File) error {
	named := make(map[string][]*zip.File, len(list))
	for _, f := range list {
		name := strings.TrimPrefix(nameOf(f), "./")
		named[name] = append(named[name], f)
	}
	names := make([]string, 0, len(named))
	for name := range named {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(strings.ReplaceAll(a, "/", "\x00"), strings.ReplaceAll(b, "/", "\x00"))
	})
	there := func(name string) bool { return len(named[name]) == 1 }
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, as := named[name][0], shown+"/"+name
		var err error
		switch {
		case f.Mode().IsDir():
		case slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return hidden(part) && part != ".." && part != "." }):
			w.skipped.Hidden++
		case f.Mode()&fs.ModeSymlink != 0:
			w.skipped.Links++
		case isKept(name, there):
			w.skipped.Kept++
		default:
			var kept *zip.File
			if there(evidence.FileName(name)) {
				kept = named[evidence.FileName(name)][0]
			}
			refused := w.limits.refuse(name, named[name])
			err = w.visit(as, func() *File { return w.entry(ctx, as, f, kept, refused) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nameOf is the name of an entry. One that says no encoding is of an older archiver: those of Chinese systems wrote GB 18030.
func nameOf(f *zip.File) string {
	if f.NonUTF8 && !utf8.ValidString(f.Name) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(f.Name); err == nil {
			return s
		}
	}
	return f.Name
}

// refuse says why an entry is named and not opened.
func (l Limits) refuse(name string, same []*zip.File) error {
	f := same[0]
	refused := func(code, zh, en string) error { return fault.New(fault.Invalid, code, zh, en, nil) }
	switch {
	case !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':':
		return refused("zip-name", "压缩包中的文件名不安全，未打开：解压后再核验", "the file's name in the archive is not safe; it was not opened: unpack it and verify the file")
	case len(same) > 1:
		return refused("zip-twice", "压缩包中有几个同名文件，未打开：各程序会打开不同的一个", "the archive holds several files of this name; none was opened, since programs differ in which they open")
	case f.Flags&flagsEncrypted != 0:
		return refused("zip-encrypted", "压缩包中的这个文件加了密，未打开：请解压后核验", "the file is encrypted in the archive; it was not opened: unpack it and verify the file")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return refused("zip-method", "压缩包中的这个文件用了不支持的压缩方法，未打开：请解压后核验", "the file is packed in a way that is not supported; it was not opened: unpack it and verify the file")
	case !f.Mode().IsRegular():
		return errNotFile()
	case f.UncompressedSize64 > uint64(l.Entry):
		return tooMuch("压缩包中的这个文件太大", "the file in the archive is too large")
	case f.UncompressedSize64 > freeRatio && f.UncompressedSize64/uint64(l.Ratio) > f.CompressedSize64:
		return tooMuch("压缩包中的这个文件压缩得异常小", "the file in the archive is packed suspiciously small")
	}
	return nil
}

// entry unpacks one file of an archive.
func (w *walk) entry(ctx context.Context, as string, f, kept *zip.File, refused error) *File {
	fail := func(err error) *File { return &File{Name: as, Err: err} }
	if refused != nil {
		return fail(refused)
	}
	content, err := unpack(ctx, f)
	if err != nil {
		return fail(err)
	}
	if isArchiveName(as) && isArchive(content) {
		if list, err := w.limits.directory(content, content.Size); err != nil || !isOFD(list) {
			content.close()
			return fail(fault.New(fault.Invalid, "zip-nested", "这是压缩包中的压缩包，未打开：请先解压", "this is an archive in an archive; it was not opened: unpack it first", nil))
		}
	}
	out := &File{Name: as, Content: content}
	if kept == nil {
		return out
	}
	err = w.limits.refuse(nameOf(kept), []*zip.File{kept})
	if err == nil {
		out.Beside, err = unpack(ctx, kept)
	}
	if err != nil {
		content.close()
		return fail(noKept(err))
	}
	return out
}

func unpack(ctx context.Context, f *zip.File) (*Content, error) {
	r, err := f.Open()
	if err == nil {
		defer r.Close()
		var c *Content
		if c, err = spooled(ctx, r, int64(f.UncompressedSize64)); err == nil {
			return c, nil
		}
	}
	if ctx.Err() != nil || fault.KindOf(err) != 0 || errors.As(err, new(*os.PathError)) {
		return nil, err // of this computer, not of the archive
	}
	return nil, fault.New(fault.Invalid, "zip-damaged", "压缩包中的这个文件已损坏", "the file is damaged in the archive", err)
}
