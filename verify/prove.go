package verify

import (
	"time"

	"yinxin/document"
	"yinxin/trust"
)

// standing is what the file's time stamps prove for one signature, by what the judge found of each.
type standing struct {
	covered  time.Time // by when document time stamps prove that its value existed; zero where none does
	proven   time.Time // the same with its own time stamps, and with what is known from outside
	sealed   time.Time // by when its seal is proven to have existed
	by       *CertFacts
	findings []Finding         // of its own time stamps
	tokens   []TokenReport     // and what they are worth
	shown    map[int]time.Time // by document time stamp: when the evidence it protects is proven to have existed
}

// prove judges the time stamps of the file and what follows from them, going back from the last: past validation with a validation time that slides, of
// EN 319 102-1, in its simplest form. The last time stamp must be good now. What it protects existed at its time, so an earlier time stamp in it needs to
// have been good then, under evidence that existed then; and so on to the signatures. A time that is only claimed never comes in.
func prove(f *Facts, p Policy, at time.Time) []standing {
	out := make([]standing, len(f.Signatures))
	shown := map[int]time.Time{}
	beside := proveBeside(f, p, at, shown)
	covered, by := beside.covered, beside.by
	for i := len(f.Signatures) - 1; i >= 0; i-- {
		s := &f.Signatures[i]
		st := standing{covered: covered, by: by, shown: shown}
		st.proven = earlier(covered, s.Value.ProvenTime)
		st.sealed = st.proven
		j := newJudging(f, i, p, at, &st)
		isDocument := isTimestamp(s.Profile)
		for k := range s.Tokens {
			t := &s.Tokens[k]
			list, proves := j.token(t, isDocument)
			proves = proves && s.Standing == document.Stands // what was taken away serves nobody
			st.findings = append(st.findings, list...)
			st.tokens = append(st.tokens, tokenReport(t, proves))
			if !proves {
				continue
			}
			when := clip(t.latest(), at)
			switch t.Over {
			case StampsSeal:
				st.sealed = earlier(st.sealed, when)
			case StampsSignature:
				if before := st.proven; before.IsZero() || when.Before(before) {
					st.proven, st.by = when, t.Authority
				}
				st.sealed = earlier(st.sealed, when)
			case StampsDocument:
				if before := covered; before.IsZero() || when.Before(before) {
					covered, by = when, t.Authority
				}
				shown[i] = covered
			}
		}
		out[i] = st
	}
	if last := f.last(); last >= 0 {
		out[last].findings, out[last].tokens = append(out[last].findings, beside.findings...), append(out[last].tokens, beside.tokens...)
	}
	return out
}

// clip is t, or at where that is earlier: a time stamp that allows for its accuracy says no more than the clock of the judge.
func clip(t, at time.Time) time.Time {
	if t.After(at) {
		return at
	}
	return t
}

func tokenReport(t *TokenFacts, proves bool) TokenReport {
	return TokenReport{Over: t.Over, Time: t.Time, Accuracy: t.Accuracy, Authority: summary(t.Authority, trust.UseTSA), Proves: proves}
}
