package token

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
)

// entry is one line of the audit. No PIN, no signature and nothing that was signed is in it, only the SM3 of what the key signed.
type entry struct {
	Number    uint64    `json:"n"` // from 1, without gaps
	Time      time.Time `json:"time"`
	Event     string    `json:"event"`            // the C_ function, or start, stop, torn, rotate, continue
	Key       string    `json:"key,omitempty"`    // label of the key; of start: the face; of rotate and continue: the file after and before
	ID        string    `json:"id,omitempty"`     // its CKA_ID, hexadecimal
	Public    string    `json:"public,omitempty"` // SM3 of its SubjectPublicKeyInfo
	Mechanism uint64    `json:"mechanism,omitempty"`
	User      string    `json:"user,omitempty"`  // of C_Login: so, user or context
	Input     string    `json:"input,omitempty"` // SM3 of the 32 bytes that the key was to sign
	UID       uint32    `json:"uid"`
	PID       int32     `json:"pid"`
	Result    rv        `json:"result"`
}

// audit is a row of files that only grow: audit.log, audit-000002.log and so on; the last is written to. A line is the SM3 of the chain so far and of the
// entry, then the entry as JSON: removing, altering or swapping lines breaks the chain, cutting off its end does not. The chain goes on from file to file,
// and the last line of each but the last names the next, so that none of them can be taken away unnoticed.
//
// A line is with the system before write returns, so it outlives the process; it is on the disk within syncEvery.
type audit struct {
	root  *os.Root
	limit int64 // bytes in a file, after which the next is begun

	mu     sync.Mutex
	file   *os.File
	index  int // of the file, from 1
	size   int64
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
	maxAuditFile = 64 << 20 // some 150,000 signatures

	eventTorn     = "torn"     // a line that a crash cut short was taken off
	eventRotate   = "rotate"   // the last line of a file
	eventContinue = "continue" // the first line of the next
)

// auditName is the name of the audit's file i, from 1.
func auditName(i int) string {
	if i == 1 {
		return "audit.log"
	}
	return fmt.Sprintf("audit-%06d.log", i)
}

// lastAudit is the number of the last file there is; 0 where there is none.
func lastAudit(root *os.Root) (last int, err error) {
	d, err := root.Open(".")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	for _, name := range names {
		var i int
		if _, err := fmt.Sscanf(name, "audit-%06d.log", &i); err != nil && name == auditName(1) {
			i = 1
		}
		if i > last && name == auditName(i) {
			last = i
		}
	}
	return last, err
}

// openAudit opens the audit in a directory, or begins one, and goes on from its last line. A line that was torn by a crash is cut off and said to have
// been.
func openAudit(dir string) (*audit, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, auditUnavailable(dir, err)
	}
	a := &audit{root: root, limit: maxAuditFile, done: make(chan struct{})}
	torn, err := a.resume()
	if err == nil && torn {
		err = a.write(entry{Time: time.Now(), Event: eventTorn})
	}
	if err != nil {
		if a.file != nil {
			a.file.Close()
		}
		root.Close()
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return nil, err
		}
		return nil, auditUnavailable(dir, err)
	}
	a.idle.Go(a.syncNowAndThen)
	return a, nil
}

func auditUnavailable(path string, err error) error {
	return fault.New(fault.Unavailable, "token-audit", "无法写审计记录 "+path+"，没有它就不签名", "the audit "+path+" cannot be written, and without it nothing is signed", err)
}

func missingAudit(name string) error {
	return fault.New(fault.Invalid, "token-audit-missing",
		"审计文件 "+name+" 不见了：请查明原因，把它放回原处", "the audit's file "+name+" is missing: find out why, and put it back", nil)
}

