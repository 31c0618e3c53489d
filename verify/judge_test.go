package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// judged verifies data at a time with a trust directory (nil: no trust).
func judged(t testing.TB, data []byte, dir fstest.MapFS, at time.Time) verify.Report {
	t.Helper()
	facts := gather(t, data, dir)
	return verify.Judge(facts, verify.Policy{}, at)
}

func gather(t testing.TB, data []byte, dir fstest.MapFS) verify.Facts {
	t.Helper()
	v := verify.Verifier{Formats: bothFormats()}
	if dir != nil {
		set, err := trust.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		v.Trust = set
	}
	facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func expect(t *testing.T, r verify.Report, verdict verify.Verdict, sub verify.Sub) {
	t.Helper()
	if len(r.Signatures) == 0 {
		t.Fatalf("no signature found, verdict %s", r.Verdict)
	}
	s := r.Signatures[len(r.Signatures)-1]
	if r.Verdict != verdict || s.Sub != sub {
		t.Errorf("verdict %s sub %q, want %s %q; findings:", r.Verdict, s.Sub, verdict, sub)
		for _, f := range s.Findings {
			t.Logf("  %s %s %s", f.Check, f.Verdict, f.Message.EN)
		}
	}
}

// TestTrust holds one good file against every state of trust and revocation the verdict distinguishes.
func TestTrust(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	file := testseal.Sealed(t, p, owner)
	other := testpki.New(t)
	soon := p.Now.Add(time.Hour)
	stale := p.Directory()
	stale["crl/root.crl"].Data = p.CRLOf(p.Root, p.Now.AddDate(0, 0, -9), p.Now.AddDate(0, 0, -2))
	noCRL := p.Directory()
	delete(noCRL, "crl/root.crl")
	noMaker := p.Directory()
	delete(noMaker, "maker/maker.crt")
	delete(noMaker, "trust.yaml")
	noOwner := p.Directory()
	delete(noOwner, "ca/root.crt")
	delete(noOwner, "trust.yaml")
	revoked := func(h *testpki.Holder, at time.Time) fstest.MapFS {
		return p.Directory(testpki.Revocation{Cert: h.Cert, At: at, Reason: 1})
	}
	sealMade := p.Now.AddDate(0, -1, 0)
	for _, c := range []struct {
		name    string
		dir     fstest.MapFS
		at      time.Time
		verdict verify.Verdict
		sub     verify.Sub
	}{
		{"trusted", p.Directory(), soon, verify.Passed, ""},
		{"no trust", nil, soon, verify.Indeterminate, verify.SubNoChain},
		{"foreign root", other.Directory(), soon, verify.Indeterminate, verify.SubNoChain},
		{"maker not trusted", noMaker, soon, verify.Indeterminate, verify.SubNoChain},
		{"owner not trusted", noOwner, soon, verify.Indeterminate, verify.SubNoChain},
		{"no revocation evidence", noCRL, soon, verify.Indeterminate, verify.SubTryLater},
		{"stale evidence", stale, soon, verify.Indeterminate, verify.SubTryLater},
		{"signer revoked before the claimed time", revoked(owner, p.Now.AddDate(0, 0, -1)), soon, verify.Failed, verify.SubRevoked},
		{"signer revoked at the claimed time", revoked(owner, p.Now), soon, verify.Failed, verify.SubRevoked},
		{"signer revoked after the claimed time", revoked(owner, p.Now.Add(time.Minute)), soon, verify.Indeterminate, verify.SubRevokedNoPOE},
		{"maker revoked before the seal was made", revoked(p.Maker, sealMade.AddDate(0, 0, -1)), soon, verify.Failed, verify.SubRevoked},
		{"maker revoked after the seal was made", revoked(p.Maker, sealMade.AddDate(0, 0, 1)), soon, verify.Indeterminate, verify.SubRevokedNoPOE},
		{"judged before it was signed", p.Directory(), p.Now.Add(-time.Hour), verify.Indeterminate, verify.SubTimestampOrder},
		{"judged after the seal's end", p.Directory(), p.Now.AddDate(1, 1, 0), verify.Indeterminate, verify.SubOutOfBounds},
		{"judged after the certificate's end", p.Directory(), p.Now.AddDate(2, 1, 0), verify.Indeterminate, verify.SubOutOfBounds},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, judged(t, file, c.dir, c.at), c.verdict, c.sub) })
	}
	t.Run("integrity only", func(t *testing.T) {
		r := verify.Judge(gather(t, file, nil), verify.Policy{IntegrityOnlyUnsafe: true}, soon)
		if r.Verdict != verify.Passed || !r.IntegrityOnly || r.Signatures[0].Aspects.Identity != verify.NotJudged {
			t.Errorf("verdict %s, integrity only %v, aspects %+v", r.Verdict, r.IntegrityOnly, r.Signatures[0].Aspects)
		}
	})
}

