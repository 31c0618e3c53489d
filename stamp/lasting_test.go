package stamp_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/sign"
	"yinxin/stamp"
	"yinxin/trust"
)

// lasting is a stamping of in at a level, with an authority of the algorithm.
func lasting(t testing.TB, p party, in []byte, level stamp.Level, alg hsm.Algorithm, change func(*stamp.Order)) ([]byte, stamp.Result) {
	t.Helper()
	o := p.order(in)
	o.Level, o.Trust = level, trusting(t, p.pki)
	o.Timestamps, _ = authority(t, p.pki, alg, p.pki.Clock)
	if change != nil {
		change(&o)
	}
	var out document.Memory
	r, err := stamp.Make(t.Context(), o, &out)
	if err != nil {
		t.Fatal(err)
	}
	if r.Size != out.Size() || r.Level != level || !bytes.HasPrefix(out.Bytes(), in) {
		t.Errorf("%+v, %d bytes", r, out.Size())
	}
	return out.Bytes(), r
}

func inside(t testing.TB, file []byte) document.Evidence {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := doc.(document.Evidencer).Evidence()
	if err != nil || len(e.Notes) > 0 {
		t.Fatal(err, e.Notes)
	}
	return e
}

// sufficient reports whether what the file holds answers for a certificate by itself, with the anchors alone.
func sufficient(t testing.TB, set *trust.Set, e document.Evidence, cert, issuer *gm.Certificate, at time.Time) bool {
	t.Helper()
	bare, err := trust.NewSet(set.Anchors(), trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	r := bare.Revocation(cert, issuer, trust.Evidence{CRLs: e.CRLs, OCSPs: e.OCSPs, Certificates: e.Certificates})
	return r.Status == trust.StatusGood && trust.Freshness{}.Suits(r, at)
}

// TestLasting: at lt and lta, of every profile, the file holds by itself what its signatures are judged by, and nothing twice.
func TestLasting(t *testing.T) {
	p := newParty(t)
	in := testseal.PDF(t, 1)
	for name, c := range map[string]struct {
		alg    hsm.Algorithm
		change func(*stamp.Order)
	}{
		"ses":         {hsm.SM2, nil},
		"cms":         {hsm.SM2, func(o *stamp.Order) { o.Profile = stamp.CMS }},
		"gbt35275":    {hsm.ECDSAP256, func(o *stamp.Order) { o.Profile = stamp.GBT35275 }},
		"ses and RSA": {hsm.RSAPKCS1, func(o *stamp.Order) { o.Also = signer(p.rsa) }},
		"locked":      {hsm.SM2, func(o *stamp.Order) { o.Lock = []string{document.LockAll} }},
		"certified":   {hsm.SM2, func(o *stamp.Order) { o.Certify = 1 }},
	} {
		for _, level := range []stamp.Level{stamp.LevelLT, stamp.LevelLTA} {
			t.Run(name+"/"+string(level), func(t *testing.T) {
				file, r := lasting(t, p, in, level, c.alg, c.change)
				list, e, set := listed(t, file), inside(t, file), trusting(t, p.pki)
				signatures := len(list)
				if level == stamp.LevelLTA {
					signatures--
					if last := list[signatures]; r.Timestamp != last.Info().ID || last.Info().Kind != document.Timestamp {
						t.Errorf("%+v", r)
					}
					protects(t, file)
				} else if r.Timestamp != "" {
					t.Errorf("%+v", r)
				}
				if len(e.BySignature) != signatures || len(e.CRLs) == 0 {
					t.Errorf("records of %d signatures, %d are there; %d lists", len(e.BySignature), signatures, len(e.CRLs))
				}
				for _, s := range list {
					read, err := sign.Read(s)
					if err != nil || len(read.Tokens) != 1 {
						t.Fatal(err)
					}
					for _, der := range [][]byte{read.Signer, read.Maker, read.Tokens[0].Certificate} {
						if der == nil {
							continue
						}
						cert, err := gm.ParseCertificate(der)
						if err != nil {
							t.Fatal(err)
						}
						if issuer := set.Issuer(cert); issuer == nil || !sufficient(t, set, e, cert, issuer, p.pki.Now) {
							t.Errorf("%s: nothing in the file answers for %s", s.Info().ID, cert.Subject.CommonName)
						}
					}
				}
			})
		}
	}
}

// protects fails the test where the newest signature does not cover all evidence in the file.
func protects(t testing.TB, file []byte) {
	t.Helper()
	doc := mustOpen(t, file)
	own, err := doc.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	e := inside(t, file)
	under, err := doc.(document.Evidencer).EvidenceUnder(own[len(own)-1])
	if err != nil || len(under.CRLs) != len(e.CRLs) || len(under.Certificates) != len(e.Certificates) {
		t.Errorf("the time stamp does not protect the evidence: %v", err)
	}
}

// TestRecognizeLevels: the output of an order is known again at its own level, and at no higher one.
func TestRecognizeLevels(t *testing.T) {
	p := newParty(t)
	in := testseal.PDF(t, 1)
	source, _ := authority(t, p.pki, hsm.SM2, p.pki.Clock)
	for made, level := range stamp.Levels() {
		file, r := lasting(t, p, in, level, hsm.SM2, func(o *stamp.Order) {
			if level == stamp.LevelB {
				o.Timestamps = nil
			}
		})
		for asked, other := range stamp.Levels() {
			o := p.order(in)
			o.Level, o.Trust = other, trusting(t, p.pki)
			if other != stamp.LevelB {
				o.Timestamps = source
			}
			found, ok, err := stamp.Recognize(t.Context(), o, bytes.NewReader(file), int64(len(file)))
			if err != nil || ok && asked > made || !ok && asked == made {
				t.Errorf("made %s, asked for %s: %v, %v", level, other, ok, err)
			}
			if ok && asked == made && (found.ID != r.ID || !found.Proven.Equal(r.Proven) || found.Timestamp != r.Timestamp || found.Level != level) {
				t.Errorf("%+v, was %+v", found, r)
			}
		}
	}
}

func mustOpen(t testing.TB, file []byte) document.Document {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestLevelUnreached: where a certificate lacks what a level wants, nothing is made, and the key is asked only where that could not be known before.
func TestLevelUnreached(t *testing.T) {
	p := newParty(t)
	now := p.pki.Clock
	good, tsaHolder := authority(t, p.pki, hsm.SM2, now)
	stranger, _ := authority(t, testpki.New(t), hsm.SM2, now)
	tsaRevoked := []testpki.Revocation{{Cert: tsaHolder.Cert}}
	for _, c := range []struct {
		name   string
		why    string
		uses   int
		change func(o *stamp.Order)
	}{
		{"signer revoked", "was revoked", 0, func(o *stamp.Order) { o.Trust = trusting(t, p.pki, testpki.Revocation{Cert: p.own.Cert}) }},
		{"maker revoked", "was revoked", 0, func(o *stamp.Order) { o.Trust = trusting(t, p.pki, testpki.Revocation{Cert: p.pki.Maker.Cert}) }},
		{"no lists", "no-evidence", 0, func(o *stamp.Order) { o.Trust = without(t, p.pki, "crl/root.crl") }},
		{"stale", "stale", 0, func(o *stamp.Order) { o.Now = func() time.Time { return p.pki.Now.AddDate(0, 0, 8) } }},
		{"signers not trusted", "anchor in ca/", 0, func(o *stamp.Order) { o.Trust = without(t, p.pki, "ca/root.crt") }},
		{"authority not trusted", "anchor in tsa/", 1, func(o *stamp.Order) { o.Trust = without(t, p.pki, "tsa/root.crt") }},
		{"authority unknown", "anchor in tsa/", 1, func(o *stamp.Order) { o.Timestamps = stranger }},
		{"authority revoked", "was revoked", 1, func(o *stamp.Order) { o.Trust = trusting(t, p.pki, tsaRevoked...) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.order(testseal.PDF(t, 1))
			o.Level, o.Trust, o.Timestamps = stamp.LevelLT, trusting(t, p.pki), good
			c.change(&o)
			before := p.own.Key.Uses()
			r, err := stamp.Make(t.Context(), o, new(document.Memory))
			public, _ := fault.PublicOf(err)
			if public.Code != "level-unreached" || !bytes.Contains([]byte(public.EN), []byte(c.why)) || r.ID != "" {
				t.Errorf("%v, want %q; %+v", err, c.why, r)
			}
			if got := p.own.Key.Uses() - before; got != c.uses {
				t.Errorf("the key was asked %d times", got)
			}
		})
	}
}

// without is trusting without some files.
func without(t testing.TB, p *testpki.PKI, files ...string) *trust.Set {
	t.Helper()
	folder := p.Directory()
	folder["tsa/root.crt"] = folder["ca/root.crt"]
	delete(folder, "trust.yaml")
	for _, name := range files {
		delete(folder, name)
	}
	set, err := trust.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// lists is a source that has what it was given.
type lists struct{ evidence trust.Evidence }

func (l lists) Evidence(context.Context, *gm.Certificate, *gm.Certificate) (trust.Evidence, error) {
	return l.evidence, nil
}

// TestOnlyWhatCounts: of what sources offer only that is kept which says something of a link: no list of a stranger, none forged, no junk.
func TestOnlyWhatCounts(t *testing.T) {
	p := newParty(t)
	other := testpki.New(t)
	forged := bytes.Clone(p.pki.CRL())
	forged[len(forged)-1] ^= 1
	fine := p.pki.CRL()
	o := p.order(testseal.PDF(t, 1))
	o.Level, o.Trust = stamp.LevelLT, without(t, p.pki, "crl/root.crl", "crl/rsa-pkcs1.crl", "crl/p256.crl")
	o.Timestamps, _ = authority(t, p.pki, hsm.SM2, p.pki.Clock)
	o.Sources = []trust.Source{lists{trust.Evidence{CRLs: [][]byte{other.CRL(), forged, {0x30, 0}, fine}, OCSPs: [][]byte{{0x30, 0}}}}}
	var out document.Memory
	if _, err := stamp.Make(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	if e := inside(t, out.Bytes()); len(e.CRLs) != 1 || !bytes.Equal(e.CRLs[0], fine) || len(e.OCSPs) != 0 {
		t.Errorf("%d lists, %d responses", len(e.CRLs), len(e.OCSPs))
	}
	o.In, o.Sources = bytes.NewReader(testseal.PDF(t, 1)), []trust.Source{lists{trust.Evidence{CRLs: [][]byte{forged}}}}
	if _, err := stamp.Make(t.Context(), o, new(document.Memory)); !errors.Is(err, fault.Denied) {
		t.Errorf("with a forged list: %v", err)
	}
}
