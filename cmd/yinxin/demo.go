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
	"github.com/spf13/cobra"

	"yinxin/demo"
	"yinxin/fault"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/issue"
	"yinxin/verify/report"
)

func (a *app) demoCommand() *cobra.Command {
	var dir string
	var inToken bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "演示 / make a demonstration: a licence with its seals, a contract sealed by two, a forgery",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), dir, inToken) },
	}
	c.Flags().StringVar(&dir, "dir", "./yinxin-demo", "目录 / `DIR` to make; an earlier demonstration there is made anew")
	c.Flags().BoolVar(&inToken, "token", false, "密钥全部放在软件令牌中，由另一个进程运行 / keep every key in the software token, served by a process of its own, and count its signatures")
	return c
}

// demoMark is the file by which a demonstration's directory is known, so that it may be made anew and nothing else is ever overwritten.
const demoMark = ".yinxin-demo"

// demo makes the demonstration in a temporary directory and puts it into its place when it is whole.
func (a *app) demo(ctx context.Context, dir string, inToken bool) (err error) {
	dir = filepath.Clean(dir)
	if err := replaceable(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return unwritable(parent, err)
	}
	tmp, err := os.MkdirTemp(parent, ".yinxin-demo-*")
	if err != nil {
		return unwritable(parent, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if err := os.WriteFile(filepath.Join(tmp, demoMark), nil, 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	var files []demo.File
	var count string
	if inToken {
		files, count, err = a.demoInToken(ctx, tmp)
	} else {
		files, err = a.demoInStore(ctx, tmp)
	}
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return unwritable(dir, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return unwritable(dir, err)
	}
	a.demoTable(dir, files, count)
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

// demoInStore keeps the keys in a key store. They are worth nothing, but they live as real ones do: sealed under a passphrase of their own.
func (a *app) demoInStore(ctx context.Context, dir string) ([]demo.File, error) {
	passphrase, err := newSecret(dir, "passphrase.txt")
	if err != nil {
		return nil, err
	}
	store, err := keystore.Create(filepath.Join(dir, "keys"), []byte(passphrase))
	if err != nil {
		return nil, err
	}
	keys := soft.New(store)
	defer keys.Close()
	return a.runDemo(ctx, dir, keys)
}

func (a *app) runDemo(ctx context.Context, dir string, keys issue.Keys) ([]demo.File, error) {
	steps := a.progress()
	defer steps.end()
	return demo.Run(ctx, demo.Options{Dir: dir, Keys: keys, Formats: formats(), Now: a.now, Step: func(done, total int, zh, en string) {
		steps.show(done, total, a.say(zh, en))
	}})
}

// newSecret makes a secret of the demonstration's own, and leaves it in its directory for whoever wants to go on with it.
func newSecret(dir, name string) (string, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("random numbers: %w", err)
	}
	text := hex.EncodeToString(random)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return text, nil
}

// demoTable says what was made, what verification said of it, what the token counted, and what to try next.
func (a *app) demoTable(dir string, files []demo.File, count string) {
	fmt.Fprintln(a.out, a.say("演示已生成：", "The demonstration is in ")+plain(dir))
	width := 0
	for _, f := range files {
		width = max(width, runewidth.StringWidth(f.Name))
	}
	row := func(file, verdict, seals string) {
		fmt.Fprintln(a.out, strings.TrimRight("  "+pad(file, width)+"  "+pad(verdict, 15)+"  "+seals, " "))
	}
	row(a.say("文件", "file"), a.say("  核验", "  verdict"), a.say("印章", "seals"))
	for _, f := range files {
		var seals []string
		for _, s := range f.Report.Signatures {
			if s.Seal != nil {
				seals = append(seals, s.Seal.Name)
			}
		}
		row(f.Name, report.Mark(f.Report.Verdict)+" "+string(f.Report.Verdict), strings.Join(seals, "、"))
	}
	if count != "" {
		fmt.Fprintln(a.out, "\n"+count)
	}
	trustDir, me := filepath.Join(dir, "trust"), a.self()
	fmt.Fprintln(a.out, a.say("\n再试试：", "\nTry next:"))
	lines := [][2]string{
		{"verify --trust " + quoted(trustDir) + " " + quoted(filepath.Join(dir, fullContract)), a.say("通过", "passes")},
		{"verify " + quoted(filepath.Join(dir, fullContract)), a.say("没有信任目录：无法得出结论", "without trust: no conclusion")},
		{"verify --trust " + quoted(trustDir) + " " + quoted(filepath.Join(dir, tamperedContract)), a.say("改了一个字节：失败", "one byte changed: fails")},
	}
	if count != "" {
		lines = append(lines, [2]string{"token audit --dir " + quoted(filepath.Join(dir, tokenFolder)), a.say("令牌自己的账", "the token's own book")})
	}
	for _, line := range lines {
		fmt.Fprintf(a.out, "  %s %s    # %s\n", me, line[0], line[1])
	}
}

// What the demonstration calls the two files that are worth looking at first.
const (
	fullContract     = "contract-sealed.pdf"
	tamperedContract = "contract-sealed-tampered.pdf"
)

// self is how the user called this program.
func (a *app) self() string {
	if name := os.Args[0]; !filepath.IsAbs(name) && strings.ContainsRune(name, filepath.Separator) {
		return quoted(name)
	}
	return "yinxin"
}

// quoted is a word that a shell takes as it stands, or in single quotes.
func quoted(s string) string {
	odd := func(r rune) bool {
		return !(r >= 0x80 || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:+,=", r))
	}
	if s != "" && !strings.ContainsFunc(s, odd) {
		return s
	}
	return "'" + strings.ReplaceAll(plain(s), "'", `'\''`) + "'"
}

// pad fills s with spaces to a width in columns: Chinese characters take two.
func pad(s string, width int) string { return runewidth.FillRight(s, width) }
