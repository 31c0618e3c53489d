package pdf

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"yinxin/document"
)

// What a document says of itself, its information dictionary and its XMP metadata, is evidence of how it was written and no content: writers bring the
// date up to date in every revision, also where only evidence is added. So it ranks as LTA. It must be plain, though, and be nothing else as well.

const (
	maxMetadata = 4 << 20 // bytes of XMP
	maxXML      = 64      // elements nested in one another
)

// information compares the document information dictionaries.
func (s *step) information() {
	was, now := s.old.trailerRefs()["Info"], s.now.trailerRefs()["Info"]
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	if err != nil || err2 != nil {
		if !equalObjects(was, now) {
			s.other("info-changed", "document information")
		}
		return
	}
	s.holder(now, was, trailerNum)
	changed, plain := false, true
	for _, k := range sortedNames(keysOfBoth(before, after)) {
		if before[k] != nil && s.untouched(before[k], after[k]) {
			continue
		}
		changed = true
		o, err := s.now.resolve(after[k])
		plain = plain && err == nil && isScalar(o)
		s.holder(after[k], before[k], refOf(was).Num)
	}
	switch {
	case !plain:
		s.other("info-changed", "document information")
	case changed:
		s.say(document.LevelLTA, "metadata-changed", "document information")
	}
}

func isScalar(o Object) bool {
	switch o.(type) {
	case nil, bool, int64, float64, Name, String:
		return true
	}
	return false
}

// metadata compares the XMP metadata of the document.
func (s *step) metadata(was, now Object) {
	if s.untouched(was, now) || now == nil && s.plainXMP(s.old, was) == nil {
		if was != nil && now == nil {
			s.say(document.LevelLTA, "metadata-changed", "catalog entry Metadata")
		}
		return
	}
	if s.same(was, now) && s.objects[refOf(now).Num] == nil {
		return
	}
	s.holder(now, was, s.old.rootRef().Num)
	if err := s.plainXMP(s.now, now); err != nil {
		s.broken(err)
		s.other("catalog-changed", "catalog entry Metadata")
		return
	}
	s.explain(now)
	s.say(document.LevelLTA, "metadata-changed", "catalog entry Metadata")
}

var errNotXMP = &ParseError{-1, "the metadata is no plain XML"}

// plainXMP checks that a metadata stream is XML without declarations, as XMP is: such could make readers fetch files or expand to any size.
func (s *step) plainXMP(v snapshot, o Object) error {
	st, err := v.stream(o)
	switch {
	case err != nil:
		return err
	case st == nil || st.Dict["Subtype"] != Name("XML") || st.Dict["Type"] != Name("Metadata") || st.Length > maxMetadata:
		return errNotXMP
	}
	b, err := s.f.decode(st)
	if err != nil {
		if onlyFatal(err) == nil {
			return errNotXMP
		}
		return err
	}
	if len(b) > maxMetadata || !plainXML(b) {
		return errNotXMP
	}
	return nil
}

// plainXML reports whether b is one well-formed XML document in UTF-8 without declarations of its own.
func plainXML(b []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	depth, roots := 0, 0
	for {
		t, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && roots == 1
		}
		switch t := t.(type) {
		case xml.Directive:
			return false
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; depth > maxXML {
				return false
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.Trim(t, " \t\r\n\x00")) > 0 {
				return false
			}
		}
	}
}
