package pdf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// passwords of a sample; user "" where everybody may open it.
type passwords struct {
	user, owner string
	seal        bool // the permissions let the user seal it
}

// samplePasswords are those of all encrypted samples.
func samplePasswords() map[string]passwords {
	return map[string]passwords{
		"unsigned/dss-edition_protected_none.pdf":   {"", " ", false},
		"unsigned/dss-open_protected.pdf":           {" ", " ", true},
		"unsigned/ss-sample-owner123.pdf":           {"", "owner123", true},
		"unsigned/ph-minimal-aes256.pdf":            {"usersecret", "ownersecret", true},
		"unsigned/ph-minimal-rc4.pdf":               {"usersecret", "ownersecret", true},
		"unsigned/ph-minimal-two-fields-aes256.pdf": {"usersecret", "ownersecret", true},
	}
}

// TestLockedSamples opens and seals the encrypted samples with each password. Every sample that names Encrypt is among them, or is malformed.
func TestLockedSamples(t *testing.T) {
	left := samplePasswords()
	for _, s := range samples(t) {
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		who, known := left[s.name]
		if !known {
			if bytes.Contains(b, []byte("/Encrypt ")) && s.expected != "PARSE_ERROR" {
				t.Errorf("%s is encrypted and not among the samples with passwords", s.name)
			}
			continue
		}
		delete(left, s.name)
		t.Run(s.name, func(t *testing.T) {
			if _, err := openWith(b, ""); (err == nil) != (who.user == "") || err != nil && codeOf(err) != "pdf-password" {
				t.Errorf("without a password: %v", err)
			}
			checkSampleSeal(t, b, who.user, who.seal)
			checkSampleSeal(t, b, who.owner, true)
		})
	}
	if len(left) > 0 {
		t.Errorf("not among the samples: %v", left)
	}
}

// checkSampleSeal seals a sample twice, if that is allowed, and reads it back.
func checkSampleSeal(t *testing.T, base []byte, password string, may bool) {
	t.Helper()
	d := mustOpenWith(t, base, password)
	if pages, err := d.Pages(); err != nil || len(pages) == 0 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
	first, err := d.f.page(1)
	if err != nil {
		t.Fatal(err)
	}
	if text := plainText(t, d.f.newest(), first.Dict["Contents"]); !strings.Contains(text, "ET") && !strings.Contains(text, "Do") {
		t.Errorf("the contents of the first page are %.60q", text)
	}
	r := sealRequest(t)
	r.Places[0].X, r.Places[0].Y, r.Places[0].Width, r.Places[0].Height = 15, 15, 20, 20
	once, err := sealLocked(t, base, r, password)
	if !may {
		if codeOf(err) != "pdf-permissions" || !errors.Is(err, fault.Denied) {
			t.Errorf("sealed against the permissions: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	twice, err := sealLocked(t, once, r, password)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := mustOpenWith(t, twice, password).Signatures()
	if err != nil || len(signed) != 2 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	for _, s := range signed {
		if p, err := s.Picture(); err != nil || !bytes.Equal(p.Data, r.Appearance.Data) || s.Info().Name != r.Name {
			t.Errorf("%s reads back as %+v, %v", s.Info().ID, s.Info(), err)
		}
	}
	if changes, err := signed[0].Changes(); err != nil || document.Worst(changes) != document.LevelForm {
		t.Errorf("changes after the first: %+v, %v", changes, err)
	}
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.pdf"), filepath.Join(dir, "after.pdf")
	if err := errors.Join(os.WriteFile(before, base, 0o600), os.WriteFile(after, twice, 0o600)); err != nil {
		t.Fatal(err)
	}
	key := "--password=" + password
	if was, is := exitCode(t, "qpdf", "--check", key, before), exitCode(t, "qpdf", "--check", key, after); is > was {
		t.Errorf("qpdf --check was %d, is %d: %s", was, is, output(t, "qpdf", "--check", key, after))
	}
	if list := output(t, "pdfsig", "-nocert", "-upw", password, "-opw", password, after); strings.Count(list, "Signed Ranges") != 2 ||
		strings.Count(list, "Total document signed") != 1 {
		t.Errorf("pdfsig says: %s", list)
	}
}
