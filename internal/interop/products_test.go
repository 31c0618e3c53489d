package interop_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"yinxin/ca"
	"yinxin/ca/local"
	"yinxin/document"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/stamp"
)

// world is what the files are made of.
type world struct {
	pki      *testpki.PKI
	owner    *testpki.Holder
	info     seal.Info // of the owner's seal
	roots    map[string][]byte
	products []product
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p := testpki.New(t)
	w := &world{pki: p, owner: p.Owner(testpki.OwnerName, testpki.OwnerUSCC), roots: map[string][]byte{"sm2": p.Root.Cert.Raw}}
	w.info = testseal.Info(t, p, testpki.OwnerName, w.owner.Cert)
	w.seals(t)
	w.sealed(t)
	w.signed(t)
	w.packages(t)
	w.certificates(t, "sm2", p.Root, w.owner)
	w.house(t, p.Root.Key)
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		f := p.Foreign(t, alg)
		w.roots[string(alg)] = f.Root.Cert.Raw
		w.certificates(t, string(alg), f.Root, f.Holder)
		w.house(t, f.Root.Key)
	}
	w.lasting(t)
	return w
}

func (w *world) add(name string, data []byte, checks []string, spoils ...spoil) {
	w.products = append(w.products, product{name, data, checks, spoils})
}

// digestInfo is the seal's with a list of digests in place of certificates.
func (w *world) digestInfo() seal.Info {
	info := w.info
	info.Property.ListType, info.Property.Certs = seal.ListDigests, nil
	info.Property.Digests = []seal.CertDigest{seal.DigestOf(w.owner.Cert.Raw)}
	return info
}

func (w *world) seals(t *testing.T) {
	checks := []string{"read", "seal-form", "seal-maker", "seal-period", "seal-picture"}
	for name, made := range map[string][]byte{
		"v4":      testseal.Make(t, w.pki, w.info, seal.V4),
		"v5":      testseal.Make(t, w.pki, w.info, seal.V5),
		"digests": testseal.Make(t, w.pki, w.digestInfo(), seal.V4),
	} {
		w.add("seal-"+name+".esl", made, checks,
			spoil{"name", after(testpki.OwnerName, -1), "seal-maker"},
			spoil{"period", after("20270302080000Z", -2), "seal-maker"}, // another second
			spoil{"value", last, "seal-maker"},
			spoil{"longer", func(b []byte) []byte { return append(b, 0) }, "read"},
		)
	}
}

// sealed are documents with one and two seals.
func (w *world) sealed(t *testing.T) {
	checks := []string{"cover", "range", "padding", "version", "digest", "value", "listed", "time", "range-named", "time-shown", "picture", "seal-maker"}
	base := testseal.PDF(t, 2)
	order := func(in []byte, info seal.Info, v seal.Version, change ...func(*stamp.Order)) []byte {
		o := testseal.Order(in, testseal.Make(t, w.pki, info, v), w.owner.Key, w.pki.Now)
		o.Certificate = w.owner.Cert.Raw
		for _, c := range change {
			c(&o)
		}
		return testseal.Stamp(t, o)
	}
	riding := func(o *stamp.Order) { o.Lay = document.Riding{Side: document.Right, Offset: 100}.Places } // beside the whole seal
	v4 := order(base, w.info, seal.V4)
	for name, made := range map[string][]byte{
		"v4": v4, "v5": order(base, w.info, seal.V5), "digests": order(base, w.digestInfo(), seal.V4), "twice": order(v4, w.info, seal.V5),
		"riding": order(base, w.info, seal.V4, riding),
	} {
		spoils := []spoil{{"value", w.inValue(func(der []byte) { der[len(der)-1] ^= 1 }), "value"}}
		if name == "v4" || name == "twice" {
			spoils = append(spoils,
				spoil{"page", pageByte, "digest"},
				spoil{"seal", w.inValue(func(der []byte) { after(testpki.OwnerName, -1)(der) }), "seal-maker value"},
				spoil{"longer", longer, "cover"},
			)
		}
		w.add("sealed-"+name+".pdf", made, checks, spoils...)
	}
}

// signed are documents with a SignedData: plain CMS of three kinds of key, and the GB/T 35275 shape.
func (w *world) signed(t *testing.T) {
	common := []string{"cover", "range", "padding", "cms-form", "detached", "digest-algorithm", "value"}
	base := testseal.PDF(t, 1)
	add := func(name string, h *testpki.Holder, root *testpki.Holder, container func([]byte, ...[]byte) (*sign.CMS, error), digest, value string, checks ...string) {
		c, err := container(h.Cert.Raw, root.Cert.Raw)
		if err != nil {
			t.Fatal(err)
		}
		w.add(name+".pdf", testseal.Unchecked(t, base, c, h.Key, w.info.Picture, w.pki.Now), append(checks, common...),
			spoil{"page", pageByte, digest},
			spoil{"value", w.inValue(func(der []byte) { der[len(der)-1] ^= 1 }), value},
			spoil{"longer", longer, "cover"},
		)
	}
	add("cms-sm2", w.owner, w.pki.Root, sign.NewCMS, "value", "value", "certificate-id")
	add("gb", w.owner, w.pki.Root, sign.NewGB, "value value-mapped", "value value-mapped", "gb-form", "value-mapped")
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		f := w.pki.Foreign(t, alg)
		add("cms-"+string(alg), f.Holder, f.Root, sign.NewCMS, "value", "value", "certificate-id")
		w.also(t, f)
	}
}

