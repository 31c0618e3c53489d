package verify_test

import (
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/verify"
)

// life is how a file came to be and what is left to judge it by ten years later, when every certificate but one time stamping authority's has ended.
type life struct {
	claimed  time.Time // by the signature
	stamped  time.Time // by the token in it; zero for none
	owner    []testpki.Revocation
	kept     bool                 // evidence is added
	wrong    bool                 // and is another authority's
	archived bool                 // and a document time stamp over it
	renewed  bool                 // and two years later another one
	first    *testpki.Holder      // the authority of the first time stamps; nil for a new one
	times    []testpki.Revocation // known of authorities when it is renewed
	late     bool                 // evidence on the owner is added only when its issuer has ended
}

func (l life) make(t *testing.T, c clockwork, kind string) []byte {
	t.Helper()
	first, second := l.first, c.authority(t, 12)
	if first == nil {
		first = c.authority(t, 3)
	}
	now, then, end := c.Now, c.Now.AddDate(2, 0, 0), c.Now.AddDate(9, 0, 0)
	var file []byte
	if container := c.container(t, kind); l.stamped.IsZero() {
		file = signed(t, container, c.owner.Key, l.claimed, nil)
	} else {
		file = signed(t, container, c.owner.Key, l.claimed, c.at(t, first, l.stamped))
	}
	owners := c.list(c.Root, now, l.owner...)
	if l.wrong {
		owners = c.OCSP(testpki.OCSP{Cert: c.owner.Cert, Responder: c.SelfSigned("示例应答者", "")})
	}
	evidence := document.Evidence{Certificates: [][]byte{c.times.Cert.Raw, first.Cert.Raw}, CRLs: [][]byte{c.list(c.times, now)}}
	switch {
	case l.wrong:
		evidence.OCSPs = [][]byte{owners}
	case !l.late:
		evidence.CRLs = append(evidence.CRLs, owners)
	}
	if l.kept {
		file = stored(t, file, evidence)
	}
	if l.archived {
		file = stampedWith(t, file, c.at(t, first, now.Add(time.Hour)))
	}
	if l.renewed {
		file = stored(t, file, document.Evidence{CRLs: [][]byte{c.list(c.times, then, l.times...)}})
		file = stampedWith(t, file, c.at(t, second, then.Add(time.Hour)))
	}
	if l.late {
		file = stored(t, file, document.Evidence{CRLs: [][]byte{owners}})
		file = stampedWith(t, file, c.at(t, second, end))
	}
	return file
}

// TestTenYears: what was signed, stamped and renewed in time passes when its certificates have long ended; its twins do not.
func TestTenYears(t *testing.T) {
	c := newClockwork(t)
	now := c.Now
	whole := life{claimed: now, stamped: now.Add(time.Minute), kept: true, archived: true, renewed: true}
	twin := func(change func(*life)) life {
		l := whole
		change(&l)
		return l
	}
	gone := []testpki.Revocation{{Cert: c.owner.Cert, At: now.AddDate(0, 0, -2), Reason: 1}}
	failed, open := verify.Failed, verify.Indeterminate
	for _, x := range []struct {
		name string
		life life
		want verify.Verdict
		code verify.Code // of the first signature
	}{
		{"whole", whole, verify.Passed, "TIMESTAMP_PROVES"},
		{"no token inside", twin(func(l *life) { l.stamped = time.Time{} }), verify.Passed, "CHANGED_EVIDENCE"},
		{"no evidence", twin(func(l *life) { l.kept = false }), open, "REVOCATION_UNKNOWN"},
		{"a responder without authority", twin(func(l *life) { l.wrong = true }), open, "REVOCATION_UNKNOWN"},
		{"not renewed", twin(func(l *life) { l.renewed = false }), open, "CERT_EXPIRED"},
		{"never archived", twin(func(l *life) { l.archived, l.renewed = false, false }), open, "CERT_EXPIRED"},
		{"evidence added when its issuer had ended", twin(func(l *life) { l.late = true }), open, "REVOCATION_OUT_OF_BOUNDS"},
		{"revoked before", twin(func(l *life) { l.owner = gone }), failed, "REVOKED_BEFORE_SIGNING"},
		{"revoked before, an earlier time claimed", twin(func(l *life) { l.owner, l.claimed = gone, now.AddDate(0, 0, -5) }), open, "REVOKED_AFTER_SIGNING"},
	} {
		for _, kind := range []string{"v4", "CMS"} {
			t.Run(kind+", "+x.name, func(t *testing.T) {
				at := now.AddDate(10, 0, 0)
				r := judged(t, x.life.make(t, c, kind), c.directory(c.list(c.times, at.Add(-time.Hour))), at)
				if s := r.Signatures[0]; r.Verdict != x.want || s.Verdict != x.want || !finding(s, x.code) {
					t.Errorf("%s, want %s %s", r.Verdict, x.want, x.code)
					for _, s := range r.Signatures {
						for _, f := range s.Findings {
							t.Logf("  %s %s %s %s: %s", s.ID, f.Check, f.Level, f.Message.EN, f.Detail)
						}
					}
				}
			})
		}
	}
}

