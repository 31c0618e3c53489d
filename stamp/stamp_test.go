package stamp_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"os"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
)

// TestRefusals: what must not be stamped is refused before the key is asked.
func TestRefusals(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	base := testseal.PDF(t, 1)
	info := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
	esl := testseal.Make(t, p, info, seal.V4)
	forged := bytes.Clone(esl)
	forged[bytes.Index(forged, []byte(testpki.OwnerName))] ^= 1
	sealed := testseal.Sealed(t, p, owner)
	broken := bytes.Clone(sealed)
	broken[len(testseal.PDF(t, 1))/2] ^= 1
	late := func(o stamp.Order) stamp.Order {
		o.Now = func() time.Time { return p.Now.AddDate(1, 1, 0) }
		return o
	}
	wordy := testseal.Order(base, esl, owner.Key, p.Now)
	wordy.Reason = strings.Repeat("长", 201)
	usage := p.Owner(testpki.OwnerName, "", testpki.Usage(1<<2))
	extended := info
	extended.Extensions = []seal.Extension{{OID: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
	for _, c := range []struct {
		name  string
		order stamp.Order
		kind  fault.Kind
		key   *testpki.Key
	}{
		{"seal expired", late(testseal.Order(base, esl, owner.Key, p.Now)), fault.Denied, owner.Key},
		{"seal forged", testseal.Order(base, forged, owner.Key, p.Now), fault.Denied, owner.Key},
		{"reason too long", wordy, fault.Invalid, owner.Key},
		{"no seal", testseal.Order(base, []byte("nothing"), owner.Key, p.Now), fault.Invalid, owner.Key},
		{"no document", testseal.Order([]byte("nothing"), esl, owner.Key, p.Now), fault.Invalid, owner.Key},
		{"earlier signature broken", testseal.Order(broken, esl, owner.Key, p.Now), fault.Denied, owner.Key},
		{"seal with an unknown critical extension", testseal.Order(base, testseal.Make(t, p, extended, seal.V4), owner.Key, p.Now), fault.Denied, owner.Key},
		{"key not in the seal", testseal.Order(base, esl, p.Maker.Key, p.Now), fault.Denied, p.Maker.Key},
		{"certificate not for signing", testseal.Order(base, testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, usage.Cert), seal.V4), usage.Key, p.Now), fault.Denied, usage.Key},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := c.key.Uses()
			var out document.Memory
			_, err := stamp.Make(context.Background(), c.order, &out)
			if fault.KindOf(err) != c.kind {
				t.Errorf("error %v, want kind %v", err, c.kind)
			}
			if c.key.Uses() != before {
				t.Error("the key was asked")
			}
		})
	}
}

// TestTwice: the second seal leaves the first as it was, and the original bytes are an exact prefix each time.
func TestTwice(t *testing.T) {
	p := testpki.New(t)
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	a, b := p.Owner(testpki.OwnerName, testpki.OwnerUSCC), p.Owner("远山示例制造有限公司", testpki.MakerUSCC)
	base := testseal.PDF(t, 2)
	in := base
	for i, h := range []*testpki.Holder{a, b} {
		esl := testseal.Make(t, p, testseal.Info(t, p, h.Cert.Subject.CommonName, h.Cert), seal.V4)
		o := testseal.Order(in, esl, h.Key, p.Now.Add(time.Duration(i)*time.Minute))
		o.Trust, o.Places[0].X = set, 60+float64(80*i)
		var out document.Memory
		r, err := stamp.Make(context.Background(), o, &out)
		if err != nil {
			t.Fatal(err)
		}
		if r.Earlier != i || r.Size != out.Size() || h.Key.Uses() != 1 || !bytes.HasPrefix(out.Bytes(), in) {
			t.Errorf("stamping %d: %+v, %d bytes, %d uses", i+1, r, out.Size(), h.Key.Uses())
		}
		in = out.Bytes()
	}
	judges(t, in)
}

// judges asks programs that are not ours.
func judges(t *testing.T, file []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sealed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(need.Tool(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf --check: %v\n%s", err, out)
	}
	out, err := exec.Command(need.Tool(t, "pdfsig"), path).CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatalf("pdfsig: %v", err)
	}
	if n := bytes.Count(out, []byte("Signed Ranges:")); n != 2 {
		t.Errorf("pdfsig lists %d seals, not 2:\n%s", n, out)
	}
	if n := bytes.Count(out, []byte("Total document signed")); n != 1 {
		t.Errorf("pdfsig says %d signatures cover the whole file, not 1:\n%s", n, out)
	}
}
