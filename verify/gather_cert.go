package verify

import (
	"context"
	"encoding/hex"

	"yinxin/gm"
	"yinxin/trust"
)

// certificate gathers one certificate: its chain to an anchor for use, and the revocation of each link below the anchor.
func (v *gathering) certificate(ctx context.Context, der []byte, pool [][]byte, use trust.Use) *CertFacts {
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

// revocations asks for each link below the anchor, leaf first; of a leaf that is the anchor itself, for that one. Of what is not known nothing is said:
// the judge takes what is missing for unknown.
func (v *gathering) revocations(ctx context.Context, set *trust.Set, chain trust.Chain) []trust.Revocation {
	certs, err := chain.Certificates()
	if err != nil {
		return nil // Build gave these bytes after parsing them
	}
	if len(certs) == 1 {
		issuer := set.Issuer(certs[0])
		if issuer == nil {
			return nil
		}
		certs = append(certs, issuer)
	}
	var out []trust.Revocation
	for i := 0; i+1 < len(certs); i++ {
		out = append(out, v.revocation(ctx, set, certs[i], certs[i+1]))
	}
	return out
}

// revocation asks once for each certificate, however many signatures it made. An unreachable source is missing evidence, not an error.
func (v *gathering) revocation(ctx context.Context, set *trust.Set, cert, issuer *gm.Certificate) trust.Revocation {
	key := gm.SM3(cert.Raw, issuer.Raw)
	if known, ok := v.revoked[key]; ok {
		return known
	}
	var extra trust.Evidence
	for _, s := range v.Sources {
		if e, err := s.Evidence(ctx, cert, issuer); err == nil {
			extra.CRLs, extra.OCSPs = append(extra.CRLs, e.CRLs...), append(extra.OCSPs, e.OCSPs...)
			extra.Certificates = append(extra.Certificates, e.Certificates...)
		}
	}
	r := set.Revocation(cert, issuer, extra)
	v.revoked[key] = r
	return r
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
