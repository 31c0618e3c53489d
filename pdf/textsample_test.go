package pdf

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"yinxin/document"
	"yinxin/internal/need"
)

// agree is how many of each thousand characters must be common to both readers.
const agree = 999

// disagreements are the samples on which the readers agree less, each with the reason.
func disagreements() map[string]string {
	return map[string]string{
		"unsigned/pdfsign-testfile16.pdf":      "three fonts give CIDs and no ToUnicode: pdftotext gives the CIDs as characters, which they are not",
		"attack/dss-pdf-signed-added-page.pdf": "the glyphs of a Type 3 font have no names that mean anything, and no ToUnicode: the same",
		"valid/dss-fieldmdp-exclude.pdf":       "bullets of Wingdings are characters for private use, which are told as unread and left out",
	}
}

// TestTextAgainstPoppler holds the text of every sample and of our own files against that of pdftotext, as a multiset of characters: its order is another.
// pdftotext also reads the looks of annotations, so they are read here too.
func TestTextAgainstPoppler(t *testing.T) {
	tool := need.Tool(t, "pdftotext")
	why := disagreements()
	compared, characters := 0, 0
	for _, s := range samples(t) {
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		password := samplePasswords()[s.name].user
		ours, unread, err := everything(t, b, password)
		if err != nil {
			checkClean(t, err)
			t.Logf("%s is not read: %v", s.name, err)
			continue
		}
		theirs, err := exec.CommandContext(t.Context(), tool, "-raw", "-upw", password, s.path, "-").Output()
		if err != nil {
			t.Logf("%s: pdftotext: %v", s.name, err)
		}
		common, most, odd := compareTexts(ours, string(theirs))
		compared, characters = compared+1, characters+most
		reason, known := why[s.name]
		delete(why, s.name)
		if agreed := common*1000 >= agree*most; agreed == known {
			t.Errorf("%s: %d of %d characters agree (said of it: %q), %d runs unread; %s", s.name, common, most, reason, unread, odd)
		}
	}
	if compared < 70 || characters < 1e6 || len(why) > 0 {
		t.Errorf("%d files of %d characters were compared; not among them: %v", compared, characters, why)
	}
	t.Logf("%d files, %d characters", compared, characters)
}

// everything is the text of all pages with that of the looks of all annotations.
func everything(t *testing.T, b []byte, password string) (text string, unread int, err error) {
	t.Helper()
	d, err := open(t.Context(), bytes.NewReader(b), int64(len(b)), document.Options{Password: password})
	if err != nil {
		return "", 0, err
	}
	pages, err := d.Pages()
	if err != nil {
		return "", 0, err
	}
	var all strings.Builder
	for n := range pages {
		page, err := d.Text(t.Context(), n+1)
		if err != nil {
			return "", 0, err
		}
		notes, err := d.notes(t.Context(), n+1)
		if err != nil {
			return "", 0, err
		}
		for _, r := range slices.Concat(page.Runs, notes) {
			all.WriteString(r.Text + "\n")
		}
		unread += page.Unread
	}
	return all.String(), unread, nil
}

// notes are the looks of the annotations that are no part of the page's text.
func (d *Document) notes(ctx context.Context, page int) ([]document.Run, error) {
	info, err := d.f.page(page)
	if err != nil {
		return nil, err
	}
	p := newPageReader(ctx, d, info, page)
	annots, err := p.array(info.Dict["Annots"])
	for _, o := range annots {
		w, err := p.dict(o)
		if err != nil {
			continue
		}
		flags, _ := p.integer(w["F"])
		if kind := p.inherit(w).kind; flags&(flagHidden|flagNoView) != 0 || w["Subtype"] == Object(Name("Widget")) && (kind == "Tx" || kind == "Ch") {
			continue
		}
		if err := p.look(w, nil); err != nil {
			return nil, err
		}
	}
	return p.out.Runs, onlyFatal(err)
}

// compareTexts counts the characters of two texts that are common, and those of the longer one; odd are some that only one has.
func compareTexts(ours, theirs string) (common, most int, odd string) {
	a, b := characters(ours), characters(theirs)
	var only strings.Builder
	n, m := 0, 0
	for r, count := range a {
		n, common = n+count, common+min(count, b[r])
		if count > b[r] {
			only.WriteString("+" + string(r))
		}
	}
	for r, count := range b {
		if m += count; count > a[r] {
			only.WriteString("-" + string(r))
		}
	}
	return common, max(n, m), only.String()
}

// characters counts those that are seen; compatible ones count as the same.
func characters(s string) map[rune]int {
	out := map[rune]int{}
	for _, r := range norm.NFKC.String(s) {
		if !unicode.IsSpace(r) && !unicode.IsControl(r) {
			out[r]++
		}
	}
	return out
}

// TestTextPlacesAgainstPoppler: each word that pdftotext finds in our contract is in one of our runs, by its characters and its place.
func TestTextPlacesAgainstPoppler(t *testing.T) {
	tool := need.Tool(t, "pdftotext")
	file := laidOut(t, contractPages(t))
	path := filepath.Join(t.TempDir(), "contract.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-bbox", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := openBytes(t, file)
	words := 0
	for n, page := range strings.Split(string(out), "<page ")[1:] {
		text, err := d.Text(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range bboxWords(t, page) {
			words++
			if !slices.ContainsFunc(text.Runs, w.in) {
				t.Errorf("page %d: %+v is in no run", n+1, w)
			}
		}
	}
	if words < 100 {
		t.Errorf("pdftotext found %d words", words)
	}
}
