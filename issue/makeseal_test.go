package issue_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"yinxin/codes"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/issue"
	"yinxin/seal"
)

// order asks the PKI's maker for a seal of the owner.
func order(t *testing.T, p *testpki.PKI, signers ...*gm.Certificate) issue.SealOrder {
	t.Helper()
	return issue.SealOrder{Type: seal.TypeLegal, Name: testpki.OwnerName, Code: code(t, "9900000000001"), Picture: testseal.Picture(t, testpki.OwnerName), Signers: signers,
		Maker: maker(p.Maker), Version: seal.V4, Now: p.Clock}
}

func maker(h *testpki.Holder) issue.Maker {
	return issue.Maker{Certificate: h.Cert.Raw, Key: h.Key, ID: "TEST"}
}

func code(t *testing.T, s string) codes.SealCode {
	t.Helper()
	c, err := codes.ParseSealCode(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parsed(t *testing.T, esl []byte) *seal.Seal {
	t.Helper()
	s, err := seal.Parse(esl)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.VerifyMaker(); err != nil {
		t.Fatal(err)
	}
	if p := s.Validate(); p != nil {
		t.Fatalf("problems %+v", p)
	}
	return s
}

// publicCode is the stable code of an error, or of each warning.
func publicCode(err error) string {
	p, _ := fault.PublicOf(err)
	return p.Code
}

func publicCodes(list []fault.Public) []string {
	var out []string
	for _, w := range list {
		if w.ZH == "" || w.EN == "" {
			out = append(out, "a warning in one language")
		}
		out = append(out, w.Code)
	}
	return out
}

// TestMakeSealPeriod: a period left open ends with the first certificate, one that is said is kept to the second, an empty or past one is refused.
func TestMakeSealPeriod(t *testing.T) {
	p := testpki.New(t)
	now := p.Now
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert
	short := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.Validity(now.AddDate(-1, 0, 0), now.AddDate(0, 1, 0))).Cert
	long := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.Validity(now.AddDate(-1, 0, 0), now.AddDate(9, 0, 0))).Cert
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	foreign := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(&p256.PublicKey)).Cert
	for name, tt := range map[string]struct {
		signers    []*gm.Certificate
		start, end time.Time
		from, to   time.Time // of the seal made
		code       string    // of the refusal
		warnings   []string
	}{
		"open":                     {signers: []*gm.Certificate{owner}, from: now, to: owner.NotAfter},
		"first certificate to end": {signers: []*gm.Certificate{owner, short}, from: now, to: short.NotAfter},
		"maker's ends first":       {signers: []*gm.Certificate{long}, from: now, to: p.Maker.Cert.NotAfter},
		"said": {signers: []*gm.Certificate{owner}, start: now.AddDate(0, 0, 7), end: now.AddDate(0, 6, 0).Add(1500 * time.Millisecond),
			from: now.AddDate(0, 0, 7), to: now.AddDate(0, 6, 0).Add(time.Second)},
		"begun before it was made": {signers: []*gm.Certificate{owner}, start: now.AddDate(0, 0, -7), from: now.AddDate(0, 0, -7), to: owner.NotAfter},
		"outlives a signer":        {signers: []*gm.Certificate{owner, short}, end: now.AddDate(1, 0, 0), from: now, to: now.AddDate(1, 0, 0), warnings: []string{"seal-outlives-signer"}},
		"outlives all": {signers: []*gm.Certificate{owner}, end: now.AddDate(5, 0, 0), from: now, to: now.AddDate(5, 0, 0),
			warnings: []string{"seal-outlives-signer", "seal-outlives-maker"}},
		"ends as it starts":     {signers: []*gm.Certificate{owner}, start: now.AddDate(0, 1, 0), end: now.AddDate(0, 1, 0), code: "seal-period"},
		"ends before its start": {signers: []*gm.Certificate{owner}, start: now.AddDate(0, 1, 0), end: now.AddDate(0, 0, 1), code: "seal-period"},
		"ended":                 {signers: []*gm.Certificate{owner}, start: now.AddDate(0, -1, 0), end: now.Add(-time.Second), code: "seal-ended"},
		"year of five digits":   {signers: []*gm.Certificate{owner}, end: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), code: "seal-encode"},
		"no signers":            {code: "seal-signers"},
		"signer's key not SM2":  {signers: []*gm.Certificate{owner, foreign}, code: "seal-signer-not-sm2"},
	} {
		t.Run(name, func(t *testing.T) {
			o := order(t, p, tt.signers...)
			o.Start, o.End = tt.start, tt.end
			uses := p.Maker.Key.Uses()
			esl, err := issue.MakeSeal(t.Context(), o)
			if got := publicCode(err); got != tt.code {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				if p.Maker.Key.Uses() != uses {
					t.Error("the maker's key was asked")
				}
				return
			}
			got := parsed(t, esl).Info.Property
			if !got.Created.Equal(now) || !got.Start.Equal(tt.from) || !got.End.Equal(tt.to) {
				t.Errorf("created %v, from %v to %v", got.Created, got.Start, got.End)
			}
			if w := publicCodes(o.Warnings()); !slices.Equal(w, tt.warnings) {
				t.Errorf("warnings %v", w)
			}
		})
	}
}

