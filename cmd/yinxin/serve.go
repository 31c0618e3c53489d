package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"yinxin/api"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/layout"
	"yinxin/verify"
	"yinxin/verify/evidence"
	"yinxin/verify/report"
	"yinxin/web"
)

// serviceConfig is what yinxin serve is told: by a YAML file, and by flags, which go before it. Fields that are not here are refused.
type serviceConfig struct {
	Roles  []string `yaml:"roles"`  // what this process answers for: verify
	Trust  string   `yaml:"trust"`  // trust directory; without one nobody is trusted
	Listen string   `yaml:"listen"` // HOST:PORT; port 0 takes a free one

	TLS struct {
		Cert string `yaml:"cert"` // PEM file of the server's certificate and those above it
		Key  string `yaml:"key"`  // PEM file of its key
	} `yaml:"tls"`
	PlainHTTPUnsafe bool `yaml:"plainHTTPUnsafe"` // plain HTTP beyond this machine: everyone on the way can read files and change verdicts

	Spool       string     `yaml:"spool"`       // folder for uploads under way; empty: the system's for temporary files
	ReportFonts []string   `yaml:"reportFonts"` // F.ttf or F.ttc#1, for characters that the built-in font lacks
	Limits      api.Limits `yaml:"limits"`      // see api.Limits
}

// roleVerify is the one role there is: judging files for anyone.
const roleVerify = "verify"

