package measure

import (
	"fmt"
	"math"
)

// starred are the rules of seals with a star in the centre.
func starred() []Rule {
	return []Rule{
		centre("五角星", "star", func(m *Measurement) bool { return m.Star != nil }),
		{
			Code: "star-position", Name: Words{"五角星偏离中心", "star off the centre by"}, Source: order1999, Unit: mm, Tolerance: 0.5,
			Want: Words{"0 mm", "0 mm"},
			read: func(m *Measurement) reading {
				if m.Star == nil {
					return reading{}
				}
				return reading{Value: Value{math.Hypot(m.Star.X.Is, m.Star.Y.Is), m.Star.X.Off}}
			},
		},
	}
}

func emblemed() Rule {
	r := centre("国徽（是否国徽须由人辨认）", "emblem (whether it is the state emblem is for people to see)", func(m *Measurement) bool { return m.Emblem })
	r.Name = Words{"中央图案", "centre"}
	return r
}

func anyCentre() Rule {
	return centre("五角星或国徽", "star or emblem", func(m *Measurement) bool { return m.Star != nil || m.Emblem })
}

func centre(zh, en string, right func(*Measurement) bool) Rule {
	return Rule{
		Code: "centre", Name: Words{"中央图案", "centre"}, Source: order1999, Essential: true, Min: 1, Max: 1, Tolerance: 0.1, Want: Words{zh, en},
		read: func(m *Measurement) reading {
			if m.Shape != Round {
				return reading{}
			}
			return yes(right(m), centreWords(m))
		},
	}
}

func centreWords(m *Measurement) Words {
	switch {
	case m.Star != nil:
		return Words{"五角星", "star"}
	case m.Emblem:
		return Words{"非五角星的图案", "something other than a star"}
	}
	return Words{"空白", "nothing"}
}

func noStar() Rule {
	return Rule{
		Code: "centre", Name: Words{"中央图案", "centre"}, Source: custom, Custom: true, Min: 1, Max: 1, Tolerance: 0.1, Want: Words{"无五角星", "no star"},
		read: func(m *Measurement) reading {
			if m.Shape == Unknown {
				return reading{}
			}
			if m.Star != nil {
				return yes(false, centreWords(m))
			}
			return yes(true, Words{"无五角星", "no star"})
		},
	}
}

func starSize() Rule {
	return Rule{
		Code: "star-size", Name: Words{"五角星直径", "star's diameter"}, Source: custom, Custom: true, Unit: mm, Min: 13, Max: 16, Tolerance: 0.5,
		Want: Words{"约 14 mm（13–16）", "about 14 mm (13–16)"},
		read: func(m *Measurement) reading {
			if m.Star == nil {
				return reading{}
			}
			return reading{Value: m.Star.Diameter}
		},
	}
}

func lineBelow() Rule {
	return Rule{
		Code: "purpose", Name: Words{"星下用途文字", "purpose below the star"}, Source: order1999, Min: 1, Max: 1, Tolerance: 0.1,
		Want: Words{"有（区别于法定名称章）", "there (a special seal differs from the main one)"},
		read: func(m *Measurement) reading {
			if m.Shape != Round {
				return reading{}
			}
			if len(m.Lines) == 0 {
				return yes(false, Words{"无", "none"})
			}
			return yes(true, Words{"有", "there"})
		},
	}
}

// invoice are the measures of 国家税务总局公告2011年第7号.
func invoice() []Rule {
	border := between("border", 1, 1)
	border.Source, border.Custom, border.Want = notice2011, false, Words{"1 mm", "1 mm"}
	size := sized(notice2011, [2]float64{40, 30})
	shape := shaped(Oval)
	shape.Source, shape.Custom = notice2011, false
	ring := func(read func(*Ring) Value) func(*Measurement) reading {
		return func(m *Measurement) reading {
			if m.Ring == nil {
				return reading{}
			}
			return reading{Value: read(m.Ring)}
		}
	}
	return []Rule{
		shape, size, border, single(), upright(), balanced(), red(notice2011),
		exact("name-gap", "名称距边框内缘", "name from the border", 0.5, 0.25, ring(func(r *Ring) Value { return r.Gap })),
		exact("name-height", "名称字高", "height of the name", 4.2, 0.35, ring(func(r *Ring) Value { return r.Height })),
		{
			Code: "name-arc", Name: Words{"名称环排角度", "arc of the name"}, Source: notice2011, Unit: degrees, Min: 210, Max: 260, Tolerance: 10,
			Want: Words{"210°–260°", "210°–260°"},
			// The rule means the characters' squares. Their ink ends before them by up to half the room between characters.
			read: ring(func(r *Ring) Value { return Value{r.End.Is - r.Start.Is, r.Start.Off + r.End.Off + r.Room} }),
		},
		exact("tax-position", "税号中线距中心", "taxpayer's number, middle from the centre", 0, 0.3, taxLine(func(l Line) Value {
			return Value{l.Top.Is + l.Height.Is/2, l.Top.Off}
		})),
		exact("tax-height", "税号字高", "height of the taxpayer's number", 3.7, 0.3, taxLine(func(l Line) Value { return l.Height })),
		exact("tax-width", "18 位税号总宽", "width of the taxpayer's number of 18", 26, 0.6, taxWidth),
		exact("tax-digit", "税号数字宽", "width of a digit of it", 1.3, 0.25, digitWidth),
		exact("purpose-position", "“发票专用章”顶距中心线", "发票专用章, its top below the centre line", 4.2, 0.3, lineFrom(2.9, 7, func(l Line) Value { return l.Top })),
		exact("purpose-height", "“发票专用章”字高", "height of 发票专用章", 4.6, 0.3, lineFrom(2.9, 7, func(l Line) Value { return l.Height })),
		exact("number-position", "编号顶距中心线", "number, its top below the centre line", 10, 0.3, lineFrom(9, 13, func(l Line) Value { return l.Top })),
		exact("number-height", "编号字高", "height of the number", 2.2, 0.3, lineFrom(9, 13, func(l Line) Value { return l.Height })),
		face("仿宋（名称、“发票专用章”），Arial（数字）", "FangSong (name, 发票专用章), Arial (digits)", notice2011),
	}
}

func exact(code, zh, en string, want, tolerance float64, read func(*Measurement) reading) Rule {
	w := fmt.Sprintf("%g mm", want)
	return Rule{Code: code, Name: Words{zh, en}, Source: notice2011, Unit: mm, Min: want, Max: want, Tolerance: tolerance, Want: Words{w, w}, read: read}
}

// lineFrom reads the line of text whose top lies between two depths below the centre.
func lineFrom(low, high float64, read func(Line) Value) func(*Measurement) reading {
	return func(m *Measurement) reading {
		for _, l := range m.Lines {
			if m.Shape == Oval && l.Top.Is >= low && l.Top.Is < high {
				return reading{Value: read(l)}
			}
		}
		return reading{}
	}
}

func taxLine(read func(Line) Value) func(*Measurement) reading { return lineFrom(-4, 0, read) }

// taxWidth is for numbers of 18: where the digits run together, they cannot be counted, and another width may be that of another count.
func taxWidth(m *Measurement) reading {
	return taxLine(func(l Line) Value {
		if l.Pieces != 18 && (l.Pieces >= 15 || math.Abs(l.Width.Is-26) > 0.6+l.Width.Off) {
			return Value{}
		}
		return l.Width
	})(m)
}

func digitWidth(m *Measurement) reading {
	return taxLine(func(l Line) Value {
		if l.Pieces < 15 || l.Pieces > 20 {
			return Value{}
		}
		return l.Widest
	})(m)
}
