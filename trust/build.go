package trust

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"yinxin/gm"
)

// Bounds on the search for a path.
const (
	maxLinks           = 8
	maxSignatureChecks = 200
	maxSteps           = 2000 // certificates looked at, each as often as a path comes by
	maxPool            = 500
	maxComparisons     = 1 << 19 // of names with constraints and of policies, over all paths
)

// Build looks for a chain from leaf to an anchor for the use, through the certificates of pool and the anchors. Of several chains it returns an
// anchored one with the fewest problems; where none is anchored, the longest. Periods are not judged here.
func (s *Set) Build(leaf *gm.Certificate, pool []*gm.Certificate, use Use) Chain {
	return s.BuildAt(leaf, pool, use, time.Time{})
}

// BuildAt is Build for one moment, the proven time or the judging time: of several chains that are otherwise as good it returns one whose every link is
// valid then. Where there is none such, the chain is returned all the same: its links say their periods. A zero time is no preference.
func (s *Set) BuildAt(leaf *gm.Certificate, pool []*gm.Certificate, use Use, at time.Time) Chain {
	return s.build(leaf, pool, use, at, policyInputs{})
}

func (s *Set) build(leaf *gm.Certificate, pool []*gm.Certificate, use Use, at time.Time, policy policyInputs) Chain {
	b := builder{set: s, use: use, at: at, policy: policy, checked: make(map[[2]*gm.Certificate]error), read: make(map[*gm.Certificate]*reading),
		steps: maxSteps, checks: maxSignatureChecks, purse: budget{maxComparisons}}
	b.index(pool)
	b.extend([]*gm.Certificate{leaf})
	c := b.best.chain
	if b.steps <= 0 || b.checks <= 0 || b.purse.left <= 0 {
		if !c.Good() {
			c.Problems = append(c.Problems, Problem{Code: SearchGaveUp, Link: len(c.Links) - 1, Detail: "there are too many certificates of the same names"})
		}
	}
	if c.Class == "" {
		c.Class = ClassUnknown
	}
	return c
}

type builder struct {
	set     *Set
	use     Use
	at      time.Time
	policy  policyInputs
	issuers map[string][]*gm.Certificate // of the pool, by subject
	checked map[[2]*gm.Certificate]error // child and parent
	read    map[*gm.Certificate]*reading
	steps   int
	checks  int
	purse   budget
	best    candidate
}

type candidate struct {
	chain Chain
	known bool
}

// reading is what is read of a certificate once, however many paths it lies on.
type reading struct {
	subject, issuer string // as comparable text
	self            bool   // issued by its own name
	names           []generalName
	namesOK         bool
	limits          constraints
	limited         bool // it has name constraints
	limitsOK        bool
}

func (b *builder) reading(cert *gm.Certificate) *reading {
	if r := b.read[cert]; r != nil {
		return r
	}
	r := &reading{subject: b.set.nameKey(cert.RawSubject), issuer: b.set.nameKey(cert.RawIssuer)}
	r.self = r.subject == r.issuer
	r.names, r.namesOK = namesOf(cert)
	if value := extension(cert, oidNameConstraints); value != nil {
		r.limited = true
		r.limits, r.limitsOK = parseConstraints(value)
	}
	b.read[cert] = r
	return r
}

func (b *builder) self(cert *gm.Certificate) bool { return b.reading(cert).self }

// index sorts by subject what may issue and is no anchor.
func (b *builder) index(pool []*gm.Certificate) {
	b.issuers = make(map[string][]*gm.Certificate)
	for _, c := range pool[:min(len(pool), maxPool)] {
		if c == nil {
			continue
		}
		name := b.set.nameKey(c.RawSubject)
		if !slices.ContainsFunc(b.mayIssue(name), c.Equal) {
			b.issuers[name] = append(b.issuers[name], c)
		}
	}
}

// mayIssue lists the certificates of a subject: anchors first, so that the shortest anchored path is met first.
func (b *builder) mayIssue(subject string) []*gm.Certificate {
	anchors := b.set.issuers[b.use][subject]
	return append(anchors[:len(anchors):len(anchors)], b.issuers[subject]...)
}

