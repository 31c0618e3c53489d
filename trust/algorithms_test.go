package trust_test

import (
	"strings"
	"testing"

	"yinxin/trust"
)

// TestAlgorithms: certificates that OpenSSL signs under every algorithm in use make a chain here, and weak or unknown ones are named.
func TestAlgorithms(t *testing.T) {
	const rsa = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"
	pss := func(more string) string { return "-sigopt rsa_padding_mode:pss " + more }
	o := openssl{t, t.TempDir()}
	o.write("base.cnf", []byte(agreeConfig+"basicConstraints=critical,CA:TRUE\n[leaf]\nkeyUsage=critical,digitalSignature\n"))
	made := make(map[string]bool)
	for i, c := range []struct {
		name, key, sign string
		problem         trust.ProblemCode
	}{
		{name: "RSA", key: rsa, sign: "-sha256"}, {name: "RSA SHA-384", key: rsa, sign: "-sha384"}, {name: "RSA SHA-512", key: rsa, sign: "-sha512"},
		{name: "RSA SHA-224", key: rsa, sign: "-sha224"},
		{name: "PSS", key: rsa, sign: "-sha256 " + pss("-sigopt rsa_pss_saltlen:32")},
		{name: "PSS with all the salt there is room for", key: rsa, sign: "-sha256 " + pss("-sigopt rsa_pss_saltlen:max")},
		{name: "PSS with little salt", key: rsa, sign: "-sha512 " + pss("-sigopt rsa_pss_saltlen:20")},
		{name: "PSS without salt", key: rsa, sign: "-sha384 " + pss("-sigopt rsa_pss_saltlen:0")},
		{name: "PSS SHA-1", key: rsa, sign: "-sha1 " + pss("-sigopt rsa_pss_saltlen:20"), problem: trust.WeakAlgorithm},
		{name: "PSS with a mask of another hash", key: rsa, sign: "-sha256 " + pss("-sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha512"), problem: trust.UnknownAlgorithm},
		{name: "SHA-1", key: rsa, sign: "-sha1", problem: trust.WeakAlgorithm},
		{name: "MD5", key: rsa, sign: "-md5", problem: trust.WeakAlgorithm},
		{name: "P-256", key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", sign: "-sha256"},
		{name: "P-384", key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", sign: "-sha384"},
		{name: "P-521", key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-521", sign: "-sha512"},
		{name: "P-256 SHA-224", key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", sign: "-sha224"},
		{name: "Ed25519", key: "-algorithm ED25519"},
	} {
		key := "key" + strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, strings.ToLower(c.key)) + ".pem"
		if !made[key] {
			made[key] = true
			o.run(append([]string{"genpkey", "-out", key}, strings.Fields(c.key)...)...)
		}
		root := []string{"req", "-x509", "-new", "-config", "base.cnf", "-extensions", "ext", "-key", key, "-subj", "/CN=root", "-days", "60", "-out", "root.crt"}
		leaf := []string{"req", "-x509", "-new", "-config", "base.cnf", "-extensions", "leaf", "-key", key, "-CA", "root.crt", "-CAkey", key, "-subj", "/CN=leaf", "-days", "30",
			"-out", "leaf.crt"}
		o.run(append(root, strings.Fields(c.sign)...)...)
		o.run(append(leaf, strings.Fields(c.sign)...)...)
		s, err := trust.NewSet([]trust.Anchor{{Certificate: o.cert("root.crt"), Use: trust.UseCA}}, trust.Evidence{})
		if err != nil {
			t.Fatal(err)
		}
		chain := s.Build(o.cert("leaf.crt"), nil, trust.UseCA)
		if chain.Good() != (c.problem == "") || c.problem != "" && !chain.Has(c.problem) {
			t.Errorf("%d %s: anchored %v, %+v", i, c.name, chain.Anchored, chain.Problems)
		}
		for _, p := range chain.Problems {
			if p.Code == trust.WeakAlgorithm && p.Until.IsZero() {
				t.Errorf("%s: no date until when it was accepted: %+v", c.name, p)
			}
		}
	}
}
