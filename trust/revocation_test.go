package trust_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/trust"
)

var (
	oidSHA1   = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

func hashBy(oid asn1.ObjectIdentifier, data []byte) []byte {
	switch {
	case oid.Equal(oidSHA1):
		d := sha1.Sum(data)
		return d[:]
	case oid.Equal(oidSHA256):
		d := sha256.Sum256(data)
		return d[:]
	}
	return sm3(data)
}

func keyBits(cert *gm.Certificate) []byte {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &spki); err != nil {
		panic(err)
	}
	return spki.Key.Bytes
}

// world is a CA with what may speak for it and what may not.
type world struct {
	root, sub, leaf, other *entity
	rekeyed                *entity // another key of sub's, certified by the same root
	delegated, expired     *entity // OCSP responders of sub
	stranger               *entity // a certificate of sub without any right
	impostor               *entity // a CA that bears sub's name
}

func newWorld(t *testing.T) world {
	ocsp := func(c *gm.Certificate) { c.ExtKeyUsage = []gm.ExtKeyUsage{gm.ExtKeyUsageOCSPSigning} }
	root := authority(t, nil, nil, "示例根")
	sub := authority(t, root, nil, "示例运营")
	return world{
		root: root, sub: sub,
		leaf:      issue(t, sub, nil, "李示例", func(c *gm.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example.org/1.crl"} }),
		other:     issue(t, sub, nil, "王示例"),
		rekeyed:   authority(t, root, nil, "示例运营", func(c *gm.Certificate) { c.SubjectKeyId = []byte("second") }, usage(gm.KeyUsageCRLSign)),
		delegated: issue(t, sub, nil, "示例应答", ocsp),
		expired:   issue(t, sub, nil, "示例旧应答", ocsp, func(c *gm.Certificate) { c.NotAfter = epoch.Add(-time.Hour); c.NotBefore = epoch.AddDate(-1, 0, 0) }),
		stranger:  issue(t, sub, nil, "示例其他"),
		impostor:  authority(t, nil, nil, "示例运营"),
	}
}

func TestCRL(t *testing.T) {
	w := newWorld(t)
	s := set(t, trust.Evidence{}, w.root)
	unknown := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}
	delta := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}
	gone := map[*entity]int{w.other: 1, w.leaf: 4}
	broken := w.sub.crl(t, epoch, nil)
	broken[len(broken)-1] ^= 1
	here, elsewhere := "http://crl.example.org/1.crl", "http://crl.example.org/2.crl"
	for _, c := range []struct {
		name    string
		crl     []byte
		certs   []*entity
		status  trust.Status
		reason  string
		problem trust.ProblemCode
	}{
		{name: "not listed", crl: w.sub.crl(t, epoch, map[*entity]int{w.other: 1}), status: trust.StatusGood},
		{name: "listed", crl: w.sub.crl(t, epoch, gone), status: trust.StatusRevoked, reason: "superseded"},
		{name: "held", crl: w.sub.crl(t, epoch, map[*entity]int{w.leaf: 6}), status: trust.StatusRevoked, reason: "certificateHold"},
		{name: "another issuer's", crl: w.root.crl(t, epoch, gone), status: trust.StatusUnknown, problem: trust.OtherIssuer},
		{name: "forged", crl: broken, status: trust.StatusUnknown, problem: trust.BadEvidence},
		{name: "an impostor's", crl: w.impostor.crl(t, epoch, gone), certs: []*entity{w.impostor}, status: trust.StatusUnknown, problem: trust.BadEvidence},
		{name: "another key of the CA", crl: w.rekeyed.crl(t, epoch, gone), certs: []*entity{w.rekeyed}, status: trust.StatusRevoked, reason: "superseded"},
		{name: "another key, not at hand", crl: w.rekeyed.crl(t, epoch, gone), status: trust.StatusUnknown, problem: trust.WrongSigner},
		{name: "delta", crl: w.sub.crl(t, epoch, gone, delta), status: trust.StatusRevoked, reason: "superseded", problem: trust.DeltaCRL},
		{name: "delta that does not list it", crl: w.sub.crl(t, epoch, nil, delta), status: trust.StatusUnknown, problem: trust.DeltaCRL},
		{name: "indirect, own certificates", crl: w.sub.crl(t, epoch, gone, issuingPoint(t, "", 4)), status: trust.StatusRevoked, reason: "superseded"},
		{name: "unknown critical extension", crl: w.sub.crl(t, epoch, gone, unknown), status: trust.StatusUnknown, problem: trust.UnknownCritical},
		{name: "its distribution point", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, here)), status: trust.StatusGood},
		{name: "another distribution point", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, elsewhere)), status: trust.StatusUnknown, problem: trust.OutOfScope},
		{name: "listed at another point", crl: w.sub.crl(t, epoch, gone, issuingPoint(t, elsewhere)), status: trust.StatusRevoked, reason: "superseded"},
		{name: "users only", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, here, 1)), status: trust.StatusGood},
		{name: "CAs only", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, "", 2)), status: trust.StatusUnknown, problem: trust.OutOfScope},
		{name: "some reasons only", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, "", 3)), status: trust.StatusUnknown, problem: trust.OutOfScope},
		{name: "attribute certificates only", crl: w.sub.crl(t, epoch, nil, issuingPoint(t, "", 5)), status: trust.StatusUnknown, problem: trust.OutOfScope},
		{name: "no CRL", crl: []byte{0x30, 0}, status: trust.StatusUnknown, problem: trust.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			extra := trust.Evidence{CRLs: [][]byte{c.crl}}
			for _, e := range c.certs {
				extra.Certificates = append(extra.Certificates, e.cert.Raw)
			}
			r := s.Revocation(w.leaf.cert, w.sub.cert, extra)
			if r.Status != c.status || r.Reason != c.reason || (len(r.Problems) > 0) != (c.problem != "") || c.problem != "" && r.Problems[0].Code != c.problem {
				t.Fatalf("%+v", r)
			}
			switch {
			case r.Status == trust.StatusUnknown && (r.Why == trust.WhyNoEvidence) != (c.problem == trust.OtherIssuer):
				t.Errorf("why: %+v", r)
			case r.Status != trust.StatusUnknown && (r.Source != "crl" || !r.ThisUpdate.Equal(epoch) || !r.NextUpdate.Equal(epoch.AddDate(0, 1, 0)) || r.Why != ""):
				t.Errorf("%+v", r)
			case r.Status == trust.StatusRevoked && !r.Time.Equal(epoch.Add(-time.Hour)):
				t.Errorf("revoked at %s", r.Time)
			}
		})
	}
}

