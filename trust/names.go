package trust

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

var (
	oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidSubjectAltName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidEmailAddress    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// Kinds of GeneralName (RFC 5280 4.2.1.6), by tag number.
const (
	nameEmail     = 1
	nameDNS       = 2
	nameDirectory = 4
	nameURI       = 6
	nameIP        = 7
)

// maxNames bounds the names of a certificate and the subtrees of a constraint: each is compared with each.
const maxNames = 256

// generalName is one GeneralName: its kind and contents; for a directory name the contents are the DER Name.
type generalName struct {
	kind  int
	value []byte
}

// constraints is the name constraints extension (RFC 5280 4.2.1.10).
type constraints struct{ permitted, excluded []generalName }

// inspectNames applies each issuer's name constraints to the certificates below it. Self-issued certificates are exempt, but the leaf.
func inspectNames(path []*gm.Certificate) []Problem {
	var out []Problem
	for i := 1; i < len(path); i++ {
		value := extension(path[i], oidNameConstraints)
		if value == nil {
			continue
		}
		limits, ok := parseConstraints(value)
		if !ok {
			out = append(out, Problem{NameConstraints, i, fmt.Sprintf("%s: malformed constraints", path[i].Subject)})
			continue
		}
		for j := range i {
			if j > 0 && bytes.Equal(path[j].RawSubject, path[j].RawIssuer) {
				continue
			}
			names, ok := namesOf(path[j])
			if !ok {
				out = append(out, Problem{NameConstraints, j, fmt.Sprintf("%s: malformed or too many names", path[j].Subject)})
				continue
			}
			if why := limits.violation(names); why != "" {
				out = append(out, Problem{NameConstraints, j, fmt.Sprintf("%s: %s (by %s)", path[j].Subject, why, path[i].Subject)})
			}
		}
	}
	return out
}

func extension(cert *gm.Certificate, oid asn1.ObjectIdentifier) []byte {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oid) {
			return e.Value
		}
	}
	return nil
}

func parseConstraints(value cryptobyte.String) (c constraints, ok bool) {
	var in cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) {
		return c, false
	}
	for i, list := range []*[]generalName{&c.permitted, &c.excluded} {
		var trees cryptobyte.String
		var present bool
		if !in.ReadOptionalASN1(&trees, &present, cbasn1.Tag(i).ContextSpecific().Constructed()) {
			return c, false
		}
		for !trees.Empty() {
			var tree cryptobyte.String
			if !trees.ReadASN1(&tree, cbasn1.SEQUENCE) || !readName(&tree, list) || !tree.Empty() || len(*list) > maxNames {
				return c, false // minimum and maximum are not used (RFC 5280)
			}
		}
	}
	return c, in.Empty()
}

// readName reads one GeneralName.
func readName(in *cryptobyte.String, list *[]generalName) bool {
	var body cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&body, &tag) {
		return false
	}
	*list = append(*list, generalName{int(tag & 0x1f), body})
	return true
}

// namesOf lists what constraints apply to: the subject, the alternative names, and an e-mail address in the subject of a certificate without such.
func namesOf(cert *gm.Certificate) (names []generalName, ok bool) {
	email := false
	if value := cryptobyte.String(extension(cert, oidSubjectAltName)); value != nil {
		var in cryptobyte.String
		if !value.ReadASN1(&in, cbasn1.SEQUENCE) {
			return nil, false
		}
		for !in.Empty() {
			if !readName(&in, &names) || len(names) > maxNames {
				return nil, false
			}
			email = email || names[len(names)-1].kind == nameEmail
		}
	}
	if len(cert.Subject.Names) > 0 {
		names = append(names, generalName{nameDirectory, cert.RawSubject})
	}
	for _, a := range cert.Subject.Names {
		if s, isText := a.Value.(string); isText && !email && a.Type.Equal(oidEmailAddress) {
			names = append(names, generalName{nameEmail, []byte(s)})
		}
	}
	return names, len(names) <= 2*maxNames
}

