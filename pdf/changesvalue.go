package pdf

import "yinxin/document"

// written is what was in a field that was filled, and what is. Nobody is shown a password.
func (s *step) written(field *oldField) (was, now string) {
	const password = 1 << 13 // ISO 32000-1, table 228
	d, err := s.now.dict(field.ref)
	flags, err2 := s.now.integer(d["Ff"])
	if err != nil || err2 != nil || field.kind == "Tx" && flags&password != 0 {
		return "", ""
	}
	return s.old.shownValue(field.value), s.now.shownValue(d["V"])
}

// shownValue is the value of a field as a text, cut to what a change shows; empty where it is no text.
func (v snapshot) shownValue(o Object) string {
	o, _ = v.resolve(o)
	if list, ok := o.(Array); ok && len(list) > 0 {
		o = list[0]
	}
	text := ""
	switch x := o.(type) {
	case String:
		text = x.text()
	case Name:
		text = string(x)
	}
	if runes := []rune(text); len(runes) > document.MaxValue {
		return string(runes[:document.MaxValue-1]) + "…"
	}
	return text
}
