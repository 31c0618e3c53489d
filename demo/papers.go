package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"yinxin/codes"
	"yinxin/document"
	"yinxin/hsm"
	"yinxin/issue"
	"yinxin/layout"
	"yinxin/license"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/stamp"
	"yinxin/testdata"
	"yinxin/verify"
)

// The documents, below Options.Dir.
const (
	licenceFile  = "licence." // and the format
	contractFile = "contract.pdf"
	halfFile     = "contract-sealed-once.pdf"
	fullFile     = "contract-sealed.pdf"
	tamperedFile = "contract-sealed-tampered.pdf"

	tamperedLicence = "licence-tampered.ofd"
)

// licence issues the buyer's licence and its five seals in one step.
func (w *world) licence(ctx context.Context) error {
	t, err := license.ParseType(testdata.LicenceType)
	if err != nil {
		return err
	}
	today := license.DayOf(w.Now())
	numbers := make([]codes.SealCode, 5)
	for i := range numbers {
		if numbers[i], err = w.sealCode(10 + i); err != nil {
			return err
		}
	}
	b, err := issue.Make(ctx, issue.Order{
		Type: t, Codes: numbers, Issuer: w.agency, Maker: w.maker, Authority: w.authority, Keys: w.Keys, KeyPrefix: "buyer", Years: years,
		License: license.Order{Issuer: license.Body{Name: registrar.name, USCC: registrar.uscc}, Serial: "20260000015", Version: 1, Issued: today,
			Holder: license.Holder{Name: buyer.name, Code: buyer.uscc, CodeType: license.HolderUSCC}, Face: buyerFace(today)},
		Formats: w.Formats, Fonts: w.fonts, Version: seal.V4, Trust: w.trust, Specimen: true, Now: w.Now,
		Progress: func(s issue.Step) { w.step("签发证照："+s.Name, "licence: "+s.Name) },
	})
	if err != nil {
		return err
	}
	for _, s := range b.Seals {
		if err := w.save("seals/"+s.Name+".esl", s.ESL); err != nil {
			return err
		}
	}
	for _, f := range b.Faces {
		if err := w.document(licenceFile+strings.ToLower(f.Format), f.Data, verify.Passed); err != nil {
			return err
		}
		if f.Format == "OFD" {
			forged, err := forgedOFD(f.Data)
			if err != nil {
				return err
			}
			if err := w.document(tamperedLicence, forged, verify.Failed); err != nil {
				return err
			}
		}
	}
	return w.save("licence-record.json", b.RecordJSON)
}

func buyerFace(today license.Day) license.Face {
	return license.Face{
		Values: map[string]string{
			"name": buyer.name, "uscc": buyer.uscc, "type": "有限责任公司", "legalRepresentative": "林一舟", "founded": "2020-05-18",
			"domicile": "示例市高新区软件路 15 号", "registrar": registrar.name, "approved": string(today),
			"scope": "软件开发；信息系统集成服务；仓储设备租赁服务；计算机及通讯设备销售；技术服务、技术开发、技术咨询、技术转让。",
		},
		Gaps: map[string]string{"capital": "not-recorded"},
	}
}

// contract lays the contract out and has both parties seal it, one after the other.
func (w *world) contract(ctx context.Context) error {
	w.step("排版合同", "lay out the contract")
	blocks, err := layout.ParseMarkup(testdata.Contract)
	if err != nil {
		return err
	}
	flowed, err := layout.Flow(w.fonts, blocks, layout.DefaultStyle())
	if err != nil {
		return err
	}
	if len(flowed.Seals) != 2 {
		return fmt.Errorf("the contract has places for %d seals, not 2", len(flowed.Seals))
	}
	var plain bytes.Buffer
	err = layout.WritePDF(&plain, layout.Document{Title: "智能仓储设备采购合同", Subject: "示例合同", Language: "zh-CN", Created: w.Now(), Pages: flowed.Pages}, w.fonts)
	if err != nil {
		return err
	}
	if err := w.document(contractFile, plain.Bytes(), verify.Unsigned); err != nil {
		return err
	}
	esl, err := w.root.ReadFile("seals/" + buyer.name + "合同专用章.esl")
	if err != nil {
		return err
	}
	key, err := w.Keys.Key(ctx, "buyer-contract")
	if err != nil {
		return err
	}
	once, err := w.stamped(ctx, halfFile, plain.Bytes(), esl, key, flowed.Seals[0])
	if err != nil {
		return err
	}
	return w.second(ctx, once, flowed.Seals[1])
}

// second makes the seller's seal and puts it beside the buyer's.
func (w *world) second(ctx context.Context, once []byte, at layout.Place) error {
	name := seller.name + "合同专用章"
	key, cert, err := w.owner(ctx, "seller-contract", name, seller)
	if err != nil {
		return err
	}
	esl, err := w.seal(ctx, seller, draw.Contract, seal.TypeContract, name, 20, cert)
	if err != nil {
		return err
	}
	if err := w.save("seals/"+name+".esl", esl); err != nil {
		return err
	}
	_, err = w.stamped(ctx, fullFile, once, esl, key, at)
	return err
}

// A seal is put over the date, as is the custom, and away from the middle of its party's lines: so the party's name and the seal's own text stay legible.
// In mm.
const (
	sealAside = 8
	sealBelow = 17
)

func (w *world) stamped(ctx context.Context, name string, in, esl []byte, key hsm.Key, at layout.Place) ([]byte, error) {
	w.step("签章："+at.Label, "seal: "+at.Label)
	var out document.Memory
	_, err := stamp.Make(ctx, stamp.Order{Format: w.Formats[0], In: bytes.NewReader(in), Size: int64(len(in)), Seal: esl, Key: key,
		Places: []document.Place{{Page: at.Page, X: at.X + sealAside, Y: at.Y + sealBelow}}, Trust: w.trust, Now: w.Now}, &out)
	if err != nil {
		return nil, err
	}
	return out.Bytes(), w.document(name, out.Bytes(), verify.Passed)
}

// tamper writes a copy of the sealed contract in which one byte of a page differs.
func (w *world) tamper(context.Context) error {
	w.step("篡改一个字节", "change one byte")
	data, err := w.root.ReadFile(fullFile)
	if err != nil {
		return err
	}
	at := strings.Index(string(data), "stream\n")
	if at < 0 {
		return errors.New("the contract has no stream to tamper with")
	}
	data[at+len("stream\n")+64] ^= 0x01
	return w.document(tamperedFile, data, verify.Failed)
}

func (w *world) document(name string, data []byte, expects verify.Verdict) error {
	w.files = append(w.files, File{Name: name, Expects: expects})
	return w.save(name, data)
}

// judge verifies every document with the demonstration's trust and compares the verdicts with what they should be.
func (w *world) judge(ctx context.Context) error {
	w.step("核验全部文件", "verify every document")
	v := verify.Verifier{Formats: w.Formats, Trust: w.trust}
	for i := range w.files {
		f := &w.files[i]
		data, err := w.root.ReadFile(f.Name)
		if err != nil {
			return err
		}
		facts, err := v.Gather(ctx, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		f.Report = verify.Judge(facts, verify.Policy{}, w.Now())
		f.Report.File = f.Name
		if f.Report.Verdict != f.Expects {
			return fmt.Errorf("%s is %s, not %s", f.Name, f.Report.Verdict, f.Expects)
		}
	}
	return nil
}
