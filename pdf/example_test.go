package pdf_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"image"
	"image/color"
	"image/png"
	"strings"

	"yinxin/document"
	"yinxin/pdf"
)

// contract is a small PDF of two pages, the second turned on its side.
func contract() []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595.276 841.89]>>",
		"<</Type/Page/Parent 2 0 R/Resources<<>>>>",
		"<</Type/Page/Parent 2 0 R/Resources<<>>/Rotate 90>>",
	}
	var b, rows strings.Builder
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&rows, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", rows.String(), start)
	return []byte(b.String())
}

// dot is the picture of a seal: one red pixel.
func dot() []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	m.Set(0, 0, color.NRGBA{R: 200, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// signed is the contract with a signature at a riding seal's two slices. Its value is made up: to sign with a key, see package sign.
func signed() ([]byte, error) {
	in := contract()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(in), int64(len(in)), document.Options{})
	if err != nil {
		return nil, err
	}
	pages, err := doc.Pages()
	if err != nil {
		return nil, err
	}
	places, err := document.Riding{}.Places(pages, 42, 42)
	if err != nil {
		return nil, err
	}
	draft, err := doc.Prepare(document.Request{Kind: document.Sign, Profile: "ETSI.CAdES.detached", Name: "云杉示例科技有限公司", Places: places,
		Appearance: document.Picture{Type: "PNG", Data: dot(), Width: 42, Height: 42}, Reserve: 4096})
	if err != nil {
		return nil, err
	}
	var out document.Memory
	digest, err := draft.Copy(&out, func(string) (hash.Hash, error) { return sha256.New(), nil })
	if err != nil {
		return nil, err
	}
	value := append([]byte{0x04, byte(len(digest))}, digest...) // an OCTET STRING, where a SignedData belongs
	if err := draft.Finish(&out, value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Open a PDF and list its pages and signatures.
func Example() {
	file, err := signed()
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pages, err := doc.Pages()
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range pages {
		fmt.Printf("page %d: %.0f × %.0f mm\n", i+1, p.Width, p.Height)
	}
	list, err := doc.Signatures()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range list {
		info := s.Info()
		coverage, _ := s.Coverage()
		fmt.Printf("%s: %s by %s, covers %s\n", info.ID, info.Profile, info.Name, coverage)
		for _, p := range info.Places {
			shown := p.Shown()
			fmt.Printf("  page %d: a part %.0f mm wide at (%.1f, %.1f)\n", p.Page, shown.Width, shown.X, shown.Y)
		}
		picture, err := s.Picture()
		fmt.Printf("  shows a %s of %.0f × %.0f mm, %v\n", picture.Type, picture.Width, picture.Height, err)
	}
	// Output:
	// page 1: 210 × 297 mm
	// page 2: 297 × 210 mm
	// Seal1, Seal1-2: ETSI.CAdES.detached by 云杉示例科技有限公司, covers FILE
	//   page 1: a part 21 mm wide at (199.5, 148.5)
	//   page 2: a part 21 mm wide at (286.5, 105.0)
	//   shows a PNG of 42 × 42 mm, <nil>
}
