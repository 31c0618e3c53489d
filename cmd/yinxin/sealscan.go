package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/seal"
	"yinxin/seal/draw"
	gauge "yinxin/seal/draw/measure"
	"yinxin/seal/draw/scan"
)

// scanOptions say that a seal's picture is taken off a scan, and what the scan does not say.
type scanOptions struct {
	image  string
	dpi    float64
	ink    string
	rotate float64
	turn   *float64 // rotate, where it was given
}

func (o *scanOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.image, "image", "", "印迹扫描图 / `SCAN` of the seal's print on paper, PNG or JPEG, to take the picture from instead of drawing it; --diameter or --size then say how large the print is")
	f.Float64Var(&o.dpi, "dpi", 0, "扫描分辨率 / `DOTS` an inch of --image (default: as the file says)")
	f.StringVar(&o.ink, "ink", string(scan.Red), "印油颜色 / colour of the `INK` on --image: "+words(scan.Inks())+"; black cannot be told from print")
	f.Float64Var(&o.rotate, "rotate", 0, "印迹转角 / `DEGREES` the print on --image is turned clockwise (default: found by star, axes, sides or text)")
}

// scanned is a picture taken off a scan, with all that is kept of how.
type scanned struct {
	path    string
	data    []byte
	scan    *scan.Scan
	size    string // what the size is from: option, dpi-option or file
	lifted  *scan.Lifted
	picture seal.Picture
	list    []gauge.Finding
}

// scanSource is how a picture names the scan that it was taken from.
const scanSource = "scan SM3 "

// lift takes the picture off the scan.
func (o *sealMakeOptions) lift() (*scanned, error) {
	if err := o.onlyScanned(); err != nil {
		return nil, err
	}
	data, err := readUpTo(o.image, scan.MaxBytes)
	if err != nil {
		return nil, err
	}
	s := &scanned{path: o.image, data: data}
	if s.scan, err = scan.Decode(data); err != nil {
		return nil, about(o.image, err)
	}
	options := scan.Options{Ink: scan.Ink(o.ink), Turn: o.turn}
	if options.Width, options.Height, err = parseSize(o.size); err != nil {
		return nil, err
	}
	switch {
	case o.diameter > 0:
		options.Width, options.Height, s.size = o.diameter, o.diameter, "option"
	case options.Width > 0:
		s.size = "option"
	case o.dpi > 0:
		options.PixelsPerMM, s.size = o.dpi/25.4, "dpi-option"
	default:
		options.PixelsPerMM, s.size = s.scan.DPI/25.4, "file"
	}
	if s.lifted, err = scan.Lift(s.scan, options); err != nil {
		return nil, about(o.image, err)
	}
	s.picture = seal.Picture{Type: "PNG", Data: s.lifted.PNG(scanSource + sm3Hex(data)), Width: s.lifted.Width, Height: s.lifted.Height}
	rules, ok := gauge.Rules(draw.Kind(o.kind), draw.Level(o.level))
	if !ok {
		return nil, o.notChecked()
	}
	s.list = gauge.Judge(s.lifted.Measurement, rules)
	return s, nil
}

// onlyScanned refuses what speaks of drawing.
func (o *sealMakeOptions) onlyScanned() error {
	given := map[string]bool{
		"--emblem": o.emblem != "", "--emblem-size": o.emblemSize != 0, "--minority": o.minority != "", "--intaglio": o.intaglio, "--number": o.number != 0,
		"--tax-number": o.tax != "", "--code-on-seal": o.codeOnSeal != "", "--font": len(o.faces) > 0,
	}
	for _, name := range []string{"--emblem", "--emblem-size", "--minority", "--intaglio", "--number", "--tax-number", "--code-on-seal", "--font"} {
		if given[name] {
			return usage(name+" 用于绘制印章，不能与 --image 同时使用：图像取自扫描图，原样保留", name+" is for drawing a seal and not for --image: a picture off a scan stays as it is")
		}
	}
	if o.dpi < 0 || o.dpi > 0 && (o.diameter > 0 || o.size != "") {
		return usage("--dpi 与 --diameter、--size 只能给出一个，且须大于 0：都是说明印迹有多大", "--dpi, --diameter and --size all say how large the print is: give one of them, above 0")
	}
	return nil
}

// kept are the files beside the seal that keep the scan and what was done with it.
func (s *scanned) kept(out string) (source, record string) {
	base := strings.TrimSuffix(out, filepath.Ext(out)) + ".source."
	return base + s.scan.Format, base + "json"
}

// free holds, before a key is used, that nothing of what will be written is there yet.
func (s *scanned) free(o *outOptions) error {
	source, record := s.kept(o.out)
	for _, path := range []string{o.out, source, record} {
		if path == s.path {
			return usage("--image 与要写的文件同名：“"+path+"”，请换一个 --out", "--image is a file to be written, “"+path+"”: name another --out")
		}
		if _, err := os.Lstat(path); !o.force && !errors.Is(err, fs.ErrNotExist) {
			return outputExists(path, err)
		}
	}
	return nil
}

// keep writes the scan and the record of what was done; the seal itself comes last, so that no seal is there without them.
func (s *scanned) keep(o *outOptions, esl []byte) error {
	source, record := s.kept(o.out)
	if err := o.writeTo(source, bytesTo(source, s.data)); err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s.view(o.out, source, esl)); err != nil {
		return fmt.Errorf("write the record of the scan: %w", err)
	}
	return o.writeTo(record, bytesTo(record, b.Bytes()))
}

