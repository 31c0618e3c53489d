// Package batch carries out a list of stampings, several at once, and can go on where it was stopped.
//
// The list is a CSV with a header; in and out name the files. The report is a CSV too, one line for each row as it ends, and is what a later run reads to
// know which rows are done. A row is stamped when its output is in place: where a crash took the report's last lines, the outputs tell.
package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yinxin/fault"
)

// Bounds on a list.
const (
	maxListBytes = 256 << 20
	maxRows      = 1_000_000
)

// Row is one stamping to be done.
type Row struct {
	Line    int // in the list; the header is line 1
	In, Out string
	Options map[string]string // the further columns that are not empty, by their names
}

// ReadList reads a list. Its first line names the columns, in any order: in, out, and any of options. A list that spreadsheets saved as GB 18030 is
// understood, as is a byte order mark. No two rows may have one output, and none may take what another makes: rows are done in no order.
func ReadList(r io.Reader, options ...string) ([]Row, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxListBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	if len(data) > maxListBytes {
		return nil, fault.New(fault.Limit, "batch-list-too-large", fmt.Sprintf("清单超过 %d MB，请分成几份", maxListBytes>>20), fmt.Sprintf("the list is larger than %d MB: split it", maxListBytes>>20), nil)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		if data, err = simplifiedchinese.GB18030.NewDecoder().Bytes(data); err != nil || bytes.ContainsRune(data, utf8.RuneError) {
			return nil, wrongList(1, "不是 UTF-8 或 GB 18030 编码的文本", "it is not text in UTF-8 or GB 18030")
		}
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.TrimLeadingSpace = true
	header, err := c.Read()
	if err != nil {
		return nil, wrongList(1, "没有可读的表头", "it has no header that can be read")
	}
	columns, err := columnsOf(header, options)
	if err != nil {
		return nil, err
	}
	return readRows(c, columns)
}

// columnsOf checks the header and returns the names in order.
func columnsOf(header, options []string) ([]string, error) {
	known := append([]string{"in", "out"}, options...)
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.ToLower(strings.TrimSpace(h))
		if !slices.Contains(known, names[i]) || slices.Contains(names[:i], names[i]) {
			return nil, wrongList(1, fmt.Sprintf("列名“%.40s”不认识或重复，可用：%s", h, strings.Join(known, "、")),
				fmt.Sprintf("the column “%.40s” is unknown or named twice; there are: %s", h, strings.Join(known, ", ")))
		}
	}
	if !slices.Contains(names, "in") || !slices.Contains(names, "out") {
		return nil, wrongList(1, "表头须有 in 和 out 两列", "the header must name the columns in and out")
	}
	return names, nil
}

func readRows(c *csv.Reader, columns []string) ([]Row, error) {
	var rows []Row
	outs := map[string]int{}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, unchained(rows, outs)
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return nil, wrongList(p.Line, "格式有误，各行列数须与表头相同，引号须成对", "it is malformed: each line has as many columns as the header, and quotes come in pairs")
		}
		if err != nil {
			return nil, fmt.Errorf("read the list: %w", err)
		}
		row := Row{Options: map[string]string{}}
		row.Line, _ = c.FieldPos(0)
		for i, name := range columns {
			switch v := strings.TrimSpace(record[i]); {
			case strings.ContainsFunc(v, unicode.IsControl):
				return nil, wrongList(row.Line, "“"+name+"”中有控制字符", "“"+name+"” holds control characters")
			case name == "in":
				row.In = v
			case name == "out":
				row.Out = v
			case v != "":
				row.Options[name] = v
			}
		}
		out := filepath.Clean(row.Out)
		switch {
		case row.In == "" || row.Out == "":
			return nil, wrongList(row.Line, "缺少输入或输出文件名", "the input or the output is not named")
		case outs[out] != 0:
			return nil, wrongList(row.Line, fmt.Sprintf("输出“%s”与第 %d 行相同", row.Out, outs[out]), fmt.Sprintf("the output “%s” is that of line %d too", row.Out, outs[out]))
		case len(rows) == maxRows:
			return nil, wrongList(row.Line, fmt.Sprintf("超过 %d 行，请分成几份", maxRows), fmt.Sprintf("there are more than %d rows: split the list", maxRows))
		}
		outs[out] = row.Line
		rows = append(rows, row)
	}
}

// unchained refuses a row whose input is an output of the list.
func unchained(rows []Row, outs map[string]int) error {
	for _, r := range rows {
		if from := outs[filepath.Clean(r.In)]; from != 0 {
			return wrongList(r.Line, fmt.Sprintf("输入“%s”是第 %d 行的输出：请先做那一行，再用另一份清单做这一行", r.In, from),
				fmt.Sprintf("the input “%s” is the output of line %d: do that first, and this with another list", r.In, from))
		}
	}
	return nil
}

func wrongList(line int, zh, en string) error {
	return fault.New(fault.Invalid, "batch-list", fmt.Sprintf("清单第 %d 行：%s", line, zh), fmt.Sprintf("line %d of the list: %s", line, en), nil)
}