func (a *app) serveCommand() *cobra.Command {
	o := serviceConfig{Roles: []string{roleVerify}}
	var file string
	c := &cobra.Command{
		Use:   "serve --trust DIR",
		Short: "核验服务 / run the verification service (HTTP) until interrupted",
		Long: `任何能访问的人都可以请它核验文件：人用 /verify 页面，程序用 POST /v1/verifications（说明见 /openapi.json）。

它什么都不保存：答复做好，文件就删除。没有证书时只在本机提供明文 HTTP。

serve lets anyone who reaches it have a file judged: people at /verify, programs at POST /v1/verifications (described in /openapi.json).

It keeps nothing: a file is dropped when its answer is made. Without a certificate it answers plain HTTP, on this machine only.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.read(file, c.Flags()); err != nil {
				return err
			}
			return a.serve(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&file, "config", "", "配置 / YAML `FILE` of the configuration; flags go before it")
	f.StringSliceVar(&o.Roles, "roles", o.Roles, "角色 / `ROLES` of this process: verify")
	f.StringVar(&o.Trust, "trust", "", "信任目录 / trust directory `DIR`: {maker,ca,tsa,tax}/*.crt, crl/*.crl, ocsp/*.ors, trust.yaml")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "监听地址 / `HOST:PORT` to listen on; port 0 takes a free one")
	f.StringVar(&o.TLS.Cert, "tls-cert", "", "TLS 证书 / PEM `FILE` of the server's certificate")
	f.StringVar(&o.TLS.Key, "tls-key", "", "TLS 密钥 / PEM `FILE` of its key")
	f.BoolVar(&o.PlainHTTPUnsafe, "plain-http-unsafe", false, "允许在本机以外使用明文 HTTP / plain HTTP beyond this machine: whoever is on the way reads the files and can change the verdicts")
	f.StringVar(&o.Spool, "spool", "", "暂存目录 / folder `DIR` for uploads under way (default: the system's for temporary files)")
	return c
}

// read fills the configuration from a file. Flags that were given are set once more, so that they go before it.
func (o *serviceConfig) read(file string, flags *pflag.FlagSet) error {
	if file == "" {
		return nil
	}
	text, err := readSmall(file)
	if err != nil {
		return err
	}
	given := map[string]string{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(o); err != nil && !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "config", "配置文件 "+file+" 有误", "the configuration "+file+" is wrong", err)
	}
	for name, value := range given {
		if name == "roles" {
			value = value[1 : len(value)-1] // pflag writes lists in brackets
		}
		if err := flags.Set(name, value); err != nil {
			return fmt.Errorf("--%s: %w", name, err)
		}
	}
	return nil
}

// check refuses what cannot work or would be open to everyone on the way.
func (o *serviceConfig) check() error {
	if !slices.Equal(o.Roles, []string{roleVerify}) {
		return usage("--roles 目前只能是 verify", "--roles can only be verify")
	}
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return usage("--listen 不能是“"+o.Listen+"”，写作 主机:端口，例如 127.0.0.1:8080", "--listen cannot be “"+o.Listen+"”: write HOST:PORT, 127.0.0.1:8080 for one")
	}
	if (o.TLS.Cert == "") != (o.TLS.Key == "") {
		return usage("--tls-cert 与 --tls-key 须同时给出", "--tls-cert and --tls-key go together")
	}
	addr, err := netip.ParseAddr(host)
	if o.TLS.Cert != "" || o.PlainHTTPUnsafe || err == nil && addr.IsLoopback() {
		return nil
	}
	return usage("“"+o.Listen+"”不是本机回环地址，明文 HTTP 会让途中的人看到文件、改动结论：请加 --tls-cert 和 --tls-key；确需明文请加 --plain-http-unsafe",
		"“"+o.Listen+"” is not a loopback address, and plain HTTP lets anyone on the way read the files and change the verdicts: add --tls-cert and --tls-key. Where plain HTTP is meant, say --plain-http-unsafe")
}

// secure reads the certificate; nil is plain HTTP.
func (o *serviceConfig) secure() (*tls.Config, error) {
	if o.TLS.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.TLS.Cert, o.TLS.Key)
	if err != nil {
		return nil, fault.New(fault.Invalid, "tls", "无法使用 "+o.TLS.Cert+" 和 "+o.TLS.Key+"：须是 PEM 格式、互相匹配的证书和密钥", "cannot use "+o.TLS.Cert+" and "+o.TLS.Key+": a certificate and its key in PEM are needed", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// service puts the verifier, the trust, the fonts and the pages together.
func (a *app) service(o *serviceConfig, log *slog.Logger) (*api.Service, error) {
	v := verify.Verifier{Formats: formats(), Typed: true, Proven: gm.NewProven(maxProven)}
	printed := report.Options{Fonts: layout.Fonts{font.Default()}}
	if o.Trust != "" {
		set, err := loadTrust(o.Trust)
		if err != nil {
			return nil, err
		}
		v.Trust, printed.Anchors = set, set.Anchors()
	}
	for _, spec := range o.ReportFonts {
		f, err := openFont(spec)
		if err != nil {
			return nil, err
		}
		printed.Fonts = append(printed.Fonts, f)
	}
	limits, err := o.Limits.Complete()
	if err != nil {
		return nil, fault.New(fault.Invalid, "config", "配置中的 limits 有误：不能小于 0", "limits in the configuration: less than 0 is not possible", err)
	}
	var names []string
	for _, f := range v.Formats {
		names = append(names, f.Name())
	}
	pages, err := web.New(append(names, "XML"), limits.Upload)
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{Judge: a.judgeUpload(v), Report: printed, Pages: pages, Spool: o.Spool, Limits: limits, Now: a.now, Log: log})
}

// uploadedEvidence bounds what evidence may unpack to in memory, for every file that is judged at once.
func uploadedEvidence() evidence.Limits { return evidence.Limits{Entry: 16 << 20, Total: 32 << 20} }

// judgeUpload judges what a client sent as verify judges a file. Only what the file is to blame for is a report.
func (a *app) judgeUpload(v verify.Verifier) func(context.Context, api.Upload) (verify.Report, error) {
	return func(ctx context.Context, u api.Upload) (verify.Report, error) {
		v := v
		l := uploadedEvidence()
		v.Type, v.Password = u.Type, u.Password
		facts, err := gather(ctx, v, u.File, u.Size, l, func() (*verify.Beside, error) {
			if u.Evidence == nil {
				return nil, nil
			}
			return besideOf(ctx, u.Evidence, u.EvidenceSize, l, u.File, u.Size)
		})
		switch kind := fault.KindOf(err); {
		case err == nil:
			return verify.Judge(facts, verify.Policy{}, a.now()), nil
		case ctx.Err() == nil && kind != 0 && kind != fault.Unavailable:
			return unreadableReport(u.Name, facts.Format, err), nil //nolint:nilerr // the error is in the report
		}
		return verify.Report{}, err
	}
}

// What the service allocates between two collections of garbage, in percent of what it holds, and what it may hold with that, in bytes: a judgement leaves
// a megabyte behind and nothing stays of it, so that collecting as usual takes a fifth of the time to save some megabytes. GOGC and GOMEMLIMIT go before.
const (
	serveGarbage = 400
	serveMemory  = 320 << 20
)

// collectSeldom sets the collector of garbage for a service, and returns what sets it back.
func collectSeldom() func() {
	garbage, memory := -1, int64(-1)
	if os.Getenv("GOGC") == "" {
		garbage = debug.SetGCPercent(serveGarbage)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		memory = debug.SetMemoryLimit(serveMemory)
	}
	return func() {
		if garbage >= 0 {
			debug.SetGCPercent(garbage)
		}
		if memory >= 0 {
			debug.SetMemoryLimit(memory)
		}
	}
}

// serve runs the service until ctx ends.
func (a *app) serve(ctx context.Context, o *serviceConfig) error {
	if err := o.check(); err != nil {
		return err
	}
	defer collectSeldom()()
	secure, err := o.secure()
	if err != nil {
		return err
	}
	s, err := a.service(o, slog.New(slog.NewTextHandler(a.err, nil)))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fault.New(fault.Unavailable, "listen", "无法监听 "+o.Listen+"：请换一个端口，或结束占用它的程序", "cannot listen on "+o.Listen+": choose another port, or end the program that has it", err)
	}
	scheme := "http"
	if secure != nil {
		scheme = "https"
	}
	if o.Trust == "" {
		fmt.Fprintln(a.err, a.say("没有给出信任目录：谁的身份都不能确认", "no trust directory was given: nobody's identity is established"))
	}
	fmt.Fprintf(a.out, "%s  %s://%s/verify\n", a.say("核验服务已启动", "verification service"), scheme, listener.Addr())
	if err := s.Serve(ctx, listener, secure); err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.say("核验服务已停止", "verification service ended"))
	return nil
}
