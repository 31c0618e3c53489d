package trust_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/trust"
)

// pkitsCase is one path of the NIST Public Key Interoperability Test Suite, root first, as the Go distribution carries it.
type pkitsCase struct {
	Name                        string
	CertPath                    []string
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
	ShouldValidate              bool
}

// outsidePaths are chapters and cases that are decided by CRLs, which the distribution does not carry, or by keys that are not known here.
func outsidePaths() map[string]string {
	return map[string]string{
		"4.4": "CRLs", "4.14": "CRLs", "4.15": "CRLs",
		"4.1.4": "DSA", "4.1.5": "DSA", "4.7.4": "CRLs", "4.7.5": "CRLs", "4.5.2": "CRLs", "4.5.5": "CRLs", "4.5.7": "CRLs", "4.5.8": "CRLs",
	}
}

// TestPKITS: every path of the suite that certificates alone decide is decided as the suite says.
func TestPKITS(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), need.Tool(t, "go"), "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := need.File(t, "pkits", filepath.Join(strings.TrimSpace(string(root)), "src/crypto/x509/testdata/nist-pkits"))
	data, err := os.ReadFile(filepath.Join(dir, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []pkitsCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	left := outsidePaths()
	judged := 0
	for _, c := range cases {
		number, _, _ := strings.Cut(c.Name, " ")
		chapter := strings.Join(strings.Split(number, ".")[:2], ".")
		if left[chapter] != "" || left[number] != "" {
			continue
		}
		judged++
		if got, problems := c.judge(t, filepath.Join(dir, "certs")); got != c.ShouldValidate {
			t.Errorf("%s: valid %v, want %v: %+v", c.Name, got, c.ShouldValidate, problems)
		}
	}
	if judged < 150 {
		t.Fatalf("only %d paths judged", judged)
	}
	t.Logf("%d of %d paths", judged, len(cases))
}

func (c *pkitsCase) judge(t *testing.T, dir string) (valid bool, problems []trust.Problem) {
	t.Helper()
	var path []*gm.Certificate
	for _, name := range c.CertPath {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		cert, err := gm.ParseCertificate(raw)
		if err != nil {
			return false, []trust.Problem{{Code: trust.Malformed, Detail: name + ": " + err.Error()}}
		}
		path = append(path, cert)
	}
	set, err := trust.NewSet([]trust.Anchor{{Certificate: path[0], Use: trust.UseCA}}, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	in := trust.PolicyInputs{Explicit: c.InitialExplicitPolicy, InhibitMapping: c.InitialPolicyMappingInhibit, InhibitAny: c.InitialAnyPolicyInhibit}
	names := map[string]string{"NIST-test-policy-1": "1", "NIST-test-policy-2": "2", "NIST-test-policy-3": "3", "NIST-test-policy-6": "6"}
	for _, p := range c.InitialPolicySet {
		if p == "anyPolicy" {
			in.Wanted = nil
			break
		}
		if names[p] == "" {
			t.Fatalf("%s: policy %s is not known", c.Name, p)
		}
		in.Wanted = append(in.Wanted, "2.16.840.1.101.3.2.1.48."+names[p])
	}
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	chain := set.BuildUnderPolicy(path[len(path)-1], path[1:], trust.UseCA, at, in)
	return chain.Good() && chain.ValidAt(at) == nil, chain.Problems
}
