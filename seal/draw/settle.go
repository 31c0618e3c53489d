package draw

import (
	"fmt"
	"image/color"
	"strings"
	"unicode"

	"yinxin/fault"
	"yinxin/font"
)

// settle fills in what the design leaves open and checks the rest.
func settle(d Design, fonts font.Stack) (*plan, error) {
	u, ok := usualOf(d.Kind)
	if !ok {
		return nil, wrong("未知的印章类型 "+string(d.Kind), "unknown kind of seal "+string(d.Kind))
	}
	p := &plan{Design: d, form: u.form}
	for _, stack := range []*font.Stack{&p.Faces.Name, &p.Faces.Purpose, &p.Faces.Digits} {
		if *stack == nil {
			*stack = fonts
		}
	}
	steps := []func(usual) error{p.settleLevel, p.settleSize, p.settleCentre, p.settleTexts, p.settleNumbers, p.settleStyle}
	for _, step := range steps {
		if err := step(u); err != nil {
			return nil, err
		}
	}
	return p, p.checkGlyphs()
}

// settleLevel turns an agency's level into its diameter.
func (p *plan) settleLevel(usual) error {
	if p.Level == "" {
		return nil
	}
	r, ok := rankOf(p.Level)
	switch {
	case !ok:
		return wrong("未知的机关级别 "+string(p.Level), "unknown level of an agency "+string(p.Level))
	case p.Kind != Agency:
		return wrong("级别仅用于机关印章（"+string(Agency)+"）", "a level is for seals of agencies ("+string(Agency)+")")
	case p.Width != 0 || p.Height != 0:
		return wrong("机关印章为圆形，不能指定宽、高", "a seal of an agency is round and has no width and height")
	case p.Diameter == 0:
		p.Diameter = r.diameter
	case p.Diameter != r.diameter && !(r.upTo > 0 && within(p.Diameter, MinSide, r.upTo)):
		return wrong(fmt.Sprintf("级别 %s 的印章直径为 %g 毫米（国发〔1999〕25号）", p.Level, max(r.diameter, r.upTo)),
			fmt.Sprintf("a seal of level %s has %g mm (国发〔1999〕25号)", p.Level, max(r.diameter, r.upTo)))
	}
	if r.emblem && p.Emblem == nil {
		return fault.New(fault.Invalid, "seal-emblem-needed",
			fmt.Sprintf("级别 %s 的印章中央为国徽。国徽图案受法律保护，本软件不附带：请用 --emblem 提供本单位依法持有的单色矢量图（SVG）。", p.Level),
			fmt.Sprintf("a seal of level %s has the state emblem in its centre; its artwork is protected by law and not part of this software: "+
				"give your own one-colour vector drawing (SVG) with --emblem", p.Level), nil)
	}
	if !r.emblem && p.Emblem != nil {
		return wrong("级别 "+string(p.Level)+" 的印章中央为五角星，不用徽标", "a seal of level "+string(p.Level)+" has a star in its centre, no emblem")
	}
	return nil
}

func (p *plan) settleSize(u usual) error {
	width, height := u.width, u.height
	switch {
	case p.form == formInvoice:
		if p.Diameter != 0 || p.Width != 0 || p.Height != 0 || p.Border != 0 || p.Star != 0 {
			return wrong("发票专用章的尺寸由国家税务总局公告2011年第7号规定，不能更改", "the measures of an invoice seal are fixed by its rule and cannot be changed")
		}
	case p.Diameter != 0 && (p.form != formRound || p.Width != 0 || p.Height != 0):
		return wrong("直径仅用于圆形印章，且不能与宽、高同时指定", "a diameter is for round seals, and excludes width and height")
	case p.Diameter != 0:
		width, height = p.Diameter, p.Diameter
	case p.Width != 0 || p.Height != 0:
		width, height = p.Width, p.Height
	}
	largest := MaxCommon
	if p.Kind == Agency {
		largest = MaxSide
	}
	if !within(width, MinSide, largest) || !within(height, MinSide, largest) {
		return wrong(fmt.Sprintf("此类印章各边须在 %g 至 %g 毫米之间", MinSide, largest), fmt.Sprintf("each side of such a seal is %g to %g mm", MinSide, largest))
	}
	if p.a, p.b = width/2, height/2; p.form == formRound && p.a != p.b {
		p.form = formOval
	}
	if p.Border == 0 {
		p.Border = u.border * min(1, max(width, height)/u.width)
	}
	if !within(p.Border, 0.2, min(width, height)/10) {
		return wrong("边框宽度须在 0.2 毫米至短边的十分之一之间", "the border is 0.2 mm to a tenth of the shorter side")
	}
	return nil
}

// settleCentre settles what stands in the centre of a round seal.
func (p *plan) settleCentre(u usual) error {
	d := 2 * p.a
	if p.Star != 0 && (p.form != formRound || p.Emblem != nil || !within(p.Star, 3, d/2)) {
		return wrong("五角星仅用于无徽标的圆形印章，直径须在 3 毫米至印章直径的一半之间", "a star is for round seals without an emblem, 3 mm to half the seal's diameter")
	}
	if p.Emblem == nil {
		if p.EmblemSize != 0 {
			return wrong("指定了徽标尺寸，却没有徽标", "an emblem's size is given and no emblem")
		}
		if p.Star == 0 && p.form == formRound {
			p.Star = u.star * d / u.width
		}
		return nil
	}
	if p.Kind != Agency || p.form != formRound {
		return wrong("徽标仅用于圆形机关印章；企业、事业单位、社会团体等的印章中央为五角星", "an emblem is for round seals of agencies; enterprises, institutions and societies have a star")
	}
	if p.EmblemSize == 0 {
		p.EmblemSize = emblemShare * d
	}
	if !within(p.EmblemSize, 5, d/2) {
		return wrong("徽标尺寸须在 5 毫米至印章直径的一半之间", "an emblem's size is 5 mm to half the seal's diameter")
	}
	return nil
}

