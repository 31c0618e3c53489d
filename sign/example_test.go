package sign_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509/pkix"
	"fmt"
	"log"
	"math/big"
	"os"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/layout"
	"yinxin/pdf"
	"yinxin/sign"
)

// A PDF is signed with an SM2 key of the key store and a certificate that the key made for itself. A seal is used in the same way: only the container is
// another, sign.NewSES.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	dir, err := os.MkdirTemp("", "sign")
	check(err)
	defer os.RemoveAll(dir)
	store, err := keystore.Create(dir+"/keys", []byte("correct horse battery staple"))
	check(err)
	keys := soft.New(store)
	defer keys.Close()
	key, err := keys.Generate(ctx, "soft:signer", hsm.Spec{Algorithm: hsm.SM2})
	check(err)
	cert := certify(ctx, key, now)

	var page bytes.Buffer
	check(layout.WritePDF(&page, layout.Document{Title: "示例", Created: now, Pages: []layout.Page{{Width: layout.A4Width, Height: layout.A4Height,
		Items: []layout.Item{layout.Text{X: 30, Y: 40, String: "示例市数据局", Size: 14}}}}}, font.Stack{font.Default()}))
	doc, err := pdf.Format{}.Open(ctx, bytes.NewReader(page.Bytes()), int64(page.Len()), document.Options{})
	check(err)

	container, err := sign.NewCMS(cert)
	check(err)
	ticket, err := sign.Prepare(doc, document.Request{Reason: "示例"}, container, now, 0) // no place: it is not shown
	check(err)
	var out document.Memory // or an *os.File
	signed, err := ticket.Redeem(ctx, key, nil, &out)
	check(err)
	_, again := ticket.Redeem(ctx, key, nil, &out)

	made, err := pdf.Format{}.Open(ctx, bytes.NewReader(out.Bytes()), int64(len(out.Bytes())), document.Options{})
	check(err)
	signatures, err := made.Signatures()
	check(err)
	info := signatures[0].Info()
	coverage, _ := signatures[0].Coverage()
	fmt.Println(info.Profile, info.Filter, info.ClaimedTime.Format(time.DateOnly), coverage)
	fmt.Println(bytes.Equal(signatures[0].Value(), signed.Value), again)
	// Output:
	// ETSI.CAdES.detached Adobe.PPKLite 2026-03-02 FILE
	// true sign: this ticket was redeemed before
}

// certify has the key sign a certificate for itself; a real signer asks an authority for one.
func certify(ctx context.Context, key hsm.Key, now time.Time) []byte {
	public := key.Public().(*ecdsa.PublicKey)
	template := &gm.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "云杉示例科技有限公司"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: gm.KeyUsageDigitalSignature | gm.KeyUsageContentCommitment}
	der, err := gm.CreateCertificate(template, template, public, public, func(e []byte) ([]byte, error) { return key.Sign(ctx, e, hsm.SM2) })
	check(err)
	return der
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
