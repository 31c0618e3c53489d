package pdf

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// verdict is the worst thing said of a file: "" where every signature is intact and only signatures followed, else the reason.
func verdict(t *testing.T, b []byte) (worst document.Level, coverages []document.Coverage, broken []string) {
	t.Helper()
	d, err := openReader(b)
	if err != nil {
		checkClean(t, err)
		return document.LevelOther, nil, []string{"open: " + err.Error()}
	}
	signed, err := d.Signatures()
	if err != nil {
		checkClean(t, err)
		return document.LevelOther, nil, []string{"signatures: " + err.Error()}
	}
	worst = document.LevelNone
	for _, s := range signed {
		c, why := s.Coverage()
		coverages = append(coverages, c)
		if c == document.CoversUnclear || c == document.CoversPart {
			broken = append(broken, s.Info().ID+": "+why)
		}
		changes, err := s.Changes()
		_, digestErr := s.Digest(func(string) (hash.Hash, error) { return sha256.New(), nil })
		if err == nil && (digestErr != nil || len(s.Value()) == 0) { // what was signed may be sound where what came later is not
			t.Errorf("%s: Changes says %v, Digest %v, value %d bytes", s.Info().ID, err, digestErr, len(s.Value()))
		}
		if err != nil {
			checkClean(t, err)
			broken = append(broken, s.Info().ID+": "+err.Error())
			continue
		}
		if w := document.Worst(changes); w.Rank() > worst.Rank() {
			worst = w
		}
	}
	return worst, coverages, broken
}

// checkClean wants failures to be for people, with the place or the limit as cause.
func checkClean(t *testing.T, err error) {
	t.Helper()
	if fault.KindOf(err) == 0 {
		t.Errorf("an error without a kind: %v", err)
	}
	var p *ParseError
	if errors.As(err, &p) && p.What == "" {
		t.Errorf("a parse error that says nothing: %v", err)
	}
}

func TestSampleVerdicts(t *testing.T) {
	seen := 0
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			b, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			worst, coverages, broken := verdict(t, b)
			t.Logf("%s: %s %v %v", s.expected, worst, coverages, broken)
			switch s.expected {
			case "MODIFIED":
				if worst != document.LevelOther && len(broken) == 0 {
					t.Errorf("the changes are %s", worst)
				}
			case "MODIFIED_WARN":
				if worst != document.LevelAnnotation {
					t.Errorf("the changes are %s", worst)
				}
			case "INTACT", "INTACT_ALLOWED":
				if len(broken) > 0 {
					t.Errorf("broken: %v", broken)
				}
				if len(coverages) == 0 {
					t.Error("no signature found")
				}
				last := coverages[len(coverages)-1]
				if s.expected == "INTACT" && len(coverages) == 1 && (last != document.CoversFile || worst != document.LevelNone) {
					t.Errorf("%s, %s", last, worst)
				}
				if worst.Rank() > document.LevelForm.Rank() {
					t.Errorf("the changes are %s", worst)
				}
			case "ENCRYPTED":
				if who, known := samplePasswords()[s.name]; !known || who.user == "" && len(broken) > 0 ||
					who.user != "" && (len(broken) != 1 || !strings.Contains(broken[0], "needs a password")) {
					t.Errorf("without a password: %v", broken)
				}
			case "NO_SIG":
				for _, c := range coverages { // values of zeros are no signatures that could be valid, but they are not passed over
					if c != document.CoversUnclear {
						t.Errorf("a signature of coverage %s", c)
					}
				}
			}
		})
	}
	if seen == 0 {
		t.Fatal("no sample was read")
	}
}

