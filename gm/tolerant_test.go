package gm_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/internal/testpki"
)

var (
	oidSubjectKeyID   = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidCRLPoints      = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidPolicies       = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidAuthorityInfo  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
	oidEmail          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	garbage           = []byte{4, 3, 'b', 'a', 'd'}
)

// named gives an attribute of the subject a value of any tag.
func named(tag int, value string) testpki.Option {
	return testpki.Named(pkix.Name{CommonName: "云杉示例科技有限公司", ExtraNames: []pkix.AttributeTypeAndValue{
		{Type: oidEmail, Value: asn1.RawValue{Tag: tag, Bytes: []byte(value)}}}})
}

func extension(oid asn1.ObjectIdentifier, critical bool, value []byte) testpki.Option {
	return testpki.Extensions(pkix.Extension{Id: oid, Critical: critical, Value: value})
}

// tolerated are certificates that X.509 forbids and the field has.
func tolerated(t testing.TB) map[string]*testpki.Holder {
	p := testpki.New(t)
	out := make(map[string]*testpki.Holder)
	for name, opts := range map[string][]testpki.Option{
		"UTF-8 in IA5String":       {named(22, "电子邮箱")},
		"UTF-8 in PrintableString": {named(19, "示例_市")},
		"letters in NumericString": {named(18, "12x")},
		"GBK in UTF8String":        {named(12, "\xd3\xa1\xd0\xc5")},
		"UTF-16 in BMPString":      {named(30, "\xd8\x40\xdc\x00\x00A\x00\x00")},
		"odd BMPString":            {named(30, "\x00A\x00")},
		"VisibleString":            {named(26, "visible")},
		"BIT STRING":               {named(3, "\x00\xff")},
		"alternative name":         {extension(oidSubjectAltName, false, garbage)},
		"critical alternative":     {extension(oidSubjectAltName, true, garbage)},
		"critical key identifier":  {extension(oidSubjectKeyID, true, []byte{4, 1, 1})},
		"policy twice":             {extension(oidPolicies, false, []byte{0x30, 10, 0x30, 3, 6, 1, 42, 0x30, 3, 6, 1, 42})},
		"several":                  {named(22, "邮箱"), extension(oidCRLPoints, false, garbage), extension(oidAuthorityInfo, true, garbage)},
	} {
		out[name] = p.Owner("x", "", opts...)
	}
	if err := gm.CheckCertificateSignature(out["several"].Cert, p.Root.Cert); err != nil {
		t.Errorf("the signature over the bytes received: %v", err)
	}
	return out
}

func TestTolerated(t *testing.T) {
	emails := map[string]string{"UTF-8 in IA5String": "电子邮箱", "UTF-8 in PrintableString": "示例_市", "letters in NumericString": "12x",
		"GBK in UTF8String": "Ó¡ÐÅ", "UTF-16 in BMPString": "𠀀A", "odd BMPString": "\x00A\x00", "VisibleString": "visible", "BIT STRING": "#030200ff", "several": "邮箱"}
	kept := map[string][]asn1.ObjectIdentifier{"alternative name": {oidSubjectAltName}, "critical alternative": {oidSubjectAltName},
		"critical key identifier": {oidSubjectKeyID}, "policy twice": {oidPolicies}, "several": {oidCRLPoints, oidAuthorityInfo}}
	unhandled := map[string]asn1.ObjectIdentifier{"critical alternative": oidSubjectAltName, "critical key identifier": oidSubjectKeyID, "several": oidAuthorityInfo}
	for name, h := range tolerated(t) {
		c := h.Cert
		if got := c.Subject.Names[len(c.Subject.Names)-1].Value; emails[name] != "" && got != emails[name] {
			t.Errorf("%s: read as %q", name, got)
		}
		for _, oid := range kept[name] {
			if !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) }) {
				t.Errorf("%s: extension %s is gone: %v", name, oid, c.Extensions)
			}
		}
		if want := unhandled[name]; len(c.UnhandledCriticalExtensions) > 1 || len(c.UnhandledCriticalExtensions) == 1 != (want != nil) ||
			want != nil && !c.UnhandledCriticalExtensions[0].Equal(want) {
			t.Errorf("%s: unhandled %v", name, c.UnhandledCriticalExtensions)
		}
		if c.KeyUsage != gm.KeyUsageDigitalSignature|gm.KeyUsageContentCommitment || !c.BasicConstraintsValid || c.IsCA || !h.Key.SM2().Equal(c.PublicKey) {
			t.Errorf("%s: usage %v, constraints %v, %v", name, c.KeyUsage, c.BasicConstraintsValid, c.IsCA)
		}
		if !rawInside(c) {
			t.Errorf("%s: a Raw field is not of the bytes received", name)
		}
	}
}

// rawInside reports whether the Raw fields are what stands in c.Raw.
func rawInside(c *gm.Certificate) bool {
	for _, part := range [][]byte{c.RawTBSCertificate, c.RawIssuer, c.RawSubject, c.RawSubjectPublicKeyInfo} {
		if len(part) == 0 || !bytes.Contains(c.Raw, part) {
			return false
		}
	}
	return true
}

