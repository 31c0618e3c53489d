package interop_test

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"regexp"
	"strconv"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"
)

// authority makes time stamps by a key of the algorithm, at the PKI's time.
func (w *world) authority(t *testing.T, alg hsm.Algorithm) *tsa.Authority {
	t.Helper()
	root := w.pki.Root
	if alg != hsm.SM2 {
		root = w.pki.Foreign(t, alg).Root
	}
	h := w.pki.Owner("示例时间戳服务", "", testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, alg)),
		testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")}))
	a, err := tsa.New(t.Context(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return w.pki.Now, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// lasting are documents at level lta, with time stamps of each kind of key in the seal's signature, in signed data and over the document, and a seal with one.
func (w *world) lasting(t *testing.T) {
	folder := w.pki.Directory()
	folder["tsa/root.crt"], folder["tsa/rsa.crt"] = folder["ca/root.crt"], folder["ca/rsa-pkcs1.crt"]
	set, err := trust.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	checks := []string{"cover", "range", "time-stamp", "token-form", "token-imprint", "token-usage", "token-value", "value"}
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1} {
		source := w.authority(t, alg)
		forged, checked := "token-value", checks
		if alg == hsm.SM2 {
			forged, checked = "token-sm2 token-value", append(checks[:len(checks):len(checks)], "token-sm2")
		}
		for _, profile := range []stamp.Profile{stamp.SES, stamp.CMS, stamp.GBT35275} {
			o := testseal.Order(testseal.PDF(t, 1), testseal.Make(t, w.pki, w.info, seal.V5), w.owner.Key, w.pki.Now)
			o.Profile, o.Level, o.Trust, o.Timestamps = profile, stamp.LevelLTA, set, source
			made := testseal.Stamp(t, o)
			spoils := []spoil{{"token", w.inValue(func(der []byte) { der[len(der)-1] ^= 1 }), forged}, {"longer", longer, "cover"}}
			if profile == stamp.SES {
				spoils = append(spoils, spoil{"page", pageByte, "digest token-imprint"}, spoil{"inner", inFirst, "token-imprint " + forged})
			}
			w.add("lta-"+string(alg)+"-"+string(profile)+".pdf", made, checked, spoils...)
		}
	}
	w.stampedSeal(t)
}

// inFirst alters the last digit of the first signature's value: it is one of its time stamp's value.
func inFirst(file []byte) []byte {
	r := regexp.MustCompile(`/ByteRange ?\[ ?\d+ (\d+) (\d+)`).FindSubmatch(file)
	start, _ := strconv.Atoi(string(r[1]))
	end, _ := strconv.Atoi(string(r[2]))
	digit := &file[start+len(bytes.TrimRight(file[start:end-1], "0"))-1]
	if *digit++; *digit > '9' {
		*digit = '1'
	}
	return file
}

// stampedSeal is a seal with a time stamp over its maker's signature.
func (w *world) stampedSeal(t *testing.T) {
	plain, err := seal.Parse(testseal.Make(t, w.pki, w.info, seal.V5))
	if err != nil {
		t.Fatal(err)
	}
	imprint, err := timestamp.Over(gm.OIDSM3, plain.SignValue)
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.authority(t, hsm.SM2).Token(t.Context(), imprint)
	if err != nil {
		t.Fatal(err)
	}
	der, err := seal.Assemble(plain.SignedBytes(), plain.MakerCert, plain.SignAlg, plain.SignValue, token, seal.V5)
	if err != nil {
		t.Fatal(err)
	}
	w.add("seal-stamped.esl", der, []string{"seal-maker", "time-stamp", "token-imprint", "token-sm2"}, spoil{"token", last, "token-sm2 token-value"})
}
