package ca_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
)

func request(t testing.TB) ca.Request {
	return ca.Request{
		Profile:   ca.Owner,
		Subject:   ca.Subject{CommonName: testpki.OwnerName, Organization: testpki.OwnerName, USCC: testpki.OwnerUSCC},
		Public:    testpki.NewKey(t).Public(),
		NotBefore: testpki.Epoch(),
		NotAfter:  testpki.Epoch().AddDate(1, 0, 0),
	}
}

func TestRequestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *ca.Request)
		code   string // "" for a good request
	}{
		"as it is":            {func(r *ca.Request) {}, ""},
		"maker":               {func(r *ca.Request) { r.Profile = ca.Maker }, ""},
		"time stamping":       {func(r *ca.Request) { r.Profile = ca.TSA }, ""},
		"no code":             {func(r *ca.Request) { r.Subject.USCC = "" }, ""},
		"country":             {func(r *ca.Request) { r.Subject.Country = "CN" }, ""},
		"64 characters":       {func(r *ca.Request) { r.Subject.CommonName = strings.Repeat("印", 64) }, ""},
		"code failing check":  {func(r *ca.Request) { r.Subject.USCC = "91990000MA0000015R" }, ""},
		"no profile":          {func(r *ca.Request) { r.Profile = "" }, "certificate-profile"},
		"root profile":        {func(r *ca.Request) { r.Profile = "root" }, "certificate-profile"},
		"no name":             {func(r *ca.Request) { r.Subject.CommonName = "" }, "certificate-name"},
		"65 characters":       {func(r *ca.Request) { r.Subject.CommonName = strings.Repeat("印", 65) }, "certificate-name"},
		"long unit":           {func(r *ca.Request) { r.Subject.OrganizationalUnit = strings.Repeat("x", 65) }, "certificate-name"},
		"line feed":           {func(r *ca.Request) { r.Subject.Organization = "a\nb" }, "certificate-name"},
		"blank name":          {func(r *ca.Request) { r.Subject.CommonName = " \u3000" }, "certificate-name"},
		"turned round":        {func(r *ca.Request) { r.Subject.CommonName = "示例\u202e司公" }, "certificate-name"},
		"line separator":      {func(r *ca.Request) { r.Subject.Organization = "a\u2028b" }, "certificate-name"},
		"Mongolian":           {func(r *ca.Request) { r.Subject.CommonName = "ᠮᠣᠩ\u180eᠭ" }, ""},
		"not UTF-8":           {func(r *ca.Request) { r.Subject.CommonName = "\xff" }, "certificate-name"},
		"country in words":    {func(r *ca.Request) { r.Subject.Country = "China" }, "certificate-country"},
		"small country":       {func(r *ca.Request) { r.Subject.Country = "cn" }, "certificate-country"},
		"short code":          {func(r *ca.Request) { r.Subject.USCC = "91990000MA0000015" }, "certificate-uscc"},
		"code with an O":      {func(r *ca.Request) { r.Subject.USCC = "9199O000MA0000015Q" }, "certificate-uscc"},
		"small letters":       {func(r *ca.Request) { r.Subject.USCC = "91990000ma0000015q" }, "certificate-uscc"},
		"no key":              {func(r *ca.Request) { r.Public = nil }, "certificate-public-key"},
		"ends before":         {func(r *ca.Request) { r.NotAfter = r.NotBefore.Add(-time.Hour) }, "certificate-validity"},
		"ends when it begins": {func(r *ca.Request) { r.NotAfter = r.NotBefore.Add(time.Millisecond) }, "certificate-validity"},
	} {
		r := request(t)
		c.change(&r)
		err := r.Check()
		p, _ := fault.PublicOf(err)
		if p.Code != c.code || (err != nil) != (c.code != "") || err != nil && (!errors.Is(err, fault.Invalid) || p.ZH == "" || p.EN == "") {
			t.Errorf("%s: %v (code %q), want %q", name, err, p.Code, c.code)
		}
	}
}

