package pdf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// TestRewriteSamples: every sample that may be rewritten looks after it, to others, as it did before, also when it was damaged in between; and no sample
// in which others see a signature is ever rewritten, damaged or not.
func TestRewriteSamples(t *testing.T) {
	written, refused := 0, 0
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			b, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			out, r, err := rewrittenFile(t, b, document.Limits{})
			if err != nil {
				refused++
				if fault.KindOf(err) != fault.Denied {
					t.Errorf("refused with %v", err)
				}
				if code(err) == "pdf-rewrite-signed" {
					checkNeverWritten(t, b)
				}
				return
			}
			written++
			t.Logf("%+v", r)
			if showsSignature(t, s.path) {
				t.Fatal("others see a signature, and it was rewritten")
			}
			checkRewritten(t, out, r)
			judged := map[string]bool{content(out): true}
			judge(t, s.path, out)
			for _, x := range breakages() {
				t.Run(x.name, func(t *testing.T) { judgeBroken(t, s.path, b, x, r.PagesAfter, judged) })
			}
		})
	}
	t.Logf("%d written, %d refused", written, refused)
	if written < 10 || refused < 40 {
		t.Errorf("%d samples were written and %d refused", written, refused)
	}
}

// content is a rewritten file without its trailer.
func content(out []byte) string { return string(out[:bytes.LastIndex(out, []byte("trailer"))]) }

// judgeBroken damages a sample; rewritten, it must look as it did before the damage. Most damage leaves no trace: such files were judged already.
func judgeBroken(t *testing.T, path string, b []byte, x breakage, pages int, judged map[string]bool) {
	c := x.apply(b)
	if bytes.Equal(c, b) {
		t.Skip("there is nothing to damage")
	}
	out, r, err := rewrittenFile(t, c, document.Limits{})
	if err != nil {
		if !x.content {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if r.Clean() || r.PagesAfter != pages {
		t.Errorf("%d pages were %d: %+v", r.PagesAfter, pages, r)
	}
	checkRewritten(t, out, r)
	if !x.content && !judged[content(out)] {
		judged[content(out)] = true
		judge(t, path, out)
	}
}

// showsSignature asks other programs whether a file is signed. Signature fields without a value are no signatures.
func showsSignature(t *testing.T, path string) bool {
	t.Helper()
	said := output(t, "pdfsig", "-nocert", path)
	plain := filepath.Join(t.TempDir(), "plain.pdf")
	exitCode(t, "qpdf", "--qdf", "--object-streams=disable", path, plain)
	b, _ := os.ReadFile(plain) // is not there where the file cannot be read
	return strings.Contains(said, "Signed Ranges") || strings.Contains(said, "Signature Type") || bytes.Contains(b, []byte("/ByteRange"))
}

// checkNeverWritten damages a signed file and cuts it off at many places. Only when others see no signature in what is left it may be written.
func checkNeverWritten(t *testing.T, b []byte) {
	t.Helper()
	dir := t.TempDir()
	check := func(name string, c []byte) {
		if bytes.Equal(c, b) {
			return
		}
		_, _, err := rewrittenFile(t, c, document.Limits{})
		if err != nil {
			return
		}
		path := filepath.Join(dir, "broken.pdf")
		if err := os.WriteFile(path, c, 0o600); err != nil {
			t.Fatal(err)
		}
		if showsSignature(t, path) {
			t.Errorf("%s: others see a signature, and it was rewritten", name)
		}
	}
	for _, x := range breakages() {
		check(x.name, x.apply(b))
	}
	const cuts = 32
	for i := range cuts {
		check("cut off", b[:len(b)*i/cuts])
	}
}

// judge compares a rewritten file with a file that looks as it should.
func judge(t *testing.T, path string, out []byte) {
	t.Helper()
	now := filepath.Join(t.TempDir(), "new.pdf")
	if err := os.WriteFile(now, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := output(t, "qpdf", "--check", now); strings.Contains(said, "WARNING") || !strings.Contains(said, "No syntax or stream encoding errors") {
		if was := output(t, "qpdf", "--check", path); !sameComplaint(was, said) {
			t.Errorf("qpdf: %s", said)
		}
	}
	if _, err := readPDFCPU(out); err != nil {
		t.Errorf("pdfcpu: %v", err)
	}
	last := []string{"-l", "12"}
	if was, is := output(t, "pdftotext", append(last, path, "-")...), output(t, "pdftotext", append(last, now, "-")...); trimmed(was) != trimmed(is) {
		t.Errorf("the text was\n%.400s\nand is\n%.400s", was, is)
	}
	if was, is := rendered(t, path), rendered(t, now); !bytes.Equal(was, is) {
		t.Error("the first page looks different")
	}
}

// trimmed leaves out what a judge says of the damage, and the marks between pages: not every judge counts pages that are no indirect objects.
func trimmed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "Syntax Error") && !strings.HasPrefix(line, "Syntax Warning") && !strings.HasPrefix(line, "Internal Error") {
			b.WriteString(strings.ReplaceAll(line, "\f", ""))
		}
	}
	return b.String()
}

// sameComplaint reports whether qpdf complains of nothing new: what is inside a stream stays what it was.
func sameComplaint(was, is string) bool {
	return strings.Contains(was, "WARNING") && strings.Count(is, "WARNING") <= strings.Count(was, "WARNING") && !strings.Contains(is, "damaged")
}

func rendered(t *testing.T, path string) []byte {
	t.Helper()
	base := filepath.Join(t.TempDir(), "page")
	if n := exitCode(t, "pdftoppm", "-r", "40", "-f", "1", "-l", "1", "-singlefile", path, base); n != 0 {
		t.Fatalf("pdftoppm ends with %d", n)
	}
	b, err := os.ReadFile(base + ".ppm")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
