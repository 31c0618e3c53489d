package issue_test

import (
	"bytes"
	"encoding/asn1"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"yinxin/codes"
	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/issue"
	"yinxin/seal"
)

var (
	oidMaker   = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 1}
	oidEnglish = asn1.ObjectIdentifier{1, 2, 156, 112600, 7, 3}
)

// renewing is an owner with an old seal, a reissued certificate and the order for the new seal.
type renewing struct {
	pki     *testpki.PKI
	owner   *testpki.Holder
	renewed *testpki.Holder
	info    seal.Info // of the old seal
	r       issue.Renewal
}

func newRenewing(t *testing.T) *renewing {
	t.Helper()
	p := testpki.New(t)
	w := &renewing{pki: p, owner: p.Owner(testpki.OwnerName, testpki.OwnerUSCC)}
	w.renewed = p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithKey(w.owner.Key), testpki.Validity(p.Now, p.Now.AddDate(2, 0, 0)))
	w.info = testseal.Info(t, p, testpki.OwnerName, w.owner.Cert)
	w.info.Property.Type = seal.TypeContract
	w.info.Extensions = []seal.Extension{{OID: oidMaker, Value: []byte("maker")}, {OID: oidEnglish, Value: []byte("Spruce Sample Technology")}}
	w.r = issue.Renewal{Code: code(t, "9900000000009"), Signers: []*gm.Certificate{w.renewed.Cert}, Maker: maker(p.Maker), Now: p.Clock}
	w.r.Maker.ID = ""
	w.remake(t, p.Maker, seal.V4)
	return w
}

// remake has the old seal made by another maker or of another generation.
func (w *renewing) remake(t *testing.T, by *testpki.Holder, v seal.Version) {
	t.Helper()
	w.r.Old = testseal.MakeBy(t, by, w.info, v)
}

// TestRenewSeal: the new seal is the old one but for code, signers and times, and the old signer cannot use it.
func TestRenewSeal(t *testing.T) {
	w := newRenewing(t)
	got, err := issue.RenewSeal(t.Context(), w.r)
	if err != nil {
		t.Fatal(err)
	}
	old, s := parsed(t, w.r.Old), parsed(t, got.ESL)
	a, b := old.Info, s.Info
	if !bytes.Equal(a.Picture.Data, b.Picture.Data) || a.Picture.Width != b.Picture.Width || a.Picture.Type != b.Picture.Type ||
		a.Property.Name != b.Property.Name || a.Property.Type != b.Property.Type || a.Header.Vid != b.Header.Vid || s.Version != old.Version || len(b.Extensions) != 2 {
		t.Errorf("the new seal is another: %+v", b.Header)
	}
	if b.ESID != "9900000000009" || !b.Property.Created.Equal(w.pki.Now) || !b.Property.Start.Equal(w.pki.Now) || !b.Property.End.Equal(w.renewed.Cert.NotAfter) {
		t.Errorf("id %s, created %v, %v to %v", b.ESID, b.Property.Created, b.Property.Start, b.Property.End)
	}
	for c, want := range map[*gm.Certificate]bool{w.renewed.Cert: true, w.owner.Cert: false} {
		if listed, err := s.Lists(c.Raw); listed != want || err != nil {
			t.Errorf("listed %v, %v", listed, err)
		}
	}
	if got.Old.ID != a.ESID || got.Old.SM3 != gm.SM3(w.r.Old) || got.New.ID != b.ESID || got.New.SM3 != gm.SM3(got.ESL) || got.Dropped != nil || got.Warnings != nil {
		t.Errorf("old %v, new %v, dropped %v, warnings %v", got.Old, got.New, got.Dropped, got.Warnings)
	}
}

