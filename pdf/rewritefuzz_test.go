package pdf

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// failer is a test, a fuzzed one or one of properties.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// rewrittenFile rewrites b; an error without a kind fails the test.
func rewrittenFile(t failer, b []byte, lim document.Limits) ([]byte, Repair, error) {
	t.Helper()
	var out bytes.Buffer
	r, err := Rewrite(context.Background(), bytes.NewReader(b), int64(len(b)), document.Options{Limits: lim}, &out)
	if err != nil && fault.KindOf(err) == 0 {
		t.Fatalf("an error without a kind: %v", err)
	}
	if err != nil && out.Len() > 0 {
		t.Fatalf("%d bytes were written before %v", out.Len(), err)
	}
	return out.Bytes(), r, err
}

// checkRewritten holds the promises of Rewrite: what it writes has the pages it says, nothing departs from the standard, it can be signed, and it is
// what it writes again.
func checkRewritten(t failer, out []byte, r Repair) {
	t.Helper()
	d, err := openReader(out)
	if err != nil {
		t.Fatalf("the new file cannot be opened: %v", err)
	}
	if pages, err := d.Pages(); err != nil || len(pages) != r.PagesAfter {
		t.Fatalf("%d pages, %v; the report says %d", len(pages), err, r.PagesAfter)
	}
	if signed, err := d.Signatures(); err != nil || len(signed) > 0 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	if err := d.f.strict(); err != nil {
		t.Fatalf("the new file departs from the standard: %v", err)
	}
	if s := d.f.sections; len(s) != 1 || s[0].kind != tableSection || len(s[0].table) != 1 || len(s[0].table[0].entries) != r.Objects+1 {
		t.Fatalf("not one section over all %d objects", r.Objects)
	}
	again, second, err := rewrittenFile(t, out, document.Limits{})
	if err != nil {
		t.Fatalf("the new file is refused: %v", err)
	}
	if !second.Clean() || second.Rebuilt || second.PagesBefore != r.PagesAfter || second.Objects != r.Objects {
		t.Fatalf("the new file is reported broken: %+v", second)
	}
	trailer := bytes.LastIndex(out, []byte("trailer"))
	if trailer < 0 || len(again) < trailer || !bytes.Equal(again[:trailer], out[:trailer]) {
		t.Fatal("rewritten again, the file is another")
	}
	if r.PagesAfter > 0 {
		checkSealable(t, d)
	}
}

// checkSealable signs in a new, invisible field. Objects that play several roles at once are refused then, whoever wrote them.
func checkSealable(t failer, d *Document) {
	t.Helper()
	_, err := d.Prepare(document.Request{Kind: document.Sign, Profile: "ETSI.CAdES.detached", Reserve: 64})
	if err != nil && !strings.Contains(err.Error(), "stands for several things at once") {
		t.Fatalf("the new file cannot be signed: %v", err)
	}
}

// FuzzRewrite: nothing panics, and what is written is what Rewrite promises.
func FuzzRewrite(f *testing.F) {
	for name, c := range hostile() {
		if len(c.file) < 64<<10 {
			f.Add([]byte(c.file))
		} else {
			f.Logf("%s is too large for a seed", name)
		}
	}
	for _, b := range broken(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		out, r, err := rewrittenFile(t, b, fuzzLimits)
		var p *ParseError
		switch {
		case err == nil:
			checkRewritten(t, out, r)
		case errors.As(err, &p) && p.What == "":
			t.Errorf("a parse error that says nothing: %v", err)
		}
	})
}
