package batch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/fault"
)

func few(t testing.TB) string {
	return writeTo(t, t.TempDir(), map[string]string{
		"a.ofd": packed("00000001", 100), "b.xml": invoice("00000002", 200), "c/d.ofd": packed("00000003", 300), "c/e.xml": invoice("00000001", 100),
		"f.xml": invoice("00000005", 500), "g.xml": invoice("00000006", 600), "h.xml": invoice("00000002", 200), "letter.txt": "not an invoice",
	})
}

// TestResume: a run that was killed after any row, and in the middle of writing one, is gone on with to the same bytes, and does nothing twice.
func TestResume(t *testing.T) {
	dir := few(t)
	x := newTrial(t)
	whole, _ := x.must(t, dir)
	journal := read(t, x.journal)
	ends := []int{}
	for i := range journal {
		if journal[i] == '\n' {
			ends = append(ends, i+1)
		}
	}
	for cut := ends[0]; cut <= len(journal); cut += 37 {
		y := newTrial(t)
		y.at = began().AddDate(0, 0, 1) // the moment is that of the first run
		if err := os.WriteFile(y.journal, journal[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := strings.Count(string(journal[ends[0]:cut]), "\n") - strings.Count(string(journal[:lastLine(journal[:cut])]), ",UNREADABLE,")
		if kept == 0 {
			y.at = began()
		}
		table, sum := y.must(t, dir)
		if table != whole || sum.Earlier != kept || int(y.judged.Load()) != 8-kept {
			t.Fatalf("cut at %d of %d: the same table %v; %d kept and %d judged, want %d kept", cut, len(journal), table == whole, sum.Earlier, y.judged.Load(), kept)
		}
	}
}

func lastLine(b []byte) int { return strings.LastIndexByte(string(b), '\n') + 1 }

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestKilledWhileRunning: what the disk has at any moment of a run is enough to go on from.
func TestKilledWhileRunning(t *testing.T) {
	dir := writeTo(t, t.TempDir(), fiveHundred())
	whole, _ := newTrial(t).must(t, dir)
	x, y := newTrial(t), newTrial(t)
	x.before = func(n int32) {
		if n == 250 {
			data, err := os.ReadFile(x.journal)
			if err == nil {
				err = os.WriteFile(y.journal, data[:len(data)-10], 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	x.must(t, dir)
	table, sum := y.must(t, dir)
	if table != whole || sum.Earlier < 240 || int(y.judged.Load()) != 500-sum.Earlier || sum.Repeats != 3 {
		t.Errorf("the same table %v, %d kept, %d judged, %d repeats", table == whole, sum.Earlier, y.judged.Load(), sum.Repeats)
	}
}

// TestChangedMeanwhile: a row counts for the bytes it was made of, those of the evidence beside the file too, and what could not be read is tried again.
func TestChangedMeanwhile(t *testing.T) {
	dir := few(t)
	x := newTrial(t)
	x.must(t, dir)
	writeTo(t, dir, map[string]string{"b.xml": invoice("00000009", 900), "a.ofd.evidence": "evidence", "letter.txt": invoice("00000008", 800), "aa.xml": invoice("00000007", 700)})
	if err := os.Remove(filepath.Join(dir, "g.xml")); err != nil {
		t.Fatal(err)
	}
	table, sum := x.must(t, dir)
	_, list := rowsOf(t, table)
	rows := byFile(list)
	at := func(name string) map[string]string { return rows[filepath.ToSlash(filepath.Join(dir, name))] }
	if x.judged.Load() != 4 || sum.Earlier != 4 || len(list) != 8 || at("b.xml")["total"] != "9.54" || at("a.ofd")["verdict"] != "FAILED" || at("letter.txt")["verdict"] != "PASSED" ||
		at("g.xml") != nil || sum.Repeats != 1 {
		t.Errorf("%d judged, %d kept, %d rows: %v", x.judged.Load(), sum.Earlier, len(list), rows)
	}
	fresh, _ := newTrial(t).must(t, dir)
	if fresh != table {
		t.Error("gone on with, the table is another than made anew")
	}
}

// TestJournalRefuses: rows of other options are not mixed in, a journal has one run at a time, and a file that is no journal is left alone.
func TestJournalRefuses(t *testing.T) {
	dir := few(t)
	x := newTrial(t)
	x.must(t, dir)
	x.order = "another"
	if _, _, err := x.run(t.Context(), dir); fault.KindOf(err) != fault.Conflict {
		t.Errorf("other options: %v", err)
	}
	x.order = "order"
	j, err := OpenJournal(x.journal, x.order, began())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.run(t.Context(), dir); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second run: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	journal := string(read(t, x.journal))
	for name, data := range map[string]string{
		"letter": "Dear all,\nnot a journal.\n", "no line": "x", "another time": strings.Replace(journal, "2026-03-02T08:00:00Z", "2026-03-02T08:00:01Z", 1),
		"a column less": strings.Replace(journal, ",evidence_sm3", "", 1), "a broken line": strings.Replace(journal, ",PASSED,", "", 1), "no time": strings.ReplaceAll(journal, "2026-03-02T08", ""),
	} {
		y := newTrial(t)
		if err := os.WriteFile(y.journal, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := y.run(t.Context(), dir); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if string(read(t, y.journal)) != data {
			t.Errorf("%s: the file was changed", name)
		}
	}
	y := newTrial(t)
	y.journal = filepath.Join(t.TempDir(), "none", "j")
	if _, _, err := y.run(t.Context(), dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no folder: %v", err)
	}
}

// TestStopped: when the caller gives up there is no table, and what was done is kept.
func TestStopped(t *testing.T) {
	dir := writeTo(t, t.TempDir(), fiveHundred())
	ctx, cancel := context.WithCancel(t.Context())
	x := newTrial(t)
	x.before = func(n int32) {
		if n == 100 {
			cancel()
		}
	}
	if table, _, err := x.run(ctx, dir); !errors.Is(err, context.Canceled) || table != "" || x.judged.Load() > 110 {
		t.Fatalf("%v after %d files; %d bytes of table", err, x.judged.Load(), len(table))
	}
	x.before = nil
	if _, sum := x.must(t, dir); sum.Earlier < 90 || sum.Files != 500 {
		t.Errorf("%d kept of %d", sum.Earlier, sum.Files)
	}
}

// full is a disk that takes so many bytes.
type full struct {
	w    io.Writer
	left int
}

func (d *full) Write(p []byte) (int, error) {
	n, err := d.w.Write(p[:min(len(p), d.left)])
	if d.left -= n; n < len(p) && err == nil {
		err = errors.New("no space left")
	}
	return n, err
}

// TestDiskFull: wherever writing fails, the run stops with an error that says so, and the next goes on to the same bytes.
func TestDiskFull(t *testing.T) {
	dir := few(t)
	x := newTrial(t)
	whole, _ := x.must(t, dir)
	size := len(read(t, x.journal)) - lengthOf(header("en", allColumns))
	for room := 0; room < size-len(mark); room += 61 {
		y := newTrial(t)
		j, err := OpenJournal(y.journal, y.order, y.at)
		if err != nil {
			t.Fatal(err)
		}
		j.w = &full{j.f, room}
		if _, _, err := y.with(t.Context(), j, dir); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("with room for %d bytes: %v", room, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if table, _ := y.must(t, dir); table != whole {
			t.Fatalf("with room for %d bytes, the table is another", room)
		}
	}
	j, err := OpenJournal(x.journal, x.order, x.at)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	table, err := x.table(t.Context(), j, dir)
	if err != nil {
		t.Fatal(err)
	}
	for room := range len(whole) {
		if err := table.Write(&full{io.Discard, room}); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("a table with room for %d bytes: %v", room, err)
		}
	}
	if err := table.Write(&full{io.Discard, len(whole)}); err != nil {
		t.Error(err)
	}
}

func lengthOf(cells []string) int { return len(strings.Join(cells, ",")) + 1 }

// FuzzJournal: whatever a file holds, it is refused and left as it is, or gone on with, and then all it has are whole lines.
func FuzzJournal(f *testing.F) {
	x := newTrial(f)
	if _, _, err := x.run(context.Background(), few(f)); err != nil {
		f.Fatal(err)
	}
	whole := read(f, x.journal)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("a letter\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		y := newTrial(t)
		if err := os.WriteFile(y.journal, data, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(y.journal, y.order, y.at)
		if err != nil {
			if string(read(t, y.journal)) != string(data) {
				t.Fatal("refused, and changed")
			}
			return
		}
		defer j.Close()
		for _, at := range j.rows {
			if _, err := j.row(at); err != nil {
				t.Fatal(err)
			}
		}
		if now := string(read(t, y.journal)); !strings.HasSuffix(now, "\n") {
			t.Fatalf("it ends %.40q", now[max(0, len(now)-40):])
		}
	})
}
