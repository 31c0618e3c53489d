package stamp

import (
	"context"
	"errors"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/timestamp"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/evidence"
)

// Beside is Extend for evidence that is kept beside the document, which stays as it is: for formats that cannot take evidence inside. had is what is kept
// already, and bound to this document; nil for nothing. All of it stays in what is returned, also what is not understood. At LevelLTA a time stamp over
// the document and the evidence is added; to do it again is to renew it. Extended has no Timestamp and no Size.
func Beside(ctx context.Context, o ExtendOrder, had *evidence.Bundle) (evidence.Bundle, Extended, error) {
	x := extension{ExtendOrder: &o, now: o.Now()}
	if err := x.settle(); err != nil {
		return evidence.Bundle{}, Extended{}, err
	}
	doc, err := x.open(ctx, o.In, o.Size)
	if err != nil {
		return evidence.Bundle{}, Extended{}, err
	}
	if x.before, err = intact(ctx, o.Format, doc, x.now); err != nil {
		return evidence.Bundle{}, Extended{}, err
	}
	if len(x.before) == 0 {
		return evidence.Bundle{}, Extended{}, nothingSigned()
	}
	b := evidence.Bundle{Document: evidence.Document{Size: o.Size}}
	if had != nil {
		b = *had
	} else if b.Document.SM3, err = evidence.Sum(ctx, o.In, o.Size); err != nil {
		return evidence.Bundle{}, Extended{}, err
	}
	b.Document.File = nil
	r, err := x.beside(ctx, doc, &b)
	return b, r, err
}

// beside adds to b what is found, and the time stamp over it.
func (x *extension) beside(ctx context.Context, doc document.Document, b *evidence.Bundle) (Extended, error) {
	before := count(*b)
	kept := b.Beside()
	x.long.carry(kept.Evidence.Certificates, kept.Evidence.CRLs, kept.Evidence.OCSPs)
	by := x.long.stampsBeside(ctx, kept.Stamps, &b.Values)
	list, records, err := x.long.records(ctx, doc, by)
	if err == nil {
		err = x.long.reached()
	}
	if err != nil {
		return Extended{}, err
	}
	for i, s := range list {
		r := records[i]
		enter(b, s, evidence.Values{Certificates: r.Certificates, CRLs: r.CRLs, OCSPs: r.OCSPs})
	}
	r := Extended{Level: x.reachedLevel(), Evidence: count(*b) > before, Signatures: len(list), Lacks: x.long.lacks}
	if x.Level == LevelLT {
		if !r.Evidence {
			return Extended{}, evidenceKnown()
		}
		return r, nil
	}
	var f timestamp.Facts
	*b, err = b.Protect(func(octets []byte) (token []byte, err error) {
		token, f, err = x.long.over(ctx, octets)
		return token, err
	})
	if err != nil {
		return Extended{}, err
	}
	e, lack := x.long.certificate(ctx, f.Certificate, trust.UseTSA, f.Time) // what is known of it now is kept for who judges without a network
	b.Add(evidence.Values{Certificates: e.Certificates, CRLs: e.CRLs, OCSPs: e.OCSPs})
	if err := ctx.Err(); err != nil {
		return Extended{}, err
	}
	x.long.lack(x.long.from, "", lack)
	r.Proven, r.Level, r.Lacks = f.Time, x.reachedLevel(), x.long.lacks
	return r, x.long.reached()
}

// enter keeps values for a signature.
func enter(b *evidence.Bundle, s document.Signature, v evidence.Values) {
	sum := gm.SM3(s.Value())
	for i := range b.Signatures {
		if b.Signatures[i].SM3 == sum {
			b.Signatures[i].Add(v)
			return
		}
	}
	b.Signatures = append(b.Signatures, evidence.Signature{ID: s.Info().ID, SM3: sum, Values: v})
}

// count tells whether anything came to a bundle.
func count(b evidence.Bundle) (n int) {
	n = len(b.Certificates) + len(b.CRLs) + len(b.OCSPs)
	for _, s := range b.Signatures {
		n += len(s.Certificates) + len(s.CRLs) + len(s.OCSPs)
	}
	return n
}

// stampsBeside looks for the evidence about who made earlier time stamps over the evidence, and says by when the first of those that hold proves all it is
// over to have existed. One that does not hold proves nothing, here as when it is judged.
func (l *lasting) stampsBeside(ctx context.Context, list []verify.BesideStamp, to *evidence.Values) (by time.Time) {
	at := l.now
	for i := len(list) - 1; i >= 0; i-- {
		t, err := timestamp.Parse(list[i].Token)
		if err != nil {
			continue
		}
		imprint, err := timestamp.Over(t.Info.Imprint.Hash, list[i].Over)
		if err != nil {
			continue
		}
		f := t.CheckImprint(imprint)
		if !f.Intact() {
			continue
		}
		l.carry(f.Pool, f.CRLs, f.OCSPs)
		e, lack := l.certificate(ctx, f.Certificate, trust.UseTSA, at)
		to.Add(evidence.Values{Certificates: e.Certificates, CRLs: e.CRLs, OCSPs: e.OCSPs})
		l.lack(l.from, "", lack)
		by, at = f.Time, f.Time
	}
	return by
}

// over asks for a time stamp over octets that hold SM3 digests.
func (l *lasting) over(ctx context.Context, octets []byte) ([]byte, timestamp.Facts, error) {
	imprint, err := timestamp.Over(l.source.Hash(l.hash()), octets)
	if err != nil {
		return nil, timestamp.Facts{}, err
	}
	token, err := l.source.Token(ctx, imprint)
	if err != nil {
		return nil, timestamp.Facts{}, err
	}
	t, err := timestamp.Parse(token)
	if err != nil {
		return nil, timestamp.Facts{}, wrongTimestamp("", err)
	}
	f := t.CheckImprint(imprint)
	if !f.Intact() || len(f.Insecure) > 0 {
		return nil, f, wrongTimestamp("", errors.Join(f.Err(), insecure(f.Insecure)))
	}
	return token, f, nil
}
