package stamp_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/internal/testofd"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/verify"
)

// signing makes an order one for a signature that shows nothing.
func (p party) signing(profile stamp.Profile) func(*stamp.Order) {
	return func(o *stamp.Order) { o.Profile, o.Seal, o.Places, o.Certificate = profile, nil, nil, p.own.Cert.Raw }
}

func locked(o *stamp.Order) { o.Lock = []string{document.LockAll} }

// TestOFDProfiles: every profile that an OFD has room for passes under trust, asks the key once, and leaves the files of the package as they are stored.
func TestOFDProfiles(t *testing.T) {
	p := newParty(t)
	v4 := testseal.Make(t, p.pki, testseal.Info(t, p.pki, "示例", p.own.Cert), seal.V4)
	in := testofd.Pages(3)
	for _, c := range []struct {
		name, profile string
		covers        document.Coverage
		change        []func(*stamp.Order)
	}{
		{"seal of generation 4", "Seal", document.CoversRevision, []func(*stamp.Order){func(o *stamp.Order) { o.Seal = v4 }}},
		{"seal of generation 5", "Seal", document.CoversRevision, nil},
		{"seal that shows nothing", "Seal", document.CoversRevision, []func(*stamp.Order){func(o *stamp.Order) { o.Places = nil }}},
		{"locked seal", "Seal", document.CoversFile, []func(*stamp.Order){locked}},
		{"on many pages", "Seal", document.CoversRevision, []func(*stamp.Order){func(o *stamp.Order) {
			o.Places = []document.Place{{Page: 1, X: 50, Y: 50}, {Page: 3, X: 60, Y: 250}}
		}}},
		{"GB/T 35275", "Sign", document.CoversRevision, []func(*stamp.Order){p.signing(stamp.GBT35275)}},
		{"plain CMS", "Sign", document.CoversRevision, []func(*stamp.Order){p.signing(stamp.CMS)}},
		{"locked GB/T 35275", "Sign", document.CoversFile, []func(*stamp.Order){p.signing(stamp.GBT35275), locked}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.order(in.Build())
			for _, change := range c.change {
				change(&o)
			}
			uses := p.own.Key.Uses()
			var out document.Memory
			r, err := stamp.Make(context.Background(), o, &out)
			if err != nil {
				t.Fatal(err)
			}
			report := judged(t, p.pki, out.Bytes())
			if report.Verdict != verify.Passed || len(report.Signatures) != 1 || report.Format != "OFD" {
				t.Fatalf("%s: %+v", report.Verdict, report.Signatures)
			}
			s := report.Signatures[0]
			if s.Profile != c.profile || s.Coverage != c.covers || s.ID != r.ID || p.own.Key.Uses() != uses+1 || r.Size != out.Size() || len(s.Places) != len(o.Places) {
				t.Errorf("%+v, the key was asked %d times", s, p.own.Key.Uses()-uses)
			}
			made := testofd.Unpack(t, out.Bytes())
			for _, f := range in[1:] { // all but OFD.xml, which names the list of signatures
				if made.Get(t, f.Name) != f.Data {
					t.Errorf("%s is not what it was", f.Name)
				}
			}
		})
	}
}

// TestOFDMany: seals of two generations and two signatures one over the other, the last a lock. All pass, and nothing follows.
func TestOFDMany(t *testing.T) {
	p := newParty(t)
	v4 := testseal.Make(t, p.pki, testseal.Info(t, p.pki, "示例", p.own.Cert), seal.V4)
	data := testseal.OFD(4)
	for i, change := range []func(*stamp.Order){
		func(o *stamp.Order) { o.Seal, o.Places[0].X = v4, 40 },
		func(o *stamp.Order) {
			o.Places = nil
			o.Lay = func(pages []document.Page, w, h float64) ([]document.Place, error) {
				return document.Riding{}.Places(pages, w, h)
			}
		},
		p.signing(stamp.GBT35275),
		func(o *stamp.Order) { p.signing(stamp.CMS)(o); locked(o) },
	} {
		o := p.order(data)
		o.Now = func() time.Time { return p.pki.Now.Add(time.Duration(i) * time.Minute) }
		change(&o)
		data = testseal.Stamp(t, o)
		r := judged(t, p.pki, data)
		if r.Verdict != verify.Passed || len(r.Signatures) != i+1 {
			t.Fatalf("%d signatures: %s %+v", i+1, r.Verdict, r.Signatures)
		}
	}
	uses := p.own.Key.Uses()
	_, err := stamp.Make(context.Background(), p.order(data), new(document.Memory))
	if public, _ := fault.PublicOf(err); public.Code != "ofd-locked" || p.own.Key.Uses() != uses {
		t.Errorf("sealed after a lock: %v, the key was asked %d times", err, p.own.Key.Uses()-uses)
	}
}

