package measure

import (
	"fmt"
	"math"
	"strings"

	"yinxin/seal/draw"
)

// Where rules come from.
var (
	order1999  = Words{"国发〔1999〕25号", "国发〔1999〕25号"}
	notice2011 = Words{"国家税务总局公告2011年第7号", "国家税务总局公告2011年第7号"}
	custom     = Words{"刻制惯例", "custom of engravers"}
)

const (
	mm      = "mm"
	degrees = "°"
)

// Rules returns the rules for a kind of seal, and for an agency's level where one is given; ok is false for a kind or level that does not exist.
func Rules(k draw.Kind, level draw.Level) (rules []Rule, ok bool) {
	switch k {
	case draw.Agency:
		if rules, ok = agency(level); !ok {
			return nil, false
		}
	case draw.Institution, draw.Society, draw.PrivateNonEnterprise, draw.Branch, draw.Department:
		rules = append(round(atMost(45), between("border", 1.0, 1.2)), starred()...)
	case draw.LegalName:
		rules = append(append(round(atMost(45), between("border", 1.0, 1.2)), starred()...), starSize())
	case draw.Business, draw.Finance:
		rules = append(append(round(diameters(38, 40), between("border", 1.0, 1.2)), starred()...), lineBelow())
	case draw.Contract:
		rules = append(append(round(diameters(38, 42), between("border", 1.0, 1.2)), starred()...), lineBelow())
	case draw.ForeignInvested:
		rules = []Rule{shaped(Oval), sized(custom, [2]float64{45, 30}), between("border", 1.0, 1.2), single(), noStar(), upright(), balanced(), red(custom), face("宋体", "Song", custom)}
	case draw.Invoice:
		rules = invoice()
	case draw.LegalRepresentative:
		rules = named([2]float64{20, 20}, [2]float64{18, 18})
	case draw.Personal:
		rules = named([2]float64{20, 20}, [2]float64{18, 18}, [2]float64{16, 16}, [2]float64{20, 10}, [2]float64{10, 20})
	default:
		return nil, false
	}
	return rules, level == "" || k == draw.Agency
}

func agency(level draw.Level) ([]Rule, bool) {
	border := between("border", 1.0, 1.2)
	if level == "" {
		r := round(diameters(42, 60), border)
		r[1].Source, r[1].Custom = order1999, false
		return append(r, anyCentre()), true
	}
	diameter, emblem, ok := level.Usual()
	if !ok {
		return nil, false
	}
	size := atMost(45)
	if level != draw.Subordinate {
		size = diameters(diameter, diameter)
		size.Source, size.Custom = order1999, false
	}
	if emblem {
		return append(round(size, border), emblemed()), true
	}
	return append(round(size, border), starred()...), true
}

// round are the rules of all round seals.
func round(size, border Rule) []Rule {
	return []Rule{shaped(Round), size, even(), border, single(), upright(), balanced(), red(custom), face("宋体", "Song", order1999), direction()}
}

func named(sizes ...[2]float64) []Rule {
	return []Rule{shaped(Rectangle), sized(custom, sizes...), upright(), red(custom)}
}

func shaped(want Shape) Rule {
	source := map[Shape]Words{Round: order1999, Oval: custom, Rectangle: custom}[want]
	return Rule{
		Code: "shape", Name: Words{"形状", "shape"}, Source: source, Custom: source == custom, Essential: true, Min: 1, Max: 1, Tolerance: 0.1,
		Want: shapeWords(want),
		read: func(m *Measurement) reading {
			if m.Shape == Unknown {
				return reading{}
			}
			return yes(m.Shape == want, shapeWords(m.Shape))
		},
	}
}

func shapeWords(s Shape) Words {
	return map[Shape]Words{Round: {"圆形", "round"}, Oval: {"椭圆形", "oval"}, Rectangle: {"矩形", "rectangular"}}[s]
}

func yes(v bool, w Words) reading {
	r := reading{Value{0, 0.01}, w}
	if v {
		r.Is = 1
	}
	return r
}

