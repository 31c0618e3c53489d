package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/pkcs11"
	"yinxin/hsm/pkcs11/metrics"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"
)

func (a *app) tsaCommand() *cobra.Command {
	c := group("tsa", "时间戳 / time stamps: an authority of your own, and others measured")
	c.AddCommand(a.tsaServe(), a.tsaProbe())
	return c
}

// serveOptions say what authority to run, and where.
type serveOptions struct {
	keyOptions
	key, cert, listen, policy string
	chain                     []string
	exposed                   bool
}

func (a *app) tsaServe() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve --key REF --cert F.crt",
		Short: "运行时间戳服务 / run a time stamping authority (RFC 3161 over HTTP) until interrupted",
		Long: `serve 制作时间戳；GET /readyz 让密钥试签并核验，GET /metrics 给出密钥的度量（Prometheus 文本格式），GET /healthz 表明服务在运行。

serve makes time stamps. GET /readyz has the key sign what is then verified, GET /metrics tells of the key in the text format of Prometheus, GET /healthz
says that the service runs.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkListen(o.listen, o.exposed); err != nil {
				return err
			}
			return a.openTSA(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.key, "key", "", "密钥 / `REF` of the authority's key")
	f.StringVar(&o.cert, "cert", "", "证书 / `FILE` of its certificate (yinxin ca issue --profile tsa)")
	f.StringArrayVar(&o.chain, "chain", nil, "上级证书，可重复 / `FILE` of a certificate above it, enclosed in tokens; may be repeated")
	f.StringVar(&o.listen, "listen", "127.0.0.1:3161", "监听地址 / `HOST:PORT` to listen on; port 0 takes a free one")
	f.BoolVar(&o.exposed, "exposed-unsafe", false, "允许监听本机以外的地址 / listen beyond this machine: whoever reaches it gets time stamps, over plain HTTP")
	f.StringVar(&o.policy, "policy", "", "策略 / `OID` of the policy stated in tokens (default "+tsa.ExamplePolicy().String()+", an example's)")
	o.flags(f)
	must(c.MarkFlagRequired("key"))
	must(c.MarkFlagRequired("cert"))
	return c
}

// openTSA opens the key, which is watched as long as the authority runs.
func (a *app) openTSA(ctx context.Context, o serveOptions) error {
	m := metrics.New()
	o.observer = m
	return o.with(a, false, func(p keyring) error {
		key, err := p.Key(ctx, hsm.Ref(o.key))
		if err != nil {
			return err
		}
		cfg := tsa.Config{Key: key, Clock: func(context.Context) (time.Time, error) { return a.now(), nil }}
		if err := o.fill(&cfg); err != nil {
			return err
		}
		if i, ok := p.(pkcs11.Inspector); ok {
			if err := m.Watch(i); err != nil {
				return err
			}
		}
		return a.serveTSA(ctx, o.listen, cfg, m, readiness(p, key))
	})
}

// checkListen keeps the authority on this machine unless it is told otherwise.
func checkListen(listen string, exposed bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return usage("--listen 不能是“"+listen+"”，写作 主机:端口，例如 127.0.0.1:3161", "--listen cannot be “"+listen+"”: write HOST:PORT, 127.0.0.1:3161 for one")
	}
	addr, err := netip.ParseAddr(host)
	if exposed || err == nil && addr.IsLoopback() {
		return nil
	}
	return usage("“"+listen+"”不是本机回环地址：任何能连到它的人都能取得时间戳；确需如此请加 --exposed-unsafe",
		"“"+listen+"” is not a loopback address: whoever reaches it gets time stamps. Where that is meant, say --exposed-unsafe")
}

// fill reads the certificates and the policy.
func (o *serveOptions) fill(cfg *tsa.Config) (err error) {
	if cfg.Certificate, err = readCertificate(o.cert); err != nil {
		return err
	}
	for _, name := range o.chain {
		certs, err := readCertificates(name)
		if err != nil {
			return err
		}
		cfg.Chain = append(cfg.Chain, certs...)
	}
	if o.policy != "" {
		cfg.Policy, err = tsa.ParsePolicy(o.policy)
	}
	return err
}

// What a time stamp's request and answer may take: they are small.
const (
	tsaReadTime  = 10 * time.Second
	tsaWriteTime = 10 * time.Second
	tsaIdleTime  = time.Minute
	tsaGrace     = 10 * time.Second // for requests under way when the service is told to end
	tsaHeaders   = 16 << 10         // bytes
)

// serveTSA runs the authority until ctx ends, and lets requests under way finish.
func (a *app) serveTSA(ctx context.Context, listen string, cfg tsa.Config, m *metrics.Metrics, ready func(context.Context) error) error {
	authority, err := tsa.New(ctx, cfg)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fault.New(fault.Unavailable, "tsa-listen", "无法监听 "+listen+"：请换一个端口，或结束占用它的程序", "cannot listen on "+listen+": choose another port, or end the program that has it", err)
	}
	log := slog.New(slog.NewTextHandler(a.err, nil))
	server := &http.Server{
		Handler: watched(authority.Handler(log), m, log, authority.Ready, ready), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ReadHeaderTimeout: tsaReadTime, ReadTimeout: tsaReadTime,
		WriteTimeout: tsaWriteTime, IdleTimeout: tsaIdleTime, MaxHeaderBytes: tsaHeaders,
	}
	fmt.Fprintf(a.out, "%s  http://%s/  %s\n", a.say("时间戳服务已启动（内部使用，对外无效力）", "time stamping (internal: worth nothing outside)"), listener.Addr(), digestName(cfg.Certificate.Raw))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
		return fault.New(fault.Unavailable, "tsa-ended", "时间戳服务意外结束", "the time stamping service ended by itself", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), tsaGrace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("end the time stamping service: %w", err), server.Close())
	}
	fmt.Fprintln(a.out, a.say("时间戳服务已停止", "time stamping ended"))
	return nil
}

func (a *app) tsaProbe() *cobra.Command {
	var p tsa.Profile
	var dir string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "probe URL",
		Short: "测量时间戳服务 / ask an authority for a time stamp, check it, and print its profile as YAML",
		Args:  oneArg("地址", "URL"),
		RunE: func(c *cobra.Command, args []string) error {
			if timeout <= 0 {
				return usage("--timeout 应大于 0，例如 10s", "--timeout is more than 0, 10s for one")
			}
			p.URL = args[0]
			o := tsa.Options{Timeout: timeout, Now: a.now}
			if dir != "" {
				set, err := loadTrust(dir)
				if err != nil {
					return err
				}
				o.Trust = func(_ context.Context, f timestamp.Facts) error { return reaches(set, f) }
			}
			client, err := tsa.NewClient(p, o)
			if err != nil {
				return err
			}
			defer client.Close()
			m, err := client.Probe(c.Context())
			if err != nil {
				return err
			}
			return a.printProbe(m, dir != "")
		},
	}
	f := c.Flags()
	f.StringVar(&p.Name, "name", "", "名称 / `NAME` for the profile")
	f.StringVar(&p.Hash, "hash", "", "摘要算法 / `HASH`: sm3, sha256, sha384 or sha512 (default sm3, else sha256)")
	f.StringVar(&p.Policy, "policy", "", "策略 / `OID` of the policy to ask for")
	f.BoolVar(&p.PrivateAddresses, "private", false, "允许本机和内网地址 / allow an address on this machine or in a private network")
	f.StringVar(&dir, "trust", "", "信任目录 / trust directory `DIR` whose tsa/ must vouch for the authority")
	f.DurationVar(&timeout, "timeout", 10*time.Second, "限定时间 / `TIME` to wait at most")
	return c
}

// printProbe prints the profile, with what was learnt as comments above it, so that the output is a file to keep.
func (a *app) printProbe(m tsa.Measured, judged bool) error {
	profile, err := m.Profile.Marshal()
	if err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	cert, err := gm.ParseCertificate(m.Facts.Certificate)
	if err != nil {
		return fmt.Errorf("read the authority's certificate: %w", err)
	}
	believed := a.say("未核对信任", "trust was not checked")
	if judged {
		believed = a.say("受信任", "trusted")
	}
	fmt.Fprintf(a.out, "# %s  %s  %s\n", plain(cert.Subject.String()), digestName(cert.Raw), believed)
	fmt.Fprintf(a.out, "# %s  %s  %s  %s %s\n", m.Facts.SignatureAlgorithm, m.Facts.Hash, m.Facts.Time.Format(time.RFC3339Nano), a.say("策略", "policy"), m.Facts.Policy)
	fmt.Fprintf(a.out, a.say("# 令牌 %d 字节，用时 %s\n", "# token of %d bytes, took %s\n"), m.Bytes, m.Took.Round(time.Millisecond))
	_, err = a.out.Write(profile)
	return err
}

// reaches says why no chain leads from the authority's certificate to an anchor for time stamping at the token's time.
func reaches(set *trust.Set, f timestamp.Facts) error {
	cert, err := gm.ParseCertificate(f.Certificate)
	if err != nil {
		return err
	}
	var pool []*gm.Certificate
	for _, der := range f.Pool {
		if c, err := gm.ParseCertificate(der); err == nil { // one that cannot be read cannot lead anywhere
			pool = append(pool, c)
		}
	}
	chain := set.BuildAt(cert, pool, trust.UseTSA, f.Time)
	switch {
	case chain.Good():
		return nil
	case len(chain.Problems) > 0:
		return errors.New(chain.Problems[0].Detail)
	}
	return errors.New("no chain leads to an anchor in tsa/")
}
