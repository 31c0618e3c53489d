package verify

import (
	"context"
	"encoding/hex"

	"yinxin/gm"
	"yinxin/trust"
)

// certificate gathers one certificate: its chain to an anchor for use, and the revocation of each link below the anchor.
func (v *Verifier) certificate(ctx context.Context, der []byte, pool [][]byte, use trust.Use) *CertFacts {
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return &CertFacts{Err: err.Error()}
	}
	fp := gm.Fingerprint(cert)
	f := &CertFacts{Subject: cert.Subject.CommonName, USCC: gm.SubjectUSCC(cert), Issuer: cert.Issuer.CommonName,
		Serial: cert.SerialNumber.Text(16), Fingerprint: hex.EncodeToString(fp[:]), NotBefore: cert.NotBefore, NotAfter: cert.NotAfter}
	if len(cert.Subject.Organization) > 0 {
		f.Organization = cert.Subject.Organization[0]
	}
	f.DigitalSignature, f.ContentCommitment = trust.KeyUsageForSigning(cert)
	set := v.Trust
	if set == nil {
		set, _ = trust.NewSet(nil, trust.Evidence{})
	}
	f.Chain = set.Build(cert, parseAll(pool), use)
	if f.Chain.Anchored {
		f.Revocations = v.revocations(ctx, set, f.Chain)
	}
	return f
}

// revocations asks for each link below the anchor, leaf first. An unreachable source is missing evidence, not an error.
func (v *Verifier) revocations(ctx context.Context, set *trust.Set, chain trust.Chain) []trust.Revocation {
	certs := make([]*gm.Certificate, len(chain.Links))
	for i, l := range chain.Links {
		c, err := gm.ParseCertificate(l.Raw)
		if err != nil {
			return nil // Build gave these bytes after parsing them
		}
		certs[i] = c
	}
	out := make([]trust.Revocation, 0, len(certs))
	for i := 0; i+1 < len(certs); i++ {
		var extra trust.Evidence
		for _, s := range v.Sources {
			if e, err := s.Evidence(ctx, certs[i], certs[i+1]); err == nil {
				extra.CRLs, extra.OCSPs = append(extra.CRLs, e.CRLs...), append(extra.OCSPs, e.OCSPs...)
			}
		}
		out = append(out, set.Revocation(certs[i], certs[i+1], extra))
	}
	return out
}

// parseAll reads the certificates a value carries; unreadable ones cannot help and are left out.
func parseAll(pool [][]byte) []*gm.Certificate {
	var out []*gm.Certificate
	for _, der := range pool {
		if c, err := gm.ParseCertificate(der); err == nil {
			out = append(out, c)
		}
	}
	return out
}