// TestRenewSealChoices: code, generation, list and period as asked.
func TestRenewSealChoices(t *testing.T) {
	five := func(w *renewing) { w.r.Version = seal.V5 }
	for name, tt := range map[string]struct {
		old   seal.Version
		ask   func(*renewing)
		wrong func(*renewing, *seal.Seal) bool
	}{
		"code kept": {seal.V4, func(w *renewing) { w.r.Code, w.r.SameCode = codes.SealCode{}, true },
			func(w *renewing, s *seal.Seal) bool { return s.Info.ESID != w.info.ESID }},
		"moved to v5":  {seal.V4, five, func(_ *renewing, s *seal.Seal) bool { return s.Version != seal.V5 || s.Info.Header.Version != 5 }},
		"v5 stays v5":  {seal.V5, func(*renewing) {}, func(_ *renewing, s *seal.Seal) bool { return s.Version != seal.V5 }},
		"digests":      {seal.V4, func(w *renewing) { w.r.List = seal.ListDigests }, func(_ *renewing, s *seal.Seal) bool { return len(s.Info.Property.Digests) != 1 }},
		"digests stay": {seal.V4, digested, func(_ *renewing, s *seal.Seal) bool { return len(s.Info.Property.Digests) != 1 }},
		"digests no more": {seal.V4, func(w *renewing) { digested(w); w.r.List = seal.ListCerts },
			func(_ *renewing, s *seal.Seal) bool { return len(s.Info.Property.Certs) != 1 }},
		"until": {seal.V4, func(w *renewing) { w.r.End = w.pki.Now.AddDate(0, 3, 0) },
			func(w *renewing, s *seal.Seal) bool { return !s.Info.Property.End.Equal(w.pki.Now.AddDate(0, 3, 0)) }},
		"maker's certificate reissued": {seal.V4, func(w *renewing) {
			w.r.Maker.Certificate = w.pki.Owner(testpki.MakerName, testpki.MakerUSCC, testpki.WithKey(w.pki.Maker.Key)).Cert.Raw
		}, func(w *renewing, s *seal.Seal) bool {
			return !bytes.Equal(s.MakerCert, w.r.Maker.Certificate) || len(s.Info.Extensions) != 2
		}},
		"old one over": {seal.V4, func(w *renewing) {
			w.info.Property.End = w.pki.Now.AddDate(0, 0, -1)
			w.r.Old = nil
		}, func(w *renewing, s *seal.Seal) bool { return !s.Info.Property.End.After(w.pki.Now) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRenewing(t)
			w.remake(t, w.pki.Maker, tt.old)
			if tt.ask(w); w.r.Old == nil {
				w.remake(t, w.pki.Maker, tt.old)
			}
			got, err := issue.RenewSeal(t.Context(), w.r)
			if err != nil {
				t.Fatal(err)
			}
			if s := parsed(t, got.ESL); tt.wrong(w, s) {
				t.Errorf("not as asked: %s %+v", s.Info.ESID, s.Info.Property)
			}
		})
	}
}

// digested makes the old seal's list one of digests.
func digested(w *renewing) {
	p := &w.info.Property
	p.ListType, p.Certs, p.Digests = seal.ListDigests, nil, []seal.CertDigest{seal.DigestOf(w.owner.Cert.Raw)}
	w.r.Old = nil
}

// TestRenewSealRefused: whatever would lend the maker's name to something it did not say, or leaves two seals alike, is refused before the key is asked.
func TestRenewSealRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*testing.T, *renewing)
		code  string
	}{
		"no seal": {func(_ *testing.T, w *renewing) { w.r.Old = []byte("none") }, "seal-format"},
		"maker signature off": {func(_ *testing.T, w *renewing) {
			w.r.Old = bytes.Replace(w.r.Old, []byte("Spruce"), []byte("Sprute"), 1)
		}, "renew-forged"},
		"another maker": {func(t *testing.T, w *renewing) { w.remake(t, otherMaker(w.pki), seal.V4) }, "renew-other-maker"},
		"maker's name borrowed": {func(t *testing.T, w *renewing) {
			w.remake(t, w.pki.SelfSigned(testpki.MakerName, testpki.MakerUSCC), seal.V4)
		}, "renew-other-maker"},
		"not the maker named": {func(_ *testing.T, w *renewing) { w.r.OldMaker = w.owner.Cert.Raw }, "renew-wrong-maker"},
		"neither code":        {func(_ *testing.T, w *renewing) { w.r.Code = codes.SealCode{} }, "renew-code"},
		"both codes":          {func(_ *testing.T, w *renewing) { w.r.SameCode = true }, "renew-code"},
		"new code is the old": {func(t *testing.T, w *renewing) { w.r.Code = code(t, w.info.ESID) }, "renew-code-same"},
		"back to v4":          {func(t *testing.T, w *renewing) { w.remake(t, w.pki.Maker, seal.V5); w.r.Version = seal.V4 }, "renew-version-back"},
		"version 6":           {func(_ *testing.T, w *renewing) { w.r.Version = 6 }, "seal-encode"},
		"another type":        {func(_ *testing.T, w *renewing) { n := seal.TypeFinance; w.r.Type = &n }, "renew-type-kept"},
		"no signers":          {func(_ *testing.T, w *renewing) { w.r.Signers = nil }, "seal-signers"},
		"over already": {func(_ *testing.T, w *renewing) {
			w.r.Start, w.r.End = w.pki.Now.AddDate(0, -2, 0), w.pki.Now.AddDate(0, -1, 0)
		}, "seal-ended"},
		"must be understood": {func(t *testing.T, w *renewing) {
			w.info.Extensions[1].Critical = true
			w.remake(t, w.pki.Maker, seal.V4)
		}, "renew-extension"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newRenewing(t)
			tt.spoil(t, w)
			uses := w.pki.Maker.Key.Uses()
			got, err := issue.RenewSeal(t.Context(), w.r)
			if publicCode(err) != tt.code || got.ESL != nil {
				t.Fatalf("error %v", err)
			}
			if w.pki.Maker.Key.Uses() != uses {
				t.Error("the maker's key was asked")
			}
		})
	}
}

