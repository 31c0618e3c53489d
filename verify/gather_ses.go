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
	"sync"
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

// ses gathers an SES_Signature: GB/T 38540 7.3 and 6.3, each fact by itself.
func (v *gathering) ses(ctx context.Context, s document.Signature, f *SignatureFacts) {
	sig, err := seal.ParseSignature(s.Value())
	if err != nil {
		f.FormatErr = why(err)
		return
	}
	f.Value = ValueFacts{Algorithm: sig.Alg.String(), ClaimedTime: sig.Time, TimeSource: "timeInfo", Property: sig.Property}
	f.Value.OwnContainer = f.Filter == ownFilter
	f.Value.PropertyOK = sig.Property == s.Info().Property
	digest := sync.OnceValues(func() ([]byte, error) { return s.Digest(func(string) (hash.Hash, error) { return sesHash(sig) }) })
	go func() { _, _ = digest() }() // the file is hashed beside what does not need it, or after that where no processor is free
	value, maker := sig.Verify(), v.Proven.VerifyMaker(sig.Seal)
	switch sum, err := digest(); {
	case err != nil:
		f.Value.DigestErr = err.Error()
	default:
		f.Value.DigestOK = subtle.ConstantTimeCompare(sum, sig.DataHash) == 1
	}
	f.Value.ValueOK, f.Value.ValueErr = value == nil, why(value)
	if errors.Is(value, seal.ErrInsecure) {
		f.Value.Unknown = why(value) // it was not computed, so it is not called forged either
	}
	v.sealTokens(ctx, s, sig, f)
	f.Signer = v.certificateAt(ctx, sig.Cert, trust.Evidence{}, trust.UseCA, f.stated(StampsSignature))
	f.Seal = v.seal(ctx, sig, maker, earlier(f.stated(StampsSeal), f.stated(StampsSignature)))
	f.Seal.Stored = stored(s.Info().SealFile, sig.RawSeal)
	f.Seal.Shown, f.Seal.ShownWhy = v.compare(s, sig.Seal.Info.Picture)
}

// sesHash is SM3, but SHA-256 for v1 signatures of RSA keys (GM/T 0031-2014 allows them). SHA-1 is not offered.
func sesHash(sig *seal.Signature) (hash.Hash, error) {
	if sig.Version == seal.V1 && !gm.IsSM2SignatureOID(sig.Alg) {
		return sha256.New(), nil
	}
	return gm.NewSM3(), nil
}

// sealTokens gathers the tokens of the signature and of the seal in it.
func (v *gathering) sealTokens(ctx context.Context, s document.Signature, sig *seal.Signature, f *SignatureFacts) {
	if len(sig.TimeStamp) > 0 {
		v.stamps(ctx, f, StampsSignature, sig.Value, sig.TimeStamp)
	}
	v.stampsBeside(ctx, s, f, sig.Value)
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

// seal gathers what the seal says and proves of itself. maker is what VerifyMaker said, when a time that is stated for it.
func (v *gathering) seal(ctx context.Context, sig *seal.Signature, maker error, when time.Time) *SealFacts {
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
	f.MakerOK, f.MakerErr = maker == nil, why(maker)
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
