package verify

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// certificateAt gathers one certificate: its chain to an anchor for use, and the revocation of each link below the anchor. carried is what the
// signature itself brings along; what the document holds for all of them is added. Of several chains one valid at when is preferred, a time that time
// stamps state; it decides nothing else. A signer may also be a tax authority.
func (v *gathering) certificateAt(ctx context.Context, der []byte, carried trust.Evidence, use trust.Use, when time.Time) *CertFacts {
	f := v.certificateFor(ctx, der, carried, use, when)
	if use == trust.UseCA && v.Typed && f.Err == "" && v.knowsTax() {
		// An anchor that is one for signers too would make a tax authority of each of them.
		if tax := v.certificateFor(ctx, der, carried, trust.UseTax, when); tax.Chain.Anchored && !v.vouchesForSigners(tax.Chain) {
			f.Tax = tax
		}
	}
	return f
}

// knowsTax reports whether there is an anchor for tax authorities.
func (v *gathering) knowsTax() bool {
	return v.Trust != nil && slices.ContainsFunc(v.Trust.Anchors(), func(a trust.Anchor) bool { return a.Use == trust.UseTax })
}

func (v *gathering) certificateFor(ctx context.Context, der []byte, carried trust.Evidence, use trust.Use, when time.Time) *CertFacts {
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
	if v.IntegrityOnly {
		return f
	}
	own := carried
	carried.Certificates = slices.Concat(carried.Certificates, v.embedded.Certificates)
	carried.CRLs, carried.OCSPs = slices.Concat(carried.CRLs, v.embedded.CRLs), slices.Concat(carried.OCSPs, v.embedded.OCSPs)
	carried.Origin = trust.OriginEmbedded
	certs := parseAll(slices.Concat(carried.Certificates, v.beside.Certificates))
	if v.stated != nil {
		when = earlier(when, v.stated[v.index])
	}
	f.Chain = v.chain(ctx, cert, certs, use, when)
	if f.Chain.Anchored {
		f.Revocations = v.revocations(ctx, f.Chain, carried)
		f.Under = v.under(ctx, f, own)
	}
	return f
}

// under asks again for each document time stamp, with what that one protects alone: the evidence under it, and what the signature brings along where it
// comes before. Only answers that stand on the file itself need this.
func (v *gathering) under(ctx context.Context, f *CertFacts, own trust.Evidence) (out []UnderFacts) {
	if !slices.ContainsFunc(f.Revocations, brought) {
		return nil
	}
	alone := *v
	var verifier Verifier
	verifier, alone.Verifier = *v.Verifier, &verifier
	verifier.Sources, alone.revoked = nil, v.kept
	for _, l := range v.layers {
		held := trust.Evidence{Certificates: l.evidence.Certificates, CRLs: l.evidence.CRLs, OCSPs: l.evidence.OCSPs, Origin: trust.OriginEmbedded}
		if v.index < l.by {
			held.Certificates = slices.Concat(held.Certificates, own.Certificates)
			held.CRLs, held.OCSPs = slices.Concat(held.CRLs, own.CRLs), slices.Concat(held.OCSPs, own.OCSPs)
		}
		alone.beside, alone.besideKey = l.beside, l.besideKey
		if len(held.CRLs)+len(held.OCSPs)+len(l.beside.CRLs)+len(l.beside.OCSPs) == 0 {
			continue
		}
		out = append(out, UnderFacts{Timestamp: l.by, Revocations: alone.revocations(ctx, f.Chain, held)})
	}
	return out
}

// brought reports evidence that came with the file, in it or beside it, and not from who judges.
func brought(r trust.Revocation) bool {
	return r.Origin == trust.OriginEmbedded || r.Origin == trust.OriginBeside
}

// maxRounds bounds how often issuers are looked for elsewhere: a chain is no longer than that.
const maxRounds = 6

// chain builds the chain, and where an issuer is missing asks the sources that know where to find one.
func (v *gathering) chain(ctx context.Context, cert *gm.Certificate, pool []*gm.Certificate, use trust.Use, when time.Time) trust.Chain {
	c := v.Trust.BuildAt(cert, pool, use, when)
	for range maxRounds {
		if c.Anchored || c.MissingIssuer == "" || len(c.Links) == 0 {
			break
		}
		top, err := gm.ParseCertificate(c.Links[len(c.Links)-1].Raw)
		if err != nil {
			break
		}
		found := v.issuers(ctx, top)
		if len(found) == 0 {
			break
		}
		pool = append(pool, found...)
		longer := v.Trust.BuildAt(cert, pool, use, when)
		if !longer.Anchored && len(longer.Links) <= len(c.Links) {
			break // what was found did not issue it
		}
		c = longer
	}
	return c
}

// issuers asks once for the issuer of each certificate. An unreachable source is a missing issuer, not an error.
func (v *gathering) issuers(ctx context.Context, cert *gm.Certificate) (out []*gm.Certificate) {
	for _, s := range v.Sources {
		if known, ok := s.(trust.IssuerSource); ok {
			if found, err := known.Issuers(ctx, cert); err == nil {
				out = append(out, found...)
			}
		}
	}
	return out
}

// revocations asks for each link below the anchor, leaf first; of a leaf that is the anchor itself, for that one. Of what is not known nothing is said:
// the judge takes what is missing for unknown.
func (v *gathering) revocations(ctx context.Context, chain trust.Chain, own trust.Evidence) []trust.Revocation {
	certs, err := chain.Certificates()
	if err != nil {
		return nil // Build gave these bytes after parsing them
	}
	if len(certs) == 1 {
		issuer := v.Trust.Issuer(certs[0])
		if issuer == nil {
			return nil
		}
		certs = append(certs, issuer)
	}
	var out []trust.Revocation
	for i := 0; i+1 < len(certs); i++ {
		out = append(out, v.revocation(ctx, certs[i], certs[i+1], own))
	}
	return out
}

// revocation asks once for each certificate and the same evidence, however many signatures it made. An unreachable source is missing evidence, not an
// error: it is named. own is what the file carries.
func (v *gathering) revocation(ctx context.Context, cert, issuer *gm.Certificate, own trust.Evidence) trust.Revocation {
	key := keyOf(cert.Raw, issuer.Raw, own.CRLs, own.OCSPs, own.Certificates, [][]byte{v.besideKey[:]})
	if known, ok := v.revoked[key]; ok {
		return known
	}
	all := []trust.Evidence{own, v.beside}
	var silent []trust.EvidenceProblem
	for _, s := range v.Sources {
		e, err := s.Evidence(ctx, cert, issuer)
		all = append(all, e)
		if err != nil {
			p := trust.EvidenceProblem{Code: trust.Unreachable, Origin: e.Origin, Detail: err.Error()}
			if words, ok := fault.PublicOf(err); ok {
				p.Words = &words
			}
			silent = append(silent, p)
		}
	}
	r := v.Trust.Revocation(cert, issuer, all...)
	r.Problems = append(r.Problems, silent...)
	v.revoked[key] = r
	return r
}

// keyOf tells questions about revocation apart. Lengths go in too: where one part ends decides what it says.
func keyOf(cert, issuer []byte, lists ...[][]byte) [gm.DigestSize]byte {
	var b []byte
	add := func(part []byte) {
		d := gm.SM3(part)
		b = append(b, d[:]...)
	}
	add(cert)
	add(issuer)
	for _, list := range lists {
		b = binary.BigEndian.AppendUint64(b, uint64(len(list)))
		for _, part := range list {
			add(part)
		}
	}
	return gm.SM3(b)
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
