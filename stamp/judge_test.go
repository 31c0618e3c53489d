package stamp_test

import (
	"bytes"
	"context"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
)

// TestObjectionsFirst: what is judged beside laying out and copying is said before what goes wrong there, and no key is asked.
func TestObjectionsFirst(t *testing.T) {
	p := newParty(t)
	good, err := seal.Parse(p.esl)
	if err != nil {
		t.Fatal(err)
	}
	proven := gm.NewProven(8)
	if err := good.VerifyMakerWith(proven); err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(p.esl)
	forged[bytes.Index(forged, []byte(testpki.OwnerName))] ^= 1
	base := testseal.PDF(t, 1)
	broken := testseal.Stamp(t, p.order(base))
	broken[len(base)/2] ^= 1
	nowhere := []document.Place{{Page: 9, X: 120, Y: 200}}
	for _, c := range []struct {
		name, code string
		order      stamp.Order
		change     func(*stamp.Order)
	}{
		{"forged seal on no document", "seal-forged", p.order([]byte("nothing")), func(o *stamp.Order) { o.Seal = forged }},
		{"forged seal on a broken signature", "seal-forged", p.order(broken), func(o *stamp.Order) { o.Seal = forged }},
		{"forged seal where another is proven", "seal-forged", p.order(base), func(o *stamp.Order) { o.Seal, o.Proven = forged, proven }},
		{"broken signature and a page that is not there", "earlier-signature-broken", p.order(broken), func(o *stamp.Order) { o.Places = nowhere }},
		{"broken signature and a proven seal", "earlier-signature-broken", p.order(broken), func(o *stamp.Order) { o.Proven = proven }},
		{"broken signature and a second key", "earlier-signature-broken", p.order(broken), func(o *stamp.Order) { o.Also = signer(p.rsa) }},
		{"proven seal", "", p.order(base), func(o *stamp.Order) { o.Proven = proven }},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change(&c.order)
			before := p.own.Key.Uses() + p.rsa.Key.Uses()
			var out document.Memory
			_, err := stamp.Make(context.Background(), c.order, &out)
			if public, _ := fault.PublicOf(err); public.Code != c.code || (err == nil) != (c.code == "") {
				t.Errorf("error %v, want %s", err, c.code)
			}
			if asked := p.own.Key.Uses() + p.rsa.Key.Uses() - before; (asked == 1) != (c.code == "") {
				t.Errorf("keys asked %d times", asked)
			}
		})
	}
}