func finding(s verify.SignatureReport, code verify.Code) bool {
	return found(verify.Report{Signatures: []verify.SignatureReport{s}}, code)
}

// TestRevokedAfterProof: what was revoked after the proven time passes with a note; without the proof, or where nobody trusts it, it does not.
func TestRevokedAfterProof(t *testing.T) {
	c := newClockwork(t)
	h, at := c.authority(t, 3), c.Now.AddDate(0, 6, 0)
	dir := c.directory(c.list(c.Root, at, testpki.Revocation{Cert: c.owner.Cert, At: c.Now.AddDate(0, 3, 0), Reason: 1}), c.list(c.times, at))
	stamped := signed(t, c.container(t, "v4"), c.owner.Key, c.Now, c.at(t, h, c.Now))
	if r := judged(t, stamped, dir, at); r.Verdict != verify.Passed || !found(r, "REVOKED_AFTER_PROOF") {
		t.Errorf("stamped: %s %+v", r.Verdict, r.Signatures[0].Findings)
	}
	expect(t, judged(t, signed(t, c.container(t, "v4"), c.owner.Key, c.Now, nil), dir, at), verify.Indeterminate, verify.SubRevokedNoPOE)
	// Sealed after the revocation, with an earlier time claimed: the token is honest and says when.
	backdated := signed(t, c.container(t, "v4"), c.owner.Key, c.Now, c.at(t, h, c.Now.AddDate(0, 4, 0)))
	expect(t, judged(t, backdated, dir, at), verify.Indeterminate, verify.SubRevokedNoPOE)
	delete(dir, "tsa/times.crt")
	expect(t, judged(t, stamped, dir, at), verify.Indeterminate, verify.SubRevokedNoPOE)
}

// TestAuthorityRevoked: what a time stamping authority said stays proven when it was revoked after a newer time stamp was put around that, and not before.
func TestAuthorityRevoked(t *testing.T) {
	c := newClockwork(t)
	now, at := c.Now, c.Now.AddDate(10, 0, 0)
	whole := life{claimed: now, stamped: now.Add(time.Minute), kept: true, archived: true, renewed: true, first: c.authority(t, 3)}
	revoked := func(years int, days int) []testpki.Revocation {
		return []testpki.Revocation{{Cert: whole.first.Cert, At: now.AddDate(years, 0, days), Reason: 1}}
	}
	early, late := whole, whole
	early.times = revoked(1, 0)
	for _, x := range []struct {
		name string
		life life
		last []testpki.Revocation
		want verify.Verdict
		code verify.Code
	}{
		{"after it was renewed", late, revoked(2, 30), verify.Passed, "REVOKED_AFTER_PROOF"},
		{"before it was renewed", early, nil, verify.Indeterminate, "TIMESTAMP_REVOKED_LATER"},
		{"before it was renewed, known only now", late, revoked(1, 0), verify.Indeterminate, "TIMESTAMP_REVOKED_LATER"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := judged(t, x.life.make(t, c, "v4"), c.directory(c.list(c.times, at.Add(-time.Hour), x.last...)), at)
			if r.Verdict != x.want || !found(r, x.code) {
				t.Errorf("%s, want %s %s: %+v", r.Verdict, x.want, x.code, r.Signatures)
			}
		})
	}
}
