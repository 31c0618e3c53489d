package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/seal"
)

// parts are the fields of a v4 seal and signature, to be replaced one at a time.
type parts map[string]node

const tag0 = cbasn1.Tag(0xa0)

// dummy is a SEQUENCE{r,s} that no key made: reading does not look at it.
var dummy = bytes.Join([][]byte{{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01}}, nil)

// built returns a v4 seal whose fields are those in over, else good ones.
func (w *world) built(over parts) []byte {
	f := func(name string, def node) node {
		if n, ok := over[name]; ok {
			return n
		}
		return def
	}
	at := text(cbasn1.GeneralizedTime, "20260302080000Z")
	return w.der(f("seal", seq(
		seq(
			f("header", seq(f("ID", text(cbasn1.IA5String, "ES")), f("version", number(4)), f("Vid", text(cbasn1.IA5String, "EXAMPLE")))),
			f("esID", text(cbasn1.IA5String, "9199000000001")),
			seq(f("type", number(1)), f("name", text(cbasn1.UTF8String, "示例")), f("certListType", number(1)), f("certList", seq(octets(w.signer.Cert.Raw))),
				f("createDate", at), at, f("validEnd", at)),
			seq(text(cbasn1.IA5String, "PNG"), f("data", octets([]byte(pngHead))), f("width", number(40)), number(40)),
			f("extDatas", raw(nil)),
		),
		octets(w.maker.Cert.Raw), f("alg", oid(gm.OIDSM2WithSM3)), f("value", bits(dummy)), f("tail", raw(nil)),
	)))
}

// builtSignature is the same for a signature of a v4 seal.
func (w *world) builtSignature(over parts) []byte {
	f := func(name string, def node) node {
		if n, ok := over[name]; ok {
			return n
		}
		return def
	}
	return w.der(seq(
		seq(f("version", number(4)), f("eseal", raw(w.built(nil))), f("timeInfo", text(cbasn1.GeneralizedTime, "20260302080000Z")),
			f("dataHash", bits(make([]byte, 32))), f("propertyInfo", text(cbasn1.IA5String, "/x")), f("extDatas", raw(nil))),
		f("rest", tlvs(octets(w.signer.Cert.Raw), oid(gm.OIDSM2WithSM3), bits(dummy))),
	))
}

func tlvs(inner ...node) node {
	return func(b *cryptobyte.Builder) {
		for _, n := range inner {
			n(b)
		}
	}
}

func hexa(b ...byte) node { return raw(b) }

func extension(inner ...node) node { return seq(append([]node{oid(oidTest)}, inner...)...) }

