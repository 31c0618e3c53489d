package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"hash"
	"slices"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/seal"
	"yinxin/timestamp"
	"yinxin/trust"
)

// ownFilter marks signatures written by this project: their property text is known and compared.
const ownFilter = "Yinxin.Seal"

// sesParts is an SES_Signature being gathered beside reading the file: what its value says of itself, GB/T 38540 7.3 and 6.3, each fact by itself.
type sesParts struct {
	lanes        lanes
	sig          *seal.Signature
	facts        SignatureFacts // its value, tokens, signer and seal
	value, maker error
}

// startSES begins to gather an SES_Signature; nil where the value is none.
func (v *gathering) startSES(ctx context.Context, info *document.Info, value []byte) *sesParts {
	if info.Profile != profileSES && info.Profile != document.TypeSeal {
		return nil
	}
	sig, err := seal.ParseSignature(value)
	if err != nil {
		return &sesParts{facts: SignatureFacts{FormatErr: why(err)}}
	}
	p := &sesParts{lanes: lanes{inline: len(v.Sources) > 0}, sig: sig}
	p.facts.Value = ValueFacts{Algorithm: sig.Alg.String(), ClaimedTime: sig.Time, TimeSource: "timeInfo", Property: sig.Property,
		OwnContainer: info.Filter == ownFilter, PropertyOK: sig.Property == info.Property}
	p.lanes.run(func() { p.value = sig.Verify() })
	p.lanes.run(func() { p.maker = sig.Seal.VerifyMakerWith(v.Proven) })
	p.lanes.run(func() {
		f := &p.facts
		v.sealTokens(ctx, value, sig, f)
		f.Signer = v.certificateAt(ctx, sig.Cert, trust.Evidence{}, trust.UseCA, f.stated(StampsSignature))
		f.Seal = v.seal(ctx, sig, earlier(f.stated(StampsSeal), f.stated(StampsSignature)))
		f.Seal.Stored = stored(info.SealFile, sig.RawSeal)
	})
	return p
}

// wait waits for what was begun; of nil it does nothing.
func (p *sesParts) wait() {
	if p != nil {
		p.lanes.wait()
	}
}

// ses puts together what was found of the value, once it is all there, and of the file.
func (v *gathering) ses(s document.Signature, p *sesParts, f *SignatureFacts) {
	if f.FormatErr = p.facts.FormatErr; f.FormatErr != "" {
		return
	}
	digest, err := s.Digest(func(string) (hash.Hash, error) { return sesHash(p.sig) })
	p.wait()
	f.Value, f.Tokens, f.TokensLeft, f.Signer, f.Seal = p.facts.Value, p.facts.Tokens, p.facts.TokensLeft, p.facts.Signer, p.facts.Seal
	switch {
	case err != nil:
		f.Value.DigestErr = err.Error()
	default:
		f.Value.DigestOK = subtle.ConstantTimeCompare(digest, p.sig.DataHash) == 1
	}
	f.Value.ValueOK, f.Value.ValueErr = p.value == nil, why(p.value)
	if errors.Is(p.value, seal.ErrInsecure) {
		f.Value.Unknown = why(p.value) // it was not computed, so it is not called forged either
	}
	f.Seal.MakerOK, f.Seal.MakerErr = p.maker == nil, why(p.maker)
	f.Seal.Shown, f.Seal.ShownWhy = v.compare(s, p.sig.Seal.Info.Picture)
}

// sesHash is SM3, but SHA-256 for v1 signatures of RSA keys (GM/T 0031-2014 allows them). SHA-1 is not offered.
func sesHash(sig *seal.Signature) (hash.Hash, error) {
	if sig.Version == seal.V1 && !gm.IsSM2SignatureOID(sig.Alg) {
		return sha256.New(), nil
	}
	return gm.NewSM3(), nil
}

// sealTokens gathers the tokens of the signature and of the seal in it.
func (v *gathering) sealTokens(ctx context.Context, value []byte, sig *seal.Signature, f *SignatureFacts) {
	if len(sig.TimeStamp) > 0 {
		v.stamps(ctx, f, StampsSignature, sig.Value, sig.TimeStamp)
	}
	v.stampsBeside(ctx, value, f, sig.Value)
	if len(sig.Seal.TimeStamp) > 0 {
		v.stamps(ctx, f, StampsSeal, sig.Seal.SignValue, sig.Seal.TimeStamp)
	}
	if len(sig.TimeToken) > 0 {
		t := TokenFacts{Over: StampsContent}
		if parsed, err := timestamp.Parse(sig.TimeToken); err != nil {
			t.Err = err.Error()
		} else {
			t.Time, t.Accuracy = parsed.Info.Time, parsed.Info.Accuracy
			f.Value.ClaimedTime = t.Time // a claim like any other: what it is over is fixed by nothing
		}
		f.Tokens = append(f.Tokens, t)
	}
}

// seal gathers what the seal says of itself, and its maker's certificate. when is a time that is stated for it.
func (v *gathering) seal(ctx context.Context, sig *seal.Signature, when time.Time) *SealFacts {
	s := sig.Seal
	p := s.Info.Property
	f := &SealFacts{Version: int(s.Version), Mixed: sig.Version != s.Version, ID: s.Info.ESID, Name: p.Name, Type: p.Type, Vendor: s.Info.Header.Vid,
		Created: p.Created, Start: p.Start, End: p.End, PictureType: s.Info.Picture.Type, Width: s.Info.Picture.Width, Height: s.Info.Picture.Height,
		Picture: s.Info.Picture.Data}
	for _, p := range append(s.Validate(), sig.Validate()...) {
		if p.Code == seal.SignatureVersion {
			f.Mixed = true
		} else {
			f.Problems = append(f.Problems, p.Field+": "+p.EN)
		}
	}
	listed, err := s.Lists(sig.Cert)
	if err != nil {
		f.ListErr = err.Error()
	}
	f.SignerListed = listed
	for _, x := range append(slices.Clip(s.Info.Extensions), sig.Extensions...) {
		if x.Critical {
			f.Critical = append(f.Critical, x.OID.String())
		}
	}
	f.Maker = v.certificateAt(ctx, s.MakerCert, trust.Evidence{}, trust.UseMaker, when)
	f.AnyMaker = v.vouchesForSigners(f.Maker.Chain)
	return f
}

// vouchesForSigners reports whether the anchor above a maker, or a tax authority, is an anchor for signers as well. One whose own certificate is the anchor
// is meant.
func (v *gathering) vouchesForSigners(c trust.Chain) bool {
	if !c.Anchored || len(c.Links) < 2 {
		return false
	}
	top := c.Links[len(c.Links)-1].Raw
	return slices.ContainsFunc(v.Trust.Anchors(), func(a trust.Anchor) bool { return a.Use == trust.UseCA && bytes.Equal(a.Certificate.Raw, top) })
}

func stored(file, embedded []byte) string {
	switch {
	case file == nil:
		return ""
	case bytes.Equal(file, embedded):
		return "same"
	}
	return "differs"
}

// isPNG reports a picture type that this package can decode, in any case.
func isPNG(t string) bool { return strings.EqualFold(t, "PNG") }

// why is what a parser or check said, "" for nil, without the sentence around it that people get when that is all that failed.
func why(err error) string {
	if err == nil {
		return ""
	}
	var e *fault.Error
	if errors.As(err, &e) && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}
