package verify

import (
	"context"
	"fmt"
	"hash"
	"strings"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/trust"
)

// cms gathers a CMS or GB/T 35275 signature.
func (v *gathering) cms(ctx context.Context, s document.Signature, f *SignatureFacts) {
	sd, err := cms.Parse(s.Value())
	if err != nil {
		f.FormatErr = err.Error()
		return
	}
	if len(sd.Signers) != 1 {
		f.Value.Strict = append(f.Value.Strict, fmt.Sprintf("%d signers", len(sd.Signers)))
	}
	if len(sd.Signers) == 0 {
		f.FormatErr = "no signer"
		return
	}
	signer := &sd.Signers[0]
	f.Value.PropertyOK = true
	f.Value.Timestamps = len(signer.TimeStampTokens())
	f.Value.ClaimedTime, f.Value.TimeSource = claimedTime(signer, s.Info())
	cert, err := sd.Certificate(signer)
	if err != nil {
		f.Signer = &CertFacts{Err: err.Error()}
		f.Value.ValueErr = err.Error()
		return
	}
	f.Signer = v.certificate(ctx, cert.Raw, sd.Certificates, trust.UseCA)
	result, err := signer.Check(sd, cert, func(newHash func() (hash.Hash, error)) ([]byte, error) {
		return s.Digest(func(string) (hash.Hash, error) { return newHash() })
	})
	if err != nil {
		f.Value.DigestErr = err.Error()
		return
	}
	f.Value.cms(result, f.Profile)
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

// cms turns a CMS result into facts: what failed, what is weak, and what breaks the container's own rules.
func (v *ValueFacts) cms(r cms.Result, profile string) {
	v.Algorithm = strings.TrimSpace(r.SignatureAlgorithm + " " + r.DigestAlgorithm)
	v.Weak = strings.Join(r.Insecure, ", ")
	v.DigestOK = !r.Failed(cms.ErrDigest) && !r.Failed(cms.ErrContent)
	v.ValueOK = true
	for _, failure := range r.Failures {
		switch failure.Code {
		case cms.ErrDigest, cms.ErrContent:
		case cms.ErrCertificate:
			v.Strict = append(v.Strict, failure.Detail)
		default:
			v.ValueOK, v.ValueErr = false, failure.Detail
		}
	}
	switch {
	case r.Layout == cms.Detached:
	case r.Layout == cms.Digested && profile == profileGBT35275: // what real products write under this name
	default:
		v.Strict = append(v.Strict, "content inside a detached signature")
	}
	if profile == profileCAdES && r.Noted(cms.NoteNoCertificate) {
		v.Strict = append(v.Strict, "no signing-certificate attribute")
	}
}
