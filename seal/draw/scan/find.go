package scan

import (
	"image"
	"image/draw"
	"slices"

	xdraw "golang.org/x/image/draw"
)

// Bounds of finding the seal.
const (
	coarse  = 1200 // longest side looked over, pixels
	fine    = 2400 // longest side of what is cut out
	several = 0.35 // shorter side of another piece, as a share of the seal's, from which it is another seal
	least   = 40   // shortest side of a seal, pixels of the scan
	faint   = 40.0 // of 255: no ink is paler
)

// crop is the part of the scan that holds the seal, with some paper round it.
type crop struct {
	px      *image.RGBA
	seal    image.Rectangle // on px, about
	scale   float64         // pixels of px for one of the scan
	touches bool            // the seal reaches the edge of the scan
}

// tint says how vivid a colour is in the ink's own direction, paper being white: 0 grey, 255 pure.
type tint func(r, g, b float64) float64

func tints() map[Ink]tint {
	return map[Ink]tint{
		Red:  func(r, g, b float64) float64 { return r - (g+b)/2 },
		Blue: func(r, g, b float64) float64 { return b - (r+g)/2 },
	}
}

// seal finds the seal and cuts it out.
func (s *Scan) seal(t tint) (crop, error) {
	full := s.Image.Bounds()
	shrink := min(1, coarse/float64(max(full.Dx(), full.Dy())))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(full.Dx())*shrink)), max(1, int(float64(full.Dy())*shrink))))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	xdraw.ApproxBiLinear.Scale(small, small.Rect, s.Image, full, xdraw.Over, nil)
	boxes := inkBoxes(small, t)
	if len(boxes) == 0 || float64(short(boxes[0])) < least*shrink {
		return crop{}, wrong("scan-no-ink", "扫描图上没有找到印章：没有成片的印油颜色。请确认是彩色扫描，蓝色印章加 --ink blue",
			"no seal was found on the scan: nothing of a seal's size has the ink's colour; scan in colour, and give --ink blue for a blue seal")
	}
	seal := boxes[0]
	if len(boxes) > 1 && float64(short(boxes[1])) > several*float64(short(seal)) {
		return crop{}, wrong("scan-several", "扫描图上不止一枚印章。请裁剪到只剩要用的那一枚，印章不能与其他红色图文重叠",
			"there is more than one seal on the scan: cut it to the one that is meant, which must not overlap with other coloured print")
	}
	margin := max(seal.Dx(), seal.Dy())/16 + 3
	area := up(seal.Inset(-margin), shrink).Add(full.Min).Intersect(full)
	c := crop{scale: min(1, fine/float64(max(area.Dx(), area.Dy()))), touches: !seal.Inset(-1).In(small.Rect)}
	px := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(area.Dx())*c.scale)), max(1, int(float64(area.Dy())*c.scale))))
	draw.Draw(px, px.Rect, image.White, image.Point{}, draw.Src)
	if c.scale == 1 {
		draw.Draw(px, px.Rect, s.Image, area.Min, draw.Over)
	} else {
		xdraw.BiLinear.Scale(px, px.Rect, s.Image, area, xdraw.Over, nil)
	}
	c.px = orient(px, s.orientation)
	c.seal = image.Rect(0, 0, int(float64(seal.Dx())/shrink*c.scale), int(float64(seal.Dy())/shrink*c.scale))
	return c, nil
}

func up(r image.Rectangle, shrink float64) image.Rectangle {
	at := func(v int) int { return int(float64(v) / shrink) }
	return image.Rect(at(r.Min.X), at(r.Min.Y), at(r.Max.X), at(r.Max.Y))
}

func short(r image.Rectangle) int { return min(r.Dx(), r.Dy()) }

// inkBoxes returns the boxes round what has the ink's colour, by their shorter side. What overlaps is one.
func inkBoxes(px *image.RGBA, t tint) []image.Rectangle {
	paper := brightest(px)
	vivid := make([]float64, len(px.Pix)/4)
	for i := range vivid {
		p := px.Pix[4*i:]
		vivid[i] = t(float64(p[0])*255/paper[0], float64(p[1])*255/paper[1], float64(p[2])*255/paper[2])
	}
	sorted := slices.Sorted(slices.Values(vivid))
	full := sorted[len(sorted)-1-len(sorted)/2000]
	if full < faint {
		return nil
	}
	return merge(patches(vivid, px.Rect.Dx(), 0.4*full))
}

// brightest returns the mean colour of the brightest quarter: paper.
func brightest(px *image.RGBA) [3]float64 {
	w, h := px.Rect.Dx(), px.Rect.Dy()
	row := func(y int) []uint8 { return px.Pix[y*px.Stride : y*px.Stride+4*w] }
	bright := func(p []uint8) int { return (int(p[0]) + int(p[1]) + int(p[2])) / 3 }
	var histogram [256]int
	for y := range h {
		for p := row(y); len(p) > 0; p = p[4:] {
			histogram[bright(p)]++
		}
	}
	level := 255
	for seen := 0; level > 0; level-- {
		if seen += histogram[level]; seen > w*h/4 {
			break
		}
	}
	var sum [3]float64
	n := 0.0
	for y := range h {
		for p := row(y); len(p) > 0; p = p[4:] {
			if bright(p) >= level {
				sum[0], sum[1], sum[2] = sum[0]+float64(p[0]), sum[1]+float64(p[1]), sum[2]+float64(p[2])
				n++
			}
		}
	}
	return [3]float64{max(1, sum[0]/n), max(1, sum[1]/n), max(1, sum[2]/n)}
}

// patches returns the boxes round the largest pieces above a limit; pixels two apart hang together.
func patches(v []float64, w int, limit float64) []image.Rectangle {
	type patch struct {
		box  image.Rectangle
		area int
	}
	const bridge, most = 2, 256
	h := len(v) / w
	seen := make([]bool, len(v))
	var list []patch
	var todo []int
	for i := range v {
		if seen[i] || v[i] < limit {
			continue
		}
		seen[i] = true
		p := patch{box: image.Rect(i%w, i/w, i%w+1, i/w+1)}
		for todo = append(todo[:0], i); len(todo) > 0; p.area++ {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			x, y := at%w, at/w
			p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(0, y-bridge); ny <= min(h-1, y+bridge); ny++ {
				for nx := max(0, x-bridge); nx <= min(w-1, x+bridge); nx++ {
					if n := ny*w + nx; !seen[n] && v[n] >= limit {
						seen[n] = true
						todo = append(todo, n)
					}
				}
			}
		}
		if p.area > 3 {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b patch) int { return b.area - a.area })
	boxes := make([]image.Rectangle, min(most, len(list)))
	for i := range boxes {
		boxes[i] = list[i].box
	}
	return boxes
}

// merge unites boxes that overlap until none do, and sorts them by their shorter side.
func merge(boxes []image.Rectangle) []image.Rectangle {
	for again := true; again; {
		again = false
		var out []image.Rectangle
		for _, b := range boxes {
			i := slices.IndexFunc(out, b.Overlaps)
			if i < 0 {
				out = append(out, b)
				continue
			}
			out[i], again = out[i].Union(b), true
		}
		boxes = out
	}
	slices.SortStableFunc(boxes, func(a, b image.Rectangle) int { return short(b) - short(a) })
	return boxes
}
