package verify_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/verify"
)

// placed seals in at places with a good seal, as somebody who holds its key can, whatever the places are.
func placed(t *testing.T, p *testpki.PKI, owner *testpki.Holder, in []byte, places []document.Place) []byte {
	t.Helper()
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V4)
	container, err := sign.NewSES(esl, owner.Cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(in), int64(len(in)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pic := testseal.Picture(t, testpki.OwnerName)
	ticket, err := sign.Prepare(doc, document.Request{Filter: "Yinxin.Seal", Places: places,
		Appearance: document.Picture{Type: pic.Type, Data: pic.Data, Width: testseal.Diameter, Height: testseal.Diameter}}, container, p.Now, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if _, err := ticket.Redeem(context.Background(), owner.Key, nil, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRidingSeal: the picture of a riding seal is compared like that of a whole one, beside which it may stand; a slice that is wanting is told.
func TestRidingSeal(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	in := testseal.PDF(t, 5)
	pages := slices.Repeat([]document.Page{{Width: 210, Height: 297}}, 5)
	riding, err := document.Riding{}.Places(pages, testseal.Diameter, testseal.Diameter)
	if err != nil {
		t.Fatal(err)
	}
	whole := document.Place{Page: 5, X: 120, Y: 200, Width: testseal.Diameter, Height: testseal.Diameter}
	overlapping := slices.Clone(riding)
	overlapping[2].Clip.Width += 3
	overlapping[2].X -= 3
	scaled := slices.Clone(riding)
	for i := range scaled {
		scaled[i].Width, scaled[i].Clip = 36, document.Clip{X: 7.2 * float64(i), Width: 7.2, Height: 40}
		scaled[i].X = 210 - 7.2*float64(i+1) + 18
	}
	for name, c := range map[string]struct {
		places  []document.Place
		shown   verify.Shown
		finding verify.Code
		verdict verify.Verdict
	}{
		"riding":           {riding, verify.ShownSame, "", verify.Passed},
		"riding and whole": {append(slices.Clone(riding), whole), verify.ShownSame, "", verify.Passed},
		"whole and riding": {append([]document.Place{whole}, riding...), verify.ShownSame, "", verify.Passed},
		"one missing":      {slices.Delete(slices.Clone(riding), 2, 3), verify.ShownSame, "PICTURE_SLICES", verify.Passed},
		"overlapping":      {overlapping, verify.ShownSame, "PICTURE_SLICES", verify.Passed},
		"narrowed":         {scaled, verify.ShownDiffers, "PICTURE_DIFFERS", verify.Failed},
		"of two scales":    {append(slices.Clone(riding[:2]), scaled[2:]...), verify.ShownNotComparable, "PICTURE_SLICES", verify.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			file := placed(t, p, owner, in, c.places)
			facts := gather(t, file, p.Directory())
			if got := facts.Signatures[0].Seal.Shown; got != c.shown {
				t.Errorf("shown is %s (%s), want %s", got, facts.Signatures[0].Seal.ShownWhy, c.shown)
			}
			r := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour))
			if r.Verdict != c.verdict || c.finding != "" && !found(r, c.finding) || c.finding != "PICTURE_SLICES" && found(r, "PICTURE_SLICES") {
				t.Errorf("verdict %s, want %s with %q; found %+v", r.Verdict, c.verdict, c.finding, r.Signatures[0].Findings)
			}
			if got := len(r.Signatures[0].Places); got != len(c.places) {
				t.Errorf("%d places, want %d", got, len(c.places))
			}
		})
	}
}
