package doctype

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/codes"
)

// face is a form that was filled in: cells, of which some are labels and others what stands under them.
type face struct {
	cells  []faceCell // by page, line, and from the left
	begins map[rune][]beginning
	steps  int // left; a form takes a few thousand
}

// mostSteps bounds the work on one face: who fills it with beginnings of the same value gets no answer.
const mostSteps = 3 << 20

type faceCell struct {
	cell
	page  int
	line  int // of all pages
	right int // the next cell of the line, or -1
	used  bool
}

// beginning is a place at which a value may begin: at a cell, behind the label in it, or at a day in it.
type beginning struct{ cell, at int }

func newFace(sheets []sheet) *face {
	f := &face{begins: map[rune][]beginning{}, steps: mostSteps}
	line := 0
	for _, s := range sheets {
		for _, cells := range s.lines {
			for i, c := range cells {
				right := len(f.cells) + 1
				if i+1 == len(cells) {
					right = -1
				}
				f.cells = append(f.cells, faceCell{cell: c, page: s.number, line: line, right: right})
			}
			line++
		}
	}
	for i := range f.cells {
		f.begin(i)
	}
	return f
}

func (f *face) begin(i int) {
	text := f.cells[i].text
	places := []int{0}
	if _, value, ok := labelled(text); ok {
		places = append(places, len(text)-len(value))
	}
	if found := days(text); len(found) > 0 && found[0].from > 0 && isLabel(text[:found[0].from]) {
		places = append(places, found[0].from)
	}
	for k, at := range places {
		if first, n := utf8.DecodeRuneInString(text[at:]); n > 0 && (k == 0 || at != places[k-1]) {
			f.begins[first] = append(f.begins[first], beginning{i, at})
		}
	}
}

// linesBelow is how many lines a value is followed downwards at each step, past what stands in other columns.
const linesBelow = 12

// below finds the next cell under one, within so many of its heights, that fits; or -1.
func (f *face) below(i int, heights float64, fits func(upper, lower cell) bool) int {
	upper := &f.cells[i]
	for k := i + 1; k < len(f.cells) && f.steps > 0; k++ {
		f.steps--
		lower := &f.cells[k]
		if lower.page != upper.page || lower.line > upper.line+linesBelow || lower.y-upper.y > heights*upper.height {
			break
		}
		if lower.line > upper.line && fits(upper.cell, lower.cell) {
			return k
		}
	}
	return -1
}

// continues reports whether a cell may go on with what stands above it: it begins or is centred at the same place.
func continues(upper, lower cell) bool {
	return math.Abs(upper.x-lower.x) <= 1.5 || math.Abs(upper.x+upper.width/2-lower.x-lower.width/2) <= 1.5
}

func overlaps(upper, lower cell) bool {
	return lower.x < upper.x+upper.width && upper.x < lower.x+lower.width
}

// mark finds a text, folded, on the face and marks the cells that it fills, all of them as often as it stands there. It may go on below.
func (f *face) mark(text string) (found bool) {
	first, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return false
	}
	for _, b := range f.begins[first] {
		path := f.follow(b, text)
		for _, i := range path {
			f.cells[i].used = true
		}
		found = found || len(path) > 0
	}
	return found
}

// follow returns the cells that a text fills from a beginning, nil where it stands not there.
func (f *face) follow(b beginning, text string) []int {
	var path []int
	for i, part := b.cell, f.cells[b.cell].text[b.at:]; f.steps > 0; part = f.cells[i].text {
		f.steps--
		rest, ok := strings.CutPrefix(text, part)
		if !ok || len(path) >= 60 {
			return nil
		}
		path = append(path, i)
		if text = rest; text == "" {
			return path
		}
		if i = f.below(i, 2.2, continues); i < 0 {
			return nil
		}
	}
	return nil
}

// knownLabels are the labels that licences have in common. Text is in the folded form.
func knownLabels() map[string]Key {
	labels := map[string]Key{}
	for key, words := range map[Key]string{
		KeyNumber:     "证照标识 电子证照标识 电子证照标识码 证照标识码 证照编号 许可证编号 许可证号 证书编号 编号 证号",
		KeyIssuer:     "登记机关 发证机关 发证机构 发证部门 发证单位 颁发机关 颁发机构 核发机关 签发机关 审批机关 颁证机关",
		KeyDate:       "签发日期 发证日期 颁发日期 核发日期 核准日期 登记日期 发照日期 制证日期 发证时间",
		KeyUntil:      "有效期 有效期至 有效期限 有效期限至 有效期止 有效日期 营业期限 经营期限",
		KeyHolder:     "名称 企业名称 单位名称 机构名称 法人名称 字号名称 持证主体 持证人 经营者名称 主体名称",
		KeyHolderCode: "统一社会信用代码 社会信用代码 统一社会信用代码/注册号 统一社会信用代码(纳税人识别号)",
	} {
		for _, w := range strings.Fields(words) {
			labels[w] = key
		}
	}
	return labels
}

