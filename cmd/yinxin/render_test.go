package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"yinxin/font"
	"yinxin/internal/need"
	"yinxin/layout"
)

// ofdPages is an OFD of n pages that say their number.
func ofdPages(t testing.TB, n int) []byte {
	t.Helper()
	doc := layout.Document{Created: time.Date(2026, 3, 18, 9, 30, 0, 0, time.UTC)}
	for i := range n {
		doc.Pages = append(doc.Pages, layout.Page{Width: layout.A4Width, Height: layout.A4Height, Items: []layout.Item{layout.Text{X: 20, Y: 30, Size: 12, String: fmt.Sprintf("第 %d 页", i+1)}}})
	}
	var b bytes.Buffer
	if err := layout.WriteOFD(&b, doc, font.Stack{font.Default()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The seal inside a signature is shown where the signature puts it: as a picture, or drawn where its picture is itself an OFD.
func TestRenderShowsSeals(t *testing.T) {
	dir := need.Samples(t, "ofd")
	for name, want := range map[string]string{
		"invoice-test-ca.ofd":             `mix-blend-mode:multiply"><g clip-path="url\(#c\d+\)"><g transform="[^"]+"><g `,
		"two-seals-pages-edited.ofd":      `mix-blend-mode:multiply"><use href="#i\d+"`,
		"seal-and-sign-raw-rs-edited.ofd": `mix-blend-mode:multiply"><use href="#i\d+"`,
		"riding-seal-right.ofd":           `mix-blend-mode:multiply" clip-path="url\(#c\d+\)"><`,
	} {
		out := filepath.Join(t.TempDir(), "out.svg")
		var said, warned bytes.Buffer
		code := execute(t.Context(), []string{"--lang", "en", "render", filepath.Join(dir, name), "-o", out}, nil, &said, &warned)
		svg, err := os.ReadFile(out)
		if code != exitOK || err != nil || !regexp.MustCompile(want).Match(svg) {
			t.Errorf("%s: exit %d, %v, %d bytes; %s", name, code, err, len(svg), &warned)
		}
		if !bytes.Contains(warned.Bytes(), []byte("showing is not judging")) {
			t.Errorf("%s: %s", name, &warned)
		}
	}
}
