package pdf

import (
	"strings"
	"testing"

	"yinxin/document"
)

// TestFilledValues: a field that was filled is told of with what was in it and what is, cut to a readable length, and never a password.
func TestFilledValues(t *testing.T) {
	base := richBase(t)
	for _, c := range []struct {
		name     string
		do       func(e *editor)
		was, now string
	}{
		{"text", func(e *editor) { e.set(richText, "V", "(new)") }, "old", "new"},
		{"emptied", func(e *editor) { e.set(richText, "V", "()") }, "old", ""},
		{"taken out", func(e *editor) { e.set(richText, "V", "") }, "old", ""},
		{"Chinese", func(e *editor) { e.set(richText, "V", "<FEFF91D1989D>") }, "old", "金额"},
		{"long", func(e *editor) { e.set(richText, "V", "("+strings.Repeat("x", 5000)+")") }, "old", strings.Repeat("x", document.MaxValue-1) + "…"},
		{"apart", func(e *editor) { e.set(richText, "V", "60 0 R"); e.put(richNew, "(far)") }, "old", "far"},
		{"a box", func(e *editor) { e.set(richCheck, "V", "/On"); e.set(richCheck, "AS", "/On") }, "Off", "On"},
		{"in a group", func(e *editor) { e.set(richFirst, "V", "(y)") }, "x", "y"},
		{"never filled before", func(e *editor) { e.set(richSecond, "V", "(y)") }, "", "y"},
		{"a look only", func(e *editor) { e.put(richTextLook, anotherLook) }, "", ""},
	} {
		e := edit(t, base)
		c.do(e)
		_, s := first(t, e.build(base))
		changes, err := s.Changes()
		if err != nil || len(changes) != 1 || changes[0].Was != c.was || changes[0].Now != c.now {
			t.Errorf("%s: %+v, %v", c.name, changes, err)
		}
	}
	const field = "<</FT/Tx/T(Secret)/Ff 8192/V(%s)>>"
	b := revised(t, raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
		strings.Replace(field, "%s", "old", 1), "<</FT/Sig/T(S)/V 6 0 R>>", sigDict("")), "")
	b = patchRange(b)
	_, s := first(t, revised(t, b, "", object{4, strings.Replace(field, "%s", "new", 1)}))
	if changes, err := s.Changes(); err != nil || len(changes) != 1 || changes[0].Code != "field-filled" || changes[0].Was+changes[0].Now != "" {
		t.Errorf("a password: %+v, %v", changes, err)
	}
}
