package verify_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/report"
)

// cleared is a sealed file whose last revision took the value out of the seal's field.
func cleared(t *testing.T, w *sealWorld) *attempt {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, 7))
	file, p := newPaper(rnd, w.Root.Cert.Raw)
	data, err := w.seal(rnd, file.data, 1, func(o *stamp.Order) {})
	if err != nil {
		t.Fatal(err)
	}
	a := &attempt{TB: t, paper: file, plan: p, rnd: rnd, world: w}
	a.sign(data)
	i := a.begin(rnd)
	i.set(a.signed[1], "", "V")
	a.paper = i.write()
	return a
}

// TestRemovedSeal: a seal that was taken away is told of with its signer, and as intact, and fails; nothing is sealed on top of it; and another's seal on top
// does not cover it up. Only where its own signer signed again is it a question.
func TestRemovedSeal(t *testing.T) {
	w := newSealWorld(t)
	set, err := trust.Load(w.Directory())
	if err != nil {
		t.Fatal(err)
	}
	a := cleared(t, w)
	removed := func(data []byte, want verify.Verdict, code verify.Code) verify.Report {
		t.Helper()
		a.data = data
		reports := a.judged(w, set)
		for _, r := range reports {
			if r.Verdict != want || len(r.Signatures) == 0 || !found(r, code) {
				t.Errorf("%s, want %s %s: %+v", r.Verdict, want, code, r.Signatures)
				continue
			}
			if s := r.Signatures[0]; s.Integrity != verify.Intact || s.Standing != document.Removed || s.Signer == nil || s.Signer.Name != testpki.OwnerName {
				t.Errorf("%+v", s)
			}
		}
		return reports[1]
	}
	alone := a.data
	r := removed(alone, verify.Failed, "SIGNATURE_REMOVED")
	var b bytes.Buffer
	if err := report.Words(&b, r, "zh"); err != nil || !strings.Contains(b.String(), "文件原有这个签名，后来被取下了，不要相信") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if line := report.Line(r, "en"); line.Signatures[0].Standing != document.Removed {
		t.Errorf("%+v", line.Signatures[0])
	}
	if _, err := w.seal(a.rnd, alone, 1, func(*stamp.Order) {}); fault.KindOf(err) != fault.Denied {
		t.Errorf("sealed on top: %v", err)
	}
	by := func(h *testpki.Holder) []byte {
		esl := testseal.Make(t, w.PKI, testseal.Info(t, w.PKI, h.Cert.Subject.CommonName, h.Cert), seal.V4)
		return testseal.Unchecked(t, alone, forger{version: seal.V4, signer: h, seal: esl}, h.Key, testseal.Picture(t, h.Cert.Subject.CommonName), w.Now)
	}
	r = removed(by(w.Owner("别处示例有限公司", testpki.MakerUSCC)), verify.Failed, "SIGNATURE_REMOVED")
	if last := r.Signatures[len(r.Signatures)-1]; last.Verdict != verify.Passed {
		t.Errorf("the other's seal: %s %+v", last.Verdict, last.Findings)
	}
	removed(by(w.owner), verify.Indeterminate, "SIGNATURE_WITHDRAWN")
}

// TestUnsignedStaysUnsigned: fields that were never signed, and files without any, are no removed signatures, whatever becomes of them.
func TestUnsignedStaysUnsigned(t *testing.T) {
	w := newSealWorld(t)
	for seed := range 40 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 9))
		file, p := newPaper(rnd, w.Root.Cert.Raw)
		a := &attempt{TB: t, paper: file, plan: p, rnd: rnd, world: w}
		if f, ok := a.fieldOf("Sig", anyName); ok {
			i := a.begin(rnd)
			i.put(f.num, "")
			a.paper = i.write()
		}
		if r := a.judged(w, nil)[0]; r.Verdict != verify.Unsigned {
			t.Errorf("%d: %s", seed, r.Verdict)
		}
	}
}

// TestSaysBeforehand: what a seal certifies and locks is told in words and in the JSON.
func TestSaysBeforehand(t *testing.T) {
	w := newSealWorld(t)
	var file *paper
	var names []string
	for seed := uint64(0); len(names) == 0; seed++ { // a file with fields
		var p *plan
		file, p = newPaper(rand.New(rand.NewPCG(seed, 5)), w.Root.Cert.Raw)
		names = p.names
	}
	for _, c := range []struct {
		certify int
		lock    []string
		code    verify.Code
		zh      string
	}{
		{1, nil, "CERTIFIED", "这是认证签名，声明此后不允许任何改动。"},
		{2, nil, "CERTIFIED", "这是认证签名，声明此后只允许填写表单和签名。"},
		{3, nil, "CERTIFIED", "这是认证签名，声明此后只允许填写表单、签名和加批注。"},
		{0, names[:1], "LOCKED_FIELDS", "此签名锁定了表单域“" + names[0] + "”，此后不得改动。"},
		{0, []string{document.LockAll}, "LOCKED_DOCUMENT", "此签名锁定了文件，声明此后不允许任何改动。"},
	} {
		o := testseal.Order(file.data, w.esl, w.owner.Key, w.Now)
		o.Certify, o.Lock = c.certify, c.lock
		r := judged(t, testseal.Stamp(t, o), w.Directory(), w.Now.Add(time.Hour))
		ok := false
		for _, f := range r.Signatures[0].Findings {
			ok = ok || f.Check == c.code && f.Message.ZH == c.zh && f.Level == verify.Inform
		}
		line := report.Line(r, "zh").Signatures[0]
		if r.Verdict != verify.Passed || !ok || line.Certifies != (c.certify > 0) || len(c.lock) > 0 && len(line.Locks) == 0 {
			t.Errorf("%+v: %s, %+v", c, r.Verdict, r.Signatures[0].Findings)
		}
	}
}