func otherMaker(p *testpki.PKI) *testpki.Holder {
	return p.Owner("另一制章中心", "91990000MA0000031E")
}

// TestRenewSealOfAnother: with the other maker's certificate named its seal is remade, and what may speak of that maker stays behind.
func TestRenewSealOfAnother(t *testing.T) {
	w := newRenewing(t)
	other := otherMaker(w.pki)
	w.remake(t, other, seal.V4)
	w.r.OldMaker, w.r.Maker.ID = other.Cert.Raw, "HERE"
	w.r.Signers = append(w.r.Signers, otherMaker(w.pki).Cert)
	w.r.End = w.pki.Now.AddDate(5, 0, 0)
	got, err := issue.RenewSeal(t.Context(), w.r)
	if err != nil {
		t.Fatal(err)
	}
	s := parsed(t, got.ESL)
	if x := s.Info.Extensions; len(x) != 1 || !x[0].OID.Equal(oidEnglish) || len(got.Dropped) != 1 || !got.Dropped[0].Equal(oidMaker) || s.Info.Header.Vid != "HERE" {
		t.Errorf("extensions %v, dropped %v, vid %s", x, got.Dropped, s.Info.Header.Vid)
	}
	want := []string{"seal-outlives-signer", "seal-outlives-signer", "seal-outlives-maker", "renew-other-body"}
	if said := publicCodes(got.Warnings); !slices.Equal(said, want) {
		t.Errorf("warnings %v", said)
	}
	w.r.Maker.ID = ""
	if _, err := issue.RenewSeal(t.Context(), w.r); publicCode(err) != "seal-text" {
		t.Errorf("no maker's identifier: %v", err)
	}
}

// TestRenewSamples remakes the seals of another product, of each generation, as v4 and as v5.
func TestRenewSamples(t *testing.T) {
	dir := need.Samples(t, "ofd", "seals")
	files, err := filepath.Glob(filepath.Join(dir, "*.esl"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d seals, %v", len(files), err)
	}
	w := newRenewing(t)
	for _, f := range files {
		if w.r.Old, err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
		old := parsed(t, w.r.Old)
		w.r.OldMaker, w.r.Maker.ID = old.MakerCert, "HERE"
		for _, v := range []seal.Version{seal.V4, seal.V5} {
			w.r.Version, w.r.Type = v, nil
			kind := old.Info.Property.Type
			if old.Version == seal.V1 {
				if _, err := issue.RenewSeal(t.Context(), w.r); publicCode(err) != "renew-type" {
					t.Errorf("%s without a type: %v", filepath.Base(f), err)
				}
				kind = seal.TypeOther
				w.r.Type = &kind
			}
			got, err := issue.RenewSeal(t.Context(), w.r)
			if v < old.Version {
				if publicCode(err) != "renew-version-back" {
					t.Errorf("%s as %s: %v", filepath.Base(f), v, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s as %s: %v", filepath.Base(f), v, err)
			}
			if s := parsed(t, got.ESL); s.Version != v || !bytes.Equal(s.Info.Picture.Data, old.Info.Picture.Data) || s.Info.Property.Type != kind || s.TimeStamp != nil {
				t.Errorf("%s as %s: %s, type %d", filepath.Base(f), v, s.Version, s.Info.Property.Type)
			}
		}
		w.r.Version = 0
		_, err := issue.RenewSeal(t.Context(), w.r)
		if old.Version == seal.V1 && publicCode(err) != "renew-version" || old.Version != seal.V1 && err != nil {
			t.Errorf("%s as it is: %v", filepath.Base(f), err)
		}
		w.r.SameCode, w.r.Code = true, codes.SealCode{}
		w.r.Version = seal.V5
		got, err := issue.RenewSeal(t.Context(), w.r)
		if err != nil || got.New.ID != old.Info.ESID {
			t.Errorf("%s under its own code: %v", filepath.Base(f), err)
		}
		w.r.SameCode, w.r.Code = false, code(t, "9900000000009")
	}
}
