package pdf

import "bytes"

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

// equal compares two objects; streams by dictionary and raw bytes.
func (f *file) equal(a, b Object) (bool, error) {
	x, ok := a.(*Stream)
	y, ok2 := b.(*Stream)
	if !ok || !ok2 {
		return !ok && !ok2 && equalObjects(a, b), nil
	}
	if x.Length != y.Length || x.Length < 0 || !equalObjects(x.Dict, y.Dict) {
		return false, nil
	}
	p, err := f.raw(x)
	if err != nil {
		return false, onlyFatal(err)
	}
	q, err := f.raw(y)
	if err != nil {
		return false, onlyFatal(err)
	}
	return bytes.Equal(p, q), nil
}

func onlyFatal(err error) error {
	if isFatal(err) {
		return err
	}
	return nil
}
