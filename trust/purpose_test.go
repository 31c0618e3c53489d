package trust_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/trust"
)

// purposes is an extended key usage.
func purposes(t testing.TB, critical bool, list ...asn1.ObjectIdentifier) change {
	return withExtension(asn1.ObjectIdentifier{2, 5, 29, 37}, critical, der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, oid := range list {
				b.AddASN1ObjectIdentifier(oid)
			}
		})
	}))
}

func purpose(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, n} }

// TestPurposes: the extended key usage is judged by the use.
func TestPurposes(t *testing.T) {
	server, client, mail, stamping, documents := purpose(1), purpose(2), purpose(4), purpose(8), purpose(36)
	anything := asn1.ObjectIdentifier{2, 5, 29, 37, 0}
	none := func(*gm.Certificate) {}
	for _, c := range []struct {
		name      string
		use       trust.Use
		sub, leaf change
		link      int // of the problem; -1 is none
	}{
		{"not stated", trust.UseCA, none, none, -1},
		{"documents", trust.UseCA, none, purposes(t, true, documents), -1},
		{"mail among others", trust.UseMaker, none, purposes(t, false, server, mail), -1},
		{"client", trust.UseTax, none, purposes(t, false, client), -1},
		{"anything", trust.UseCA, none, purposes(t, true, anything), -1},
		{"servers only", trust.UseCA, none, purposes(t, false, server), 0},
		{"time stamps only", trust.UseMaker, none, purposes(t, true, stamping), 0},
		{"a private purpose only", trust.UseCA, none, purposes(t, true, asn1.ObjectIdentifier{1, 2, 3, 4}), 0},
		{"a CA for servers", trust.UseCA, purposes(t, false, server), none, 1},
		{"a CA for mail", trust.UseCA, purposes(t, false, mail), none, -1},
		{"an authority of time", trust.UseTSA, none, purposes(t, true, stamping), -1},
		{"an authority of time, not critical", trust.UseTSA, none, purposes(t, false, stamping), 0},
		{"an authority of time and more", trust.UseTSA, none, purposes(t, true, stamping, mail), 0},
		{"an authority of time, of anything", trust.UseTSA, none, purposes(t, true, anything), 0},
		{"an authority of time, not stated", trust.UseTSA, none, none, 0},
		{"an authority of time below a CA for mail", trust.UseTSA, purposes(t, false, mail), purposes(t, true, stamping), 1},
	} {
		root := authority(t, nil, nil, "示例根")
		sub := authority(t, root, nil, "示例运营", c.sub)
		leaf := issue(t, sub, nil, "李示例", c.leaf)
		s, err := trust.NewSet([]trust.Anchor{{Certificate: root.cert, Use: c.use}}, trust.Evidence{})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Build(leaf.cert, certs(sub), c.use)
		if !got.Anchored || got.Good() != (c.link < 0) || c.link >= 0 && (len(got.Problems) != 1 || got.Problems[0].Code != trust.ExtKeyUsage || got.Problems[0].Link != c.link) {
			t.Errorf("%s: %+v", c.name, got.Problems)
		}
	}
	pinned := issue(t, nil, nil, "自签", purposes(t, false, server))
	if c := set(t, trust.Evidence{}, pinned).Build(pinned.cert, nil, trust.UseCA); !c.Good() {
		t.Errorf("what the operator pinned: %+v", c.Problems)
	}
}

// TestWanted: a chain that ends at nobody says whom one would have to trust, with the certificate where it is at hand.
func TestWanted(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	sub := authority(t, root, nil, "示例运营")
	leaf := issue(t, sub, nil, "李示例", func(c *gm.Certificate) {
		for i := range 9 {
			c.IssuingCertificateURL = append(c.IssuingCertificateURL, fmt.Sprintf("http://ca.example.org/%d.crt", i))
		}
	})
	nobody := set(t, trust.Evidence{})
	w := nobody.Build(leaf.cert, certs(sub, root), trust.UseCA).Wanted
	if w == nil || w.Subject != root.cert.Subject.String() || w.Fingerprint != trust.Fingerprint(root.cert) || string(w.Certificate) != string(root.cert.Raw) || !w.CA || w.Issuer != "" {
		t.Errorf("the root is in the file: %+v", w)
	}
	w = nobody.Build(leaf.cert, certs(sub), trust.UseCA).Wanted
	if w == nil || w.Subject != sub.cert.Subject.String() || !w.CA || w.Issuer != root.cert.Subject.String() || w.IssuerKeyID != hex.EncodeToString(root.cert.SubjectKeyId) {
		t.Errorf("the root is missing: %+v", w)
	}
	w = nobody.Build(leaf.cert, nil, trust.UseMaker).Wanted
	if w == nil || w.Fingerprint != trust.Fingerprint(leaf.cert) || w.CA || w.Issuer != sub.cert.Subject.String() || len(w.IssuerURLs) != 4 {
		t.Errorf("nothing but the leaf: %+v", w)
	}
	if c := set(t, trust.Evidence{}, root).Build(leaf.cert, certs(sub), trust.UseCA); c.Wanted != nil {
		t.Errorf("nobody is missing: %+v", c.Wanted)
	}
}

