package verify

import (
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/trust"
)

// TestUnder: what a signature brings along is protected by the document time stamps after it, and by none before; the store's evidence by those over it.
func TestUnder(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	set, err := trust.NewSet([]trust.Anchor{{Certificate: p.Root.Cert, Use: trust.UseCA}}, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	own := trust.Evidence{CRLs: [][]byte{p.CRL()}, Origin: trust.OriginEmbedded}
	for _, x := range []struct {
		name     string
		index    int // of the signature; the document time stamp is the second
		own, dss bool
		want     int
	}{
		{"its own, before the time stamp", 0, true, false, 1},
		{"its own, after the time stamp", 2, true, false, 0},
		{"the store's, before", 0, false, true, 1},
		{"the store's, after", 2, false, true, 1},
		{"nowhere", 0, false, false, 0},
	} {
		g := gathering{Verifier: &Verifier{Trust: set}, revoked: map[[gm.DigestSize]byte]trust.Revocation{}, kept: map[[gm.DigestSize]byte]trust.Revocation{},
			layers: []layer{{by: 1}}, index: x.index, stated: make([]time.Time, 3)}
		var carried trust.Evidence
		if x.own {
			carried = own
		}
		if x.dss {
			g.layers[0].evidence, g.embedded = document.Evidence{CRLs: own.CRLs}, own
		}
		f := g.certificateAt(t.Context(), owner.Cert.Raw, carried, trust.UseCA, time.Time{})
		if len(f.Under) != x.want || x.want > 0 && (f.Under[0].Timestamp != 1 || f.Under[0].Revocations[0].Status != trust.StatusGood) {
			t.Errorf("%s: %+v", x.name, f.Under)
		}
	}
}
