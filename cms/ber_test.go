package cms

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestToDER(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 200)
	for _, c := range []struct {
		name    string
		in, out []byte
		n       int // bytes taken, 0: all
	}{
		{name: "DER stays", in: []byte{0x30, 3, 2, 1, 5}, out: []byte{0x30, 3, 2, 1, 5}},
		{name: "indefinite", in: []byte{0x30, 0x80, 2, 1, 5, 0, 0}, out: []byte{0x30, 3, 2, 1, 5}},
		{name: "empty indefinite", in: []byte{0x30, 0x80, 0, 0}, out: []byte{0x30, 0}},
		{name: "nested indefinite", in: []byte{0x30, 0x80, 0x31, 0x80, 5, 0, 0, 0, 2, 1, 5, 0, 0}, out: []byte{0x30, 7, 0x31, 2, 5, 0, 2, 1, 5}},
		{name: "over-long length", in: []byte{0x30, 0x82, 0, 3, 2, 1, 5}, out: []byte{0x30, 3, 2, 1, 5}},
		{name: "over-long length inside", in: []byte{0x30, 4, 2, 0x81, 1, 5}, out: []byte{0x30, 3, 2, 1, 5}},
		{name: "octets in pieces", in: []byte{0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0}, out: []byte{4, 3, 1, 2, 3}},
		{name: "pieces in pieces", in: []byte{0x24, 0x80, 0x24, 6, 4, 1, 1, 4, 1, 2, 4, 1, 3, 0, 0}, out: []byte{4, 3, 1, 2, 3}},
		{name: "over-long piece", in: []byte{0x24, 4, 4, 0x81, 1, 9}, out: []byte{4, 1, 9}},
		{name: "unsorted set stays", in: []byte{0x31, 0x80, 2, 1, 9, 2, 1, 1, 0, 0}, out: []byte{0x31, 6, 2, 1, 9, 2, 1, 1}},
		{name: "high tag", in: []byte{0xbf, 0x85, 1, 0x80, 5, 0, 0, 0}, out: []byte{0xbf, 0x85, 1, 2, 5, 0}},
		{name: "long contents", in: append(append([]byte{0x30, 0x80, 4, 0x81, 200}, long...), 0, 0), out: append([]byte{0x30, 0x81, 203, 4, 0x81, 200}, long...)},
		{name: "bytes after", in: []byte{5, 0, 9, 9}, out: []byte{5, 0}, n: 2},
	} {
		der, n, err := toDER(c.in)
		if c.n == 0 {
			c.n = len(c.in)
		}
		if err != nil || n != c.n || !bytes.Equal(der, c.out) {
			t.Errorf("%s: %x, %d, %v; want %x", c.name, der, n, err, c.out)
		}
	}
}

