package batch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yinxin/fault"
	"yinxin/stamp/batch"
)

func TestReadList(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("in,out,reason\n合同.pdf,已签.pdf,年度合同\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		want       []batch.Row // nil: refused
		line       string      // that the refusal names
	}{
		{"plain", "in,out\na.pdf,b.pdf\nc.pdf,d.pdf\n", []batch.Row{{Line: 2, In: "a.pdf", Out: "b.pdf"}, {Line: 3, In: "c.pdf", Out: "d.pdf"}}, ""},
		{"any order, byte order mark, quotes", "\xef\xbb\xbfReason, OUT ,in\n\"a, b\",o.pdf,i.pdf\n", []batch.Row{{Line: 2, In: "i.pdf", Out: "o.pdf", Options: map[string]string{"reason": "a, b"}}}, ""},
		{"GB 18030", gb, []batch.Row{{Line: 2, In: "合同.pdf", Out: "已签.pdf", Options: map[string]string{"reason": "年度合同"}}}, ""},
		{"no rows", "in,out\n", []batch.Row{}, ""},
		{"empty", "", nil, "1"},
		{"no out", "in,reason\na,b\n", nil, "1"},
		{"unknown column", "in,out,colour\na,b,c\n", nil, "1"},
		{"column twice", "in,out,in\na,b,c\n", nil, "1"},
		{"one output twice", "in,out\na,b\nc,b\n", nil, "3"},
		{"too few", "in,out\na,b\nc\n", nil, "3"},
		{"no name", "in,out\n,b\n", nil, "2"},
		{"control characters", "in,out\n\"a\nb\",c\n", nil, "2"},
		{"a row takes what a later one makes", "in,out\na,b\nc,d\n./d,e\n", nil, "4"},
		{"a row takes what an earlier one makes", "in,out\nx/../b,c\na,b\n", nil, "2"},
		{"one output in two words", "in,out\na,b\nc,./b\n", nil, "3"},
		{"not text", "in,out\n\xff\xff,b\n", nil, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := batch.ReadList(strings.NewReader(c.text), "reason")
			if c.want == nil {
				p, _ := fault.PublicOf(err)
				if p.Code != "batch-list" || !strings.Contains(p.EN, "line "+c.line+" ") {
					t.Errorf("error %v, want one about line %s", err, c.line)
				}
				return
			}
			if err != nil || len(rows) != len(c.want) {
				t.Fatalf("%v, %v", rows, err)
			}
			for i, r := range rows {
				w := c.want[i]
				if r.Line != w.Line || r.In != w.In || r.Out != w.Out || !maps.Equal(r.Options, w.Options) && len(r.Options)+len(w.Options) > 0 {
					t.Errorf("row %d: %+v, want %+v", i, r, w)
				}
			}
		})
	}
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte("in,out,reason\na.pdf,b.pdf,\"x\"\"y\"\n"))
	f.Add([]byte("\xef\xbb\xbfout,in\nb,a\n"))
	f.Add([]byte("in,out\n\xba\xcf,b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := batch.ReadList(strings.NewReader(string(data)), "reason")
		if err != nil && fault.KindOf(err) == 0 {
			t.Fatalf("an error nobody can read: %v", err)
		}
		for _, r := range rows {
			if r.In == "" || r.Out == "" || r.Line < 2 {
				t.Fatalf("row %+v", r)
			}
		}
	})
}

// rows are n rows.
func rows(n int) []batch.Row {
	out := make([]batch.Row, n)
	for i := range out {
		out[i] = batch.Row{Line: i + 2, In: fmt.Sprintf("%d.pdf", i), Out: fmt.Sprintf("out-%d.pdf", i)}
	}
	return out
}

func making(r batch.Row) batch.Making {
	return batch.Making{Bytes: int64(r.Line), SM3: "of " + r.In, Order: "as asked"}
}

