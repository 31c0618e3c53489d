package report_test

import (
	"bytes"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/layout"
	"yinxin/pdf"
	"yinxin/seal"
	sealimage "yinxin/seal/draw"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/report"
)

// world is a PKI, an owner with a seal as it is drawn for real, and a trust directory.
type world struct {
	*testpki.PKI
	owner *testpki.Holder
	seal  []byte
	trust *trust.Set
}

func newWorld(t *testing.T) world {
	t.Helper()
	p := testpki.New(t)
	w := world{PKI: p, owner: p.Owner(testpki.OwnerName, testpki.OwnerUSCC)}
	drawing, err := sealimage.New(sealimage.Design{Kind: sealimage.LegalName, Name: testpki.OwnerName, Code: "9900000000001"}, font.Stack{font.Default()})
	if err != nil {
		t.Fatal(err)
	}
	info := testseal.Info(t, p, testpki.OwnerName, w.owner.Cert)
	info.Picture = seal.Picture{Type: "PNG", Width: int(drawing.Width), Height: int(drawing.Height)}
	if info.Picture.Data, err = drawing.PNG(sealimage.Resolution); err != nil {
		t.Fatal(err)
	}
	w.seal = testseal.Make(t, p, info, seal.V4)
	if w.trust, err = trust.Load(p.Directory()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w world) stamp(t *testing.T, in []byte) []byte {
	t.Helper()
	order := testseal.Order(in, w.seal, w.owner.Key, w.Now)
	order.Places = []document.Place{{Page: 1, X: 150, Y: 230}}
	return testseal.Stamp(t, order)
}

func (w world) judge(t *testing.T, data []byte) verify.Report {
	t.Helper()
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: w.trust}
	facts, err := v.Gather(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{}, w.Now)
}

// reported is the report on a file that was sealed here.
func (w world) reported(t *testing.T, lang string) []byte {
	t.Helper()
	in := w.stamp(t, testseal.PDF(t, 1))
	r := w.judge(t, in)
	r.File = "采购合同.pdf"
	if r.Verdict != verify.Passed || len(r.Signatures[0].Seal.Picture.Data) == 0 {
		t.Fatalf("%s, %+v", r.Verdict, r.Signatures)
	}
	h := gm.NewSM3()
	h.Write(in)
	var out bytes.Buffer
	err := report.PDF(&out, r, report.Options{Lang: lang, Fonts: layout.Fonts{font.Default()}, Made: w.Now, Size: int64(len(in)),
		SM3: hex.EncodeToString(h.Sum(nil)), Anchors: w.trust.Anchors()})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestSealed: a report can itself be sealed, and then passes.
func TestSealed(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"zh", "en"} {
		if r := w.judge(t, w.stamp(t, w.reported(t, lang))); r.Verdict != verify.Passed || len(r.Signatures) != 1 {
			t.Errorf("%s: %s %+v", lang, r.Verdict, r.Signatures)
		}
	}
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), need.Tool(t, program), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

func keep(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOtherPrograms: other programs find the file sound, its text readable and the JSON attached.
func TestOtherPrograms(t *testing.T) {
	w := newWorld(t)
	zh := keep(t, w.reported(t, "zh"))
	if out := run(t, "qpdf", "--check", zh); strings.Contains(out, "WARNING") {
		t.Error(out)
	}
	said := flat(run(t, "pdftotext", "-enc", "UTF-8", zh, "-"))
	for _, want := range []string{"电子签章核验报告", "核验通过", testpki.OwnerName, testpki.OwnerUSCC, "采购合同.pdf", "没有核验的内容", "印章和签章人的身份已按本机的信任确认"} {
		if !strings.Contains(said, flat(want)) {
			t.Errorf("%q is not in %s", want, said)
		}
	}
	if json := run(t, "qpdf", "--show-attachment="+report.AttachedName, zh); !strings.Contains(json, `"verdict":"PASSED"`) || !strings.Contains(json, `"sm3":"`) {
		t.Errorf("attached: %s", json)
	}
}

// sampleDPI is the resolution of docs/report.png.
const sampleDPI = 84

// TestSamplePage holds the picture in docs, which -update draws anew: the card of a seal.
func TestSamplePage(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "report.png")
	if *update {
		base := filepath.Join(t.TempDir(), "page")
		run(t, "pdftoppm", "-png", "-r", strconv.Itoa(sampleDPI), "-f", "1", "-l", "2", keep(t, newWorld(t).reported(t, "zh")), base)
		if err := os.WriteFile(path, sideBySide(t, base+"-1.png", base+"-2.png"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if want := int(math.Round(2 * layout.A4Width / 25.4 * sampleDPI)); err != nil || len(data) > 150<<10 || c.Width < want-4 || c.Width > want+4 {
		t.Errorf("%s has %d bytes and is %d pixels wide, not %d: %v", path, len(data), c.Width, want, err)
	}
}

// sideBySide puts pages beside one another, with few colours.
func sideBySide(t *testing.T, paths ...string) []byte {
	t.Helper()
	palette := color.Palette{}
	for _, tone := range []color.RGBA{{28, 30, 33, 255}, {28, 104, 68, 255}, {146, 92, 6, 255}, {164, 34, 36, 255}, {230, 0, 18, 255}, {235, 244, 239, 255}} {
		for k := range 16 {
			mix := func(c uint8) uint8 { return uint8((int(c)*(15-k) + 255*k) / 15) }
			palette = append(palette, color.RGBA{mix(tone.R), mix(tone.G), mix(tone.B), 255})
		}
	}
	var out *image.Paletted
	for i, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		width := img.Bounds().Dx() + 2
		if out == nil {
			out = image.NewPaletted(image.Rect(0, 0, width*len(paths)-2, img.Bounds().Dy()), palette)
			draw.Draw(out, out.Rect, image.NewUniform(color.Gray{206}), image.Point{}, draw.Src)
		}
		draw.Draw(out, image.Rect(i*width, 0, (i+1)*width-2, out.Rect.Dy()), img, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
