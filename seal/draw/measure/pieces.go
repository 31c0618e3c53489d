package measure

import "image"

// inked is the coverage from which a pixel counts as ink.
const inked = 128

// piece is ink that hangs together.
type piece struct {
	area int // pixels
	box  image.Rectangle
}

// pieces are the connected pieces of ink; of holds each pixel's, counted from 1, and 0 for paper.
type pieces struct {
	*ink
	of   []int32
	list []piece
}

// label finds the pieces: each pixel is visited once.
func (p *pieces) label() {
	p.of = make([]int32, len(p.cover))
	var todo []int32
	for i, c := range p.cover {
		if c < inked || p.of[i] != 0 {
			continue
		}
		found := piece{box: image.Rect(i%p.w, i/p.w, i%p.w+1, i/p.w+1)}
		id := int32(len(p.list) + 1)
		p.of[i] = id
		todo = append(todo[:0], int32(i))
		for len(todo) > 0 {
			at := int(todo[len(todo)-1])
			todo = todo[:len(todo)-1]
			x, y := at%p.w, at/p.w
			found.area++
			found.box.Min.X, found.box.Min.Y = min(found.box.Min.X, x), min(found.box.Min.Y, y)
			found.box.Max.X, found.box.Max.Y = max(found.box.Max.X, x+1), max(found.box.Max.Y, y+1)
			for ny := max(0, y-1); ny <= min(p.h-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(p.w-1, x+1); nx++ {
					if n := ny*p.w + nx; p.cover[n] >= inked && p.of[n] == 0 {
						p.of[n] = id
						todo = append(todo, int32(n))
					}
				}
			}
		}
		p.list = append(p.list, found)
	}
}

// large returns the pieces that can be part of an outline, the box round them, and whether there are any: the one that reaches farthest, and all
// whose ink is a twentieth of the whole.
func (p *pieces) large() (ids map[int32]bool, box image.Rectangle, ok bool) {
	widest, total := -1, 0
	for i, c := range p.list {
		total += c.area
		if widest < 0 || c.box.Dx()*c.box.Dy() > p.list[widest].box.Dx()*p.list[widest].box.Dy() {
			widest = i
		}
	}
	if widest < 0 {
		return nil, box, false
	}
	ids = map[int32]bool{int32(widest + 1): true}
	box = p.list[widest].box
	for i, c := range p.list {
		if c.area*20 >= total {
			ids[int32(i+1)] = true
			box = box.Union(c.box)
		}
	}
	return ids, box, min(box.Dx(), box.Dy()) >= 16
}
