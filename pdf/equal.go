package pdf

import (
	"bytes"
	"errors"
)

// equalObjects compares two direct objects. Numbers are equal by value; references are equal where they name the same object.
func equalObjects(a, b Object) bool {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(float64); ok {
			return float64(x) == y
		}
	case float64:
		if y, ok := b.(int64); ok {
			return x == float64(y)
		}
	case String:
		y, ok := b.(String)
		return ok && bytes.Equal(x, y)
	case Array:
		y, ok := b.(Array)
		return ok && equalArrays(x, y)
	case Dict:
		y, ok := b.(Dict)
		return ok && len(x) == len(y) && len(changedKeys(x, y)) == 0
	case *Stream:
		return false // see file.equal
	}
	switch b.(type) {
	case String, Array, Dict, *Stream:
		return false
	}
	return a == b
}

func equalArrays(a, b Array) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equalObjects(a[i], b[i]) {
			return false
		}
	}
	return true
}

// changedKeys lists the keys whose values differ.
func changedKeys(a, b Dict) []Name {
	var out []Name
	for k, v := range a {
		if w, ok := b[k]; !ok || !equalObjects(v, w) {
			out = append(out, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}

// equal compares two objects; streams by dictionary and data.
func (f *file) equal(a, b Object) (bool, error) {
	x, ok := a.(*Stream)
	y, ok2 := b.(*Stream)
	if !ok || !ok2 {
		return !ok && !ok2 && equalObjects(a, b), nil
	}
	for _, k := range changedKeys(x.Dict, y.Dict) {
		if k != "Length" && k != "Filter" && k != "DecodeParms" {
			return false, nil
		}
	}
	return f.sameData(x, y)
}

// sameData compares the data of two streams: as stored, or else as decoded, since writers compress anew.
func (f *file) sameData(a, b *Stream) (bool, error) {
	if a.Length < 0 || b.Length < 0 {
		return false, nil
	}
	if a.Length == b.Length && equalObjects(a.Dict["Filter"], b.Dict["Filter"]) && equalObjects(a.Dict["DecodeParms"], b.Dict["DecodeParms"]) {
		if same, err := f.sameBytes(a, b, f.raw); same || err != nil {
			return same, err
		}
	}
	if a.Dict["Filter"] == nil && b.Dict["Filter"] == nil {
		return false, nil
	}
	return f.sameBytes(a, b, f.decode)
}

func (f *file) sameBytes(a, b *Stream, read func(*Stream) ([]byte, error)) (bool, error) {
	p, err := read(a)
	if err != nil {
		return false, onlyFatal(err)
	}
	q, err := read(b)
	if err != nil {
		return false, onlyFatal(err)
	}
	return bytes.Equal(p, q), nil
}

// onlyFatal drops errors of objects that are merely broken, or that only an image decoder reads.
func onlyFatal(err error) error {
	if isFatal(err) && !errors.Is(err, errRawFilter) {
		return err
	}
	return nil
}
