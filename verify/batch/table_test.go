package batch

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/verify"
)

// rowsOf takes a table apart: by column title, by file.
func rowsOf(t testing.TB, table string) (header []string, rows []map[string]string) {
	t.Helper()
	bare, marked := strings.CutPrefix(table, "\xef\xbb\xbf")
	if !marked || strings.Count(bare, "\n") != strings.Count(bare, "\r\n") {
		t.Fatal("no byte order mark, or lines that do not end as RFC 4180 has it")
	}
	all, err := csv.NewReader(strings.NewReader(bare)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, cell := range r {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

func byFile(rows []map[string]string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, r := range rows {
		out[filepath.ToSlash(r["file"])] = r
	}
	return out
}

// TestFiveHundred: each file has its row, in the order of names; the three that are there twice are named on both sides, and the sum counts them once.
func TestFiveHundred(t *testing.T) {
	files := fiveHundred()
	dir := writeTo(t, t.TempDir(), files)
	table, sum := newTrial(t).must(t, dir)
	_, list := rowsOf(t, table)
	rows := byFile(list)
	if len(list) != 500 || len(rows) != 500 || sum.Files != 500 {
		t.Fatalf("%d rows of %d files, %d counted", len(list), len(rows), sum.Files)
	}
	if !slices.IsSortedFunc(list, func(a, b map[string]string) int { return strings.Compare(a["file"], b["file"]) }) {
		t.Error("the rows are not in order")
	}
	at := func(name string) map[string]string { return rows[filepath.ToSlash(dir)+"/"+name] }
	want := map[string]string{"format": "OFD", "type": "e-invoice", "certainty": "certain", "code": "'099002600111", "number": "'00000101", "date": "2026-02-03",
		"seller": "云杉示例科技有限公司", "seller_code": "91990000MA0000015Q", "buyer": "示例市数据局", "net": "101.00", "tax": "6.06", "total": "107.06",
		"verdict": "PASSED", "reason": "reason for PASSED", "judged_at": "2026-03-02T08:00:00Z"}
	for column, cell := range want {
		if got := at("02/发票 100.ofd")[column]; got != cell {
			t.Errorf("%s is %q, want %q", column, got, cell)
		}
	}
	inDir := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, x := range []struct{ first, again, how string }{
		{"02/发票 100.ofd", "again/same.ofd", "same file"}, {"04/发票 011.xml", "again/spaced.xml", "same invoice number"}, {"04/发票 200.ofd", "again/wide.ofd", "same invoice number"}} {
		if a, f := at(x.again), at(x.first); a["repeats"] != x.how || a["duplicate_of"] != inDir(x.first) || f["repeated_in"] != inDir(x.again) || f["duplicate_of"] != "" {
			t.Errorf("%s: %q of %q; the first is repeated in %q", x.again, a["repeats"], a["duplicate_of"], f["repeated_in"])
		}
	}
	if sum.Repeats != 3 || sum.Same != 1 || len(sum.Repeated) != 3 || sum.Repeated[0].Invoice != "00000101" {
		t.Errorf("the summary names %d, %d of them the same: %+v", sum.Repeats, sum.Same, sum.Repeated)
	}
	if v := sum.Verdicts; v[verify.Passed] != 499 || v[verify.Failed] != 1 {
		t.Errorf("verdicts %v", v)
	}
	fen := 0
	for i := range 497 {
		if i != 12 {
			fen += (10000 + i) * 106 / 100
		}
	}
	if i := sum.Invoices; i.Count != 496 || i.Untold != 0 || strings.ReplaceAll(i.Total, ".", "") != fmtInt(fen) {
		t.Errorf("the sum is %+v, want %d fen", i, fen)
	}
}

// TestZipIsAsFolder: an archive gives the rows of the folder that was packed, whatever the order in it.
func TestZipIsAsFolder(t *testing.T) {
	files := fiveHundred()
	files["01/a-b.xml"], files["01/a/b.xml"], files["01/a.b.xml"] = invoice("1", 1), invoice("2", 1), invoice("3", 1) // signs before and behind the slash
	dir := writeTo(t, t.TempDir(), files)
	archive := filepath.Join(t.TempDir(), "all.ZIP")
	if err := os.WriteFile(archive, zipped(t, files), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, a := newTrial(t).must(t, dir)
	packed, b := newTrial(t).must(t, archive)
	if strings.ReplaceAll(folder, dir, "") != strings.ReplaceAll(packed, archive, "") {
		t.Error("an archive gives other rows than the folder")
	}
	a.Repeated, b.Repeated = nil, nil
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// TestSum: an invoice counts once, where it PASSED, whatever became of another file with its number.
func TestSum(t *testing.T) {
	dir := writeTo(t, t.TempDir(), map[string]string{"a.ofd": packed("00000001", 100), "a.ofd.evidence": "makes it fail", "b.ofd": packed("00000001", 100), "c.xml": invoice("00000001", 100),
		"d.xml": invoice("00000002", -5000), "e.xml": strings.Replace(invoice("00000003", 100), "1.06<", "1,06<", 1)})
	table, sum := newTrial(t).must(t, dir)
	if i := sum.Invoices; i != (Invoices{Count: 3, Total: "-51.94", Untold: 1}) || sum.Repeats != 2 || sum.Repeated[0].Invoice != "00000001" {
		t.Errorf("%+v, %d repeats", i, sum.Repeats)
	}
	if _, rows := rowsOf(t, table); rows[3]["total"] != "-53.00" || rows[4]["total"] != "1,06" {
		t.Errorf("%v", rows)
	}
}

// TestChinese: titles and words are in the language of the table.
func TestChinese(t *testing.T) {
	dir := writeTo(t, t.TempDir(), map[string]string{"a.xml": invoice("00000001", 100), "b.xml": invoice("00000001", 100), "c.txt": "?"})
	x := newTrial(t)
	x.lang = "zh"
	table, _ := x.must(t, dir)
	header, rows := rowsOf(t, table)
	if header[0] != "文件" || slices.ContainsFunc(header, func(s string) bool { return s == "" }) {
		t.Errorf("titles %v", header)
	}
	if r := rows[1]; r["类型"] != "电子发票" || r["类型依据"] != "数据写明" || r["重复"] != "文件相同" || !strings.Contains(rows[2]["说明"], "无法读取") {
		t.Errorf("%v", rows)
	}
}

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "=1+1": "'=1+1", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'=1", " \r\n=1": "'=1", "＝1": "'＝1", "'a": "''a",
		"26990000000000000019": "'26990000000000000019", "00000017": "'00000017", "12345": "12345", "123456789012": "'123456789012", "1E5": "'1E5", "1.50": "'1.50",
		"91990000MA0000015Q": "91990000MA0000015Q", "911100000000000E12": "'911100000000000E12", "Infinity": "Infinity", "2026-02-03": "2026-02-03", "a\x00b\u202ec": "a b c", "a\xffb": "a\ufffdb",
	} {
		if got := text(in, 100); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"¥1,060.00": "1060.00", "-12": "-12.00", "=1+1": "'=1+1", "1,06": "1,06"} {
		if got := cell(colTotal, in); got != want {
			t.Errorf("the amount %q becomes %q, want %q", in, got, want)
		}
	}
}

// TestInertAlways: no text whatever makes a cell that begins like a formula, breaks a line, or comes back from the CSV as another.
func TestInertAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := text(rapid.String().Draw(t, "text"), 50)
		if s != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", []rune(s)[0]) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("%q", s)
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = true
		if err := w.Write([]string{s, "x"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		if back, err := csv.NewReader(strings.NewReader(b.String())).Read(); err != nil || back[0] != s {
			t.Fatalf("%q comes back as %q, %v", s, back, err)
		}
	})
}