func found(r verify.Report, code verify.Code) bool {
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			if f.Check == code {
				return true
			}
		}
	}
	return false
}

// TestFlips changes one bit at 2,000 seeded places of a sealed file, half of them inside the value and its padding. None may pass.
func TestFlips(t *testing.T) {
	p := testpki.New(t)
	file := testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	dir := p.Directory()
	at := p.Now.Add(time.Hour)
	if r := judged(t, file, dir, at); r.Verdict != verify.Passed {
		t.Fatalf("the file itself is %s", r.Verdict)
	}
	hole := regexp.MustCompile(`/ByteRange ?\[ ?0 +(\d+) +(\d+) +\d+ *\]`).FindSubmatchIndex(file)
	if hole == nil {
		t.Fatal("no ByteRange in the file")
	}
	begin, end := number(file[hole[2]:hole[3]]), number(file[hole[4]:hole[5]])
	rng := rand.New(rand.NewPCG(20260302, 1))
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}}
	v.Trust, _ = trust.Load(dir)
	passed := 0
	for i := range 2000 {
		pos := rng.IntN(len(file))
		if i%2 == 0 {
			pos = begin + rng.IntN(end-begin)
		}
		bit := byte(1) << rng.IntN(8)
		if sameHexDigit(file[pos], file[pos]^bit) && pos > begin && pos < end-1 {
			continue // the letter case of a hex digit of the value: the value stays the same
		}
		flipped := bytes.Clone(file)
		flipped[pos] ^= bit
		facts, err := v.Gather(context.Background(), bytes.NewReader(flipped), int64(len(flipped)))
		if err != nil {
			continue // unreadable is an answer
		}
		if r := verify.Judge(facts, verify.Policy{}, at); r.Verdict == verify.Passed {
			passed++
			t.Errorf("bit %08b at byte %d of %d (%q): PASSED", bit, pos, len(file), file[max(0, pos-8):min(len(file), pos+8)])
		}
	}
	if passed > 0 {
		t.Errorf("%d of 2000 flips passed", passed)
	}
}

func sameHexDigit(a, b byte) bool {
	return a|0x20 == b|0x20 && (a|0x20 >= 'a' && a|0x20 <= 'f')
}

func number(b []byte) int {
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n
}

// TestFactsMarshal: a judgement can be repeated from a recording.
func TestFactsMarshal(t *testing.T) {
	p := testpki.New(t)
	facts := gather(t, testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC)), p.Directory())
	recorded, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var again verify.Facts
	if err := json.Unmarshal(recorded, &again); err != nil {
		t.Fatal(err)
	}
	at := p.Now.Add(time.Hour)
	a, b := verify.Judge(facts, verify.Policy{}, at), verify.Judge(again, verify.Policy{}, at)
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) || a.Verdict != verify.Passed {
		t.Errorf("the judgement from the recording differs:\n%s\n%s", x, y)
	}
}
