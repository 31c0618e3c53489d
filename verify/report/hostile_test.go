package report_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/bmp"

	"yinxin/document"
	"yinxin/layout"
	"yinxin/verify"
	"yinxin/verify/report"
)

// hostile is text that moves cursors, turns lines round, has characters that no font here draws, and goes on for a megabyte.
var hostile = "甲\x1b[2J\u202e乙\u200b\U00020BB7\u0378\n" + strings.Repeat("长", 350_000)

// crowd is a report of n signatures of which the last but one failed and all have many findings of a megabyte.
func crowd(n int) verify.Report {
	r := sample(verify.Passed)
	r.File, r.Verdict = hostile, verify.Failed
	one := r.Signatures[0]
	one.Seal = &verify.SealSummary{ID: hostile, Name: hostile, Picture: verify.SealPicture{Type: hostile, Width: 1 << 30, Height: -1, Data: []byte(hostile)}}
	one.Signer = &verify.CertSummary{Name: hostile, Issuer: hostile, Serial: hostile, Fingerprint: hostile}
	one.Findings = nil
	for range 50 {
		one.Findings = append(one.Findings, verify.Finding{Check: "CHANGED_FORM", Level: verify.Warn, Message: verify.Text{ZH: hostile, EN: hostile}})
	}
	for i := range 500 {
		one.Places = append(one.Places, document.Place{Page: i + 1, X: 1e300, Width: 40, Height: 40})
	}
	r.Signatures = make([]verify.SignatureReport, n)
	for i := range r.Signatures {
		r.Signatures[i] = one
	}
	bad := &r.Signatures[n-2]
	bad.Verdict = verify.Failed
	bad.Findings = append(bad.Findings[:50:50], verify.Finding{Check: "DATA_HASH", Level: verify.Fail, Verdict: verify.Failed, Message: verify.Text{ZH: "唯一要紧的一句。", EN: "The one that matters."}})
	return r
}

// TestCrowd: of very many signatures with very long findings a report stays bounded, says what it leaves out, and never leaves out what failed.
func TestCrowd(t *testing.T) {
	r := crowd(2000)
	for i := range r.Signatures { // as JSON this is more than is attached
		if r.Signatures[i].Verdict == verify.Passed && i >= 60 {
			r.Signatures[i].Findings = nil
		}
	}
	doc := describe(t, r, options("zh"))
	said := text(doc)
	if len(doc.Pages) > 600 {
		t.Errorf("%d pages", len(doc.Pages))
	}
	for _, want := range []string{"1999. 电子印章", "唯一要紧的一句。", "有 1960 个没有逐个列出（通过 1960）", "第 40 至 1998、2000 个", "项发现没有列出", "另有 492 处没有列出",
		"另有 1988 个没有列在这里", "〔U+20BB7〕", "〔U+0378〕", "给程序读的报告太大", "用 yinxin verify --json 可以看到", "字节〕"} {
		if !strings.Contains(flat(said), flat(want)) {
			t.Errorf("%q is not said", want)
		}
	}
	if len(doc.Attached) != 0 {
		t.Error("a giant JSON is attached")
	}
	for _, c := range said {
		if unicode.IsControl(c) && c != '\n' || unicode.Is(unicode.Cf, c) {
			t.Fatalf("the control character %U is printed", c)
		}
	}
	var file bytes.Buffer
	if err := report.PDF(&file, r, options("zh")); err != nil || file.Len() > 16<<20 {
		t.Errorf("%d bytes, %v", file.Len(), err)
	}
}

// encoded is one picture in a format.
func encoded(t *testing.T, format string, width, height int) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.NRGBA{R: 230, G: 0, B: 18, A: 255}})
	for i := range img.Pix {
		img.Pix[i] = uint8(i / 7 % 2)
	}
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "jpg":
		err = jpeg.Encode(&b, img, nil)
	case "bmp":
		err = bmp.Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPictures: what can be shown is shown at its size on paper, or smaller and says so; what cannot be is said.
