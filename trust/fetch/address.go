package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"yinxin/fault"
)

// errAddress is a refusal to dial.
var errAddress = fault.New(fault.Denied, "fetch-private", "这是内网或保留地址，未获允许", "its address is private or reserved, which is not allowed", nil)

// reserved are blocks that netip's own predicates do not know and that lead to no public host (IANA special-purpose registries), or to an IPv4 host in
// IPv6 clothes.
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// public reports whether an address leads to a host of the public network.
func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// control refuses to dial what is not allowed. It sees the address that a name led to, so a name that leads elsewhere the second time gains nothing.
func control(allow func(netip.Addr) bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", errAddress, address)
		}
		addr, err := netip.ParseAddr(host)
		if err != nil || !permitted(addr, allow) {
			return fmt.Errorf("%w: %s", errAddress, host)
		}
		return nil
	}
}

func permitted(addr netip.Addr, allow func(netip.Addr) bool) bool {
	return public(addr) || allow != nil && allow(addr.Unmap().WithZone(""))
}
