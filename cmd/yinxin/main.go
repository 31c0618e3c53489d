// Command yinxin makes electronic seals, stamps documents with them and verifies what others stamped.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"yinxin/fault"
)

// Exit codes. verify uses all of them; every other command uses exitOK, exitRefused and exitUsage.
const (
	exitOK            = 0 // done; verify: PASSED
	exitRefused       = 1 // refused or failed; verify: FAILED
	exitIndeterminate = 2 // verify: INDETERMINATE
	exitUsage         = 3 // the command line or a file cannot be read
	exitUnsigned      = 4 // verify: no signature
)

func main() { os.Exit(run()) }

// run is main without os.Exit, so that tests can call it.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// app is what every command needs from outside.
type app struct {
	in       io.Reader
	out, err io.Writer
	lang     string
	now      func() time.Time
	code     int
}

func execute(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw, lang: languageFrom(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), now: time.Now}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errw)
	if err := root.ExecuteContext(ctx); err != nil {
		a.explain(err)
		if a.code == exitOK {
			a.code = codeOf(err)
		}
	}
	return a.code
}

// languageFrom takes the language of the first variable that is set, as POSIX orders them.
func languageFrom(vars ...string) string {
	for _, v := range vars {
		if v == "" {
			continue
		}
		if strings.HasPrefix(v, "zh") {
			return "zh"
		}
		return "en"
	}
	return "en"
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:           "yinxin",
		Short:         "电子印章：制章、签章、核验 / electronic seals: make, stamp, verify",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.lang != "zh" && a.lang != "en" {
				return usage("--lang 只能是 zh 或 en", "--lang is zh or en")
			}
			return nil
		},
	}
	c.PersistentFlags().StringVar(&a.lang, "lang", a.lang, "语言 / language of messages: zh, en")
	c.CompletionOptions.HiddenDefaultCmd = true
	c.AddCommand(a.verifyCommand(), a.stampCommand(), a.sealCommand(), a.keyCommand(), a.caCommand(), a.codeCommand(), a.demoCommand())
	return c
}

// group is a command that only holds others. Without one of them it shows its help; with a word it does not know it says so.
func group(name, short string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, RunE: func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("没有“"+name+" "+args[0]+"”这个命令，用 yinxin "+name+" --help 查看", "there is no command “"+name+" "+args[0]+"”: see yinxin "+name+" --help")
		}
		return c.Help()
	}}
}

// usageError is a command line that cannot be understood.
type usageError struct{ zh, en string }

func (e usageError) Error() string { return e.en }

func usage(zh, en string) error { return usageError{zh, en} }

// say picks a sentence in the user's language.
func (a *app) say(zh, en string) string {
	if a.lang == "zh" {
		return zh
	}
	return en
}

// explain prints an error as one sentence: what is wrong, where, and what to do.
func (a *app) explain(err error) {
	var u usageError
	switch p, public := fault.PublicOf(err); {
	case errors.As(err, &u):
		fmt.Fprintln(a.err, "yinxin: "+a.say(u.zh, u.en))
	case public:
		fmt.Fprintln(a.err, "yinxin: "+p.In(a.lang)+cause(err))
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "yinxin: "+a.say("已中断，未留下半成品文件", "interrupted; no half-made file was left"))
	default:
		fmt.Fprintln(a.err, "yinxin: "+err.Error())
	}
}

// cause adds what a parser or the system said, in brackets.
func cause(err error) string {
	var e *fault.Error
	if errors.As(err, &e) && e.Err != nil {
		return " (" + e.Err.Error() + ")"
	}
	return ""
}

// codeOf maps an error to an exit code: what cannot be read or understood is 3, what was refused or went wrong is 1.
func codeOf(err error) int {
	var path *os.PathError
	switch kind := fault.KindOf(err); {
	case kind == fault.Invalid, kind == fault.NotFound, kind == fault.Limit:
		return exitUsage
	case kind != 0:
		return exitRefused
	case errors.As(err, &path):
		return exitUsage
	}
	var u usageError
	if errors.As(err, &u) || isCobraUsage(err) {
		return exitUsage
	}
	return exitRefused
}

// isCobraUsage recognises cobra's own complaints about the command line, which have no type.
func isCobraUsage(err error) bool {
	for _, p := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag", "flag needs an argument", "invalid argument", "accepts ", "requires at least"} {
		if strings.HasPrefix(err.Error(), p) {
			return true
		}
	}
	return false
}
