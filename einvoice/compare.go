package einvoice

import (
	"fmt"
	"slices"
	"strings"
)

// Compare holds what one source says of an invoice (its data) against another (its face, its labels), field by field. Names are compared without
// spaces and full-width forms, numbers by their value. A field that only one source has is not compared; one that only one of them left empty
// differs; one that only one of them could be read from is Undecided, and so is a comparison in which nothing was compared.
//
// Codes: invoice-face-differs, invoice-face-unread, invoice-lines-count, invoice-nothing-compared.
func Compare(data, face *Invoice) []Finding {
	c, counted := comparison{}, []Finding(nil)
	c.zh[0], c.en[0] = data.Source.names()
	c.zh[1], c.en[1] = face.Source.names()
	theirs := face.slots()
	for i, s := range data.slots() {
		c.hold(s, theirs[i], s.id)
	}
	if a, b := len(data.Items), len(face.Items); a != b && a > 0 && b > 0 {
		counted = append(counted, finding("invoice-lines-count", Fail, complaint{field: "items",
			zh: fmt.Sprintf("%s有 %d 行明细，%s有 %d 行", c.zh[0], a, c.zh[1], b), en: fmt.Sprintf("there are %d lines %s, %d %s", a, c.en[0], b, c.en[1])}))
	}
	for i := range min(len(data.Items), len(face.Items)) {
		theirs := face.Items[i].slots(i + 1)
		for j, s := range data.Items[i].slots(i + 1) {
			c.hold(s, theirs[j], "items")
		}
	}
	list := slices.Concat(findings("invoice-face-differs", Fail, c.differs), counted, c.unreadable())
	if c.compared == 0 {
		list = append(list, finding("invoice-nothing-compared", Undecided, complaint{
			zh: fmt.Sprintf("%s与%s没有可以对照的字段", c.zh[0], c.zh[1]), en: fmt.Sprintf("nothing stands both %s and %s that could be compared", c.en[0], c.en[1])}))
	}
	return list
}

type comparison struct {
	zh, en   [2]string // what the two sources are called
	differs  []complaint
	compared int

	unread           complaint // of the fields that one of the two has and that cannot be read
	namesZH, namesEN []string
}

// unreadable is one finding for all fields that could not be compared.
func (c *comparison) unreadable() []Finding {
	if len(c.namesZH) == 0 {
		return nil
	}
	if len(c.namesZH) > 1 {
		c.unread.field = ""
	}
	c.unread.zh = fmt.Sprintf("%s或%s中有无法读取的项目，未能对照：%s", c.zh[0], c.zh[1], excerptList(c.namesZH, "、"))
	c.unread.en = fmt.Sprintf("what could not be read %s or %s was not compared: %s", c.en[0], c.en[1], excerptList(c.namesEN, ", "))
	return []Finding{finding("invoice-face-unread", Undecided, c.unread)}
}

// excerptList joins the first names of a list.
func excerptList(names []string, by string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], by) + "…"
	}
	return strings.Join(names, by)
}

func (c *comparison) hold(ours, theirs slot, field string) {
	a, b := ours.get(), theirs.get()
	if a.state == Missing || b.state == Missing || a.state == Empty && b.state == Empty {
		return
	}
	if a.state == Unreadable || a.state == Repeated || b.state == Unreadable || b.state == Repeated {
		zh, en := ours.names()
		c.namesZH, c.namesEN = append(c.namesZH, zh), append(c.namesEN, en)
		c.unread.field = field
		if len(c.unread.places) < mostSaid {
			c.unread.places = append(c.unread.places, places(a, b)...)
		}
		return
	}
	c.compared++
	if a.value != b.value || a.state != b.state {
		zh, en := ours.names()
		c.differs = append(c.differs, complaint{field: field, places: places(a, b),
			zh: fmt.Sprintf("%s在%s中为 %q，在%s中为 %q", zh, c.zh[0], excerpt(a.raw), c.zh[1], excerpt(b.raw)),
			en: fmt.Sprintf("the %s is %q %s, but %q %s", en, excerpt(a.raw), c.en[0], excerpt(b.raw), c.en[1])})
	}
}

// Several says that a file holds more than one invoice, and names them; nil for one or none. Whoever judges one of them judges only that one.
// Its code is invoice-several.
func Several(found []Invoice) []Finding {
	if len(found) < 2 {
		return nil
	}
	var numbers []string
	var at []Place
	for i := range found {
		n := found[i].Number
		if n.From != (Place{}) {
			at = append(at, n.From)
		}
		if len(numbers) < 10 {
			numbers = append(numbers, excerpt(n.Value))
		}
	}
	all := strings.Join(numbers, ", ")
	return []Finding{finding("invoice-several", Undecided, complaint{field: "number", places: at[:min(len(at), 10)],
		zh: fmt.Sprintf("一个文件中有 %d 张发票：%s", len(found), all), en: fmt.Sprintf("one file holds %d invoices: %s", len(found), all)})}
}
