package stamp_test

import (
	"bytes"
	"context"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

// party is who stamps: an owner with a seal, and with a foreign key beside it.
type party struct {
	pki  *testpki.PKI
	own  *testpki.Holder
	esl  []byte
	rsa  *testpki.Foreign
	p256 *testpki.Foreign
}

func newParty(t *testing.T) party {
	t.Helper()
	p := testpki.New(t)
	rsa, p256 := p.Foreign(t, hsm.RSAPKCS1), p.Foreign(t, hsm.ECDSAP256)
	own := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	return party{p, own, testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, own.Cert), seal.V5), rsa, p256}
}

func (p party) order(in []byte) stamp.Order { return testseal.Order(in, p.esl, p.own.Key, p.pki.Now) }

func signer(f *testpki.Foreign) *stamp.Signer {
	return &stamp.Signer{Certificate: f.Cert.Raw, Chain: [][]byte{f.Root.Cert.Raw}, Key: f.Key}
}

// judged is what the verifier says of a file under the PKI's trust.
func judged(t *testing.T, p *testpki.PKI, file []byte) verify.Report {
	t.Helper()
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}, ofd.Format{}}, Trust: set}
	facts, err := v.Gather(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{}, p.Now)
}

// TestProfiles: every profile, alone and with a further signature, shows the seal, passes under trust, and asks each key once.
func TestProfiles(t *testing.T) {
	p := newParty(t)
	in := testseal.PDF(t, 2)
	for _, c := range []struct {
		name     string
		change   func(*stamp.Order)
		profiles []string
	}{
		{"ses", func(*stamp.Order) {}, []string{sign.ProfileSES}},
		{"cms", func(o *stamp.Order) { o.Profile = stamp.CMS }, []string{sign.ProfileCMS}},
		{"gbt35275", func(o *stamp.Order) { o.Profile = stamp.GBT35275 }, []string{sign.ProfileGB}},
		{"ses and RSA", func(o *stamp.Order) { o.Also = signer(p.rsa) }, []string{sign.ProfileSES, sign.ProfileCMS}},
		{"cms and P-256", func(o *stamp.Order) { o.Profile, o.Also = stamp.CMS, signer(p.p256) }, []string{sign.ProfileCMS, sign.ProfileCMS}},
		{"certified and RSA", func(o *stamp.Order) { o.Certify, o.Also = 2, signer(p.rsa) }, []string{sign.ProfileSES, sign.ProfileCMS}},
		{"locked", func(o *stamp.Order) { o.Lock = []string{document.LockAll} }, []string{sign.ProfileSES}},
		{"RSA alone, nothing shown", func(o *stamp.Order) {
			s := signer(p.rsa)
			*o = stamp.Order{Format: o.Format, In: o.In, Size: o.Size, Now: o.Now, Profile: stamp.CMS, Certificate: s.Certificate, Chain: s.Chain, Key: s.Key}
		}, []string{sign.ProfileCMS}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.order(in)
			c.change(&o)
			own, foreign := p.own.Key.Uses(), p.rsa.Key.Uses()+p.p256.Key.Uses()
			var out document.Memory
			r, err := stamp.Make(context.Background(), o, &out)
			if err != nil {
				t.Fatal(err)
			}
			if used := p.own.Key.Uses() - own + p.rsa.Key.Uses() + p.p256.Key.Uses() - foreign; used != len(c.profiles) {
				t.Errorf("the keys were asked %d times for %d signatures", used, len(c.profiles))
			}
			if !bytes.HasPrefix(out.Bytes(), in) || r.Size != out.Size() {
				t.Error("the input is not what the output begins with, or its size is wrong")
			}
			report := judged(t, p.pki, out.Bytes())
			if report.Verdict != verify.Passed || len(report.Signatures) != len(c.profiles) {
				t.Fatalf("%s: %+v", report.Verdict, report.Signatures)
			}
			for i, s := range report.Signatures {
				if s.Profile != c.profiles[i] {
					t.Errorf("signature %d is %s, want %s", i, s.Profile, c.profiles[i])
				}
			}
			if len(r.Warnings) != 0 {
				t.Errorf("warnings %v", r.Warnings)
			}
			if (r.AlsoID != "") != (len(c.profiles) == 2) || r.ID != report.Signatures[0].ID {
				t.Errorf("result %+v", r)
			}
		})
	}
}

