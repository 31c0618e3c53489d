package issue

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/codes"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/sign"
)

// SealOrder asks a maker for one seal.
type SealOrder struct {
	Type    int // see seal.TypeName
	Name    string
	Code    codes.SealCode
	Picture seal.Picture
	Signers []*gm.Certificate // who may use the seal
	Start   time.Time
	End     time.Time
	Maker   Maker
	Version seal.Version
	Now     func() time.Time
}

// MakeSeal is the making (制章) of one seal: the maker signs what the order says, once. The seal's creation time is now, and it may not outlive the
// certificates that may use it.
func MakeSeal(ctx context.Context, o SealOrder) ([]byte, error) {
	if len(o.Signers) == 0 {
		return nil, fault.New(fault.Invalid, "seal-signers", "印章至少要列出一张签章人证书", "a seal lists at least one signer's certificate", nil)
	}
	for _, s := range []string{o.Name, o.Maker.ID} {
		if !plain(s) {
			return nil, fault.New(fault.Invalid, "seal-text", "印章名称或制章者标识为空、超过 200 字或含有控制字符", "the seal's name or the maker's identifier is empty, longer than 200 characters or holds control characters", nil)
		}
	}
	p := seal.Property{Type: o.Type, Name: o.Name, ListType: seal.ListCerts, Created: whole(o.Now()), Start: whole(o.Start), End: whole(o.End)}
	for _, c := range o.Signers {
		if o.End.After(c.NotAfter) {
			return nil, fault.New(fault.Invalid, "seal-outlives-certificate",
				"印章有效期不能晚于签章人证书的有效期（"+c.NotAfter.Format(time.DateOnly)+"）",
				"a seal may not outlive its signer's certificate ("+c.NotAfter.Format(time.DateOnly)+")", nil)
		}
		p.Certs = append(p.Certs, c.Raw)
	}
	info := seal.Info{Header: seal.Header{Vid: o.Maker.ID}, ESID: o.Code.String(), Picture: o.Picture, Property: p}
	return sign.MakeSeal(ctx, o.Maker.Key, o.Maker.Certificate, info, o.Version)
}

// Picture draws a seal's picture as it goes into the seal: a PNG at 600 dpi, whole millimetres.
func Picture(d draw.Design, fonts font.Stack) (seal.Picture, error) {
	drawing, err := draw.New(d, fonts)
	if err != nil {
		return seal.Picture{}, err
	}
	data, err := drawing.PNG(draw.Resolution)
	if err != nil {
		return seal.Picture{}, fmt.Errorf("draw the seal: %w", err)
	}
	return seal.Picture{Type: "PNG", Data: data, Width: int(math.Round(drawing.Width)), Height: int(math.Round(drawing.Height))}, nil
}

// plain reports whether text may go into a seal: not empty, not endless, without characters that are not seen.
func plain(s string) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 200 && !strings.ContainsFunc(s, unicode.IsControl)
}

// whole is t as seals write it: UTC, whole seconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
