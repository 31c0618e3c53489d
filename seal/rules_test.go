package seal_test

import (
	"bytes"
	"errors"
	"testing"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/seal"
)

func TestValidateSeal(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name  string
		over  parts
		field string // of the one problem; empty: none
	}{
		{"good", nil, ""},
		{"version 3", parts{"version": number(3)}, "SES_Header.version"},
		{"version 4 with a time stamp", parts{"tail": tlv(tag0, bits([]byte("t")))}, "SES_Header.version"},
		{"no identifier", parts{"esID": text(cbasn1.IA5String, "")}, "SES_SealInfo.esID"},
		{"no name", parts{"name": text(cbasn1.UTF8String, "")}, "SES_ESPropertyInfo.name"},
		{"nobody listed", parts{"certList": seq()}, "SES_ESPropertyInfo.certList"},
		{"short digest", parts{"certListType": number(2), "certList": seq(seq(text(cbasn1.PrintableString, "SM3"), octets([]byte{1})))},
			"SES_ESPropertyInfo.certList"},
		{"digest of another kind", parts{"certListType": number(2), "certList": seq(seq(text(cbasn1.PrintableString, "SHA1"), octets([]byte{1})))}, ""},
		{"ends before it starts", parts{"validEnd": text(cbasn1.GeneralizedTime, "20260302075959Z")}, "SES_ESPropertyInfo.validEnd"},
		{"no width", parts{"width": number(0)}, "SES_ESPictureInfo"},
		{"not a PNG", parts{"data": octets([]byte("GIF89a"))}, "SES_ESPictureInfo.type"},
		{"no picture", parts{"data": octets(nil)}, "SES_ESPictureInfo.data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, w.built(tt.over)).Validate()
			switch {
			case tt.field == "" && p != nil:
				t.Errorf("problems %+v", p)
			case tt.field != "" && (len(p) != 1 || p[0].Field != tt.field || p[0].Code != seal.SealFormat || p[0].ZH == "" || p[0].EN == ""):
				t.Errorf("problems %+v, want one of %s", p, tt.field)
			}
		})
	}
	old := parse(t, w.sealV1(w.v1()))
	old.Info.Header.Version = 4
	if p := old.Validate(); len(p) != 1 || p[0].Field != "SES_Header.version" {
		t.Errorf("v1 that says version 4: %+v", p)
	}
}

func TestValidateSignature(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name, code, field string
		over              parts
	}{
		{"good", "", "", nil},
		{"another version", seal.SignatureVersion, "TBS_Sign.version", parts{"version": number(5)}},
		{"short hash", seal.SignatureFormat, "TBS_Sign.dataHash", parts{"dataHash": bits(make([]byte, 20))}},
		{"no property", seal.SignatureFormat, "TBS_Sign.propertyInfo", parts{"propertyInfo": text(cbasn1.IA5String, "")}},
	}
	for _, tt := range tests {
		p := parseSignature(t, w.builtSignature(tt.over)).Validate()
		if tt.code == "" && p != nil || tt.code != "" && (len(p) != 1 || p[0].Code != tt.code || p[0].Field != tt.field) {
			t.Errorf("%s: problems %+v", tt.name, p)
		}
	}
}

// TestOddCertificate verifies with certificates as met in real seals, whose names hold UTF-8 under IA5String: the key is good all the same.
func TestOddCertificate(t *testing.T) {
	w := newWorld(t)
	cert := bytes.Clone(w.maker.Cert.Raw)
	name := w.der(text(cbasn1.UTF8String, w.maker.Cert.Subject.CommonName))
	at := bytes.LastIndex(cert, name)
	cert[at] = byte(cbasn1.IA5String)
	if _, err := gm.ParseCertificate(cert); err == nil {
		t.Log("gm reads such certificates by now")
	}
	info, err := w.info().Marshal(seal.V5)
	if err != nil {
		t.Fatal(err)
	}
	esl, err := seal.Assemble(info, cert, gm.OIDSM2WithSM3, w.sign(w.maker, info), nil, seal.V5)
	if err != nil {
		t.Fatal(err)
	}
	if err := parse(t, esl).VerifyMaker(); err != nil {
		t.Error(err)
	}
}

func TestListIsBounded(t *testing.T) {
	w := newWorld(t)
	entries := bytes.Repeat([]byte{0x04, 0x00}, 4097)
	_, err := seal.Parse(w.built(parts{"certList": seq(raw(entries))}))
	checkParseError(t, err, "SES_ESPropertyInfo.certList", "more than 4096")
	if s := parse(t, w.built(parts{"certList": seq(raw(entries[2:]))})); len(s.Info.Property.Certs) != 4096 {
		t.Errorf("%d entries", len(s.Info.Property.Certs))
	}
}

func TestWords(t *testing.T) {
	names := map[int][2]string{
		seal.TypePersonal: {"个人名章", "personal name seal"}, seal.TypeLegal: {"法定名称章", "legal name seal"},
		seal.TypeFinance: {"财务专用章", "finance seal"}, seal.TypeInvoice: {"发票专用章", "invoice seal"},
		seal.TypeContract: {"合同专用章", "contract seal"}, seal.TypeLegalRep: {"法定代表人名章", "legal representative's name seal"},
		seal.TypeBusiness: {"业务专用章", "business seal"}, seal.TypeOther: {"其他", "other"}, 15: {"类型 15", "type 15"},
	}
	for n, want := range names {
		if zh, en := seal.TypeName(n); zh != want[0] || en != want[1] {
			t.Errorf("type %d: %s, %s", n, zh, en)
		}
	}
	for v, want := range map[seal.Version]string{seal.V1: "GM/T 0031-2014", seal.V4: "GB/T 38540-2020", seal.V5: "GM/T 0031-2025", 3: "?"} {
		if v.Standard() != want {
			t.Errorf("%v: %s", v, v.Standard())
		}
	}
	_, err := seal.Parse([]byte{0x30, 0x00})
	var pe *seal.ParseError
	if !errors.As(err, &pe) || pe.Error() != "SESeal.eSealInfo at byte 2: is missing" {
		t.Errorf("error %v", pe)
	}
}
