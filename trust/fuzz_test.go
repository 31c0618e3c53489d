package trust_test

import (
	"bytes"
	"net"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"yinxin/gm"
	"yinxin/trust"
)

// FuzzParseOCSP: nothing panics, what is read can be asked of, and no response that the CA did not sign is believed.
func FuzzParseOCSP(f *testing.F) {
	root := authority(f, nil, nil, "示例根")
	leaf, other := issue(f, root, nil, "李示例"), issue(f, root, nil, "王示例")
	delegated := issue(f, root, nil, "示例应答", func(c *gm.Certificate) { c.ExtKeyUsage = []gm.ExtKeyUsage{gm.ExtKeyUsageOCSPSigning} })
	var made [][]byte
	for _, r := range []response{
		{signer: root, answers: []answer{{cert: leaf, issuer: root, status: 1, reason: 1}}},
		{signer: delegated, with: []*entity{delegated}, byKey: true, answers: []answer{{cert: other, issuer: root}, {cert: leaf, issuer: root, status: 2, critical: true}}},
		{signer: root, basic: true, critical: true, answers: []answer{{cert: leaf, issuer: root}}},
	} {
		made = append(made, r.build(f))
		f.Add(made[len(made)-1])
	}
	f.Add([]byte{0x30, 3, 10, 1, 6})
	s := set(f, trust.Evidence{}, root)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := trust.ParseOCSP(data)
		if (err == nil) == (r == nil) {
			t.Fatal("a result beside an error, or neither")
		}
		got := s.Revocation(leaf.cert, root.cert, trust.Evidence{OCSPs: [][]byte{data}})
		known := false
		for _, m := range made {
			known = known || bytes.Equal(m, data)
		}
		if got.Status != trust.StatusUnknown && !known && !sameSigned(made, data) {
			t.Fatalf("believed: %+v", got)
		}
	})
}

// sameSigned reports whether data carries the signed part of something that was made: what lies around it is not signed.
func sameSigned(made [][]byte, data []byte) bool {
	r, err := trust.ParseOCSP(data)
	if err != nil {
		return false
	}
	for _, m := range made {
		o, err := trust.ParseOCSP(m)
		if err == nil && len(o.Answers) == len(r.Answers) && o.ProducedAt.Equal(r.ProducedAt) && bytes.Equal(o.Answers[0].KeyHash, r.Answers[0].KeyHash) {
			return true
		}
	}
	return false
}

// FuzzCRL: nothing panics, and no CRL that the CA did not sign is believed to revoke.
func FuzzCRL(f *testing.F) {
	root := authority(f, nil, nil, "示例根")
	leaf, other := issue(f, root, nil, "李示例"), issue(f, root, nil, "王示例")
	f.Add(root.crl(f, epoch, map[*entity]int{other: 1}))
	f.Add(root.crl(f, epoch, map[*entity]int{other: 6}, issuingPoint(f, "http://crl.example.org/1.crl", 1, 3, 4)))
	s := set(f, trust.Evidence{}, root)
	f.Fuzz(func(t *testing.T, data []byte) {
		if r := s.Revocation(leaf.cert, root.cert, trust.Evidence{CRLs: [][]byte{data}}); r.Status == trust.StatusRevoked {
			t.Fatalf("believed: %+v", r)
		}
	})
}

// FuzzLoad: whatever trust.yaml holds, Load answers with a Set or an error.
func FuzzLoad(f *testing.F) {
	root := authority(f, nil, nil, "示例根")
	f.Add([]byte("anchors:\n  - sm3: " + trust.Fingerprint(root.cert) + "\n    class: internal\n    name: 示例根\n"))
	f.Add([]byte("anchors: []\n"))
	f.Add([]byte("a: &a [x]\nb: [*a, *a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := trust.Load(fstest.MapFS{"ca/root.der.crt": file(root.cert.Raw), "trust.yaml": file(data)})
		if (err == nil) == (s == nil) {
			t.Fatal("a result beside an error, or neither")
		}
		if err == nil && len(s.Anchors()) != 1 {
			t.Fatalf("%d anchors", len(s.Anchors()))
		}
	})
}

