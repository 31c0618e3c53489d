package pdf

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"yinxin/document"
)

// bboxWord is a word that pdftotext -bbox tells, in mm.
type bboxWord struct {
	x0, y0, x1, y1 float64
	text           string
}

func bboxWords(t *testing.T, page string) (out []bboxWord) {
	t.Helper()
	form := regexp.MustCompile(`<word xMin="([^"]+)" yMin="([^"]+)" xMax="([^"]+)" yMax="([^"]+)">(.*)</word>`)
	for _, m := range form.FindAllStringSubmatch(page, -1) {
		var n [4]float64
		for i := range n {
			v, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			n[i] = v * mmPerPoint
		}
		out = append(out, bboxWord{n[0], n[1], n[2], n[3], html.UnescapeString(m[5])})
	}
	return out
}

// in reports whether a run holds the word: its characters, its breadth, and the middle of its height.
func (w bboxWord) in(r document.Run) bool {
	const most = 0.5
	middle := (w.y0 + w.y1) / 2
	return strings.Contains(r.Text, w.text) && w.x0 > r.X-most && w.x1 < r.X+r.Width+most && middle > r.Y && middle < r.Y+r.Height
}
