package trust_test

import (
	"bytes"
	"testing"
	"testing/fstest"

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
