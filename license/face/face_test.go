package face

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"rsc.io/qr"

	"yinxin/fault"
	"yinxin/font"
	"yinxin/internal/need"
	"yinxin/layout"
	"yinxin/license"
)

func example(t testing.TB, change func(*license.Order)) (license.Type, license.Record) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/licence-type.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ty, err := license.ParseType(data)
	if err != nil {
		t.Fatal(err)
	}
	o := license.Order{
		Issuer: license.Body{Name: "示例市登记管理局", USCC: "11990000MB0000019F"},
		Holder: license.Holder{Name: "云杉示例科技有限公司", Code: "91990000MA0000015Q", CodeType: license.HolderUSCC},
		Serial: "7K2M9Q4T8W3X5Z1A6C0E", Version: 1, Issued: "2026-03-18",
		Face: license.Face{Values: map[string]string{
			"name": "云杉示例科技有限公司", "uscc": "91990000MA0000015Q", "type": "有限责任公司（自然人投资或控股）", "legalRepresentative": "林一示",
			"capital": "5000000.00", "founded": "2026-03-18", "domicile": "示例市示例区样本路 100 号云杉大厦 8 层 801 室", "scope": "软件开发；信息技术咨询服务；数据处理服务；计算机软硬件及辅助设备零售（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。",
			"registrar": "示例市登记管理局", "approved": "2026-03-18",
		}},
	}
	if change != nil {
		change(&o)
	}
	r, _, err := ty.Record(o)
	if err != nil {
		t.Fatal(err)
	}
	return ty, r
}

// full fills the face as far as people do: a name of 40 characters, a scope of 400, a missing capital.
func full(o *license.Order) {
	o.Holder.Name = strings.Repeat("云杉示例科技发展股份", 4)
	o.Face.Values["name"] = o.Holder.Name
	o.Face.Values["scope"] = strings.Repeat("一般项目：软件开发；信息技术咨询服务，", 400/19+1)[:3*400]
	o.Face.Values["domicile"] = strings.Repeat("示例市样本区范例大道", 10)
	delete(o.Face.Values, "capital")
	o.Face.Gaps = map[string]string{"capital": "not-recorded"}
}

// longest fills every field as far as the example type allows.
func longest(o *license.Order) {
	long := func(n int) string { return strings.Repeat("长", n) }
	o.Holder.Name, o.Issuer.Name, o.Serial = long(100), long(60), strings.Repeat("W", 32)
	for key, n := range map[string]int{"name": 100, "type": 60, "legalRepresentative": 60, "domicile": 120, "scope": 500, "registrar": 60} {
		o.Face.Values[key] = long(n)
	}
	o.Face.Values["capital"] = "USD 999999999999999.99"
}

func fonts() layout.Fonts { return layout.Fonts{font.Default()} }

func describe(t testing.TB, change func(*license.Order), specimen bool) (layout.Document, layout.Place, license.Record) {
	t.Helper()
	ty, r := example(t, change)
	doc, seal, err := Describe(r, ty, Options{Fonts: fonts(), Specimen: specimen})
	if err != nil {
		t.Fatal(err)
	}
	return doc, seal, r
}

// save writes the face as PDF; with YINXIN_KEEP naming a folder also there, to be looked at.
func save(t testing.TB, name string, doc layout.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := layout.WritePDF(&b, doc, fonts()); err != nil {
		t.Fatal(err)
	}
	dirs := []string{t.TempDir()}
	if keep := os.Getenv("YINXIN_KEEP"); keep != "" {
		dirs = append(dirs, keep)
	}
	for _, dir := range dirs {
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dirs[0], name)
}

func run(t testing.TB, tool string, args ...string) string {
	t.Helper()
	out, err := exec.Command(need.Tool(t, tool), args...).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
	return string(out)
}

