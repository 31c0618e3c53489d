package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"yinxin/durable"
	"yinxin/fault"
)

// State says how a row ended.
type State string

// The states.
const (
	Stamped State = "stamped" // the output was made
	Found   State = "found"   // the output was there, made by a run that could not report it
	Failed  State = "failed"  // there is no output, or one of another stamping; a later run tries again
	Earlier State = "earlier" // an earlier run's line says it; never in the report
)

// Making is what an output is made of.
type Making struct {
	Bytes int64  // of the input
	SM3   string // of the input, in hexadecimal
	Order string // the SM3 of all else that decides the output, in hexadecimal
}

// Outcome is a line of the report.
type Outcome struct {
	Row       Row
	State     State
	Signature string    // its ID in the document
	Digest    string    // of the protected bytes, in hexadecimal
	Bytes     int64     // of the output
	Time      time.Time // claimed by the signature
	Code      string    // of the failure
	Message   string    // what is wrong, for people
	Making    Making    // zero of a failure
}

// mark is a byte order mark, without which spreadsheet programs do not show Chinese.
const mark = "\xef\xbb\xbf"

// header names the report's columns, which later versions only add to at the end.
func header() []string {
	return []string{"line", "in", "out", "state", "signature", "digest", "bytes", "time", "code", "message", "input_bytes", "input_sm3", "order"}
}

// record is the line. No column breaks lines: a report cut short is cut between two newlines.
func (o Outcome) record() []string {
	r := []string{strconv.Itoa(o.Row.Line), o.Row.In, o.Row.Out, string(o.State), o.Signature, o.Digest, "", "", o.Code, strings.ReplaceAll(o.Message, "\n", " "), "", o.Making.SM3, o.Making.Order}
	if o.State != Failed {
		r[6], r[unmade] = strconv.FormatInt(o.Bytes, 10), strconv.FormatInt(o.Making.Bytes, 10)
	}
	if !o.Time.IsZero() {
		r[7] = o.Time.UTC().Format(time.RFC3339)
	}
	return r
}

// Journal is a report that is being written. One process at a time has it.
type Journal struct {
	f    *os.File
	done map[[2]string]Making // rows with an output, by in and out
}

// OpenJournal opens a report, or begins one. A last line that a crash cut short is dropped; a file that is no report is left alone.
func OpenJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // the report is for everyone to read, as the outputs are
	if err != nil {
		return nil, fault.New(fault.Invalid, "batch-report", "无法打开报告 "+path+"，请检查目录和权限", "cannot open the report "+path+": check the directory and the permissions", err)
	}
	j := &Journal{f: f, done: map[[2]string]Making{}}
	if err := j.begin(path); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) begin(path string) error {
	held, err := durable.TryLock(j.f)
	if err != nil {
		return fmt.Errorf("lock the report: %w", err)
	}
	if !held {
		return fault.New(fault.Conflict, "batch-running", "报告 "+path+" 正由另一次批量签章使用，请等它结束", "the report "+path+" is in use by another batch: wait for it to end", nil)
	}
	data, err := io.ReadAll(io.LimitReader(j.f, 2*maxListBytes))
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	if len(data) == 0 {
		return j.write(mark, header())
	}
	if err := j.read(whole, path); err != nil {
		return err
	}
	if err := j.f.Truncate(int64(len(whole))); err != nil {
		return fmt.Errorf("drop the report's broken last line: %w", err)
	}
	_, err = j.f.Seek(0, io.SeekEnd)
	return err
}

// read takes the lines of an earlier run.
func (j *Journal) read(data []byte, path string) error {
	none := fault.New(fault.Invalid, "batch-report", path+" 不是批量签章的报告：请换一个报告文件名", path+" is no report of a batch: name another file for the report", nil)
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte(mark))))
	first, err := c.Read()
	switch {
	case err != nil:
		return none
	case slices.Equal(first, header()[:unmade]):
		return fault.New(fault.Conflict, "batch-report-old", "报告 "+path+" 由旧版本写成，没有记录输入文件的内容和选项：请移走它或换一个报告文件名，重新开始；已签章的文件会认出来",
			"the report "+path+" is of an older version and does not say of what inputs and options the outputs are: move it away or name another, and begin anew; outputs that are there are recognized", nil)
	case !slices.Equal(first, header()):
		return none
	}
	for {
		r, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return none
		}
		if s := State(r[3]); s == Stamped || s == Found {
			size, err := strconv.ParseInt(r[unmade], 10, 64)
			if err != nil {
				return none
			}
			j.done[[2]string{r[1], r[2]}] = Making{size, r[unmade+1], r[unmade+2]}
		}
	}
}

// unmade is how many columns a report had that did not say of what its outputs were made.
const unmade = 10

// Done reports whether an earlier run made the row's output, and of what.
func (j *Journal) Done(r Row) (Making, bool) {
	m, done := j.done[[2]string{r.In, r.Out}]
	return m, done
}

// Add writes one line, in one piece.
func (j *Journal) Add(o Outcome) error { return j.write("", o.record()) }

func (j *Journal) write(before string, record []string) error {
	var b bytes.Buffer
	b.WriteString(before)
	w := csv.NewWriter(&b)
	if err := w.Write(record); err != nil {
		return err
	}
	w.Flush()
	if _, err := j.f.Write(b.Bytes()); err != nil {
		return fault.New(fault.Unavailable, "batch-report-write", "无法写入报告，批量签章已停止；已完成的文件仍然有效，排除故障后重新运行即可继续",
			"the report cannot be written and the batch has stopped; files that are done stay done: mend the fault and run it again", err)
	}
	return nil
}

// Close makes the report durable.
func (j *Journal) Close() error { return errors.Join(j.f.Sync(), j.f.Close()) }
