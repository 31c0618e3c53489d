package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"
	"yinxin/verify"
)

// tsaOptions name the authority to be asked for time stamps.
type tsaOptions struct {
	tsa     string
	timeout time.Duration
}

func (o *tsaOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.tsa, "tsa", "", "时间戳服务 / time stamping authority: its `URL|PROFILE.yaml` (yinxin tsa probe writes profiles; only they allow private addresses)")
	f.DurationVar(&o.timeout, "tsa-timeout", 10*time.Second, "限定时间 / `TIME` to wait for a time stamp at most")
}

// source opens the client, and is nil where no authority is named. Where set has anchors for time stamping, one of them must vouch for the authority.
func (o *tsaOptions) source(a *app, set *trust.Set) (*tsa.Client, error) {
	if o.tsa == "" {
		return nil, nil
	}
	if o.timeout <= 0 {
		return nil, usage("--tsa-timeout 应大于 0，例如 10s", "--tsa-timeout is more than 0, 10s for one")
	}
	p := tsa.Profile{URL: o.tsa}
	if !strings.Contains(o.tsa, "://") {
		data, err := readSmall(o.tsa)
		if err != nil {
			return nil, err
		}
		if p, err = tsa.ParseProfile(data); err != nil {
			return nil, about(o.tsa, err)
		}
	}
	options := tsa.Options{Timeout: o.timeout, Now: a.now}
	if set != nil {
		for _, anchor := range set.Anchors() {
			if anchor.Use == trust.UseTSA {
				options.Trust = func(_ context.Context, f timestamp.Facts) error { return reaches(set, f) }
			}
		}
	}
	return tsa.NewClient(p, options)
}

// levelOptions say how long signatures are to be judged, and where what that needs comes from.
type levelOptions struct {
	tsaOptions
	onlineOptions
	level string
}

// flags has no --max-age: evidence is kept as long as it says itself.
func (o *levelOptions) flags(f *pflag.FlagSet, levels string) {
	f.StringVar(&o.level, "level", "", levels)
	o.tsaOptions.flags(f)
	f.BoolVar(&o.online, "online", false, "联网 / for lt and lta: fetch revocation information and issuers' certificates that --trust does not hold")
	f.BoolVar(&o.private, "online-private", false, "允许内网地址 / with --online: private addresses too")
	f.StringVar(&o.proxy, "proxy", "", "代理 / with --online: HTTP proxy `URL`; none is taken from the environment")
}

// opened is what a level is reached with. Closing it lets go of connections.
type opened struct {
	timestamps timestamp.Source // nil where none is named
	sources    []trust.Source
	close      []func()
}

func (o *opened) Close() {
	for _, f := range o.close {
		f()
	}
}

func (o *levelOptions) open(a *app, set *trust.Set) (*opened, error) {
	out := new(opened)
	client, err := o.tsaOptions.source(a, set)
	if err != nil {
		return nil, err
	}
	if client != nil {
		out.timestamps, out.close = client, append(out.close, client.Close)
	}
	online, err := o.onlineOptions.source()
	if err != nil {
		out.Close()
		return nil, err
	}
	if online != nil {
		out.sources, out.close = append(out.sources, online), append(out.close, online.Close)
	}
	return out, nil
}

// sayLevel says what was reached beyond the signature alone.
func (a *app) sayLevel(level stamp.Level, proven time.Time, document string) {
	if level == stamp.LevelB || level == "" {
		return
	}
	fmt.Fprintf(a.out, a.say("级别 %s", "level %s"), strings.ToUpper("b-"+string(level)))
	if !proven.IsZero() {
		fmt.Fprintf(a.out, a.say("，时间戳 %s", ", time stamp of %s"), verify.Moment(proven).In(a.lang))
	}
	if document != "" {
		fmt.Fprintf(a.out, a.say("，文档时间戳 %s", ", document time stamp %s"), plain(document))
	}
	fmt.Fprintln(a.out)
}

// checkLevel refuses a level that is none before anything is opened.
func checkLevel(level string, of ...stamp.Level) error {
	if level == "" {
		return nil
	}
	var names []string
	for _, l := range of {
		if string(l) == level {
			return nil
		}
		names = append(names, string(l))
	}
	list := strings.Join(names, ", ")
	return usage("--level 不能是“"+level+"”，应为 "+list, "--level cannot be “"+level+"”: it is one of "+list)
}
