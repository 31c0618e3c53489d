// Command yinxin makes electronic seals, stamps documents with them and verifies what others stamped.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes. verify uses all of them, seal check all but the last; every other command uses exitOK, exitRefused and exitUsage.
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
	asking   sync.Mutex // held by who reads an answer from in
}

func execute(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw, lang: languageFrom(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), now: time.Now}
	a.lang = languageAsked(args, a.lang)
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

// languageAsked looks for --lang before the command line is parsed, so that what is wrong with it is said in that language too.
func languageAsked(args []string, lang string) string {
	for i, arg := range args {
		value, found := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, found = args[i+1], true
		}
		if found && (value == "zh" || value == "en") {
			lang = value
		}
	}
	return lang
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:           "yinxin",
		Short:         "电子印章：制章、签章、核验 / electronic seals: make, stamp, verify",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if a.lang != "zh" && a.lang != "en" {
				return usage("--lang 只能是 zh 或 en，不能是“"+a.lang+"”", "--lang is zh or en, not “"+a.lang+"”")
			}
			return required(c)
		},
	}
	chooser(c)
	c.PersistentFlags().StringVar(&a.lang, "lang", a.lang, "语言 / language of messages, `zh|en`")
	c.CompletionOptions.HiddenDefaultCmd = true
	c.SetHelpCommand(helpCommand())
	c.SetUsageTemplate(usageFrame(c.UsageTemplate()))
	c.AddCommand(a.verifyCommand(), a.renderCommand(), a.stampCommand(), a.extendCommand(), a.evidenceCommand(), a.sealCommand(), a.trustCommand(),
		a.keyCommand(), a.tokenCommand(), a.hsmCommand(), a.caCommand(), a.tsaCommand(), a.serveCommand(), a.codeCommand(), a.demoCommand())
	polish(c)
	return c
}

// group is a command that only holds others.
func group(name, short string) *cobra.Command {
	return chooser(&cobra.Command{Use: name, Short: short})
}

// say picks a sentence in the user's language.
func (a *app) say(zh, en string) string {
	if a.lang == "zh" {
		return zh
	}
	return en
}
