package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"yinxin/fault"
)

// TestWhy: a failure names its cause in both languages, and the address.
func TestWhy(t *testing.T) {
	const at = "http://crl.example/root.crl"
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: at, Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	for _, c := range []struct {
		err    error
		zh, en string
	}{
		{dial(fmt.Errorf("%w: 10.0.0.1", errAddress)), "内网", "private"},
		{dial(&net.DNSError{Err: "no such host", Name: "crl.example", IsNotFound: true}), "找不到主机 crl.example", "no such host as crl.example"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "crl.example"}), "查询失败", "could not be looked up"},
		{dial(&net.DNSError{Err: "timeout", Name: "crl.example", IsTimeout: true}), "超时", "timed out"},
		{dial(syscall.ECONNREFUSED), "拒绝连接", "refused"},
		{dial(syscall.ENETUNREACH), "网络不通", "does not reach"},
		{dial(context.DeadlineExceeded), "超时", "timed out"},
		{statusError(404), "404", "404"},
		{fmt.Errorf("%w: 9 bytes", errTooLarge), "太大", "too large"},
		{errors.New("whatever"), "连接失败", "failed"},
	} {
		p, ok := fault.PublicOf(failed(at, c.err))
		if !ok || !strings.Contains(p.ZH, at+"：") || !strings.Contains(p.ZH, c.zh) || !strings.Contains(p.EN, at+": ") || !strings.Contains(p.EN, c.en) {
			t.Errorf("%v: %+v", c.err, p)
		}
	}
}
