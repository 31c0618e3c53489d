package trust_test

import (
	"encoding/pem"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

func file(data []byte) *fstest.MapFile { return &fstest.MapFile{Data: data} }

func TestLoad(t *testing.T) {
	w := newWorld(t)
	maker := authority(t, nil, nil, "示例制章根")
	crl := w.sub.crl(t, epoch, map[*entity]int{w.leaf: 1})
	ocsp := response{signer: w.sub, answers: []answer{{cert: w.other, issuer: w.sub}}}.build(t)
	fingerprint := strings.ToUpper(trust.Fingerprint(w.root.cert))
	s, err := trust.Load(fstest.MapFS{
		"README":            file([]byte("what these are")),
		"ca/two.pem":        file(append(gm.EncodePEM(w.root.cert), gm.EncodePEM(w.impostor.cert)...)),
		"ca/again.CER":      file(w.root.cert.Raw),
		"ca/note.txt":       file([]byte("not read")),
		"maker/root.crt":    file(maker.cert.Raw),
		"crl/sub.crl":       file(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: crl})),
		"crl/root.crl":      file(w.root.crl(t, epoch, nil)),
		"ocsp/one.ors":      file(ocsp),
		"ocsp/sub/deep.ors": file([]byte("not read")),
		"trust.yaml":        file([]byte("anchors:\n  - sm3: " + fingerprint[:32] + ":" + fingerprint[32:] + "\n    class: e-government\n    name: 示例根\n")),
	})
	if err != nil {
		t.Fatal(err)
	}
	classes := make(map[trust.Use][]trust.Class)
	for _, a := range s.Anchors() {
		classes[a.Use] = append(classes[a.Use], a.Class)
	}
	if len(classes[trust.UseCA]) != 2 || len(classes[trust.UseMaker]) != 1 || classes[trust.UseMaker][0] != trust.ClassUnknown {
		t.Errorf("%v", classes)
	}
	c := s.Build(w.leaf.cert, certs(w.sub), trust.UseCA)
	if !c.Good() || c.Class != trust.ClassEGovernment || c.AnchorName != "示例根" || c.Class.In("zh") != "电子政务电子认证服务机构" {
		t.Errorf("%+v", c)
	}
	if r := s.Revocation(w.leaf.cert, w.sub.cert, trust.Evidence{}); r.Status != trust.StatusRevoked {
		t.Errorf("%+v", r)
	}
	if r := s.Revocation(w.other.cert, w.sub.cert, trust.Evidence{}); r.Status != trust.StatusGood {
		t.Errorf("%+v", r)
	}
}

func TestLoadEmpty(t *testing.T) {
	s, err := trust.Load(fstest.MapFS{})
	if err != nil || len(s.Anchors()) != 0 {
		t.Fatalf("%v", err)
	}
	leaf := issue(t, nil, nil, "李示例")
	if c := s.Build(leaf.cert, nil, trust.UseTSA); c.Anchored || c.Class != trust.ClassUnknown {
		t.Errorf("%+v", c)
	}
	if r := s.Revocation(leaf.cert, leaf.cert, trust.Evidence{}); r.Status != trust.StatusUnknown || r.Why != trust.WhyNoEvidence {
		t.Errorf("%+v", r)
	}
}

// TestLoadRefuses: what cannot be read is an error that names the file and says what to do.
func TestLoadRefuses(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	good := gm.EncodePEM(root.cert)
	entry := "anchors:\n  - sm3: " + trust.Fingerprint(root.cert) + "\n"
	for _, c := range []struct {
		name, file, data, code string
	}{
		{"no certificate", "ca/x.crt", "hello", "trust-file-unreadable"},
		{"a key", "tsa/x.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "trust-file-unreadable"},
		{"no CRL", "crl/x.crl", "hello", "trust-file-unreadable"},
		{"no response", "ocsp/x.ors", "hello", "trust-file-unreadable"},
		{"too large", "ocsp/x.ors", strings.Repeat("x", 2<<20), "trust-file-unreadable"},
		{"no YAML", "trust.yaml", "\t", "trust-file-unreadable"},
		{"unknown field", "trust.yaml", entry + "    class: internal\n    colour: red\n", "trust-file-unreadable"},
		{"unknown class", "trust.yaml", entry + "    class: famous\n", "trust-file-unreadable"},
		{"no class", "trust.yaml", entry, "trust-file-unreadable"},
		{"short fingerprint", "trust.yaml", "anchors:\n  - sm3: 00ff\n    class: internal\n", "trust-file-unreadable"},
		{"twice", "trust.yaml", entry + "    class: internal\n" + strings.TrimPrefix(entry, "anchors:\n") + "    class: internal\n", "trust-file-unreadable"},
		{"two documents", "trust.yaml", entry + "    class: internal\n---\nanchors: []\n", "trust-file-unreadable"},
		{"absent anchor", "trust.yaml", "anchors:\n  - sm3: " + strings.Repeat("ab", 32) + "\n    class: internal\n", "trust-anchor-absent"},
	} {
		_, err := trust.Load(fstest.MapFS{"ca/root.crt": file(good), c.file: file([]byte(c.data))})
		p, ok := fault.PublicOf(err)
		if !ok || !errors.Is(err, fault.Invalid) || p.Code != c.code || !strings.Contains(p.EN, c.file) || !strings.Contains(p.ZH, c.file) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := trust.Load(noDir{}); !errors.Is(err, fs.ErrPermission) || !errors.Is(err, fault.Invalid) {
		t.Errorf("a folder that may not be read: %v", err)
	}
	if _, err := trust.Load(fstest.MapFS{"ca/root.crt": file(good), "trust.yaml": file(nil)}); err != nil {
		t.Errorf("an empty trust.yaml: %v", err)
	}
}

// noDir is a file system that opens nothing.
type noDir struct{}

func (noDir) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestClassWords(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range []trust.Class{trust.ClassUnknown, trust.ClassInternal, trust.ClassLicensed, trust.ClassEGovernment} {
		for _, lang := range []string{"zh", "en"} {
			w := c.In(lang)
			if w == "" || seen[w] {
				t.Errorf("%s in %s: %q", c, lang, w)
			}
			seen[w] = true
		}
	}
}

func TestNewSetRefuses(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	for name, c := range map[string]struct {
		anchors  []trust.Anchor
		evidence trust.Evidence
	}{
		"no certificate": {anchors: []trust.Anchor{{Use: trust.UseCA}}},
		"no use":         {anchors: []trust.Anchor{{Certificate: root.cert}}},
		"no CRL":         {evidence: trust.Evidence{CRLs: [][]byte{{1}}}},
		"no response":    {evidence: trust.Evidence{OCSPs: [][]byte{{1}}}},
	} {
		if _, err := trust.NewSet(c.anchors, c.evidence); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
