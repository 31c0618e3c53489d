package trust

import (
	"encoding/asn1"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

// constraints is the name constraints extension (RFC 5280 4.2.1.10).
type constraints struct{ permitted, excluded []generalName }

func parseConstraints(value cryptobyte.String) (c constraints, ok bool) {
	var in cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) || !value.Empty() {
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

// budget is how much work a search may still cause: what a hostile file can multiply is paid for from one purse.
type budget struct{ left int }

func (b *budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}

const (
	whyGaveUp       = "there are too many names to compare"
	whyNotPermitted = "a name is not among those permitted"
	whyExcluded     = "a name is excluded"
)

// violation says which name lies outside; empty where all lie inside. A name of a kind that cannot be compared here is outside as soon as that kind is
// constrained, critically or not.
func (c constraints) violation(names []generalName, b *budget) string {
	if !b.spend(len(names) * (len(c.permitted) + len(c.excluded))) {
		return whyGaveUp
	}
	for _, n := range names {
		constrained, inside := false, false
		for _, p := range c.permitted {
			if p.kind != n.kind {
				continue
			}
			constrained = true
			if in, ok := n.within(p, false); ok && in {
				inside = true
			}
		}
		if constrained && !inside {
			return whyNotPermitted
		}
		for _, x := range c.excluded {
			if x.kind != n.kind {
				continue
			}
			if in, ok := n.within(x, true); !ok || in {
				return whyExcluded
			}
		}
	}
	return ""
}

// within reports whether the name lies in the subtree of the same kind, or, where partly is set, whether any name does that it stands for; ok is
// false where it cannot be told.
func (n generalName) within(tree generalName, partly bool) (in, ok bool) {
	if n.opaque || tree.opaque {
		return false, false
	}
	name, base := string(n.value), string(tree.value)
	switch n.kind {
	case nameDirectory:
		return directoryWithin(n.parts, tree.parts), true
	case nameDNS:
		if rest, wild := strings.CutPrefix(name, "*"); wild && partly && strings.HasSuffix(strings.ToLower(base), strings.ToLower(rest)) {
			return true, true // the excluded host is one of those the wildcard stands for
		}
		return hostWithin(name, base, true), true
	case nameEmail:
		return emailWithin(name, base)
	case nameURI:
		u, err := url.Parse(name)
		if err != nil || u.Hostname() == "" || u.Opaque != "" {
			return false, false
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil {
			return false, false // constraints are on names of hosts
		}
		return hostWithin(u.Hostname(), base, false), true
	case nameIP:
		return addressWithin(n.value, tree.value)
	}
	return false, false
}

// hostWithin: a constraint with a leading dot takes hosts below it. One without takes the host itself and, for DNS names, those below it.
func hostWithin(host, tree string, below bool) bool {
	host, tree = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(strings.TrimSuffix(tree, "."))
	switch {
	case tree == "":
		return true
	case strings.HasPrefix(tree, "."):
		return strings.HasSuffix(host, tree)
	}
	return host == tree || below && strings.HasSuffix(host, "."+tree)
}

// emailWithin: a constraint is a mailbox, a host or, with a leading dot, the hosts below one.
func emailWithin(mailbox, tree string) (in, ok bool) {
	at := strings.LastIndexByte(mailbox, '@')
	if at < 0 {
		return false, false
	}
	if i := strings.LastIndexByte(tree, '@'); i >= 0 {
		return mailbox[:at] == tree[:i] && strings.EqualFold(mailbox[at:], tree[i:]), true
	}
	return hostWithin(mailbox[at+1:], tree, false), true
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
func directoryWithin(name, tree []string) bool {
	if len(name) < len(tree) {
		return false
	}
	for i := range tree {
		if name[i] != tree[i] {
			return false
		}
	}
	return true
}