// TestOFDRiding: a riding seal is one signature with a slice a page, and the slices make up whole seals.
func TestOFDRiding(t *testing.T) {
	p := newParty(t)
	data := testseal.OFD(7)
	for name, riding := range map[string]document.Riding{
		"right": {}, "left": {Side: document.Left, Margin: 2}, "top": {Side: document.Top, Offset: 60}, "bottom": {Side: document.Bottom},
		"odd pages": {Pages: []int{1, 3, 5, 7}}, "groups of three": {Group: 3}, "double pages": {DoublePage: true}, "double pages at the bottom": {DoublePage: true, Side: document.Bottom},
	} {
		t.Run(name, func(t *testing.T) {
			o := p.order(data)
			var want []document.Place
			o.Places = nil
			o.Lay = func(pages []document.Page, w, h float64) (places []document.Place, err error) {
				want, err = riding.Places(pages, w, h)
				return want, err
			}
			r := judged(t, p.pki, testseal.Stamp(t, o))
			if r.Verdict != verify.Passed || len(r.Signatures) != 1 {
				t.Fatalf("%s: %+v", r.Verdict, r.Signatures)
			}
			got := r.Signatures[0].Places
			if len(got) != len(want) || len(got) < 4 {
				t.Fatalf("%d slices, want %d", len(got), len(want))
			}
			for i := range got {
				if !samePlace(got[i], want[i]) {
					t.Errorf("slice %d: %+v, want %+v", i, got[i], want[i])
				}
			}
		})
	}
}

// samePlace allows for the decimals in which an OFD writes millimetres.
func samePlace(a, b document.Place) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) < 1e-6 }
	return a.Page == b.Page && near(a.X, b.X) && near(a.Y, b.Y) && near(a.Width, b.Width) && near(a.Height, b.Height) &&
		near(a.Clip.X, b.Clip.X) && near(a.Clip.Y, b.Clip.Y) && near(a.Clip.Width, b.Clip.Width) && near(a.Clip.Height, b.Clip.Height)
}

