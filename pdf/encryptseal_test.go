package pdf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
)

// sealLocked seals an encrypted file.
func sealLocked(t testing.TB, base []byte, r document.Request, password string) ([]byte, error) {
	t.Helper()
	d, err := openWith(base, password)
	if err != nil {
		return nil, err
	}
	dr, err := d.Prepare(r)
	if err != nil {
		return nil, err
	}
	var m memory
	digest, err := dr.Copy(&m, sm3)
	if err != nil {
		t.Fatal(err)
	}
	if err := dr.Finish(&m, dummyValue); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(m.b, base) {
		t.Fatal("the base is no prefix of the sealed file")
	}
	checkDigest(t, m.b, digest, dr.Property(), r.Reserve)
	return m.b, nil
}

// TestLockedIsSealed seals files of each kind twice, in a new field and in an empty one, and asks this reader and others what they see.
func TestLockedIsSealed(t *testing.T) {
	base := lockable()
	for _, k := range lockedKinds() {
		t.Run(k.name, func(t *testing.T) {
			before := locked(t, base, k)
			first := sealRequest(t)
			first.Lock = []string{"Text"}
			once, err := sealLocked(t, before, first, k.owner)
			if err != nil {
				t.Fatal(err)
			}
			second := sealRequest(t)
			second.Field, second.Places = "签章", nil
			twice, err := sealLocked(t, once, second, k.user)
			if err != nil {
				t.Fatal(err)
			}
			for _, password := range []string{k.user, k.owner} {
				d := mustOpenWith(t, twice, password)
				checkUnlocked(t, d)
				if err := d.f.strict(); err != nil {
					t.Errorf("tolerated: %v", err)
				}
				checkSeals(t, d, first, second)
			}
			// What another program decrypts is what was meant.
			plain := mustOpenWith(t, qpdf(t, twice, "--password="+k.user, "--decrypt", "--stream-data=preserve"), "")
			checkUnlocked(t, plain)
			checkPictures(t, plain, first, second)
			compareLocked(t, before, once, twice, k)
		})
	}
}

// checkSeals looks at the two signatures of a file that was sealed twice.
func checkSeals(t *testing.T, d *Document, first, second document.Request) {
	t.Helper()
	signed, err := d.Signatures()
	if err != nil || len(signed) != 2 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	for i, want := range []document.Coverage{document.CoversRevision, document.CoversFile} {
		if c, why := signed[i].Coverage(); c != want {
			t.Errorf("signature %d covers %s: %s", i, c, why)
		}
		if !bytes.Equal(signed[i].Value(), dummyValue) {
			t.Errorf("value %d reads back as %x", i, signed[i].Value())
		}
	}
	if changes, err := signed[0].Changes(); err != nil || document.Worst(changes) != document.LevelForm {
		t.Errorf("changes after the first: %+v, %v", changes, err)
	}
	checkPictures(t, d, first, second)
}

func checkPictures(t *testing.T, d *Document, requests ...document.Request) {
	t.Helper()
	signed, err := d.Signatures()
	if err != nil || len(signed) != len(requests) {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	found := map[string]bool{}
	for _, s := range signed { // malformed where another program has written the file anew: then their order is not that of signing
		info := s.Info()
		found[info.ID] = true
		r := requests[0]
		if info.Name != r.Name || info.Reason != r.Reason || !info.ClaimedTime.Equal(r.Time) || len(info.Places) != 1 {
			t.Errorf("a signature reads %+v", info)
		}
		if p, err := s.Picture(); err != nil || !bytes.Equal(p.Data, r.Appearance.Data) {
			t.Errorf("%s: the picture reads back as %d bytes, %v", info.ID, len(p.Data), err)
		}
	}
	if !found["Seal1"] || !found["签章"] {
		t.Errorf("the signatures are %v", found)
	}
}

// compareLocked asks other programs whether the sealed file is as good as its base was.
func compareLocked(t *testing.T, before, once, twice []byte, k lockedKind) {
	t.Helper()
	dir := t.TempDir()
	path := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	base, out := path("before.pdf", before), path("twice.pdf", twice)
	was, is := exitCode(t, "qpdf", "--check", "--password="+k.user, base), exitCode(t, "qpdf", "--check", "--password="+k.user, out)
	if is > was || is != 0 {
		t.Errorf("qpdf --check was %d, is %d: %s", was, is, output(t, "qpdf", "--check", "--password="+k.user, out))
	}
	if s := output(t, "mutool", "info", "-p", k.user, out); strings.Contains(s, "error") || strings.Contains(s, "warning") || !strings.Contains(s, "Pages: 2") {
		t.Errorf("mutool says: %s", s)
	}
	who, password := "-upw", k.user
	if k.latin {
		who, password = "-opw", k.owner
	}
	list := output(t, "pdfsig", "-nocert", who, password, out)
	first := output(t, "pdfsig", "-nocert", who, password, path("once.pdf", once))
	for line := range strings.Lines(first) {
		if strings.Contains(line, "Signed Ranges") && !strings.Contains(list, line) {
			t.Errorf("pdfsig no longer lists %s", line)
		}
	}
	if strings.Count(list, "Signed Ranges") != 2 || strings.Count(list, "Total document signed") != 1 {
		t.Errorf("pdfsig says: %s", list)
	}
	for tool, args := range map[string][]string{"pdftoppm": {who, password, "-r", "40", "-singlefile", out, filepath.Join(dir, "page")},
		"mutool": {"draw", "-q", "-p", k.user, "-r", "40", "-o", filepath.Join(dir, "page.ppm"), out, "1"}} {
		if s := output(t, tool, args...); strings.Contains(s, "rror") {
			t.Errorf("%s says: %s", tool, s)
		}
		b, err := os.ReadFile(filepath.Join(dir, "page.ppm"))
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(filepath.Join(dir, "page.ppm"))
		m := parsePPM(t, b)
		x0, y0, x1, y1 := m.red()
		if px := 40 / 25.4 * 40; float64(x1-x0) < px-4 || float64(y1-y0) < px-4 {
			t.Errorf("%s draws the seal at %d %d to %d %d of %d × %d", tool, x0, y0, x1, y1, m.w, m.h)
		}
		if r, g, b := m.at(m.w*40/595, m.h-m.h*40/842); r > 60 || g > 60 || b < 200 {
			t.Errorf("%s draws the page's own box as (%d, %d, %d)", tool, r, g, b)
		}
	}
}
