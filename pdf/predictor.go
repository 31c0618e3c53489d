package pdf

import "slices"

const maxColumns = 1 << 20 // samples in a row

// unpredict undoes the predictor of FlateDecode and LZWDecode (ISO 32000-1, 7.4.4.4).
func (f *file) unpredict(params Dict, b []byte) ([]byte, error) {
	get := func(key Name, otherwise int64) (int, error) {
		if params[key] == nil {
			return int(otherwise), nil
		}
		n, err := f.integer(params[key])
		if err == nil && (n < 1 || n > maxColumns) {
			err = &ParseError{-1, string(key) + " of a predictor is out of range"}
		}
		return int(n), err
	}
	predictor, err := get("Predictor", 1)
	if err != nil || predictor == 1 {
		return b, err
	}
	colors, err := get("Colors", 1)
	if err != nil {
		return nil, err
	}
	bits, err := get("BitsPerComponent", 8)
	if err != nil {
		return nil, err
	}
	columns, err := get("Columns", 1)
	if err != nil {
		return nil, err
	}
	if colors > 64 || !slices.Contains([]int{1, 2, 4, 8, 16}, bits) {
		return nil, &ParseError{-1, "Colors or BitsPerComponent of a predictor is out of range"}
	}
	pixel, row := max(1, colors*bits/8), (columns*colors*bits+7)/8
	switch {
	case predictor >= 10 && predictor <= 15:
		return unpredictPNG(b, pixel, row)
	case predictor == 2 && bits == 8:
		unpredictTIFF(b, colors, row)
		return b, nil
	}
	return nil, &ParseError{-1, "unsupported predictor"}
}

// unpredictTIFF adds the pixel to the left, for samples of 8 bits, in place.
func unpredictTIFF(b []byte, colors, row int) {
	for len(b) > 0 {
		line := b[:min(row, len(b))]
		for i := colors; i < len(line); i++ {
			line[i] += line[i-colors]
		}
		b = b[len(line):]
	}
}

// unpredictPNG undoes the filters of PNG rows (ISO/IEC 15948, 9). A last row that is cut off stays short.
func unpredictPNG(b []byte, pixel, row int) ([]byte, error) {
	out := make([]byte, 0, len(b))
	above := make([]byte, row)
	for len(b) > 0 {
		kind := b[0]
		n := min(row, len(b)-1)
		line := b[1 : 1+n]
		if err := unfilterRow(kind, line, above[:n], pixel); err != nil {
			return nil, err
		}
		out = append(out, line...)
		copy(above, line)
		b = b[1+n:]
	}
	return out, nil
}

func unfilterRow(kind byte, line, above []byte, pixel int) error {
	switch kind {
	case 0:
	case 1:
		for i := pixel; i < len(line); i++ {
			line[i] += line[i-pixel]
		}
	case 2:
		for i := range line {
			line[i] += above[i]
		}
	case 3:
		for i := range line {
			left := 0
			if i >= pixel {
				left = int(line[i-pixel])
			}
			line[i] += byte((left + int(above[i])) / 2)
		}
	case 4:
		for i := range line {
			var left, corner byte
			if i >= pixel {
				left, corner = line[i-pixel], above[i-pixel]
			}
			line[i] += paeth(left, above[i], corner)
		}
	default:
		return &ParseError{-1, "unknown row filter"}
	}
	return nil
}

func paeth(a, b, c byte) byte {
	pa, pb := int(b)-int(c), int(a)-int(c)
	pc := pa + pb
	pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}
