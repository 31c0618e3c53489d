package pdf

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
)

// sample is a row of the samples' manifest.
type sample struct{ name, path, expected string }

func samples(t *testing.T) (out []sample) {
	t.Helper()
	dir := need.Samples(t, "pdf")
	b, err := os.ReadFile(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		out = append(out, sample{row[0], filepath.Join(dir, row[0]), row[3]})
	}
	if len(out) == 0 {
		t.Fatal("the manifest lists no sample")
	}
	return out
}

// refusals are the codes that a sample may be refused with; damage is one that a signed file may have and still verify.
var refusals = map[string]bool{
	"pdf-encrypted": true, "pdf-locked-docmdp": true, "pdf-locked-fieldmdp": true, "pdf-xfa": true, "pdf-broken-pages": true, "pdf-malformed": true,
	"pdf-no-such-page": true, "pdf-password": true, "pdf-permissions": true, damage: true,
}

const damage = "pdf-broken-xref"

func TestSealSamples(t *testing.T) {
	sealedCount, damaged := 0, 0
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			base, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			r := sealRequest(t)
			r.Places[0].X, r.Places[0].Y = 20, 20
			out, err := trySeal(t, base, r)
			code := ""
			if err != nil {
				p, _ := fault.PublicOf(err)
				if code = p.Code; !refusals[code] {
					t.Fatalf("refused with %v", err)
				}
			}
			intact := strings.HasPrefix(s.expected, "INTACT")
			if intact && code == damage {
				damaged++
			}
			if wrong := judgeRefusal(t, s, base, code); wrong != "" {
				t.Errorf("%s: %s: %v", s.expected, wrong, err)
			}
			if err != nil {
				return
			}
			sealedCount++
			compareTools(t, base, out)
			checkRead(t, base, out, r, intact)
			again, err := trySeal(t, out, r)
			if err != nil {
				t.Fatalf("a second seal: %v", err)
			}
			checkRead(t, out, again, r, intact)
			if intact {
				compareTools(t, out, again)
			}
		})
	}
	if sealedCount < 40 || damaged > 3 {
		t.Errorf("%d samples were sealed, %d intact ones refused as damaged", sealedCount, damaged)
	}
}

// judgeRefusal holds the manifest's label against what became of a sample: code is empty where it was sealed.
func judgeRefusal(t *testing.T, s sample, base []byte, code string) string {
	certified := strings.Contains(s.name, "certified-nochanges") // labelled in the notes: certified with P=1
	switch {
	case certified && code != "pdf-locked-docmdp", s.expected == "REFUSE_SIGN" && !strings.HasPrefix(code, "pdf-locked-"):
		return "not refused for what earlier signatures lock"
	case s.expected == "SIGN_OK" && code != "":
		return "refused"
	case strings.HasPrefix(s.expected, "INTACT") && code != "" && code != damage && !strings.HasPrefix(code, "pdf-locked-"):
		return "refused"
	case code == "" && (s.expected == "ENCRYPTED" && samplePasswords()[s.name].user != "" || s.expected == "RECOVERABLE"):
		return "sealed"
	case code == "" && s.expected == "PARSE_ERROR":
		// Only what leads to the page sealed is read: damage elsewhere is for the verifier to find.
		if _, err := openBytes(t, base).Pages(); err != nil {
			return "sealed"
		}
	}
	return ""
}

