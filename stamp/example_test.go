package stamp_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/stamp"
)

// A seal is put on page 1 with its centre 150 mm from the left and 237 mm from the top. What was there before is an exact prefix of what comes out,
// and the key is asked once.
func ExampleMake() {
	p := testpki.New(example{})
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(example{}, p, testseal.Info(example{}, p, testpki.OwnerName, owner.Cert), seal.V4)
	contract := testseal.PDF(example{}, 2)

	var out document.Memory // or an *os.File
	result, err := stamp.Make(context.Background(), stamp.Order{
		Format: pdf.Format{}, In: bytes.NewReader(contract), Size: int64(len(contract)),
		Seal: esl, Key: owner.Key,
		Places: []document.Place{{Page: 1, X: 150, Y: 237}},
		Reason: "合同签署",
		Now:    p.Clock, // time.Now in real life
	}, &out)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.ID, result.Time.Format(time.RFC3339), "signatures before it:", result.Earlier)
	fmt.Println("prefix kept:", bytes.HasPrefix(out.Bytes(), contract), "key asked:", owner.Key.Uses())
	// Output:
	// Seal1 2026-03-02T08:00:00Z signatures before it: 0
	// prefix kept: true key asked: 1
}

// What must not be stamped is refused before the key is asked, with a stable code and a sentence in each language.
func ExampleMake_refused() {
	p := testpki.New(example{})
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(example{}, p, testseal.Info(example{}, p, testpki.OwnerName, owner.Cert), seal.V4)
	order := testseal.Order(testseal.PDF(example{}, 1), esl, owner.Key, p.Now.AddDate(2, 0, 0)) // the seal has expired by then

	_, err := stamp.Make(context.Background(), order, &document.Memory{})
	why, ok := fault.PublicOf(err)
	fmt.Println(ok, fault.KindOf(err) == fault.Denied, why.Code)
	fmt.Println(why.ZH)
	fmt.Println(why.EN)
	fmt.Println("key asked:", owner.Key.Uses())
	// Output:
	// true true seal-out-of-time
	// 印章“云杉示例科技有限公司”的有效期是 2026-02-02 至 2027-03-02，现在不能使用
	// the seal “云杉示例科技有限公司” is valid from 2026-02-02 to 2027-03-02 and cannot be used now
	// key asked: 0
}

// A riding seal goes over the edges of all pages, with one signature. The layout asks for the pages only when they are known.
func ExampleOrder_riding() {
	p := testpki.New(example{})
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(example{}, p, testseal.Info(example{}, p, testpki.OwnerName, owner.Cert), seal.V4)
	order := testseal.Order(testseal.PDF(example{}, 4), esl, owner.Key, p.Now)
	order.Places, order.Lay = nil, document.Riding{Side: document.Right, Offset: 148.5}.Places

	var out document.Memory
	if _, err := stamp.Make(context.Background(), order, &out); err != nil {
		fmt.Println(err)
		return
	}
	doc, err := pdf.Format{}.Open(context.Background(), &out, out.Size(), document.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	signatures, err := doc.Signatures()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, place := range signatures[0].Info().Places {
		fmt.Printf("page %d: %.0f to %.0f mm of the seal\n", place.Page, place.Clip.X, place.Clip.X+place.Clip.Width)
	}
	// Output:
	// page 1: 0 to 10 mm of the seal
	// page 2: 10 to 20 mm of the seal
	// page 3: 20 to 30 mm of the seal
	// page 4: 30 to 40 mm of the seal
}

// example stands in for a test where there is none: what cannot be made ends the example.
type example struct{ testing.TB }

func (example) Helper()                      {}
func (example) Fatal(args ...any)            { panic(fmt.Sprint(args...)) }
func (example) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
