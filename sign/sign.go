// Package sign is one signing act: a document is laid out, a ticket is prepared, and the ticket is redeemed at most once.
//
// A ticket holds everything but the key's answer. Redeem copies and hashes the document in one pass, asks the key once, and fills the hole that was
// sized beforehand. There is no second answer: a value too long for its hole, or a key that answers wrongly, ends the act with an error.
package sign

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/timestamp"
)

// Act is what is signed: the document's digest, how the document describes what was digested, and the time claimed. It fixes the value but for the key's
// answer and the token.
type Act struct {
	Digest   []byte    // SM3 of the document's protected bytes
	Property string    // propertyInfo of GB/T 38540
	Time     time.Time // claimed; written in whole seconds, UTC
}

// Container makes the value that goes into the document: an SES_Signature or a SignedData.
type Container interface {
	// Kind and Profile are what the document must be told.
	Kind() document.Kind
	Profile() string
	// Size is an upper bound of the value in bytes, known without the key. token is the longest time stamp, 0 for none.
	Size(token int) int
	// Encode asks k exactly once and returns the value.
	Encode(ctx context.Context, a Act, k hsm.Key, ts timestamp.Source) ([]byte, error)
}

// Ticket is a prepared signing act.
type Ticket struct {
	draft     document.Draft
	container Container
	reserve   int
	at        time.Time
	redeemed  atomic.Bool
}

// ErrRedeemed is returned by the second Redeem of a ticket.
var ErrRedeemed = errors.New("sign: this ticket was redeemed before")

// Prepare lays the signature of r out on doc and sizes its hole for c. r.Kind, r.Profile, r.Time and r.Reserve are set from c and at.
// token is the longest time stamp the source may answer in bytes, 0 for none.
func Prepare(doc document.Document, r document.Request, c Container, at time.Time, token int) (*Ticket, error) {
	at = at.UTC().Truncate(time.Second)
	r.Kind, r.Profile, r.Time = c.Kind(), c.Profile(), at
	r.Reserve = c.Size(token)
	draft, err := doc.Prepare(r)
	if err != nil {
		return nil, err
	}
	return &Ticket{draft: draft, container: c, reserve: r.Reserve, at: at}, nil
}

// Signed is what a redeemed ticket leaves.
type Signed struct {
	Value  []byte    // as written into the document
	Digest []byte    // SM3 of the protected bytes
	Time   time.Time // claimed
}

// Redeem writes the signed document to s. It works once; every later call returns ErrRedeemed, whether or not the first succeeded.
// When it fails, what was written to s is worthless and must not leave.
func (t *Ticket) Redeem(ctx context.Context, k hsm.Key, ts timestamp.Source, s document.Sink) (Signed, error) {
	if !t.redeemed.CompareAndSwap(false, true) {
		return Signed{}, ErrRedeemed
	}
	if err := ctx.Err(); err != nil {
		return Signed{}, err
	}
	digest, err := t.draft.Copy(s, sm3Only)
	if err != nil {
		return Signed{}, fmt.Errorf("copy the document: %w", err)
	}
	act := Act{Digest: digest, Property: t.draft.Property(), Time: t.at}
	value, err := t.container.Encode(ctx, act, k, ts)
	if err != nil {
		return Signed{}, err
	}
	if len(value) > t.reserve {
		return Signed{}, fault.New(fault.Limit, "value-too-long",
			fmt.Sprintf("签名值为 %d 字节，超过预留的 %d 字节；未产生文件，请检查时间戳服务的令牌长度后重新签章", len(value), t.reserve),
			fmt.Sprintf("the signature value has %d bytes, %d were reserved; no file was made: check the time stamp service's token size and stamp again", len(value), t.reserve), nil)
	}
	if err := t.draft.Finish(s, value); err != nil {
		return Signed{}, fmt.Errorf("write the value: %w", err)
	}
	return Signed{Value: value, Digest: digest, Time: t.at}, nil
}

// answer asks k once for an SM2 signature over msg and returns it as DER SEQUENCE{r,s}, after checking it against the public key of cert: a key that
// answers wrongly must not put its answer into a document.
func answer(ctx context.Context, k hsm.Key, cert *gm.Certificate, msg []byte) ([]byte, error) {
	pub, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || !gm.IsSM2(pub) {
		return nil, fault.New(fault.Invalid, "certificate-not-sm2", "证书的公钥不是 SM2，不能用于电子签章", "the certificate's key is not SM2: it cannot make a seal signature", nil)
	}
	if !pub.Equal(k.Public()) {
		return nil, fault.New(fault.Invalid, "key-certificate-mismatch",
			"密钥与证书不是一对：请用证书 "+cert.Subject.CommonName+" 对应的密钥",
			"the key does not belong to the certificate "+cert.Subject.CommonName+": name the key it was issued for", nil)
	}
	e, err := gm.E(pub, msg)
	if err != nil {
		return nil, err
	}
	sig, err := k.Sign(ctx, e, hsm.SM2)
	if err != nil {
		return nil, fmt.Errorf("ask the key: %w", err)
	}
	der, err := gm.CanonicalSignature(sig)
	if err != nil || !gm.VerifyE(pub, e, der) {
		return nil, fault.New(fault.Unavailable, "key-answer-wrong",
			"密钥设备返回的签名不正确，已弃用，未产生文件；请检查密钥设备", "the key device answered with a wrong signature, which was discarded; no file was made: check the device", err)
	}
	return der, nil
}
