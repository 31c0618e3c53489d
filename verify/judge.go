package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/trust"
)

// Policy says how much is judged.
type Policy struct {
	// IntegrityOnlyUnsafe leaves out trust, revocation, time and the age of algorithms. A PASSED then says only that the bytes are what was signed by
	// whoever holds the key; the report says so.
	IntegrityOnlyUnsafe bool
	// Freshness bounds the age of revocation information; the zero value is its own next update.
	Freshness trust.Freshness
}

// clockSkew is how far a claimed time may lie after the judging time.
const clockSkew = 5 * time.Minute

// Judge is pure: the same facts, policy and time give the same report. All checks that can run do run.
func Judge(f Facts, p Policy, at time.Time) Report {
	f.Signatures = taxTrusted(&f)
	r := Report{Format: f.Format, Verdict: Unsigned, IntegrityOnly: p.IntegrityOnlyUnsafe, At: at.UTC(), Signatures: []SignatureReport{}}
	stands := prove(&f, p, at)
	r.Signatures = slices.Grow(r.Signatures, len(f.Signatures))[:len(f.Signatures)]
	for i, own := range slices.Backward(f.Signatures) { // the last first: it may protect what one before leaves open
		j := newJudging(&f, i, p, at, &stands[i])
		j.closed = closedBy(&own, r.Signatures[i+1:])
		s := j.judge(p)
		if r.Verdict == Unsigned || worse(s.Verdict, r.Verdict) {
			r.Verdict = s.Verdict
		}
		r.Signatures[i] = s
	}
	r.document(judgeDocument(&f, r.Signatures, at))
	return r
}

// worse orders verdicts of signatures: FAILED before INDETERMINATE before PASSED.
func worse(a, b Verdict) bool {
	rank := map[Verdict]int{Passed: 0, Indeterminate: 1, Failed: 2}
	return rank[a] > rank[b]
}

// check is one step of the judgement. Steps are ordered as the standards list them, and none stops the others.
type check struct {
	trusting bool // asks about trust, time or age: left out by IntegrityOnlyUnsafe
	run      func(*judging)
}

var checks = []check{
	{false, (*judging).standing},
	{false, (*judging).format},
	{false, (*judging).coverage},
	{false, (*judging).value},
	{false, (*judging).container},
	{false, (*judging).seal},
	{false, (*judging).picture},
	{false, (*judging).slices},
	{false, (*judging).usage},
	{false, (*judging).algorithm},
	{true, (*judging).signingTime},
	{true, (*judging).sealTime},
	{true, (*judging).signer},
	{true, (*judging).maker},
	{false, (*judging).timestamps},
	{false, (*judging).says},
	{false, (*judging).changes},
	{false, (*judging).evidenceBeside},
}

// judging is one signature being judged.
type judging struct {
	*SignatureFacts
	at       time.Time
	findings []Finding

	tolerated string       // of the file
	lenient   bool         // only integrity is judged
	again     bool         // its signer took it away and signed again
	evidence  *BesideFacts // with the last signature: what was found beside the file
	closed    string       // ID of a later signature that protects what this one leaves open; empty where there is none

	freshness trust.Freshness
	stands    *standing
}

// detail is an argument of find for those who look after the software: what a parser or check said, in English. It stands beside the sentence.
type detail string

// find records a finding. Strings and Texts among the arguments go into the sentence in order. They come from hostile files: they are cleaned of control
// characters and cut to a readable length.
func (j *judging) find(c Code, args ...any) {
	r, known := rules[c]
	if !known {
		panic("verify: no rule for " + string(c)) // a programming error, held by a test over all codes
	}
	f := Finding{Check: c, Level: r.level, Verdict: r.verdict, Sub: r.sub, Next: r.next}
	if j.lenient && lenient[c] {
		f.Level, f.Verdict, f.Sub = Warn, "", ""
	}
	var zh, en []any
	for _, a := range args {
		switch a := a.(type) {
		case detail:
			f.Detail = Clean(string(a))
		case advice:
			f.Next = Text(a)
		case Text:
			zh, en = append(zh, CleanTo(a.ZH, maxList)), append(en, CleanTo(a.EN, maxList))
		case string:
			zh, en = append(zh, Clean(a)), append(en, Clean(a))
		}
	}
	f.Message = Text{ZH: fmt.Sprintf(j.signers(r.what.ZH), zh...), EN: fmt.Sprintf(r.what.EN, en...)}
	j.findings = append(j.findings, f)
}

