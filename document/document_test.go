package document_test

import (
	"bytes"
	"io"
	"testing"

	"yinxin/document"
)

func TestWorst(t *testing.T) {
	c := func(l ...document.Level) (out []document.Change) {
		for _, x := range l {
			out = append(out, document.Change{Level: x})
		}
		return out
	}
	for _, x := range []struct {
		in   []document.Change
		want document.Level
	}{
		{nil, document.LevelNone}, {c(document.LevelForm, document.LevelLTA), document.LevelForm},
		{c(document.LevelOther, document.LevelAnnotation), document.LevelOther}, {c("NEW"), "NEW"},
	} {
		if got := document.Worst(x.in); got != x.want {
			t.Errorf("worst of %v is %s, want %s", x.in, got, x.want)
		}
	}
	if document.Level("NEW").Rank() != document.LevelOther.Rank() {
		t.Error("a level nobody knows ranks below OTHER")
	}
}

func TestMemory(t *testing.T) {
	m := document.NewMemory([]byte("ab"))
	if _, err := m.Write([]byte("cd")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.WriteAt([]byte("XY"), 1); err != nil || string(m.Bytes()) != "aXYd" || m.Size() != 4 {
		t.Errorf("%q, %v", m.Bytes(), err)
	}
	for _, at := range []int64{-1, 3, 5, 1 << 62} {
		if _, err := m.WriteAt([]byte("ZZ"), at); err == nil {
			t.Errorf("a write at %d outside the document went through", at)
		}
	}
	all, err := io.ReadAll(io.NewSectionReader(m, 0, m.Size()))
	if err != nil || !bytes.Equal(all, m.Bytes()) {
		t.Errorf("read back %q, %v", all, err)
	}
}
