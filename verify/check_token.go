package verify

import (
	"slices"
	"strings"
	"time"

	"yinxin/timestamp"
	"yinxin/trust"
)

// tsaRole is the vocabulary of an authority's certificate, with the time it states as the claimed time.
var tsaRole = role{
	unknown: "TIMESTAMP_UNKNOWN", chain: "TIMESTAMP_CHAIN", chainRule: "TIMESTAMP_CHAIN_RULE", chainOpen: "TIMESTAMP_CHAIN_UNDECIDED",
	outside: "TIMESTAMP_OUTSIDE_CERT", expired: "TIMESTAMP_EXPIRED", expiredGood: "TIMESTAMP_EXPIRED", revoked: "TIMESTAMP_REVOKED",
	revokedLater: "TIMESTAMP_REVOKED_LATER", noRevocation: "TIMESTAMP_REVOCATION_UNKNOWN",
}

// tokenCodes are the findings of what does not hold in a token itself.
var tokenCodes = map[timestamp.Code]Code{
	timestamp.ErrVersion: "TIMESTAMP_FORMAT", timestamp.ErrExtension: "TIMESTAMP_FORMAT", timestamp.ErrSigners: "TIMESTAMP_FORMAT",
	timestamp.ErrAttributes: "TIMESTAMP_FORMAT", timestamp.ErrImprint: "TIMESTAMP_IMPRINT", timestamp.ErrHash: "TIMESTAMP_ALGORITHM_UNKNOWN",
	timestamp.ErrUnsupported: "TIMESTAMP_ALGORITHM_UNKNOWN", timestamp.ErrCertificate: "TIMESTAMP_CERTIFICATE", timestamp.ErrBinding: "TIMESTAMP_CERTIFICATE",
	timestamp.ErrUsage: "TIMESTAMP_USAGE", timestamp.ErrContent: "TIMESTAMP_VALUE", timestamp.ErrValue: "TIMESTAMP_VALUE", timestamp.ErrAlgorithm: "TIMESTAMP_VALUE",
}

// token judges one token, and says whether it proves anything. What does not hold in it is a lie in the file, and fails. Whether its authority is to be
// trusted decides over a document time stamp, which says nothing else; a signature with a token that is not trusted is one without, and is warned of.
func (j *judging) token(t *TokenFacts, document bool) (list []Finding, proves bool) {
	if t.Over == StampsContent {
		return j.aside(func(c *judging) { c.find("TIMESTAMP_CONTENT") }), false
	}
	list = j.aside(func(c *judging) { c.tokenHolds(t, document) })
	holds := len(list) == 0 && (!document || j.FormatErr == "" && !j.badCoverage())
	if t.Beside {
		lower(list)
	}
	if t.Err != "" || t.Unread != "" || j.lenient {
		return append(list, j.deviations(t)...), false
	}
	order := j.aside(func(c *judging) { c.tokenOrder(t) })
	authority := j.aside(func(c *judging) { c.authority(t) })
	proves = holds && len(order) == 0 && !fails(authority) && t.Authority != nil && t.Authority.Chain.Anchored
	if !document {
		lower(authority)
	}
	if t.Beside {
		lower(order)
	}
	list = append(append(append(list, order...), authority...), j.deviations(t)...)
	return append(list, j.aside(func(c *judging) { c.worth(t, proves, document) })...), proves
}

// aside runs checks whose findings are kept apart.
func (j *judging) aside(run func(*judging)) []Finding {
	apart := *j
	apart.findings = nil
	run(&apart)
	return apart.findings
}

func fails(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Level == Fail })
}

// lowered makes a finding that decides one to be looked at.
func lowered(f Finding) Finding {
	if f.Level == Fail {
		f.Level, f.Verdict, f.Sub = Warn, "", ""
	}
	return f
}

func lower(list []Finding) {
	for i := range list {
		list[i] = lowered(list[i])
	}
}

