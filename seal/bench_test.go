package seal_test

import (
	"testing"

	"yinxin/seal"
)

// large returns a seal of about 100 KB, what a picture at 600 dpi takes.
func (w *world) large() []byte {
	info := w.info()
	info.Picture.Data = append([]byte(pngHead), make([]byte, 100<<10)...)
	return w.seal(info, seal.V4, nil)
}

// TestParseCopiesNoPicture holds that the picture stays where it is: what Parse allocates does not grow with it.
func TestParseCopiesNoPicture(t *testing.T) {
	der := newWorld(t).large()
	s := parse(t, der)
	at := locate(der, s.Info.Picture.Data)
	if &der[at.from] != &s.Info.Picture.Data[0] || cap(s.Info.Picture.Data) != len(s.Info.Picture.Data) {
		t.Error("the picture is a copy, or can be appended to over the input")
	}
}

func BenchmarkParse(b *testing.B) {
	der := newWorld(b).large()
	b.SetBytes(int64(len(der)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := seal.Parse(der); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyMaker(b *testing.B) {
	s := parse(b, newWorld(b).large())
	b.SetBytes(int64(len(s.Raw)))
	for b.Loop() {
		if err := s.VerifyMaker(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifySignature(b *testing.B) {
	w := newWorld(b)
	s := parseSignature(b, w.signature(w.tbs(w.large(), seal.V4), nil))
	b.SetBytes(int64(len(s.Raw)))
	for b.Loop() {
		if err := s.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}
