package font

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"yinxin/fault"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("go.ttf", goregular.TTF)
	f, err := Open(good, 0)
	if err != nil || !f.Has('A') {
		t.Fatalf("Open: %v", err)
	}
	large := write("large.ttf", nil)
	if err := os.Truncate(large, MaxFile+1); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		face int
		code string
		kind fault.Kind
	}{
		{good, 1, "font-no-face", fault.Invalid},
		{good, -1, "font-no-face", fault.Invalid},
		{write("text.ttf", []byte("this is no font at all")), 0, "font-unsupported", fault.Invalid},
		{write("cut.ttf", goregular.TTF[:len(goregular.TTF)/2]), 0, "font-damaged", fault.Invalid},
		{filepath.Join(dir, "none.ttf"), 0, "font-unreadable", fault.NotFound},
		{dir, 0, "font-unreadable", fault.Invalid},
		{large, 0, "font-too-large", fault.Limit},
	}
	for _, tt := range tests {
		_, err := Open(tt.path, tt.face)
		public, _ := fault.PublicOf(err)
		if public.Code != tt.code || fault.KindOf(err) != tt.kind {
			t.Errorf("Open(%s, %d) = %v, want %s", filepath.Base(tt.path), tt.face, err, tt.code)
		}
		if !strings.Contains(public.ZH, tt.path) && tt.code != "font-no-face" || !strings.Contains(public.EN, tt.path) {
			t.Errorf("%s does not name the file: %q %q", tt.code, public.ZH, public.EN)
		}
	}
}

func TestMissingNamesTheFont(t *testing.T) {
	public, _ := fault.PublicOf(Stack{goFont(t), Default()}.Check("𠮷"))
	for _, sentence := range []string{public.ZH, public.EN} {
		if !strings.Contains(sentence, "Go, Noto Serif SC") && !strings.Contains(sentence, "Go、Noto Serif SC") {
			t.Errorf("%q names no fonts", sentence)
		}
	}
}
