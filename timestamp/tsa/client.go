package tsa

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"yinxin/fault"
	"yinxin/timestamp"
)

// Options of a client. The zero value is the safe one.
type Options struct {
	Timeout   time.Duration // of one Token with its retry, beside the caller's own deadline; 0 is 10 s
	Tolerance time.Duration // between genTime and this machine's clock; 0 is 5 min
	MaxReply  int64         // bytes of an answer; 0 is 256 KB
	Header    http.Header   // sent along, such as Authorization; it is the operator's and never in a profile
	Proxy     *url.URL      // nil is none, whatever the environment says. Behind a proxy it is the proxy's to refuse private addresses
	// Trust is the caller's own judgement of the certificate, nil for none. Facts are intact; an error refuses the token.
	Trust func(ctx context.Context, f timestamp.Facts) error
	Now   func() time.Time // nil is time.Now
}

func (o *Options) fill() {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Tolerance == 0 {
		o.Tolerance = 5 * time.Minute
	}
	if o.MaxReply == 0 {
		o.MaxReply = 256 << 10
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Client asks one authority. It may be used by many goroutines.
type Client struct {
	profile Profile
	policy  asn1.ObjectIdentifier // nil takes any
	o       Options
	http    *http.Client
}

var _ timestamp.Source = (*Client)(nil)

// NewClient makes a client with its own connections. What Profile.Check refuses is fault.Invalid, a private address that the profile does not allow
// fault.Denied.
func NewClient(p Profile, o Options) (*Client, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	o.fill()
	c := &Client{profile: p, o: o}
	if p.Policy != "" {
		policy, err := ParsePolicy(p.Policy)
		if err != nil {
			return nil, err
		}
		c.policy = policy
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		return nil, fmt.Errorf("parse the address: %w", err)
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !p.PrivateAddresses && !public(addr) {
		return nil, c.unreached(errAddress)
	}
	c.http = c.newHTTP()
	return c, nil
}

func (c *Client) newHTTP() *http.Client {
	dialer := &net.Dialer{Timeout: c.o.Timeout}
	t := &http.Transport{
		DisableCompression:     true, // nothing is unpacked on the way, so nothing can swell
		MaxIdleConns:           8,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    c.o.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
	switch {
	case c.o.Proxy != nil:
		t.Proxy = http.ProxyURL(c.o.Proxy)
	case !c.profile.PrivateAddresses:
		dialer.Control = onlyPublic
	}
	t.DialContext = dialer.DialContext
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Profile is the one the client was made with.
func (c *Client) Profile() Profile { return c.profile }

// Hash is the profile's, or own where it names none.
func (c *Client) Hash(own asn1.ObjectIdentifier) asn1.ObjectIdentifier {
	if oid, ok := timestamp.HashByName(c.profile.Hash); ok {
		return oid
	}
	return own
}

// MaxTokenBytes is the profile's, or DefaultTokenBytes. A longer token is refused.
func (c *Client) MaxTokenBytes() int {
	if c.profile.MaxTokenBytes > 0 {
		return c.profile.MaxTokenBytes
	}
	return DefaultTokenBytes
}

// Token asks for a token over the imprint and checks it: it was granted as asked for, answers this very query (imprint, nonce, policy), is signed by the
// key of a certificate for time stamping alone that is valid at its time, its time is now, and the caller's own trust reaches it. Every failure is a
// fault.Error with one of the Code constants.
//
// Asking changes nothing at an authority, so a connection that could not be made or broke, and an overloaded gateway, are tried once more within the same
// deadline. An answer, whatever it says, is never asked for again.
func (c *Client) Token(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
	token, f, err := c.ask(ctx, i)
	if err != nil {
		return nil, err
	}
	if len(token) > c.MaxTokenBytes() {
		return nil, fault.New(fault.Limit, CodeLong,
			fmt.Sprintf("时间戳为 %d 字节，超过配置的 %d 字节；请用 yinxin tsa probe 重新测量", len(token), c.MaxTokenBytes()),
			fmt.Sprintf("the time stamp has %d bytes, the profile promises at most %d: measure again with yinxin tsa probe", len(token), c.MaxTokenBytes()),
			errors.New(f.SignatureAlgorithm))
	}
	return token, nil
}

// ask is Token without the promise about the length.
func (c *Client) ask(ctx context.Context, i timestamp.Imprint) ([]byte, timestamp.Facts, error) {
	if err := i.Check(); err != nil {
		return nil, timestamp.Facts{}, fault.New(fault.Invalid, CodeHash, "无法为该摘要申请时间戳：只支持 sm3、sha256、sha384 和 sha512",
			"no time stamp can be asked for over this digest: it is sm3, sha256, sha384 or sha512", err)
	}
	inner, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	for last := false; ; last = true {
		q, err := c.query(i)
		if err != nil {
			return nil, timestamp.Facts{}, err
		}
		sent := c.o.Now()
		body, err := c.post(inner, q)
		switch {
		case err == nil:
			return c.settle(ctx, q, body, sent)
		case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
			return nil, timestamp.Facts{}, fmt.Errorf("ask the time stamping authority %s: %w", c.name(), ctx.Err())
		case last || inner.Err() != nil || !again(err):
			return nil, timestamp.Facts{}, c.unreached(err)
		}
	}
}

// query makes a query with a nonce of 63 random bits: as many as every implementation of INTEGER takes.
func (c *Client) query(i timestamp.Imprint) (*timestamp.Query, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, fmt.Errorf("make a nonce: %w", err)
	}
	return &timestamp.Query{Version: 1, Imprint: i, Policy: c.policy, Nonce: n, Certificates: true}, nil
}

// statusError is another HTTP status than 200.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("HTTP status %d", int(e)) }

var errGiant = errors.New("the answer is larger than allowed")

func (c *Client) post(ctx context.Context, q *timestamp.Query) ([]byte, error) {
	der, err := q.Marshal()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.profile.URL, bytes.NewReader(der))
	if err != nil {
		return nil, err
	}
	for name, values := range c.o.Header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", queryType)
	req.Header.Set("Accept", replyType)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "yinxin")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, statusError(resp.StatusCode)
	case resp.ContentLength > c.o.MaxReply:
		return nil, fmt.Errorf("%w: %d bytes", errGiant, resp.ContentLength)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.o.MaxReply+1))
	if err == nil && int64(len(body)) > c.o.MaxReply {
		err = fmt.Errorf("%w: more than %d bytes", errGiant, c.o.MaxReply)
	}
	return body, err
}

