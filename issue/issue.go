// Package issue makes licences together with their seals.
//
// Make turns one order into the licence record, its face sealed by the issuing body, and the set of seals that the licence type asks for, each with its
// own key, certificate and picture. It is all or nothing: when a part fails, keys made for the order are destroyed and certificates issued for it are
// revoked.
package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yinxin/ca"
	"yinxin/codes"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/license"
	"yinxin/seal"
	"yinxin/trust"
)

// Issuer is the body that issues: its own seal and the key that may use it.
type Issuer struct {
	Seal []byte // SESeal of the agency seal, DER
	Key  hsm.Key
}

// Maker is the seal maker (制章者).
type Maker struct {
	Certificate []byte // DER
	Key         hsm.Key
	ID          string // goes into every seal's header as Vid
}

// Keys is where the holder's keys are made. They never leave it.
type Keys interface {
	hsm.Provider
	hsm.Destroyer
}

// Order asks for one licence with its seals.
type Order struct {
	Type    license.Type
	License license.Order
	Codes   []codes.SealCode // one for each seal the type asks for, in its order, the issuing body's own left out

	Issuer    Issuer
	Maker     Maker
	Authority ca.Authority // issues the holder's certificates
	Keys      Keys
	KeyPrefix string // keys are named PREFIX-KIND
	Years     int    // validity of certificates and seals

	Formats  []document.Format // that the face is written and sealed in: PDF, OFD
	Fonts    font.Stack
	Version  seal.Version // generation of the seals made
	Trust    *trust.Set   // for the self-check of the sealed face
	Specimen bool         // 样例 across the face
	Now      func() time.Time
	Progress func(Step) // called before each step; may be nil
}

// Step is one part of the work, for progress.
type Step struct {
	Done, Total int
	Kind        license.SealKind // of the seal being made; empty for record and face
	Name        string
}

// Bundle is everything one order leaves.
type Bundle struct {
	Record     license.Record
	RecordJSON []byte
	Warnings   []license.Warning
	Faces      []Face // the sealed face, in the formats of the order
	Seals      []Made
}

// Face is the sealed face as a file.
type Face struct {
	Format string // "PDF" or "OFD"
	Data   []byte
}

// Made is one seal of the holder.
type Made struct {
	Kind        license.SealKind
	Code        codes.SealCode
	Name        string
	ESL         []byte // SESeal, DER
	Certificate *gm.Certificate
	Key         hsm.Ref
}

// Make carries out the order. It returns a whole Bundle or an error and nothing made.
func Make(ctx context.Context, o Order) (b Bundle, err error) {
	now := o.Now()
	if err := o.checkFormats(); err != nil {
		return Bundle{}, err
	}
	b.Record, b.Warnings, err = o.Type.Record(o.License)
	if err != nil {
		return Bundle{}, err
	}
	b.RecordJSON, err = license.Marshal(b.Record)
	if err != nil {
		return Bundle{}, err
	}
	wanted, err := o.wanted(b.Record)
	if err != nil {
		return Bundle{}, err
	}
	w := work{order: &o, now: now, holder: b.Record.Holder, total: len(wanted) + 1}
	defer func() {
		if err != nil {
			b, err = Bundle{}, errors.Join(err, w.undo(context.WithoutCancel(ctx)))
		}
	}()
	for i, need := range wanted {
		made, err := w.make(ctx, need, o.Codes[i])
		if err != nil {
			return b, fmt.Errorf("make the seal %s: %w", need.Name, err)
		}
		b.Seals = append(b.Seals, made)
	}
	w.progress("", b.Record.Type.Name.ZH)
	b.Faces, err = o.sealedFaces(ctx, b.Record)
	return b, err
}

// wanted lists the seals to be made. The issuing body's own seal exists already.
func (o *Order) wanted(r license.Record) ([]license.NeededSeal, error) {
	all, err := o.Type.SealsFor(r)
	if err != nil {
		return nil, err
	}
	var out []license.NeededSeal
	for _, s := range all {
		if s.Kind != license.AgencySeal {
			out = append(out, s)
		}
	}
	if len(out) != len(o.Codes) {
		return nil, fault.New(fault.Invalid, "seal-codes",
			fmt.Sprintf("此类证照需要 %d 枚印章，给出了 %d 个印章编码", len(out), len(o.Codes)),
			fmt.Sprintf("this licence type needs %d seals, %d seal codes were given", len(out), len(o.Codes)), nil)
	}
	return out, nil
}