// TestProfileRefusals: what cannot become a signature is refused before any key is asked.
func TestProfileRefusals(t *testing.T) {
	p := newParty(t)
	stranger := p.pki.Owner("别处示例有限公司", "")
	for _, c := range []struct {
		name   string
		code   string
		change func(*stamp.Order)
	}{
		{"unknown profile", "profile", func(o *stamp.Order) { o.Profile = "pades" }},
		{"no seal", "seal-missing", func(o *stamp.Order) { o.Seal = nil }},
		{"a place without a seal", "seal-missing", func(o *stamp.Order) { o.Profile, o.Seal, o.Certificate = stamp.CMS, nil, p.own.Cert.Raw }},
		{"no seal and no certificate", "certificate-missing", func(o *stamp.Order) { o.Profile, o.Seal, o.Places = stamp.CMS, nil, nil }},
		{"a stranger shows the seal", "signer-not-in-seal", func(o *stamp.Order) { o.Profile, o.Certificate, o.Key = stamp.CMS, stranger.Cert.Raw, stranger.Key }},
		{"a further signature behind a lock", "also-locked", func(o *stamp.Order) { o.Lock, o.Also = []string{document.LockAll}, signer(p.rsa) }},
		{"a further signature behind P=1", "also-locked", func(o *stamp.Order) { o.Certify, o.Also = 1, signer(p.rsa) }},
		{"a further signature with another's key", "key-certificate-mismatch", func(o *stamp.Order) {
			o.Also = signer(p.rsa)
			o.Also.Key = p.p256.Key
		}},
		{"a further signature with SM2", "also-sm2", func(o *stamp.Order) {
			o.Also = &stamp.Signer{Certificate: stranger.Cert.Raw, Key: stranger.Key}
		}},
		{"GB/T 35275 with RSA", "certificate-not-sm2", func(o *stamp.Order) {
			s := signer(p.rsa)
			o.Profile, o.Seal, o.Places, o.Certificate, o.Key = stamp.GBT35275, nil, nil, s.Certificate, s.Key
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.order(testseal.PDF(t, 1))
			c.change(&o)
			before := p.own.Key.Uses() + stranger.Key.Uses() + p.rsa.Key.Uses() + p.p256.Key.Uses()
			var out document.Memory
			_, err := stamp.Make(context.Background(), o, &out)
			public, _ := fault.PublicOf(err)
			if public.Code != c.code {
				t.Errorf("error %v (%s), want %s", err, public.Code, c.code)
			}
			if p.own.Key.Uses()+stranger.Key.Uses()+p.rsa.Key.Uses()+p.p256.Key.Uses() != before {
				t.Error("a key was asked")
			}
		})
	}
}

// TestCertifiedStaysClosed: what a seal certified or locked is not stamped again, and the key is not asked.
func TestCertifiedStaysClosed(t *testing.T) {
	p := newParty(t)
	for name, change := range map[string]func(*stamp.Order){
		"P=1":      func(o *stamp.Order) { o.Certify = 1 },
		"lock all": func(o *stamp.Order) { o.Lock = []string{document.LockAll} },
	} {
		first := p.order(testseal.PDF(t, 1))
		change(&first)
		again := p.order(testseal.Stamp(t, first))
		uses := p.own.Key.Uses()
		var out document.Memory
		if _, err := stamp.Make(context.Background(), again, &out); fault.KindOf(err) != fault.Denied || p.own.Key.Uses() != uses {
			t.Errorf("%s: %v, key asked %d times", name, err, p.own.Key.Uses()-uses)
		}
	}
}

// TestLay: places can depend on the pages.
func TestLay(t *testing.T) {
	p := newParty(t)
	o := p.order(testseal.PDF(t, 5))
	o.Lay = func(pages []document.Page, width, height float64) ([]document.Place, error) {
		return document.Riding{}.Places(pages, width, height)
	}
	report := judged(t, p.pki, testseal.Stamp(t, o))
	if report.Verdict != verify.Passed || len(report.Signatures) != 1 || len(report.Signatures[0].Places) != 6 {
		t.Errorf("%s with %+v", report.Verdict, report.Signatures)
	}
}

// TestRecognize: the output of this very order is known again, and nothing else is taken for it.
func TestRecognize(t *testing.T) {
	p := newParty(t)
	in := testseal.PDF(t, 1)
	order := p.order(in)
	made := testseal.Stamp(t, order)
	both := p.order(in)
	both.Also = signer(p.rsa)
	other := p.pki.Owner("远山示例制造有限公司", testpki.MakerUSCC)
	others := testseal.Stamp(t, testseal.Order(in, testseal.Make(t, p.pki, testseal.Info(t, p.pki, "远山示例制造有限公司", other.Cert), seal.V5), other.Key, p.pki.Now))
	torn := made[:len(made)-100]
	flipped := bytes.Clone(made)
	flipped[len(in)+200] ^= 1
	for _, c := range []struct {
		name  string
		order stamp.Order
		out   []byte
		want  bool
	}{
		{"its own", order, made, true},
		{"with a further signature", both, testseal.Stamp(t, both), true},
		{"the further signature is missing", both, made, false},
		{"of another signer", order, others, false},
		{"sealed twice", order, testseal.Stamp(t, p.order(made)), false},
		{"not sealed", order, in, false},
		{"of another input", p.order(testseal.PDF(t, 2)), made, false},
		{"torn", order, torn, false},
		{"changed", order, flipped, false},
		{"something else", order, []byte("a letter that is longer"), false},
	} {
		r, ok, err := stamp.Recognize(context.Background(), c.order, bytes.NewReader(c.out), int64(len(c.out)))
		if err != nil || ok != c.want || ok && (r.ID == "" || r.Size != int64(len(c.out))) {
			t.Errorf("%s: %+v, %v, %v", c.name, r, ok, err)
		}
	}
}

// TestAlsoUnderSM2: a foreign key's certificate by an SM2 authority helps no reader that knows no SM2, and that is said.
func TestAlsoUnderSM2(t *testing.T) {
	p := newParty(t)
	cert := p.pki.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(p.rsa.Key.Public())).Cert
	o := p.order(testseal.PDF(t, 1))
	o.Also = &stamp.Signer{Certificate: cert.Raw, Key: p.rsa.Key}
	r, err := stamp.Make(t.Context(), o, new(document.Memory))
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0].Code != "also-sm2-chain" {
		t.Errorf("%v, warnings %v", err, r.Warnings)
	}
}
