package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// A file is judged by whoever holds a folder of trusted certificates. Four questions are answered apart; a claimed time is shown, never believed.
func Example() {
	p := testpki.New(example{})
	file := testseal.Sealed(example{}, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))

	trusted, err := trust.Load(p.Directory()) // os.DirFS("trust") in real life
	if err != nil {
		fmt.Println(err)
		return
	}
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: trusted}
	facts, err := v.Gather(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Println(err) // no file that can be read: a *fault.Error with a sentence in both languages
		return
	}
	report := verify.Judge(facts, verify.Policy{}, p.Now)
	for _, s := range report.Signatures {
		fmt.Println(s.ID, s.Seal.Name, s.Verdict)
		fmt.Println("integrity", s.Aspects.Integrity, "certificate", s.Aspects.Certificate, "identity", s.Aspects.Identity, "revocation", s.Aspects.Revocation)
		fmt.Println("claims to be of", s.Time.Claimed)
	}
	// Output:
	// Seal1 云杉示例科技有限公司 PASSED
	// integrity PASSED certificate PASSED identity PASSED revocation PASSED
	// claims to be of 2026-03-02 08:00:00 +0000 UTC
}

// Facts are plain data. A judgement can be repeated from a recording, under another policy or at another time, without the file or any key.
func ExampleJudge() {
	p := testpki.New(example{})
	recording, err := json.Marshal(gathered(p, nil)) // what Gather found
	if err != nil {
		fmt.Println(err)
		return
	}
	var facts verify.Facts
	if err := json.Unmarshal(recording, &facts); err != nil {
		fmt.Println(err)
		return
	}
	integrity := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, p.Now)
	today := verify.Judge(facts, verify.Policy{}, p.Now)
	later := verify.Judge(facts, verify.Policy{}, p.Now.AddDate(5, 0, 0))
	fmt.Println(integrity.Verdict, today.Verdict, later.Verdict, later.Signatures[0].Sub)
	// Output:
	// PASSED PASSED INDETERMINATE OUT_OF_BOUNDS_NO_POE
}

// Each finding has a stable code, a weight and a sentence in both languages. Every check that can run does run, so there may be several.
func ExampleReport() {
	p := testpki.New(example{})
	facts := gathered(p, func(file []byte) { file[len("%PDF-1.7\n%")] ^= 1 })
	report := verify.Judge(facts, verify.Policy{}, p.Now)
	fmt.Println(report.Verdict)
	for _, f := range report.Signatures[0].Findings {
		if f.Level == verify.Fail {
			fmt.Println(f.Check, f.Sub)
			fmt.Println(f.Message.In("zh"))
		}
	}
	// Output:
	// FAILED
	// DATA_HASH HASH_FAILURE
	// 文件内容在签名后被改动过。
}

// gathered are the facts of a file sealed in p, after change.
func gathered(p *testpki.PKI, change func([]byte)) verify.Facts {
	file := testseal.Sealed(example{}, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	if change != nil {
		change(file)
	}
	trusted, err := trust.Load(p.Directory())
	if err != nil {
		panic(err)
	}
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: trusted}
	facts, err := v.Gather(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		panic(err)
	}
	return facts
}

// example stands in for a test where there is none: what cannot be made ends the example.
type example struct{ testing.TB }

func (example) Helper()                      {}
func (example) Fatal(args ...any)            { panic(fmt.Sprint(args...)) }
func (example) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
