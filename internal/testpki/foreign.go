package testpki

import (
	"crypto"
	"sync"
	"testing"

	"yinxin/hsm"
)

// Foreign is a public key infrastructure of another algorithm beside the SM2 one: what an extra signature for readers without SM2 is made with. The
// Holder is an owner below Root, of the name and code of OwnerName and OwnerUSCC; its Cert and Key are what signs.
type Foreign struct {
	*Holder
	Root *Holder // its key signs the same algorithm
}

// Foreign returns the infrastructure of hsm.RSAPKCS1 (2048 bits) or hsm.ECDSAP256, the same one each time. From the first call on Directory trusts
// its root for owners and holds its revocation list; without any call Directory knows SM2 alone. More holders come from Owner with IssuedBy(f.Root)
// and WithKey(NewKeyOf(t, alg)), its revocation list from CRLOf(f.Root, …). It is not for several goroutines at once. RSA keys are made once a
// process, so two PKIs share them, but neither certificates nor counts of uses. Failures end the test t.
func (p *PKI) Foreign(t testing.TB, alg hsm.Algorithm) *Foreign {
	t.Helper()
	for _, f := range p.foreign {
		if f.Key.alg == alg {
			return f
		}
	}
	root, owner := foreignKeys(t, alg)
	f := &Foreign{Root: p.NewRoot("示例根证书 Test Root "+string(alg), WithKey(root))}
	f.Holder = p.Owner(OwnerName, OwnerUSCC, IssuedBy(f.Root), WithKey(owner))
	p.foreign = append(p.foreign, f)
	return f
}

// rsaPair makes two RSA keys once a process: they take longer than all the rest of a PKI.
var rsaPair = sync.OnceValues(func() (pair [2]crypto.Signer, err error) {
	for i := range pair {
		if pair[i], err = generate(hsm.RSAPKCS1); err != nil {
			return pair, err
		}
	}
	return pair, nil
})

func foreignKeys(t testing.TB, alg hsm.Algorithm) (root, owner *Key) {
	t.Helper()
	switch alg {
	case hsm.ECDSAP256:
		return NewKeyOf(t, alg), NewKeyOf(t, alg)
	case hsm.RSAPKCS1:
		pair, err := rsaPair()
		if err != nil {
			t.Fatalf("testpki: make RSA keys: %v", err)
		}
		return &Key{alg: alg, private: pair[0]}, &Key{alg: alg, private: pair[1]}
	}
	t.Fatalf("testpki: %q is no foreign algorithm", string(alg))
	return nil, nil
}