func TestRefused(t *testing.T) {
	w := newWorld(t)
	critical := hexa(0x01, 0x01, 0x00)
	many := make([]node, 300)
	for i := range many {
		many[i] = extension(critical, octets(nil))
	}
	tests := []struct {
		name          string
		over          parts
		field, reason string
	}{
		{"no DER", parts{"seal": raw([]byte("PK\x03\x04"))}, "SESeal", "tag 0x50"},
		{"empty", parts{"seal": raw(nil)}, "SESeal", "missing"},
		{"indefinite length", parts{"seal": hexa(0x30, 0x80, 0, 0)}, "SESeal", "indefinite"},
		{"long tag", parts{"esID": hexa(0x1f, 0x81, 0x16, 0)}, "SES_SealInfo.esID", "tag 0x1f"},
		{"long tag at the end", parts{"tail": hexa(0x1f, 0x81, 0x16, 0)}, "SESeal", "more than one byte"},
		{"padded length", parts{"esID": hexa(0x16, 0x81, 0x01, 'x')}, "SES_SealInfo.esID", "shortest"},
		{"padded long length", parts{"esID": hexa(0x16, 0x82, 0x00, 0x01, 'x')}, "SES_SealInfo.esID", "shortest"},
		{"overlong", parts{"esID": hexa(0x16, 0x83, 0xff, 0xff, 0xff)}, "SES_SealInfo.esID", "longer than what holds it"},
		{"length of four bytes", parts{"esID": hexa(0x16, 0x84, 0x7f, 0xff, 0xff, 0xff)}, "SES_SealInfo.esID", "longer than what holds it"},
		{"six fields", parts{"tail": tlvs(number(1), number(2))}, "SESeal", "6 fields"},
		{"ID", parts{"ID": text(cbasn1.IA5String, "EX")}, "SES_Header.ID", `not "ES"`},
		{"ID type", parts{"ID": text(cbasn1.UTF8String, "ES")}, "SES_Header.ID", "tag"},
		{"header field too many", parts{"Vid": tlvs(text(cbasn1.IA5String, "x"), number(1))}, "SES_Header", "after its last"},
		{"version negative", parts{"version": number(-1)}, "SES_Header.version", "negative"},
		{"version huge", parts{"version": number(1 << 31)}, "SES_Header.version", "beyond"},
		{"version padded", parts{"version": hexa(0x02, 0x02, 0x00, 0x04)}, "SES_Header.version", "shortest"},
		{"version empty", parts{"version": hexa(0x02, 0x00)}, "SES_Header.version", "shortest"},
		{"Vid not ASCII", parts{"Vid": text(cbasn1.IA5String, "示")}, "SES_Header.Vid", "does not allow"},
		{"name not UTF-8", parts{"name": text(cbasn1.UTF8String, "\xff")}, "SES_ESPropertyInfo.name", "does not allow"},
		{"name too long", parts{"name": text(cbasn1.UTF8String, strings.Repeat("x", 5000))}, "SES_ESPropertyInfo.name", "more than"},
		{"list type", parts{"certListType": number(3)}, "SES_ESPropertyInfo.certListType", "is 3"},
		{"identifier in v4", parts{"certList": seq(text(cbasn1.IA5String, "1"))}, "SES_ESPropertyInfo.certList", "tag"},
		{"digest type not printable", parts{"certListType": number(2), "certList": seq(seq(text(cbasn1.PrintableString, "S*"), octets(nil)))},
			"SES_ESPropertyInfo.certList.type", "does not allow"},
		{"UTCTime in v4", parts{"createDate": text(cbasn1.UTCTime, "260302080000Z")}, "SES_ESPropertyInfo.createDate", "where a time is due"},
		{"time with fraction", parts{"createDate": text(cbasn1.GeneralizedTime, "20260302080000.5Z")}, "SES_ESPropertyInfo.createDate", "form"},
		{"time with zone", parts{"createDate": text(cbasn1.GeneralizedTime, "20260302080000+0800")}, "SES_ESPropertyInfo.createDate", "form"},
		{"30 February", parts{"createDate": text(cbasn1.GeneralizedTime, "20260230080000Z")}, "SES_ESPropertyInfo.createDate", "form"},
		{"picture too large", parts{"data": octets(make([]byte, seal.MaxPicture+1))}, "SES_ESPictureInfo.data", "more than"},
		{"critical 01", parts{"extDatas": seq(extension(hexa(0x01, 0x01, 0x01), octets(nil)))}, "SES_SealInfo.extDatas.critical", "neither"},
		{"too many extensions", parts{"extDatas": seq(many...)}, "SES_SealInfo.extDatas", "more than 256"},
		{"extDatas twice", parts{"extDatas": tlvs(tlv(tag0, seq()), seq())}, "SES_SealInfo", "after its last"},
		{"OID padded", parts{"alg": hexa(0x06, 0x03, 0x2a, 0x80, 0x01)}, "SESeal.signAlgID", "OBJECT IDENTIFIER"},
		{"unused bits", parts{"value": hexa(0x03, 0x02, 0x01, 0x00)}, "SESeal.signedValue", "whole bytes"},
		{"no unused bits", parts{"value": hexa(0x03, 0x00)}, "SESeal.signedValue", "whole bytes"},
		{"time stamp implicit", parts{"tail": hexa(0x80, 0x02, 0x00, 0x01)}, "SESeal.timeStamp", "tag"},
		{"time stamp empty", parts{"tail": tlv(tag0, bits(nil))}, "SESeal.timeStamp", "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := seal.Parse(w.built(tt.over))
			checkParseError(t, err, tt.field, tt.reason)
		})
	}
}

