package batch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"yinxin/fault"
	"yinxin/verify/evidence"
)

// Skipped counts what was met and has no line in the table.
type Skipped struct {
	Hidden int // files and folders whose names begin with a point, and what archivers of macOS add
	Links  int // symbolic links, which are not followed
	Kept   int // evidence beside a file, which is read with it
}

// walk goes through what was named, in order: folders by name, archives by name, each file once. It holds the names of one folder or archive at a time.
type walk struct {
	limits  Limits
	own     os.FileInfo // a file of ours, no input
	visit   func(name string, open func() *File) error
	skipped Skipped
}

// opener gives a file as the disk has it.
type opener func() (*os.File, error)

func (w *walk) inputs(ctx context.Context, inputs []string) error {
	for _, in := range inputs {
		info, err := os.Stat(in)
		switch {
		case err != nil:
			err = w.broken(in, err)
		case info.IsDir():
			err = w.folder(ctx, in)
		case !info.Mode().IsRegular():
			err = w.broken(in, errNotFile())
		default:
			err = w.file(ctx, in, func() (*os.File, error) { return os.Open(in) }, func() (*os.File, error) { return os.Open(evidence.FileName(in)) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folder visits the files below a folder. They are opened inside it: whatever changes meanwhile, nothing outside is read.
func (w *walk) folder(ctx context.Context, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return w.broken(dir, err)
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if stop := ctx.Err(); stop != nil {
			return stop
		}
		shown := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return w.broken(shown, err)
		case name != "." && hidden(d.Name()):
			w.skipped.Hidden++
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir(), w.isOwn(root, name):
		case d.Type()&fs.ModeSymlink != 0:
			w.skipped.Links++
		case !d.Type().IsRegular():
			return w.broken(shown, errNotFile())
		case isKept(name, func(document string) bool { return isRegular(root, document) }):
			w.skipped.Kept++
		default:
			return w.file(ctx, shown, func() (*os.File, error) { return root.Open(name) }, func() (*os.File, error) { return root.Open(evidence.FileName(name)) })
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("go through %s: %w", dir, err)
	}
	return nil
}

func (w *walk) isOwn(root *os.Root, name string) bool {
	if w.own == nil || path.Base(name) != w.own.Name() {
		return false
	}
	info, err := root.Stat(name)
	return err == nil && os.SameFile(info, w.own)
}

func isRegular(root *os.Root, name string) bool {
	info, err := root.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// isKept reports whether a file is evidence that is kept beside another.
func isKept(name string, there func(string) bool) bool {
	document, found := strings.CutSuffix(name, evidence.Suffix)
	return found && path.Base(name) != evidence.Suffix && there(document)
}

func hidden(base string) bool { return strings.HasPrefix(base, ".") || base == "__MACOSX" }

// file visits one file, or what is in it where it is an archive.
func (w *walk) file(ctx context.Context, shown string, open, beside opener) error {
	if isArchiveName(shown) {
		if found, err := w.archive(ctx, shown, open); found || err != nil {
			return err
		}
	}
	return w.visit(shown, func() *File {
		f, err := open()
		if err != nil {
			return &File{Name: shown, Err: err}
		}
		content, err := fromDisk(f)
		if err != nil {
			return &File{Name: shown, Err: err}
		}
		kept, err := optional(beside)
		if err != nil {
			content.close()
			return &File{Name: shown, Err: noKept(err)}
		}
		return &File{Name: shown, Content: content, Beside: kept}
	})
}

// optional opens a file that need not be there.
func optional(open opener) (*Content, error) {
	f, err := open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return fromDisk(f)
}

func noKept(err error) error {
	return fault.New(fault.Invalid, "evidence-unreadable", "文件旁的证据无法读取", "the evidence beside the file cannot be read", err)
}

// broken gives what cannot be opened its line.
func (w *walk) broken(shown string, err error) error {
	return w.visit(shown, func() *File { return &File{Name: shown, Err: err} })
}

// Apart refuses inputs of which one lies in another: its files would be judged twice.
func Apart(inputs []string) error {
	type named struct{ as, abs string }
	list := make([]named, len(inputs))
	for i, in := range inputs {
		abs, err := filepath.Abs(in)
		if err != nil {
			return fmt.Errorf("where %s is: %w", in, err)
		}
		list[i] = named{in, strings.TrimSuffix(abs, string(filepath.Separator)) + string(filepath.Separator)}
	}
	slices.SortFunc(list, func(a, b named) int { return strings.Compare(a.abs, b.abs) })
	for i := 1; i < len(list); i++ { // what lies in a folder follows it
		if outer, inner := list[i-1], list[i]; strings.HasPrefix(inner.abs, outer.abs) {
			return fault.New(fault.Invalid, "input-twice", inner.as+" 已包含在 "+outer.as+" 之内，会核验两次：请只写其中一个",
				inner.as+" is in "+outer.as+" and would be judged twice: name one of them", nil)
		}
	}
	return nil
}