func diameters(low, high float64) Rule {
	want := fmt.Sprintf("%g–%g mm", low, high)
	if low == high {
		want = fmt.Sprintf("%g mm", low)
	}
	return Rule{
		Code: "size", Name: Words{"直径", "diameter"}, Source: custom, Custom: true, Essential: true, Unit: mm, Min: low, Max: high, Tolerance: 0.5,
		Want: Words{want, want},
		read: func(m *Measurement) reading {
			if m.Shape != Round {
				return reading{}
			}
			return reading{Value: Value{(m.Width.Is + m.Height.Is) / 2, m.Width.Off}}
		},
	}
}

func atMost(high float64) Rule {
	r := diameters(draw.MinSide, high)
	r.Source, r.Custom = order1999, false
	r.Want = Words{fmt.Sprintf("不大于 %g mm", high), fmt.Sprintf("at most %g mm", high)}
	return r
}

// sized asks for one of some sizes; what is measured is how far the nearest one is.
func sized(source Words, sizes ...[2]float64) Rule {
	list := make([]string, len(sizes))
	for i, s := range sizes {
		list[i] = fmt.Sprintf("%g × %g", s[0], s[1])
	}
	return Rule{
		Code: "size", Name: Words{"尺寸", "size"}, Source: source, Custom: source == custom, Essential: true, Unit: mm, Tolerance: 0.5,
		Want: Words{strings.Join(list, "、") + " mm", strings.Join(list, ", ") + " mm"},
		read: func(m *Measurement) reading {
			if m.Shape == Unknown {
				return reading{}
			}
			nearest := math.Inf(1)
			for _, s := range sizes {
				nearest = min(nearest, max(math.Abs(m.Width.Is-s[0]), math.Abs(m.Height.Is-s[1])))
			}
			w := fmt.Sprintf("%.2f × %.2f mm ±%.2f", m.Width.Is, m.Height.Is, m.Width.Off)
			return reading{Value{nearest, m.Width.Off}, Words{w, w}}
		},
	}
}

func even() Rule {
	return Rule{
		Code: "roundness", Name: Words{"宽高之差", "width less height"}, Source: order1999, Unit: mm, Tolerance: 0.5, Want: Words{"0 mm", "0 mm"},
		read: func(m *Measurement) reading {
			if m.Shape != Round {
				return reading{}
			}
			return reading{Value: Value{m.Width.Is - m.Height.Is, m.Width.Off}}
		},
	}
}

func between(code string, low, high float64) Rule {
	want := fmt.Sprintf("%.1f–%.1f mm", low, high)
	return Rule{
		Code: code, Name: Words{"边框宽", "border"}, Source: custom, Custom: true, Essential: true, Unit: mm, Min: low, Max: high, Tolerance: 0.15,
		Want: Words{want, want},
		read: func(m *Measurement) reading {
			if len(m.Borders) == 0 {
				return reading{}
			}
			return reading{Value: m.Borders[0]}
		},
	}
}

func single() Rule {
	return Rule{
		Code: "borders", Name: Words{"边框数", "borders"}, Source: custom, Custom: true, Min: 1, Max: 1, Tolerance: 0.1, Want: Words{"1 道", "1"},
		read: func(m *Measurement) reading {
			n := len(m.Borders)
			if n == 0 {
				return reading{}
			}
			return reading{Value{float64(n), 0.01}, Words{fmt.Sprintf("%d 道", n), fmt.Sprint(n)}}
		},
	}
}

func upright() Rule {
	return Rule{
		Code: "upright", Name: Words{"端正（转角）", "upright (turned by)"}, Source: custom, Custom: true, Unit: degrees, Tolerance: 2, Want: Words{"0°", "0°"},
		read: func(m *Measurement) reading { return reading{Value: m.Tilt} },
	}
}

