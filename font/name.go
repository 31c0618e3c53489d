package font

import (
	"strings"
	"unicode/utf16"
)

// Entries of table name.
const (
	nameFamily     = 1
	nameStyle      = 2
	nameFull       = 4
	namePostScript = 6
)

// maxName bounds a name taken from a font, in characters.
const maxName = 63

// readNames takes the English or first Windows names; a font without a usable PostScript name gets one from its family.
func (f *Font) readNames() {
	f.metrics.Family = f.name(nameFamily)
	if f.metrics.Family == "" {
		f.metrics.Family = "Unnamed"
	}
	f.metrics.PostScriptName = postScript(f.name(namePostScript))
	if f.metrics.PostScriptName == "" {
		f.metrics.PostScriptName = postScript(f.metrics.Family)
	}
	if f.metrics.PostScriptName == "" {
		f.metrics.PostScriptName = "Unnamed"
	}
}

func (f *Font) name(id int) string {
	t := f.tables["name"]
	if len(t) < 6 {
		return ""
	}
	n, storage := u16(t, 2), u16(t, 4)
	found, rank := "", 0
	for i := range n {
		at := 6 + 12*i
		if at+12 > len(t) {
			break
		}
		from := storage + u16(t, at+10)
		to := from + u16(t, at+8)
		if u16(t, at+6) != id || to > len(t) {
			continue
		}
		if r := nameRank(u16(t, at), u16(t, at+4)); r > rank {
			if s := decodeName(t[from:to], u16(t, at)); s != "" {
				found, rank = s, r
			}
		}
	}
	return found
}

// nameRank prefers Windows names in American English, then any Windows or Unicode name, then Macintosh Roman.
func nameRank(platform, language int) int {
	switch {
	case platform == 3 && language == 0x409:
		return 3
	case platform == 3 || platform == 0:
		return 2
	case platform == 1:
		return 1
	}
	return 0
}

func decodeName(b []byte, platform int) string {
	var runes []rune
	if platform == 1 {
		for _, c := range b {
			if c < 0x80 {
				runes = append(runes, rune(c))
			}
		}
	} else {
		units := make([]uint16, 0, len(b)/2)
		for i := 0; i+2 <= len(b); i += 2 {
			units = append(units, uint16(u16(b, i)))
		}
		runes = utf16.Decode(units)
	}
	if len(runes) > maxName {
		runes = runes[:maxName]
	}
	return strings.TrimSpace(string(runes))
}

// postScript keeps what a PostScript name may hold: here letters, digits, hyphens, underscores and dots.
func postScript(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return -1
	}, s)
}
