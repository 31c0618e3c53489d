package trust

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	"yinxin/gm"
)

// Bounds on the search for a path.
const (
	maxLinks           = 8
	maxSignatureChecks = 200
	maxSteps           = 2000 // certificates looked at, each as often as a path comes by
	maxPool            = 500
)

// Build looks for a chain from leaf to an anchor for the use, through the certificates of pool and the anchors. Of several chains it returns an
// anchored one with the fewest problems; where none is anchored, the longest. Periods are not judged here.
func (s *Set) Build(leaf *gm.Certificate, pool []*gm.Certificate, use Use) Chain {
	b := builder{set: s, use: use, checked: make(map[[2]*gm.Certificate]error), steps: maxSteps, checks: maxSignatureChecks}
	b.index(pool)
	b.extend([]*gm.Certificate{leaf})
	c := b.best.chain
	if b.steps <= 0 || b.checks <= 0 {
		if !c.Good() {
			c.Problems = append(c.Problems, Problem{SearchGaveUp, len(c.Links) - 1, "there are too many certificates of the same names"})
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
	issuers map[string][]*gm.Certificate // by subject, anchors first
	checked map[[2]*gm.Certificate]error // child and parent
	steps   int
	checks  int
	best    candidate
}

type candidate struct {
	chain Chain
	known bool
}

// index sorts what may issue by subject. Anchors come first, so that the shortest anchored path is met first.
func (b *builder) index(pool []*gm.Certificate) {
	b.issuers = make(map[string][]*gm.Certificate)
	seen := make(map[string]bool)
	put := func(c *gm.Certificate) {
		if c != nil && !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			b.issuers[string(c.RawSubject)] = append(b.issuers[string(c.RawSubject)], c)
		}
	}
	for _, a := range b.set.anchors[b.use] {
		put(a.Certificate)
	}
	for _, c := range pool[:min(len(pool), maxPool)] {
		put(c)
	}
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
	for _, issuer := range b.issuers[string(last.RawIssuer)] {
		if onPath(path, issuer) {
			continue
		}
		if len(path) == maxLinks {
			bad = append(bad, Problem{SearchGaveUp, maxLinks - 1, fmt.Sprintf("a chain of more than %d certificates", maxLinks)})
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
func onPath(path []*gm.Certificate, c *gm.Certificate) bool {
	for _, p := range path {
		if bytes.Equal(p.RawSubject, c.RawSubject) && bytes.Equal(p.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo) {
			return true
		}
	}
	return false
}

// issuedOnPath reports whether the last certificate's issuer is on the path, below it.
func issuedOnPath(path []*gm.Certificate) bool {
	last := path[len(path)-1]
	for _, p := range path[:len(path)-1] {
		if bytes.Equal(p.RawSubject, last.RawIssuer) {
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
		err = checkSignature(cert, issuer)
		b.checked[key] = err
	}
	return err
}

var errGaveUp = errors.New("too many signatures to check")

func checkSignature(cert, issuer *gm.Certificate) error {
	if pub, ok := issuer.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() > mostRSA {
		return fmt.Errorf("an RSA key of %d bits is not used", pub.N.BitLen())
	}
	return gm.CheckCertificateSignature(cert, issuer)
}

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
	return []Problem{{code, link, fmt.Sprintf("%s: signed by %s? %v", cert.Subject, issuer.Subject, err)}}
}

// finish weighs a path that goes no further. Only a good chain ends the search.
func (b *builder) finish(path []*gm.Certificate, a *Anchor, bad []Problem) bool {
	c := Chain{Problems: bad}
	for _, cert := range path {
		c.Links = append(c.Links, NewLink(cert))
	}
	c.Problems = append(c.Problems, inspect(path, a != nil)...)
	last := path[len(path)-1]
	switch {
	case a != nil:
		c.Anchored, c.Class, c.AnchorName = true, a.Class, a.name()
	case bytes.Equal(last.RawSubject, last.RawIssuer):
		c.Problems = append(c.Problems, Problem{NotTrusted, len(path) - 1, fmt.Sprintf("%s is self-signed and no anchor for %s", last.Subject, b.use)})
	case issuedOnPath(path):
		c.Problems = append(c.Problems, Problem{NotTrusted, len(path) - 1, fmt.Sprintf("%s is vouched for by the chain itself", last.Subject)})
	default:
		c.MissingIssuer = last.Issuer.String()
	}
	if !b.best.known || better(c, b.best.chain) {
		b.best = candidate{c, true}
	}
	return c.Good()
}

func better(c, than Chain) bool {
	switch {
	case c.Anchored != than.Anchored:
		return c.Anchored
	case c.Anchored:
		return len(c.Problems) < len(than.Problems)
	}
	return len(c.Links) > len(than.Links)
}

// inspect checks each certificate in its place on the path.
func inspect(path []*gm.Certificate, anchored bool) []Problem {
	var out []Problem
	add := func(code ProblemCode, link int, format string, args ...any) {
		out = append(out, Problem{code, link, fmt.Sprintf(format, args...)})
	}
	below := 0 // CAs between the leaf and this link that are not self-issued
	for i, cert := range path {
		isAnchor := anchored && i == len(path)-1
		if weak := weakKey(cert); weak != "" {
			add(WeakAlgorithm, i, "%s: %s", cert.Subject, weak)
		}
		if weak := weakSignature(cert); weak != "" && !isAnchor {
			add(WeakAlgorithm, i, "%s: signed with %s", cert.Subject, weak)
		}
		for _, oid := range cert.UnhandledCriticalExtensions {
			if !oid.Equal(oidNameConstraints) { // read here, whatever the parser made of it
				add(UnknownCritical, i, "%s: %s", cert.Subject, oid)
			}
		}
		if i == 0 {
			continue
		}
		out = append(out, inspectIssuer(cert, i, below, isAnchor)...)
		if !bytes.Equal(cert.RawSubject, cert.RawIssuer) {
			below++
		}
	}
	return append(out, inspectNames(path)...)
}

// inspectIssuer checks what a certificate that signed another must allow. An anchor of version 1 has no extensions to allow it with.
func inspectIssuer(cert *gm.Certificate, link, below int, anchor bool) []Problem {
	var out []Problem
	if cert.BasicConstraintsValid && !cert.IsCA || !cert.BasicConstraintsValid && !anchor {
		out = append(out, Problem{NotCA, link, cert.Subject.String()})
	}
	if limited := cert.MaxPathLen > 0 || cert.MaxPathLenZero; cert.BasicConstraintsValid && limited && below > cert.MaxPathLen {
		out = append(out, Problem{PathLength, link, fmt.Sprintf("%s allows %d CAs below it, there are %d", cert.Subject, cert.MaxPathLen, below)})
	}
	if hasExtension(cert, oidKeyUsage) && cert.KeyUsage&gm.KeyUsageCertSign == 0 {
		out = append(out, Problem{NoCertSign, link, cert.Subject.String()})
	}
	return out
}

func weakKey(cert *gm.Certificate) string {
	if pub, ok := cert.PublicKey.(*rsa.PublicKey); ok && pub.N.BitLen() < secureRSA {
		return fmt.Sprintf("RSA key of %d bits", pub.N.BitLen())
	}
	return ""
}

// weakSignature names the broken hash under which the certificate was signed.
func weakSignature(cert *gm.Certificate) string {
	name := cert.SignatureAlgorithm.String()
	for _, hash := range []string{"MD2", "MD5", "SHA1"} {
		if strings.Contains(name, hash) {
			return name
		}
	}
	return ""
}

func unknownSignature(cert *gm.Certificate) bool { return cert.SignatureAlgorithm == 0 }