// TestBuildAt: of two certificates of one CA the one valid at the moment is taken; where none is, the chain is there all the same.
func TestBuildAt(t *testing.T) {
	root, key := authority(t, nil, nil, "示例根"), newKey(t)
	period := func(from, to int) change {
		return func(c *gm.Certificate) { c.NotBefore, c.NotAfter = epoch.AddDate(from, 0, 0), epoch.AddDate(to, 0, 0) }
	}
	old, renewed := authority(t, root, key, "示例运营", period(0, 2)), authority(t, root, key, "示例运营", period(2, 4))
	leaf := issue(t, old, nil, "李示例")
	s := set(t, trust.Evidence{}, root)
	for year, want := range map[int]*entity{1: old, 3: renewed} {
		for _, pool := range [][]*gm.Certificate{certs(old, renewed), certs(renewed, old)} {
			at := epoch.AddDate(year, 0, 0)
			if c := s.BuildAt(leaf.cert, pool, trust.UseCA, at); !c.Good() || c.ValidAt(at) != nil || c.Links[1].Fingerprint != trust.Fingerprint(want.cert) {
				t.Errorf("in year %d: %+v", year, c.ValidAt(at))
			}
		}
	}
	if c := s.BuildAt(leaf.cert, certs(old, renewed), trust.UseCA, epoch.AddDate(5, 0, 0)); !c.Good() || c.ValidAt(epoch.AddDate(5, 0, 0)) == nil {
		t.Errorf("in no period: %+v", c)
	}
}

// TestNameForms: a name is the same name in another string type, so neither a chain nor a constraint is escaped by writing it otherwise.
func TestNameForms(t *testing.T) {
	name := func(tag cbasn1.Tag, value string) []byte {
		return der(t, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{2, 5, 4, 10})
						b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(value)) })
					})
				})
			})
		})
	}
	utf8, bmp := name(cbasn1.UTF8String, "示例 Org"), name(30, "\x79\x3a\x4f\x8b\x00 \x00o\x00R\x00g")
	if trust.Comparable(utf8) != trust.Comparable(bmp) || trust.Comparable(utf8) != trust.Comparable(name(28, "\x00\x00\x79\x3a\x00\x00\x4f\x8b\x00\x00\x00 \x00\x00\x00O\x00\x00\x00R\x00\x00\x00G")) {
		t.Errorf("%q and %q", trust.Comparable(utf8), trust.Comparable(bmp))
	}
	if trust.Comparable(utf8) == trust.Comparable(name(cbasn1.UTF8String, "示例Org")) || trust.Comparable([]byte{0x30, 5}) == trust.Comparable([]byte{0x30, 6}) {
		t.Error("different names are the same")
	}
	excluded := directory(t, pkix.Name{Organization: []string{"云杉示例科技有限公司"}, Country: []string{"CN"}})
	root := authority(t, nil, nil, "示例根", nameConstraints(t, nil, excluded))
	var units strings.Builder
	for _, r := range "云杉示例科技有限公司" {
		units.WriteByte(byte(r >> 8))
		units.WriteByte(byte(r))
	}
	leaf := issue(t, root, nil, "李示例", func(c *gm.Certificate) {
		c.RawSubject = der(t, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, part := range []struct {
					oid   asn1.ObjectIdentifier
					tag   cbasn1.Tag
					value string
				}{{asn1.ObjectIdentifier{2, 5, 4, 6}, cbasn1.PrintableString, "CN"}, {asn1.ObjectIdentifier{2, 5, 4, 10}, 30, units.String()}} {
					b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
						b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1ObjectIdentifier(part.oid)
							b.AddASN1(part.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(part.value)) })
						})
					})
				}
			})
		})
	})
	if c := set(t, trust.Evidence{}, root).Build(leaf.cert, nil, trust.UseCA); !c.Has(trust.NameConstraints) {
		t.Errorf("an excluded name in another string type: %+v", c.Problems)
	}
}

// TestNameBudget: many constraints against many names on many paths cost a bounded search that says so.
func TestNameBudget(t *testing.T) {
	var trees []func(*cryptobyte.Builder)
	for i := range 250 {
		trees = append(trees, general(2, fmt.Sprintf("x%d.example.org", i))...)
	}
	names := func(c *gm.Certificate) {
		for i := range 250 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("y%d.example.com", i))
		}
	}
	root := authority(t, nil, nil, "示例根", nameConstraints(t, nil, trees))
	key := newKey(t)
	var pool []*gm.Certificate
	for range 40 {
		pool = append(pool, authority(t, root, key, "示例运营", usage(gm.KeyUsageCertSign), withExtension(asn1.ObjectIdentifier{1, 2, 3}, true, []byte{5, 0})).cert)
	}
	leaf := issue(t, &entity{key: key, cert: pool[0]}, nil, "李示例", names)
	if c := set(t, trust.Evidence{}, root).Build(leaf.cert, pool, trust.UseCA); c.Good() || !c.Has(trust.SearchGaveUp) {
		t.Errorf("%+v", c.Problems)
	}
}

func TestAcceptedUntil(t *testing.T) {
	for name, want := range map[string]int{"MD5": 2004, "MD5-RSA": 2004, "MD2-RSA": 2004, "SHA-1": 2014, "SHA1-RSA": 2014, "ECDSA-SHA1": 2014, "RSA key of 1024 bits": 2014,
		"RSA-1024": 2014, "RSA key of 512 bits": 2010, "RSA key of 2048 bits": 0, "SHA256-RSA": 0, "SM2-SM3": 0, "SHA-256": 0, "": 0} {
		got := trust.AcceptedUntil(name)
		if want == 0 && !got.IsZero() || want != 0 && (got.Year() != want || got.After(time.Date(want, 12, 31, 0, 0, 0, 0, time.UTC))) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