func TestRefusedWhole(t *testing.T) {
	w := newWorld(t)
	if _, err := seal.Parse(append(w.built(nil), 0)); err == nil {
		t.Error("a byte after the seal is taken")
	}
	checkParseError(t, second(seal.Parse(make([]byte, seal.MaxSize+1))), "SESeal", "more than")
}

func second[T any](_ T, err error) error { return err }

func checkParseError(t *testing.T, err error, field, reason string) {
	t.Helper()
	var pe *seal.ParseError
	if !errors.As(err, &pe) || !errors.Is(err, fault.Invalid) {
		t.Fatalf("error %v", err)
	}
	if pe.Field != field || !strings.Contains(pe.Reason, reason) {
		t.Errorf("error %v, want %s: %s", pe, field, reason)
	}
}

func TestParseErrorOffset(t *testing.T) {
	w := newWorld(t)
	der := w.built(parts{"esID": number(77)})
	var pe *seal.ParseError
	if _, err := seal.Parse(der); !errors.As(err, &pe) || !bytes.Equal(der[pe.Offset:pe.Offset+3], []byte{2, 1, 77}) {
		t.Errorf("error %v", err)
	}
}

func TestRefusedSignature(t *testing.T) {
	w := newWorld(t)
	old := w.sealV1(w.v1())
	rest := tlvs(octets(w.signer.Cert.Raw), oid(gm.OIDSM2WithSM3), bits(dummy))
	tests := []struct {
		name          string
		over          parts
		field, reason string
	}{
		{"v1 seal in v4", parts{"eseal": raw(old)}, "TBS_Sign.eseal", "v1 seal inside a signature of another generation"},
		{"v4 seal in v1", parts{"rest": bits(dummy)}, "TBS_Sign.eseal", "v4 seal inside a signature of another generation"},
		{"three fields", parts{"rest": tlvs(number(1), number(1))}, "SES_Signature", "3 fields"},
		{"bare extDatas", parts{"extDatas": seq(extension(octets(nil)))}, "TBS_Sign.extDatas", "tag"},
		{"time in BIT STRING", parts{"timeInfo": bits([]byte("x"))}, "TBS_Sign.timeInfo", "where a time is due"},
		{"dataHash as octets", parts{"dataHash": octets(make([]byte, 32))}, "TBS_Sign.dataHash", "tag"},
		{"fifth field", parts{"rest": tlvs(rest, number(1))}, "SES_Signature.timeStamp", "tag"},
		{"broken seal", parts{"eseal": raw(w.built(parts{"width": number(-1)}))}, "SES_ESPictureInfo.width", "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := seal.ParseSignature(w.builtSignature(tt.over))
			checkParseError(t, err, tt.field, tt.reason)
		})
	}
	if s := parseSignature(t, w.builtSignature(nil)); len(s.Deviations) > 0 || s.Version != seal.V4 {
		t.Errorf("the plain one: %v %v", s.Version, s.Deviations)
	}
}

