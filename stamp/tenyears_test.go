package stamp_test

import (
	"bytes"
	"context"
	"regexp"
	"strconv"
	"testing"
	"testing/fstest"
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
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"
	"yinxin/verify"
)

// decade is a party with roots for time stamping that outlast everything else. Owners' certificates end after two years, the maker's after three, the
// other roots after eight.
type decade struct {
	party
	times map[hsm.Algorithm]*testpki.Holder
}

func newDecade(t *testing.T) decade {
	t.Helper()
	d := decade{newParty(t), map[hsm.Algorithm]*testpki.Holder{}}
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1} {
		d.times[alg] = d.pki.NewRoot("示例时间戳根 "+string(alg), testpki.WithKey(testpki.NewKeyOf(t, alg)), testpki.Validity(d.pki.Now.AddDate(-2, 0, 0), d.pki.Now.AddDate(30, 0, 0)))
	}
	return d
}

// stampsAt is an authority whose clock stands at a moment and whose certificate ends when it is told to.
func (d decade) stampsAt(t testing.TB, alg hsm.Algorithm, at, until time.Time) *tsa.Authority {
	t.Helper()
	root := d.times[alg]
	h := d.pki.Owner("示例时间戳服务", "", testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, alg)), stampingOnly(), testpki.Validity(at.AddDate(0, -1, 0), until))
	a, err := tsa.New(context.Background(), tsa.Config{Key: h.Key, Certificate: h.Cert, Chain: []*gm.Certificate{root.Cert},
		Clock: func(context.Context) (time.Time, error) { return at, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// knows is what somebody trusts and knows at a moment: every root, and the lists of those that have not ended, an hour old and good for a week.
func (d decade) knows(t testing.TB, at time.Time, revoked ...testpki.Revocation) *trust.Set {
	t.Helper()
	folder := d.pki.Directory()
	roots := map[string]*testpki.Holder{"root": d.pki.Root, "rsa-pkcs1": d.rsa.Root, "p256": d.p256.Root}
	for alg, root := range d.times {
		roots["times-"+string(alg)] = root
		folder["tsa/"+string(alg)+".crt"] = &fstest.MapFile{Data: gm.EncodePEM(root.Cert)}
	}
	for name, root := range roots {
		delete(folder, "crl/"+name+".crl")
		if at.After(root.Cert.NotAfter) {
			continue
		}
		list := d.pki.CRLOf(root, at.Add(-time.Hour), at.AddDate(0, 0, 7))
		if root == d.pki.Root {
			list = d.pki.CRLOf(root, at.Add(-time.Hour), at.AddDate(0, 0, 7), revoked...)
		}
		folder["crl/"+name+".crl"] = &fstest.MapFile{Data: list}
	}
	set, err := trust.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// judgedAt is the verdict on a file at a moment by what is known then.
func (d decade) judgedAt(t testing.TB, file []byte, at time.Time, revoked ...testpki.Revocation) verify.Report {
	t.Helper()
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: d.knows(t, at, revoked...)}
	facts, err := v.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{}, at)
}

func expectVerdict(t *testing.T, r verify.Report, want verify.Verdict, code verify.Code) {
	t.Helper()
	has := code == ""
	for _, f := range r.Signatures[0].Findings {
		has = has || f.Check == code
	}
	if r.Verdict == want && r.Signatures[0].Verdict == want && has {
		return
	}
	t.Errorf("%s, want %s %s", r.Verdict, want, code)
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			t.Logf("  %s %s %s %s: %s", s.ID, f.Check, f.Level, f.Message.EN, f.Detail)
		}
	}
}

// made is a stamping at a level at a moment, by what is known then.
func (d decade) made(t testing.TB, level stamp.Level, alg hsm.Algorithm, change func(*stamp.Order)) []byte {
	t.Helper()
	now := d.pki.Now
	o := d.order(testseal.PDF(t, 1))
	o.Level, o.Trust, o.Timestamps = level, d.knows(t, now), d.stampsAt(t, alg, now, now.AddDate(3, 0, 0))
	if change != nil {
		change(&o)
	}
	return testseal.Stamp(t, o)
}

// renewed extends a file so many years from now, by an authority that lasts until so many.
func (d decade) renewed(t testing.TB, file []byte, alg hsm.Algorithm, years, until int, revoked ...testpki.Revocation) []byte {
	t.Helper()
	at := d.pki.Now.AddDate(years, 0, 0)
	o := stamp.ExtendOrder{Format: pdf.Format{}, In: bytes.NewReader(file), Size: int64(len(file)), Trust: d.knows(t, at, revoked...), Partial: len(revoked) > 0,
		Timestamps: d.stampsAt(t, alg, at, d.pki.Now.AddDate(until, 0, 0)), Now: func() time.Time { return at }}
	out, _ := extend(t, o, file)
	return out
}

