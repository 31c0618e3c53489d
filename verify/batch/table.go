package batch

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"yinxin/doctype"
	"yinxin/einvoice"
	"yinxin/fault"
	"yinxin/verify"
)

// Table is what a run has found: one row for each file, in the order in which the files were named.
type Table struct {
	journal *Journal
	lang    string
	offsets []int64 // by row: where the journal has it
	repeats map[int]repeat
	sum     Summary
}

// Summary counts the rows.
type Summary struct {
	Files    int
	Earlier  int // of them, judged by an earlier run
	Verdicts map[verify.Verdict]int
	Skipped  Skipped

	Repeated []*Repeated // the first of them, at most 20
	Repeats  int         // rows that repeat one before them
	Same     int         // of them, rows whose file is the same to the byte

	Invoices Invoices // that PASSED
}

// Invoices adds up the invoices that PASSED. One that is there more than once counts once, and counts if any of them PASSED.
type Invoices struct {
	Count  int
	Total  string // yuan, exact
	Untold int    // whose total could not be read, and is not in Total
}

// Repeated is an invoice, or a file, that is there more than once.
type Repeated struct {
	Invoice string // its number; empty for a file that is no invoice
	First   string
	Others  []string // at most 10
	Count   int      // of the others
}

// What a summary holds, so that it stays short.
const (
	mostRepeated = 20
	mostOthers   = 10
)

// repeat is what a row has to do with others.
type repeat struct {
	*Repeated
	same  bool
	first bool
}

// Summary counts the rows.
func (t *Table) Summary() Summary { return t.sum }

// survey reads all rows and finds what is there twice. It holds 16 bytes of a digest for each file and each invoice.
func (t *Table) survey() error {
	t.repeats, t.sum.Verdicts = map[int]repeat{}, map[verify.Verdict]int{}
	total := new(big.Int)
	met := meetings{}
	for i, at := range t.offsets {
		row, err := t.journal.row(at)
		if err != nil {
			return err
		}
		t.sum.Files++
		verdict := verify.Verdict(row[colVerdict])
		t.sum.Verdicts[verdict]++
		if verdict == verify.Unreadable {
			continue
		}
		if err := t.meet(met, i, row); err != nil {
			return err
		}
		if verdict == verify.Passed && t.isInvoice(row) && met.first("passed "+t.identity(row), i) == i {
			t.sum.Invoices.Count++
			if a, ok := einvoice.ParseAmount(row[colTotal]); ok {
				total.Add(total, big.NewInt(int64(a)))
			} else {
				t.sum.Invoices.Untold++
			}
		}
	}
	t.sum.Invoices.Total = yuan(total)
	return nil
}

// meetings are the rows that were the first to have something.
type meetings map[[16]byte]int

// first is the row that had it first: i itself, if none before.
func (m meetings) first(what string, i int) int {
	k := key(what)
	if at, found := m[k]; found {
		return at
	}
	m[k] = i
	return i
}

// identity is what a row's document is known by: the code and number of an invoice, else the digest of the file.
func (t *Table) identity(row []string) string {
	if number := bareNumber(row[colNumber]); number != "" && t.isInvoice(row) {
		return "invoice " + bareNumber(row[colCode]) + " " + number
	}
	return "file " + row[colSM3]
}

// yuan writes fen as yuan.
func yuan(fen *big.Int) string {
	return new(big.Rat).SetFrac(fen, big.NewInt(100)).FloatString(2)
}

func (t *Table) isInvoice(row []string) bool {
	return row[colType] == verify.Text(doctype.Invoice.Words()).In(t.lang)
}

// meet notes a row under its file's digest and under its invoice, and where one before has either, says so of both.
func (t *Table) meet(met meetings, i int, row []string) error {
	sameFile := met.first("file "+row[colSM3], i)
	first := min(sameFile, met.first(t.identity(row), i))
	if first == i {
		return nil
	}
	group, known := t.repeats[first]
	if !known {
		of, err := t.journal.row(t.offsets[first])
		if err != nil {
			return err
		}
		group = repeat{Repeated: &Repeated{First: of[colFile]}, first: true}
		if t.isInvoice(of) {
			group.Invoice = bare(of[colNumber])
		}
		t.repeats[first] = group
		if len(t.sum.Repeated) < mostRepeated {
			t.sum.Repeated = append(t.sum.Repeated, group.Repeated)
		}
	}
	group.add(row[colFile])
	t.repeats[i] = repeat{Repeated: group.Repeated, same: sameFile == first}
	t.sum.Repeats++
	if sameFile == first {
		t.sum.Same++
	}
	return nil
}

func (r *Repeated) add(file string) {
	if r.Count++; r.Count <= mostOthers {
		r.Others = append(r.Others, file)
	}
}

// bareNumber is a code or number as it is compared: letters and digits alone, in one width and one case.
func bareNumber(cell string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, cell)
}

// Write writes the table: UTF-8 with a byte order mark, lines after RFC 4180.
func (t *Table) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString(mark); err != nil {
		return unwritten(err)
	}
	c := csv.NewWriter(out)
	c.UseCRLF = true
	if err := c.Write(header(t.lang, tableColumns)); err != nil {
		return unwritten(err)
	}
	for i, at := range t.offsets {
		row, err := t.journal.row(at)
		if err != nil {
			return err
		}
		t.fill(i, row)
		if err := c.Write(row[:tableColumns]); err != nil {
			return unwritten(err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return unwritten(err)
	}
	if err := out.Flush(); err != nil {
		return unwritten(err)
	}
	return nil
}

func unwritten(err error) error {
	return fault.New(fault.Unavailable, "table-write", "表格无法写入，请检查磁盘空间；核验结果都在中间记录里，用同样的命令继续即可",
		"the table cannot be written: check the disk; all verdicts are in the journal, and the same command goes on from there", err)
}

// fill says in a row what it has in common with others. Names are cells already.
func (t *Table) fill(i int, row []string) {
	r, found := t.repeats[i]
	if !found {
		return
	}
	if !r.first {
		row[colFirst], row[colRepeats] = r.First, t.say("发票号码相同", "same invoice number")
		if r.same {
			row[colRepeats] = t.say("文件相同", "same file")
		}
		return
	}
	row[colRepeated] = strings.Join(r.Others, "；")
	if left := r.Count - len(r.Others); left > 0 {
		row[colRepeated] += fmt.Sprintf(t.say("；另有 %s 个", "；and %s more"), strconv.Itoa(left))
	}
}

func (t *Table) say(zh, en string) string { return verify.Text{ZH: zh, EN: en}.In(t.lang) }
