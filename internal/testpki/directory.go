package testpki

import (
	"fmt"
	"testing/fstest"

	"yinxin/gm"
)

// Directory returns a folder for trust.Load that trusts Root for makers and owners, as of class internal, with Root's CRL.
func (p *PKI) Directory(revoked ...Revocation) fstest.MapFS {
	p.t.Helper()
	root := gm.EncodePEM(p.Root.Cert)
	return fstest.MapFS{
		"trust.yaml":     {Data: fmt.Appendf(nil, "anchors:\n  - sm3: %x\n    class: internal\n", gm.Fingerprint(p.Root.Cert)), Mode: 0o644},
		"maker/root.crt": {Data: root, Mode: 0o644},
		"ca/root.crt":    {Data: root, Mode: 0o644},
		"crl/root.crl":   {Data: p.CRL(revoked...), Mode: 0o644},
	}
}