// TestTenYears: what is stamped here at lta and extended in time passes ten years later, when every certificate of it has ended but that of the last
// time stamp. Not extended in time it does not, and a signature without a later time stamp not either.
func TestTenYears(t *testing.T) {
	d := newDecade(t)
	later := d.pki.Now.AddDate(10, 0, 0)
	for _, c := range []struct {
		name   string
		alg    hsm.Algorithm // of the authorities
		change func(*stamp.Order)
	}{
		{"ses", hsm.SM2, nil},
		{"ses, RSA tokens", hsm.RSAPKCS1, nil},
		{"cms", hsm.SM2, func(o *stamp.Order) { o.Profile = stamp.CMS }},
		{"cms, RSA", hsm.RSAPKCS1, func(o *stamp.Order) {
			s := signer(d.rsa)
			o.Profile, o.Seal, o.Places, o.Certificate, o.Chain, o.Key = stamp.CMS, nil, nil, s.Certificate, s.Chain, s.Key
		}},
		{"gbt35275", hsm.SM2, func(o *stamp.Order) { o.Profile = stamp.GBT35275 }},
		{"ses and RSA", hsm.RSAPKCS1, func(o *stamp.Order) { o.Also = signer(d.rsa) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			fresh := d.made(t, stamp.LevelT, c.alg, c.change)
			expectVerdict(t, d.judgedAt(t, fresh, d.pki.Now.AddDate(0, 0, 1)), verify.Passed, "TIMESTAMP_PROVES")
			expectVerdict(t, d.judgedAt(t, fresh, later), verify.Indeterminate, "")

			file := d.made(t, stamp.LevelLTA, c.alg, c.change)
			expectVerdict(t, d.judgedAt(t, file, d.pki.Now.AddDate(0, 0, 1)), verify.Passed, "TIMESTAMP_PROVES")
			expectVerdict(t, d.judgedAt(t, file, d.pki.Now.AddDate(2, 6, 0)), verify.Passed, "TIMESTAMP_PROVES") // the owner's certificate has ended
			expectVerdict(t, d.judgedAt(t, file, later), verify.Indeterminate, "")
			once := d.renewed(t, file, c.alg, 2, 6)
			twice := d.renewed(t, once, c.alg, 5, 12)
			expectVerdict(t, d.judgedAt(t, twice, later), verify.Passed, "TIMESTAMP_PROVES")
			expectVerdict(t, d.judgedAt(t, once, later), verify.Indeterminate, "")
			expectVerdict(t, d.judgedAt(t, twice[:endOfFirst(t, twice)], later), verify.Indeterminate, "") // all that came after the signature is cut off
		})
	}
}

// endOfFirst is where the first signature's revision ends.
func endOfFirst(t testing.TB, file []byte) (end int) {
	t.Helper()
	digits := regexp.MustCompile(`/ByteRange ?\[ ?\d+ \d+ (\d+) (\d+)`).FindSubmatch(file)
	if digits == nil {
		t.Fatal("no ByteRange")
	}
	for _, part := range digits[1:] {
		n, err := strconv.Atoi(string(part))
		if err != nil {
			t.Fatal(err)
		}
		end += n
	}
	return end
}

// archived puts document time stamps over a file as it is, now and in two years, with nothing but this evidence in between.
func (d decade) archived(t testing.TB, file []byte, e document.Evidence) []byte {
	t.Helper()
	now, then := d.pki.Now, d.pki.Now.AddDate(2, 0, 0)
	times := func(at time.Time) []byte { return d.pki.CRLOf(d.times[hsm.SM2], at, at.AddDate(0, 0, 7)) }
	e.CRLs = append(e.CRLs, times(now))
	file = d.stampedOver(t, carrying(t, file, e), d.stampsAt(t, hsm.SM2, now.Add(time.Hour), now.AddDate(3, 0, 0)))
	file = carrying(t, file, document.Evidence{CRLs: [][]byte{times(then)}})
	return d.stampedOver(t, file, d.stampsAt(t, hsm.SM2, then, now.AddDate(12, 0, 0)))
}

