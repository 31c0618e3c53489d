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
	Failed  State = "failed"  // there is no output; a later run tries again
)

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
}

// header names the report's columns, which later versions only add to.
func header() []string {
	return []string{"line", "in", "out", "state", "signature", "digest", "bytes", "time", "code", "message"}
}

// record is the line. No column breaks lines: a report cut short is cut between two newlines.
func (o Outcome) record() []string {
	r := []string{strconv.Itoa(o.Row.Line), o.Row.In, o.Row.Out, string(o.State), o.Signature, o.Digest, "", "", o.Code, strings.ReplaceAll(o.Message, "\n", " ")}
	if o.State != Failed {
		r[6] = strconv.FormatInt(o.Bytes, 10)
	}
	if !o.Time.IsZero() {
		r[7] = o.Time.UTC().Format(time.RFC3339)
	}
	return r
}

// Journal is a report that is being written. One process at a time has it.
type Journal struct {
	f    *os.File
	done map[[2]string]bool // rows with an output, by in and out
}

// OpenJournal opens a report, or begins one. A last line that a crash cut short is dropped; a file that is no report is left alone.
func OpenJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // the report is for everyone to read, as the outputs are
	if err != nil {
		return nil, fault.New(fault.Invalid, "batch-report", "无法打开报告 "+path+"，请检查目录和权限", "cannot open the report "+path+": check the directory and the permissions", err)
	}
	j := &Journal{f: f, done: map[[2]string]bool{}}
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
	if len(whole) == 0 && len(data) == 0 {
		return j.write(header())
	}
	if !j.read(whole) {
		return fault.New(fault.Invalid, "batch-report", path+" 不是批量签章的报告：请换一个报告文件名", path+" is no report of a batch: name another file for the report", nil)
	}
	if err := j.f.Truncate(int64(len(whole))); err != nil {
		return fmt.Errorf("drop the report's broken last line: %w", err)
	}
	_, err = j.f.Seek(0, io.SeekEnd)
	return err
}

// read takes the lines of an earlier run. It reports whether they are a report's.
func (j *Journal) read(data []byte) bool {
	c := csv.NewReader(bytes.NewReader(data))
	first, err := c.Read()
	if err != nil || !slices.Equal(first, header()) {
		return false
	}
	for {
		r, err := c.Read()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if s := State(r[3]); s == Stamped || s == Found {
			j.done[[2]string{r[1], r[2]}] = true
		}
	}
}

// Done reports whether an earlier run made the row's output.
func (j *Journal) Done(r Row) bool { return j.done[[2]string{r.In, r.Out}] }

// Add writes one line, in one piece.
func (j *Journal) Add(o Outcome) error { return j.write(o.record()) }

func (j *Journal) write(record []string) error {
	var b bytes.Buffer
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