// balanced holds that the arc of text ends equally far down on both sides. First and last character differ in how they fill their squares.
func balanced() Rule {
	return Rule{
		Code: "arc-balance", Name: Words{"文字弧左右对称（偏转）", "arc of text balanced (turned by)"}, Source: custom, Custom: true, Unit: degrees, Tolerance: 6,
		Want: Words{"0°", "0°"},
		read: func(m *Measurement) reading {
			if m.Ring == nil {
				return reading{}
			}
			return reading{Value: Value{(m.Ring.Start.Is + m.Ring.End.Is) / 2, m.Ring.Start.Off}}
		},
	}
}

func red(source Words) Rule {
	return Rule{
		Code: "colour", Name: Words{"颜色", "colour"}, Source: source, Custom: source == custom, Min: 1, Max: 1, Tolerance: 0.1, Want: Words{"红色", "red"},
		read: func(m *Measurement) reading {
			c := m.Colour
			if m.Shape == Unknown {
				return reading{}
			}
			hex := fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
			if c.Saturation >= 0.4 && math.Abs(math.Remainder(c.Hue, 360)) <= 20 {
				return yes(true, Words{"红色 " + hex, "red " + hex})
			}
			return yes(false, Words{"非红色 " + hex, "not red " + hex})
		},
	}
}

// face is about the typefaces of name and purpose, which only a comparison with fonts tells.
func face(zh, en string, source Words) Rule {
	return Rule{
		Code: "typeface", Name: Words{"字体", "typeface"}, Source: source, Custom: source == custom, Min: 1, Max: 1, Tolerance: 0.1, Want: Words{zh, en},
		read: func(m *Measurement) reading {
			if len(m.Faces) == 0 {
				return reading{words: Words{"须给出字体文件和文字才能比对", "needs fonts and the text to be compared with"}}
			}
			return compared(m.Faces)
		},
	}
}

// compared sums up what comparing with fonts gave: all alike is kept, one unlike differs, anything else is open.
func compared(faces []Face) reading {
	alike, unlike := true, false
	var zh, en []string
	for _, f := range faces {
		role := map[string]Words{"name": {"名称", "name"}, "purpose": {"用途", "purpose"}}[f.Role]
		if !f.Score.known() {
			alike = false
			zh, en = append(zh, role.ZH+"未能逐字分开"), append(en, role.EN+": characters cannot be told apart")
			continue
		}
		alike = alike && f.Score.Is >= sameFace
		unlike = unlike || f.Score.Is+f.Score.Off < otherFace && f.Score.Is > unread && f.Score.Off < uneven
		zh = append(zh, fmt.Sprintf("%s %d 字相似度 %.2f ±%.2f", role.ZH, f.Characters, f.Score.Is, f.Score.Off))
		en = append(en, fmt.Sprintf("%s: likeness %.2f ±%.2f over %d characters", role.EN, f.Score.Is, f.Score.Off, f.Characters))
	}
	w := Words{strings.Join(zh, "，"), strings.Join(en, ", ")}
	switch {
	case unlike:
		return yes(false, Words{"与所给字体不同：" + w.ZH, "not as the font given; " + w.EN})
	case alike:
		return yes(true, Words{"与所给字体相同：" + w.ZH, "as the font given; " + w.EN})
	}
	return reading{words: Words{"不能断定：" + w.ZH, "open; " + w.EN}}
}

// direction is a rule that no measuring answers.
func direction() Rule {
	return Rule{
		Code: "direction", Name: Words{"文字方向", "order of reading"}, Source: order1999, Want: Words{"自左而右环行", "around from left to right"},
		read: func(*Measurement) reading {
			return reading{words: Words{"须由人阅读", "for people to read"}}
		},
	}
}

func inWords(v Value, unit string) Words {
	if !v.known() {
		return Words{"未能测得", "not measured"}
	}
	s := fmt.Sprintf("%.2f %s ±%.2f", v.Is, unit, v.Off)
	if unit == degrees {
		s = fmt.Sprintf("%.1f° ±%.1f°", v.Is, v.Off)
	}
	return Words{s, s}
}
