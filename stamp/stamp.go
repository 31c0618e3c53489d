// Package stamp is one use of one seal on one document.
//
// Make is a stamping without a store: the document is opened and every signature on it judged for integrity, the seal is checked, a ticket is
// prepared and redeemed once, and the signature just made is checked by reading the output back. What Make wrote may leave only when it returned
// without an error.
package stamp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/trust"
	"yinxin/verify"
)

// Order says what to stamp with which seal and where.
type Order struct {
	Format document.Format
	In     io.ReaderAt
	Size   int64 // bytes of In

	Seal        []byte // SESeal, DER
	Certificate []byte // the signer's, DER; nil: the one in the seal's list that belongs to Key
	Key         hsm.Key

	Places []document.Place // Width and Height zero: the seal's own size, which is the only one allowed
	Reason string
	Trust  *trust.Set // anchors for the self-check; nil checks everything but trust
	Now    func() time.Time
	Limits document.Limits
}

// Output takes the stamped document and lets it be read back. *os.File is one.
type Output interface {
	document.Sink
	io.ReaderAt
}

// Result is what a stamping leaves beside the document.
type Result struct {
	ID        string    // of the new signature in the document
	Digest    []byte    // SM3 of the protected bytes
	Time      time.Time // claimed
	Size      int64     // of the output in bytes
	Earlier   int       // signatures that were there before
	SelfCheck time.Duration
}

// Make stamps the document of o onto out. It returns a *fault.Error for what the document, the seal or the policy forbids.
func Make(ctx context.Context, o Order, out Output) (Result, error) {
	now := o.Now()
	if err := checkReason(o.Reason); err != nil {
		return Result{}, err
	}
	container, esl, err := o.container(now)
	if err != nil {
		return Result{}, err
	}
	doc, err := o.Format.Open(ctx, o.In, o.Size, document.Options{Limits: o.Limits})
	if err != nil {
		return Result{}, err
	}
	before, err := o.judgeEarlier(ctx, doc, now)
	if err != nil {
		return Result{}, err
	}
	ticket, err := sign.Prepare(doc, o.request(esl), container, now, 0)
	if err != nil {
		return Result{}, err
	}
	counted := &counter{Output: out}
	signed, err := ticket.Redeem(ctx, o.Key, nil, counted)
	if err != nil {
		return Result{}, err
	}
	start := time.Now()
	id, err := o.selfCheck(ctx, out, counted.n, signed, before, now)
	if err != nil {
		return Result{}, fault.New(fault.Unavailable, "self-check",
			"签章后的自检没有通过，文件已弃用；请保留输入文件并报告", "the document just stamped did not pass its self-check and was discarded: keep the input and report this", err)
	}
	return Result{ID: id, Digest: signed.Digest, Time: signed.Time, Size: counted.n, Earlier: len(before), SelfCheck: time.Since(start)}, nil
}

// container checks the seal as far as that needs no document and binds it to the key's certificate.
func (o *Order) container(now time.Time) (*sign.SES, *seal.Seal, error) {
	s, err := seal.Parse(o.Seal)
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "seal-malformed", "印章文件不是可识别的电子印章", "the seal file is not an electronic seal that can be read", err)
	}
	if err := s.VerifyMaker(); err != nil {
		return nil, nil, fault.New(fault.Denied, "seal-forged", "印章内制章者的签名不正确，印章可能被改动过，不能使用", "the maker's signature on the seal is wrong: it may have been altered and cannot be used", err)
	}
	if err := understood(s); err != nil {
		return nil, nil, err
	}
	p := s.Info.Property
	if now.Before(p.Start) || now.After(p.End) {
		return nil, nil, fault.New(fault.Denied, "seal-out-of-time",
			fmt.Sprintf("印章“%s”的有效期是 %s 至 %s，现在不能使用", verify.Clean(p.Name), p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)),
			fmt.Sprintf("the seal “%s” is valid from %s to %s and cannot be used now", verify.Clean(p.Name), p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)), nil)
	}
	cert := o.Certificate
	if cert == nil {
		if cert, err = ownCertificate(s, o.Key); err != nil {
			return nil, nil, err
		}
	}
	if err := certificateUsable(cert, now); err != nil {
		return nil, nil, err
	}
	c, err := sign.NewSES(o.Seal, cert)
	return c, s, err
}

// understood refuses, before the key is asked, a seal whose signatures would not verify: one that breaks a rule, or wants more than is known here.
func understood(s *seal.Seal) error {
	if problems := s.Validate(); len(problems) > 0 {
		p := problems[0]
		return fault.New(fault.Invalid, "seal-malformed", "印章数据有错误（"+p.Field+"）："+p.ZH+"；请重新制章", "the seal is malformed ("+p.Field+"): "+p.EN+"; have it remade", nil)
	}
	for _, x := range s.Info.Extensions {
		if x.Critical {
			return fault.New(fault.Denied, "seal-extension", "印章带有必须理解而本系统不认识的扩展项 "+x.OID.String()+"，不能使用；请重新制章",
				"the seal has the extension "+x.OID.String()+", which must be understood and is not known here; have it remade", nil)
		}
	}
	return nil
}