// TestReasons holds the names and numbers against RFC 5280 5.3.1.
func TestReasons(t *testing.T) {
	names := map[ca.Reason]string{0: "unspecified", 1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded",
		5: "cessationOfOperation", 9: "privilegeWithdrawn", 10: "aACompromise"}
	for r := ca.Reason(-1); r < 12; r++ {
		name, ok := names[r]
		if r.Valid() != ok {
			t.Errorf("%d: valid is %v", r, r.Valid())
		}
		text, err := r.MarshalText()
		if (err == nil) != ok || string(text) != name {
			t.Errorf("%d: text %q, %v", r, text, err)
		}
		if !ok {
			continue
		}
		var back ca.Reason
		if err := back.UnmarshalText(text); err != nil || back != r || r.String() != name {
			t.Errorf("%q reads back as %d, %v", text, back, err)
		}
	}
	for _, s := range []string{"", "certificateHold", "removeFromCRL", "KeyCompromise", "reason 7"} {
		if _, err := ca.ParseReason(s); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestSubjectUSCC(t *testing.T) {
	p := testpki.New(t)
	const code, digits, person = testpki.OwnerUSCC, "919900001234567890", "110101199003070000"
	oid := asn1.ObjectIdentifier{2, 5, 4, 97}
	named := func(attr asn1.ObjectIdentifier, value string) testpki.Option {
		return testpki.Named(pkix.Name{CommonName: testpki.OwnerName, ExtraNames: []pkix.AttributeTypeAndValue{{Type: attr, Value: value}}})
	}
	extension := func(value []byte, tail ...int) testpki.Option {
		return testpki.Extensions(pkix.Extension{Id: append(asn1.ObjectIdentifier{1, 2, 156, 10260, 4}, tail...), Value: value})
	}
	der := func(tag byte, s string) []byte { return append([]byte{tag, byte(len(s))}, s...) }
	for name, c := range map[string]struct {
		opts []testpki.Option
		want string
	}{
		"our own form":                 {[]testpki.Option{testpki.Named(ca.Subject{CommonName: "x", USCC: code}.Name())}, code},
		"nothing":                      {nil, ""},
		"ETSI prefix":                  {[]testpki.Option{named(oid, "NTRCN-"+code)}, code},
		"tax prefix":                   {[]testpki.Option{named(oid, "VATCN-"+code)}, code},
		"foreign register":             {[]testpki.Option{named(oid, "NTRDE-"+code)}, ""},
		"no code":                      {[]testpki.Option{named(oid, "12345")}, ""},
		"organisation code, Printable": {[]testpki.Option{extension(der(0x13, code), 1, 4)}, code},
		"social credit code, UTF8":     {[]testpki.Option{extension(der(0x0c, code), 4)}, code},
		"registration, bare":           {[]testpki.Option{extension([]byte(code), 1, 3)}, code},
		"taxpayer, octets":             {[]testpki.Option{extension(der(0x04, code), 1, 5)}, code},
		"identity card extension":      {[]testpki.Option{extension(der(0x13, code), 1, 1)}, ""},
		"empty extension":              {[]testpki.Option{extension(nil, 1, 4)}, ""},
		"attribute before extension":   {[]testpki.Option{named(oid, code), extension(der(0x13, digits), 1, 4)}, code},
		"serialNumber":                 {[]testpki.Option{named(asn1.ObjectIdentifier{2, 5, 4, 5}, code)}, code},
		"serialNumber, all digits":     {[]testpki.Option{named(asn1.ObjectIdentifier{2, 5, 4, 5}, digits)}, digits},
		"serialNumber of a person":     {[]testpki.Option{named(asn1.ObjectIdentifier{2, 5, 4, 5}, person)}, ""},
	} {
		cert := p.Owner("x", "", c.opts...).Cert
		if got := gm.SubjectUSCC(cert); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := gm.SubjectUSCC(p.Maker.Cert); got != testpki.MakerUSCC {
		t.Errorf("the test PKI's maker has code %q", got)
	}
	if got := gm.SubjectUSCC(&gm.Certificate{}); got != "" {
		t.Errorf("an empty certificate has code %q", got)
	}
}
