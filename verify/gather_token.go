package verify

import (
	"context"
	"strings"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/timestamp"
	"yinxin/trust"
)

// Bounds on what one file may ask for.
const (
	maxTokens = 8  // of one signature; more are counted and not read
	maxLayers = 24 // document time stamps whose evidence is looked at apart
)

// layer is what the bytes under one document time stamp carry: if that time stamp is good, what existed at its time.
type layer struct {
	by       int // index of the document time stamp
	evidence document.Evidence
	beside   trust.Evidence // and of what is kept beside the file

	besideKey [gm.DigestSize]byte
}

// layersOf asks for the evidence under each document time stamp, the earliest first.
func layersOf(doc document.Document, signatures []document.Signature) ([]layer, error) {
	e, ok := doc.(document.Evidencer)
	if !ok {
		return nil, nil
	}
	var out []layer
	for i, s := range signatures {
		if info := s.Info(); !isTimestamp(info.Profile) || info.Standing != document.Stands || len(out) == maxLayers {
			continue
		}
		under, err := e.EvidenceUnder(s)
		if err != nil {
			return nil, err
		}
		out = append(out, layer{by: i, evidence: under})
	}
	return out, nil
}

// isTimestamp reports a document time stamp: a token where others have a signature.
func isTimestamp(profile string) bool { return profile == profileRFC3161 }

// statedAfter is, for each signature, the earliest time that document time stamps after it state. It only tells which of several chains to prefer.
func statedAfter(signatures []document.Signature) []time.Time {
	out := make([]time.Time, len(signatures))
	var earliest time.Time
	for i := len(signatures) - 1; i >= 0; i-- {
		out[i] = earliest
		if info := signatures[i].Info(); !isTimestamp(info.Profile) || info.Standing != document.Stands {
			continue
		}
		if t, err := timestamp.Parse(signatures[i].Value()); err == nil {
			earliest = earlier(earliest, t.Info.Time)
		}
	}
	return out
}

// earlier is the earlier of two times, of which a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// stamps gathers the tokens that a signature carries over some octets of its own.
func (v *gathering) stamps(ctx context.Context, f *SignatureFacts, over Stamped, octets []byte, tokens ...[]byte) {
	for _, raw := range tokens {
		if len(f.Tokens) == maxTokens {
			f.TokensLeft++
			continue
		}
		f.Tokens = append(f.Tokens, v.token(ctx, raw, over, cms.DigestOf(octets)))
	}
}

// stampsBeside gathers those that are kept beside the file for the signature of the value, over octets of it.
func (v *gathering) stampsBeside(ctx context.Context, value []byte, f *SignatureFacts, octets []byte) {
	inside := len(f.Tokens)
	v.stamps(ctx, f, StampsSignature, octets, v.besideTokens(value)...)
	for i := range f.Tokens[inside:] {
		f.Tokens[inside+i].Beside = true
	}
}

// documentTimestamp gathers a token over the document's own bytes.
func (v *gathering) documentTimestamp(ctx context.Context, s document.Signature, f *SignatureFacts) {
	t := v.token(ctx, s.Value(), StampsDocument, outside(s))
	if t.Err != "" {
		f.FormatErr = t.Err
		return
	}
	f.Tokens, f.Signer = []TokenFacts{t}, t.Authority
	f.Value = ValueFacts{DigestOK: t.Imprint, DigestErr: t.Unread, ValueOK: t.Value, PropertyOK: true}
	if m := s.Info().ClaimedTime; !m.IsZero() {
		f.Value.ClaimedTime, f.Value.TimeSource = m, "M"
	}
	for _, x := range t.Failures {
		if x.Code == timestamp.ErrUnsupported || x.Code == timestamp.ErrHash {
			f.Value.Unknown = x.Detail
		}
	}
}

// token gathers one token. stamped hashes what it stands for.
func (v *gathering) token(ctx context.Context, raw []byte, over Stamped, stamped cms.DigestFunc) TokenFacts {
	t := TokenFacts{Over: over}
	parsed, err := timestamp.Parse(raw)
	if err != nil {
		t.Err = err.Error()
		return t
	}
	t.Time, t.Accuracy = parsed.Info.Time, parsed.Info.Accuracy
	f, err := parsed.Check(stamped, v.embedded.Certificates...)
	if err != nil {
		t.Unread = err.Error()
		return t
	}
	t.Policy, t.Serial, t.Hash = f.Policy, f.Serial, f.Hash
	t.Imprint, t.Value, t.Failures, t.Weak = f.Imprint, f.Value, f.Failures, weaknesses(f.Insecure)
	for _, n := range f.Notes {
		t.Deviations = append(t.Deviations, strings.TrimSpace(string(n.Code)+" "+n.Detail))
	}
	if f.Certificate != nil {
		own := trust.Evidence{Certificates: f.Pool, CRLs: f.CRLs, OCSPs: f.OCSPs}
		t.Authority = v.certificateAt(ctx, f.Certificate, own, trust.UseTSA, f.Time)
	}
	return t
}