// checkRead reads the sealed file back: one signature more, with the picture that went in, and, where the base is intact, the earlier ones as they
// were. (In files made to deceive, a ByteRange may have pointed behind the end, or the object that the seal enters plays a second role.)
func checkRead(t *testing.T, base, out []byte, r document.Request, intact bool) {
	t.Helper()
	old, sealed := openBytes(t, base), openBytes(t, out)
	if was, is := old.f.sections[0].kind, sealed.f.sections[0].kind; (was == streamSection) != (is == streamSection) || is == hybridSection {
		t.Errorf("a section of kind %d follows one of kind %d", is, was)
	}
	before, err := old.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	after, err := sealed.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before)+1 {
		t.Fatalf("%d signatures, %d before", len(after), len(before))
	}
	for i, s := range before {
		if !intact {
			break
		}
		if !reflect.DeepEqual(after[i].Info(), s.Info()) || !bytes.Equal(after[i].Value(), s.Value()) {
			t.Errorf("%s has become %+v", s.Info().ID, after[i].Info())
		}
		if c, why := after[i].Coverage(); c == document.CoversFile {
			t.Errorf("%s still covers the file: %s", s.Info().ID, why)
		}
		checkWorst(t, s, after[i])
	}
	last := after[len(after)-1]
	if c, why := last.Coverage(); c != document.CoversFile {
		t.Errorf("the new signature covers %s: %s", c, why)
	}
	if changes, err := last.Changes(); err != nil || len(changes) > 0 {
		t.Errorf("changes after the new signature: %v, %v", changes, err)
	}
	info := last.Info()
	if info.Profile != r.Profile || info.Name != r.Name || info.Reason != r.Reason || !info.ClaimedTime.Equal(r.Time) || len(info.Places) != len(r.Places) {
		t.Errorf("the new signature reads %+v", info)
	}
	if !bytes.Equal(last.Value(), dummyValue) {
		t.Errorf("the value reads back as %x", last.Value())
	}
	picture, err := last.Picture()
	if err != nil || !bytes.Equal(picture.Data, r.Appearance.Data) {
		t.Errorf("the picture reads back as %d bytes, %v", len(picture.Data), err)
	}
}

// checkWorst compares the worst change after a signature with what it was before the file was sealed again: sealing is of level FORM.
func checkWorst(t *testing.T, was, is document.Signature) {
	t.Helper()
	old, err := was.Changes()
	if err != nil {
		return // it was not comparable before
	}
	changes, err := is.Changes()
	if err != nil {
		t.Errorf("%s: changes: %v", is.Info().ID, err)
		return
	}
	if worst := document.Worst(changes); worst.Rank() > max(document.Worst(old).Rank(), document.LevelForm.Rank()) {
		t.Errorf("%s: sealing counts as %s: %+v", is.Info().ID, worst, changes)
	}
}

// compareTools asks other programs whether the sealed file is as good as its base was.
func compareTools(t *testing.T, base, out []byte) {
	t.Helper()
	comparePlaces(t, base, out, 1)
}

// comparePlaces is compareTools for a signature at several places, each of which is a field: pdfsig lists them one by one.
func comparePlaces(t *testing.T, base, out []byte, places int) {
	t.Helper()
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.pdf"), filepath.Join(dir, "after.pdf")
	for name, b := range map[string][]byte{before: base, after: out} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if was, is := exitCode(t, "qpdf", "--check", before), exitCode(t, "qpdf", "--check", after); is > was {
		t.Errorf("qpdf --check was %d, is %d", was, is)
	}
	if was, is := output(t, "mutool", "info", before), output(t, "mutool", "info", after); strings.Count(is, "error") > strings.Count(was, "error") ||
		strings.Count(is, "warning") > strings.Count(was, "warning") {
		t.Errorf("mutool says: %s", is)
	}
	was, is := output(t, "pdfsig", "-nocert", before), output(t, "pdfsig", "-nocert", after)
	if n := strings.Count(is, "Signed Ranges"); n != strings.Count(was, "Signed Ranges")+places {
		t.Errorf("pdfsig lists %d signatures", n)
	}
	for line := range strings.Lines(was) {
		if strings.Contains(line, "Signed Ranges") && !strings.Contains(is, line) {
			t.Errorf("pdfsig no longer lists %s", line)
		}
	}
	if strings.Count(is, "Total document signed") != places {
		t.Errorf("pdfsig says that %d signatures cover the file", strings.Count(is, "Total document signed"))
	}
	if _, err := readPDFCPU(base); err == nil {
		if _, err := readPDFCPU(out); err != nil {
			t.Errorf("pdfcpu: %v", err)
		}
	}
}

func readPDFCPU(b []byte) (*model.Context, error) {
	api.DisableConfigDir()
	return api.ReadContext(bytes.NewReader(b), model.NewDefaultConfiguration())
}

func exitCode(t *testing.T, tool string, args ...string) int {
	t.Helper()
	err := exec.Command(need.Tool(t, tool), args...).Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

func output(t *testing.T, tool string, args ...string) string {
	t.Helper()
	b, err := exec.Command(need.Tool(t, tool), args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(b)
}