// squeeze drops white space: lines of the face break where they must.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestText(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*license.Order)
		want   []string
	}{
		{"plain", nil, []string{"示例企业登记证照", "注册资本人民币5,000,000.00元", "成立日期2026年3月18日", "有效期自2026年3月18日起长期有效", "登记机关示例市登记管理局核准日期2026年3月18日"}},
		{"full", full, []string{"—（原登记资料未记载）"}},
	} {
		doc, _, r := describe(t, c.change, false)
		path := save(t, "face-"+c.name+".pdf", doc)
		text := squeeze(run(t, "pdftotext", "-raw", path, "-"))
		want := append(c.want, r.Identifier)
		for key, v := range r.Face.Values {
			if key != "capital" && !strings.HasSuffix(key, "ed") {
				want = append(want, v)
			}
		}
		for _, w := range want {
			if !strings.Contains(text, squeeze(w)) {
				t.Errorf("%s: no %q in\n%s", c.name, w, text)
			}
		}
		if strings.Contains(text, "SPECIMEN") {
			t.Errorf("%s: marked as a specimen", c.name)
		}
		if out := run(t, "qpdf", "--check", path); strings.Contains(out, "WARNING") {
			t.Error(out)
		}
	}
}

func TestSpecimen(t *testing.T) {
	doc, _, _ := describe(t, nil, true)
	text := run(t, "pdftotext", "-raw", save(t, "face-specimen.pdf", doc), "-")
	if !strings.Contains(text, "样例\n") || !strings.Contains(text, "SPECIMEN, NOT VALID") {
		t.Error(text)
	}
}

func TestAttachment(t *testing.T) {
	doc, _, r := describe(t, nil, false)
	path, out := save(t, "face.pdf", doc), filepath.Join(t.TempDir(), "record")
	if list := run(t, "pdfdetach", "-list", path); !strings.Contains(list, "1: "+RecordName) {
		t.Error(list)
	}
	run(t, "pdfdetach", "-save", "1", "-o", out, path)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	back, err := license.ParseRecord(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, back); d != "" {
		t.Error(d)
	}
}

// An independent reader decodes the code from the rendered page.
func TestCodeScans(t *testing.T) {
	zbar := need.Tool(t, "zbarimg")
	doc, _, r := describe(t, nil, true)
	path := save(t, "face.pdf", doc)
	image := filepath.Join(t.TempDir(), "page")
	run(t, "pdftoppm", "-r", "150", "-png", "-singlefile", path, image)
	out, err := exec.Command(zbar, "-q", "--raw", image+".png").Output()
	if err != nil || strings.TrimSpace(string(out)) != r.QR {
		t.Errorf("%q %v, want %q", out, err, r.QR)
	}
	if strings.Contains(r.QR, r.Holder.Code) {
		t.Error("the code names the holder")
	}
}

