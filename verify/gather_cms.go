package verify

import (
	"context"
	"errors"
	"hash"
	"slices"
	"strings"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/trust"
)

// cms gathers a CMS or GB/T 35275 signature. Of several signers the first is checked: there is to be one, and the judge says so.
func (v *gathering) cms(ctx context.Context, s document.Signature, f *SignatureFacts) {
	sd, err := cms.Parse(s.Value())
	if err != nil {
		f.FormatErr = err.Error()
		return
	}
	f.Value.Signed = &CMSFacts{Signers: len(sd.Signers)}
	if len(sd.Signers) == 0 {
		f.FormatErr = "no signer"
		return
	}
	signer := &sd.Signers[0]
	f.Value.PropertyOK = true
	v.stamps(ctx, f, StampsSignature, signer.Value, signer.TimeStampTokens()...)
	v.stampsBeside(ctx, s.Value(), f, signer.Value)
	f.Value.ClaimedTime, f.Value.TimeSource = claimedTime(signer, s.Info())
	cert, err := sd.Certificate(signer)
	if err != nil {
		f.Signer = &CertFacts{Err: err.Error()}
		f.Value.ValueErr = err.Error()
		if errors.Is(err, cms.ErrUnsupported) {
			f.Value.Unknown = err.Error()
		}
		return
	}
	own := trust.Evidence{Certificates: sd.Certificates, CRLs: sd.CRLs, OCSPs: sd.OCSPs}
	if crls, ocsps, err := signer.ArchivedRevocation(); err == nil { // what is malformed cannot help
		own.CRLs, own.OCSPs = slices.Concat(own.CRLs, crls), slices.Concat(own.OCSPs, ocsps)
	}
	beside := lanes{inline: len(v.Sources) > 0}
	beside.run(func() { f.Signer = v.certificateAt(ctx, cert.Raw, own, trust.UseCA, f.stated(StampsSignature)) })
	result, err := signer.Check(sd, cert, outside(s))
	beside.wait()
	if err != nil {
		f.Value.DigestErr = err.Error()
		return
	}
	f.Value.cms(result)
}

// pkcs1 gathers a bare RSA signature, whose certificates the file keeps beside it.
func (v *gathering) pkcs1(ctx context.Context, s document.Signature, f *SignatureFacts) {
	info := s.Info()
	f.Value.PropertyOK = true
	if !info.ClaimedTime.IsZero() {
		f.Value.ClaimedTime, f.Value.TimeSource = info.ClaimedTime, "M"
	}
	if len(info.Certs) == 0 {
		f.Signer = &CertFacts{Err: "no certificate beside the value"}
		return
	}
	f.Signer = v.certificateAt(ctx, info.Certs[0], trust.Evidence{Certificates: info.Certs[1:]}, trust.UseCA, time.Time{})
	cert, err := gm.ParseCertificate(info.Certs[0])
	if err != nil {
		f.Value.ValueErr = err.Error()
		return
	}
	result, err := cms.CheckPKCS1(s.Value(), cert, outside(s))
	if err != nil {
		f.Value.DigestErr = err.Error()
		return
	}
	f.Value.cms(result)
}

// outside hashes what the signature protects.
func outside(s document.Signature) cms.DigestFunc {
	return func(newHash func() (hash.Hash, error)) ([]byte, error) {
		return s.Digest(func(string) (hash.Hash, error) { return newHash() })
	}
}

// claimedTime is the signed signingTime, else the unsigned /M of the file: a claim either way, but the first is the signer's own.
func claimedTime(s *cms.Signer, info document.Info) (t time.Time, source string) {
	if t, ok := s.SigningTime(); ok {
		return t, "signingTime"
	}
	if !info.ClaimedTime.IsZero() {
		return info.ClaimedTime, "M"
	}
	return time.Time{}, ""
}

// cms turns a CMS result into facts.
func (v *ValueFacts) cms(r cms.Result) {
	v.Algorithm = strings.TrimSpace(r.SignatureAlgorithm + " " + r.DigestAlgorithm)
	v.Weak = weaknesses(r.Insecure)
	v.DigestOK = r.Layout != "" && !r.Failed(cms.ErrDigest) && !r.Failed(cms.ErrContent) // without a layout nothing was hashed
	v.ValueOK = true
	var c CMSFacts // a bare value has none of this
	for _, failure := range r.Failures {
		switch failure.Code {
		case cms.ErrDigest, cms.ErrContent:
		case cms.ErrCertificate:
			c.Binding, c.BindingErr = BindingWrong, failure.Detail
		case cms.ErrAttributes:
			c.Malformed = failure.Detail
		case cms.ErrUnsupported:
			v.ValueOK, v.Unknown = false, failure.Detail
		case cms.ErrAlgorithm:
			v.ValueOK, v.Mismatch = false, failure.Detail
		default:
			v.ValueOK, v.ValueErr = false, failure.Detail
		}
	}
	if v.Signed == nil {
		return
	}
	c.Signers, c.Layout, c.Attributes = v.Signed.Signers, string(r.Layout), r.Attributes
	for _, n := range r.Notes {
		switch n.Code {
		case cms.NoteNoAttributes, cms.NoteNoCertificate:
		default:
			c.Deviations = append(c.Deviations, strings.TrimSpace(string(n.Code)+" "+n.Detail))
		}
	}
	if c.Binding == "" {
		c.Binding = BindingHolds
		if r.Noted(cms.NoteNoCertificate) {
			c.Binding = BindingAbsent
		}
	}
	*v.Signed = c
}