// extend follows path, leaf first, to all its continuations. It reports whether a good chain was found, which ends the search.
func (b *builder) extend(path []*gm.Certificate) bool {
	if b.steps--; b.steps < 0 {
		return true
	}
	last := path[len(path)-1]
	if a := b.set.anchor(last, b.use); a != nil {
		return b.finish(path, a, nil)
	}
	dead := true
	var bad []Problem
	for _, issuer := range b.mayIssue(b.reading(last).issuer) {
		if b.onPath(path, issuer) {
			continue
		}
		if len(path) == maxLinks {
			bad = append(bad, Problem{Code: SearchGaveUp, Link: maxLinks - 1, Detail: fmt.Sprintf("a chain of more than %d certificates", maxLinks)})
			break
		}
		if err := b.signed(last, issuer); err != nil {
			bad = append(bad, unsigned(last, issuer, len(path)-1, err)...)
			continue
		}
		dead = false
		if b.extend(append(path[:len(path):len(path)], issuer)) {
			return true
		}
	}
	if dead {
		return b.finish(path, nil, bad)
	}
	return false
}

// onPath reports whether the certificate, or another of the same name and key, is on the path already.
func (b *builder) onPath(path []*gm.Certificate, c *gm.Certificate) bool {
	for _, p := range path {
		if b.reading(p).subject == b.reading(c).subject && bytes.Equal(p.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo) {
			return true
		}
	}
	return false
}

// issuedOnPath reports whether the last certificate's issuer is on the path, below it.
func (b *builder) issuedOnPath(path []*gm.Certificate) bool {
	issuer := b.reading(path[len(path)-1]).issuer
	for _, p := range path[:len(path)-1] {
		if b.reading(p).subject == issuer {
			return true
		}
	}
	return false
}

// signed reports whether issuer's key signed cert; the answer is remembered.
func (b *builder) signed(cert, issuer *gm.Certificate) error {
	key := [2]*gm.Certificate{cert, issuer}
	err, known := b.checked[key]
	if !known {
		if b.checks--; b.checks < 0 {
			return errGaveUp
		}
		err = b.set.signed(cert, issuer)
		b.checked[key] = err
	}
	return err
}

var errGaveUp = errors.New("too many signatures to check")