// violation says which name lies outside; empty where all lie inside. A name of a kind that cannot be compared here is outside as soon as that kind is
// constrained.
func (c constraints) violation(names []generalName) string {
	for _, n := range names {
		constrained, inside := false, false
		for _, p := range c.permitted {
			if p.kind != n.kind {
				continue
			}
			constrained = true
			if in, ok := n.within(p); ok && in {
				inside = true
			}
		}
		if constrained && !inside {
			return "a name is not among those permitted"
		}
		for _, x := range c.excluded {
			if x.kind != n.kind {
				continue
			}
			if in, ok := n.within(x); !ok || in {
				return "a name is excluded"
			}
		}
	}
	return ""
}

// within reports whether the name lies in the subtree of the same kind; ok is false where it cannot be told.
func (n generalName) within(tree generalName) (in, ok bool) {
	switch n.kind {
	case nameDirectory:
		return directoryWithin(n.value, tree.value)
	case nameDNS:
		return hostWithin(string(n.value), string(tree.value), true), true
	case nameEmail:
		return emailWithin(string(n.value), string(tree.value)), true
	case nameURI:
		u, err := url.Parse(string(n.value))
		if err != nil || u.Hostname() == "" {
			return false, false
		}
		return hostWithin(u.Hostname(), string(tree.value), false), true
	case nameIP:
		return addressWithin(n.value, tree.value)
	}
	return false, false
}

// hostWithin: a constraint with a leading dot takes hosts below it. One without takes the host itself and, for DNS names, those below it.
func hostWithin(host, tree string, below bool) bool {
	host, tree = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(tree)
	switch {
	case tree == "":
		return true
	case strings.HasPrefix(tree, "."):
		return strings.HasSuffix(host, tree)
	}
	return host == tree || below && strings.HasSuffix(host, "."+tree)
}

// emailWithin: a constraint is a mailbox, a host or, with a leading dot, the hosts below one.
func emailWithin(mailbox, tree string) bool {
	at := strings.LastIndexByte(mailbox, '@')
	if at < 0 {
		return false
	}
	if i := strings.LastIndexByte(tree, '@'); i >= 0 {
		return mailbox[:at] == tree[:i] && strings.EqualFold(mailbox[at:], tree[i:])
	}
	return hostWithin(mailbox[at+1:], tree, false)
}

func addressWithin(value, tree []byte) (in, ok bool) {
	addr, good := netip.AddrFromSlice(value)
	if !good || len(tree) != 2*len(value) {
		return false, good && (len(tree) == 8 || len(tree) == 32)
	}
	for i, b := range addr.AsSlice() {
		if mask := tree[len(value)+i]; b&mask != tree[i]&mask {
			return false, true
		}
	}
	return true, true
}

// directoryWithin reports whether name begins with the relative names of tree.
func directoryWithin(name, tree []byte) (in, ok bool) {
	a, okA := relativeNames(name)
	b, okB := relativeNames(tree)
	if !okA || !okB {
		return false, false
	}
	if len(a) < len(b) {
		return false, true
	}
	for i := range b {
		if a[i] != b[i] {
			return false, true
		}
	}
	return true, true
}

// relativeNames returns the relative distinguished names of a DER Name as comparable text: types and values, text folded in case and inner space,
// whatever string type carries it (RFC 5280 7.1, without Unicode normalisation).
func relativeNames(der cryptobyte.String) (out []string, ok bool) {
	var in cryptobyte.String
	if !der.ReadASN1(&in, cbasn1.SEQUENCE) {
		return nil, false
	}
	for !in.Empty() {
		var set cryptobyte.String
		var text strings.Builder
		if !in.ReadASN1(&set, cbasn1.SET) {
			return nil, false
		}
		for !set.Empty() {
			var pair, value cryptobyte.String
			var oid asn1.ObjectIdentifier
			var tag cbasn1.Tag
			if !set.ReadASN1(&pair, cbasn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&oid) || !pair.ReadAnyASN1(&value, &tag) {
				return nil, false
			}
			switch tag {
			case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.T61String, cbasn1.IA5String:
				fmt.Fprintf(&text, "%s=%q+", oid, strings.ToLower(strings.Join(strings.Fields(string(value)), " ")))
			default:
				fmt.Fprintf(&text, "%s=#%d%x+", oid, tag, []byte(value))
			}
		}
		out = append(out, text.String())
	}
	return out, true
}
