// Package face describes the face of a licence as a page: what Type.Layout names is drawn here, with the record attached to the document.
//
// The faces are of our own design. They bear no emblem, border or wording of an official licence; who issues under an official template brings it.
package face

import (
	"fmt"
	"time"

	"yinxin/fault"
	"yinxin/layout"
	"yinxin/license"
)

// RecordName is the name of the attachment that holds the record as license.Marshal writes it.
const RecordName = "licence-record.json"

// Landscape is the name of the layout drawn by this package: A4 on its side, fields in two columns, QR code at the lower left, issuing body, date and
// room for a seal at the lower right.
const Landscape = "landscape"

// SealRoom is the diameter in mm kept free of other things round the seal's place.
const SealRoom = 45.0

// Options for Describe.
type Options struct {
	Fonts    layout.Fonts
	Specimen bool      // 样例 is written across the face
	Created  time.Time // of the document; the zero time means midnight (UTC+8) of the day of issue
}

// Describe returns the face of a record with the record attached, and the place (centre, mm) of the issuing body's seal. Values that do not fit the face
// even in small type are refused, never cut.
//
// Errors are *fault.Error of kind Invalid: a record that is not of this type or not complete under it, an unknown layout, a face too full, a character
// no font draws.
func Describe(r license.Record, t license.Type, o Options) (layout.Document, layout.Place, error) {
	var none layout.Document
	if r.Type.Code != t.Code || r.Type.Version != t.Version {
		return none, layout.Place{}, fault.New(fault.Invalid, "face-type", "证照记录不属于所给的证照类型或版本", "the record was not made under this licence type and version", nil)
	}
	if t.Layout != Landscape {
		return none, layout.Place{}, fault.New(fault.Invalid, "face-layout", "没有名为 "+t.Layout+" 的版式，可用："+Landscape,
			"there is no layout named "+t.Layout+"; available: "+Landscape, nil)
	}
	if _, err := t.Check(r.Face); err != nil {
		return none, layout.Place{}, err
	}
	data, err := license.Marshal(r)
	if err != nil {
		return none, layout.Place{}, err
	}
	s := sheet{record: r, typ: t, fonts: o.Fonts}
	if err := s.draw(o.Specimen); err != nil {
		return none, layout.Place{}, err
	}
	created := o.Created
	if created.IsZero() {
		d := r.Issued.Time()
		created = time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.FixedZone("", 8*3600))
	}
	doc := layout.Document{
		Title: t.Name.ZH + " " + r.Holder.Name, Author: r.Issuer.Name, Subject: r.Identifier, Language: "zh-CN", Created: created,
		Pages:    []layout.Page{{Width: pageWidth, Height: pageHeight, Items: s.items}},
		Attached: []layout.Attachment{{Name: RecordName, Description: "证照记录 licence record", MIME: "application/json", Data: data}},
	}
	return doc, layout.Place{Page: 1, X: sealX, Y: sealY, Label: r.Issuer.Name}, nil
}

func tooFull(what, en string) error {
	return fault.New(fault.Invalid, "face-overflow", "照面放不下"+what+"：请缩短内容，或改用其他版式",
		fmt.Sprintf("%s does not fit the face: shorten it, or use another layout", en), nil)
}
