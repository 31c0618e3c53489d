package trust_test

import (
	"encoding/asn1"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/trust"
)

func asCA(t *testing.T, roots ...*testpki.Holder) *trust.Set {
	t.Helper()
	var anchors []trust.Anchor
	for _, r := range roots {
		anchors = append(anchors, trust.Anchor{Certificate: r.Cert, Use: trust.UseCA})
	}
	s, err := trust.NewSet(anchors, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestResponders: a delegate needs the right, the issuer's own signature, and not to have been revoked itself; where nobody says that it was not, that is
// told.
func TestResponders(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	signing := testpki.ExtUsage(gm.ExtKeyUsageOCSPSigning)
	checked, plain := p.Owner("示例应答", "", signing, testpki.NoCheck()), p.Owner("示例应答二", "", signing)
	foreign := p.Owner("示例应答三", "", signing, testpki.IssuedBy(p.NewRoot("另一根")))
	s := asCA(t, p.Root)
	answer := func(o testpki.OCSP) []byte { o.Cert = owner.Cert; return p.OCSP(o) }
	for _, c := range []struct {
		name      string
		der       []byte
		crls      [][]byte
		status    trust.Status
		delegated bool
		unchecked bool
	}{
		{name: "the issuer", der: answer(testpki.OCSP{}), status: trust.StatusGood},
		{name: "the issuer by SHA-1 of its key", der: answer(testpki.OCSP{ByKey: true, SHA1: true}), status: trust.StatusGood},
		{name: "nocheck", der: answer(testpki.OCSP{Responder: checked, Enclose: true}), status: trust.StatusGood, delegated: true},
		{name: "of whom nothing is known", der: answer(testpki.OCSP{Responder: plain, Enclose: true}), status: trust.StatusGood, delegated: true, unchecked: true},
		{name: "not revoked", der: answer(testpki.OCSP{Responder: plain, Enclose: true}), crls: [][]byte{p.CRL()}, status: trust.StatusGood},
		{name: "revoked", der: answer(testpki.OCSP{Responder: plain, Enclose: true}),
			crls: [][]byte{p.CRL(testpki.Revocation{Cert: plain.Cert}, testpki.Revocation{Cert: owner.Cert, Reason: 6})}, status: trust.StatusRevoked},
		{name: "another CA's", der: answer(testpki.OCSP{Responder: foreign, Enclose: true}), status: trust.StatusUnknown},
		{name: "an ordinary owner", der: answer(testpki.OCSP{Responder: owner, Enclose: true}), status: trust.StatusUnknown},
		{name: "on hold", der: answer(testpki.OCSP{Revoked: p.Now, Reason: 6}), status: trust.StatusRevoked},
	} {
		r := s.Revocation(owner.Cert, p.Root.Cert, trust.Evidence{OCSPs: [][]byte{c.der}, CRLs: c.crls, Origin: trust.OriginNetwork})
		if r.Status != c.status || c.status != trust.StatusUnknown && r.Origin != trust.OriginNetwork {
			t.Errorf("%s: %+v", c.name, r)
		}
		if r.Source == "ocsp" && r.Status == trust.StatusGood && (r.Signer.Delegated != c.delegated || r.Signer.Unchecked != c.unchecked) {
			t.Errorf("%s: signed by %+v", c.name, r.Signer)
		}
		if c.name == "on hold" && !r.OnHold {
			t.Error("a hold is not told from a revocation")
		}
	}
}

// TestOtherEvidence: evidence about others is named where nothing else counts, and never taken.
func TestOtherEvidence(t *testing.T) {
	p := testpki.New(t)
	owner, other := p.Owner(testpki.OwnerName, testpki.OwnerUSCC), p.NewRoot("另一根")
	crl := p.CRLOf(other, p.Now, p.Now.AddDate(0, 0, 7))
	about := p.OCSP(testpki.OCSP{Cert: p.Maker.Cert})
	r := asCA(t, p.Root).Revocation(owner.Cert, p.Root.Cert, trust.Evidence{CRLs: [][]byte{crl, crl}, OCSPs: [][]byte{about}, Origin: trust.OriginEmbedded})
	if r.Status != trust.StatusUnknown || r.Why != trust.WhyNoEvidence || len(r.Problems) != 3 || r.Problems[0].Code != trust.OtherIssuer ||
		r.Problems[2].Code != trust.OtherSubject || r.Problems[2].Origin != trust.OriginEmbedded {
		t.Errorf("%+v", r)
	}
	r = asCA(t, p.Root).Revocation(owner.Cert, p.Root.Cert, trust.Evidence{CRLs: [][]byte{crl, p.CRL()}, OCSPs: [][]byte{about}})
	if r.Status != trust.StatusGood || len(r.Problems) != 0 {
		t.Errorf("beside what counts: %+v", r)
	}
}

// TestHoldLifted: a hold that newer evidence no longer knows was lifted; a revocation stays.
func TestHoldLifted(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	s := asCA(t, p.Root)
	for reason, want := range map[int]trust.Status{6: trust.StatusGood, 1: trust.StatusRevoked} {
		old := p.CRL(testpki.Revocation{Cert: owner.Cert, Reason: reason})
		now := p.OCSP(testpki.OCSP{Cert: owner.Cert, ThisUpdate: p.Now})
		r := s.Revocation(owner.Cert, p.Root.Cert, trust.Evidence{CRLs: [][]byte{old}}, trust.Evidence{OCSPs: [][]byte{now}})
		if r.Status != want || len(r.Problems) != 1 || r.Problems[0].Code != trust.Disagreement {
			t.Errorf("reason %d: %+v", reason, r)
		}
	}
}

func TestFreshness(t *testing.T) {
	day := 24 * time.Hour
	r := trust.Revocation{ThisUpdate: epoch, NextUpdate: epoch.Add(7 * day)}
	open := trust.Revocation{ThisUpdate: epoch}
	for _, c := range []struct {
		f    trust.Freshness
		r    trust.Revocation
		days int
	}{
		{trust.Freshness{}, r, 7}, {trust.Freshness{}, open, 1}, {trust.Freshness{Unpromised: 3 * day}, open, 3}, {trust.Freshness{MaxAge: 2 * day}, r, 2},
		{trust.Freshness{MaxAge: 9 * day}, r, 7}, {trust.Freshness{MaxAge: 2 * day, Unpromised: 3 * day}, open, 2},
	} {
		end := epoch.Add(time.Duration(c.days) * day)
		if !c.f.Until(c.r).Equal(end) || !c.f.Suits(c.r, end) || c.f.Suits(c.r, end.Add(time.Second)) || !c.f.Suits(c.r, epoch.Add(-time.Hour)) {
			t.Errorf("%+v of %+v: until %s, want %s", c.f, c.r, c.f.Until(c.r), end)
		}
	}
}

// TestOCSPRequest: a request is one that OpenSSL's responder understands and answers, and its answer counts here.
func TestOCSPRequest(t *testing.T) {
	o := newCA(t, "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "sha256")
	root, good, gone := o.cert("ca.crt"), o.cert("good.crt"), o.cert("gone.crt")
	s, err := trust.NewSet([]trust.Anchor{{Certificate: root, Use: trust.UseCA}}, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []asn1.ObjectIdentifier{trust.OIDSHA1(), {2, 16, 840, 1, 101, 3, 4, 2, 1}} {
		for cert, want := range map[*gm.Certificate]trust.Status{good: trust.StatusGood, gone: trust.StatusRevoked} {
			req, err := trust.OCSPRequest(cert, root, hash)
			if err != nil {
				t.Fatal(err)
			}
			o.write("req.der", req)
			o.run("ocsp", "-index", "index.txt", "-CA", "ca.crt", "-rsigner", "responder.crt", "-rkey", "responder.key", "-reqin", "req.der", "-ndays", "7", "-respout", "resp.der")
			if r := s.Revocation(cert, root, trust.Evidence{OCSPs: [][]byte{o.read("resp.der")}}); r.Status != want || !r.Signer.Delegated {
				t.Errorf("%s by %s: %+v", cert.Subject, hash, r)
			}
		}
	}
	if _, err := trust.OCSPRequest(good, root, asn1.ObjectIdentifier{1, 2, 3}); err == nil {
		t.Error("a request with a hash nobody knows")
	}
}
