package crypt

import (
	"bytes"
	"crypto/aes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRefusals(t *testing.T) {
	all := vectors()
	for _, c := range []struct {
		name   string
		base   int
		change func(*Parameters)
		want   error
	}{
		{"nothing", 1, func(p *Parameters) { *p = Parameters{} }, ErrUnsupported},
		{"V 3", 1, func(p *Parameters) { p.V = 3 }, ErrUnsupported},
		{"V 6", 4, func(p *Parameters) { p.V = 6 }, ErrUnsupported},
		{"R 4 with V 2", 1, func(p *Parameters) { p.R = 4 }, ErrUnsupported},
		{"R 7", 4, func(p *Parameters) { p.R = 7 }, ErrUnsupported},
		{"a key of 32 bits", 1, func(p *Parameters) { p.Length = 32 }, ErrMalformed},
		{"a key of 41 bits", 1, func(p *Parameters) { p.Length = 41 }, ErrMalformed},
		{"a key of 256 bits in R 3", 1, func(p *Parameters) { p.Length = 256 }, ErrMalformed},
		{"P of 33 bits", 1, func(p *Parameters) { p.P = 1 << 32 }, ErrMalformed},
		{"O too short", 1, func(p *Parameters) { p.O = p.O[:31] }, ErrMalformed},
		{"no U", 4, func(p *Parameters) { p.U = nil }, ErrMalformed},
		{"U of R 4 in R 6", 4, func(p *Parameters) { p.U = p.U[:32] }, ErrMalformed},
		{"no UE", 4, func(p *Parameters) { p.UE = nil }, ErrMalformed},
		{"OE too short", 4, func(p *Parameters) { p.OE = p.OE[:16] }, ErrMalformed},
		{"Perms too short", 4, func(p *Parameters) { p.Perms = p.Perms[:15] }, ErrMalformed},
		{"StmF unknown", 4, func(p *Parameters) { p.Streams = "Other" }, ErrMalformed},
		{"StrF unknown", 4, func(p *Parameters) { p.Strings = "Other" }, ErrMalformed},
		{"EFF unknown", 4, func(p *Parameters) { p.Files = "Other" }, ErrMalformed},
		{"a method nobody knows", 4, func(p *Parameters) { p.Filters = map[string]string{"StdCF": "AESV4"} }, ErrUnsupported},
		{"left to another handler", 4, func(p *Parameters) { p.Filters = map[string]string{"StdCF": "None"} }, ErrUnsupported},
		{"RC4 in R 6", 4, func(p *Parameters) { p.Filters = map[string]string{"StdCF": "V2"} }, ErrUnsupported},
		{"AES of 256 bits in R 4", 2, func(p *Parameters) { p.Filters = map[string]string{"StdCF": "AESV3"} }, ErrUnsupported},
	} {
		p := all[c.base].p
		c.change(&p)
		if _, err := Open(p, typed(all[c.base].user)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestFilters: each use has the method of its crypt filter; without one strings and streams are plain, and files are like streams.
func TestFilters(t *testing.T) {
	p := vectors()[2].p
	p.Filters = map[string]string{"A": "AESV2", "R": "V2", "Identity": "AESV2", "N": "None"}
	for _, c := range []struct {
		streams, strings, files string
		want                    [3]Method
	}{
		{"", "", "", [3]Method{}},
		{"A", "", "", [3]Method{AESV2, Identity, AESV2}},
		{"A", "R", "Identity", [3]Method{AESV2, RC4, Identity}},
		{"Identity", "A", "R", [3]Method{Identity, AESV2, RC4}},
	} {
		p.Streams, p.Strings, p.Files = c.streams, c.strings, c.files
		h, err := Open(p, Password{})
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]Method{h.Streams(), h.Strings(), h.Files()}; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	p.Streams, p.Strings, p.Files = "A", "A", ""
	h, err := Open(p, Password{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Method{"A": AESV2, "R": RC4, "Identity": Identity} {
		if m, ok := h.Named(name); !ok || m != want {
			t.Errorf("filter %s: %v, %v", name, m, ok)
		}
	}
	if _, ok := h.Named("N"); ok {
		t.Error("a filter without a method is known")
	}
}

// TestPermissions: ISO 32000-2, table 22.
func TestPermissions(t *testing.T) {
	for _, c := range []struct {
		revision    int
		permissions uint32
		owner       bool
		fill, add   bool
	}{
		{3, 0, false, false, false},
		{3, 1 << 8, false, true, false},          // bit 9
		{2, 1 << 8, false, false, false},         // which revision 2 does not know
		{2, 1 << 5, false, true, false},          // bit 6
		{3, 1<<5 | 1<<3, false, true, true},      // bits 6 and 4
		{3, 1<<8 | 1<<3, false, true, false},     // bits 9 and 4
		{3, 1 << 3, false, false, false},         // bit 4
		{6, ^uint32(1 << 5), false, true, false}, // all but bit 6
		{3, 0, true, true, true},
	} {
		h := Handler{revision: c.revision, permissions: c.permissions, owner: c.owner}
		if h.MayFill() != c.fill || h.MayAddFields() != c.add {
			t.Errorf("%+v: fill %v, add %v", c, h.MayFill(), h.MayAddFields())
		}
	}
}

// handlers opens the vectors and gives each method a handler.
func handlers(t testing.TB) map[Method]*Handler {
	t.Helper()
	out := map[Method]*Handler{}
	for m, i := range map[Method]int{Identity: 2, RC4: 1, AESV2: 2, AESV3: 4} {
		v := vectors()[i]
		h, err := Open(v.p, typed(v.user))
		if err != nil {
			t.Fatal(err)
		}
		out[m] = h
	}
	return out
}

// TestRoundTrip: what is encrypted is decrypted, for the same object only, and AES never gives the same bytes twice.
func TestRoundTrip(t *testing.T) {
	all := handlers(t)
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		num, gen := rapid.IntRange(1, 1<<24-2).Draw(t, "num"), rapid.IntRange(0, 65535).Draw(t, "gen")
		for m, h := range all {
			before := bytes.Clone(data)
			sealed := h.Encrypt(m, num, gen, data)
			if !bytes.Equal(data, before) {
				t.Fatalf("method %d changed its input", m)
			}
			if isAES := m == AESV2 || m == AESV3; isAES && (len(sealed) != len(data)/aes.BlockSize*aes.BlockSize+2*aes.BlockSize || bytes.Equal(sealed, h.Encrypt(m, num, gen, data))) {
				t.Fatalf("method %d made %d bytes of %d, or the same twice", m, len(sealed), len(data))
			}
			other, err := h.Decrypt(m, num+1, gen, bytes.Clone(sealed))
			if (m == RC4 || m == AESV2) && len(data) > 8 && err == nil && bytes.Equal(other, data) {
				t.Fatalf("method %d: the key does not depend on the object", m)
			}
			plain, err := h.Decrypt(m, num, gen, sealed)
			if err != nil || !bytes.Equal(plain, data) {
				t.Fatalf("method %d: %x became %x, %v", m, data, plain, err)
			}
		}
	})
}

func TestDamagedData(t *testing.T) {
	all := handlers(t)
	for _, m := range []Method{AESV2, AESV3} {
		h := all[m]
		for n := range 3 * aes.BlockSize {
			plain, err := h.Decrypt(m, 7, 0, make([]byte, n))
			switch whole := n%aes.BlockSize == 0; {
			case n == 0 && (err != nil || len(plain) != 0), n > 0 && !whole && (!errors.Is(err, ErrData) || plain != nil), n == aes.BlockSize && !errors.Is(err, ErrPadding):
				t.Errorf("method %d: %d bytes: %x, %v", m, n, plain, err)
			}
		}
		sealed := h.Encrypt(m, 7, 0, []byte("0123456789abcdef"))
		sealed[len(sealed)-aes.BlockSize-1] ^= 3 // the last byte of the padding
		if plain, err := h.Decrypt(m, 7, 0, sealed); !errors.Is(err, ErrPadding) || len(plain) != 2*aes.BlockSize {
			t.Errorf("method %d: wrong padding gives %d bytes, %v", m, len(plain), err)
		}
	}
}

func TestPrepare(t *testing.T) {
	for in, want := range map[string]string{
		"I\u00adX":   "IX", // RFC 4013, section 3
		"user":       "user",
		"USER":       "USER",
		"\u00aa":     "a",
		"\u2168":     "IX",
		"a\u3000b":   "a b",
		"\u200b密码":   "密码",
		"ｐａｓｓ":       "pass",
		"e\u0301":    "\u00e9",
		"\ufeff\xff": "\ufffd",
	} {
		if got := prepare(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestSpellings(t *testing.T) {
	long := string(bytes.Repeat([]byte("é"), 100))
	for _, c := range []struct {
		got  [][]byte
		want []string
	}{
		{Password{}.legacy(), nil},
		{Password{}.modern(), nil},
		{typed("x").legacy(), []string{"x"}},
		{typed("x").modern(), []string{"x"}},
		{Password{Text: "é", Doc: []byte{0xe9}}.legacy(), []string{"\xe9", "é"}},
		{Password{Text: "密码"}.legacy(), []string{"密码"}},
		{Password{Text: "ｘ"}.modern(), []string{"x", "ｘ"}},
		{Password{Text: long}.modern(), []string{long[:127]}},
		{Password{Text: long}.legacy(), []string{long[:32]}},
	} {
		var got []string
		for _, b := range c.got {
			got = append(got, string(b))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
