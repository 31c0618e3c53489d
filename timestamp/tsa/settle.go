package tsa

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/timestamp"
)

// settle believes an answer or says which lie it is. sent is when the query left.
func (c *Client) settle(ctx context.Context, q *timestamp.Query, body []byte, sent time.Time) ([]byte, timestamp.Facts, error) {
	reply, err := timestamp.ParseReply(body)
	if err != nil {
		return nil, timestamp.Facts{}, lie(CodeGarbage, err)
	}
	if err := granted(reply); err != nil {
		return nil, timestamp.Facts{}, err
	}
	token, err := timestamp.Parse(reply.Token)
	if err == nil && !token.DER() {
		err = errors.New("the token is not DER")
	}
	if err != nil {
		return nil, timestamp.Facts{}, lie(CodeGarbage, err)
	}
	f := token.CheckImprint(q.Imprint)
	switch info := token.Info; {
	case !f.Imprint:
		return nil, f, lie(CodeImprint, f.Err())
	case info.Nonce == nil || info.Nonce.Cmp(q.Nonce) != 0:
		return nil, f, lie(CodeNonce, nil)
	case c.policy != nil && !info.Policy.Equal(c.policy):
		return nil, f, lie(CodePolicy, fmt.Errorf("the policy is %s", info.Policy))
	}
	if err := c.believe(ctx, f, sent); err != nil {
		return nil, f, err
	}
	return token.Raw(), f, nil
}

// granted refuses every reply that grants no token as asked for.
func granted(r *timestamp.Reply) error {
	switch r.Status {
	case timestamp.Granted:
		if r.Token == nil {
			return lie(CodeGarbage, errors.New("granted, but without a token"))
		}
		return nil
	case timestamp.GrantedWithMods:
		return lie(CodeModified, errors.New(r.Words("en")))
	case timestamp.Rejection:
		return fault.New(fault.Denied, CodeRejected, "时间戳服务拒绝了请求（"+r.Words("zh")+"）", "the time stamping authority refused the request ("+r.Words("en")+")", nil)
	}
	return fault.New(fault.Unavailable, CodeWaiting, "时间戳服务没有签发时间戳（"+r.Words("zh")+"）", "the time stamping authority made no time stamp ("+r.Words("en")+")", nil)
}

// believe holds the signature, the certificate and the time.
func (c *Client) believe(ctx context.Context, f timestamp.Facts, sent time.Time) error {
	switch {
	case f.Failed(timestamp.ErrCertificate):
		return lie(CodeCertificate, f.Err())
	case !f.Intact() && onlyUsage(f):
		return lie(CodeUsage, f.Err())
	case !f.Intact():
		return lie(CodeSignature, f.Err())
	case len(f.Insecure) > 0:
		return lie(CodeWeak, fmt.Errorf("%v", f.Insecure))
	}
	if now := c.o.Now(); f.Time.Before(sent.Add(-c.o.Tolerance)) || f.Time.After(now.Add(c.o.Tolerance)) {
		return lie(CodeTime, fmt.Errorf("it says %s, here it is %s", f.Time.Format(time.RFC3339), now.UTC().Format(time.RFC3339)))
	}
	cert, err := gm.ParseCertificate(f.Certificate)
	if err != nil {
		return lie(CodeSignature, err)
	}
	if f.Time.Before(cert.NotBefore) || f.Time.After(cert.NotAfter) {
		return lie(CodePeriod, fmt.Errorf("valid from %s to %s", cert.NotBefore.Format(time.RFC3339), cert.NotAfter.Format(time.RFC3339)))
	}
	if c.o.Trust == nil {
		return nil
	}
	if err := c.o.Trust(ctx, f); err != nil {
		return lie(CodeUntrusted, err)
	}
	return nil
}

// onlyUsage reports whether the certificate's purpose is all that is wrong.
func onlyUsage(f timestamp.Facts) bool {
	for _, x := range f.Failures {
		if x.Code != timestamp.ErrUsage {
			return false
		}
	}
	return true
}
