// Package tsa is a time stamping authority of RFC 3161, and the client that asks one.
//
// An Authority makes tokens with an hsm.Key. It is a timestamp.Source in process, and an http.Handler for others. It is as good as the clock it is given
// and as the certificate it holds: one of the internal authority says something inside its own house only.
//
// A Client is a timestamp.Source over HTTP. Nothing an authority answers is used before it was checked, every failure has a code of its own (see the
// Code constants), and nothing waits longer than the deadline.
package tsa

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/timestamp"
)

// ExamplePolicy returns the policy of tokens where the operator named none. It lies under 2.999, the arc that ITU-T X.660 keeps for examples, so that it
// promises nothing.
func ExamplePolicy() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 999, 3161, 1} }

// Config is what an authority is made of.
type Config struct {
	Key         hsm.Key
	Certificate *gm.Certificate   // of Key, for time stamping alone (timestamp.CheckCertificate)
	Chain       []*gm.Certificate // above it, upwards; enclosed with it. The root may be left out

	Policy   asn1.ObjectIdentifier   // of tokens whose query names none; nil is ExamplePolicy
	Policies []asn1.ObjectIdentifier // others that a query may name
	Hashes   []asn1.ObjectIdentifier // that imprints may be made with, of timestamp.Hashes; nil is all of them
	Accuracy time.Duration           // stated, in whole microseconds; 0 is one second: what NTP keeps without care

	// Clock is where the time comes from. An error of it is answered as timeNotAvailable, and no token is made. Nil is the system's clock.
	Clock func(context.Context) (time.Time, error)
}

const defaultAccuracy = time.Second

// Authority makes time stamp tokens. It may be used by many goroutines.
type Authority struct {
	c      Config
	maker  *timestamp.Maker
	serial serials
	most   int
}

var _ timestamp.Source = (*Authority)(nil)

// New makes an authority. Key and certificate that do not fit, a certificate that is not for time stamping, critically and alone, or not valid at the
// clock's time, and a hash that is not known are fault.Invalid.
func New(ctx context.Context, c Config) (*Authority, error) {
	if c.Key == nil || c.Certificate == nil {
		return nil, errors.New("tsa: an authority needs a key and a certificate")
	}
	if c.Policy == nil {
		c.Policy = ExamplePolicy()
	}
	if c.Hashes == nil {
		c.Hashes = timestamp.Hashes()
	}
	for _, h := range c.Hashes {
		if !slices.ContainsFunc(timestamp.Hashes(), h.Equal) {
			return nil, fault.New(fault.Invalid, "tsa-hash", "时间戳不支持摘要算法 "+h.String(), "no time stamps are made over the hash "+h.String(), nil)
		}
	}
	if c.Accuracy == 0 {
		c.Accuracy = defaultAccuracy
	}
	if c.Clock == nil {
		c.Clock = func(context.Context) (time.Time, error) { return time.Now(), nil }
	}
	maker, err := timestamp.NewMaker(c.Key, c.Certificate, c.Chain...)
	if err != nil {
		return nil, err
	}
	a := &Authority{c: c, maker: maker}
	if a.most, err = a.bound(); err != nil {
		return nil, fault.New(fault.Invalid, "tsa-config", "时间戳服务的策略或精度不可用", "the authority's policy or accuracy cannot be written", err)
	}
	return a, a.Ready(ctx)
}

// bound is the size in bytes of the longest token that Token can make.
func (a *Authority) bound() (int, error) {
	info := timestamp.Info{
		Version: 1, Policy: a.c.Policy, Imprint: timestamp.Imprint{Hash: timestamp.OIDSHA512, Digest: make([]byte, 64)},
		Serial: new(big.Int).Lsh(big.NewInt(1), 8*serialBytes-1), Time: time.Date(2026, 1, 1, 0, 0, 0, 999e6, time.UTC), Accuracy: a.c.Accuracy,
	}
	der, err := info.Marshal()
	return a.maker.Size(len(der)), err
}

// Ready says why no token can be made now: there is no time, or the certificate is not valid at it (fault.Unavailable, fault.Invalid).
func (a *Authority) Ready(ctx context.Context) error {
	_, err := a.now(ctx)
	return err
}