// also is a document that is sealed and, in the same stamping, signed once more for readers without SM2.
func (w *world) also(t *testing.T, f *testpki.Foreign) {
	t.Helper()
	o := testseal.Order(testseal.PDF(t, 1), testseal.Make(t, w.pki, w.info, seal.V4), w.owner.Key, w.pki.Now)
	o.Also = &stamp.Signer{Certificate: f.Cert.Raw, Chain: [][]byte{f.Root.Cert.Raw}, Key: f.Key}
	w.add("also-"+string(f.Key.Algorithm())+".pdf", testseal.Stamp(t, o), []string{"digest", "listed", "picture", "seal-maker", "cms-form", "value", "certificate-id"},
		spoil{"page", pageByte, "digest value"},
		spoil{"value", w.inValue(func(der []byte) { der[len(der)-1] ^= 1 }), "value"},
	)
}

// certificates are those of an owner and an authority, and the authority's list.
func (w *world) certificates(t *testing.T, name string, root, owner *testpki.Holder) {
	t.Helper()
	below := w.pki.Authority("示例下级机构 "+name, testpki.IssuedBy(root), testpki.WithKey(owner.Key))
	end := w.pki.Owner("下级示例科技有限公司", "", testpki.IssuedBy(below))
	crl := w.pki.CRLOf(root, w.pki.Now, w.pki.Now.AddDate(0, 0, 7), testpki.Revocation{Cert: owner.Cert, Reason: 1})
	for kind, der := range map[string][]byte{"owner.crt": owner.Cert.Raw, "authority.crt": below.Cert.Raw, "end.crt": end.Cert.Raw, "list.crl": crl} {
		w.add(name+"-"+kind, der, []string{"read", "issuer"}, spoil{"value", last, "issuer"})
	}
}

// house is what the internal authority makes: its root, an owner's certificate, and a list that revokes it.
func (w *world) house(t *testing.T, key *testpki.Key) {
	t.Helper()
	ctx := t.Context()
	a, err := local.Init(ctx, t.TempDir(), local.Options{Name: "示例内部机构 " + string(key.Algorithm()), Key: key, Ref: "root", Now: w.pki.Clock})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	owner, err := a.Issue(ctx, ca.Request{Profile: ca.Owner, Subject: ca.Subject{CommonName: testpki.OwnerName, USCC: testpki.OwnerUSCC},
		Public: w.owner.Key.Public(), NotBefore: w.pki.Now, NotAfter: w.pki.Now.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Revoke(ctx, owner.SerialNumber, ca.KeyCompromise, w.pki.Now); err != nil {
		t.Fatal(err)
	}
	crl, err := a.CRL(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for kind, der := range map[string][]byte{"root.crt": a.Chain()[0].Raw, "owner.crt": owner.Raw, "list.crl": crl} {
		w.add("house-"+string(key.Algorithm())+"-"+kind, der, []string{"read", "issuer"}, spoil{"value", last, "issuer"})
	}
}

func last(b []byte) []byte {
	b[len(b)-1] ^= 1
	return b
}

// longer adds bytes that no signature covers.
func longer(b []byte) []byte { return append(b, "%\n"...) }

// after alters the byte at an offset from the end of the first place where s stands.
func after(s string, offset int) func([]byte) []byte {
	return func(b []byte) []byte {
		if at := bytes.Index(b, []byte(s)); at >= 0 {
			b[at+len(s)+offset] ^= 1
		}
		return b
	}
}

// pageByte alters a byte that every signature covers and no reader needs: of the second line of the file, which marks it as binary.
func pageByte(b []byte) []byte {
	b[bytes.IndexByte(b, '\n')+2] ^= 1
	return b
}

// inValue alters the last signature's value where it stands in the file.
func (w *world) inValue(change func(der []byte)) func([]byte) []byte {
	return func(b []byte) []byte {
		start := bytes.LastIndex(b, []byte("/Contents<")) + len("/Contents<")
		end := start + bytes.IndexByte(b[start:], '>')
		der := make([]byte, (end-start)/2)
		if _, err := hex.Decode(der, b[start:end]); err != nil {
			return b
		}
		change(bytes.TrimRight(der, "\x00"))
		hex.Encode(b[start:end], der)
		return b
	}
}
