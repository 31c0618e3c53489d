package draw

import (
	"math"

	"yinxin/font"
)

// strokeWeight is how far seal letters are thickened on each side, as a share of their height: seals are cut heavier than a text face, and letters
// made narrow would lose their hairlines in print.
const strokeWeight = 0.0065

// maxMitre bounds how far the tip of a pointed stroke moves, as a multiple of the thickening.
const maxMitre = 1.5

// thicken moves the outline of a character outwards by by mm. Its points move along the bisector of their two sides, by less where a side is too
// short; so the shape grows without loops. Contours wound either way are told apart by their area, so that counters shrink.
func thicken(o font.Outline, by float64) font.Outline {
	out := make(font.Outline, 0, len(o))
	if area(o) < 0 { // outer contours run anticlockwise on the page
		by = -by
	}
	for start := 0; start < len(o); {
		end := start + 1
		for end < len(o) && o[end].Op != font.Move {
			end++
		}
		out = append(out, thickenContour(o[start:end], by)...)
		start = end
	}
	return out
}

// area returns twice the signed area of the polygons through all points; positive is clockwise with y downwards.
func area(o font.Outline) float64 {
	sum := 0.0
	var first, last font.Point
	for i := range o {
		for _, p := range o[i].Points() {
			if o[i].Op == font.Move {
				sum += last.X*first.Y - first.X*last.Y
				first = p
			} else {
				sum += last.X*p.Y - p.X*last.Y
			}
			last = p
		}
	}
	return sum + last.X*first.Y - first.X*last.Y
}

func thickenContour(o font.Outline, by float64) font.Outline {
	points := make([]font.Point, 0, 2*len(o))
	for i := range o {
		points = append(points, o[i].Points()...)
	}
	moved := make([]font.Point, len(points))
	for i, p := range points {
		moved[i] = shift(before(points, i), p, after(points, i), by)
	}
	out := make(font.Outline, len(o))
	next := 0
	for i := range o {
		out[i].Op = o[i].Op
		next += copy(out[i].P[:len(o[i].Points())], moved[next:])
	}
	return out
}

// before returns the nearest different point before i in the closed contour, or point i itself where there is none.
func before(points []font.Point, i int) font.Point {
	for n := 1; n < len(points); n++ {
		if q := points[(i+len(points)-n)%len(points)]; q != points[i] {
			return q
		}
	}
	return points[i]
}

func after(points []font.Point, i int) font.Point {
	for n := 1; n < len(points); n++ {
		if q := points[(i+n)%len(points)]; q != points[i] {
			return q
		}
	}
	return points[i]
}

// shift moves p, between a and b, to the left of the way by by; sharp turns back stay where they are.
func shift(a, p, b font.Point, by float64) font.Point {
	inX, inY, inLength := direction(a, p)
	outX, outY, outLength := direction(p, b)
	cosine := inX*outX + inY*outY
	if inLength == 0 || outLength == 0 || cosine < -0.94 {
		return p
	}
	factor := by / (1 + cosine)
	if mitre := math.Sqrt(2 / (1 + cosine)); mitre > maxMitre {
		factor *= maxMitre / mitre
	}
	turn := math.Abs(inX*outY - inY*outX)
	if limit := min(inLength, outLength); turn > 0 && math.Abs(factor)*turn > limit {
		factor = math.Copysign(limit/turn, by)
	}
	return font.Point{X: p.X + factor*(inY+outY), Y: p.Y - factor*(inX+outX)}
}

func direction(a, b font.Point) (x, y, length float64) {
	x, y = b.X-a.X, b.Y-a.Y
	if length = math.Hypot(x, y); length > 0 {
		x, y = x/length, y/length
	}
	return x, y, length
}