func TestToDERRefuses(t *testing.T) {
	deep := append(bytes.Repeat([]byte{0x30, 0x80}, 40), bytes.Repeat([]byte{0, 0}, 40)...)
	for name, in := range map[string][]byte{
		"nothing":                 {},
		"no length":               {0x30},
		"cut length":              {0x30, 0x82, 1},
		"too short":               {0x30, 5, 2, 1, 5},
		"part overruns":           {0x30, 3, 2, 2, 5},
		"no end of contents":      {0x30, 0x80, 2, 1, 5},
		"primitive indefinite":    {4, 0x80, 0, 0},
		"length of five bytes":    {0x30, 0x85, 0, 0, 0, 0, 1, 5},
		"huge length":             {0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
		"endless tag":             {0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0},
		"a piece is no octets":    {0x24, 0x80, 2, 1, 5, 0, 0},
		"nested too deeply":       deep,
		"reserved length":         {0x30, 0xff},
		"end of contents for all": {0x30, 0x80, 0},
	} {
		var p *ParseError
		if der, _, err := toDER(in); !errors.As(err, &p) {
			t.Errorf("%s: %x, %v", name, der, err)
		}
	}
}

// node is a value in DER and in some BER form of it.
type node struct{ der, ber []byte }

func wrap(id byte, der, ber []byte, indefinite bool, longer int) node {
	n := node{der: append(appendLength([]byte{id}, len(der)), der...)}
	switch {
	case indefinite:
		n.ber = append(append([]byte{id, 0x80}, ber...), 0, 0)
	case longer > 0:
		n.ber = []byte{id, 0x83, byte(len(ber) >> 16), byte(len(ber) >> 8), byte(len(ber))}
		n.ber = append(n.ber, ber...)
	default:
		n.ber = append(appendLength([]byte{id}, len(ber)), ber...)
	}
	return n
}

func genNode(depth int) *rapid.Generator[node] {
	return rapid.Custom(func(t *rapid.T) node {
		longer := rapid.IntRange(0, 1).Draw(t, "longer")
		if depth == 0 || rapid.Bool().Draw(t, "leaf") {
			body := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body")
			if !rapid.Bool().Draw(t, "pieces") {
				return wrap(rapid.SampledFrom([]byte{2, 4, 5, 0x0c, 0x80, 0x13}).Draw(t, "tag"), body, body, false, longer)
			}
			cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
			ber := append(wrap(4, nil, body[:cut], false, longer).ber, wrap(4, nil, body[cut:], false, 0).ber...)
			n := wrap(0x24, nil, ber, rapid.Bool().Draw(t, "indefinite"), longer)
			n.der = wrap(4, body, nil, false, 0).der
			return n
		}
		var der, ber []byte
		for _, part := range rapid.SliceOfN(genNode(depth-1), 0, 4).Draw(t, "parts") {
			der, ber = append(der, part.der...), append(ber, part.ber...)
		}
		tag := rapid.SampledFrom([]byte{0x30, 0x31, 0xa0, 0xa1}).Draw(t, "tag")
		return wrap(tag, der, ber, rapid.Bool().Draw(t, "indefinite"), longer)
	})
}

// TestToDERProperty: every BER form of a value becomes its DER form, and DER stays itself.
func TestToDERProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := genNode(4).Draw(t, "value")
		der, taken, err := toDER(append(bytes.Clone(n.ber), 0xff))
		if err != nil || taken != len(n.ber) || !bytes.Equal(der, n.der) {
			t.Fatalf("%x became %x (%v), want %x", n.ber, der, err, n.der)
		}
		same, _, err := toDER(n.der)
		if err != nil || len(same) > 0 && &same[0] != &n.der[0] {
			t.Fatalf("DER was copied or changed: %v", err)
		}
	})
}

// TestToDERBounds: what is kept of BER is bounded, what is DER is not kept at all.
func TestToDERBounds(t *testing.T) {
	der := bytes.Repeat([]byte{5, 0}, 1<<20)
	value := append(appendLength([]byte{0x30}, len(der)), der...)
	if got, _, err := toDER(value); err != nil || &got[0] != &value[0] {
		t.Errorf("two million bytes of DER: %v", err)
	}
	if avg := testing.AllocsPerRun(3, func() { _, _, _ = toDER(value) }); avg > 10 {
		t.Errorf("%v allocations for a DER value", avg)
	}
	ber := bytes.Repeat([]byte{5, 0x81, 0}, 1<<19)
	if _, _, err := toDER(append(appendLength([]byte{0x30}, len(ber)), ber...)); err == nil {
		t.Error("half a million BER elements were kept")
	}
}

// FuzzToDER: what comes out is DER, so it comes out of itself unchanged; and it is never longer than what went in.
func FuzzToDER(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 4, 1, 1, 4, 0x81, 1, 2, 0, 0, 0x31, 0x82, 0, 3, 2, 1, 5, 0, 0, 9})
	f.Add([]byte{0xbf, 0x85, 1, 0x80, 0x24, 6, 0x24, 4, 4, 2, 1, 2, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		der, n, err := toDER(data)
		if err != nil {
			return
		}
		if n > len(data) || len(der) > n {
			t.Fatalf("%d bytes taken of %d became %d", n, len(data), len(der))
		}
		again, m, err := toDER(der)
		if err != nil || m != len(der) || &again[0] != &der[0] {
			t.Fatalf("%x is not DER: %v", der, err)
		}
	})
}
