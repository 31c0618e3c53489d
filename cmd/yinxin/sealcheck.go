package main

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/seal/draw"
	gauge "yinxin/seal/draw/measure"
)

// checkOptions say what a seal's picture is to be held against, and how large it is.
type checkOptions struct {
	kind, level string
	widthMM     float64
	dpi         float64
	asJSON      bool

	name, purpose string
	faces         []string
}

func (a *app) sealCheck() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check IMAGE|F.esl --type KIND",
		Short: "量测印章图像 / measure a seal's picture against the rules for its kind",
		Long: `量出印章图像的尺寸，逐条说明该类印章的规定是符合、不符，还是从这张图像量不出来。出自规定的，注明规定名称；其余是刻制惯例。字体和文字的排列顺序
要由人来看。

字体只能与给出的字体比对：--font 给出字体文件，--name 和 --purpose 给出印面上的文字（印章文件里有名称，可不写）。逐字按其在印面上的位置和大小比对，给出
相似度；不替用户猜是什么字体，数字太窄，不比对。

check measures a seal's picture and says of each rule for its kind whether it is kept, differs, or cannot be measured on this picture. A regulation's
rule is named by the regulation; the others are custom of engravers. The order of reading is left to people.

Typefaces are only compared with fonts that are given: --font names a font's file, --name and --purpose say what stands on the seal (a seal's own name
serves where they are left out). Each character is compared where it stands and as large as it is, and its likeness told. No face is guessed, and digits,
which are set too narrow for it, are not compared.

The picture is that of a seal (.esl, .dat), or a PNG, JPEG, GIF or BMP, for which --width-mm or --dpi says how large it is. Nothing is said about
whether the seal is genuine.

Exit code: 0 all that is essential was measured and nothing differs, 1 something differs, 2 something essential could not be measured, 3 no picture.

--json prints one object: type, level, picture {widthPx, heightPx, pixelsPerMm}, verdict kept|differing|not-measurable, measured {…}, rules [{code,
name, source, custom, essential, state, unit, min, max, tolerance, want, got, measured {is, off}}]. Texts are {zh, en}; off is how far a measure may be off.`,
		Args: oneArg("印章或图像文件", "file of a seal or a picture"),
		RunE: func(_ *cobra.Command, args []string) error { return a.checkSeal(args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.kind, "type", "", "类型 / `KIND` of seal: "+words(draw.Kinds()))
	f.StringVar(&o.level, "level", "", "机关级别 / `LEVEL` of an agency: "+words(draw.Levels()))
	f.Float64Var(&o.widthMM, "width-mm", 0, "图像宽 / width of the whole picture in `MM`")
	f.Float64Var(&o.dpi, "dpi", 0, "分辨率 / `DOTS` an inch of the picture, instead of --width-mm")
	f.StringVar(&o.name, "name", "", "所有者名称 / `NAME` along the border, for comparing typefaces (default: as the seal says)")
	f.StringVar(&o.purpose, "purpose", "", "用途文字 / `TEXT` below the star, for comparing typefaces (default: as usual for the type)")
	f.StringArrayVar(&o.faces, "font", nil, "字体 / `ROLE=F.ttf` the typeface that name, purpose or all should be set in (F.ttc#1 for a second face, embedded for the built-in Song)")
	f.BoolVar(&o.asJSON, "json", false, "JSON")
	must(c.MarkFlagRequired("type"))
	return c
}

func (a *app) checkSeal(path string, o checkOptions) error {
	rules, ok := gauge.Rules(draw.Kind(o.kind), draw.Level(o.level))
	if !ok {
		return (&designOptions{kind: o.kind, level: o.level, minorityPlace: "upper"}).notChecked()
	}
	img, px, sealName, err := o.read(path)
	if err != nil {
		return about(path, err)
	}
	text, err := o.text(sealName)
	if err != nil {
		return err
	}
	m, err := gauge.WithText(img, px, text)
	if err != nil {
		return err
	}
	list := gauge.Judge(m, rules)
	verdict := gauge.Verdict(list)
	a.code = map[gauge.State]int{gauge.Kept: exitOK, gauge.Differing: exitRefused, gauge.NotMeasurable: exitIndeterminate}[verdict]
	if o.asJSON {
		return a.checkJSON(o, img, m, list)
	}
	return a.checkWords(img, px, list, verdict)
}