// TestSampleRefusals holds what is said of single samples, where the manifest's word covers several things.
func TestSampleRefusals(t *testing.T) {
	broken := map[string]string{
		"attack/dss-pdf-byterange-overlap.pdf":         "not exactly the Contents",
		"attack/ph-tail-uncovered.pdf":                 "not the end of a revision",
		"tampered/dss-pdf-eof.pdf":                     "ByteRange",
		"tampered/dss-pdf-signed-corrupted.pdf":        "no cross-reference section stands here",
		"malformed/dss-pades_infinite_loop.pdf":        "behind the end of the file",
		"malformed/ph-malformed-encrypt-dict1.pdf":     "no reference to an encryption dictionary",
		"malformed/ph-minimal-startxref-hopeless.pdf":  "offset 100",
		"malformed/ph-minimal-startxref-hopeless3.pdf": "an integer was expected",
	}
	for _, s := range samples(t) {
		want, ok := broken[s.name]
		if !ok {
			continue
		}
		delete(broken, s.name)
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, got := verdict(t, b); !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s: %v, want %q", s.name, got, want)
		}
	}
	if len(broken) > 0 {
		t.Errorf("not among the samples: %v", broken)
	}
}

// TestSampleRestrictions: the signatures of other makers rule on what a later revision signs, in a new field or in one that is there.
func TestSampleRestrictions(t *testing.T) {
	const allowed, frozen = "FORM field-signed field New one (permitted)", "FORM field-signed field New one (forbidden)"
	want := map[string]struct{ field, said string }{
		"valid/ss-sample-certified-nochangesallowed.pdf":                                   {"", frozen},
		"valid/ss-sample-certified-nochangesallowed256.pdf":                                {"", frozen},
		"valid/ph-certified-with-indirect-refs-in-dir.pdf":                                 {"", frozen},
		"valid/ph-double_signature_certify_first-MDPPerm-FILL_FORMS-True.pdf":              {"", allowed},
		"valid/ph-form_field_in_group_locked_postsign_modify_success-0-fieldmdp_spec0.pdf": {"", allowed},
		"valid/dss-fieldmdp-include.pdf":                                                   {"Signature2", "OTHER signed-field-changed"}, // its FieldMDP names its own field
	}
	for _, s := range samples(t) {
		c, ok := want[s.name]
		if !ok {
			continue
		}
		delete(want, s.name)
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := openBytes(t, signedLater(t, b, c.field)).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		got := said(t, signed[0])
		if !strings.Contains(got, c.said) {
			t.Errorf("%s: %s", s.name, got)
		}
	}
	if len(want) > 0 {
		t.Errorf("not among the samples: %v", want)
	}
}

// signedLater appends a signature to a file: in the empty field of that name, or in a new one where name is empty.
func signedLater(t *testing.T, b []byte, name string) []byte {
	t.Helper()
	d := openBytes(t, b)
	v, n := d.f.newest(), d.f.maxObject()+1
	if name == "" {
		catalog, err := v.catalog()
		if err != nil {
			t.Fatal(err)
		}
		form, err := v.acroForm()
		if err != nil {
			t.Fatal(err)
		}
		fields, err := v.array(form["Fields"])
		if err != nil {
			t.Fatal(err)
		}
		form, catalog = maps.Clone(form), maps.Clone(catalog)
		form["Fields"], catalog["AcroForm"] = append(slices.Clone(fields), Ref{n, 0}), form
		return revised(t, b, "", object{d.f.root.Num, source(catalog)}, object{n, fmt.Sprintf("<</FT/Sig/T(New one)/V %d 0 R>>", n+1)}, object{n + 1, value})
	}
	var out []byte
	err := v.eachField(func(field leafField) error {
		if field.name == name {
			now := maps.Clone(field.dict)
			now["V"] = Ref{n, 0}
			out = revised(t, b, "", object{field.ref.Num, source(now)}, object{n, value})
		}
		return nil
	})
	if err != nil || out == nil {
		t.Fatalf("no field %s: %v", name, err)
	}
	return out
}

// TestSampleRepairs: what tolerant readers recover from is readable here only where it does not change which object is meant, and never strict.
func TestSampleRepairs(t *testing.T) {
	for _, s := range samples(t) {
		if s.expected != "RECOVERABLE" {
			continue
		}
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		d, err := openReader(b)
		if err != nil {
			checkClean(t, err)
			continue
		}
		if pages, err := d.Pages(); err != nil || len(pages) != 1 {
			t.Errorf("%s: %d pages, %v", s.name, len(pages), err)
		}
		if d.f.strict() == nil {
			t.Errorf("%s: nothing was said to be tolerated", s.name)
		}
	}
}
