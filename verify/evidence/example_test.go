package evidence_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"yinxin/gm"
	"yinxin/verify/evidence"
)

// A bundle holds a document and what it can be judged by without a network.
func Example() {
	ctx := context.Background()
	document, value := "the sealed document", []byte("the value of its signature")
	b := evidence.Bundle{
		Document: evidence.Document{Name: "contract.ofd", Size: int64(len(document)), SM3: gm.SM3([]byte(document)), File: strings.NewReader(document)},
		Signatures: []evidence.Signature{
			{ID: "1", SM3: gm.SM3(value), Values: evidence.Values{OCSPs: [][]byte{[]byte("an OCSP response")}}},
		},
	}
	var file bytes.Buffer
	if err := evidence.Write(ctx, &file, b); err != nil {
		fmt.Println(err)
		return
	}

	read, err := evidence.Read(ctx, bytes.NewReader(file.Bytes()), int64(file.Len()), evidence.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, ok := read.Of(value)
	fmt.Println(read.Document.Name, read.Document.Size, ok, len(kept.OCSPs))
	fmt.Println(read.Bind(ctx, strings.NewReader("another document!!!"), 19) != nil)
	// Output:
	// contract.ofd 19 true 1
	// true
}
