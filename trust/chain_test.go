package trust_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"

	"yinxin/gm"
	"yinxin/trust"
)

func TestBuild(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	sub := authority(t, root, nil, "示例运营")
	leaf := issue(t, sub, nil, "李示例")
	s := set(t, trust.Evidence{}, root)
	c := s.Build(leaf.cert, certs(sub), trust.UseCA)
	if !c.Good() || len(c.Links) != 3 || c.Class != trust.ClassLicensed || c.AnchorName != "示例根" || c.MissingIssuer != "" {
		t.Fatalf("%+v", c)
	}
	for i, e := range []*entity{leaf, sub, root} {
		l := c.Links[i]
		if !bytes.Equal(l.Raw, e.cert.Raw) || l.Fingerprint != trust.Fingerprint(e.cert) || l.KeyAlgorithm != "SM2" || l.SignatureAlgorithm != "SM2-SM3" ||
			l.Serial != fmt.Sprintf("%x", e.cert.SerialNumber) || l.Subject != e.cert.Subject.String() || l.Issuer != e.cert.Issuer.String() ||
			!l.NotBefore.Equal(epoch) {
			t.Errorf("link %d: %+v", i, l)
		}
	}
	parsed, err := c.Certificates()
	if err != nil || len(parsed) != 3 || !parsed[2].Equal(root.cert) {
		t.Errorf("certificates: %v", err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back trust.Chain
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("not plain data: %s", diff)
	}
	if c := s.Build(leaf.cert, certs(sub), trust.UseMaker); c.Anchored || !c.Has(trust.NotTrusted) && c.MissingIssuer == "" || c.Class != trust.ClassUnknown {
		t.Errorf("an anchor counts for another use: %+v", c)
	}
}

func TestBuildEnds(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	sub := authority(t, root, nil, "示例运营")
	leaf := issue(t, sub, nil, "李示例")
	own := issue(t, nil, nil, "自签")
	s := set(t, trust.Evidence{}, root)
	for _, c := range []struct {
		name     string
		leaf     *entity
		pool     []*gm.Certificate
		set      *trust.Set
		links    int
		anchored bool
		missing  string
		problem  trust.ProblemCode
	}{
		{name: "the leaf is an anchor", leaf: own, set: set(t, trust.Evidence{}, own), links: 1, anchored: true},
		{name: "the issuer is an anchor", leaf: leaf, set: set(t, trust.Evidence{}, sub), links: 2, anchored: true},
		{name: "the issuer is missing", leaf: leaf, set: s, links: 1, missing: sub.cert.Subject.String()},
		{name: "the root is missing", leaf: leaf, pool: certs(sub), set: set(t, trust.Evidence{}), links: 2, missing: root.cert.Subject.String()},
		{name: "the root is no anchor", leaf: leaf, pool: certs(sub, root), set: set(t, trust.Evidence{}), links: 3, problem: trust.NotTrusted},
		{name: "self-signed", leaf: own, set: s, links: 1, problem: trust.NotTrusted},
	} {
		got := c.set.Build(c.leaf.cert, c.pool, trust.UseCA)
		if len(got.Links) != c.links || got.Anchored != c.anchored || got.MissingIssuer != c.missing || c.problem != "" && !got.Has(c.problem) ||
			c.problem == "" && len(got.Problems) > 0 {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestBuildProblems: an anchored chain with one thing wrong each; the link says where.
func TestBuildProblems(t *testing.T) {
	critical := asn1.ObjectIdentifier{1, 2, 3, 4}
	org := pkix.Name{Country: []string{"CN"}, Organization: []string{"示例市数据局"}}
	mail := func(c *gm.Certificate) { c.EmailAddresses = []string{"a@example.org"} }
	for _, c := range []struct {
		name string
		code trust.ProblemCode
		link int
		root []change
		sub  []change
		leaf []change
	}{
		{name: "no CA", code: trust.NotCA, link: 1, sub: []change{func(c *gm.Certificate) { c.IsCA = false; c.BasicConstraintsValid = false }}},
		{name: "says it is no CA", code: trust.NotCA, link: 1, sub: []change{func(c *gm.Certificate) { c.IsCA = false }}},
		{name: "may not sign certificates", code: trust.NoCertSign, link: 1, sub: []change{usage(gm.KeyUsageDigitalSignature)}},
		{name: "an anchor that may not sign certificates", code: trust.NoCertSign, link: 2, root: []change{usage(gm.KeyUsageCRLSign)}},
		{name: "path length", code: trust.PathLength, link: 2, root: []change{func(c *gm.Certificate) { c.MaxPathLenZero = true }}},
		{name: "critical extension of the leaf", code: trust.UnknownCritical, link: 0, leaf: []change{withExtension(critical, true, []byte{5, 0})}},
		{name: "critical extension of the CA", code: trust.UnknownCritical, link: 1, sub: []change{withExtension(critical, true, []byte{5, 0})}},
		{name: "directory name not permitted", code: trust.NameConstraints, link: 0, sub: []change{nameConstraints(t, directory(t, org), nil)}},
		{name: "directory name excluded", code: trust.NameConstraints, link: 0,
			sub: []change{nameConstraints(t, nil, directory(t, pkix.Name{Country: []string{"cn"}}))}},
		{name: "mail not permitted", code: trust.NameConstraints, link: 0, leaf: []change{mail}, sub: []change{nameConstraints(t, general(1, ".example.org"), nil)}},
		{name: "mail excluded", code: trust.NameConstraints, link: 0, leaf: []change{mail}, root: []change{nameConstraints(t, nil, general(1, "example.org"))}},
		{name: "constraints with a minimum, which no profile uses", code: trust.NameConstraints, link: 1,
			sub: []change{withExtension(asn1.ObjectIdentifier{2, 5, 29, 30}, false, []byte{0x30, 10, 0xa0, 8, 0x30, 6, 0x82, 1, 'x', 0x80, 1, 1})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := authority(t, nil, nil, "示例根", c.root...)
			sub := authority(t, root, nil, "示例运营", c.sub...)
			leaf := issue(t, sub, nil, "李示例", c.leaf...)
			got := set(t, trust.Evidence{}, root).Build(leaf.cert, certs(sub), trust.UseCA)
			if !got.Anchored || got.Good() || len(got.Problems) != 1 || got.Problems[0].Code != c.code || got.Problems[0].Link != c.link {
				t.Errorf("want %s at %d: %+v", c.code, c.link, got.Problems)
			}
		})
	}
}

func TestNameConstraints(t *testing.T) {
	within := func(names change, permitted []func(*cryptobyte.Builder)) bool {
		root := authority(t, nil, nil, "示例根", nameConstraints(t, permitted, nil))
		leaf := issue(t, root, nil, "李示例", names)
		inside := set(t, trust.Evidence{}, root).Build(leaf.cert, nil, trust.UseCA).Good()
		root = authority(t, nil, nil, "示例根", nameConstraints(t, nil, permitted))
		leaf = issue(t, root, nil, "李示例", names)
		outside := set(t, trust.Evidence{}, root).Build(leaf.cert, nil, trust.UseCA).Good()
		if inside == outside {
			t.Errorf("neither permitted nor excluded, or both")
		}
		return inside
	}
	dns := func(s string) change { return func(c *gm.Certificate) { c.DNSNames = []string{s} } }
	mail := func(s string) change { return func(c *gm.Certificate) { c.EmailAddresses = []string{s} } }
	for _, c := range []struct {
		names  change
		kind   uint8
		tree   string
		inside bool
	}{
		{dns("a.example.org"), 2, "example.org", true},
		{dns("example.org"), 2, "example.org", true},
		{dns("badexample.org"), 2, "example.org", false},
		{dns("EXAMPLE.org."), 2, "example.ORG", true},
		{mail("a@example.org"), 1, "example.org", true},
		{mail("a@sub.example.org"), 1, "example.org", false},
		{mail("a@sub.example.org"), 1, ".example.org", true},
		{mail("a@example.org"), 1, "a@example.org", true},
		{mail("b@example.org"), 1, "a@example.org", false},
		{func(c *gm.Certificate) { c.IPAddresses = []net.IP{{10, 1, 2, 3}} }, 7, "\x0a\x00\x00\x00\xff\x00\x00\x00", true},
	} {
		if got := within(c.names, general(c.kind, c.tree)); got != c.inside {
			t.Errorf("kind %d in %q: %v", c.kind, c.tree, got)
		}
	}
	any1 := func(*gm.Certificate) {}
	for _, c := range []struct {
		tree   pkix.Name
		inside bool
	}{
		{pkix.Name{Country: []string{"CN"}, Organization: []string{"云杉示例科技有限公司"}}, true},
		{pkix.Name{Country: []string{"cn"}}, true}, // case and string type do not matter
		{pkix.Name{Country: []string{"CN"}, Organization: []string{"云杉示例"}}, false},
	} {
		if got := within(any1, directory(t, c.tree)); got != c.inside {
			t.Errorf("directory name in %s: %v", c.tree, got)
		}
	}
}

// TestSameName: of several CAs of one name the one whose key signed is found, and an impostor is named.
func TestSameName(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	leaf := issue(t, root, nil, "李示例")
	renewed := authority(t, nil, nil, "示例根", func(c *gm.Certificate) { c.SubjectKeyId = []byte("another key") })
	impostor := authority(t, nil, nil, "示例根")
	if c := set(t, trust.Evidence{}, renewed, impostor, root).Build(leaf.cert, nil, trust.UseCA); !c.Good() || !bytes.Equal(c.Links[1].Raw, root.cert.Raw) {
		t.Errorf("%+v", c)
	}
	if c := set(t, trust.Evidence{}, renewed).Build(leaf.cert, nil, trust.UseCA); c.Anchored || len(c.Problems) > 0 || c.MissingIssuer == "" {
		t.Errorf("another key of the CA is no forgery: %+v", c)
	}
	if c := set(t, trust.Evidence{}, impostor).Build(leaf.cert, nil, trust.UseCA); c.Anchored || !c.Has(trust.BadSignature) {
		t.Errorf("same name and key identifier, other key: %+v", c)
	}
	broken := bytes.Clone(leaf.cert.Raw)
	broken[len(broken)-1] ^= 1
	forged, err := gm.ParseCertificate(broken)
	if err != nil {
		t.Fatal(err)
	}
	if c := set(t, trust.Evidence{}, root).Build(forged, nil, trust.UseCA); c.Anchored || !c.Has(trust.BadSignature) {
		t.Errorf("a changed signature: %+v", c)
	}
}

// TestCrossCertificates: two roots that certify each other lead to whichever is an anchor, and to no endless search.
func TestCrossCertificates(t *testing.T) {
	keyA, keyB := newKey(t), newKey(t)
	a, b := authority(t, nil, keyA, "甲根"), authority(t, nil, keyB, "乙根")
	aByB, bByA := authority(t, b, keyA, "甲根"), authority(t, a, keyB, "乙根")
	leaf := issue(t, a, nil, "李示例")
	pool := certs(aByB, bByA)
	if c := set(t, trust.Evidence{}, b).Build(leaf.cert, pool, trust.UseCA); !c.Good() || len(c.Links) != 3 {
		t.Errorf("through the cross certificate: %+v", c)
	}
	if c := set(t, trust.Evidence{}, a, b).Build(leaf.cert, pool, trust.UseCA); !c.Good() || len(c.Links) != 2 {
		t.Errorf("the short way: %+v", c)
	}
	if c := set(t, trust.Evidence{}).Build(leaf.cert, pool, trust.UseCA); c.Anchored || !c.Has(trust.NotTrusted) {
		t.Errorf("a circle: %+v", c)
	}
}

// TestBetterPath: a path with a problem does not hide a good one.
func TestBetterPath(t *testing.T) {
	root, key := authority(t, nil, nil, "示例根"), newKey(t)
	bad := authority(t, root, key, "示例运营", usage(gm.KeyUsageCRLSign))
	good := authority(t, root, key, "示例运营")
	leaf := issue(t, good, nil, "李示例")
	s := set(t, trust.Evidence{}, root)
	if c := s.Build(leaf.cert, certs(bad, good), trust.UseCA); !c.Good() {
		t.Errorf("%+v", c)
	}
	if c := s.Build(leaf.cert, certs(bad), trust.UseCA); !c.Anchored || !c.Has(trust.NoCertSign) {
		t.Errorf("%+v", c)
	}
}

// TestBoundedSearch: many certificates of one name and key cost a bounded search; a chain that is too long is said to be.
func TestBoundedSearch(t *testing.T) {
	var pool []*gm.Certificate
	keys := make([]*gm.PrivateKey, 12)
	for i := range keys {
		keys[i] = newKey(t)
	}
	issuer := authority(t, nil, keys[0], "层0")
	for level := 1; level < len(keys); level++ {
		var next *entity
		for range 4 {
			next = authority(t, issuer, keys[level], fmt.Sprintf("层%d", level))
			pool = append(pool, next.cert)
		}
		issuer = next
	}
	leaf := issue(t, issuer, nil, "李示例")
	c := set(t, trust.Evidence{}).Build(leaf.cert, pool, trust.UseCA)
	if c.Anchored || !c.Has(trust.SearchGaveUp) || len(c.Links) > 8 {
		t.Errorf("%d links: %+v", len(c.Links), c.Problems)
	}
}

func TestValidAt(t *testing.T) {
	root := authority(t, nil, nil, "示例根", func(c *gm.Certificate) { c.NotAfter = epoch.AddDate(2, 0, 0) })
	leaf := issue(t, root, nil, "李示例", func(c *gm.Certificate) { c.NotAfter = epoch.AddDate(1, 0, 0) })
	c := set(t, trust.Evidence{}, root).Build(leaf.cert, nil, trust.UseCA)
	for at, want := range map[time.Time]int{
		epoch: -1, epoch.AddDate(1, 0, 0): -1, epoch.Add(-time.Second): 0, epoch.AddDate(1, 0, 1): 0, epoch.AddDate(3, 0, 0): 0,
	} {
		bad := c.ValidAt(at)
		if (bad == nil) != (want < 0) || bad != nil && bad != &c.Links[want] {
			t.Errorf("at %s: %+v", at, bad)
		}
	}
	c.Links = slices.Clone(c.Links[1:])
	if bad := c.ValidAt(epoch.AddDate(3, 0, 0)); bad == nil || bad.Subject != root.cert.Subject.String() {
		t.Errorf("the root's period: %+v", bad)
	}
}

func TestKeyUsageForSigning(t *testing.T) {
	for _, c := range []struct {
		usage  gm.KeyUsage
		ds, nr bool
	}{
		{0, true, true}, {gm.KeyUsageDigitalSignature, true, false}, {gm.KeyUsageContentCommitment, false, true}, {gm.KeyUsageCertSign, false, false},
	} {
		leaf := issue(t, nil, nil, "李示例", usage(c.usage))
		if ds, nr := trust.KeyUsageForSigning(leaf.cert); ds != c.ds || nr != c.nr || !trust.IsSM2(leaf.cert) {
			t.Errorf("%b: %v %v", c.usage, ds, nr)
		}
	}
}
