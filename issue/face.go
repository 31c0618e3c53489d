package issue

import (
	"bytes"
	"context"
	"fmt"

	"yinxin/document"
	"yinxin/layout"
	"yinxin/license"
	"yinxin/license/face"
	"yinxin/stamp"
)

// sealedFace lays the licence's face out and seals it with the issuing body's seal, where the layout leaves room for it.
func (o *Order) sealedFace(ctx context.Context, r license.Record) ([]byte, error) {
	page, place, err := face.Describe(r, o.Type, face.Options{Fonts: o.Fonts, Specimen: o.Specimen, Created: o.Now()})
	if err != nil {
		return nil, err
	}
	var plain bytes.Buffer
	if err := layout.WritePDF(&plain, page, o.Fonts); err != nil {
		return nil, fmt.Errorf("write the face: %w", err)
	}
	var sealed document.Memory
	_, err = stamp.Make(ctx, stamp.Order{
		Format: o.Format, In: bytes.NewReader(plain.Bytes()), Size: int64(plain.Len()), Seal: o.Issuer.Seal, Key: o.Issuer.Key,
		Places: []document.Place{{Page: 1, X: place.X, Y: place.Y}}, Trust: o.Trust, Now: o.Now,
	}, &sealed)
	if err != nil {
		return nil, fmt.Errorf("seal the face: %w", err)
	}
	return sealed.Bytes(), nil
}