// TestCRLKeyUsage: an issuer whose key usage leaves CRLs out does not speak through them.
func TestCRLKeyUsage(t *testing.T) {
	root, key := authority(t, nil, nil, "示例根"), newKey(t)
	may := authority(t, root, key, "示例运营")
	mayNot := authority(t, root, key, "示例运营", usage(gm.KeyUsageCertSign))
	leaf := issue(t, may, nil, "李示例")
	r := set(t, trust.Evidence{}, root).Revocation(leaf.cert, mayNot.cert, trust.Evidence{CRLs: [][]byte{may.crl(t, epoch, nil)}})
	if r.Status != trust.StatusUnknown || r.Why != trust.WhyUnusable || r.Problems[0].Code != trust.NotCRLSign {
		t.Errorf("%+v", r)
	}
}

func TestOCSP(t *testing.T) {
	w := newWorld(t)
	s := set(t, trust.Evidence{}, w.root)
	good := []answer{{cert: w.leaf, issuer: w.sub}}
	by := func(signer *entity, with ...*entity) response {
		return response{signer: signer, with: with, answers: good}
	}
	status := func(n uint8, reason int64) response {
		return response{signer: w.sub, answers: []answer{{cert: w.other, issuer: w.sub}, {cert: w.leaf, issuer: w.sub, status: n, reason: reason}}}
	}
	broken := by(w.sub).build(t)
	broken[len(broken)-1] ^= 1
	hash := func(oid asn1.ObjectIdentifier) response {
		return response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.sub, hash: oid}}}
	}
	nothing, unusable, unknown := trust.WhyNoEvidence, trust.WhyUnusable, trust.StatusUnknown
	for _, c := range []ocspCase{
		{name: "the issuer", der: by(w.sub).build(t), status: trust.StatusGood},
		{name: "the issuer by key", der: response{signer: w.sub, byKey: true, answers: good}.build(t), status: trust.StatusGood},
		{name: "SM2 by its other identifier", der: response{signer: w.sub, signature: gm.OIDSM2Sign, answers: good}.build(t), status: trust.StatusGood},
		{name: "the basic response alone", der: response{signer: w.sub, basic: true, answers: good}.build(t), status: trust.StatusGood},
		{name: "SHA-1 names", der: hash(oidSHA1).build(t), status: trust.StatusGood},
		{name: "SHA-256 names", der: hash(oidSHA256).build(t), status: trust.StatusGood},
		{name: "hash not known", der: hash(asn1.ObjectIdentifier{1, 2, 3}).build(t), status: unknown, why: nothing},
		{name: "delegated", der: by(w.delegated, w.delegated).build(t), status: trust.StatusGood},
		{name: "delegated by key", der: response{signer: w.delegated, byKey: true, with: []*entity{w.stranger, w.delegated}, answers: good}.build(t), status: trust.StatusGood},
		{name: "delegated, not enclosed", der: by(w.delegated).build(t), status: unknown, why: unusable, problem: trust.WrongSigner},
		{name: "delegated, expired", der: by(w.expired, w.expired).build(t), status: unknown, why: unusable, problem: trust.WrongSigner},
		{name: "no right to answer", der: by(w.stranger, w.stranger).build(t), status: unknown, why: unusable, problem: trust.WrongSigner},
		{name: "an impostor", der: by(w.impostor, w.impostor).build(t), status: unknown, why: unusable},
		{name: "forged", der: broken, status: unknown, why: unusable, problem: trust.BadEvidence},
		{name: "revoked", der: status(1, 1).build(t), status: trust.StatusRevoked, reason: "keyCompromise"},
		{name: "held", der: status(1, 6).build(t), status: trust.StatusRevoked, reason: "certificateHold"},
		{name: "not known to the responder", der: status(2, 0).build(t), status: unknown, why: trust.WhyResponder},
		{name: "about another", der: response{signer: w.sub, answers: []answer{{cert: w.other, issuer: w.sub}}}.build(t), status: unknown, why: nothing},
		{name: "same number, another issuer", der: response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.root}}}.build(t),
			status: unknown, why: nothing},
		{name: "unknown critical extension", der: response{signer: w.sub, answers: good, critical: true}.build(t),
			status: unknown, why: unusable, problem: trust.UnknownCritical},
		{name: "unknown critical extension of the answer", der: response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.sub, critical: true}}}.build(t),
			status: unknown, why: unusable, problem: trust.UnknownCritical},
		{name: "refusal", der: []byte{0x30, 3, 10, 1, 6}, status: unknown, why: unusable, problem: trust.ResponderError},
		{name: "no response", der: []byte{0x30, 0}, status: unknown, why: unusable, problem: trust.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.hold(t, s.Revocation(w.leaf.cert, w.sub.cert, trust.Evidence{OCSPs: [][]byte{c.der}}))
		})
	}
}