// RotateAudit checks the audit of a token that nobody serves (else fault.Conflict), begins a new file of it, and returns the name of the one that is
// finished. For what can be wrong see ReadAudit.
func RotateAudit(dir string) (name string, err error) {
	if _, err := ReadAudit(dir, nil); err != nil {
		return "", err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	a, err := openAudit(dir)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	name = auditName(a.index)
	err = a.rotate(time.Now())
	a.mu.Unlock()
	return name, errors.Join(err, a.close())
}

// resume opens the last file and reads its end.
func (a *audit) resume() (torn bool, err error) {
	if a.index, err = lastAudit(a.root); err != nil {
		return false, err
	}
	if a.index == 0 {
		a.index = 1
		a.file, err = a.create(a.index)
		return false, err
	}
	last, torn, err := a.reopen()
	switch {
	case err != nil:
		return torn, err
	case last.Event == eventRotate:
		return torn, missingAudit(auditName(a.index + 1))
	case last.Number == 0 && a.index > 1:
		before, err := a.finishRotation()
		return torn || before, err
	}
	return torn, nil
}

// finishRotation goes on where a crash cut a rotation short: the last file has no line yet.
func (a *audit) finishRotation() (torn bool, err error) {
	next := a.file
	a.index--
	last, torn, err := a.reopen()
	if err != nil {
		return torn, errors.Join(err, next.Close())
	}
	return torn, a.moveTo(next, time.Now(), last.Event == eventRotate)
}

// reopen opens the file a.index and reads its last line; number 0 where there is none. What a crash cut short is taken off.
func (a *audit) reopen() (last entry, torn bool, err error) {
	name := auditName(a.index)
	if a.file, err = a.root.OpenFile(name, os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = missingAudit(name)
		}
		return last, false, err
	}
	size, err := a.file.Seek(0, io.SeekEnd)
	if err != nil {
		return last, false, err
	}
	tail := make([]byte, min(size, 2*maxAuditLine))
	if _, err := a.file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return last, false, err
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if rest := int64(len(tail) - whole); rest > 0 {
		torn = true
		if err := a.file.Truncate(size - rest); err != nil {
			return last, torn, err
		}
		tail, size = tail[:whole], size-rest
	}
	if a.size = size; size == 0 {
		return last, torn, nil
	}
	end := bytes.TrimSuffix(tail, []byte("\n"))
	chain, last, err := splitLine(end[bytes.LastIndexByte(end, '\n')+1:])
	if err != nil {
		return last, torn, fault.New(fault.Invalid, "token-audit-end",
			"审计记录的最后一行无法识别："+name+"；请查明原因，把它移走后重试", "the last line of the audit "+name+" is not understood: find out why, move it away and try again", err)
	}
	a.chain, a.number = chain, last.Number
	return last, torn, nil
}

// create makes the file i, whose name outlives a crash.
func (a *audit) create(i int) (*os.File, error) {
	f, err := a.root.OpenFile(auditName(i), os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := durable.SyncDir(a.root, "."); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// write appends a line, in a new file where the old one is full. It fails for good where one failed before: an audit with a hole is none.
func (a *audit) write(e entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == nil && a.size >= a.limit {
		a.failed = a.rotate(e.Time)
	}
	return a.append(e)
}

// rotate begins the next file. The file is there before the line that names it, so that a name without a file is a file that was taken away.
func (a *audit) rotate(now time.Time) error {
	next, err := a.create(a.index + 1)
	if err != nil {
		return auditUnavailable(auditName(a.index+1), err)
	}
	return a.moveTo(next, now, false)
}

// moveTo ends the file that is written to, unless it says already that it has ended, and goes on in the next.
func (a *audit) moveTo(next *os.File, now time.Time, ended bool) (err error) {
	if !ended {
		err = a.append(entry{Time: now, Event: eventRotate, Key: auditName(a.index + 1)})
	}
	if err := errors.Join(err, a.file.Sync(), a.file.Close()); err != nil {
		a.file = next
		return auditUnavailable(auditName(a.index), err)
	}
	a.file, a.size = next, 0
	a.index++
	return a.append(entry{Time: now, Event: eventContinue, Key: auditName(a.index - 1)})
}

func (a *audit) append(e entry) error {
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
		a.failed = auditUnavailable(auditName(a.index), err)
		return a.failed
	}
	a.size += int64(a.line.Len())
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
	dirty, f := a.dirty, a.file
	a.dirty = false
	a.mu.Unlock()
	if !dirty {
		return
	}
	if err := f.Sync(); err != nil {
		a.mu.Lock()
		if a.file == f { // else it was brought to the disk, and closed, by who began the next
			a.failed = auditUnavailable(auditName(a.index), err)
		}
		a.mu.Unlock()
	}
}

func (a *audit) close() error {
	close(a.done)
	a.idle.Wait()
	a.sync()
	return errors.Join(a.failed, a.file.Close(), a.root.Close())
}
