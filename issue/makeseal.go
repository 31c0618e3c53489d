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
	"yinxin/timestamp"
)

// SealOrder asks a maker for one seal.
type SealOrder struct {
	Type    int // see seal.TypeName
	Name    string
	Code    codes.SealCode
	Picture seal.Picture
	Signers []*gm.Certificate // who may use the seal
	List    int               // how the seal names them: seal.ListCerts, which 0 means too, or seal.ListDigests
	Start   time.Time         // first moment of validity; zero means now
	End     time.Time         // last moment of validity; zero means as long as every certificate, the maker's and the signers', is valid
	Maker   Maker
	Version seal.Version
	Now     func() time.Time

	Timestamps timestamp.Source // of a token over the maker's signature, which only a seal.V5 can hold; nil for none
}

// MakeSeal is the making (制章) of one seal: the maker signs what the order says, once. The seal's creation time is now. Refused are a period that is
// empty or over, signers whose keys are not SM2, and a maker whose certificate is not valid now; what is only unwise Warnings says.
func MakeSeal(ctx context.Context, o SealOrder) ([]byte, error) {
	info := seal.Info{Header: seal.Header{Vid: o.Maker.ID}, ESID: o.Code.String(), Picture: o.Picture, Property: seal.Property{Type: o.Type, Name: o.Name}}
	d := draft{info: info, signers: o.Signers, list: o.List, start: o.Start, end: o.End, maker: o.Maker, version: o.Version, now: o.Now(), timestamps: o.Timestamps}
	return d.make(ctx)
}

// Warnings says what is unwise in the order. A seal that outlives a certificate is made, but from that certificate's end on it cannot be used, or by older
// rules not verified. A seal in one name for a signer of another, or for the maker itself, is made too, and whoever reads it will wonder. A certificate
// that cannot be read is for MakeSeal to refuse.
func (o *SealOrder) Warnings() []fault.Public {
	return append(outlived(o.End, o.Maker, o.Signers), o.strange()...)
}

// strange compares who may use the seal with whose it is and who makes it.
func (o *SealOrder) strange() []fault.Public {
	var out []fault.Public
	for _, c := range o.Signers {
		name := show(c)
		if sameKey(o.Maker.Certificate, c.Raw) {
			out = append(out, fault.Public{Code: "seal-maker-signs",
				ZH: "签章人证书“" + name + "”与制章者用的是同一把密钥：请确认没有拿错证书",
				EN: "the signer's certificate “" + name + "” is of the maker's own key: make sure that it is the right one"})
		}
		if !o.names(c) {
			out = append(out, fault.Public{Code: "seal-names-another",
				ZH: "印章名称“" + o.Name + "”中没有签章人证书的名称“" + name + "”：请确认印章和证书属于同一单位",
				EN: "the seal's name “" + o.Name + "” does not hold the name on the signer's certificate, “" + name + "”: make sure that both are of one body"})
		}
	}
	return out
}

// names reports whether the seal's name holds the certificate's, or its organization's. A person's seal is named after the person and may be used with
// a certificate of the body.
func (o *SealOrder) names(c *gm.Certificate) bool {
	if o.Type == seal.TypePersonal || o.Type == seal.TypeLegalRep {
		return true
	}
	bare := func(s string) string {
		return strings.NewReplacer("（", "(", "）", ")").Replace(strings.Join(strings.Fields(s), ""))
	}
	for _, n := range append([]string{c.Subject.CommonName}, c.Subject.Organization...) {
		if n != "" && strings.Contains(bare(o.Name), bare(n)) {
			return true
		}
	}
	return false
}

// outlived compares the end of a seal with those of its certificates.
func outlived(end time.Time, maker Maker, signers []*gm.Certificate) []fault.Public {
	var out []fault.Public
	for _, c := range signers {
		if end.After(c.NotAfter) {
			name, day := show(c), china(c.NotAfter)
			out = append(out, fault.Public{Code: "seal-outlives-signer",
				ZH: "印章有效期晚于签章人证书“" + name + "”的有效期（" + day + "）：该证书到期后不能再用这枚印章签章，换发证书后要重新制章",
				EN: "the seal outlives its signer's certificate “" + name + "” (" + day + "): after that it cannot be used with it, and a reissued certificate needs the seal remade"})
		}
	}
	if c, err := gm.ParseCertificate(maker.Certificate); err == nil && end.After(c.NotAfter) {
		day := china(c.NotAfter)
		out = append(out, fault.Public{Code: "seal-outlives-maker",
			ZH: "印章有效期晚于制章者证书的有效期（" + day + "）：制章者证书到期后，按 2025 年以前的规则核验会不通过",
			EN: "the seal outlives its maker's certificate (" + day + "): after that, verifiers that follow the rules before 2025 refuse it"})
	}
	return out
}

