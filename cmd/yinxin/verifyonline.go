package main

import (
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/pflag"

	"yinxin/trust/fetch"
)

// onlineOptions say whether missing evidence may be fetched, and how.
type onlineOptions struct {
	online, private bool
	proxy           string
	maxAge          time.Duration
}

func (o *onlineOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.online, "online", false, "联网 / fetch revocation lists, answers and issuers' certificates that the certificates name")
	f.BoolVar(&o.private, "online-private", false, "允许内网地址 / with --online: private addresses too")
	f.StringVar(&o.proxy, "proxy", "", "代理 / with --online: HTTP proxy `URL`; none is taken from the environment")
	f.DurationVar(&o.maxAge, "max-age", 0, "最长期限 / revocation information older than this `TIME` does not count, e.g. 24h (default: its own)")
}

// source is nil where nothing may be fetched.
func (o *onlineOptions) source() (*fetch.Source, error) {
	if !o.online {
		if o.private || o.proxy != "" {
			return nil, usage("--online-private 和 --proxy 须与 --online 同用", "--online-private and --proxy go with --online")
		}
		return nil, nil
	}
	if o.maxAge < 0 {
		return nil, notNegative("--max-age")
	}
	options := fetch.Options{UserAgent: "yinxin"}
	if o.private {
		options.Allow = func(netip.Addr) bool { return true }
	}
	if o.proxy != "" {
		u, err := url.Parse(o.proxy)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, usage("--proxy 不能是“"+o.proxy+"”，写作 http://主机:端口", "--proxy cannot be “"+o.proxy+"”: it is written http://HOST:PORT")
		}
		options.Proxy = u
	}
	return fetch.New(options), nil
}
