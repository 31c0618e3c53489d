// Package sign is one signing act: a document is laid out, a ticket is prepared, and the ticket is redeemed at most once.
//
//	container, err := sign.NewSES(seal, cert)                      // or NewCMS, NewGB: what is written into the document
//	ticket, err := sign.Prepare(doc, request, container, now, 0)   // where it goes; the hole is sized, no key is needed yet
//	signed, err := ticket.Redeem(ctx, key, nil, out)               // copy, hash, ask the key once, fill the hole
//
// A ticket holds everything but the key's answer. Redeem copies and hashes the document in one pass, asks the key once, and fills the hole that was
// sized beforehand. There is no second answer: a value too long for its hole, or a key that answers wrongly, ends the act with an error.
package sign

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"sync/atomic"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/hsm"
	"yinxin/timestamp"
)

// Act is what is signed: the document's digest, how the document describes what was digested, and the time claimed. It fixes the value but for the key's
// answer and the token.
type Act struct {
	Digest   []byte    // of the document's protected bytes, made with the container's Hasher
	Property string    // propertyInfo of GB/T 38540; only a seal signature holds it
	Time     time.Time // claimed; written in whole seconds, UTC
}

// Container makes the value that goes into the document: an SES_Signature or a SignedData.
type Container interface {
	// Kind and Profile are what the document must be told.
	Kind() document.Kind
	Profile() string
	// Hasher is how the document's bytes are digested.
	Hasher() document.Hasher
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

// Prepare lays the signature of r out on doc and sizes its hole for c. r.Kind, r.Profile, r.Time and r.Reserve are set from c and at, and an empty
// r.Filter to FilterCMS for ProfileCMS.
// token is the longest time stamp the source may answer in bytes, 0 for none.
func Prepare(doc document.Document, r document.Request, c Container, at time.Time, token int) (*Ticket, error) {
	at = at.UTC().Truncate(time.Second)
	r.Kind, r.Profile, r.Time = c.Kind(), c.Profile(), at
	r.Reserve = c.Size(token)
	if r.Filter == "" && r.Profile == ProfileCMS {
		r.Filter = FilterCMS
	}
	draft, err := doc.Prepare(r)
	if err != nil {
		return nil, err
	}
	return &Ticket{draft: draft, container: c, reserve: r.Reserve, at: at}, nil
}

// Apart reports whether the document may be read while the ticket is redeemed.
func (t *Ticket) Apart() bool {
	_, ok := t.draft.(document.Apart)
	return ok
}

// Rehearse lays the same signature out as Prepare would and returns the digest that Redeem would have signed. No key is asked and nothing is written.
func Rehearse(doc document.Document, r document.Request, c Container, at time.Time, token int) ([]byte, error) {
	t, err := Prepare(doc, r, c, at, token)
	if err != nil {
		return nil, err
	}
	digest, err := t.draft.Copy(nowhere{}, c.Hasher())
	if err != nil {
		return nil, fmt.Errorf("digest the document: %w", err)
	}
	return digest, nil
}

// nowhere is a Sink that keeps nothing.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func (nowhere) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// Signed is what a redeemed ticket leaves.
type Signed struct {
	Value  []byte    // as written into the document
	Digest []byte    // of the protected bytes, made with the container's Hasher
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
	digest, err := t.draft.Copy(s, t.container.Hasher())
	if err != nil {
		return Signed{}, fmt.Errorf("copy the document: %w", err)
	}
	act := Act{Digest: digest, Property: t.draft.Property(), Time: t.at}
	value, err := t.container.Encode(ctx, act, k, ts)
	if err != nil {
		return Signed{}, err
	}
	if len(value) > t.reserve {
		return Signed{}, tooLong(len(value), t.reserve)
	}
	if err := t.draft.Finish(s, value); err != nil {
		return Signed{}, fmt.Errorf("write the value: %w", err)
	}
	return Signed{Value: value, Digest: digest, Time: t.at}, nil
}

// only is the Hasher of a signing act: one algorithm, whatever a format proposes.
func only(oid asn1.ObjectIdentifier) document.Hasher {
	return func(alg string) (hash.Hash, error) {
		if alg != "" && alg != oid.String() && alg != cms.HashName(oid) {
			return nil, fmt.Errorf("sign: the document asks for the digest algorithm %s, the signature for %s", alg, cms.HashName(oid))
		}
		h, _, err := cms.Hash(oid)
		return h, err
	}
}