// now is the time that goes into a token, in whole milliseconds.
func (a *Authority) now(ctx context.Context) (time.Time, error) {
	t, err := a.c.Clock(ctx)
	if err != nil {
		return t, fault.New(fault.Unavailable, "tsa-clock", "时间戳服务没有可用的时间源", "the time stamping authority has no time", err)
	}
	t = t.UTC().Truncate(time.Millisecond)
	if cert := a.c.Certificate; t.Before(cert.NotBefore) || t.After(cert.NotAfter) {
		return t, fault.New(fault.Invalid, "tsa-certificate-period",
			fmt.Sprintf("时间戳证书的有效期是 %s 至 %s，现在不在其中；请换用有效的证书，或检查时钟", cert.NotBefore.Format(time.RFC3339), cert.NotAfter.Format(time.RFC3339)),
			fmt.Sprintf("the time stamping certificate is valid from %s to %s, which now is not: use one that is valid, or check the clock",
				cert.NotBefore.Format(time.RFC3339), cert.NotAfter.Format(time.RFC3339)), nil)
	}
	return t, nil
}

// refusal is a query that gets no token.
type refusal struct {
	failure timestamp.FailureInfo
	text    string // for the asker; ASCII
	cause   error  // for the log
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.cause }

// Answer reads a TimeStampReq and answers it. There is always a reply; the error says for the log why it is a refusal.
func (a *Authority) Answer(ctx context.Context, query []byte) (*timestamp.Reply, error) {
	q, err := timestamp.ParseQuery(query)
	if err != nil {
		err = &refusal{timestamp.BadDataFormat, "the query is not a TimeStampReq in DER", err}
	}
	var token []byte
	if err == nil {
		token, err = a.issue(ctx, q)
	}
	if err == nil {
		return &timestamp.Reply{Status: timestamp.Granted, Failure: timestamp.NoFailure, Token: token}, nil
	}
	r := &refusal{failure: timestamp.SystemFailure, text: "the authority failed inside"} // whose detail is not the asker's
	errors.As(err, &r)
	return &timestamp.Reply{Status: timestamp.Rejection, Failure: r.failure, Text: []string{r.text}}, err
}

// issue makes the token of a query, or returns a *refusal or what went wrong inside.
func (a *Authority) issue(ctx context.Context, q *timestamp.Query) ([]byte, error) {
	policy := a.c.Policy
	switch {
	case q.Version != 1:
		return nil, &refusal{failure: timestamp.BadRequest, text: fmt.Sprintf("version %d is not known", q.Version)}
	case !slices.ContainsFunc(a.c.Hashes, q.Imprint.Hash.Equal):
		return nil, &refusal{failure: timestamp.BadAlg, text: "the hash " + q.Imprint.Hash.String() + " is not taken"}
	case q.Imprint.Check() != nil:
		return nil, &refusal{failure: timestamp.BadDataFormat, text: "the imprint is not as long as its hash makes it"}
	case q.Policy != nil && !q.Policy.Equal(policy) && !slices.ContainsFunc(a.c.Policies, q.Policy.Equal):
		return nil, &refusal{failure: timestamp.UnacceptedPolicy, text: "the policy " + q.Policy.String() + " is not offered"}
	case len(q.Extensions) > 0: // whether critical or not (RFC 3161 2.4.1)
		return nil, &refusal{failure: timestamp.UnacceptedExtension, text: "the extension " + q.Extensions[0].ID.String() + " is not known"}
	case q.Policy != nil:
		policy = q.Policy
	}
	t, err := a.now(ctx)
	if err != nil {
		return nil, &refusal{timestamp.TimeNotAvailable, "there is no time, or the authority's certificate is not valid at it", err}
	}
	return a.maker.Make(ctx, &timestamp.Info{
		Version: 1, Policy: policy, Imprint: q.Imprint, Serial: a.serial.next(t), Time: t, Accuracy: a.c.Accuracy, Nonce: q.Nonce,
	}, q.Certificates)
}

// Hash is own where the authority takes it.
func (a *Authority) Hash(own asn1.ObjectIdentifier) asn1.ObjectIdentifier {
	if slices.ContainsFunc(a.c.Hashes, own.Equal) {
		return own
	}
	return a.c.Hashes[0]
}

// Token makes a token in process, with the certificates enclosed. An imprint that is not taken is fault.Invalid, no time fault.Unavailable.
func (a *Authority) Token(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
	token, err := a.issue(ctx, &timestamp.Query{Version: 1, Imprint: i, Certificates: true})
	var r *refusal
	switch {
	case !errors.As(err, &r):
		return token, err
	case r.cause != nil:
		return nil, r.cause
	}
	return nil, fault.New(fault.Invalid, CodeRejected, "时间戳服务拒绝了请求："+r.failure.In("zh"), "the time stamping authority refused: "+r.failure.In("en"), err)
}

// MaxTokenBytes bounds what Token returns, in bytes.
func (a *Authority) MaxTokenBytes() int { return a.most }
