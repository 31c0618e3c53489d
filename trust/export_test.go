package trust

import (
	"time"

	"yinxin/gm"
)

// PolicyInputs are the inputs of RFC 5280 6.1.1 that Build leaves at their ordinary values.
type PolicyInputs struct {
	Wanted                               []string
	Explicit, InhibitMapping, InhibitAny bool
}

// BuildUnderPolicy is BuildAt with policies asked for: published vectors do.
func (s *Set) BuildUnderPolicy(leaf *gm.Certificate, pool []*gm.Certificate, use Use, at time.Time, p PolicyInputs) Chain {
	return s.build(leaf, pool, use, at, policyInputs{wanted: p.Wanted, explicit: p.Explicit, inhibitMapping: p.InhibitMapping, inhibitAny: p.InhibitAny})
}

// Comparable is what names are compared by.
func Comparable(der []byte) string { return nameKey(der) }

// ConstraintsHold parses name constraints and applies them to a certificate; ok is false where they are malformed.
func ConstraintsHold(constraints []byte, cert *gm.Certificate) (why string, ok bool) {
	c, ok := parseConstraints(constraints)
	names, readable := namesOf(cert)
	if !ok || !readable {
		return "", false
	}
	return c.violation(names, &budget{maxComparisons}), true
}