// draft is a seal about to be signed by its maker, new or renewed.
type draft struct {
	info       seal.Info // without list of signers and times
	signers    []*gm.Certificate
	list       int
	start, end time.Time // zero for the defaults of SealOrder
	maker      Maker
	version    seal.Version
	now        time.Time
	timestamps timestamp.Source
}

// make fills in signers and times and has the maker sign.
func (d *draft) make(ctx context.Context) ([]byte, error) {
	if err := d.listSigners(); err != nil {
		return nil, err
	}
	for _, s := range []string{d.info.Property.Name, d.info.Header.Vid, d.info.ESID} {
		if !plain(s) {
			return nil, fault.New(fault.Invalid, "seal-text", "印章名称、编码或制章者标识为空、超过 200 字或含有控制字符",
				"the seal's name, its code or the maker's identifier is empty, longer than 200 characters or holds control characters", nil)
		}
	}
	if err := d.setPeriod(); err != nil {
		return nil, err
	}
	return sign.MakeStampedSeal(ctx, d.maker.Key, d.maker.Certificate, d.info, d.version, d.timestamps)
}

func (d *draft) listSigners() error {
	p := &d.info.Property
	if p.ListType = d.list; d.list == 0 {
		p.ListType = seal.ListCerts
	}
	if len(d.signers) == 0 {
		return fault.New(fault.Invalid, "seal-signers", "印章至少要列出一张签章人证书", "a seal lists at least one signer's certificate", nil)
	}
	for _, c := range d.signers {
		if !gm.IsSM2(c.PublicKey) {
			return fault.New(fault.Invalid, "seal-signer-not-sm2", "签章人证书“"+show(c)+"”的公钥不是 SM2，不能列入印章：请改用 SM2 证书",
				"the signer's certificate “"+show(c)+"” has a key that is not SM2, which cannot use a seal: name one with an SM2 key", nil)
		}
		if p.ListType == seal.ListDigests {
			p.Digests = append(p.Digests, seal.DigestOf(c.Raw))
		} else {
			p.Certs = append(p.Certs, c.Raw)
		}
	}
	return nil
}

// setPeriod writes the three times, filling in what was left open.
func (d *draft) setPeriod() error {
	maker, err := gm.ParseCertificate(d.maker.Certificate)
	if err != nil {
		return fault.New(fault.Invalid, "maker-certificate", "制章者证书无法读取", "the maker's certificate cannot be read", err)
	}
	now := whole(d.now)
	if now.Before(maker.NotBefore) || now.After(maker.NotAfter) {
		return fault.New(fault.Denied, "maker-certificate-out-of-time",
			"制章者证书不在有效期内（"+china(maker.NotBefore)+" 至 "+china(maker.NotAfter)+"），不能制章：请换用有效的制章者证书",
			"the maker's certificate is not valid now ("+china(maker.NotBefore)+" to "+china(maker.NotAfter)+"): make the seal with one that is", nil)
	}
	if d.start.IsZero() {
		d.start = now
	}
	if d.end.IsZero() {
		d.end = maker.NotAfter
		for _, c := range d.signers {
			if c.NotAfter.Before(d.end) {
				d.end = c.NotAfter
			}
		}
	}
	start, end := whole(d.start), whole(d.end)
	if !start.Before(end) {
		return fault.New(fault.Invalid, "seal-period", "印章有效期的起始（"+china(start)+"）不早于终止（"+china(end)+"），请改正日期",
			"the seal's period starts ("+china(start)+") no earlier than it ends ("+china(end)+"): set the dates right", nil)
	}
	if end.Before(now) {
		return fault.New(fault.Invalid, "seal-ended", "印章有效期在 "+china(end)+" 已经结束，请改用晚于现在的日期或未到期的证书",
			"the seal's period ended at "+china(end)+" already: set a later end, or name a certificate that is still valid", nil)
	}
	p := &d.info.Property
	p.Created, p.Start, p.End = now, start, end
	return nil
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

// china is t for people: to the second, in China standard time, which says so.
func china(t time.Time) string {
	return t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02 15:04:05 -07:00")
}

// show is what a certificate's subject is called.
func show(c *gm.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
