package issue

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"yinxin/ca"
	"yinxin/codes"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/license"
	"yinxin/seal"
	"yinxin/seal/draw"
)

// work remembers what was made, so that it can be undone.
type work struct {
	order  *Order
	now    time.Time
	holder license.Holder
	done   int
	total  int
	keys   []hsm.Ref
	certs  []*big.Int
}

func (w *work) progress(kind license.SealKind, name string) {
	if w.order.Progress != nil {
		w.order.Progress(Step{Done: w.done, Total: w.total, Kind: kind, Name: name})
	}
	w.done++
}

// make makes one seal: picture, key, certificate, and the maker's signature over all of it.
func (w *work) make(ctx context.Context, need license.NeededSeal, code codes.SealCode) (Made, error) {
	w.progress(need.Kind, need.Name)
	o := w.order
	kind, ok := sealKinds[need.Kind]
	if !ok {
		return Made{}, fault.New(fault.Invalid, "seal-kind", "不支持的印章类型："+string(need.Kind), "seals of kind "+string(need.Kind)+" cannot be made", nil)
	}
	picture, err := Picture(w.design(kind, need), o.Fonts)
	if err != nil {
		return Made{}, err
	}
	ref := hsm.Ref(o.KeyPrefix + "-" + string(need.Kind)) // a bare name: any provider knows its own by it
	key, err := o.Keys.Generate(ctx, ref, hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		return Made{}, err
	}
	w.keys = append(w.keys, ref)
	cert, err := o.Authority.Issue(ctx, ca.Request{Profile: ca.Owner, Public: key.Public(), NotBefore: w.now, NotAfter: w.now.AddDate(o.Years, 0, 0),
		Subject: ca.Subject{CommonName: need.Name, Organization: w.holder.Name, USCC: w.holder.Code, Country: "CN"}})
	if err != nil {
		return Made{}, err
	}
	w.certs = append(w.certs, cert.SerialNumber)
	esl, err := MakeSeal(ctx, SealOrder{Type: kind.code, Name: need.Name, Code: code, Picture: picture, Signers: []*gm.Certificate{cert},
		Start: w.now, End: cert.NotAfter, Maker: o.Maker, Version: o.Version, Now: o.Now})
	if err != nil {
		return Made{}, err
	}
	return Made{Kind: need.Kind, Code: code, Name: need.Name, ESL: esl, Certificate: cert, Key: ref}, nil
}

// sealKind joins the three vocabularies: the licence type's, the picture's, and the type number inside the seal.
type sealKind struct {
	draw draw.Kind
	code int
}

var sealKinds = map[license.SealKind]sealKind{
	license.LegalNameSeal: {draw.LegalName, seal.TypeLegal},
	license.FinanceSeal:   {draw.Finance, seal.TypeFinance},
	license.ContractSeal:  {draw.Contract, seal.TypeContract},
	license.InvoiceSeal:   {draw.Invoice, seal.TypeInvoice},
	license.PersonSeal:    {draw.LegalRepresentative, seal.TypeLegalRep},
}

// design is the picture of a seal: its words are the holder's, not the seal's own name, which ends in what the picture says below.
func (w *work) design(kind sealKind, need license.NeededSeal) draw.Design {
	d := draw.Design{Kind: kind.draw, Name: w.holder.Name}
	switch need.Kind {
	case license.InvoiceSeal:
		d.TaxNumber = w.holder.Code
	case license.PersonSeal:
		d.Name, d.Purpose = need.Name, draw.Bare // the seal's name says all of it
	}
	return d
}

// undo takes back what an order that failed has made. What cannot be taken back is named, for an operator to finish.
func (w *work) undo(ctx context.Context) error {
	var failed []error
	for _, serial := range w.certs {
		if err := w.order.Authority.Revoke(ctx, serial, ca.CessationOfOperation, w.now); err != nil {
			failed = append(failed, fmt.Errorf("revoke certificate %x after the order failed: %w", serial, err))
		}
	}
	for _, ref := range w.keys {
		if err := w.order.Keys.Destroy(ctx, ref); err != nil {
			failed = append(failed, fmt.Errorf("destroy key %s after the order failed: %w", ref, err))
		}
	}
	return errors.Join(failed...)
}