// printed reads what stands under the labels that licences have, the first of each; seen are all those labels, also where nothing stands under one.
func (f *face) printed() (found map[Key]Printed, seen map[Key]bool) {
	labels := knownLabels()
	found, seen = map[Key]Printed{}, map[Key]bool{}
	for i := range f.cells {
		label, value := f.under(i, labels)
		if label == "" {
			continue
		}
		key := labels[label]
		seen[key] = true
		if _, has := found[key]; !has && value != "" {
			found[key] = Printed{Label: label, Value: value, Page: f.cells[i].page}
		}
	}
	if p, has := found[KeyNumber]; !has || !strings.Contains(p.Label, "标识") {
		for _, c := range f.cells { // an identifier often stands by itself at an edge
			if strings.HasPrefix(c.text, codes.LicenceRoot) && isIdentifier(c.text) {
				found[KeyNumber], seen[KeyNumber] = Printed{Label: "证照标识", Value: c.text, Page: c.page}, true
				break
			}
		}
	}
	return found, seen
}

// under reads a cell as a known label, and what is said under it: behind it in the cell, to its right, or below. A label is empty where the cell is none.
func (f *face) under(i int, labels map[string]Key) (label, value string) {
	c := &f.cells[i]
	label, value, parted := labelled(c.text)
	if key, known := labels[label]; parted && known && value != "" {
		return label, f.whole(i, key, value)
	}
	if parted && value != "" {
		return "", ""
	}
	if !parted {
		label, value = labelBefore(c.text, labels)
	}
	key, known := labels[label]
	switch {
	case !known:
		return "", ""
	case value != "":
		return label, f.whole(i, key, value)
	}
	for _, at := range []int{c.right, f.below(i, 4, overlaps)} {
		if at < 0 || at != c.right && key == KeyHolder { // what stands under 名称 is a column of a table
			continue
		}
		if text := f.cells[at].text; labels[text] == "" && looksLike(key, text) {
			return label, f.whole(at, key, text)
		}
	}
	return label, ""
}

// labelBefore parts a label from what follows it without a sign: 核准日期2026年3月18日, 发证机关示例市数据局.
func labelBefore(text string, labels map[string]Key) (label, value string) {
	if labels[text] != "" {
		return text, ""
	}
	for at := range text {
		if key := labels[text[:at]]; key != "" && looksLike(key, text[at:]) {
			label, value = text[:at], text[at:]
		}
		if at > 60 {
			break
		}
	}
	return label, value
}

// looksLike reports whether a text can be what stands under a label, where nothing but its place says so.
func looksLike(key Key, text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	switch key {
	case KeyIssuer, KeyHolder:
		return bodyPattern.MatchString(text) && !strings.ContainsAny(text, "。,;:")
	case KeyDate:
		return len(days(text)) == 1
	case KeyUntil:
		return len(days(text)) > 0 || strings.Contains(text, "长期")
	}
	return first < 0x80 && (unicode.IsDigit(first) || unicode.IsUpper(first))
}

// whole adds what goes on behind or below: an identifier is broken behind a dot, a period has its last day in a cell of its own.
func (f *face) whole(at int, key Key, value string) string {
	whole := value
	switch key {
	case KeyNumber:
		for n := 0; n < 3 && at >= 0 && !isIdentifier(whole); n++ {
			if at = f.below(at, 2.2, continues); at >= 0 {
				whole += f.cells[at].text
			}
		}
		if !isIdentifier(whole) {
			return value
		}
	case KeyUntil:
		for at = f.cells[at].right; at >= 0; at = f.cells[at].right {
			if text := f.cells[at].text; len(days(text)) > 0 || text == "至" || text == "长期" {
				whole += text
			} else {
				break
			}
		}
	}
	return whole
}

const mostPairs = 200

func isIdentifier(s string) bool {
	_, err := codes.ParseLicenceID(s)
	return err == nil
}

// pair is a label with something beside it.
type pair struct{ label, value string }

// unmarked lists the labels that have something beside them, both of which nothing accounts for.
func (f *face) unmarked() []pair {
	var list []pair
	for i := 0; i < len(f.cells) && len(list) < mostPairs; i++ {
		c := &f.cells[i]
		if c.used {
			continue
		}
		if label, value, ok := labelled(c.text); ok && value != "" {
			list = append(list, pair{label, value})
			continue
		}
		label := strings.TrimSuffix(c.text, ":")
		if c.right >= 0 && !f.cells[c.right].used && isLabel(label) {
			list = append(list, pair{label, f.cells[c.right].text})
			i = c.right
		}
	}
	return list
}
