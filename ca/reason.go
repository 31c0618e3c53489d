package ca

import "fmt"

// Reason says why a certificate is taken back (RFC 5280 5.3.1). certificateHold and removeFromCRL are not here: what is frozen for a time is the
// seal, never its certificate, and a revocation is final.
type Reason int

// The reasons, by their numbers in the CRL.
const (
	Unspecified          Reason = 0
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

// name returns the reason as RFC 5280 spells it, "" for a number that is no Reason.
func (r Reason) name() string {
	switch r {
	case Unspecified:
		return "unspecified"
	case KeyCompromise:
		return "keyCompromise"
	case CACompromise:
		return "cACompromise"
	case AffiliationChanged:
		return "affiliationChanged"
	case Superseded:
		return "superseded"
	case CessationOfOperation:
		return "cessationOfOperation"
	case PrivilegeWithdrawn:
		return "privilegeWithdrawn"
	case AACompromise:
		return "aACompromise"
	}
	return ""
}

// String returns the reason as RFC 5280 spells it.
func (r Reason) String() string {
	if n := r.name(); n != "" {
		return n
	}
	return fmt.Sprintf("reason %d", int(r))
}

// Valid reports whether r is one of the reasons above.
func (r Reason) Valid() bool { return r.name() != "" }

// ParseReason reads what String writes. An unknown name is fault.Invalid.
func ParseReason(s string) (Reason, error) {
	for r := Unspecified; r <= AACompromise; r++ {
		if n := r.name(); n != "" && n == s {
			return r, nil
		}
	}
	return 0, invalid("reason", fmt.Sprintf("吊销原因 %.32q 不可用", s), fmt.Sprintf("%.32q is no reason a certificate is revoked for here", s))
}

// MarshalText writes String.
func (r Reason) MarshalText() ([]byte, error) {
	if !r.Valid() {
		return nil, fmt.Errorf("ca: %s has no name", r)
	}
	return []byte(r.name()), nil
}

// UnmarshalText is ParseReason.
func (r *Reason) UnmarshalText(b []byte) (err error) {
	*r, err = ParseReason(string(b))
	return err
}