// FuzzNames: whatever name constraints hold, applying them ends, and what they permit alone they do not also exclude.
func FuzzNames(f *testing.F) {
	root := authority(f, nil, nil, "示例根")
	leaf := issue(f, root, nil, "李示例", func(c *gm.Certificate) {
		c.DNSNames, c.EmailAddresses = []string{"a.example.org", "*.example.org"}, []string{"a@example.org"}
		c.IPAddresses = []net.IP{{10, 1, 2, 3}}
		c.URIs = []*url.URL{{Scheme: "https", Host: "www.example.org", Path: "/"}}
	})
	for _, trees := range [][]func(*cryptobyte.Builder){
		general(2, "example.org"), general(1, ".example.org"), general(6, "www.example.org"), general(7, "\x0a\x00\x00\x00\xff\x00\x00\x00"),
		directory(f, leaf.cert.Subject), general(8, "\x2a"),
	} {
		for _, pair := range [][2][]func(*cryptobyte.Builder){{trees, nil}, {nil, trees}, {trees, trees}} {
			var c gm.Certificate
			nameConstraints(f, pair[0], pair[1])(&c)
			f.Add(c.ExtraExtensions[0].Value)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		why, ok := trust.ConstraintsHold(data, leaf.cert)
		if !ok && why != "" {
			t.Fatal("a judgement by malformed constraints")
		}
		trust.Comparable(data)
	})
}

// FuzzAddClass: an entry added to whatever trust.yaml holds is read back beside those that were there, or nothing is added.
func FuzzAddClass(f *testing.F) {
	root, other := authority(f, nil, nil, "示例根"), authority(f, nil, nil, "另一根")
	f.Add([]byte("# ours\nanchors:\n  - sm3: "+trust.Fingerprint(other.cert)+"\n    class: internal # here\n"), "示例: 'x' # y")
	f.Add([]byte(""), "")
	f.Add([]byte("anchors: []\n"), "\n- a")
	f.Add([]byte("anchors: &a\n"), "x")
	f.Add([]byte("{anchors: [{sm3: "+trust.Fingerprint(other.cert)+", class: licensed}]}"), "x")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		added, err := trust.AddClass(text, root.cert, trust.ClassLicensed, name)
		if err != nil {
			return
		}
		s, err := trust.Load(fstest.MapFS{"ca/root.crt": file(root.cert.Raw), "maker/other.crt": file(other.cert.Raw), "trust.yaml": file(added)})
		if err != nil {
			if strings.Contains(err.Error(), "is not in the trust folder") {
				return // of some certificate that is not here
			}
			t.Fatalf("%v\n%s", err, added)
		}
		for _, a := range s.Anchors() {
			if a.Use == trust.UseCA && (a.Class != trust.ClassLicensed || a.Name != name && utf8.ValidString(name)) {
				t.Fatalf("%+v", a)
			}
		}
	})
}

// FuzzPublished: whatever a CA publishes, certificates come out or an error.
func FuzzPublished(f *testing.F) {
	root := authority(f, nil, nil, "示例根")
	f.Add(root.cert.Raw)
	f.Add(gm.EncodePEM(root.cert))
	f.Add(append([]byte{0x30, 0x82, 1, 0, 6, 9, 42, 134, 72, 134, 247, 13, 1, 7, 2, 0xa0, 0x80}, root.cert.Raw...))
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, err := trust.PublishedCertificates(data)
		if (err == nil) != (len(certs) > 0) {
			t.Fatalf("%d certificates, %v", len(certs), err)
		}
		if info, err := trust.ReadCRL(trust.CRLFromPEM(data)); err == nil && len(info.Issuer) == 0 {
			t.Fatal("a CRL without an issuer")
		}
	})
}
