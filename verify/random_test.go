package verify_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/interop"
	"yinxin/pdf"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

// A random case is a random file with a random signature; then edits that the signature allows, behind which it must not fail; then one that it does
// not, behind which it must not pass. The number of a subtest is its seed: -run 'TestRandomSeals/case/0042$' makes that case again.

const (
	randomCases = 1000
	randomBases = 97 // files that PDFBox signs; each is edited in several cases, and as a prime it meets every edit sooner or later
	mostEdits   = 5
)

var draws = flag.Uint64("draws", 1, "draw the random cases anew from this number")

// tally counts what was done and how it was judged, over all cases.
type tally struct {
	sync.Mutex
	cases           int
	edits           map[string]int
	after, verdicts map[verify.Verdict]int // behind what is allowed, and behind what is not
}

func (c *tally) did(name string) {
	c.Lock()
	defer c.Unlock()
	c.edits[name]++
}

// check fails the test where a kind of edit was never drawn or cases are missing, unless -run asked for some of them only.
func (c *tally) check(t *testing.T, want int) {
	t.Helper()
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return
	}
	if c.cases < want {
		t.Errorf("only %d of %d cases ran", c.cases, want)
	}
	for _, e := range slices.Concat(allowedEdits(), forbiddenEdits()) {
		if c.edits[e.name] == 0 {
			t.Errorf("%q was never drawn", e.name)
		}
	}
	t.Logf("%d cases; behind allowed edits %v, behind forbidden ones %v", c.cases, c.after, c.verdicts)
}

// randomRules draws what a signature permits. names are those of the file's fields.
func randomRules(rnd *rand.Rand, names []string, actions ...string) rules {
	r := rules{certify: max(0, rnd.IntN(6)-2)}
	if len(names) > 0 && rnd.IntN(2) == 0 {
		r.action = actions[rnd.IntN(len(actions))]
		if r.action != "All" {
			for range 1 + rnd.IntN(2) {
				r.fields = append(r.fields, names[rnd.IntN(len(names))])
			}
			slices.Sort(r.fields)
			r.fields = slices.Compact(r.fields)
		}
	}
	return r
}

// TestRandomSeals: our own SM2 seals, judged for integrity and with trust.
func TestRandomSeals(t *testing.T) {
	w := newSealWorld(t)
	set, err := trust.Load(w.Directory())
	if err != nil {
		t.Fatal(err)
	}
	randomly(t, w, set, func(t *testing.T, rnd *rand.Rand, _ int) *attempt {
		file, p := newPaper(rnd, w.Root.Cert.Raw)
		a := &attempt{TB: t, paper: file, plan: p, rules: randomRules(rnd, p.names, "All", "Include"), rnd: rnd, world: w}
		data, err := w.seal(rnd, file.data, 1, func(o *stamp.Order) {
			o.Certify, o.Lock, o.Reason = a.certify, a.rules.fields, "a reason"
			if a.action == "All" { // which a seal says together with P=1, in the lock of its field
				o.Lock, a.certify = []string{document.LockAll}, 1
			}
		})
		if err != nil {
			t.Fatalf("seal: %v", err)
		}
		a.sign(data)
		return a
	})
}

// TestRandomSignatures: RSA signatures that PDFBox laid out and BouncyCastle made, judged for integrity.
func TestRandomSignatures(t *testing.T) {
	w := newSealWorld(t)
	var files []*paper
	var plans []*plan
	var given []rules
	var orders []interop.Order
	for seed := range randomBases {
		rnd := rand.New(rand.NewPCG(uint64(seed), 2))
		file, p := newPaper(rnd, w.Root.Cert.Raw)
		r := randomRules(rnd, p.names, "All", "Include", "Exclude")
		files, plans, given = append(files, file), append(plans, p), append(given, r)
		orders = append(orders, interop.Order{In: file.data, Certify: r.certify, Action: r.action, Fields: r.fields})
	}
	signed := interop.New(t).Sign(t, orders)
	randomly(t, w, nil, func(t *testing.T, rnd *rand.Rand, seed int) *attempt {
		n := seed % randomBases
		a := &attempt{TB: t, paper: files[n], plan: plans[n], rules: given[n], rnd: rnd, world: w}
		a.sign(signed[n])
		return a
	})
}

// randomly runs the cases. With trust a file is judged twice, for integrity and in full.
func randomly(t *testing.T, w *sealWorld, set *trust.Set, signed func(*testing.T, *rand.Rand, int) *attempt) {
	t.Helper()
	count := tally{edits: map[string]int{}, after: map[verify.Verdict]int{}, verdicts: map[verify.Verdict]int{}}
	t.Run("case", func(t *testing.T) {
		for seed := range randomCases {
			t.Run(fmt.Sprintf("%04d", seed), func(t *testing.T) {
				t.Parallel()
				a := signed(t, rand.New(rand.NewPCG(uint64(seed), *draws)), seed)
				a.run(&count, w, set, seed)
			})
		}
	})
	count.check(t, randomCases)
}

// run is one case. The first draw of each list goes by the seed, so that every edit has its turn.
func (a *attempt) run(count *tally, w *sealWorld, set *trust.Set, seed int) {
	a.Helper()
	allowed, forbidden := allowedEdits(), forbiddenEdits()
	for k := range a.rnd.IntN(mostEdits + 1) {
		a.draw(count, allowed, seed+k*a.rnd.IntN(len(allowed)))
	}
	for _, r := range a.judged(w, set) {
		if r.Verdict == verify.Failed || r.Verdict == verify.Unreadable || r.Verdict == verify.Unsigned || r.Verdict != verify.Passed && !a.asked {
			a.complain("a false alarm", r)
		}
		count.Lock()
		count.after[r.Verdict]++
		count.Unlock()
	}
	a.draw(count, forbidden, seed)
	for _, r := range a.judged(w, set) {
		if r.Verdict == verify.Passed || r.Verdict == verify.Unsigned {
			a.complain("a miss", r)
		}
		count.Lock()
		count.verdicts[r.Verdict]++
		count.Unlock()
	}
	count.Lock()
	count.cases++
	count.Unlock()
}

// draw does the edit of that number, or the next one that can be done to this file.
func (a *attempt) draw(count *tally, list []edit, number int) {
	for k := range list {
		e := list[(number+k)%len(list)]
		if e.do(a) {
			a.did = append(a.did, e.name)
			count.did(e.name)
			return
		}
	}
	a.Fatal("no edit could be done")
}

func (a *attempt) judged(w *sealWorld, set *trust.Set) []verify.Report {
	a.Helper()
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set, Deadline: -1}
	facts, err := v.Gather(context.Background(), bytes.NewReader(a.data), int64(len(a.data)))
	if err != nil {
		return []verify.Report{{Verdict: verify.Unreadable}}
	}
	at := w.Now.Add(time.Hour)
	reports := []verify.Report{verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, at)}
	if set != nil {
		reports = append(reports, verify.Judge(facts, verify.Policy{}, at))
	}
	return reports
}

func (a *attempt) complain(what string, r verify.Report) {
	a.Helper()
	a.Errorf("%s: %s (integrity only: %v) behind %q; certify %d, %s %q, signature in object %d, field %d", what, r.Verdict, r.IntegrityOnly, a.did, a.certify,
		a.action, a.rules.fields, a.signed[0], a.signed[1])
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			a.Logf("  %s %s %s: %s (%s)", s.ID, f.Level, f.Check, f.Message.EN, f.Detail)
		}
	}
}
