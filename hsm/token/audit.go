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
	"sync"
	"time"

	"yinxin/fault"
	"yinxin/gm"
)

// entry is one line of the audit. No PIN, no signature and nothing that was signed is in it, only the SM3 of what the key signed.
type entry struct {
	Number    uint64    `json:"n"` // from 1, without gaps
	Time      time.Time `json:"time"`
	Event     string    `json:"event"`            // the C_ function, or start, stop, torn
	Key       string    `json:"key,omitempty"`    // label of the key; of start: the face
	ID        string    `json:"id,omitempty"`     // its CKA_ID, hexadecimal
	Public    string    `json:"public,omitempty"` // SM3 of its SubjectPublicKeyInfo
	Mechanism uint64    `json:"mechanism,omitempty"`
	User      string    `json:"user,omitempty"`  // of C_Login: so, user or context
	Input     string    `json:"input,omitempty"` // SM3 of the 32 bytes that the key was to sign
	UID       uint32    `json:"uid"`
	PID       int32     `json:"pid"`
	Result    rv        `json:"result"`
}

// audit is a file that only grows. A line is the SM3 of the chain so far and of the entry, then the entry as JSON: removing, altering or swapping lines
// breaks the chain, cutting off its end does not.
//
// A line is with the system before write returns, so it outlives the process; it is on the disk within syncEvery.
type audit struct {
	mu     sync.Mutex
	file   *os.File
	chain  [gm.DigestSize]byte
	number uint64
	line   bytes.Buffer
	failed error // once a line could not be written nothing more is
	dirty  bool
	done   chan struct{}
	idle   sync.WaitGroup
}

const (
	syncEvery    = time.Second
	maxAuditLine = 4 << 10
)

// openAudit opens the file, or makes it, and goes on from its last line. A line that was torn by a crash is cut off and said to have been.
func openAudit(path string) (*audit, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, auditUnavailable(path, err)
	}
	a := &audit{file: f, done: make(chan struct{})}
	torn, err := a.resume()
	if err == nil && torn {
		err = a.write(entry{Time: time.Now(), Event: "torn"})
	}
	if err != nil {
		f.Close()
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return nil, err
		}
		return nil, auditUnavailable(path, err)
	}
	a.idle.Go(a.syncNowAndThen)
	return a, nil
}

func auditUnavailable(path string, err error) error {
	return fault.New(fault.Unavailable, "token-audit", "无法写审计记录 "+path+"，没有它就不签名", "the audit "+path+" cannot be written, and without it nothing is signed", err)
}

// resume reads the end of the file.
func (a *audit) resume() (torn bool, err error) {
	size, err := a.file.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false, err
	}
	tail := make([]byte, min(size, 2*maxAuditLine))
	if _, err := a.file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return false, err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if rest := int64(len(tail) - whole); rest > 0 {
		torn = true
		if err := a.file.Truncate(size - rest); err != nil {
			return torn, err
		}
		if tail = tail[:whole]; size == rest {
			return torn, nil
		}
	}
	last := bytes.TrimSuffix(tail, []byte("\n"))
	chain, e, err := splitLine(last[bytes.LastIndexByte(last, '\n')+1:])
	if err != nil {
		return torn, fault.New(fault.Invalid, "token-audit-end",
			"审计记录的最后一行无法识别："+a.file.Name()+"；请查明原因，把它移走后重试", "the last line of the audit "+a.file.Name()+" is not understood: find out why, move it away and try again", err)
	}
	a.chain, a.number = chain, e.Number
	return torn, nil
}

// write appends a line. It fails for good where one failed before: an audit with a hole is none.
func (a *audit) write(e entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed != nil {
		return a.failed
	}
	e.Number = a.number + 1
	e.Time = e.Time.UTC()
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode an audit line: %w", err)
	}
	chain := gm.SM3(a.chain[:], body)
	a.line.Reset()
	a.line.Write(hex.AppendEncode(a.line.AvailableBuffer(), chain[:]))
	a.line.WriteByte(' ')
	a.line.Write(body)
	a.line.WriteByte('\n')
	if _, err := a.file.Write(a.line.Bytes()); err != nil {
		a.failed = auditUnavailable(a.file.Name(), err)
		return a.failed
	}
	a.chain, a.number, a.dirty = chain, e.Number, true
	return nil
}

func (a *audit) syncNowAndThen() {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-a.done:
			return
		case <-tick.C:
			a.sync()
		}
	}
}

// sync brings what was written to the disk, without holding up who writes more.
func (a *audit) sync() {
	a.mu.Lock()
	dirty := a.dirty
	a.dirty = false
	a.mu.Unlock()
	if !dirty {
		return
	}
	if err := a.file.Sync(); err != nil {
		a.mu.Lock()
		a.failed = auditUnavailable(a.file.Name(), err)
		a.mu.Unlock()
	}
}

func (a *audit) close() error {
	close(a.done)
	a.idle.Wait()
	a.sync()
	return errors.Join(a.failed, a.file.Close())
}

// Summary is what an audit says in all.
type Summary struct {
	Lines  uint64
	Signed uint64         // C_Sign and C_SignFinal that gave a signature
	Failed uint64         // those that did not
	Inputs map[string]int // SM3 of the 32 bytes a key signed, hexadecimal, and how often
}

// ReadAudit checks the chain of an audit from its first line and sums it up. A line that does not follow from those before it is fault.Invalid.
func ReadAudit(r io.Reader) (Summary, error) {
	s := Summary{Inputs: map[string]int{}}
	var chain [gm.DigestSize]byte
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, maxAuditLine), maxAuditLine)
	for lines.Scan() {
		line := lines.Bytes()
		stated, e, err := splitLine(line)
		if err != nil {
			return s, brokenAudit(s.Lines+1, err)
		}
		chain = gm.SM3(chain[:], line[2*gm.DigestSize+1:])
		s.Lines++
		if chain != stated || e.Number != s.Lines {
			return s, brokenAudit(s.Lines, nil)
		}
		if e.Event != "C_Sign" {
			continue
		}
		if e.Result != rvOK {
			s.Failed++
			continue
		}
		s.Signed++
		s.Inputs[e.Input]++
	}
	if err := lines.Err(); err != nil {
		return s, brokenAudit(s.Lines+1, err)
	}
	return s, nil
}

func brokenAudit(line uint64, err error) error {
	return fault.New(fault.Invalid, "token-audit-broken",
		fmt.Sprintf("审计记录第 %d 行与它前面的不相接：有行被改动、删除或调换", line),
		fmt.Sprintf("line %d of the audit does not follow from those before it: lines were altered, removed or swapped", line), err)
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
