package local

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"time"

	"yinxin/ca"
)

// The states of a certificate in the index.
const (
	statusValid   = "valid"
	statusRevoked = "revoked"
)

// maxLine bounds a line of the index in bytes; a line made here has about 2000.
const maxLine = 64 << 10

// line is one line of index.jsonl. A certificate has a line with its bytes when it is issued and a second when it is revoked.
type line struct {
	Serial      string     `json:"serial"` // as serialText writes it
	Status      string     `json:"status"`
	Profile     ca.Profile `json:"profile"`
	Subject     string     `json:"subject"`
	USCC        string     `json:"uscc,omitempty"`
	NotAfter    time.Time  `json:"notAfter"`
	At          time.Time  `json:"at"` // when the line was written
	RevokedAt   time.Time  `json:"revokedAt,omitzero"`
	Reason      *ca.Reason `json:"reason,omitempty"`
	Certificate []byte     `json:"certificate,omitempty"` // DER
}

func (l line) encode() ([]byte, error) {
	b, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("write a line of the index: %w", err)
	}
	if len(b) >= maxLine {
		return nil, fmt.Errorf("write a line of the index: %d bytes are too many", len(b))
	}
	return append(b, '\n'), nil
}

// check returns what is wrong with a line by itself.
func (l line) check() string {
	n, ok := new(big.Int).SetString(l.Serial, 16)
	switch {
	case !ok || n.Sign() <= 0 || len(l.Serial) > 40 || serialText(n) != l.Serial:
		return "the serial number is not written as hex pairs"
	case !l.Profile.Known():
		return fmt.Sprintf("profile %.32q is not known here", string(l.Profile))
	case l.NotAfter.IsZero() || l.At.IsZero():
		return "a time is missing"
	case l.Status == statusValid && (len(l.Certificate) == 0 || l.Reason != nil || !l.RevokedAt.IsZero()):
		return "the line of an issued certificate lacks it or speaks of revocation"
	case l.Status == statusRevoked && (len(l.Certificate) != 0 || l.Reason == nil || l.RevokedAt.IsZero()):
		return "the line of a revocation lacks reason or time or holds a certificate"
	case l.Status != statusValid && l.Status != statusRevoked:
		return fmt.Sprintf("status %.32q is not known here", l.Status)
	}
	return ""
}

// serialText writes a serial number as pairs of hex digits, lower case: also the name of its file.
func serialText(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

// parseIndex reads index.jsonl and hands every line to visit, in order. What stands behind the last line feed was never finished, so nothing
// followed from it: it is passed over. A line revoked before it was issued, or twice, or issued twice, is an error, as is all else, *ParseError.
func parseIndex(r io.Reader, visit func(line)) error {
	in := bufio.NewReaderSize(r, maxLine)
	state := map[string]string{}
	for at := int64(0); ; {
		raw, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return &ParseError{Offset: at, Reason: fmt.Sprintf("a line is longer than %d bytes", maxLine)}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the index: %w", err)
		}
		var l line
		if err := decodeStrict(raw, at, &l); err != nil {
			return err
		}
		reason := l.check()
		if reason == "" {
			before := state[l.Serial]
			if l.Status == statusValid && before != "" || l.Status == statusRevoked && before != statusValid {
				reason = "certificate " + l.Serial + " is " + l.Status + " after being " + before
			}
		}
		if reason != "" {
			return &ParseError{Offset: at, Reason: reason}
		}
		state[l.Serial] = l.Status
		visit(l)
		at += int64(len(raw))
	}
}

// scan reads the index.
func (c *CA) scan(visit func(line)) error {
	f, err := c.root.Open(indexName)
	if err != nil {
		return damaged(c.dir, indexName, err)
	}
	defer f.Close()
	if err := parseIndex(f, visit); err != nil {
		return damaged(c.dir, indexName, err)
	}
	return nil
}

// append adds a line and returns once it is on the disk. Where it fails the index is as it was. The lock is held.
func (c *CA) append(l line) error {
	data, err := l.encode()
	if err != nil {
		return err
	}
	// Not O_CREATE: an index that has gone missing must not begin again from nothing.
	f, err := c.root.OpenFile(indexName, os.O_RDWR, 0)
	if err != nil {
		return damaged(c.dir, indexName, err)
	}
	defer f.Close()
	end, err := finished(f)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil {
		return damaged(c.dir, indexName, err)
	}
	_, err = f.WriteAt(data, end)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return unavailable(c.dir, errors.Join(err, f.Truncate(end), f.Sync()))
	}
	return nil
}

// finished returns where the last finished line of f ends.
func finished(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	tail := make([]byte, min(size, maxLine))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return 0, err
	}
	n := bytes.LastIndexByte(tail, '\n') + 1
	if n == 0 && size >= maxLine {
		return 0, &ParseError{Offset: size - int64(len(tail)), Reason: fmt.Sprintf("a line is longer than %d bytes", maxLine)}
	}
	return size - int64(len(tail)-n), nil
}