func (p *plan) settleTexts(u usual) error {
	p.name = []rune(strings.TrimSpace(p.Name))
	if n := len(p.name); n < MinName || n > MaxName {
		return wrong(fmt.Sprintf("印章名称须为 %d 至 %d 个字", MinName, MaxName), fmt.Sprintf("a seal's name has %d to %d characters", MinName, MaxName))
	}
	if p.Purpose = strings.TrimSpace(p.Purpose); p.Purpose == "" {
		p.Purpose = u.purpose
		if p.form == formName && !p.oneLine() {
			p.Purpose = map[int]string{2: "之印", 3: "印"}[len(p.name)]
		}
	}
	if p.Purpose == Bare {
		p.Purpose = ""
	}
	if p.Purpose == "" && (p.Kind == Department || p.Kind == Business) {
		return wrong("须有星下一行文字：内设机构章为部门名称，业务专用章为用途", "the line below the star is needed: the department of a department's seal, the purpose of a business seal")
	}
	if len([]rune(p.Purpose)) > maxPurpose {
		return wrong(fmt.Sprintf("用途文字不能超过 %d 个字", maxPurpose), fmt.Sprintf("a purpose has at most %d characters", maxPurpose))
	}
	if strings.ContainsFunc(p.Name+p.Purpose, unicode.IsControl) {
		return wrong("印章文字中有控制字符", "the seal's text has control characters")
	}
	return nil
}

func (p *plan) settleNumbers(usual) error {
	if p.Number < 0 || p.Number > 999 || p.Number > 0 && p.form == formName {
		return wrong("印章序号须为 1 至 999，名章没有序号", "a seal's number is 1 to 999, and name seals have none")
	}
	if n := len(p.Code); n > 0 {
		if p.form != formRound && p.form != formOval {
			return wrong("印章编码仅刊于圆形和椭圆形印章，发票专用章和名章没有", "a code is for round and oval seals; invoice seals and name seals have none")
		}
		if n < MinCode || n > MaxCode || strings.Trim(p.Code, "0123456789") != "" {
			return wrong(fmt.Sprintf("印章编码须为 %d 至 %d 位数字", MinCode, MaxCode), fmt.Sprintf("a seal's code has %d to %d digits", MinCode, MaxCode))
		}
	}
	if p.form != formInvoice {
		if p.TaxNumber != "" {
			return wrong("纳税人识别号仅用于发票专用章", "a taxpayer's number is for invoice seals")
		}
		return nil
	}
	bad := func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') }
	if n := len(p.TaxNumber); n < 15 || n > 20 || strings.ContainsFunc(p.TaxNumber, bad) {
		return wrong("发票专用章须有 15 至 20 位数字或大写字母的纳税人识别号", "an invoice seal has a taxpayer's number of 15 to 20 digits and capital letters")
	}
	return nil
}

func (p *plan) settleStyle(usual) error {
	if p.Color == (color.NRGBA{}) {
		p.Color = Red
	}
	switch {
	case p.Color.A != 0xFF:
		return wrong("印章颜色不能透明", "the colour of a seal is opaque")
	case p.Intaglio && p.form != formName:
		return wrong("白文仅用于名章", "characters cut out of the ink are for name seals")
	case p.Minority != nil && p.form != formRound && p.form != formOval:
		return wrong("民族文字仅用于圆形和椭圆形印章，发票专用章和名章没有", "a minority's line is for round and oval seals; invoice seals and name seals have none")
	case p.MinorityPlace > Inside || p.MinorityPlace != Outside && p.Minority == nil:
		return wrong("指定了民族文字的位置，却没有民族文字", "a place is given for a minority's line and no line")
	}
	return nil
}

// checkGlyphs holds that every character is drawn by a font of its own role.
func (p *plan) checkGlyphs() error {
	purpose := p.Faces.Purpose
	if p.form == formName {
		purpose = p.Faces.Name
	}
	for _, t := range []struct {
		face font.Stack
		text string
	}{{p.Faces.Name, string(p.name)}, {purpose, p.Purpose}, {p.Faces.Digits, p.TaxNumber + numberText(p.Number) + p.Code}} {
		if err := t.face.Check(t.text); err != nil {
			return err
		}
	}
	return nil
}

func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("(%d)", n)
}

func within(v, low, high float64) bool { return v >= low && v <= high } // false for NaN

func wrong(zh, en string) error {
	return fault.New(fault.Invalid, "seal-design-invalid", "印章设计有误："+zh+"。请修改后重试。", "the seal's design is wrong: "+en+"; change it and try again", nil)
}

func tooLong(n int) error {
	return fault.New(fault.Invalid, "seal-name-too-long",
		fmt.Sprintf("印章名称共 %d 个字，在此尺寸的印面上无法清晰排列。请使用规范化简称，或加大印章尺寸。", n),
		fmt.Sprintf("the name of %d characters cannot be made legible on a seal of this size; use the registered short name or a larger seal", n), nil)
}