// signers names who signed as befits the kind: 签章人 of a seal, 签名人 of any other signature.
func (j *judging) signers(zh string) string {
	if j.Kind == document.Seal {
		return zh
	}
	return strings.ReplaceAll(zh, "签章人", "签名人")
}

// say is find with one argument that has words of its own in each language.
func (j *judging) say(c Code, t Text) { j.find(c, t) }

func newJudging(file *Facts, i int, p Policy, at time.Time, st *standing) *judging {
	own := file.Signatures[i]
	j := &judging{SignatureFacts: &own, tolerated: file.Tolerated, at: at, freshness: p.Freshness, lenient: p.IntegrityOnlyUnsafe, stands: st,
		again: signedAgain(file, i)}
	if i == file.last() {
		j.evidence = file.Beside
	}
	return j
}

// closedBy finds, among the later signatures as they were judged, one by the same signer that protects every file of the document, and so also what this
// one does not. Some products sign twice: first the content, then all of it as a lock.
func closedBy(s *SignatureFacts, later []SignatureReport) string {
	if s.Signer == nil || s.Signer.Err != "" || !slices.ContainsFunc(s.Changes, unprotected) {
		return ""
	}
	for _, r := range later {
		if r.Verdict == Passed && r.Coverage == document.CoversFile && r.Signer != nil && r.Signer.Fingerprint == s.Signer.Fingerprint {
			return r.ID
		}
	}
	return ""
}

func (j *judging) judge(p Policy) SignatureReport {
	j.Value.ProvenTime = j.stands.proven
	for _, c := range checks {
		if c.trusting && (p.IntegrityOnlyUnsafe || j.Unsupported || j.FormatErr != "") {
			continue
		}
		if c.run(j); j.Standing == document.Remnant {
			break // what another file may have left proves nothing of this one, good or bad
		}
	}
	return j.report(p)
}

func (j *judging) report(p Policy) SignatureReport {
	r := SignatureReport{ID: Clean(j.ID), Kind: j.Kind, Profile: Clean(j.Profile), Verdict: Passed, Integrity: j.integrity(), Coverage: j.Coverage,
		Changes: Changes{Level: document.Worst(j.Changes), List: j.Changes}, Places: j.Places, Findings: j.findings,
		Standing: j.Standing, Certifies: j.Certifies, Permits: j.Permits, Locks: cleanLocks(j.Locks)}
	if r.Changes.List == nil {
		r.Changes.List = []document.Change{}
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	for _, f := range j.findings {
		if f.Level == Fail && worse(f.Verdict, r.Verdict) {
			r.Verdict, r.Sub = f.Verdict, f.Sub
		}
	}
	r.Aspects = j.aspects(p)
	use := trust.UseCA
	if isTimestamp(j.Profile) {
		use = trust.UseTSA
	}
	r.Signer, r.Timestamps = summary(j.Signer, use), j.stands.tokens
	if s := j.Seal; s != nil {
		r.Seal = &SealSummary{ID: Clean(s.ID), Name: Clean(s.Name), Type: s.Type, Version: s.Version, Created: s.Created, Start: s.Start, End: s.End,
			Picture: SealPicture{Type: Clean(s.PictureType), Width: s.Width, Height: s.Height, Data: s.Picture}}
		r.Maker = summary(s.Maker, trust.UseMaker)
	}
	r.Time = j.time()
	return r
}

// time is what is claimed and what is proven of the time; nil for neither.
func (j *judging) time() *Time {
	t := Time{Claimed: j.Value.ClaimedTime, Source: j.Value.TimeSource}
	if proven := j.Value.ProvenTime; !proven.IsZero() && !j.lenient {
		t.Proven = proven
		if by := j.stands.by; by != nil {
			t.ProvenBy, t.Class = Clean(by.Subject), string(by.Chain.Class)
		}
	}
	if t.Claimed.IsZero() && t.Proven.IsZero() {
		return nil
	}
	return &t
}

// aspects answers the four questions apart, each by its worst finding.
func (j *judging) aspects(p Policy) Aspects {
	worst := [4]Verdict{Passed, Passed, Passed, Passed}
	for _, f := range j.findings {
		if a := rules[f.Check].about; f.Level == Fail && worse(f.Verdict, worst[a]) {
			worst[a] = f.Verdict
		}
	}
	if j.Unsupported || j.FormatErr != "" || j.Value.Unknown != "" {
		worst[certificate], worst[identity], worst[revocation] = NotJudged, NotJudged, NotJudged
	} else if p.IntegrityOnlyUnsafe {
		worst[identity], worst[revocation] = NotJudged, NotJudged
		if worst[certificate] == Passed {
			worst[certificate] = NotJudged // of its questions most were not asked
		}
	} else if j.Signer == nil || !j.Signer.Chain.Anchored {
		worst[revocation] = NotJudged
	}
	return Aspects{Integrity: worst[integrity], Certificate: worst[certificate], Identity: worst[identity], Revocation: worst[revocation]}
}

func (j *judging) integrity() Integrity {
	switch {
	case j.Unsupported, j.Standing == document.Remnant:
		return IntegrityUnknown
	case j.FormatErr != "" || j.badCoverage():
		return Broken
	case found(j.findings, "DATA_HASH", "FILE_DIGEST", "FILE_MISSING", "FILE_UNREADABLE"):
		return Broken
	case j.Value.Unknown != "" || found(j.findings, "FILE_DIGEST_UNKNOWN"):
		return IntegrityUnknown
	case !j.Value.DigestOK || !j.Value.ValueOK:
		return Broken
	}
	return Intact
}

func found(list []Finding, codes ...Code) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return slices.Contains(codes, f.Check) })
}

