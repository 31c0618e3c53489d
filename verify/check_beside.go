package verify

// beside says, with the last signature of a file, what became of the evidence that is kept beside it.
func (j *judging) evidenceBeside() {
	b := j.evidence
	switch {
	case b == nil:
		return
	case b.Refused != nil:
		j.find("EVIDENCE_REFUSED", *b.Refused, detail(b.Detail))
		return
	case !j.lenient:
		j.find("EVIDENCE_BESIDE")
	}
	if len(b.Unjudged) > 0 {
		j.find("EVIDENCE_UNJUDGED", joined(b.Unjudged))
	}
}

func (j *judging) besideNoProof(t *TokenFacts) {
	if t.Time.IsZero() {
		return // it is malformed, and that is said
	}
	j.find("EVIDENCE_NO_PROOF", Moment(t.Time))
}