func TestPictures(t *testing.T) {
	bomb := encoded(t, "png", 8, 8)
	copy(bomb[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 × 65536; its checksum is then wrong as well
	for name, c := range map[string]struct {
		picture verify.SealPicture
		side    float64 // mm as drawn; 0: not
		say     string
	}{
		"png":       {verify.SealPicture{Type: "PNG", Width: 40, Height: 40, Data: encoded(t, "png", 100, 100)}, 40, "40 × 40 mm 原大"},
		"gif":       {verify.SealPicture{Type: "png", Width: 38, Height: 20, Data: encoded(t, "gif", 100, 60)}, 38, "38 × 20 mm 原大"},
		"jpg":       {verify.SealPicture{Type: "JPG", Width: 45, Height: 45, Data: encoded(t, "jpg", 100, 100)}, 45, "原大"},
		"bmp":       {verify.SealPicture{Type: "BMP", Width: 90, Height: 90, Data: encoded(t, "bmp", 100, 100)}, 45, "90 × 90 mm，缩小到 50%"},
		"many dots": {verify.SealPicture{Type: "PNG", Width: 60, Height: 30, Data: encoded(t, "png", 2800, 1400)}, 45, "60 × 30 mm，缩小到 75%"},
		"ofd":       {verify.SealPicture{Type: "ofd", Width: 40, Height: 40, Data: []byte("PK\x03\x04 and so on")}, 0, "“ofd”类型，这里不能显示"},
		"svg":       {verify.SealPicture{Type: "SVG", Width: 40, Height: 40, Data: []byte("<svg/>")}, 0, "“SVG”类型，这里不能显示"},
		"none":      {verify.SealPicture{Type: "PNG", Width: 40, Height: 40}, 0, "没有可显示的图像"},
		"cut":       {verify.SealPicture{Type: "PNG", Width: 40, Height: 40, Data: encoded(t, "png", 100, 100)[:60]}, 0, "已损坏或过大"},
		"bomb":      {verify.SealPicture{Type: "PNG", Width: 40, Height: 40, Data: bomb}, 0, "已损坏或过大"},
		"no size":   {verify.SealPicture{Type: "PNG", Data: encoded(t, "png", 100, 100)}, 0, "没有写明图像的尺寸"},
		"a line":    {verify.SealPicture{Type: "PNG", Width: 1 << 40, Height: 1, Data: encoded(t, "png", 100, 100)}, 45, "缩小到"},
	} {
		r := sample(verify.Passed)
		r.Signatures[0].Seal.Picture = c.picture
		doc := describe(t, r, options("zh"))
		side := 0.0
		for _, p := range doc.Pages {
			for _, item := range p.Items {
				if x, ok := item.(layout.Picture); ok {
					side = max(side, x.Width, x.Height)
					if k, err := png.DecodeConfig(bytes.NewReader(x.PNG)); err != nil || max(k.Width, k.Height) > 1000 {
						t.Errorf("%s: embedded with %d × %d pixels, %v", name, k.Width, k.Height, err)
					}
				}
			}
		}
		if side != c.side || !strings.Contains(flat(text(doc)), flat(c.say)) {
			t.Errorf("%s: drawn %g mm, want %g; %q is said: %v", name, side, c.side, c.say, strings.Contains(flat(text(doc)), flat(c.say)))
		}
		if err := report.PDF(&bytes.Buffer{}, r, options("zh")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyPictures: seals that each have another large picture are decoded until the report has had enough.
func TestManyPictures(t *testing.T) {
	r := sample(verify.Passed)
	one := r.Signatures[0]
	r.Signatures = nil
	big := encoded(t, "png", 2500, 2500)
	for i := range 12 {
		s, seal := one, *one.Seal
		seal.Picture = verify.SealPicture{Type: "PNG", Width: 40, Height: 40, Data: append(bytes.Clone(big), byte(i))}
		s.Seal = &seal
		r.Signatures = append(r.Signatures, s)
	}
	if n := strings.Count(flat(text(describe(t, r, options("en")))), "atitsownsize"); n != 5 {
		t.Errorf("%d pictures of 6.25 million pixels were decoded", n)
	}
}