// again reports whether asking once more may help: nothing was answered.
func again(err error) bool {
	var status statusError
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &status):
		return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
	case errors.Is(err, errGiant), errors.Is(err, errAddress), errors.As(err, &untrusted):
		return false
	}
	return true
}

// unreached names why there is no answer.
func (c *Client) unreached(err error) error {
	var status statusError
	var untrusted *tls.CertificateVerificationError
	var slow net.Error
	name := c.name()
	switch {
	case errors.Is(err, errAddress):
		return fault.New(fault.Denied, CodeAddress, "时间戳服务 "+name+" 的地址不是公网地址；确需使用内网服务时，请在配置中写 privateAddresses: true",
			"the address of the time stamping authority "+name+" is not public: where one inside is meant, say privateAddresses: true in its profile", err)
	case errors.As(err, &status):
		return fault.New(fault.Unavailable, CodeHTTP, fmt.Sprintf("时间戳服务 %s 返回 HTTP 状态 %d；请检查地址和权限", name, int(status)),
			fmt.Sprintf("the time stamping authority %s answered with HTTP status %d: check the address and the permission", name, int(status)), nil)
	case errors.Is(err, errGiant):
		return fault.New(fault.Unavailable, CodeGiant, "时间戳服务 "+name+" 的应答过大，已弃用", "the answer of the time stamping authority "+name+" is too large and was discarded", err)
	case errors.As(err, &untrusted):
		return fault.New(fault.Unavailable, CodeTLS, "时间戳服务 "+name+" 的 TLS 证书不受信任", "the TLS certificate of the time stamping authority "+name+" is not trusted", err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return fault.New(fault.Unavailable, CodeSlow, "时间戳服务 "+name+" 没有在限定时间内应答；请稍后再试，或换用其他服务",
			"the time stamping authority "+name+" did not answer in time: try later, or use another", err)
	}
	return fault.New(fault.Unavailable, CodeDead, "无法连接时间戳服务 "+name+"；请检查网络和地址", "the time stamping authority "+name+" cannot be reached: check the network and the address", err)
}

func (c *Client) name() string {
	if c.profile.Name != "" {
		return c.profile.Name
	}
	if u, err := url.Parse(c.profile.URL); err == nil {
		return u.Host
	}
	return short(c.profile.URL)
}
