package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

var openOptions = document.Options{}

// decoded decodes a stream with the given entries.
func decoded(t *testing.T, dict, data string) ([]byte, error) {
	t.Helper()
	b := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", stream(dict, data))
	f := openBytes(t, b).f
	st, err := f.newest().stream(Ref{3, 0})
	if err != nil {
		t.Fatal(err)
	}
	return f.decode(st)
}

func TestFilters(t *testing.T) {
	text := []byte("a text, a text, and a text again\x00\xff")
	var a85 bytes.Buffer
	w := ascii85.NewEncoder(&a85)
	w.Write(text)
	w.Close()
	flat, err := deflate(text)
	if err != nil {
		t.Fatal(err)
	}
	noSum := append(bytes.Clone(flat[:len(flat)-1]), flat[len(flat)-1]^1)
	for name, c := range map[string]struct{ dict, data string }{
		"none":        {"", string(text)},
		"hex":         {"/Filter/ASCIIHexDecode", hex.EncodeToString(text) + ">"},
		"85":          {"/Filter/ASCII85Decode", a85.String() + "~>"},
		"flate":       {"/Filter/FlateDecode", string(flat)},
		"bad sum":     {"/Filter/FlateDecode", string(noSum)},
		"chain":       {"/Filter[/ASCIIHexDecode/FlateDecode]/DecodeParms[null<</Predictor 1>>]", hex.EncodeToString(flat) + ">"},
		"run length":  {"/Filter/RunLengthDecode", "\x1f" + string(text[:32]) + "\x01\x00\xff\x80"},
		"no predict.": {"/Filter[/FlateDecode]/DecodeParms[<</Predictor 12/Columns 34>>]", string(mustDeflate(t, "\x00"+string(text)))},
	} {
		got, err := decoded(t, c.dict, c.data)
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := decoded(t, "/Filter/ASCII85Decode", "z~>"); err != nil || string(got) != "\x00\x00\x00\x00" {
		t.Errorf("z: %q, %v", got, err)
	}
	for name, c := range map[string]struct{ dict, data, want string }{
		"image":       {"/Filter/DCTDecode", "x", errRawFilter.Error()},
		"unknown":     {"/Filter/Nonsense", "x", "unknown filter"},
		"crypt":       {"/Filter/Crypt/DecodeParms<</Name/StdCF>>", "x", "Crypt"},
		"hex":         {"/Filter/ASCIIHexDecode", "4x>", "not a hexadecimal digit"},
		"hex end":     {"/Filter/ASCIIHexDecode", "41", "the end"},
		"85":          {"/Filter/ASCII85Decode", "v~>", "base-85"},
		"85 range":    {"/Filter/ASCII85Decode", "uuuuu~>", "out of range"},
		"85 single":   {"/Filter/ASCII85Decode", "!~>", "one digit"},
		"run":         {"/Filter/RunLengthDecode", "\x05abc", "cut off"},
		"not zlib":    {"/Filter/FlateDecode", "xxxxxxxx", "no zlib data"},
		"cut":         {"/Filter/FlateDecode", string(flat[:len(flat)/2]), "damaged"},
		"predictor":   {"/Filter/FlateDecode/DecodeParms<</Predictor 99>>", string(flat), "unsupported predictor"},
		"row filter":  {"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 4>>", string(flat), "unknown row filter"},
		"columns":     {"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 99999999999>>", string(flat), "out of range"},
		"external":    {"/F(x)", "x", "in another file"},
		"too many":    {"/Filter[" + strings.Repeat("/ASCIIHexDecode", 20) + "]", "41>", "too many filters"},
		"lzw unknown": {"/Filter/LZWDecode", "\x80\x4b\x00", "not in the table"},
	} {
		if got, err := decoded(t, c.dict, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
	_, err = decoded(t, "/Filter/RunLengthDecode", strings.Repeat("\x81x", 600000))
	if fault.KindOf(err) != fault.Limit {
		t.Errorf("run-length bomb: %v", err)
	}
}

func mustDeflate(t *testing.T, s string) []byte {
	t.Helper()
	b, err := deflate([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLZW: the example of ISO 32000-1, 7.4.4.2, and a longer text whose codes grow.
func TestLZW(t *testing.T) {
	in := []byte{0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01}
	want := []byte{45, 45, 45, 45, 45, 65, 45, 45, 45, 66}
	if got, err := decodeLZW(in, true, 100); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := decodeLZW(in, true, 3); !errors.Is(err, errTooLong) {
		t.Errorf("beyond the limit: %v", err)
	}
	text := make([]byte, 30000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(r.IntN(6)) + 'a'
	}
	for _, early := range []bool{true, false} {
		got, err := decodeLZW(encodeLZW(text, early), early, 1<<20)
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("early change %v: %d bytes, %v", early, len(got), err)
		}
	}
}

// encodeLZW compresses as TIFF and PDF do, clearing the table when it is full.
func encodeLZW(text []byte, early bool) []byte {
	var out []byte
	acc, bits, width, next := uint64(0), 0, 9, 258
	codes := map[string]int{}
	put := func(code int) {
		acc, bits = acc<<width|uint64(code), bits+width
		for bits >= 8 {
			out = append(out, byte(acc>>(bits-8)))
			bits -= 8
		}
	}
	reset := func() {
		clear(codes)
		for i := range 256 {
			codes[string([]byte{byte(i)})] = i
		}
		next = 258
	}
	put(256)
	reset()
	soon := 0
	if early {
		soon = 1
	}
	run := ""
	for _, c := range text {
		if _, ok := codes[run+string([]byte{c})]; ok {
			run += string([]byte{c})
			continue
		}
		put(codes[run])
		codes[run+string([]byte{c})] = next
		next++
		// The decoder's table is one entry behind the encoder's.
		if next-1+soon >= 1<<width && width < 12 {
			width++
		}
		if next == 4094 {
			put(256)
			reset()
			width = 9
		}
		run = string([]byte{c})
	}
	put(codes[run])
	put(257)
	if bits > 0 {
		out = append(out, byte(acc<<(8-bits)))
	}
	return out
}

// TestPredictors undoes every PNG row filter and the TIFF predictor.
func TestPredictors(t *testing.T) {
	const row, pixel = 6, 3
	plain := []byte{1, 2, 3, 4, 5, 6, 9, 8, 7, 6, 5, 200, 0, 255, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}
	var filtered []byte
	above := make([]byte, row)
	for kind := range byte(5) {
		line := plain[int(kind)*row : (int(kind)+1)*row]
		filtered = append(filtered, kind)
		for i, c := range line {
			var left, corner byte
			if i >= pixel {
				left, corner = line[i-pixel], above[i-pixel]
			}
			filtered = append(filtered, c-[]byte{0, left, above[i], byte((int(left) + int(above[i])) / 2), paeth(left, above[i], corner)}[kind])
		}
		above = line
	}
	got, err := decoded(t, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 3/Columns 2>>", string(mustDeflate(t, string(filtered))))
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%v, %v", got, err)
	}
	got, err = decoded(t, "/Filter/FlateDecode/DecodeParms<</Predictor 2/Colors 3/Columns 2>>", string(mustDeflate(t, "\x01\x02\x03\x01\x01\xff")))
	if want := "\x01\x02\x03\x02\x03\x02"; err != nil || string(got) != want {
		t.Errorf("TIFF: %v, %v", got, err)
	}
}

func TestStreamLength(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"too short": {"<</Length 1>>\nstream\nabc\nendstream", "does not end where"},
		"too long":  {"<</Length 5>>\nstream\nabc\nendstream", "does not end where"},
		"far":       {"<</Length 99999>>\nstream\nabc\nendstream", "no usable Length"},
		"negative":  {"<</Length -1>>\nstream\nabc\nendstream", "no usable Length"},
		"missing":   {"<<>>\nstream\nabc\nendstream", "no usable Length"},
		"itself":    {"<</Length 3 0 R>>\nstream\nabc\nendstream", "no usable Length"},
		"good":      {"<</Length 3>>\r\nstream\r\nabc\r\nendstream", ""},
		"indirect":  {"<</Length 4 0 R>>\nstream\nabc\nendstream\nendobj\n4 0 obj\n3", ""},
	} {
		b := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", c.body)
		if name == "indirect" {
			b = raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", "<</Length 4 0 R>>\nstream\nabc\nendstream", "3")
		}
		f := openBytes(t, b).f
		st, err := f.newest().stream(Ref{3, 0})
		if err != nil {
			t.Fatal(err)
		}
		data, err := f.raw(st)
		if c.want == "" && (err != nil || string(data) != "abc") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

// TestInflateBounded: the limit holds to the byte, and cut data is an error whatever its length.
func TestInflateBounded(t *testing.T) {
	for _, n := range []int{0, 1, 100, 5000, 1 << 20, 9 << 20} {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		fmt.Fprint(w, strings.Repeat("x", n))
		w.Close()
		var d inflater
		got, err := d.decode(z.Bytes(), int64(n), nil)
		if err != nil || len(got) != n {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
		if _, err = d.decode(z.Bytes(), int64(n-1), nil); n > 0 && !errors.Is(err, errTooLong) {
			t.Errorf("%d bytes, one less allowed: %v", n, err)
		}
		if _, err = d.decode(z.Bytes()[:z.Len()-5], int64(n), nil); err == nil {
			t.Errorf("%d bytes, cut off: no error", n)
		}
	}
}
