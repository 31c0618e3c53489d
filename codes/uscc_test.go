package codes

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"yinxin/fault"
)

// Invented bodies in the unassigned region 990000.
const (
	spruceUSCC = "91990000MA0000015Q"
	alderUSCC  = "91990000MA0000023K"
	bureauUSCC = "91990000MA0000031E"
)

func TestComputeUSCC(t *testing.T) {
	for _, want := range []string{spruceUSCC, alderUSCC, bureauUSCC} {
		u, err := ComputeUSCC(want[:17])
		if err != nil {
			t.Fatal(err)
		}
		if u.String() != want || !u.CheckOK() || len(u.Warnings()) != 0 {
			t.Errorf("ComputeUSCC(%s) = %s, check %v, warnings %v", want[:17], u, u.CheckOK(), u.Warnings())
		}
	}
}

func TestParseUSCC(t *testing.T) {
	tests := []struct{ in, want string }{
		{spruceUSCC, spruceUSCC},
		{"  91990000ma0000015q\n", spruceUSCC},
		{"\u3000９１９９００００ＭＡ００００015ｑ\u3000", spruceUSCC},
		{"91990000MA0000015E", "91990000MA0000015E"}, // wrong check: well formed all the same
	}
	for _, tt := range tests {
		u, err := ParseUSCC(tt.in)
		if err != nil || u.String() != tt.want {
			t.Errorf("ParseUSCC(%q) = %q, %v", tt.in, u, err)
		}
	}
}

func TestParseUSCCRefuses(t *testing.T) {
	tests := []struct {
		in     string
		offset int
		says   string
	}{
		{"", 0, "empty"},
		{" \u3000 ", 3, "empty"},
		{"91990000MA0000015", 17, "17 characters where 18"},
		{spruceUSCC + "1", 18, "19 characters where 18"},
		{"91990000MAO000015Q", 10, "character 11, “O”"},
		{"  91990000MAO000015Q", 12, "character 13, “O”"},
		{"91990000 MA0000015Q", 8, "character 9, “ ”"},
		{"919900A0MA0000015Q", 6, "region"},
		{"91990000MA00000\x0015", 15, "character 16, “�”"},
		{"91990000MA000001五Q", 16, "“五”"},
		{strings.Repeat("9", 4096), 0, "4096 bytes"},
	}
	for _, tt := range tests {
		_, err := ParseUSCC(tt.in)
		var pe *ParseError
		if !errors.Is(err, fault.Invalid) || !errors.As(err, &pe) {
			t.Errorf("ParseUSCC(%q): %v", tt.in, err)
			continue
		}
		if pe.Offset != tt.offset || pe.Kind != KindUSCC || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("ParseUSCC(%q): offset %d, want %d: %v", tt.in, pe.Offset, tt.offset, err)
		}
		if p, _ := fault.PublicOf(err); p.Code != "code-uscc" || !strings.Contains(p.ZH, "统一社会信用代码") || len(p.EN) > 512 {
			t.Errorf("ParseUSCC(%q): public %+v", tt.in, p)
		}
	}
}

func TestUSCCParts(t *testing.T) {
	u, err := ParseUSCC(spruceUSCC)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{u.Department(), u.Class(), u.Region().String(), u.Organisation().String(), u.Check()}
	if strings.Join(got, " ") != "9 1 990000 MA0000015 Q" {
		t.Errorf("parts %q", got)
	}
	var zero USCC
	if !zero.IsZero() || zero.CheckOK() || zero.Warnings() != nil || zero.Check() != "" || !zero.Organisation().IsZero() || !zero.Region().IsZero() {
		t.Error("the zero value is not empty")
	}
}

