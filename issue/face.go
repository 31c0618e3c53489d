package issue

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/layout"
	"yinxin/license"
	"yinxin/license/face"
	"yinxin/stamp"
)

// sealedFaces lays the licence's face out once, writes it in every format asked for, and seals each file with the issuing body's seal, where the layout
// leaves room for it.
func (o *Order) sealedFaces(ctx context.Context, r license.Record) ([]Face, error) {
	page, place, err := face.Describe(r, o.Type, face.Options{Fonts: o.Fonts, Specimen: o.Specimen, Created: o.Now()})
	if err != nil {
		return nil, err
	}
	var out []Face
	for _, f := range o.Formats {
		data, err := o.sealedFace(ctx, f, page, place)
		if err != nil {
			return nil, fmt.Errorf("the face as %s: %w", f.Name(), err)
		}
		out = append(out, Face{Format: f.Name(), Data: data})
	}
	return out, nil
}

func (o *Order) sealedFace(ctx context.Context, f document.Format, page layout.Document, place layout.Place) ([]byte, error) {
	write, known := faceWriters()[f.Name()]
	if !known {
		return nil, unknownFormat(f)
	}
	var plain bytes.Buffer
	if err := write(&plain, page, o.Fonts); err != nil {
		return nil, fmt.Errorf("write the face: %w", err)
	}
	var sealed document.Memory
	_, err := stamp.Make(ctx, stamp.Order{
		Format: f, In: bytes.NewReader(plain.Bytes()), Size: int64(plain.Len()), Seal: o.Issuer.Seal, Key: o.Issuer.Key,
		Places: []document.Place{{Page: 1, X: place.X, Y: place.Y}}, Trust: o.Trust, Now: o.Now,
	}, &sealed)
	if err != nil {
		return nil, fmt.Errorf("seal the face: %w", err)
	}
	return sealed.Bytes(), nil
}

// faceWriters write a face, by the name of its format.
func faceWriters() map[string]func(io.Writer, layout.Document, font.Stack) error {
	return map[string]func(io.Writer, layout.Document, font.Stack) error{"PDF": layout.WritePDF, "OFD": layout.WriteOFD}
}

func unknownFormat(f document.Format) error {
	return fault.New(fault.Invalid, "face-format", "照面只能生成 PDF 或 OFD，不能生成 "+f.Name(), "a face is written as PDF or OFD, not as "+f.Name(), nil)
}

// checkFormats refuses an order for a face in no format, or in one that cannot be written, before anything is made.
func (o *Order) checkFormats() error {
	if len(o.Formats) == 0 {
		return fault.New(fault.Invalid, "face-format", "没有指明照面的文件格式：请指明 PDF 或 OFD", "no format is named for the face: name PDF or OFD", nil)
	}
	for _, f := range o.Formats {
		if _, known := faceWriters()[f.Name()]; !known {
			return unknownFormat(f)
		}
	}
	return nil
}