// TestOFDRefusals: what an OFD has no room for is refused before the key is asked, in words of its own.
func TestOFDRefusals(t *testing.T) {
	p := newParty(t)
	_, tsa := stampedBy(t, p)
	sealed := testofd.Unpack(t, testseal.Stamp(t, p.order(testseal.OFD(1))))
	for _, c := range []struct {
		name, code string
		change     func(*stamp.Order)
	}{
		{"a reason", "ofd-reason", func(o *stamp.Order) { o.Reason = "合同" }},
		{"a certification", "ofd-certify", func(o *stamp.Order) { o.Certify = 2 }},
		{"a field", "ofd-field", func(o *stamp.Order) { o.Field = "Seal1" }},
		{"a lock on fields", "ofd-lock", func(o *stamp.Order) { o.Lock = []string{"Seal1"} }},
		{"a second signature", "ofd-also", func(o *stamp.Order) { o.Also = signer(p.rsa) }},
		{"a picture without the seal", "ofd-sign-visible", func(o *stamp.Order) { o.Profile = stamp.GBT35275 }},
		{"an RSA key", "ofd-key", func(o *stamp.Order) {
			s := signer(p.rsa)
			o.Profile, o.Seal, o.Places, o.Certificate, o.Key = stamp.CMS, nil, nil, s.Certificate, s.Key
		}},
		{"evidence inside", "level-format", func(o *stamp.Order) { o.Level, o.Timestamps, o.Trust = stamp.LevelLT, tsa, trusting(t, p.pki) }},
		{"a page that is not there", "page-out-of-range", func(o *stamp.Order) { o.Places[0].Page = 9 }},
		{"a place off the page", "ofd-place", func(o *stamp.Order) { o.Places[0].X = 400 }},
		{"a page that was changed", "earlier-signature-broken", func(o *stamp.Order) {
			in(o, sealed.Edit(t, "Doc_0/Pages/Page_0/Content.xml", "a &lt; b", "a &lt; c").Build())
		}},
		{"an archive that is no OFD", "ofd-not", func(o *stamp.Order) { in(o, testofd.Package{{Name: "a.txt", Data: "a"}}.Build()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.order(testseal.OFD(1))
			c.change(&o)
			before := p.own.Key.Uses() + p.rsa.Key.Uses()
			_, err := stamp.Make(context.Background(), o, new(document.Memory))
			public, ok := fault.PublicOf(err)
			if !ok || public.Code != c.code || p.own.Key.Uses()+p.rsa.Key.Uses() != before {
				t.Errorf("%v (%s), want %s", err, public.Code, c.code)
			}
		})
	}
}

func in(o *stamp.Order, data []byte) { o.In, o.Size = bytes.NewReader(data), int64(len(data)) }

// stampedBy is an order with time stamps.
func stampedBy(t *testing.T, p party) (func(*stamp.Order), timestamp.Source) {
	t.Helper()
	a, _ := authority(t, p.pki, hsm.SM2, func() time.Time { return p.pki.Now })
	return func(o *stamp.Order) { o.Timestamps, o.Trust = a, trusting(t, p.pki) }, a
}

// TestOFDTimestamp: the token goes into the value, of a seal and of a signature, and proves the time.
func TestOFDTimestamp(t *testing.T) {
	p := newParty(t)
	with, _ := stampedBy(t, p)
	for _, c := range []func(*stamp.Order){func(*stamp.Order) {}, p.signing(stamp.GBT35275), p.signing(stamp.CMS)} {
		o := p.order(testseal.OFD(1))
		with(&o)
		c(&o)
		var out document.Memory
		r, err := stamp.Make(context.Background(), o, &out)
		if err != nil {
			t.Fatal(err)
		}
		if r.Level != stamp.LevelT || !r.Proven.Equal(p.pki.Now.Truncate(time.Second)) {
			t.Errorf("level %s, proven %s", r.Level, r.Proven)
		}
		v := verify.Verifier{Formats: []document.Format{o.Format}, Trust: trusting(t, p.pki)}
		facts, err := v.Gather(context.Background(), &out, out.Size())
		if err != nil {
			t.Fatal(err)
		}
		s := verify.Judge(facts, verify.Policy{}, p.pki.Now.Add(time.Hour)).Signatures[0]
		if s.Verdict != verify.Passed || len(s.Timestamps) != 1 || !s.Timestamps[0].Proves || s.Time.Proven.Sub(r.Proven) != s.Timestamps[0].Accuracy {
			t.Errorf("%s with %+v: %+v", s.Verdict, s.Timestamps, s.Findings)
		}
	}
}

// TestOFDRecognize: what a crash left is told from the result of any other order.
func TestOFDRecognize(t *testing.T) {
	p := newParty(t)
	data := testseal.Stamp(t, p.order(testseal.OFD(2)))
	orders := func() stamp.Order { return p.order(data) }
	out := testseal.Stamp(t, orders())
	other := testseal.Make(t, p.pki, testseal.Info(t, p.pki, "另一枚", p.own.Cert), seal.V5)
	for name, c := range map[string]struct {
		change func(*stamp.Order)
		found  bool
	}{
		"the same":          {func(*stamp.Order) {}, true},
		"later":             {func(o *stamp.Order) { o.Now = func() time.Time { return p.pki.Now.Add(time.Hour) } }, true},
		"another place":     {func(o *stamp.Order) { o.Places[0].X++ }, false},
		"another seal":      {func(o *stamp.Order) { o.Seal = other }, false},
		"a lock":            {locked, false},
		"a signature":       {p.signing(stamp.GBT35275), false},
		"another input":     {func(o *stamp.Order) { in(o, testseal.OFD(2)) }, false},
		"not sealed at all": {func(o *stamp.Order) { in(o, out) }, false},
	} {
		o := orders()
		c.change(&o)
		uses := p.own.Key.Uses()
		r, found, err := stamp.Recognize(context.Background(), o, bytes.NewReader(out), int64(len(out)))
		if err != nil || found != c.found || p.own.Key.Uses() != uses {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
		if found && (r.ID != "s003" && r.ID != "s004" || r.Earlier != 1) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestOFDDocuments: in a package of two documents the seal goes where its page is, before the signatures of the other.
func TestOFDDocuments(t *testing.T) {
	p := newParty(t)
	two := testofd.Pages(1)
	for _, f := range testofd.Pages(1)[1:] {
		two = append(two, testofd.File{Name: strings.Replace(f.Name, "Doc_0", "Doc_1", 1), Data: f.Data})
	}
	const list = `<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016"/>`
	two = two.With("Doc_0/Signs.xml", list).With("Doc_1/Signs.xml", list).Edit(t, "OFD.xml", "</ofd:DocBody>", "<ofd:Signatures>Doc_0/Signs.xml</ofd:Signatures></ofd:DocBody>"+
		"<ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot><ofd:Signatures>Doc_1/Signs.xml</ofd:Signatures></ofd:DocBody>")
	data := two.Build()
	for i, page := range []int{2, 1} {
		o := p.order(data)
		o.Places[0].Page = page
		var out document.Memory
		r, err := stamp.Make(context.Background(), o, &out)
		if err != nil {
			t.Fatal(err)
		}
		data = out.Bytes()
		if s := judged(t, p.pki, data); s.Verdict != verify.Passed || len(s.Signatures) != i+1 || !strings.HasPrefix(r.ID, fmt.Sprint(page, ":")) {
			t.Errorf("%+v: %s %+v", r, s.Verdict, s.Signatures)
		}
	}
}
