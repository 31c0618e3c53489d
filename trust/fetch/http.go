package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"yinxin/fault"
)

// maxURL bounds an address in bytes.
const maxURL = 2048

// newClient makes a client whose every connection goes through control.
func newClient(o *Options) *http.Client {
	dialer := &net.Dialer{Timeout: o.PerRequest, Control: control(o.Allow)}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		DisableCompression:     true, // nothing is unpacked on the way, so nothing can swell
		MaxIdleConns:           20,
		MaxConnsPerHost:        4,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    o.PerRequest,
		ResponseHeaderTimeout:  o.PerRequest,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
		t.DialContext = (&net.Dialer{Timeout: o.PerRequest}).DialContext // to the proxy alone
	}
	redirects := max(o.Redirects, 0)
	allow := o.Allow
	return &http.Client{Transport: t, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > redirects {
			return fmt.Errorf("more than %d redirects", redirects)
		}
		return checkURL(r.URL, allow)
	}}
}

// checkURL refuses what is never asked. An address that stands in the URL itself is checked here as well, for whoever dials through a proxy.
func checkURL(u *url.URL, allow func(netip.Addr) bool) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("the scheme %q is not spoken", u.Scheme)
	case u.User != nil:
		return errors.New("the address holds a name or a password")
	case u.Hostname() == "":
		return errors.New("the address names no host")
	case len(u.String()) > maxURL:
		return fmt.Errorf("the address is longer than %d bytes", maxURL)
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !permitted(addr, allow) {
		return fmt.Errorf("%w: %s", errAddress, addr)
	}
	return nil
}

// request is one thing to fetch: a GET, or a POST where there is a body. read tells an answer from anything else and until when it holds, zero where
// it does not say.
type request struct {
	url  string
	body []byte
	most int64
	read func([]byte) (time.Time, error)
}

// get answers from the cache or from the network.
func (s *Source) get(ctx context.Context, r request) ([]byte, error) {
	key := r.url + "\x00" + string(r.body)
	data, err := s.cache.get(ctx, key, func(ctx context.Context) answer {
		data, err := s.fetch(ctx, r)
		a := answer{data: data, err: err, until: s.o.Now().Add(s.o.Keep)}
		if err != nil {
			a.data, a.until = nil, s.o.Now().Add(max(s.o.KeepErrors, 0))
			return a
		}
		next, err := r.read(data)
		if err != nil {
			return answer{err: otherKind(r.url, err), until: s.o.Now().Add(max(s.o.KeepErrors, 0))}
		}
		if !next.IsZero() && next.Before(a.until) {
			a.until = next
		}
		return a
	})
	if err != nil && ctx.Err() != nil {
		return nil, fault.New(fault.Unavailable, "fetch-interrupted", "获取 "+r.url+" 未能在限定时间内完成", "fetching "+r.url+" did not finish in time", ctx.Err())
	}
	return data, err
}

// fetch does one request over the network.
func (s *Source) fetch(ctx context.Context, r request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.PerRequest)
	defer cancel()
	data, err := s.exchange(ctx, r)
	if err != nil {
		return nil, failed(r.url, err)
	}
	return data, nil
}

func (s *Source) exchange(ctx context.Context, r request) ([]byte, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if r.body != nil {
		method, body = http.MethodPost, bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url, body)
	if err != nil {
		return nil, err
	}
	if err := checkURL(req.URL, s.o.Allow); err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", s.o.UserAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/ocsp-request")
		req.Header.Set("Accept", "application/ocsp-response")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, statusError(resp.StatusCode)
	case resp.Header.Get("Content-Encoding") != "" && resp.Header.Get("Content-Encoding") != "identity":
		return nil, errors.New("the answer is packed, which was not asked for")
	case resp.ContentLength > r.most:
		return nil, fmt.Errorf("%w: %d bytes, more than %d", errTooLarge, resp.ContentLength, r.most)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, r.most+1))
	if err == nil && int64(len(data)) > r.most {
		err = fmt.Errorf("%w: more than %d bytes", errTooLarge, r.most)
	}
	return data, err
}
