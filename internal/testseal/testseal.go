// Package testseal makes seals and sealed documents for tests, from a PKI in a box. Everything in it is invented and deterministic but for keys.
package testseal

import (
	"bytes"
	"context"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/layout"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/sign"
	"yinxin/stamp"
)

// Diameter of the seals made here, mm.
const Diameter = 40

// PDF is an unsigned document of the given number of A4 pages.
func PDF(t testing.TB, pages int) []byte {
	t.Helper()
	d := layout.Document{Title: "示例文件", Language: "zh-CN", Created: testpki.Epoch()}
	for range pages {
		d.Pages = append(d.Pages, layout.Page{Width: layout.A4Width, Height: layout.A4Height, Items: []layout.Item{
			layout.Text{X: 30, Y: 40, String: "示例文件：本页文字只用于测试。", Size: 14},
			layout.Text{X: 30, Y: 60, String: "Sample text for tests.", Size: 12},
		}})
	}
	var b bytes.Buffer
	if err := layout.WritePDF(&b, d, font.Stack{font.Default()}); err != nil {
		t.Fatalf("testseal: write a PDF: %v", err)
	}
	return b.Bytes()
}

// OFD is an unsigned OFD of the given number of A4 pages.
func OFD(pages int) []byte { return testofd.Pages(pages).Build() }

// Picture is the 40 mm picture of a seal, as it goes into the seal.
func Picture(t testing.TB, name string) seal.Picture {
	t.Helper()
	d, err := draw.New(draw.Design{Kind: draw.LegalName, Name: name}, font.Stack{font.Default()})
	if err != nil {
		t.Fatalf("testseal: draw: %v", err)
	}
	png, err := d.PNG(300)
	if err != nil {
		t.Fatalf("testseal: draw: %v", err)
	}
	return seal.Picture{Type: "PNG", Data: png, Width: Diameter, Height: Diameter}
}

// Info is what a seal for the certificates says: valid a month before and a year after the PKI's time. Tests change it before they have it made.
func Info(t testing.TB, p *testpki.PKI, name string, signers ...*gm.Certificate) seal.Info {
	t.Helper()
	info := seal.Info{Header: seal.Header{Vid: "TEST"}, ESID: "9900000000001", Picture: Picture(t, name),
		Property: seal.Property{Type: seal.TypeLegal, Name: name, ListType: seal.ListCerts,
			Created: p.Now.AddDate(0, -1, 0), Start: p.Now.AddDate(0, -1, 0), End: p.Now.AddDate(1, 0, 0)}}
	for _, c := range signers {
		info.Property.Certs = append(info.Property.Certs, c.Raw)
	}
	return info
}

// Make has the PKI's maker make a seal.
func Make(t testing.TB, p *testpki.PKI, info seal.Info, v seal.Version) []byte {
	t.Helper()
	return MakeBy(t, p.Maker, info, v)
}

// MakeBy has any maker make a seal.
func MakeBy(t testing.TB, maker *testpki.Holder, info seal.Info, v seal.Version) []byte {
	t.Helper()
	esl, err := sign.MakeSeal(context.Background(), maker.Key, maker.Cert.Raw, info, v)
	if err != nil {
		t.Fatalf("testseal: make a seal: %v", err)
	}
	return esl
}

// Order is a stamping of in, a PDF or an OFD, at the middle of page 1. Tests change it before they carry it out.
func Order(in, esl []byte, key hsm.Key, now time.Time) stamp.Order {
	var format document.Format = pdf.Format{}
	if (ofd.Format{}).Match(in[:min(len(in), 1032)]) {
		format = ofd.Format{}
	}
	return stamp.Order{Format: format, In: bytes.NewReader(in), Size: int64(len(in)), Seal: esl, Key: key,
		Places: []document.Place{{Page: 1, X: 120, Y: 200}}, Now: func() time.Time { return now }}
}

// Stamp carries an order out.
func Stamp(t testing.TB, o stamp.Order) []byte {
	t.Helper()
	var out document.Memory
	if _, err := stamp.Make(context.Background(), o, &out); err != nil {
		t.Fatalf("testseal: stamp: %v", err)
	}
	return out.Bytes()
}

// Unchecked signs in with any container, without the checks before and after that a stamping makes: what somebody with keys and bad will can do.
// The picture shown is pic.
func Unchecked(t testing.TB, in []byte, c sign.Container, key hsm.Key, pic seal.Picture, at time.Time) []byte {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(in), int64(len(in)), document.Options{})
	if err != nil {
		t.Fatalf("testseal: open: %v", err)
	}
	w, h := float64(pic.Width), float64(pic.Height)
	ticket, err := sign.Prepare(doc, document.Request{Filter: "Yinxin.Seal", Places: []document.Place{{Page: 1, X: 120, Y: 200, Width: w, Height: h}},
		Appearance: document.Picture{Type: pic.Type, Data: pic.Data, Width: w, Height: h}}, c, at, 0)
	if err != nil {
		t.Fatalf("testseal: prepare: %v", err)
	}
	var out document.Memory
	if _, err := ticket.Redeem(context.Background(), key, nil, &out); err != nil {
		t.Fatalf("testseal: redeem: %v", err)
	}
	return out.Bytes()
}

// Sealed is one page sealed by the owner at the PKI's time with a v4 seal.
func Sealed(t testing.TB, p *testpki.PKI, owner *testpki.Holder) []byte {
	t.Helper()
	name := owner.Cert.Subject.CommonName
	esl := Make(t, p, Info(t, p, name, owner.Cert), seal.V4)
	return Stamp(t, Order(PDF(t, 1), esl, owner.Key, p.Now))
}