// ownCertificate finds the certificate of the key in the seal's list. A list of digests holds no certificates: then the order must name one.
func ownCertificate(s *seal.Seal, k hsm.Key) ([]byte, error) {
	pub, err := gm.MarshalPublicKey(k.Public())
	if err != nil {
		return nil, fmt.Errorf("read the key's public half: %w", err)
	}
	for _, der := range s.Info.Property.Certs {
		c, err := gm.ParseCertificate(der)
		if err == nil && string(c.RawSubjectPublicKeyInfo) == string(pub) {
			return der, nil
		}
	}
	return nil, fault.New(fault.Denied, "key-not-in-seal",
		"印章的证书列表中没有这把密钥的证书：请用印章所有者的密钥，或用 --cert 指明证书",
		"the seal lists no certificate of this key: use the owner's key, or name the certificate with --cert", nil)
}

// certificateUsable refuses what verification would refuse at once.
func certificateUsable(der []byte, now time.Time) error {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return fault.New(fault.Invalid, "certificate-malformed", "签章人证书无法读取", "the signer's certificate cannot be read", err)
	}
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return fault.New(fault.Denied, "certificate-out-of-time",
			"签章人证书不在有效期内："+c.NotBefore.Format(time.DateOnly)+" 至 "+c.NotAfter.Format(time.DateOnly),
			"the signer's certificate is not valid now: "+c.NotBefore.Format(time.DateOnly)+" to "+c.NotAfter.Format(time.DateOnly), nil)
	}
	if digital, commitment := trust.KeyUsageForSigning(c); !digital && !commitment {
		return fault.New(fault.Denied, "certificate-usage", "签章人证书不允许用于签名", "the signer's certificate may not be used for signing", nil)
	}
	return nil
}

// maxReason bounds the reason in characters: one line of a reader's panel.
const maxReason = 200

func checkReason(s string) error {
	if utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxReason && !strings.ContainsFunc(s, unicode.IsControl) {
		return nil
	}
	return fault.New(fault.Invalid, "reason", fmt.Sprintf("事由超过 %d 字、含有控制字符或不是 UTF-8", maxReason),
		fmt.Sprintf("the reason is longer than %d characters, holds control characters or is not UTF-8", maxReason), nil)
}

// request lays the seal's own picture out at its own size: a seal is never scaled.
func (o *Order) request(s *seal.Seal) document.Request {
	pic := s.Info.Picture
	w, h := float64(pic.Width), float64(pic.Height)
	places := make([]document.Place, len(o.Places))
	for i, p := range o.Places {
		p.Width, p.Height = w, h
		places[i] = p
	}
	return document.Request{Filter: "Yinxin.Seal", Name: s.Info.Property.Name, Reason: o.Reason, Places: places, Payload: o.Seal,
		Appearance: document.Picture{Type: pic.Type, Data: pic.Data, Width: w, Height: h}}
}

// counter counts what is written in sequence: the size of the output.
type counter struct {
	Output
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Output.Write(p)
	c.n += int64(n)
	return n, err
}

// judgeEarlier judges the integrity of every signature already there. A document with a broken signature is not stamped: the new seal would
// lend it credit.
func (o *Order) judgeEarlier(ctx context.Context, doc document.Document, now time.Time) ([]verify.SignatureReport, error) {
	var v verify.Verifier
	facts, err := v.GatherDocument(ctx, o.Format.Name(), doc)
	if err != nil {
		return nil, err
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, now)
	for _, s := range r.Signatures {
		if s.Verdict == verify.Failed {
			return nil, fault.New(fault.Denied, "earlier-signature-broken",
				"文件中已有的签名“"+s.ID+"”核验失败，不能在其上签章："+firstFailure(s).In("zh"),
				"the signature “"+s.ID+"” already in the file fails, so the file is not stamped: "+firstFailure(s).In("en"), nil)
		}
	}
	return r.Signatures, nil
}

func firstFailure(s verify.SignatureReport) verify.Text {
	for _, f := range s.Findings {
		if f.Level == verify.Fail && f.Verdict == verify.Failed {
			return f.Message
		}
	}
	return verify.Text{}
}

// selfCheck reads the output back: the signature just made must hold in every respect that needs no network, and every earlier one must be as
// intact as before. Local trust that says no is a failure; trust that says nothing is not.
func (o *Order) selfCheck(ctx context.Context, out io.ReaderAt, size int64, made sign.Signed, before []verify.SignatureReport, now time.Time) (string, error) {
	v := verify.Verifier{Formats: []document.Format{o.Format}, Limits: o.Limits, Trust: o.Trust}
	facts, err := v.Gather(ctx, out, size)
	if err != nil {
		return "", err
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: o.Trust == nil || len(o.Trust.Anchors()) == 0}, now)
	if len(r.Signatures) != len(before)+1 {
		return "", fmt.Errorf("%d signatures, expected %d", len(r.Signatures), len(before)+1)
	}
	for i, s := range before {
		now := r.Signatures[i]
		if now.ID != s.ID || now.Integrity != s.Integrity || now.Aspects.Integrity == verify.Failed {
			return "", fmt.Errorf("the earlier signature %s would be broken: %s", s.ID, firstFailure(now).EN)
		}
	}
	last := r.Signatures[len(before)]
	switch {
	case last.Verdict == verify.Failed:
		return "", errors.New(firstFailure(last).EN)
	case last.Integrity != verify.Intact || last.Aspects.Integrity != verify.Passed || last.Coverage != document.CoversFile:
		return "", fmt.Errorf("the new signature is %s (%s) and covers %s", last.Integrity, last.Aspects.Integrity, last.Coverage)
	case last.Time == nil || !last.Time.Claimed.Equal(made.Time):
		return "", errors.New("the last signature is not the one just made")
	}
	return last.ID, nil
}