// The modules drawn are those of the code, in their places.
func TestCodeModules(t *testing.T) {
	doc, _, r := describe(t, nil, false)
	code, err := qr.Encode(r.QR, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	module := codeSize / float64(code.Size+8)
	drawn := make(map[[2]int]bool)
	for _, item := range doc.Pages[0].Items {
		s, ok := item.(layout.Shape)
		if !ok || s.Fill != (layout.Colour{}) {
			continue
		}
		for i := 0; i+4 < len(s.Outline); i += 5 { // one rectangle
			from, to := s.Outline[i].P[0], s.Outline[i+2].P[0]
			for x := from.X + module/2; x < to.X; x += module {
				drawn[[2]int{int((x - left) / module), int((from.Y + module/2 - footTop) / module)}] = true
			}
		}
	}
	if len(drawn) == 0 {
		t.Fatal("no code was drawn")
	}
	for y := range code.Size {
		for x := range code.Size {
			if drawn[[2]int{x + 4, y + 4}] != code.Black(x, y) {
				t.Fatalf("module %d, %d differs", x, y)
			}
		}
	}
}

// extent is the rectangle a text covers, angles aside.
func extent(v layout.Text) (x1, y1, x2, y2 float64) {
	width := layout.Width(fonts(), v.String, v.Size) + v.Spacing*float64(utf8.RuneCountInString(v.String)-1)
	em := v.Size * layout.MM
	x1 = v.X - width*float64(v.Align)/2
	return x1, v.Y - 0.88*em, x1 + width, v.Y + 0.12*em
}

// The room round the seal's place holds the issuing body and the day alone, and everything stays inside the frame, however full the face is.
func TestPlaces(t *testing.T) {
	for name, change := range map[string]func(*license.Order){"plain": nil, "full": full, "longest": longest} {
		doc, seal, r := describe(t, change, false)
		if seal.Page != 1 || seal.X-SealRoom/2 < left || seal.X+SealRoom/2 > right || seal.Y+SealRoom/2 > pageHeight-13 {
			t.Errorf("%s: seal at %+v", name, seal)
		}
		inRoom := 0
		for _, item := range doc.Pages[0].Items {
			v, ok := item.(layout.Text)
			if !ok {
				continue
			}
			x1, y1, x2, y2 := extent(v)
			if x1 < left-0.01 || x2 > right+0.01 || y1 < 20 || y2 > pageHeight-13 {
				t.Errorf("%s: %q reaches from %g, %g to %g, %g", name, v.String, x1, y1, x2, y2)
			}
			if x2 > seal.X-SealRoom/2 && x1 < seal.X+SealRoom/2 && y2 > seal.Y-SealRoom/2 && y1 < seal.Y+SealRoom/2 {
				inRoom++
			}
		}
		if want := map[string]int{"plain": 3, "full": 3, "longest": 5}[name]; inRoom != want {
			t.Errorf("%s: %d texts in the room of the seal of %s", name, inRoom, r.Issuer.Name)
		}
	}
}

// Whatever the lengths, a face is refused or set completely.
func TestAllOrNothing(t *testing.T) {
	ty, r := example(t, nil)
	for i := range ty.Fields {
		if ty.Fields[i].Max > 0 {
			ty.Fields[i].Max = license.MaxValue
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		want := 0
		for _, f := range ty.Fields {
			if f.Max > 0 && f.Role == "" {
				n := rapid.IntRange(1, 700).Draw(rt, f.Key)
				r.Face.Values[f.Key] = strings.Repeat("长", n)
				want += n
			}
		}
		doc, _, err := Describe(r, ty, Options{Fonts: fonts()})
		if err != nil {
			if p, _ := fault.PublicOf(err); p.Code != "face-overflow" || want < 1000 {
				rt.Fatalf("%d characters: %v", want, err)
			}
			return
		}
		got := 0
		for _, item := range doc.Pages[0].Items {
			if v, ok := item.(layout.Text); ok {
				got += strings.Count(v.String, "长")
				if _, _, x2, y2 := extent(v); x2 > right+0.01 || y2 > pageHeight-13 {
					rt.Fatalf("%q leaves the page", v.String)
				}
			}
		}
		if got != want+1 { // 长期有效
			rt.Fatalf("%d of %d characters", got, want)
		}
	})
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		name, code string
		change     func(*license.Type, *license.Record)
	}{
		{"another version of the type", "face-type", func(ty *license.Type, _ *license.Record) { ty.Version = 2 }},
		{"layout", "face-layout", func(ty *license.Type, _ *license.Record) { ty.Layout = "portrait" }},
		{"incomplete", "license-face", func(_ *license.Type, r *license.Record) { delete(r.Face.Values, "type") }},
		{"record", "license-record", func(_ *license.Type, r *license.Record) { r.Issued = "" }},
		{"name of the type", "face-overflow", func(ty *license.Type, _ *license.Record) { ty.Name.ZH = strings.Repeat("名", 80) }},
	} {
		ty, r := example(t, nil)
		c.change(&ty, &r)
		_, _, err := Describe(r, ty, Options{Fonts: fonts()})
		if p, _ := fault.PublicOf(err); p.Code != c.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
