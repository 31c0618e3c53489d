package draw

import (
	"bytes"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func inflate(t interface{ Fatal(...any) }, z []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(z))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r) // checks the sum at the end
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDeflateRoundTrip reads what is written with the standard library.
func TestDeflateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var data []byte
		for range rapid.IntRange(0, 40).Draw(t, "stretches") {
			v, n := rapid.Byte().Draw(t, "value"), rapid.IntRange(1, 700).Draw(t, "length")
			if rapid.Bool().Draw(t, "run") {
				data = append(data, bytes.Repeat([]byte{v}, n)...)
			} else {
				data = append(data, rapid.SliceOfN(rapid.Byte(), 1, 30).Draw(t, "bytes")...)
			}
			if n := min(len(data), n); rapid.Bool().Draw(t, "again") {
				data = append(data, data[len(data)-n:]...)
			}
		}
		stride := rapid.IntRange(1, 900).Draw(t, "stride")
		if got := inflate(t, deflate(data, stride)); !bytes.Equal(got, data) {
			t.Fatalf("%d bytes come back as %d others", len(data), len(got))
		}
	})
}

// TestDeflateEdges takes the longest distances, every length of a match, and data that makes the code as deep as it may be.
func TestDeflateEdges(t *testing.T) {
	noise := make([]byte, 40_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var lengths, deep []byte
	for n := range 300 {
		lengths = append(append(lengths, byte(n), byte(n>>1)|1), bytes.Repeat([]byte{0xAA}, n+1)...)
	}
	for value, count := 0, 1; value < 26; value, count = value+1, count*8/5+1 { // about Fibonacci: sizes grow one by one
		for i := range count {
			deep = append(deep, byte(value), byte(100+i%2), byte(value))
		}
	}
	for name, tt := range map[string]struct {
		data   []byte
		stride int
	}{
		"nothing":  {nil, 1},
		"a byte":   {[]byte{7}, 1},
		"noise":    {noise, 100},
		"far":      {append(noise[:maxDistance-1:maxDistance-1], noise[:7000]...), maxDistance - 1},
		"too far":  {append(noise[:maxDistance+1:maxDistance+1], noise[:7000]...), maxDistance + 1},
		"lengths":  {lengths, 50},
		"deep":     {deep, 1000},
		"all zero": {make([]byte, 1<<20), 1024},
	} {
		z := deflate(tt.data, tt.stride)
		if got := inflate(t, z); !bytes.Equal(got, tt.data) {
			t.Errorf("%s: %d bytes come back as %d others", name, len(tt.data), len(got))
		}
		if name == "far" && len(z) > maxDistance+400 {
			t.Errorf("far: %d bytes, the second half repeats the first", len(z))
		}
	}
}

func TestHuffmanIsComplete(t *testing.T) {
	counts := make([]int, 40)
	for i, a, b := 0, 1, 1; i < len(counts); i, a, b = i+1, b, a+b {
		counts[i] = a
	}
	for _, limit := range []int{maxSizeBits, maxCodeBits} {
		h := newHuffman(counts, limit)
		room := 0
		for _, s := range h.size {
			if s == 0 || int(s) > limit {
				t.Fatalf("a symbol of %d bits, at most %d", s, limit)
			}
			room += 1 << (limit - int(s))
		}
		if room != 1<<limit {
			t.Errorf("the code of %d bits fills %d of %d (Kraft)", limit, room, 1<<limit)
		}
	}
}
