package ofd

import (
	"fmt"
	"math"
	"slices"

	"yinxin/document"
)

// Info is what the file says of the signature. Of a malformed one it says what can be read. Where the package holds several documents, the ID begins with
// the number of the document, from 1.
func (s *signature) Info() document.Info {
	info := document.Info{
		ID: s.name(), Kind: document.Seal, Profile: s.kind, Filter: s.told.provider, ClaimedTime: s.told.time,
		Places: slices.Clone(s.places()), Property: "/" + s.path, SealFile: s.seal,
	}
	if s.kind == document.TypeSign {
		info.Kind = document.Sign
	}
	if s.err != nil {
		info.Property = ""
	}
	return info
}

// name is the ID of the signature in the package.
func (s *signature) name() string {
	if len(s.d.bodies) > 1 && s.index >= 0 {
		return fmt.Sprintf("%d:%s", s.body.index+1, s.id)
	}
	return s.id
}

// places says where the signature is shown. Stamps on pages that are not there are not shown, and noted.
func (s *signature) places() []document.Place {
	if s.placed || len(s.told.stamps) == 0 {
		return s.shown
	}
	s.placed = true
	for _, a := range s.told.stamps {
		n, ok := s.body.pages[a.page]
		if !ok {
			s.d.note("stamp-page", fmt.Sprintf("page %.40s, named in %s", a.page, display(s.path)))
			continue
		}
		s.shown = append(s.shown, a.place(n))
	}
	return s.shown
}

// sameLength is how far lengths may differ that mean the same, in mm.
const sameLength = 1e-6

func (a stamp) place(page int) document.Place {
	p := document.Place{Page: page, X: a.boundary[0] + a.boundary[2]/2, Y: a.boundary[1] + a.boundary[3]/2, Width: a.boundary[2], Height: a.boundary[3]}
	same := func(x, y float64) bool { return math.Abs(x-y) < sameLength }
	if c := a.clip; c != (box{}) && !(same(c[0], 0) && same(c[1], 0) && same(c[2], p.Width) && same(c[3], p.Height)) {
		p.Clip = document.Clip{X: c[0], Y: c[1], Width: c[2], Height: c[3]}
	}
	return p
}

// Value is the content of SignedValue.dat, or however it is named: SES_Signature for a seal, SignedData for a signature.
func (s *signature) Value() []byte { return s.value }

// Digest hashes Signature.xml as it is stored. h is asked for the algorithm "", since the value names it. That the files it lists are unchanged is what
// References says.
func (s *signature) Digest(h document.Hasher) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	sum, err := h("")
	if err != nil {
		return nil, err
	}
	sum.Write(s.raw)
	return sum.Sum(nil), nil
}

// Picture returns document.ErrInValue where the seal is shown, since OFD has its picture in the value alone, else document.ErrInvisible.
func (s *signature) Picture() (document.Picture, error) {
	switch {
	case s.err != nil:
		return document.Picture{}, s.err
	case s.kind == document.TypeSeal && len(s.told.stamps) > 0:
		return document.Picture{}, document.ErrInValue
	}
	return document.Picture{}, document.ErrInvisible
}
