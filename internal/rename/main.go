// Command rename gives the module another path, for whoever hosts it: go run ./internal/rename [-force] example.org/you/yinxin.
//
// It rewrites go.mod, the import paths of every Go file, and the modules below that stand on this one by a replace directive. Words in text, names
// of files and of the program stay what they are. A work tree with changes is refused, since the only way back is the repository's.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	force := flag.Bool("force", false, "also where the work tree has changes")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: rename [-force] MODULE-PATH, in the module's folder")
		os.Exit(2)
	}
	old, files, err := rename(context.Background(), flag.Arg(0), *force)
	if err != nil {
		fmt.Fprintln(os.Stderr, "rename:", err)
		os.Exit(1)
	}
	fmt.Printf("the module %s is now %s, in %d Go files\n", old, flag.Arg(0), files)
}

// rename works on the module in the current folder.
func rename(ctx context.Context, to string, force bool) (from string, files int, err error) {
	if from, err = modulePath(ctx, "."); err != nil {
		return "", 0, err
	}
	if !force {
		if err := clean(ctx); err != nil {
			return "", 0, err
		}
	}
	if err := run(ctx, ".", "go", "mod", "edit", "-module="+to); err != nil { // refuses what is no module path
		return "", 0, err
	}
	err = filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || name == "out"):
			return filepath.SkipDir
		case d.Type().IsRegular() && d.Name() == "go.mod" && name != "go.mod":
			return repoint(ctx, filepath.Dir(name), from, to)
		case d.Type().IsRegular() && strings.HasSuffix(name, ".go"):
			changed, err := imports(name, from, to)
			if changed {
				files++
			}
			return err
		}
		return nil
	})
	return from, files, err
}

// imports rewrites the import paths of one file and reports whether there were any.
func imports(name, from, to string) (bool, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ImportsOnly)
	if err != nil {
		return false, err
	}
	var out []byte
	done := 0
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return false, err
		}
		rest, ok := strings.CutPrefix(p, from)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		out = append(out, text[done:set.Position(i.Path.Pos()).Offset]...)
		out = strconv.AppendQuote(out, to+rest)
		done = set.Position(i.Path.End()).Offset
	}
	if done == 0 {
		return false, nil
	}
	if out, err = format.Source(append(out, text[done:]...)); err != nil { // sorts a block of imports anew
		return false, fmt.Errorf("%s: %w", name, err)
	}
	return true, os.WriteFile(name, out, 0o644)
}

// repoint has the module in dir, where it replaces from by a folder, require and replace to instead.
func repoint(ctx context.Context, dir, from, to string) error {
	text, err := output(ctx, dir, "go", "mod", "edit", "-json")
	if err != nil {
		return err
	}
	var mod struct {
		Replace []struct{ Old, New struct{ Path string } }
	}
	if err := json.Unmarshal(text, &mod); err != nil {
		return err
	}
	for _, r := range mod.Replace {
		if r.Old.Path == from {
			return run(ctx, dir, "go", "mod", "edit", "-droprequire="+from, "-dropreplace="+from, "-require="+to+"@"+version(to), "-replace="+to+"="+r.New.Path)
		}
	}
	return nil
}

// version is a version a module path may have; a replaced module needs one, which means nothing.
func version(module string) string {
	major := "v0"
	if last := path.Base(module); regexp.MustCompile(`^v[1-9][0-9]*$`).MatchString(last) {
		major = last
	}
	return major + ".0.0"
}

func modulePath(ctx context.Context, dir string) (string, error) {
	text, err := output(ctx, dir, "go", "mod", "edit", "-json")
	if err != nil {
		return "", err
	}
	var mod struct{ Module struct{ Path string } }
	if err := json.Unmarshal(text, &mod); err != nil {
		return "", err
	}
	return mod.Module.Path, nil
}

func clean(ctx context.Context) error {
	changes, err := output(ctx, ".", "git", "status", "--porcelain")
	if err != nil {
		return fmt.Errorf("whether the work tree has changes is unknown, so nothing was done (FORCE=1 does it all the same): %w", err)
	}
	if len(changes) > 0 {
		return errors.New("the work tree has changes: commit them first, or FORCE=1")
	}
	return nil
}

func run(ctx context.Context, dir string, args ...string) error {
	_, err := output(ctx, dir, args...)
	return err
}

func output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(log.Bytes()))
	}
	return out, nil
}
