package testpki

import (
	"fmt"
	"testing/fstest"

	"yinxin/gm"
)

// Directory returns a folder for trust.Load that trusts the maker for seals and Root for owners, both of class internal, with Root's CRL. The maker's own
// certificate is the anchor, since Root certifies owners too and an owner is no maker.
func (p *PKI) Directory(revoked ...Revocation) fstest.MapFS {
	p.t.Helper()
	root, maker := gm.EncodePEM(p.Root.Cert), gm.EncodePEM(p.Maker.Cert)
	return fstest.MapFS{
		"trust.yaml":      {Data: fmt.Appendf(nil, "anchors:\n  - sm3: %x\n    class: internal\n  - sm3: %x\n    class: internal\n", gm.Fingerprint(p.Root.Cert), gm.Fingerprint(p.Maker.Cert)), Mode: 0o644},
		"maker/maker.crt": {Data: maker, Mode: 0o644},
		"ca/root.crt":     {Data: root, Mode: 0o644},
		"crl/root.crl":    {Data: p.CRL(revoked...), Mode: 0o644},
	}
}