// scanRecord is the JSON kept beside a seal whose picture was taken off a scan.
type scanRecord struct {
	Seal struct {
		File string `json:"file"`
		SM3  string `json:"sm3"`
	} `json:"seal"`
	Source struct {
		File   string  `json:"file"`
		Format string  `json:"format"`
		Bytes  int     `json:"bytes"`
		SM3    string  `json:"sm3"`
		Width  int     `json:"widthPx"`
		Height int     `json:"heightPx"`
		DPI    float64 `json:"dpi,omitempty"` // as the file says
	} `json:"source"`
	Picture pictureView `json:"picture"`
	Print   struct {
		SizeFrom string      `json:"sizeFrom"`             // option, dpi-option or file: by what pixels became millimetres
		Measured *[2]float64 `json:"measuredMm,omitempty"` // on the paper, before it was set to whole millimetres
		PerMM    float64     `json:"pixelsPerMm"`
		Turned   float64     `json:"turnedDegrees"`
		Off      float64     `json:"turnedOff"`
		By       scan.Sign   `json:"turnedBy"`
		Open     bool        `json:"uprightOpen"` // nothing says which side is up
		Ink      string      `json:"ink"`
		Paper    string      `json:"paper"`
		Covered  float64     `json:"coveredShare"` // lay under black print and was filled in from beside it
		Specks   int         `json:"specksRemoved"`
	} `json:"print"`
	Verdict gauge.State `json:"verdict"`
	Rules   []ruleView  `json:"rules"`
}

func (s *scanned) view(out, source string, esl []byte) scanRecord {
	var r scanRecord
	r.Seal.File, r.Seal.SM3 = filepath.Base(out), sm3Hex(esl)
	b := s.scan.Image.Bounds()
	r.Source.File, r.Source.Format, r.Source.Bytes, r.Source.SM3 = filepath.Base(source), s.scan.Format, len(s.data), sm3Hex(s.data)
	r.Source.Width, r.Source.Height, r.Source.DPI = b.Dx(), b.Dy(), s.scan.DPI
	r.Picture = viewPicture(s.picture)
	l := s.lifted
	p := &r.Print
	p.SizeFrom, p.PerMM, p.Turned, p.Off, p.By, p.Open = s.size, l.Resolution, l.Turn.Degrees, l.Turn.Off, l.Turn.By, l.Turn.Open
	if l.Measured != [2]float64{} {
		p.Measured = &l.Measured
	}
	p.Ink, p.Paper, p.Covered, p.Specks = hexColour(l.Ink), hexColour(l.Paper), l.Covered, l.Specks
	r.Verdict, r.Rules = gauge.Verdict(s.list), viewRules(s.list)
	return r
}

// scanWords says what was done with the scan and which rules the picture keeps.
func (a *app) scanWords(s *scanned, out string) error {
	l := s.lifted
	source, _ := s.kept(out)
	w := sheet{app: a}
	w.add("扫描件", "Scan", a.say("%s，SM3 %s；原样存为 %s", "%s, SM3 %s; kept as %s"), plain(s.path), sm3Hex(s.data), plain(source))
	size := fmt.Sprintf("%d × %d mm", l.Width, l.Height)
	if l.Measured != [2]float64{} {
		size = fmt.Sprintf(a.say("量得 %.2f × %.2f mm，取为 %s", "%.2f × %.2f mm on the paper, set to %s"), l.Measured[0], l.Measured[1], size)
	}
	w.add("大小", "Size", "%s", size)
	w.add("转正", "Turned", "%s", a.turnWords(l))
	w.add("清理", "Cleaned", a.say("去除斑点 %d 处；%.1f%% 的面积在黑色文字下，由旁边补出", "%d specks removed; %.1f %% of the seal lay under black print and was filled in from beside it"), l.Specks, 100*l.Covered)
	w.findings(s.list)
	if gauge.Verdict(s.list) != gauge.Kept {
		a.warn([]fault.Public{{ZH: "图像与规定或惯例有不符或未能测得的项目（见上），仍按扫描图制章：请确认扫描的是该类印章",
			EN: "the picture differs from what is usual or prescribed, or could not be measured (see the list); the seal was made with it all the same: make sure that it is of this kind"}})
	}
	return w.print()
}

func (a *app) turnWords(l *scan.Lifted) string {
	t := l.Turn
	by := map[scan.Sign]string{scan.Star: a.say("五角星", "its star"), scan.Axes: a.say("椭圆的轴", "its axes"), scan.Sides: a.say("四边", "its sides"), scan.Text: a.say("边缘文字", "the text along its border")}
	switch {
	case t.By == scan.Told:
		return fmt.Sprintf(a.say("%.1f°（--rotate）", "%.1f° (--rotate)"), t.Degrees)
	case t.By == scan.Nothing:
		return a.say("看不出印迹转了多少，保持原样；请看一看，必要时用 --rotate 指定", "not: nothing tells how far the print is turned; look at it, and give --rotate where it matters")
	case t.Open:
		return fmt.Sprintf(a.say("%.1f° ±%.1f°（按%s）；哪一边朝上看不出来，取最近的，请看一看，必要时用 --rotate 指定",
			"%.1f° ±%.1f° (by %s); which side is up it does not say, and the nearest was taken: look at it, and give --rotate where it matters"), t.Degrees, t.Off, by[t.By])
	}
	return fmt.Sprintf(a.say("%.1f° ±%.1f°（按%s）", "%.1f° ±%.1f° (by %s)"), t.Degrees, t.Off, by[t.By])
}

func hexColour(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