// TestTolerated reads what this package does not write, and says so.
func TestTolerated(t *testing.T) {
	w := newWorld(t)
	falseByte, trueByte := hexa(0x01, 0x01, 0x00), hexa(0x01, 0x01, 0xff)
	tests := []struct {
		name    string
		over    parts
		version seal.Version
		field   string // of the one deviation; empty: none
	}{
		{"critical false", parts{"extDatas": seq(extension(falseByte, octets(nil)))}, seal.V4, ""},
		{"critical true", parts{"extDatas": seq(extension(trueByte, octets(nil)))}, seal.V4, ""},
		{"critical left out", parts{"extDatas": seq(extension(octets(nil)))}, seal.V4, "SES_SealInfo.extDatas.critical"},
		{"extDatas in [0]", parts{"extDatas": tlv(tag0, seq(extension(falseByte, octets(nil))))}, seal.V4, "SES_SealInfo.extDatas"},
		{"extDatas empty", parts{"extDatas": seq()}, seal.V4, "SES_SealInfo.extDatas"},
		{"raw r and s", parts{"value": bits(bytes.Repeat([]byte{1}, 64))}, seal.V4, "SESeal.signedValue"},
		{"value of nothing", parts{"value": bits(nil)}, seal.V4, "SESeal.signedValue"},
		{"version 5 with four fields", parts{"version": number(5)}, seal.V5, ""},
		{"version 4 with five fields", parts{"tail": tlv(tag0, bits([]byte("t")))}, seal.V5, "SES_Header.version"},
		{"version 3", parts{"version": number(3)}, seal.V4, "SES_Header.version"},
		{"RSA in v4", parts{"alg": oid(oidRSA256)}, seal.V4, "SESeal.signedValue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der := w.built(tt.over)
			s := parse(t, der)
			if s.Version != tt.version || (len(s.Deviations) > 0) != (tt.field != "") || len(s.Deviations) > 1 {
				t.Fatalf("version %v, deviations %+v", s.Version, s.Deviations)
			}
			if tt.field != "" && s.Deviations[0].Field != tt.field {
				t.Errorf("deviation %+v", s.Deviations[0])
			}
		})
	}
}

func TestReadV1(t *testing.T) {
	w := newWorld(t)
	p := w.v1()
	p.times = cbasn1.GeneralizedTime
	p.list = text(cbasn1.IA5String, "signer-1")
	s := parse(t, w.sealV1(p))
	if err := s.VerifyMaker(); err != nil {
		t.Error(err)
	}
	if s.Version != seal.V1 || len(s.Info.Property.IDs) != 1 || !s.Info.Property.Start.Equal(w.pki.Now) || s.Validate() != nil {
		t.Errorf("%+v", s.Info.Property)
	}
	if _, err := s.Info.Marshal(seal.V1); err == nil {
		t.Error("v1 is written")
	}
	if listed, err := s.Lists(w.signer.Cert.Raw); listed || !errors.Is(err, seal.ErrListNames) {
		t.Errorf("listed %v, %v", listed, err)
	}
}

func TestTimeInfoV1(t *testing.T) {
	w := newWorld(t)
	esl := w.sealV1(w.v1())
	at := w.pki.Now // 08:00 UTC, 16:00 in China
	token := w.der(seq(hexa(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02), tlv(tag0, seq())))
	tests := []struct {
		name, timeInfo, text string
		time                 time.Time
		token, problem       bool
	}{
		{"text with zone", "2026-03-02T08:00:00.25Z", "2026-03-02T08:00:00.25Z", at.Add(250 * time.Millisecond), false, false},
		{"text without zone", "2026-03-02 16:00:00", "2026-03-02 16:00:00", at, false, false},
		{"UTCTime", "\x17\x0d260302080000Z", "", at, false, false},
		{"GeneralizedTime", "\x18\x0f20260302080000Z", "", at, false, false},
		{"token", string(token), "", time.Time{}, true, false},
		{"other text", "yesterday", "yesterday", time.Time{}, false, true},
		{"bytes", "\x00\x01\x02", "", time.Time{}, false, true},
		{"nothing", "", "", time.Time{}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := parseSignature(t, w.signatureV1(esl, []byte(tt.timeInfo)))
			if err := s.Verify(); err != nil {
				t.Error(err)
			}
			if !s.Time.Equal(tt.time) || s.TimeText != tt.text || (s.TimeToken != nil) != tt.token || string(s.TimeInfo) != tt.timeInfo {
				t.Errorf("time %v, text %q, token %x", s.Time, s.TimeText, s.TimeToken)
			}
			if p := s.Validate(); (len(p) > 0) != tt.problem {
				t.Errorf("problems %+v", p)
			}
		})
	}
}