// tokenHolds: the token is well-formed, over the bytes it stands for, and signed by an authority made for that.
func (j *judging) tokenHolds(t *TokenFacts, document bool) {
	if t.Err != "" {
		j.find("TIMESTAMP_FORMAT", detail(t.Err))
	}
	if t.Unread != "" && document {
		j.find("DATA_UNREADABLE", detail(t.Unread))
	}
	switch {
	case t.Err != "" || t.Unread != "" || len(t.Failures) > 0:
	case !t.Imprint:
		j.find("TIMESTAMP_IMPRINT")
	case !t.Value:
		j.find("TIMESTAMP_VALUE")
	case t.Authority == nil || t.Authority.Err != "":
		j.find("TIMESTAMP_CERTIFICATE")
	}
	for _, x := range t.Failures {
		code, known := tokenCodes[x.Code]
		if !known {
			code = "TIMESTAMP_VALUE"
		}
		if !found(j.findings, code) {
			j.find(code, detail(x.Error()))
		}
	}
}

// tokenOrder: a time stamp is made after what it is over and before what protects it, and not in the future.
func (j *judging) tokenOrder(t *TokenFacts) {
	if t.Time.After(j.at.Add(clockSkew)) {
		j.find("TIMESTAMP_FUTURE", Moment(t.Time))
	}
	if covered := j.stands.covered; !covered.IsZero() && t.earliest().After(covered) {
		j.find("TIMESTAMP_ORDER_COVERED", Moment(t.Time), Moment(covered))
	}
	if t.Over == StampsSeal && j.Seal != nil && j.Seal.Created.After(t.latest().Add(clockSkew)) {
		j.find("SEAL_TIMESTAMP_ORDER", Moment(j.Seal.Created), Moment(t.Time))
	}
	if claimed := j.Value.ClaimedTime; t.Over != StampsSeal && claimed.After(t.latest().Add(clockSkew)) {
		j.find("TIMESTAMP_ORDER", Moment(claimed), Moment(t.Time))
	}
}

// authority: the certificate chain leads to an anchor for time stamping, and everything was good when the token is proven to have existed, or is now.
func (j *judging) authority(t *TokenFacts) {
	c := j.provenAt(j.stands.covered)
	for _, w := range t.Weak {
		if !c.moment().Before(w.Since) {
			c.find("TIMESTAMP_WEAK", weaknessText(w.Name), w.Since.UTC().Format(time.DateOnly))
		}
	}
	c.certificate(t.Authority, tsaRole, t.Time)
	j.findings = c.findings
}

// provenAt judges under another proven time.
func (j *judging) provenAt(proven time.Time) *judging {
	c, facts := *j, *j.SignatureFacts
	facts.Value.ProvenTime = proven
	c.SignatureFacts = &facts
	return &c
}

func (j *judging) deviations(t *TokenFacts) []Finding {
	if len(t.Deviations) == 0 {
		return nil
	}
	return j.aside(func(c *judging) { c.find("TIMESTAMP_ENCODING", detail(strings.Join(t.Deviations, ", "))) })
}

// worth says what the token proves, and on whose word; or that it proves nothing.
func (j *judging) worth(t *TokenFacts, proves, document bool) {
	switch {
	case !proves && !document:
		j.find("TIMESTAMP_NO_PROOF", Moment(t.Time))
	case !proves: // what is wrong decides, and is said
	default:
		class := t.Authority.Chain.Class
		j.find("TIMESTAMP_PROVES", Moment(t.Time), t.Authority.Subject, Text{class.In("zh"), class.In("en")})
		if class == trust.ClassInternal {
			j.find("TIMESTAMP_INTERNAL", t.Authority.Subject)
		}
	}
}

// timestamps: what was found of the time stamps that the signature carries, and a claim that contradicts what others prove.
func (j *judging) timestamps() {
	j.findings = append(j.findings, j.stands.findings...)
	if isTimestamp(j.Profile) && j.FormatErr == "" && len(j.Tokens) == 0 {
		j.find("TIMESTAMP_FORMAT", detail("no token"))
	}
	if j.TokensLeft > 0 {
		j.find("TIMESTAMPS_LEFT")
	}
	if j.lenient {
		return
	}
	claimed, covered := j.Value.ClaimedTime, j.stands.covered
	if !covered.IsZero() && claimed.After(covered.Add(clockSkew)) && !found(j.findings, "TIMESTAMP_ORDER") {
		j.find("TIMESTAMP_ORDER", Moment(claimed), Moment(covered))
	}
}
