package pdf

import "bytes"

// maxWord is the longest word that is looked at: names of interest, each character written as #xx, are shorter.
const maxWord = 64

// sweeper cuts bytes into words: runs of regular characters, with or without a slash before them. It knows no strings, comments or streams: what it finds
// is a hint, wherever it stands.
type sweeper struct {
	at    int64 // offset of the next byte
	start int64 // of the word
	buf   [maxWord]byte
	n     int  // bytes in buf: a word that began in the bytes before
	name  bool // a slash stands before it
	apart bool // something besides white space stood between the word and the one before
	visit func(word) error
}

// word is a word that may mean something.
type word struct {
	text  []byte // decoded, without its slash; valid during the visit
	start int64  // offset of its first byte or slash
	name  bool
	apart bool // something besides white space (and its slash) stands between it and the word before
}

// feed goes on with the next bytes.
func (s *sweeper) feed(b []byte) error {
	for i := 0; i < len(b); {
		c := b[i]
		if class[c]&(space|delimiter) == 0 {
			if s.n == 0 && !s.name {
				s.start = s.at + int64(i)
			}
			from := i
			for i++; i < len(b) && class[b[i]]&(space|delimiter) == 0; i++ {
			}
			if i == len(b) || s.n > 0 {
				s.n += copy(s.buf[s.n:], b[from:i])
			} else if err := s.end(b[from:i]); err != nil {
				return err
			}
			continue
		}
		if s.n > 0 {
			if err := s.end(s.buf[:s.n]); err != nil {
				return err
			}
		}
		switch {
		case c == '/':
			s.apart = s.apart || s.name // an empty name
			s.name, s.start = true, s.at+int64(i)
		case class[c]&delimiter != 0:
			s.name, s.apart = false, true
		default:
			s.apart = s.apart || s.name
			s.name = false
		}
		i++
	}
	s.at += int64(len(b))
	return nil
}

// telling tells the first characters of words that may mean something, with 1, from those of such names, with 2.
var telling = func() (t [256]byte) {
	for _, c := range "0123456789otPe" {
		t[c] |= 1
	}
	for _, c := range "TFBSDVOE#" {
		t[c] |= 2
	}
	return t
}()

// end visits the word that has ended. One that means nothing counts as something that stands between others.
func (s *sweeper) end(text []byte) error {
	w := word{text: text, start: s.start, name: s.name, apart: s.apart}
	s.n, s.name, s.apart = 0, false, false
	kind := byte(1)
	if w.name {
		kind = 2
	}
	if len(text) >= maxWord || telling[text[0]]&kind == 0 {
		s.apart = true
		return nil
	}
	if w.name && bytes.IndexByte(text, '#') >= 0 {
		w.text = unescapeName(text)
	}
	return s.visit(w)
}

// finish visits the last word.
func (s *sweeper) finish() error {
	if s.n == 0 {
		return nil
	}
	return s.end(s.buf[:s.n])
}

// clues are the hints that names give.
type clues struct {
	last   string // the name before, where nothing else stood in between
	signed string // what speaks of a signature; empty where nothing does
	field  bool   // FT Sig: a signature field, perhaps an empty one
	value  bool   // the key V
	packed bool   // Type ObjStm
	locked bool   // the key Encrypt
}

// see takes a word in.
func (c *clues) see(w word) {
	if !w.name {
		c.last = ""
		return
	}
	last := c.last
	if w.apart {
		last = ""
	}
	c.last = ""
	switch string(w.text) {
	case "Type", "FT":
		c.last = string(w.text)
	case "ByteRange", "TransformMethod":
		c.signed = "/" + string(w.text)
	case "Sig":
		if last == "Type" {
			c.signed = "/Type/Sig"
		}
		c.field = c.field || last == "FT"
	case "DocTimeStamp", "SigRef":
		if last == "Type" {
			c.signed = "/Type/" + string(w.text)
		}
	case "V":
		c.value = true
	case "ObjStm":
		c.packed = c.packed || last == "Type"
	case "Encrypt":
		c.locked = true
	}
}

// suspect tells what of an object hints at a signature: a dictionary of one, or a signature field with a value. "" where nothing does. It does not follow
// references: each object is asked by itself.
func suspect(o Object) string {
	switch v := o.(type) {
	case *Stream:
		return suspect(v.Dict)
	case Array:
		for _, o := range v {
			if why := suspect(o); why != "" {
				return why
			}
		}
	case Dict:
		switch {
		case v["ByteRange"] != nil:
			return "/ByteRange"
		case v["Type"] == Name("Sig"), v["Type"] == Name("DocTimeStamp"), v["Type"] == Name("SigRef"):
			return "/Type/" + string(v["Type"].(Name))
		case v["FT"] == Name("Sig") && v["V"] != nil:
			return "a signature field with a value"
		}
		for _, o := range v {
			if why := suspect(o); why != "" {
				return why
			}
		}
	}
	return ""
}