func TestUSCCWarnings(t *testing.T) {
	tests := []struct {
		in    string
		codes string
	}{
		{spruceUSCC, ""},
		{"91990000MA0000015E", "uscc-check"},
		{"91990000MA0000016E", "uscc-check organisation-check"},
	}
	for _, tt := range tests {
		u, err := ParseUSCC(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range u.Warnings() {
			got = append(got, w.Code)
			if w.ZH == "" || w.EN == "" {
				t.Errorf("%s: warning without words: %+v", tt.in, w)
			}
		}
		if strings.Join(got, " ") != tt.codes {
			t.Errorf("%s: warnings %q, want %q", tt.in, got, tt.codes)
		}
	}
}

func TestUSCCJSON(t *testing.T) {
	type body struct {
		Code USCC `json:"code,omitzero"`
	}
	var b body
	if err := json.Unmarshal([]byte(`{"code":"`+spruceUSCC+`"}`), &b); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(b)
	if err != nil || string(out) != `{"code":"`+spruceUSCC+`"}` {
		t.Errorf("%s, %v", out, err)
	}
	if out, err = json.Marshal(body{}); err != nil || string(out) != `{}` {
		t.Errorf("%s, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"code":"nonsense"}`), &b); !errors.Is(err, fault.Invalid) {
		t.Errorf("nonsense: %v", err)
	}
}

// drawUSCC draws a code with a right check character.
func drawUSCC(t *rapid.T) USCC {
	head := rapid.StringOfN(rapid.RuneFrom([]rune(usccAlphabet)), 2, 2, -1).Draw(t, "head")
	region := rapid.StringOfN(rapid.RuneFrom([]rune(digits)), 6, 6, -1).Draw(t, "region")
	body := rapid.StringOfN(rapid.RuneFrom([]rune(usccAlphabet)), 9, 9, -1).Draw(t, "body")
	u, err := ComputeUSCC(head + region + body)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The modulus 31 is prime, and neighbouring weights differ by no multiple of it: no slip of one character and no exchange of neighbours passes.
func TestUSCCDetectsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := drawUSCC(t).String()
		for i := range usccLength {
			for _, c := range []byte(usccAlphabet) {
				if c != code[i] && passes(code[:i]+string(c)+code[i+1:]) {
					t.Fatalf("%s: %c at %d passes", code, c, i)
				}
			}
			if i > 0 && code[i] != code[i-1] && passes(code[:i-1]+string(code[i])+string(code[i-1])+code[i+1:]) {
				t.Fatalf("%s: exchange at %d passes", code, i)
			}
		}
	})
}

func passes(s string) bool {
	u, err := ParseUSCC(s)
	return err == nil && u.CheckOK()
}

func TestUSCCRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := drawUSCC(t)
		spaced := rapid.SampledFrom([]string{"%", " %", "%\t", "\u3000%\r\n"}).Draw(t, "space")
		back, err := ParseUSCC(strings.Replace(spaced, "%", strings.ToLower(u.String()), 1))
		if err != nil || back != u {
			t.Fatalf("%s read back as %s, %v", u, back, err)
		}
	})
}

func FuzzUSCC(f *testing.F) {
	for _, s := range []string{spruceUSCC, alderUSCC, "91990000ma0000031e", "９１990000MA0000015Q", "91990000MAO000015Q", "", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUSCC(s)
		if err != nil {
			mustBeParseError(t, err, s)
			return
		}
		if back, err := ParseUSCC(u.String()); err != nil || back != u || len(u.String()) != usccLength {
			t.Fatalf("%q → %q → %q, %v", s, u, back, err)
		}
		if want, err := ComputeUSCC(u.String()[:17]); err != nil || (want == u) != u.CheckOK() {
			t.Fatalf("%q: computed %s, %v", s, want, err)
		}
	})
}

// mustBeParseError holds every error of a parser to the package's promise.
func mustBeParseError(t *testing.T, err error, s string) {
	t.Helper()
	var pe *ParseError
	if !errors.As(err, &pe) || !errors.Is(err, fault.Invalid) {
		t.Fatalf("%q: error without kind or place: %v", s, err)
	}
	if pe.Offset < 0 || pe.Offset > len([]rune(s)) {
		t.Fatalf("%q: offset %d outside the text", s, pe.Offset)
	}
}
