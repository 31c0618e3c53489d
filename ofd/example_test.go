package ofd_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"yinxin/document"
	"yinxin/ofd"
)

// contract is a small OFD of two A4 pages.
func contract() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"OFD.xml", `<OFD xmlns="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>`},
		{"Doc_0/Document.xml", `<Document xmlns="http://www.ofdspec.org/2016"><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea></CommonData>` +
			`<Pages><Page ID="1" BaseLoc="1.xml"/><Page ID="2" BaseLoc="2.xml"/></Pages></Document>`},
		{"Doc_0/1.xml", `<Page xmlns="http://www.ofdspec.org/2016"><Content/></Page>`},
		{"Doc_0/2.xml", `<Page xmlns="http://www.ofdspec.org/2016"><Content/></Page>`},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = io.WriteString(w, part[1])
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// hasher stands in for SM3, which package gm has: a format is handed its hashes.
func hasher(string) (hash.Hash, error) { return sha256.New(), nil }

// A riding seal on both pages is one signature. Its value is made up: to sign with a key, see package sign.
func Example() {
	in := contract()
	doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(in), int64(len(in)), document.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pages, _ := doc.Pages()
	places, _ := document.Riding{}.Places(pages, 42, 42)
	draft, err := doc.Prepare(document.Request{Kind: document.Seal, Payload: []byte("Seal.esl"), Places: places})
	if err != nil {
		fmt.Println(err)
		return
	}
	var out document.Memory
	digest, err := draft.Copy(&out, hasher)
	if err == nil {
		err = draft.Finish(&out, digest) // in place of an SES_Signature over it
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	sealed, err := ofd.Format{}.Open(context.Background(), &out, out.Size(), document.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	signatures, _ := sealed.Signatures()
	for _, s := range signatures {
		info := s.Info()
		fmt.Println(info.ID, info.Profile, info.Property)
		for _, p := range info.Places {
			fmt.Printf("page %d: from %g mm, %g mm of the seal\n", p.Page, p.Clip.X, p.Clip.Width)
		}
		references, err := s.(document.Referencer).References(hasher)
		coverage, _ := s.Coverage()
		fmt.Println(len(references), "files,", references[0].Path, references[0].State, err, coverage)
	}
	// Output:
	// s001 Seal /Doc_0/Signs/Sign_0/Signature.xml
	// page 1: from 0 mm, 21 mm of the seal
	// page 2: from 21 mm, 21 mm of the seal
	// 5 files, /OFD.xml UNCHANGED <nil> REVISION
}