func (j *judging) badCoverage() bool {
	return j.Coverage != document.CoversFile && j.Coverage != document.CoversRevision && j.closed == ""
}

func summary(c *CertFacts, use trust.Use) *CertSummary {
	if c == nil || c.Err != "" {
		return nil
	}
	return &CertSummary{Name: Clean(c.Subject), USCC: Clean(c.USCC), Issuer: Clean(c.Issuer), Serial: c.Serial, Fingerprint: c.Fingerprint,
		Trusted: c.Chain.Anchored, Class: string(c.Chain.Class), Missing: missing(c.Chain, use)}
}

// missing is who would have to be trusted for the chain to count; nil where somebody is trusted already.
func missing(c trust.Chain, use trust.Use) *Missing {
	w := c.Wanted
	if c.Anchored || w == nil {
		return nil
	}
	m := &Missing{Use: string(use), Name: Clean(commonName(w.Subject)), Fingerprint: w.Fingerprint, Certificate: w.Certificate, Authority: w.CA}
	if w.Issuer != "" {
		m.Issuer = Clean(commonName(w.Issuer))
	}
	for _, u := range w.IssuerURLs {
		m.IssuerURLs = append(m.IssuerURLs, Clean(u))
	}
	return m
}

// maxWord bounds a name from a file in runes, so that one name cannot bury a report.
const maxWord = 200

// Clean makes text from a file fit to be shown: control and formatting characters (which move cursors or reverse text) become spaces, and long text is cut.
func Clean(s string) string { return CleanTo(s, maxWord) }

// maxList bounds, in runes, a list of things that were changed, each of which is bounded.
const maxList = (maxWord + 50) * (shownChanges + 1)

// CleanTo is Clean for text of at most so many characters; what is cut leaves an ellipsis.
func CleanTo(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s { // bytes that are no UTF-8 come as U+FFFD
		if n++; n > most {
			b.WriteString("…")
			break
		}
		if hidden(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hidden reports characters that change how the text around them is shown: C0, C1, bidirectional controls, zero width and separators.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0x061c:
		return true
	}
	return false
}

// Moment says a time to the second, with its zone: China's in Chinese, UTC in English.
func Moment(t time.Time) Text {
	return Text{ZH: t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02 15:04:05 -07:00"), EN: t.UTC().Format("2006-01-02 15:04:05 UTC")}
}