// TestMakeSealMaker: a maker makes no seals before or after its certificate's time.
func TestMakeSealMaker(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert
	for name, period := range map[string]testpki.Option{
		"expired":       testpki.Validity(p.Now.AddDate(-2, 0, 0), p.Now.Add(-time.Second)),
		"not yet valid": testpki.Validity(p.Now.Add(time.Second), p.Now.AddDate(1, 0, 0)),
	} {
		o := order(t, p, owner)
		o.Maker = maker(p.Owner(testpki.MakerName, testpki.MakerUSCC, period))
		o.End = p.Now.AddDate(0, 1, 0)
		if _, err := issue.MakeSeal(t.Context(), o); publicCode(err) != "maker-certificate-out-of-time" || fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := order(t, p, owner)
	o.Maker.Certificate = []byte("none")
	if _, err := issue.MakeSeal(t.Context(), o); publicCode(err) != "maker-certificate" {
		t.Errorf("no certificate: %v", err)
	}
}

// TestMakeSealDigests: a list of digests holds no certificate and answers for those it was made of.
func TestMakeSealDigests(t *testing.T) {
	p := testpki.New(t)
	a, b, stranger := p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert, p.Owner(testpki.OwnerName, "").Cert, p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert
	for _, v := range []seal.Version{seal.V4, seal.V5} {
		o := order(t, p, a, b)
		o.List, o.Version = seal.ListDigests, v
		esl, err := issue.MakeSeal(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		s := parsed(t, esl)
		if q := s.Info.Property; q.ListType != seal.ListDigests || len(q.Certs) != 0 || len(q.Digests) != 2 || len(s.Deviations) != 0 {
			t.Fatalf("%s: list of type %d with %d certificates and %d digests", v, q.ListType, len(q.Certs), len(q.Digests))
		}
		for c, want := range map[*gm.Certificate]bool{a: true, b: true, stranger: false} {
			if listed, err := s.Lists(c.Raw); listed != want || err != nil {
				t.Errorf("%s: listed %v, %v, want %v", v, listed, err, want)
			}
		}
	}
	o := order(t, p, a)
	o.List = 3
	if _, err := issue.MakeSeal(t.Context(), o); fault.KindOf(err) != fault.Invalid {
		t.Errorf("list of type 3: %v", err)
	}
}

// TestMakeSealStrange: a seal in another's name or for the maker's own key is made with a warning.
func TestMakeSealStrange(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert
	for name, tt := range map[string]struct {
		seal     string
		kind     int
		signer   *gm.Certificate
		warnings []string
	}{
		"the owner's":                  {testpki.OwnerName, seal.TypeLegal, owner, nil},
		"for a purpose":                {testpki.OwnerName + "合同专用章", seal.TypeContract, owner, nil},
		"another's":                    {"另一示例有限公司", seal.TypeContract, owner, []string{"seal-names-another"}},
		"a person's, body certificate": {"林一舟", seal.TypeLegalRep, owner, nil},
		"the maker's key":              {testpki.MakerName, seal.TypeLegal, p.Maker.Cert, []string{"seal-maker-signs"}},
		"spaces and brackets":          {"云杉 示例（海南）有限公司", seal.TypeLegal, p.Owner("云杉示例(海南)有限公司", testpki.OwnerUSCC).Cert, nil},
	} {
		o := order(t, p, tt.signer)
		o.Name, o.Type = tt.seal, tt.kind
		if w := publicCodes(o.Warnings()); !slices.Equal(w, tt.warnings) {
			t.Errorf("%s: %v", name, w)
		}
		if _, err := issue.MakeSeal(t.Context(), o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
