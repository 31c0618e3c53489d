package ofd

import (
	"bytes"
	"fmt"

	"yinxin/document"
)

// stamps draws the seals of a page over everything else, in the order of the signatures.
func (s *shower) stamps(p page, pictures document.Pictures) error {
	if err := s.d.list(); err != nil {
		s.out.omit("signatures-malformed", display(p.body.signatures))
		return nil //nolint:nilerr // it is told, and the page is shown without seals
	}
	for _, sig := range s.d.signed {
		if sig.body != p.body || pictures == nil {
			continue
		}
		if sig.err != nil {
			s.out.omit("signature-malformed", sig.id)
			continue
		}
		for _, a := range sig.told.stamps {
			if a.page != p.id {
				continue
			}
			picture, err := pictures(sig)
			if err != nil || len(picture.Data) == 0 {
				s.out.omit("seal-picture", sig.id)
				break
			}
			if err := s.stamp(a, picture, sig.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// stamp draws one seal, of a riding seal its slice. A seal that is wrong is left out and noted.
func (s *shower) stamp(a stamp, picture document.Picture, name string) error {
	if err := s.out.count(); err != nil {
		return err
	}
	b := &s.out.body
	before := b.Len()
	b.WriteString(`<g style="mix-blend-mode:multiply"`) // ink on paper: what lies under a seal stays legible, were its picture opaque
	if c := a.clip; c != (box{}) {
		b.WriteString(attr("clip-path", "url(#"+s.clipBox(box{a.boundary[0] + c[0], a.boundary[1] + c[1], c[2], c[3]})+")"))
	}
	b.WriteByte('>')
	var err error
	if bytes.HasPrefix(picture.Data, []byte(sigLocal)) {
		err = s.inner(a.boundary, picture.Data)
	} else {
		key := imageKey{data: &picture.Data[0], size: len(picture.Data)}
		id, known := s.out.images[key]
		if !known {
			id, err = s.out.picture(key, picture.Data, name)
		}
		if id != "" {
			s.out.use(id, matrix{a.boundary[2], 0, 0, a.boundary[3], a.boundary[0], a.boundary[1]}, a.boundary)
		}
	}
	if err != nil && (passing(err) || !costly(err)) {
		b.Truncate(before)
		s.out.omit("seal-picture", name)
		return nil
	}
	b.WriteString("</g>")
	return err
}

// inner draws a seal whose picture is itself an OFD: its first page, on the box. It may hold no such seal in turn.
func (s *shower) inner(at box, data []byte) error {
	if s.nested {
		return broken("", 0, "a seal within a seal")
	}
	lim := document.Limits{Bytes: maxShownBytes, Objects: 1000, Stream: maxShownBytes, Pages: 16, Signatures: 1, Depth: s.d.lim.Depth}
	d, err := open(s.ctx, bytes.NewReader(data), int64(len(data)), document.Options{Limits: lim})
	if err != nil {
		return err
	}
	if len(d.pages) == 0 {
		return broken("", 0, "a seal without a page")
	}
	size, err := d.measure(d.pages[0])
	if err != nil {
		return err
	}
	m := matrix{at[2] / size[2], 0, 0, at[3] / size[3], at[0], at[1]}
	fmt.Fprintf(&s.out.body, `<g clip-path="url(#%s)"><g%s>`, s.clipBox(at), m.transform())
	within := newShower(s.ctx, d, s.out)
	within.nested = true
	if err := within.page(d.pages[0]); err != nil {
		return err
	}
	s.out.body.WriteString("</g></g>")
	return nil
}