func carrying(t testing.TB, file []byte, e document.Evidence) []byte {
	t.Helper()
	a, err := mustOpen(t, file).(document.Evidencer).AddEvidence(e)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if err := a.Copy(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (d decade) stampedOver(t testing.TB, file []byte, ts timestamp.Source) []byte {
	t.Helper()
	var out document.Memory
	if _, err := sign.Timestamp(t.Context(), mustOpen(t, file), ts, gm.OIDSM3, &out, false); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTenYearsTwins: the twin of a file that lasts, with one thing amiss, does not pass.
func TestTenYearsTwins(t *testing.T) {
	d := newDecade(t)
	now, later := d.pki.Now, d.pki.Now.AddDate(10, 0, 0)
	other := d.pki.Owner("远山示例制造有限公司", testpki.MakerUSCC)
	gone := testpki.Revocation{Cert: d.own.Cert, At: now.AddDate(0, 0, -2), Reason: 1}
	responder := d.pki.Owner("示例应答者", "")
	for _, profile := range []stamp.Profile{stamp.SES, stamp.CMS, stamp.GBT35275} {
		sealed := func(claimed time.Time) []byte {
			return d.made(t, stamp.LevelT, hsm.SM2, func(o *stamp.Order) { o.Profile, o.Now = profile, func() time.Time { return claimed } })
		}
		good := sealed(now)
		list := d.pki.CRLOf(d.pki.Root, now, now.AddDate(0, 0, 7))
		for _, c := range []struct {
			name string
			file []byte
			want verify.Verdict
			code verify.Code
		}{
			{"whole", d.archived(t, good, document.Evidence{CRLs: [][]byte{list}}), verify.Passed, "TIMESTAMP_PROVES"},
			{"evidence removed", d.archived(t, good, document.Evidence{}), verify.Indeterminate, "REVOCATION_UNKNOWN"},
			{"a responder without authority", d.archived(t, good, document.Evidence{OCSPs: [][]byte{d.pki.OCSP(testpki.OCSP{Cert: d.own.Cert, Responder: responder, Enclose: true})}}),
				verify.Indeterminate, "REVOCATION_UNKNOWN"},
			{"a self-made responder", d.archived(t, good, document.Evidence{OCSPs: [][]byte{d.pki.OCSP(testpki.OCSP{Cert: d.own.Cert, Responder: d.pki.SelfSigned("示例应答者", ""), Enclose: true})}}),
				verify.Indeterminate, "REVOCATION_UNKNOWN"},
			{"an answer for another certificate", d.archived(t, good, document.Evidence{OCSPs: [][]byte{d.pki.OCSP(testpki.OCSP{Cert: other.Cert})}}), verify.Indeterminate, "REVOCATION_UNKNOWN"},
			{"revoked before", d.renewed(t, d.renewed(t, good, hsm.SM2, 0, 3, gone), hsm.SM2, 2, 12, gone), verify.Failed, "REVOKED_BEFORE_SIGNING"},
			{"revoked before, an earlier time claimed", d.renewed(t, d.renewed(t, sealed(now.AddDate(0, 0, -5)), hsm.SM2, 0, 3, gone), hsm.SM2, 2, 12, gone), verify.Indeterminate, "REVOKED_AFTER_SIGNING"},
		} {
			t.Run(string(profile)+"/"+c.name, func(t *testing.T) {
				expectVerdict(t, d.judgedAt(t, c.file, later), c.want, c.code)
				if c.want == verify.Passed {
					return
				}
				if soon := d.judgedAt(t, c.file, now.AddDate(0, 0, 1), gone); soon.Verdict == verify.Passed { // and those who know more see more
					t.Error("it passes where the revocation is known")
				}
			})
		}
	}
}

// TestEvidenceThatSaysNothing: no level is reached with an answer for another certificate or of a responder without authority, and nothing is released.
func TestEvidenceThatSaysNothing(t *testing.T) {
	p := newParty(t)
	other, stranger := p.pki.Owner("远山示例制造有限公司", testpki.MakerUSCC), p.pki.Owner("示例应答者", "")
	for name, answer := range map[string]testpki.OCSP{
		"for another certificate":       {Cert: other.Cert},
		"a responder without authority": {Cert: p.own.Cert, Responder: stranger, Enclose: true},
		"a self-made responder":         {Cert: p.own.Cert, Responder: p.pki.SelfSigned("示例应答者", ""), Enclose: true},
	} {
		for _, level := range []stamp.Level{stamp.LevelLT, stamp.LevelLTA} {
			o := p.order(testseal.PDF(t, 1))
			o.Level, o.Trust, o.Sources = level, without(t, p.pki, "crl/root.crl"), []trust.Source{lists{trust.Evidence{OCSPs: [][]byte{p.pki.OCSP(answer)}}}}
			o.Timestamps, _ = authority(t, p.pki, hsm.RSAPKCS1, p.pki.Clock)
			uses := p.own.Key.Uses()
			var out document.Memory
			_, err := stamp.Make(t.Context(), o, &out)
			if public, _ := fault.PublicOf(err); public.Code != "level-unreached" || p.own.Key.Uses() != uses || out.Size() != 0 {
				t.Errorf("%s, %s: %v, %d bytes", name, level, err, out.Size())
			}
		}
	}
}