func open(t *testing.T, path string) *batch.Journal {
	t.Helper()
	j, err := batch.OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// run works rows through with two workers; fails says which rows fail. It returns the rows that were tried.
func run(t *testing.T, path string, list []batch.Row, fails func(batch.Row) bool) (batch.Summary, map[int]int) {
	t.Helper()
	j := open(t, path)
	var mu sync.Mutex
	tried := map[int]int{}
	b := batch.Batch{Rows: list, Journal: j, Workers: 2, Stamp: func(_ context.Context, r batch.Row, earlier *batch.Making) batch.Outcome {
		made := making(r)
		if earlier != nil {
			if *earlier != made {
				t.Errorf("line %d: the report says that the output is of %+v, it is of %+v", r.Line, *earlier, made)
			}
			return batch.Outcome{Row: r, State: batch.Earlier}
		}
		mu.Lock()
		defer mu.Unlock()
		tried[r.Line]++
		if fails(r) {
			return batch.Outcome{Row: r, State: batch.Failed, Code: "broken", Message: "two\nlines, \"quoted\""}
		}
		return batch.Outcome{Row: r, State: batch.Stamped, Signature: "Seal1", Bytes: 10, Making: made}
	}}
	sum, err := b.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return sum, tried
}

// TestResume: each row is stamped once over all runs; those that failed are tried again.
func TestResume(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	list := rows(50)
	sum, tried := run(t, path, list, func(r batch.Row) bool { return r.Line%10 == 0 })
	if sum != (batch.Summary{Total: 50, Stamped: 45, Failed: 5}) || len(tried) != 50 {
		t.Errorf("first run: %+v, %d tried", sum, len(tried))
	}
	sum, tried = run(t, path, list, func(batch.Row) bool { return false })
	if sum != (batch.Summary{Total: 50, Earlier: 45, Stamped: 5}) || len(tried) != 5 || tried[10] != 1 {
		t.Errorf("second run: %+v, tried %v", sum, tried)
	}
	if sum, tried = run(t, path, list, func(batch.Row) bool { return true }); sum.Earlier != 50 || len(tried) != 0 {
		t.Errorf("third run: %+v, tried %v", sum, tried)
	}
}

// TestMark: a report begins with a byte order mark, and one that lost it to an editor is gone on with.
func TestMark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	run(t, path, rows(3), func(batch.Row) bool { return false })
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bare, found := strings.CutPrefix(string(data), "\xef\xbb\xbf")
	if !found || !strings.HasPrefix(bare, "line,in,out,") {
		t.Errorf("the report begins %.20q", data)
	}
	if err := os.WriteFile(path, []byte(bare), 0o600); err != nil {
		t.Fatal(err)
	}
	if sum, _ := run(t, path, rows(4), func(batch.Row) bool { return false }); sum != (batch.Summary{Total: 4, Earlier: 3, Stamped: 1}) {
		t.Errorf("without the mark: %+v", sum)
	}
}

// TestBrokenLastLine: what a crash cut short is dropped, its row tried again, and the report goes on behind whole lines.
func TestBrokenLastLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	list := rows(3)
	run(t, path, list, func(batch.Row) bool { return false })
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Count(string(data), "\n")
	for cut := len(data) - 1; cut > len(data)-12; cut-- {
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if sum, tried := run(t, path, list, func(batch.Row) bool { return false }); sum.Earlier != 2 || len(tried) != 1 {
			t.Fatalf("cut at %d: %+v, tried %v", cut, sum, tried)
		}
		if again, err := os.ReadFile(path); err != nil || strings.Count(string(again), "\n") != whole {
			t.Fatalf("cut at %d: the report is now %q, %v", cut, again, err)
		}
	}
}

func TestJournalRefuses(t *testing.T) {
	dir := t.TempDir()
	held := filepath.Join(dir, "held.csv")
	j := open(t, held)
	defer j.Close()
	if _, err := batch.OpenJournal(held); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second batch on one report: %v", err)
	}
	old := filepath.Join(dir, "old.csv")
	if err := os.WriteFile(old, []byte("line,in,out,state,signature,digest,bytes,time,code,message\n2,a,b,stamped,,,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := batch.OpenJournal(old); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a report that does not say of what the outputs are: %v", err)
	}
	other := filepath.Join(dir, "letter.txt")
	const letter = "Dear all,\nnot a report.\n"
	if err := os.WriteFile(other, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := batch.OpenJournal(other); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file that is no report: %v", err)
	}
	if data, err := os.ReadFile(other); err != nil || string(data) != letter {
		t.Errorf("the file was changed: %q, %v", data, err)
	}
	if _, err := batch.OpenJournal(filepath.Join(dir, "none", "report.csv")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no directory: %v", err)
	}
}

// TestStopped: when the caller gives up, rows under way end, nothing new begins, and what was stopped is not reported as failed.
func TestStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.csv")
	j := open(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	var tried atomic.Int32
	b := batch.Batch{Rows: rows(1000), Journal: j, Workers: 2, Stamp: func(ctx context.Context, r batch.Row, _ *batch.Making) batch.Outcome {
		if tried.Add(1) == 10 {
			cancel()
		}
		if ctx.Err() != nil {
			return batch.Outcome{Row: r, State: batch.Failed, Message: "context canceled"}
		}
		return batch.Outcome{Row: r, State: batch.Stamped, Making: making(r)}
	}}
	sum, err := b.Run(ctx)
	if !errors.Is(err, context.Canceled) || sum.Failed != 0 || sum.Left() == 0 || int(tried.Load()) > 14 {
		t.Errorf("%+v after %d rows, %v", sum, tried.Load(), err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again, left := run(t, path, b.Rows, func(batch.Row) bool { return false })
	if again.Earlier != sum.Stamped || len(left) != 1000-sum.Stamped {
		t.Errorf("after the stop: %+v, %d tried", again, len(left))
	}
}

// TestReportGone: without a report nothing is stamped any further.
func TestReportGone(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "report.csv"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var tried atomic.Int32
	b := batch.Batch{Rows: rows(1000), Journal: j, Workers: 2, Stamp: func(_ context.Context, r batch.Row, _ *batch.Making) batch.Outcome {
		tried.Add(1)
		return batch.Outcome{Row: r, State: batch.Stamped}
	}}
	if _, err := b.Run(context.Background()); fault.KindOf(err) != fault.Unavailable || tried.Load() > 5 {
		t.Errorf("error %v after %d rows", err, tried.Load())
	}
}