// unsigned says what it means that issuer, which bears the right name, did not sign cert: nothing, where key identifiers tell another key of the
// same CA.
func unsigned(cert, issuer *gm.Certificate, link int, err error) []Problem {
	if len(cert.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(cert.AuthorityKeyId, issuer.SubjectKeyId) {
		return nil
	}
	code := BadSignature
	switch {
	case errors.Is(err, errGaveUp):
		return nil
	case weakSignature(cert) != "":
		code = WeakAlgorithm
	case unknownSignature(cert) || issuer.PublicKey == nil:
		code = UnknownAlgorithm
	}
	p := Problem{Code: code, Link: link, Detail: fmt.Sprintf("%s: signed by %s? %v", cert.Subject, issuer.Subject, err)}
	if code == WeakAlgorithm {
		p.Algorithm, p.Until = weakSignature(cert), AcceptedUntil(weakSignature(cert))
	}
	return []Problem{p}
}

// finish weighs a path that goes no further. Only a good chain that is valid at the moment asked for ends the search.
func (b *builder) finish(path []*gm.Certificate, a *Anchor, bad []Problem) bool {
	c := Chain{Problems: bad}
	for _, cert := range path {
		c.Links = append(c.Links, NewLink(cert))
	}
	c.Problems = append(c.Problems, b.inspect(path, a != nil)...)
	last := path[len(path)-1]
	switch {
	case a != nil:
		c.Anchored, c.Class, c.AnchorName = true, a.Class, a.name()
	case b.self(last):
		c.Problems = append(c.Problems, Problem{Code: NotTrusted, Link: len(path) - 1, Detail: fmt.Sprintf("%s is self-signed and no anchor for %s", last.Subject, b.use)})
	case b.issuedOnPath(path):
		c.Problems = append(c.Problems, Problem{Code: NotTrusted, Link: len(path) - 1, Detail: fmt.Sprintf("%s is vouched for by the chain itself", last.Subject)})
	default:
		c.MissingIssuer = last.Issuer.String()
	}
	if a == nil {
		c.Wanted = wanted(last, b.self(last))
	}
	if !b.best.known || b.better(c, b.best.chain) {
		b.best = candidate{c, true}
	}
	return c.Good() && b.timely(c)
}

// timely reports whether the chain is valid at the moment asked for.
func (b *builder) timely(c Chain) bool { return b.at.IsZero() || c.ValidAt(b.at) == nil }

func (b *builder) better(c, than Chain) bool {
	switch {
	case c.Anchored != than.Anchored:
		return c.Anchored
	case c.Anchored && len(c.Problems) != len(than.Problems):
		return len(c.Problems) < len(than.Problems)
	case c.Anchored:
		return b.timely(c) && !b.timely(than)
	}
	return len(c.Links) > len(than.Links)
}

// inspect checks each certificate in its place on the path.
func (b *builder) inspect(path []*gm.Certificate, anchored bool) []Problem {
	var out []Problem
	below := 0 // CAs between the leaf and this link that are not self-issued
	for i, cert := range path {
		isAnchor := anchored && i == len(path)-1
		who := cert.Subject.String()
		if weak := weakKey(cert); weak != "" {
			out = append(out, weakness(i, who, weak, ""))
		}
		if weak := weakSignature(cert); weak != "" && !isAnchor {
			out = append(out, weakness(i, who, weak, "signed with "))
		}
		for _, oid := range cert.UnhandledCriticalExtensions {
			if !b.handled(cert, oid) {
				out = append(out, Problem{Code: UnknownCritical, Link: i, Detail: who + ": " + oid.String()})
			}
		}
		if i == 0 {
			continue
		}
		out = append(out, inspectIssuer(cert, i, below, isAnchor)...)
		if !b.self(cert) {
			below++
		}
	}
	out = append(out, b.inspectNames(path)...)
	out = append(out, inspectPurposes(path, anchored, b.use)...)
	if anchored {
		out = append(out, inspectPolicies(path, b.self, b.policy, &b.purse)...)
	}
	return out
}

// handled reports critical extensions that are read here, whatever the parser made of them.
func (b *builder) handled(cert *gm.Certificate, oid asn1.ObjectIdentifier) bool {
	return oid.Equal(oidNameConstraints) || oid.Equal(oidSubjectAltName) && b.reading(cert).namesOK
}

// inspectNames applies each issuer's name constraints to the certificates below it. Self-issued certificates are exempt, but the leaf.
func (b *builder) inspectNames(path []*gm.Certificate) []Problem {
	var out []Problem
	add := func(link int, why string) {
		code := NameConstraints
		if why == whyGaveUp {
			code = SearchGaveUp
		}
		out = append(out, Problem{Code: code, Link: link, Detail: path[link].Subject.String() + ": " + why})
	}
	for i := 1; i < len(path); i++ {
		above := b.reading(path[i])
		switch {
		case !above.limited:
			continue
		case !above.limitsOK:
			add(i, "malformed constraints")
			continue
		}
		for j := range i {
			r := b.reading(path[j])
			if j > 0 && r.self {
				continue
			}
			if !r.namesOK {
				add(j, "malformed or too many names")
			} else if why := above.limits.violation(r.names, &b.purse); why != "" {
				add(j, why)
			}
		}
	}
	return out
}

// inspectIssuer checks what a certificate that signed another must allow. An anchor of version 1 has no extensions to allow it with.
func inspectIssuer(cert *gm.Certificate, link, below int, anchor bool) []Problem {
	var out []Problem
	if cert.BasicConstraintsValid && !cert.IsCA || !cert.BasicConstraintsValid && !anchor {
		out = append(out, Problem{Code: NotCA, Link: link, Detail: cert.Subject.String()})
	}
	if limited := cert.MaxPathLen > 0 || cert.MaxPathLenZero; cert.BasicConstraintsValid && limited && below > cert.MaxPathLen {
		out = append(out, Problem{Code: PathLength, Link: link,
			Detail: fmt.Sprintf("%s allows %d CAs below it, there are %d", cert.Subject, cert.MaxPathLen, below)})
	}
	if hasExtension(cert, oidKeyUsage) && cert.KeyUsage&gm.KeyUsageCertSign == 0 {
		out = append(out, Problem{Code: NoCertSign, Link: link, Detail: cert.Subject.String()})
	}
	return out
}
