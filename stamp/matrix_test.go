package stamp_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/internal/interop"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
)

// layouts are the ways a PDF can be put together. qpdf makes some of a document of ours, programs from the field made the others; those signed before
// hold signatures that pdfsig finds valid.
func layouts(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.pdf")
	if err := os.WriteFile(plain, testseal.PDF(t, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{"as made here": testseal.PDF(t, 3)}
	for name, args := range map[string][]string{
		"classic":                        {"--object-streams=disable"},
		"object streams":                 {"--object-streams=generate"},
		"linearized":                     {"--linearize", "--object-streams=disable"},
		"linearized with object streams": {"--linearize", "--object-streams=generate"},
	} {
		made := filepath.Join(dir, "made.pdf")
		if text, err := exec.Command(need.Tool(t, "qpdf"), append(args, plain, made)...).CombinedOutput(); err != nil {
			t.Fatalf("qpdf %v: %v\n%s", args, err, text)
		}
		data, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	samples := need.Samples(t)
	for name, file := range map[string]string{
		"xref stream":              "unsigned/ph-minimal-xref.pdf",
		"hybrid":                   "unsigned/ph-minimal-hybrid-xref-mswordstyle.pdf",
		"form":                     "unsigned/ph-minimal-one-field-indir-annots.pdf",
		"signed before":            "valid/ss-sample-signed256.pdf",
		"signed before with PAdES": "valid/ss-sample-signed-pades-baseline-b.pdf",
		"certified before":         "valid/ph-double_signature_certify_first-MDPPerm-FILL_FORMS-True.pdf",
	} {
		data, err := os.ReadFile(filepath.Join(samples, "pdf", file))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	return out
}

// profiles are what is sealed first, and then by another party once more.
func profiles(a, b party) map[string][2]func(in []byte) stamp.Order {
	with := func(p party, x float64, at time.Duration, change func(*stamp.Order)) func([]byte) stamp.Order {
		return func(in []byte) stamp.Order {
			o := testseal.Order(in, p.esl, p.own.Key, p.pki.Now.Add(at))
			o.Places[0].X, o.Places[0].Y = x, 25 // some samples have small pages
			change(&o)
			return o
		}
	}
	both := func(change func(*stamp.Order, party)) [2]func([]byte) stamp.Order {
		return [2]func([]byte) stamp.Order{
			with(a, 35, 0, func(o *stamp.Order) { change(o, a) }),
			with(b, 60, time.Minute, func(o *stamp.Order) { change(o, b) }),
		}
	}
	return map[string][2]func([]byte) stamp.Order{
		"ses":           both(func(*stamp.Order, party) {}),
		"cms":           both(func(o *stamp.Order, _ party) { o.Profile = stamp.CMS }),
		"gbt35275":      both(func(o *stamp.Order, _ party) { o.Profile = stamp.GBT35275 }),
		"ses and RSA":   both(func(o *stamp.Order, p party) { o.Also = signer(p.rsa) }),
		"cms and P-256": both(func(o *stamp.Order, p party) { o.Profile, o.Also = stamp.CMS, signer(p.p256) }),
	}
}

// clean is how qpdf finds a file: 0 clean, 3 with warnings, 2 broken.
func clean(t *testing.T, file string) (code int, said string) {
	t.Helper()
	out, err := exec.Command(need.Tool(t, "qpdf"), "--check", file).CombinedOutput()
	if err != nil {
		code = 2
		if e, ok := err.(*exec.ExitError); ok { //nolint:errorlint // exec returns it bare
			code = e.ExitCode()
		}
	}
	return code, string(out)
}

// listing is what pdfsig says of a file.
func listing(t *testing.T, file string) string {
	t.Helper()
	out, err := exec.Command(need.Tool(t, "pdfsig"), "-nocert", file).CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatalf("pdfsig: %v", err)
	}
	return string(out)
}

const (
	poppler      = "Signature Validation: "
	popplerValid = poppler + "Signature is Valid."
	wholeFile    = "Total document signed"
)

// TestMatrix: every profile on every layout, sealed twice by two parties. Programs that are not ours say what came of it.
func TestMatrix(t *testing.T) {
	a, b := newParty(t), newParty(t)
	other := b.pki.Owner("远山示例制造有限公司", testpki.MakerUSCC)
	b.own, b.esl = other, testseal.Make(t, b.pki, testseal.Info(t, b.pki, "远山示例制造有限公司", other.Cert), seal.V4)
	dir := t.TempDir()
	var made []string
	for layout, base := range layouts(t) {
		in := filepath.Join(dir, "in.pdf")
		if err := os.WriteFile(in, base, 0o600); err != nil {
			t.Fatal(err)
		}
		before, warned := clean(t, in)
		was := listing(t, in)
		for profile, acts := range profiles(a, b) {
			t.Run(layout+"/"+profile, func(t *testing.T) {
				file, each := base, 0
				for _, act := range acts {
					o := act(file)
					if each = 1; o.Also != nil {
						each = 2
					}
					file = testseal.Stamp(t, o)
				}
				if !bytes.HasPrefix(file, base) {
					t.Error("the original bytes are no prefix")
				}
				path := filepath.Join(dir, strings.ReplaceAll(fmt.Sprintf("%s-%s.pdf", layout, profile), " ", "_"))
				if err := os.WriteFile(path, file, 0o600); err != nil {
					t.Fatal(err)
				}
				made = append(made, path)
				if code, said := clean(t, path); code != before && code != 0 {
					t.Errorf("qpdf finds it worse than before: %d, %d before\n%s\nbefore:\n%s", code, before, said, warned)
				}
				now := listing(t, path)
				if got, want := strings.Count(now, "Signed Ranges:"), strings.Count(was, "Signed Ranges:")+2*each; got != want {
					t.Errorf("pdfsig lists %d signatures, want %d:\n%s", got, want, now)
				}
				if n := strings.Count(now, wholeFile); n != 1 {
					t.Errorf("%d signatures cover the whole file for pdfsig:\n%s", n, now)
				}
				foreign := 0 // signatures of ours that poppler can judge
				if each == 2 {
					foreign = 2
				}
				if got, want := strings.Count(now, popplerValid), strings.Count(was, popplerValid)+foreign; got != want {
					t.Errorf("pdfsig finds %d signatures valid, want %d:\n%s", got, want, now)
				}
			})
		}
	}
	if t.Failed() {
		return
	}
	interop.New(t).Agrees(t, made...)
}