// TestToleratedSerial: a negative serial number, which no issuer here makes, is read as it is and signed over as it is.
func TestToleratedSerial(t *testing.T) {
	p := testpki.New(t)
	h := p.SelfSigned("x", "", testpki.Serial(big.NewInt(0x7b80)))
	tbs := bytes.Replace(h.Cert.RawTBSCertificate, []byte{2, 2, 0x7b, 0x80}, []byte{2, 2, 0x80, 0x01}, 1)
	e, err := gm.E(h.Key.SM2(), tbs)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := h.Key.Sign(t.Context(), e, "sm2")
	if err != nil {
		t.Fatal(err)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(gm.OIDSM2WithSM3) })
		b.AddASN1BitString(sig)
	})
	der := b.BytesOrPanic()
	c, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if c.SerialNumber.Int64() != -0x7fff || !bytes.Equal(c.Raw, der) || !bytes.Equal(c.RawTBSCertificate, tbs) {
		t.Errorf("serial number %x", c.SerialNumber)
	}
	if err := gm.CheckCertificateSignature(c, c); err != nil {
		t.Error(err)
	}
	if _, err := gm.ParseCertificate(bytes.Replace(der, []byte{2, 2, 0x80, 1}, []byte{2, 2, 0xff, 0x81}, 1)); err == nil {
		t.Error("a serial number that is not minimal is read")
	}
}

// TestNotTolerated: what limits a certificate is never passed over, nor what would make two readings of one certificate possible.
func TestNotTolerated(t *testing.T) {
	p := testpki.New(t)
	good := p.Authority("示例机构", testpki.ExtUsage(gm.ExtKeyUsageAny), extension(oidSubjectAltName, false, garbage)).Cert.Raw
	for name, change := range map[string][2]string{
		"basic constraints":   {"\x55\x1d\x13\x01\x01\xff\x04\x05\x30", "\x55\x1d\x13\x01\x01\xff\x04\x05\x31"},
		"key usage":           {"\x55\x1d\x0f\x01\x01\xff\x04\x04\x03", "\x55\x1d\x0f\x01\x01\xff\x04\x04\x05"},
		"extended key usage":  {"\x55\x1d\x25\x04\x08\x30", "\x55\x1d\x25\x04\x08\x31"},
		"name constraints":    {"\x55\x1d\x11", "\x55\x1d\x1e"},
		"policy constraints":  {"\x55\x1d\x11", "\x55\x1d\x24"},
		"inhibit any policy":  {"\x55\x1d\x11", "\x55\x1d\x36"},
		"extension twice":     {"\x55\x1d\x0e", "\x55\x1d\x11"},
		"hidden name in use":  {"\x55\x1d\x0e", "\x56\x1d\x11"},
		"algorithms differ":   {string(good[len(good)-80:]), strings.Replace(string(good[len(good)-80:]), "\x83\x75", "\x83\x76", 1)},
		"point off the curve": {"\x03\x42\x00\x04", "\x03\x42\x00\x05"},
	} {
		der := []byte(strings.Replace(string(good), change[0], change[1], 1))
		if bytes.Equal(der, good) {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := gm.ParseCertificate(der); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := gm.ParseCertificate(append(bytes.Clone(good), 0)); err == nil {
		t.Error("a byte after the certificate: read")
	}
}

// TestReadingsAgree: of a sound certificate the tolerant reading says what the strict one says.
func TestReadingsAgree(t *testing.T) {
	p := testpki.New(t)
	full := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.CRLPoint("http://example.test/crl"), testpki.ExtUsage(gm.ExtKeyUsageTimeStamping),
		extension(oidSubjectAltName, true, []byte{0x30, 6, 0x82, 4, 'a', '.', 'b', 'c'}))
	for _, c := range []*gm.Certificate{p.Root.Cert, p.Maker.Cert, full.Cert} {
		agree(t, c.Raw)
	}
}

func agree(t *testing.T, der []byte) {
	t.Helper()
	strict, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	again, err := gm.Tolerate(der)
	if err != nil || !reflect.DeepEqual(strict, again) {
		t.Errorf("%s: the readings differ: %v", strict.Subject, err)
	}
}

// FuzzParseCertificate: foreign bytes never panic, and what is read keeps them.
func FuzzParseCertificate(f *testing.F) {
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x01})
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"))
	f.Add(testpki.New(f).Maker.Cert.Raw)
	for _, h := range tolerated(f) {
		f.Add(h.Cert.Raw)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, err := gm.ParseCertificates(data)
		if err == nil && len(certs) == 0 {
			t.Error("no error and no certificate")
		}
		for _, c := range certs {
			gm.SubjectUSCC(c)
			again, err := gm.ParseCertificate(c.Raw)
			if err != nil || !again.Equal(c) || !rawInside(c) {
				t.Errorf("%v, or not the bytes received", err)
			}
		}
		if c, err := gm.ParseCertificate(data); err == nil && !bytes.Equal(c.Raw, data) {
			t.Error("Raw is not what was read")
		}
		_, _ = gm.ParseRevocationList(data)
	})
}
