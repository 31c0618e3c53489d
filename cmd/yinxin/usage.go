package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What cobra and pflag say of a command line is said here in the words of this program, in both languages.

// polish prepares every command below c: options are listed in the order in which they are explained, and the frame of the help has both languages.
func polish(c *cobra.Command) {
	c.Flags().SortFlags = false
	c.InitDefaultHelpFlag()
	c.Flags().Lookup("help").Usage = "说明 / this help"
	c.SetFlagErrorFunc(flagError)
	for _, sub := range c.Commands() {
		polish(sub)
	}
}

// usageFrame is cobra's usage template with both languages.
func usageFrame(template string) string {
	return strings.NewReplacer("Usage:", "用法 / Usage:", "Available Commands:", "命令 / Commands:", "Global Flags:", "通用选项 / Global options:", "Flags:",
		"选项 / Options:", `Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		"{{.CommandPath}} COMMAND --help  命令的说明 / says more about a command").Replace(template)
}

func helpCommand() *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND…]", Short: "说明 / say more about a command", RunE: func(c *cobra.Command, args []string) error {
		topic, rest, err := c.Root().Find(args)
		if err != nil || len(rest) > 0 {
			return noCommand(c.Root(), strings.Join(args, " "))
		}
		return topic.Help()
	}}
}

// chooser makes c a command that only holds others: alone it shows its help, with a word it does not know it says so.
func chooser(c *cobra.Command) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return noCommand(c, args[0])
		}
		return c.Help()
	}
	return c
}

func noCommand(c *cobra.Command, word string) error {
	at := c.CommandPath()
	return usage("没有“"+at+" "+word+"”这个命令，有哪些命令见 "+at+" --help", "there is no command “"+at+" "+word+"”: see "+at+" --help")
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	at := c.CommandPath()
	return usage("“"+args[0]+"”前面没有选项名；"+at+" 的写法见 "+at+" --help", "nothing says what “"+args[0]+"” is for: see "+at+" --help for how to write it")
}

// oneArg wants exactly one word on the command line, someArgs at least one. what it is stands in both languages.
func oneArg(zh, en string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		at := c.CommandPath()
		return usage(fmt.Sprintf("%s 要有一个%s，给出了 %d 个：写作 %s", at, zh, len(args), c.UseLine()), fmt.Sprintf("%s takes one %s and was given %d: write %s", at, en, len(args), c.UseLine()))
	}
}

func someArgs(zh, en string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		at := c.CommandPath()
		return usage(at+" 至少要有一个"+zh+"：写作 "+c.UseLine(), at+" takes at least one "+en+": write "+c.UseLine())
	}
}

// required wants a value, and not an empty one, for every option that must be given.
func required(c *cobra.Command) error {
	var missing []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[cobra.BashCompOneRequiredFlag] != nil && (!f.Changed || f.Value.String() == "") {
			missing = append(missing, "--"+f.Name)
		}
	})
	return lacks(c.CommandPath(), missing)
}

// lacks names the options that a command cannot do without.
func lacks(at string, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	return usage(at+" 缺少 "+strings.Join(missing, "、")+"，写法见 "+at+" --help", at+" lacks "+strings.Join(missing, ", ")+": see "+at+" --help for how to write it")
}

func notNegative(name string) error {
	return usage("选项 "+name+" 不能是负数", "the option "+name+" cannot be negative")
}

// flagError puts pflag's complaint into a sentence.
func flagError(c *cobra.Command, err error) error {
	at := c.CommandPath()
	var none *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &none):
		name := "--" + none.GetSpecifiedName()
		if none.GetSpecifiedShortnames() != "" {
			name = "-" + none.GetSpecifiedName()
		}
		return usage(at+" 没有选项 "+name+"，有哪些选项见 "+at+" --help", at+" has no option "+name+": see "+at+" --help")
	case errors.As(err, &bare):
		name := "--" + bare.GetFlag().Name
		return usage("选项 "+name+" 后面缺少它的值，写法见 "+at+" --help", "the option "+name+" lacks its value: see "+at+" --help")
	case errors.As(err, &wrong):
		name, value := "--"+wrong.GetFlag().Name, wrong.GetValue()
		zh, en := kindOf(wrong.GetFlag())
		return usage("选项 "+name+" 的值“"+value+"”不对，应为"+zh, "the option "+name+" cannot be “"+value+"”: it is "+en)
	}
	return usage("命令行无法识别："+err.Error()+"；写法见 "+at+" --help", "the command line is not understood: "+err.Error()+"; see "+at+" --help")
}

// kindOf says what values an option takes.
func kindOf(f *pflag.Flag) (zh, en string) {
	switch f.Value.Type() {
	case "int":
		return "不太大的整数", "a whole number that is not too large"
	case "float64":
		return "不太大的数", "a number that is not too large"
	case "duration":
		return "时长，例如 30s、5m", "a length of time, for example 30s or 5m"
	case "bool":
		return " true 或 false", "true or false"
	}
	return "文字", "text"
}
