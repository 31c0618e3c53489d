package trust

import (
	"encoding/asn1"
	"fmt"

	"yinxin/gm"
)

var oidPolicies = asn1.ObjectIdentifier{2, 5, 29, 32}

const (
	anyPolicy   = "2.5.29.32.0"
	maxPolicies = 128 // of one certificate, and mappings of one
)

// policyInputs are the inputs of RFC 5280 6.1.1 (c) to (g). The zero value asks for no policy and lets every certificate say what it likes.
type policyInputs struct {
	wanted         []string // user-initial-policy-set; none means any-policy
	explicit       bool     // initial-explicit-policy
	inhibitMapping bool
	inhibitAny     bool
}

// policyNode is one valid policy. Origins are the policies of the anchor's domain that it descends from; expected those that may stand for it below.
type policyNode struct {
	origins  map[string]bool
	expected map[string]bool
}

// policyState goes down a path as in RFC 5280 6.1, with the valid policies of each depth kept as a set (RFC 9618), so that no path makes it grow
// beyond the policies of its certificates.
type policyState struct {
	nodes                  map[string]*policyNode
	any                    bool // anyPolicy is valid at this depth
	explicit, mapping, all int
	purse                  *budget
}

// inspectPolicies judges the policies of an anchored path, leaf first. The anchor's own are not looked at (RFC 5280 6.1).
func inspectPolicies(path []*gm.Certificate, self func(*gm.Certificate) bool, in policyInputs, purse *budget) []Problem {
	n := len(path) - 1
	if n == 0 {
		return nil
	}
	start := func(now bool) int {
		if now {
			return 0
		}
		return n + 1
	}
	s := policyState{any: true, explicit: start(in.explicit), mapping: start(in.inhibitMapping), all: start(in.inhibitAny), purse: purse}
	for i := n - 1; i >= 0; i-- {
		cert := path[i]
		bad := func(code ProblemCode, format string, args ...any) []Problem {
			return []Problem{{Code: code, Link: i, Detail: cert.Subject.String() + ": " + fmt.Sprintf(format, args...)}}
		}
		if len(cert.Policies) > maxPolicies || len(cert.PolicyMappings) > maxPolicies || !purse.spend(len(cert.Policies)*(1+len(s.nodes))) {
			return bad(SearchGaveUp, "there are too many policies")
		}
		s.descend(cert, self(cert) && i > 0)
		if s.explicit == 0 && s.empty() {
			return bad(PolicyRequired, "a policy is required, and none is valid down to here")
		}
		if i == 0 {
			s.last(cert)
			break
		}
		if why := s.next(cert, self(cert)); why != "" {
			return bad(PolicyMapping, "%s", why)
		}
	}
	if s.explicit == 0 && !s.accepts(in.wanted) {
		return []Problem{{Code: PolicyRequired, Link: 0, Detail: path[0].Subject.String() + ": a policy is required, and none of those accepted is valid"}}
	}
	return nil
}

func (s *policyState) empty() bool { return !s.any && len(s.nodes) == 0 }

// descend makes the valid policies of the next depth: RFC 5280 6.1.3 (d) and (e).
func (s *policyState) descend(cert *gm.Certificate, selfIssued bool) {
	if !hasExtension(cert, oidPolicies) {
		s.any, s.nodes = false, nil
		return
	}
	next := make(map[string]*policyNode)
	stated, wild := make(map[string]bool), false
	for _, oid := range cert.Policies {
		if p := oid.String(); p == anyPolicy {
			wild = true
		} else {
			stated[p] = true
		}
	}
	parents := s.byExpected()
	for p := range stated {
		node := &policyNode{origins: make(map[string]bool), expected: map[string]bool{p: true}}
		for _, parent := range parents[p] {
			join(node.origins, parent.origins)
		}
		if len(parents[p]) == 0 {
			if !s.any {
				continue
			}
			node.origins[p] = true
		}
		next[p] = node
	}
	wild = wild && (s.all > 0 || selfIssued)
	if wild {
		for p, from := range parents {
			if next[p] != nil {
				continue
			}
			node := &policyNode{origins: make(map[string]bool), expected: map[string]bool{p: true}}
			for _, parent := range from {
				join(node.origins, parent.origins)
			}
			next[p] = node
		}
	}
	s.nodes, s.any = next, wild && s.any
}

// byExpected finds the nodes of this depth by the policies expected below them.
func (s *policyState) byExpected() map[string][]*policyNode {
	out := make(map[string][]*policyNode)
	for _, node := range s.nodes {
		for p := range node.expected {
			out[p] = append(out[p], node)
		}
	}
	return out
}

// next prepares for the certificate below: RFC 5280 6.1.4 (a), (b), (h), (i) and (j). It says why the path is not valid, if so.
func (s *policyState) next(cert *gm.Certificate, selfIssued bool) string {
	mapped := make(map[string]map[string]bool)
	for _, m := range cert.PolicyMappings {
		from, to := m.IssuerDomainPolicy.String(), m.SubjectDomainPolicy.String()
		if from == anyPolicy || to == anyPolicy {
			return "anyPolicy is mapped"
		}
		if mapped[from] == nil {
			mapped[from] = make(map[string]bool)
		}
		mapped[from][to] = true
	}
	for from, to := range mapped {
		switch node := s.nodes[from]; {
		case s.mapping == 0:
			delete(s.nodes, from)
		case node != nil:
			node.expected = to
		case s.any:
			s.nodes[from] = &policyNode{origins: map[string]bool{from: true}, expected: to}
		}
	}
	if !selfIssued {
		for _, n := range []*int{&s.explicit, &s.mapping, &s.all} {
			*n = max(*n-1, 0)
		}
	}
	lower(&s.explicit, cert.RequireExplicitPolicy, cert.RequireExplicitPolicyZero)
	lower(&s.mapping, cert.InhibitPolicyMapping, cert.InhibitPolicyMappingZero)
	lower(&s.all, cert.InhibitAnyPolicy, cert.InhibitAnyPolicyZero)
	return ""
}

// lower takes over a smaller number of certificates to skip. zero tells a stated 0 from none; a negative number, which nobody may state, is taken for 0.
func lower(n *int, stated int, zero bool) {
	if stated != 0 || zero {
		*n = min(*n, max(stated, 0))
	}
}

// last is the wrap-up for the leaf: RFC 5280 6.1.5 (a) and (b).
func (s *policyState) last(cert *gm.Certificate) {
	s.explicit = max(s.explicit-1, 0)
	if cert.RequireExplicitPolicyZero {
		s.explicit = 0
	}
}

// accepts reports whether a policy is valid that the wanted ones allow: RFC 5280 6.1.5 (g).
func (s *policyState) accepts(wanted []string) bool {
	if len(wanted) == 0 || s.any {
		return !s.empty()
	}
	for _, node := range s.nodes {
		for _, w := range wanted {
			if node.origins[w] {
				return true
			}
		}
	}
	return false
}

func join(into, from map[string]bool) {
	for k := range from {
		into[k] = true
	}
}
