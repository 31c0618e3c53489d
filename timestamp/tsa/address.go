package tsa

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// errAddress is a refusal to dial.
var errAddress = errors.New("the address is not public")

// special are blocks beyond those netip's predicates know that lead to no public host, or to an IPv4 host in IPv6 clothes (IANA special-purpose
// address registries).
func special() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48",
		"2001::/23", "2002::/16", "fec0::/10"} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, p := range special() {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// onlyPublic refuses to dial what is not public. It sees the address that a name led to, so a name that leads elsewhere the second time gains nothing.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errAddress, address)
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !public(addr) {
		return fmt.Errorf("%w: %s", errAddress, host)
	}
	return nil
}