// notChecked says why there are no rules for a kind and level.
func (o *designOptions) notChecked() error {
	if err := o.check(); err != nil {
		return err
	}
	return usage("--level 仅用于机关印章（--type agency）", "--level is for seals of agencies (--type agency)")
}

// text is what the typefaces of the seal are compared by, and nothing where no font was given.
func (o checkOptions) text(sealName string) (t gauge.Text, err error) {
	if len(o.faces) == 0 {
		if o.name != "" || o.purpose != "" {
			return t, usage("--name、--purpose 用于比对字体，须同时用 --font 给出字体", "--name and --purpose are for comparing typefaces: give a font with --font too")
		}
		return t, nil
	}
	if k := draw.Kind(o.kind); k == draw.LegalRepresentative || k == draw.Personal {
		return t, usage("名章的字体没有规定，不作比对：请去掉 --font", "name seals have no prescribed typeface and nothing to compare: leave --font out")
	}
	if t.Faces, err = readFaces(o.faces); err != nil {
		return t, err
	}
	if t.Faces.Name == nil && t.Faces.Purpose == nil {
		return t, usage("印面上的数字太窄，分不出字体，不作比对：--font 用 name=、purpose= 或 all=", "digits on a seal are too narrow to tell faces by: write --font with name=, purpose= or all=")
	}
	if t.Purpose = o.purpose; t.Purpose == "" {
		t.Purpose = usualPurpose(draw.Kind(o.kind))
	}
	if t.Name = o.name; t.Name == "" {
		t.Name = strings.TrimSuffix(sealName, t.Purpose)
	}
	if t.Name == "" && t.Faces.Name != nil {
		return t, usage("请用 --name 给出印面上沿边缘的名称，才能逐字比对字体", "say with --name what stands along the border: typefaces are compared character by character")
	}
	return t, nil
}

// read returns a picture, its pixels a millimetre and the seal's name: from the seal itself, or from what the options say of a bare picture.
func (o checkOptions) read(path string) (image.Image, float64, string, error) {
	data, err := readSmall(path)
	if err != nil {
		return nil, 0, "", err
	}
	der, _ := binary(data)
	if !begins(der) {
		img, err := gauge.Decode(data)
		if err != nil {
			return nil, 0, "", err
		}
		px, err := o.resolution(img.Bounds().Dx())
		return img, px, "", err
	}
	if o.widthMM != 0 || o.dpi != 0 {
		return nil, 0, "", usage("印章自带尺寸，不用 --width-mm、--dpi", "a seal says how large its picture is: leave --width-mm and --dpi out")
	}
	s, _, err := parseShown(der)
	if err != nil {
		return nil, 0, "", err
	}
	p := s.Info.Picture
	img, err := gauge.Decode(p.Data)
	if err != nil {
		return nil, 0, "", err
	}
	across, down := float64(img.Bounds().Dx())/float64(p.Width), float64(img.Bounds().Dy())/float64(p.Height)
	if !(p.Width > 0 && p.Height > 0) || math.Abs(across/down-1) > 0.03 {
		return nil, 0, "", fault.New(fault.Invalid, "seal-picture-stretched",
			fmt.Sprintf("印章写明图像为 %d × %d 毫米，图像却是 %d × %d 像素，比例不符，无法换算毫米。", p.Width, p.Height, img.Bounds().Dx(), img.Bounds().Dy()),
			fmt.Sprintf("the seal says its picture is %d × %d mm, but it has %d × %d pixels, which is another shape: millimetres cannot be told", p.Width, p.Height,
				img.Bounds().Dx(), img.Bounds().Dy()), nil)
	}
	return img, across, s.Info.Property.Name, nil
}

func (o checkOptions) resolution(pixels int) (float64, error) {
	switch {
	case o.widthMM > 0 && o.dpi == 0:
		return float64(pixels) / o.widthMM, nil
	case o.dpi > 0 && o.widthMM == 0:
		return o.dpi / 25.4, nil
	}
	return 0, usage("请用 --width-mm 或 --dpi 之一说明图像的大小（大于 0）", "say how large the picture is with --width-mm or --dpi, one of them and above 0")
}

