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
	theirs := face.slots()
	for i, s := range data.slots() {
		c.hold(s, theirs[i], s.id)
	}
	if a, b := len(data.Items), len(face.Items); a != b && a > 0 && b > 0 {
		counted = append(counted, finding("invoice-lines-count", Fail, complaint{field: "items",
			zh: fmt.Sprintf("%s 有 %d 行明细，%s 有 %d 行", data.Part, a, face.Part, b), en: fmt.Sprintf("%s has %d lines, %s has %d", data.Part, a, face.Part, b)}))
	}
	for i := range min(len(data.Items), len(face.Items)) {
		theirs := face.Items[i].slots(i + 1)
		for j, s := range data.Items[i].slots(i + 1) {
			c.hold(s, theirs[j], "items")
		}
	}
	list := slices.Concat(findings("invoice-face-differs", Fail, c.differs), counted, findings("invoice-face-unread", Undecided, c.unread))
	if c.compared == 0 {
		list = append(list, finding("invoice-nothing-compared", Undecided, complaint{
			zh: fmt.Sprintf("%s 与 %s 没有可以对照的字段", data.Part, face.Part), en: fmt.Sprintf("%s and %s have no field that could be compared", data.Part, face.Part)}))
	}
	return list
}

type comparison struct {
	differs, unread []complaint
	compared        int
}

func (c *comparison) hold(ours, theirs slot, field string) {
	a, b := ours.get(), theirs.get()
	if a.state == Missing || b.state == Missing || a.state == Empty && b.state == Empty {
		return
	}
	if a.state == Unreadable || a.state == Repeated || b.state == Unreadable || b.state == Repeated {
		zh, en := ours.names()
		c.unread = append(c.unread, complaint{field: field, places: places(a, b),
			zh: zh + "在其中一处无法读取，未能对照", en: fmt.Sprintf("the %s could not be read in one of the two places and was not compared", en)})
		return
	}
	c.compared++
	if a.value != b.value || a.state != b.state {
		zh, en := ours.names()
		c.differs = append(c.differs, complaint{field: field, places: places(a, b),
			zh: fmt.Sprintf("%s在 %s 中为 %q，在 %s 中为 %q", zh, a.from.Part, excerpt(a.raw), b.from.Part, excerpt(b.raw)),
			en: fmt.Sprintf("the %s is %q in %s, but %q in %s", en, excerpt(a.raw), a.from.Part, excerpt(b.raw), b.from.Part)})
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
