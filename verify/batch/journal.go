package batch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/verify"
)

// mark is a byte order mark, without which spreadsheet programs do not show Chinese.
const mark = "\xef\xbb\xbf"

// maxLine is the size in bytes of the longest line: each cell is bounded.
const maxLine = 1 << 20

// Journal keeps the rows as they come, in no order. It is a CSV too, so that what an interrupted run has is there to be read. One process at a time has it.
type Journal struct {
	f     *os.File
	w     io.Writer // f
	end   int64
	order string
	at    time.Time
	rows  map[[16]byte]int64 // by file: where the journal has the line of an earlier run
	lines int                // but the first
}

// OpenJournal opens a journal, or begins one for files that are to be judged for the moment at. order is the SM3 of all that decides a verdict besides the
// file and its evidence, in hexadecimal: rows of another order are not gone on with. A last line that a crash cut short is dropped; a file that is no
// journal is left alone.
func OpenJournal(path, order string, at time.Time) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // for everyone to read, as the table is
	if err != nil {
		return nil, fault.New(fault.Invalid, "journal", "无法打开 "+path+"，请检查目录和权限", "cannot open "+path+": check the directory and the permissions", err)
	}
	j := &Journal{f: f, w: f, order: order, at: at.UTC().Truncate(time.Second), rows: map[[16]byte]int64{}}
	if err := j.begin(path); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// At is the moment for which all files are judged: that of the run that began the journal.
func (j *Journal) At() time.Time { return j.at }

// Earlier is how many rows earlier runs have left.
func (j *Journal) Earlier() int { return len(j.rows) }

// Empty reports whether the journal has no row at all.
func (j *Journal) Empty() bool { return j.lines == 0 }

func (j *Journal) begin(path string) error {
	held, err := durable.TryLock(j.f)
	if err != nil {
		return fmt.Errorf("lock the journal: %w", err)
	}
	if !held {
		return fault.New(fault.Conflict, "journal-running", path+" 正由另一次核验使用，请等它结束", path+" is in use by another run: wait for it to end", nil)
	}
	size, err := j.f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("the journal's size: %w", err)
	}
	if size > 0 {
		if err := j.read(path, size); err != nil {
			return err
		}
	}
	if err := j.f.Truncate(j.end); err != nil {
		return fmt.Errorf("drop the journal's broken last line: %w", err)
	}
	if _, err := j.f.Seek(j.end, io.SeekStart); err != nil {
		return fmt.Errorf("the journal's end: %w", err)
	}
	if j.end == 0 {
		_, err = j.write(mark, header("en", allColumns))
	}
	return err
}

// read takes the lines of an earlier run.
func (j *Journal) read(path string, size int64) error {
	none := fault.New(fault.Invalid, "journal", path+" 不是核验的中间记录：请移走它，或换一个输出文件名", path+" is no journal of a verification: move it away or name another output", nil)
	tail := make([]byte, min(size, maxLine))
	if _, err := j.f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	whole := size - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')) + 1
	r := bufio.NewReader(io.NewSectionReader(j.f, 0, whole))
	skipped := int64(0)
	if head, err := r.Peek(len(mark)); err == nil && string(head) == mark {
		skipped = int64(len(mark))
		_, _ = r.Discard(len(mark))
	}
	c := csv.NewReader(r)
	c.ReuseRecord = true
	if first, err := c.Read(); err != nil || !slices.Equal(first, header("en", allColumns)) {
		return none
	}
	for ; ; j.lines++ {
		j.end = skipped + c.InputOffset()
		row, err := c.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return none
		case row[colOrder] != j.order:
			return fault.New(fault.Conflict, "journal-other", path+" 是用另一些选项（信任目录、--at、--type、语言等）开始的，结论不能混在一张表里：请用原来的选项继续，或删除它重新开始",
				path+" was begun with other options (trust directory, --at, --type, language…), and one table must not mix them: go on with those, or delete it to begin anew", nil)
		}
		at, err := time.Parse(time.RFC3339, row[colJudged])
		if err != nil || j.lines > 0 && !at.Equal(j.at) {
			return none
		}
		j.at = at.UTC()
		if row[colVerdict] != string(verify.Unreadable) { // what could not be read is tried again
			j.rows[key(row[colFile])] = j.end
		}
	}
}

// key tells cells apart: 16 bytes of their SM3.
func key(cell string) [16]byte {
	sum := gm.SM3([]byte(cell))
	return [16]byte(sum[:16])
}

// done is where the journal has the row of a file that is what it was, or -1.
func (j *Journal) done(name string, m making) int64 {
	at, found := j.rows[key(nameCell(name))]
	if !found {
		return -1
	}
	row, err := j.row(at)
	if err != nil || row[colFile] != nameCell(name) || row[colSM3] != m.file || row[colBesideSM3] != m.beside {
		return -1
	}
	return at
}

// row reads the line at an offset. Several goroutines may.
func (j *Journal) row(at int64) ([]string, error) {
	row, err := csv.NewReader(io.NewSectionReader(j.f, at, maxLine)).Read()
	if err == nil && len(row) != int(allColumns) {
		err = csv.ErrFieldCount
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal at %d: %w", at, err)
	}
	return row, nil
}

// add writes one line, in one piece, and says where it is.
func (j *Journal) add(row []string) (int64, error) {
	j.lines++
	return j.write("", row)
}

func (j *Journal) write(before string, row []string) (int64, error) {
	b := bytes.NewBufferString(before)
	w := csv.NewWriter(b)
	if err := w.Write(row); err != nil {
		return 0, fmt.Errorf("write a row: %w", err)
	}
	w.Flush()
	at := j.end
	n, err := j.w.Write(b.Bytes())
	j.end += int64(n)
	if err != nil {
		return 0, fault.New(fault.Unavailable, "journal-write", "无法写入中间记录，核验已停止；排除故障后用同样的命令继续，已核验的不会重做",
			"the journal cannot be written and the work has stopped: mend the fault and run the same command again; what is done is not done twice", err)
	}
	return at, nil
}

// Close makes the journal durable.
func (j *Journal) Close() error { return errors.Join(j.f.Sync(), j.f.Close()) }
