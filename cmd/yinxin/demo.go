package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"yinxin/demo"
	"yinxin/fault"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/pdf"
)

func (a *app) demoCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: "演示 / make a demonstration: a licence with its seals, a contract sealed by two, a forgery",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), dir) },
	}
	c.Flags().StringVar(&dir, "dir", "./yinxin-demo", "目录 / directory to make")
	return c
}

// demoMark is the file by which a demonstration's directory is known, so that it may be made anew and nothing else is ever overwritten.
const demoMark = ".yinxin-demo"

// demo makes the demonstration in a temporary directory and puts it into its place when it is whole.
func (a *app) demo(ctx context.Context, dir string) (err error) {
	dir = filepath.Clean(dir)
	if err := replaceable(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return fmt.Errorf("make %s: %w", parent, err)
	}
	tmp, err := os.MkdirTemp(parent, ".yinxin-demo-*")
	if err != nil {
		return fmt.Errorf("make a directory in %s: %w", parent, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	files, err := a.runDemo(ctx, tmp)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("replace %s: %w", dir, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("replace %s: %w", dir, err)
	}
	a.demoTable(dir, files)
	return nil
}

// replaceable says whether dir may be written: it is new, empty, or an earlier demonstration.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return unreadable(dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
		return fault.New(fault.Conflict, "demo-dir", "目录 "+dir+" 里已有其他文件，没有改动；请用 --dir 换一个目录",
			"the directory "+dir+" holds other files and was left as it is; name another one with --dir", nil)
	}
	return nil
}

func (a *app) runDemo(ctx context.Context, dir string) ([]demo.File, error) {
	// The demonstration's keys are worth nothing, but they live as real ones do: sealed under a passphrase of their own.
	pass := make([]byte, 16)
	if _, err := rand.Read(pass); err != nil {
		return nil, fmt.Errorf("random numbers: %w", err)
	}
	passphrase := hex.EncodeToString(pass)
	for name, text := range map[string]string{demoMark: "", "passphrase.txt": passphrase + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
	}
	store, err := keystore.Create(filepath.Join(dir, "keys"), []byte(passphrase))
	if err != nil {
		return nil, err
	}
	keys := soft.New(store)
	defer keys.Close()
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false), progressbar.OptionUseANSICodes(false))
	return demo.Run(ctx, demo.Options{Dir: dir, Keys: keys, Format: pdf.Format{}, Now: a.now, Step: func(done, total int, zh, en string) {
		bar.ChangeMax(total)
		bar.Describe(a.say(zh, en))
		_ = bar.Set(done) // a bar that cannot be drawn must not stop the work
	}})
}

// demoTable says what was made and what to try next.
func (a *app) demoTable(dir string, files []demo.File) {
	fmt.Fprintln(a.out, a.say("演示已生成：", "The demonstration is in ")+dir)
	for _, f := range files {
		var seals []string
		for _, s := range f.Report.Signatures {
			if s.Seal != nil {
				seals = append(seals, s.Seal.Name)
			}
		}
		fmt.Fprintf(a.out, "  %s  %s  %s\n", pad(f.Name, 32), pad(string(f.Report.Verdict), 13), strings.Join(seals, "、"))
	}
	trustDir := filepath.Join(dir, "trust")
	fmt.Fprintln(a.out, a.say("\n再试试：", "\nTry next:"))
	for _, line := range []string{
		"yinxin verify --trust " + trustDir + " " + filepath.Join(dir, "contract-sealed.pdf"),
		"yinxin verify " + filepath.Join(dir, "contract-sealed.pdf") + a.say("    # 没有信任目录：无法得出结论", "    # without trust: no conclusion"),
		"yinxin verify --trust " + trustDir + " " + filepath.Join(dir, "contract-sealed-tampered.pdf"),
	} {
		fmt.Fprintln(a.out, "  "+line)
	}
}

// pad fills s with spaces to a width in columns: Chinese characters take two.
func pad(s string, width int) string { return runewidth.FillRight(s, width) }
