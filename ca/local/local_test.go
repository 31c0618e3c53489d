package local

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/trust"
)

const rootTitle = "示例内部根证书"

// house is an authority with what a test needs round it.
type house struct {
	*CA
	dir string
	key *testpki.Key
	now time.Time
}

func (h *house) clock() time.Time { return h.now }

func newHouse(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	return newHouseOf(t, testpki.NewKey(t), change...)
}

// newHouseOf makes a house whose root has the key.
func newHouseOf(t testing.TB, key *testpki.Key, change ...func(*Options)) *house {
	t.Helper()
	h := &house{dir: filepath.Join(t.TempDir(), "ca"), key: key, now: testpki.Epoch()}
	o := Options{Name: rootTitle, Key: h.key, Ref: "soft:root", Now: h.clock}
	for _, c := range change {
		c(&o)
	}
	var err error
	if h.CA, err = Init(t.Context(), h.dir, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.CA.Close() })
	return h
}

// again opens the directory once more, as another process would.
func (h *house) again(t testing.TB) *CA {
	t.Helper()
	c, err := Open(t.Context(), h.dir, h.key, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (h *house) request(t testing.TB) ca.Request {
	t.Helper()
	return ca.Request{
		Profile:   ca.Owner,
		Subject:   ca.Subject{CommonName: testpki.OwnerName, Organization: testpki.OwnerName, OrganizationalUnit: "印章管理", USCC: testpki.OwnerUSCC},
		Public:    testpki.NewKey(t).Public(),
		NotBefore: h.now,
		NotAfter:  h.now.AddDate(3, 0, 0),
	}
}

func (h *house) issue(t testing.TB) *gm.Certificate {
	t.Helper()
	cert, err := h.Issue(t.Context(), h.request(t))
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func wantFault(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	if p, _ := fault.PublicOf(err); !errors.Is(err, kind) || p.Code != code || p.ZH == "" || p.EN == "" {
		t.Errorf("got %v (code %q), want %v with code %q", err, p.Code, kind, code)
	}
}

func TestRoot(t *testing.T) {
	h := newHouse(t)
	if h.Class() != trust.ClassInternal {
		t.Errorf("class is %s", h.Class())
	}
	root := h.Chain()[0]
	if len(h.Chain()) != 1 || root.KeyUsage != gm.KeyUsageCertSign|gm.KeyUsageCRLSign || !root.IsCA || !root.MaxPathLenZero || root.MaxPathLen != 0 ||
		!h.key.SM2().Equal(root.PublicKey) || root.Subject.CommonName != rootTitle || root.Subject.Country[0] != "CN" {
		t.Errorf("root is %+v", root)
	}
	if !root.NotBefore.Equal(h.now) || !root.NotAfter.Equal(h.now.AddDate(10, 0, 0)) {
		t.Errorf("root lives from %v to %v", root.NotBefore, root.NotAfter)
	}
	if len(root.SubjectKeyId) != 20 || !bytes.Equal(root.SubjectKeyId, root.AuthorityKeyId) {
		t.Errorf("key identifiers are %x and %x", root.SubjectKeyId, root.AuthorityKeyId)
	}
	if err := gm.CheckCertificateSignature(root, root); err != nil {
		t.Error(err)
	}
	if ref, err := KeyRef(h.dir); err != nil || ref != "soft:root" {
		t.Errorf("key reference is %q, %v", ref, err)
	}
	if !h.again(t).Chain()[0].Equal(root) {
		t.Error("another root after opening again")
	}
	if h.key.Uses() != 1 {
		t.Errorf("the key was used %d times, want once", h.key.Uses())
	}
}

func TestInitRefuses(t *testing.T) {
	key := testpki.NewKey(t)
	good := Options{Name: rootTitle, Key: key, Ref: "soft:root", Now: testpki.Epoch}
	for name, c := range map[string]struct {
		change func(*Options)
		code   string
	}{
		"no name":          {func(o *Options) { o.Name = "" }, "certificate-name"},
		"long name":        {func(o *Options) { o.Name = strings.Repeat("印", 65) }, "certificate-name"},
		"no key":           {func(o *Options) { o.Key = nil }, "ca-key"},
		"negative years":   {func(o *Options) { o.Years = -1 }, "ca-years"},
		"too many years":   {func(o *Options) { o.Years = MaxYears + 1 }, "ca-years"},
		"negative days":    {func(o *Options) { o.CRLDays = -1 }, "ca-crl-days"},
		"too many days":    {func(o *Options) { o.CRLDays = 367 }, "ca-crl-days"},
		"not an address":   {func(o *Options) { o.CRLURL = "root.crl" }, "ca-crl-url"},
		"another scheme":   {func(o *Options) { o.CRLURL = "file:///root.crl" }, "ca-crl-url"},
		"address in words": {func(o *Options) { o.CRLURL = "http://示例.example/root.crl" }, "ca-crl-url"},
	} {
		dir := filepath.Join(t.TempDir(), "ca")
		o := good
		c.change(&o)
		if _, err := Init(t.Context(), dir, o); err == nil {
			t.Errorf("%s: accepted", name)
		} else {
			wantFault(t, err, fault.Invalid, c.code)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: left a directory behind", name)
		}
	}
	if key.Uses() != 0 {
		t.Errorf("the key was used %d times", key.Uses())
	}
}

func TestInitLeavesWhatIsThere(t *testing.T) {
	h := newHouse(t)
	before := files(t, h.dir)
	_, err := Init(t.Context(), h.dir, Options{Name: "other", Key: h.key, Now: h.clock})
	wantFault(t, err, fault.Conflict, "ca-exists")
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Init(t.Context(), foreign, Options{Name: "other", Key: h.key, Now: h.clock})
	wantFault(t, err, fault.Conflict, "ca-exists")
	if h.key.Uses() != 1 || !same(before, files(t, h.dir)) {
		t.Error("the key was used or a file was touched")
	}
}

// TestInitKeyFails: a key that fails leaves nothing, and the same directory can be tried again.
func TestInitKeyFails(t *testing.T) {
	dir, key := t.TempDir(), testpki.NewKey(t)
	o := Options{Name: rootTitle, Key: key, Ref: "soft:root", Now: testpki.Epoch}
	broken := errors.New("pulled out")
	key.Fail(broken)
	if _, err := Init(t.Context(), dir, o); !errors.Is(err, broken) {
		t.Errorf("failing key: %v", err)
	}
	key.Garble([]byte("garbage"))
	if _, err := Init(t.Context(), dir, o); err == nil {
		t.Error("a garbled signature was accepted")
	}
	if f := files(t, dir); len(f) != 1 {
		t.Errorf("left behind: %v", f)
	}
	_, err := Open(t.Context(), dir, key, testpki.Epoch)
	wantFault(t, err, fault.NotFound, "ca-missing")
	key.Fail(nil)
	c, err := Init(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestOpenRefuses(t *testing.T) {
	h := newHouse(t)
	_, err := Open(t.Context(), filepath.Join(h.dir, "nowhere"), h.key, h.clock)
	wantFault(t, err, fault.NotFound, "ca-missing")
	_, err = KeyRef(filepath.Join(h.dir, "nowhere"))
	wantFault(t, err, fault.NotFound, "ca-missing")
	_, err = Open(t.Context(), h.dir, testpki.NewKey(t), h.clock)
	wantFault(t, err, fault.Invalid, "ca-key-mismatch")
	_, err = Open(t.Context(), h.dir, nil, h.clock)
	wantFault(t, err, fault.Invalid, "ca-key")

	p := testpki.New(t)
	good := files(t, h.dir)
	for name, c := range map[string]struct{ file, data string }{
		"root cut short":           {rootName, good[rootName][:len(good[rootName])/2]},
		"root missing":             {rootName, ""},
		"two roots":                {rootName, good[rootName] + good[rootName]},
		"an owner for a root":      {rootName, string(gm.EncodePEM(p.Owner("x", "", testpki.WithKey(h.key)).Cert))},
		"configuration cut short":  {configName, good[configName][:20]},
		"unknown field":            {configName, strings.Replace(good[configName], `"crlNumber"`, `"crlNumbers"`, 1)},
		"later format":             {configName, strings.Replace(good[configName], `"format": 1`, `"format": 2`, 1)},
		"negative number":          {configName, strings.Replace(good[configName], `"crlNumber": 0`, `"crlNumber": -1`, 1)},
		"something behind":         {configName, good[configName] + "{}"},
		"configuration too large":  {configName, good[configName] + strings.Repeat(" ", maxConfig)},
		"index that is no index":   {indexName, "hello\n"},
		"index without its folder": {indexName, `{"serial":"01","status":"valid"}` + "\n"},
	} {
		path := filepath.Join(h.dir, c.file)
		if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), h.dir, h.key, h.clock); err == nil {
			t.Errorf("%s: opened", name)
		} else {
			wantFault(t, err, fault.Invalid, "ca-damaged")
		}
		if err := os.WriteFile(path, []byte(good[c.file]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.again(t)
}

func TestIssue(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.CRLURL = "https://crl.example/root.crl" })
	for _, profile := range []ca.Profile{ca.Owner, ca.Maker} {
		r := h.request(t)
		r.Profile = profile
		cert, err := h.Issue(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		root := h.Chain()[0]
		if err := gm.CheckCertificateSignature(cert, root); err != nil {
			t.Error(err)
		}
		if cert.KeyUsage != gm.KeyUsageDigitalSignature|gm.KeyUsageContentCommitment || cert.IsCA || !cert.BasicConstraintsValid ||
			!bytes.Equal(cert.AuthorityKeyId, root.SubjectKeyId) || len(cert.SubjectKeyId) != 20 || bytes.Equal(cert.SubjectKeyId, root.SubjectKeyId) ||
			len(cert.CRLDistributionPoints) != 1 || cert.CRLDistributionPoints[0] != "https://crl.example/root.crl" {
			t.Errorf("%s: %+v", profile, cert)
		}
		if n := cert.SerialNumber; n.Sign() <= 0 || len(n.Bytes()) != 16 || n.Bytes()[0]&0x80 != 0 {
			t.Errorf("serial number %x", n)
		}
		if s := cert.Subject; s.CommonName != testpki.OwnerName || s.Organization[0] != testpki.OwnerName || s.OrganizationalUnit[0] != "印章管理" ||
			s.Country[0] != "CN" || gm.SubjectUSCC(cert) != testpki.OwnerUSCC {
			t.Errorf("subject is %v", s)
		}
		if !cert.NotBefore.Equal(r.NotBefore) || !cert.NotAfter.Equal(r.NotAfter) {
			t.Errorf("good from %v to %v", cert.NotBefore, cert.NotAfter)
		}
		onDisk, err := os.ReadFile(filepath.Join(h.dir, issuedFile(cert.SerialNumber)))
		if err != nil || !bytes.Equal(onDisk, gm.EncodePEM(cert)) {
			t.Errorf("the file in issued/ is another (%v)", err)
		}
		back, err := h.Certificate(t.Context(), cert.SerialNumber)
		if err != nil || !back.Equal(cert) {
			t.Errorf("the index holds another certificate (%v)", err)
		}
		records, err := h.Records(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r := records[len(records)-1]; r.Serial.Cmp(cert.SerialNumber) != 0 || r.Profile != profile || r.USCC != testpki.OwnerUSCC ||
			r.Subject != cert.Subject.String() || !r.NotAfter.Equal(cert.NotAfter) || !r.Issued.Equal(h.now) || r.Revoked {
			t.Errorf("recorded %+v", r)
		}
	}
}

// TestSameNameAsRoot: the builder takes equal names for self-signed and would leave out whose key signed.
func TestSameNameAsRoot(t *testing.T) {
	h := newHouse(t)
	r := h.request(t)
	r.Subject = ca.Subject{CommonName: rootTitle, Organization: rootTitle}
	cert, err := h.Issue(t.Context(), r)
	if err != nil || !bytes.Equal(cert.AuthorityKeyId, h.Chain()[0].SubjectKeyId) {
		t.Errorf("authority key identifier %x, %v", cert.AuthorityKeyId, err)
	}
}

func TestIssueRefuses(t *testing.T) {
	h := newHouse(t)
	root := h.Chain()[0]
	for name, c := range map[string]struct {
		change func(*ca.Request)
		kind   fault.Kind
		code   string
	}{
		"incomplete":        {func(r *ca.Request) { r.Subject.CommonName = "" }, fault.Invalid, "certificate-name"},
		"longer than root":  {func(r *ca.Request) { r.NotAfter = root.NotAfter.Add(time.Second) }, fault.Invalid, "certificate-validity"},
		"earlier than root": {func(r *ca.Request) { r.NotBefore = root.NotBefore.Add(-time.Second) }, fault.Invalid, "certificate-validity"},
		"the root's key":    {func(r *ca.Request) { r.Public = h.key.Public() }, fault.Denied, "certificate-root-key"},
		"no key at all":     {func(r *ca.Request) { r.Public = "key" }, fault.Invalid, "certificate-public-key"},
	} {
		r := h.request(t)
		c.change(&r)
		_, err := h.Issue(t.Context(), r)
		if err == nil {
			t.Errorf("%s: issued", name)
		}
		wantFault(t, err, c.kind, c.code)
	}
	r := h.request(t)
	r.NotAfter = root.NotAfter
	if _, err := h.Issue(t.Context(), r); err != nil {
		t.Errorf("as long as the root: %v", err)
	}
	h.now = h.now.AddDate(4, 0, 0)
	r.NotAfter = r.NotBefore.AddDate(1, 0, 0)
	_, err := h.Issue(t.Context(), r)
	wantFault(t, err, fault.Invalid, "certificate-validity")
	if _, err := h.Certificate(t.Context(), big.NewInt(7)); !errors.Is(err, fault.NotFound) {
		t.Errorf("unknown serial: %v", err)
	}
}

func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir+"/")] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if a[name] != b[name] {
			return false
		}
	}
	return true
}

func cancelled(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
