package testpki

import (
	"bytes"
	"fmt"
	"testing/fstest"
	"time"

	"yinxin/gm"
)

// Directory returns a folder for trust.Load that trusts the maker for seals and Root for owners, both of class internal, with Root's CRL. The maker's own
// certificate is the anchor, since Root certifies owners too and an owner is no maker. The roots of every Foreign made so far stand beside Root under ca/,
// for owners too, as ca/rsa-pkcs1.crt and ca/p256.crt, with their lists crl/rsa-pkcs1.crl and crl/p256.crl. A revocation goes into the list of the
// authority that issued the certificate, by its name; one of any other authority goes into Root's.
func (p *PKI) Directory(revoked ...Revocation) fstest.MapFS {
	p.t.Helper()
	file := func(data []byte) *fstest.MapFile { return &fstest.MapFile{Data: data, Mode: 0o644} }
	anchors := []byte("anchors:\n")
	anchor := func(cert *gm.Certificate) *fstest.MapFile {
		anchors = fmt.Appendf(anchors, "  - sm3: %x\n    class: internal\n", gm.Fingerprint(cert))
		return file(gm.EncodePEM(cert))
	}
	out := fstest.MapFS{"ca/root.crt": anchor(p.Root.Cert), "maker/maker.crt": anchor(p.Maker.Cert)}
	for _, f := range p.foreign {
		name := string(f.Key.alg)
		var own []Revocation
		own, revoked = f.issued(revoked)
		out["ca/"+name+".crt"] = anchor(f.Root.Cert)
		out["crl/"+name+".crl"] = file(p.CRLOf(f.Root, p.Now.Add(-time.Hour), p.Now.Add(-time.Hour).AddDate(0, 0, 7), own...))
	}
	out["crl/root.crl"] = file(p.CRL(revoked...))
	out["trust.yaml"] = file(anchors)
	return out
}

// issued parts the revocations of certificates Root issued from the others.
func (f *Foreign) issued(revoked []Revocation) (own, others []Revocation) {
	for _, r := range revoked {
		if bytes.Equal(r.Cert.RawIssuer, f.Root.Cert.RawSubject) {
			own = append(own, r)
		} else {
			others = append(others, r)
		}
	}
	return own, others
}
