package pdf

import (
	"fmt"

	"yinxin/document"
)

// Coverage says how much of the file the signature protects.
func (s *signature) Coverage() (document.Coverage, string) {
	if s.err != nil {
		return document.CoversUnclear, s.why
	}
	f := s.d.f
	if s.end() == f.size {
		return document.CoversFile, ""
	}
	k, ok := f.revisionEnding(s.end())
	switch {
	case !ok:
		return document.CoversPart, fmt.Sprintf("the signed bytes end at offset %d, which is not the end of a revision", s.end())
	case f.disordered:
		return document.CoversUnclear, "the revisions of the file do not follow one another"
	case s.revision > k:
		return document.CoversUnclear, "the signature dictionary is not part of the revision it covers"
	}
	return document.CoversRevision, ""
}

// revisionEnding returns the revision that ends at an offset: behind its %%EOF, with or without the end of line.
func (f *file) revisionEnding(offset int64) (int, bool) {
	for k, r := range f.revisions {
		if offset >= r.eof && offset <= r.end {
			return k, true
		}
	}
	return 0, false
}