func (a *app) checkWords(img image.Image, px float64, list []gauge.Finding, verdict gauge.State) error {
	w := sheet{app: a}
	w.findings(list)
	if err := w.print(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, a.say("%s。图像 %d × %d 像素，每毫米 %.1f 像素。\n", "%s. The picture has %d × %d pixels, %.1f a millimetre.\n"), a.verdictWord(verdict), img.Bounds().Dx(), img.Bounds().Dy(), px)
	return err
}

// findings adds a line for each.
func (w *sheet) findings(list []gauge.Finding) {
	a := w.app
	for _, f := range list {
		r := f.Rule
		w.lines = append(w.lines, [2]string{a.stateWord(f.State) + "  " + r.Name.In(a.lang),
			fmt.Sprintf(a.say("%s（应为 %s；%s）", "%s (want %s; %s)"), f.Words.In(a.lang), r.Want.In(a.lang), r.Source.In(a.lang))})
	}
}

func (a *app) verdictWord(s gauge.State) string {
	return map[gauge.State]string{
		gauge.Kept:          a.say("量测的各项均符合", "Everything measured is as it should be"),
		gauge.Differing:     a.say("有不符合的项目", "Something differs"),
		gauge.NotMeasurable: a.say("必需的项目未能测得", "Something essential could not be measured"),
	}[s]
}

// stateWord is of one width, in columns.
func (a *app) stateWord(s gauge.State) string {
	word := map[gauge.State]string{
		gauge.Kept: a.say("✓ 符合", "✓ kept"), gauge.Differing: a.say("✗ 不符", "✗ differs"), gauge.NotMeasurable: a.say("· 未测", "· not measured"),
	}[s]
	return word + strings.Repeat(" ", max(0, len(a.say("", "· not measured"))-len(word)))
}

// checkView is what --json prints.
type checkView struct {
	Type     string            `json:"type"`
	Level    string            `json:"level,omitempty"`
	Picture  checkPicture      `json:"picture"`
	Verdict  gauge.State       `json:"verdict"`
	Measured gauge.Measurement `json:"measured"`
	Rules    []ruleView        `json:"rules"`
}

type checkPicture struct {
	Width  int     `json:"widthPx"`
	Height int     `json:"heightPx"`
	PerMM  float64 `json:"pixelsPerMm"`
}

type ruleView struct {
	Code      string       `json:"code"`
	Name      gauge.Words  `json:"name"`
	Source    gauge.Words  `json:"source"`
	Custom    bool         `json:"custom"`
	Essential bool         `json:"essential"`
	State     gauge.State  `json:"state"`
	Unit      string       `json:"unit,omitempty"` // mm, °; without one 1 is yes
	Min       float64      `json:"min"`
	Max       float64      `json:"max"`
	Tolerance float64      `json:"tolerance"`
	Want      gauge.Words  `json:"want"`
	Got       gauge.Words  `json:"got"`
	Measured  *gauge.Value `json:"measured,omitempty"`
}

func (a *app) checkJSON(o checkOptions, img image.Image, m gauge.Measurement, list []gauge.Finding) error {
	v := checkView{Type: o.kind, Level: o.level, Picture: checkPicture{img.Bounds().Dx(), img.Bounds().Dy(), m.Resolution}, Verdict: gauge.Verdict(list), Measured: m, Rules: viewRules(list)}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func viewRules(list []gauge.Finding) []ruleView {
	out := make([]ruleView, 0, len(list))
	for _, f := range list {
		r := f.Rule
		view := ruleView{Code: r.Code, Name: r.Name, Source: r.Source, Custom: r.Custom, Essential: r.Essential, State: f.State, Unit: r.Unit,
			Min: r.Min, Max: r.Max, Tolerance: r.Tolerance, Want: r.Want, Got: f.Words}
		if f.Got.Off > 0 {
			view.Measured = &f.Got
		}
		out = append(out, view)
	}
	return out
}
