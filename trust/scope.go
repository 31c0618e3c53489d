package trust

import (
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var oidDistributionPoints = asn1.ObjectIdentifier{2, 5, 29, 31}

// maxPoints bounds the distribution points of a certificate.
const maxPoints = 64

// reasons is the bit set ReasonFlags (RFC 5280 4.2.1.13); allReasons has every reason but the unused bit.
type reasons uint16

const allReasons reasons = 0x1fe

// scope is the issuing distribution point extension (RFC 5280 5.2.5).
type scope struct {
	raw                    string // the extension, to compare a delta CRL with its base
	point                  pointName
	users, cas, attributes bool // only such certificates
	partial                bool // only some reasons
	reasons                reasons
	indirect               bool // it lists other issuers' certificates too
}

// pointName is DistributionPointName: full names, or one relative to the CRL's issuer.
type pointName struct {
	stated   bool
	names    []string // comparable text
	relative string
}

// point is one distribution point of a certificate.
type point struct {
	name    pointName
	reasons reasons
	issuers []string // of CRLs that others issue for it, as comparable text
}

func (s *scope) read(value cryptobyte.String) bool {
	s.raw, s.reasons = string(value), allReasons
	var in, bits cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) || !value.Empty() || !s.point.read(&in) {
		return false
	}
	flag := func(n uint8, out *bool) bool {
		var b cryptobyte.String
		var present bool
		if !in.ReadOptionalASN1(&b, &present, cbasn1.Tag(n).ContextSpecific()) || present && len(b) != 1 {
			return false
		}
		*out = present && b[0] != 0
		return true
	}
	ok := flag(1, &s.users) && flag(2, &s.cas) && in.ReadOptionalASN1(&bits, &s.partial, cbasn1.Tag(3).ContextSpecific())
	if ok && s.partial {
		s.reasons, ok = readReasons(bits)
	}
	return ok && flag(4, &s.indirect) && flag(5, &s.attributes) && in.Empty()
}

// read reads the optional [0] DistributionPointName.
func (p *pointName) read(in *cryptobyte.String) bool {
	var outer, body cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadOptionalASN1(&outer, &p.stated, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return false
	}
	if !p.stated {
		return true
	}
	if !outer.ReadAnyASN1(&body, &tag) || !outer.Empty() {
		return false
	}
	switch tag {
	case cbasn1.Tag(0).ContextSpecific().Constructed():
		var ok bool
		p.names, ok = readKeys(body)
		return ok
	case cbasn1.Tag(1).ContextSpecific().Constructed():
		var ok bool
		p.relative, ok = relativeName(body)
		return ok
	}
	return false
}

// readKeys reads the contents of GeneralNames as comparable text.
func readKeys(in cryptobyte.String) (keys []string, ok bool) {
	var list []generalName
	for !in.Empty() {
		if !readName(&in, &list) || len(list) > maxNames {
			return nil, false
		}
	}
	for _, n := range list {
		keys = append(keys, n.key())
	}
	return keys, true
}

func (n generalName) key() string {
	if n.kind == nameDirectory {
		return string(rune('0'+n.kind)) + nameKey(n.value)
	}
	return string(rune('0'+n.kind)) + string(n.value)
}

func readReasons(bits cryptobyte.String) (r reasons, ok bool) {
	if len(bits) < 1 || len(bits) > 3 || bits[0] > 7 {
		return 0, false
	}
	for i, b := range bits[1:] {
		for n := range 8 {
			if b&(0x80>>n) != 0 {
				r |= 1 << (8*i + n)
			}
		}
	}
	return r & allReasons, true
}

// pointsOf reads the CRL distribution points of a certificate. One that states none has its issuer's own CRL for a point. Malformed ones are left out.
func pointsOf(cert *gm.Certificate) []point {
	own := []point{{reasons: allReasons}}
	value := cryptobyte.String(extension(cert, oidDistributionPoints))
	if value == nil {
		return own
	}
	var in cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) {
		return own
	}
	var out []point
	for !in.Empty() && len(out) < maxPoints {
		var one cryptobyte.String
		p := point{reasons: allReasons}
		if !in.ReadASN1(&one, cbasn1.SEQUENCE) {
			break
		}
		if p.read(one) {
			out = append(out, p)
		}
	}
	return out
}

func (p *point) read(in cryptobyte.String) bool {
	var bits, issuers cryptobyte.String
	var some, others bool
	if !p.name.read(&in) || !in.ReadOptionalASN1(&bits, &some, cbasn1.Tag(1).ContextSpecific()) ||
		!in.ReadOptionalASN1(&issuers, &others, cbasn1.Tag(2).ContextSpecific().Constructed()) || !in.Empty() {
		return false
	}
	ok := true
	if some {
		p.reasons, ok = readReasons(bits)
	}
	if ok && others {
		p.issuers, ok = readKeys(issuers)
	}
	return ok
}

// serves reports whether the CRL is one for the point (RFC 5280 6.3.3 b): the names agree, where both or only the CRL states one.
func (p *point) serves(c *crl, direct bool) bool {
	issuer := generalName{kind: nameDirectory, value: c.issuer}.key()
	if len(p.issuers) > 0 {
		if !slices.Contains(p.issuers, issuer) || !c.scope.indirect && !direct {
			return false
		}
	} else if !direct {
		return false
	}
	idp := c.scope.point
	if !idp.stated {
		return true
	}
	if !p.name.stated {
		for _, n := range p.issuers {
			if slices.Contains(idp.names, n) {
				return true
			}
		}
		return false
	}
	if idp.relative != "" || p.name.relative != "" {
		return idp.relative == p.name.relative
	}
	for _, n := range p.name.names {
		if slices.Contains(idp.names, n) {
			return true
		}
	}
	return false
}

// covers says for which reasons the CRL's silence about cert means something, and why for none.
func (c *crl) covers(cert *gm.Certificate, direct bool) (r reasons, why string) {
	s := &c.scope
	ca := cert.BasicConstraintsValid && cert.IsCA
	switch {
	case s.attributes:
		return 0, "the CRL lists attribute certificates only"
	case s.users && ca, s.cas && !ca:
		return 0, "the CRL lists another kind of certificate only"
	}
	for _, p := range pointsOf(cert) {
		if p.serves(c, direct) {
			r |= p.reasons
		}
	}
	switch {
	case s.raw == "" && direct:
		return allReasons, "" // a CRL without limits lists all its issuer's revocations, at whatever point it was found
	case r == 0:
		return 0, "the CRL is for another distribution point"
	case s.raw != "":
		return r & s.reasons, ""
	}
	return r, ""
}