type ocspCase struct {
	name    string
	der     []byte
	status  trust.Status
	reason  string
	why     trust.Why
	problem trust.ProblemCode
}

func (c ocspCase) hold(t *testing.T, r trust.Revocation) {
	t.Helper()
	if r.Status != c.status || r.Reason != c.reason || r.Why != c.why || c.problem != "" && (len(r.Problems) != 1 || r.Problems[0].Code != c.problem) {
		t.Fatalf("%+v", r)
	}
	if r.Status != trust.StatusUnknown && (r.Source != "ocsp" || !r.ThisUpdate.Equal(epoch) || !r.ProducedAt.Equal(epoch) || r.NextUpdate.IsZero()) {
		t.Errorf("%+v", r)
	}
}

// TestWeighing: a revocation counts before good, whichever comes first; of several good pieces the newest is reported.
func TestWeighing(t *testing.T) {
	w := newWorld(t)
	later, latest := epoch.AddDate(0, 0, 1), epoch.AddDate(0, 0, 2)
	goodOld, goodNew := w.sub.crl(t, epoch, nil), w.sub.crl(t, latest, nil)
	gone, hold := w.sub.crl(t, later, map[*entity]int{w.leaf: 1}), w.sub.crl(t, latest, map[*entity]int{w.leaf: 6})
	ocspGood := response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.sub, at: later}}}.build(t)
	ocspNew := response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.sub, at: latest}}}.build(t)
	for _, c := range []struct {
		name        string
		crls, ocsps [][]byte
		want        trust.Revocation
		disagree    bool
	}{
		{"newest good", [][]byte{goodOld}, [][]byte{ocspNew, ocspGood}, trust.Revocation{Status: trust.StatusGood, Source: "ocsp", ThisUpdate: latest}, false},
		{"revoked after good", [][]byte{goodOld, gone}, nil, trust.Revocation{Status: trust.StatusRevoked, Source: "crl", ThisUpdate: later}, false},
		{"revoked, newer good", [][]byte{gone, goodNew}, nil, trust.Revocation{Status: trust.StatusRevoked, Source: "crl", ThisUpdate: later}, true},
		{"newer good, then revoked", [][]byte{goodNew, gone}, nil, trust.Revocation{Status: trust.StatusRevoked, Source: "crl", ThisUpdate: later}, true},
		{"earliest revocation", [][]byte{hold, gone}, nil, trust.Revocation{Status: trust.StatusRevoked, Source: "crl", ThisUpdate: later}, false},
	} {
		for _, own := range []bool{false, true} {
			evidence, none := trust.Evidence{CRLs: c.crls, OCSPs: c.ocsps}, trust.Evidence{}
			s := set(t, none, w.root)
			if own {
				s = set(t, evidence, w.root) // and once more from outside: told once
			}
			r := s.Revocation(w.leaf.cert, w.sub.cert, evidence)
			if r.Status != c.want.Status || r.Source != c.want.Source || !r.ThisUpdate.Equal(c.want.ThisUpdate) || (len(r.Problems) == 1) != c.disagree {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

func TestSource(t *testing.T) {
	w := newWorld(t)
	ocsp := response{signer: w.sub, answers: []answer{{cert: w.leaf, issuer: w.sub}}}.build(t)
	crl := w.sub.crl(t, epoch, nil)
	var source trust.Source = set(t, trust.Evidence{CRLs: [][]byte{w.root.crl(t, epoch, nil), crl}, OCSPs: [][]byte{ocsp}}, w.root)
	e, err := source.Evidence(context.Background(), w.leaf.cert, w.sub.cert)
	if err != nil || len(e.CRLs) != 1 || !bytes.Equal(e.CRLs[0], crl) || len(e.OCSPs) != 1 || !bytes.Equal(e.OCSPs[0], ocsp) {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := source.Evidence(context.Background(), w.other.cert, w.root.cert); err != nil || len(e.OCSPs) != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestEntryExtensions: an entry whose critical extension is not known makes the CRL unusable for that certificate.
func TestEntryExtensions(t *testing.T) {
	w := newWorld(t)
	crl := w.sub.crl(t, epoch, map[*entity]int{w.leaf: 1})
	// The reason's identifier 2.5.29.21 becomes 2.5.29.29, certificateIssuer, in the signed part: only the structure is under test, so it is signed anew.
	tbs := cryptobyte.String(crl)
	var list, body cryptobyte.String
	if !tbs.ReadASN1(&list, cbasn1.SEQUENCE) || !list.ReadASN1Element(&body, cbasn1.SEQUENCE) {
		t.Fatal("no CRL")
	}
	changed := bytes.Replace(body, []byte{0x55, 0x1d, 21}, []byte{0x55, 0x1d, 29}, 1)
	e, err := gm.E(w.sub.public(), changed)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := w.sub.sign(e)
	if err != nil {
		t.Fatal(err)
	}
	again := der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(changed)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(gm.OIDSM2WithSM3) })
			b.AddASN1BitString(sig)
		})
	})
	r := set(t, trust.Evidence{}, w.root).Revocation(w.leaf.cert, w.sub.cert, trust.Evidence{CRLs: [][]byte{again}})
	if r.Status != trust.StatusUnknown || len(r.Problems) != 1 || r.Problems[0].Code != trust.Malformed {
		t.Errorf("%+v", r)
	}
}
