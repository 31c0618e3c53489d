package token

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"yinxin/fault"
	"yinxin/gm"
)

// Summary is what an audit says in all.
type Summary struct {
	Files  int
	Lines  uint64
	Signed uint64 // C_Sign and C_SignFinal that gave a signature
	Failed uint64 // those that did not
}

// ReadAudit checks the chain of the audit in a token's directory, through all its files, and sums it up. signed, which may be nil, is told of each
// signature: the SM3 of the 32 bytes that the key signed, hexadecimal. No audit there is fault.NotFound; a line that does not follow from those before
// it, or a file that is missing, is fault.Invalid and named.
func ReadAudit(dir string, signed func(input string)) (Summary, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Summary{}, noAudit(dir, err)
	}
	defer root.Close()
	if last, err := lastAudit(root); err != nil || last == 0 {
		return Summary{}, noAudit(dir, err)
	}
	r := auditReader{signed: signed}
	for i := 1; i == 1 || r.event == eventRotate; i++ {
		if err := r.file(root, i); err != nil {
			return r.Summary, err
		}
	}
	return r.Summary, nil
}

func noAudit(dir string, err error) error {
	return fault.New(fault.NotFound, "token-audit-none", "目录 "+dir+" 里没有可读的审计记录", "there is no audit to read in "+dir, err)
}

// auditReader goes along the chain.
type auditReader struct {
	Summary
	signed func(input string)
	chain  [gm.DigestSize]byte
	line   int    // in the file that was read last
	event  string // of its last line
}

// file goes on with file i. Where one follows that holds a line, this one has been ended, also while the token is served.
func (r *auditReader) file(root *os.Root, i int) error {
	name := auditName(i)
	next, err := root.Stat(auditName(i + 1))
	follows := err == nil && next.Size() > 0
	f, err := root.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return missingAudit(name)
	}
	if err != nil {
		return noAudit(name, err)
	}
	defer f.Close()
	if err := r.read(name, f); err != nil {
		return err
	}
	r.Files++
	if follows && r.event != eventRotate {
		return brokenAudit(name, r.line+1, errors.New("its end is missing"))
	}
	return nil
}

// wholeLines is bufio.ScanLines without a line that does not end: it is being written, or a crash cut it short.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if bytes.IndexByte(data, '\n') < 0 {
		return 0, nil, nil
	}
	return bufio.ScanLines(data, atEOF)
}

// read goes on with the next file.
func (r *auditReader) read(name string, file io.Reader) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, maxAuditLine), maxAuditLine)
	lines.Split(wholeLines)
	r.line, r.event = 0, ""
	for lines.Scan() {
		r.line++
		if err := r.take(lines.Bytes()); err != nil {
			return brokenAudit(name, r.line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return brokenAudit(name, r.line+1, err)
	}
	return nil
}

var errChain = errors.New("the chain is broken")

func (r *auditReader) take(line []byte) error {
	stated, e, err := splitLine(line)
	if err != nil {
		return err
	}
	r.chain = gm.SM3(r.chain[:], line[2*gm.DigestSize+1:])
	r.Lines++
	if r.chain != stated || e.Number != r.Lines || r.event == eventRotate {
		return errChain
	}
	r.event = e.Event
	switch {
	case e.Event != "C_Sign":
	case e.Result == rvOK:
		r.Signed++
		if r.signed != nil {
			r.signed(e.Input)
		}
	default:
		r.Failed++
	}
	return nil
}

func brokenAudit(name string, line int, err error) error {
	return fault.New(fault.Invalid, "token-audit-broken",
		fmt.Sprintf("审计文件 %s 第 %d 行与它前面的不相接：有行被改动、删除或调换", name, line),
		fmt.Sprintf("line %d of the audit's file %s does not follow from those before it: lines were altered, removed or swapped", line, name), err)
}

// splitLine takes a line apart without checking the chain.
func splitLine(line []byte) (chain [gm.DigestSize]byte, e entry, err error) {
	const at = 2 * gm.DigestSize
	if len(line) < at+1 || line[at] != ' ' {
		return chain, e, errors.New("no chain stands before it")
	}
	if _, err := hex.Decode(chain[:], line[:at]); err != nil {
		return chain, e, err
	}
	return chain, e, json.Unmarshal(line[at+1:], &e)
}
