package stamp

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/verify"
)

// Recognize reports whether out is what Make leaves for o: the bytes of the input, then the signatures of o's signers, intact and to the end of the file.
// So that what a crash left unrecorded is not made twice. The Result has no SelfCheck and no Digest. Errors are those of reading and of o itself.
func Recognize(ctx context.Context, o Order, out io.ReaderAt, size int64) (Result, bool, error) {
	w := work{Order: &o, now: o.Now(), size: size}
	if err := w.settle(); err != nil {
		return Result{}, false, err
	}
	if same, err := begins(out, size, o.In, o.Size); err != nil || !same {
		return Result{}, false, err
	}
	if err := w.open(ctx); err != nil {
		return Result{}, false, err
	}
	v := verify.Verifier{Formats: []document.Format{w.Format}, Limits: w.Limits, Password: w.Password, Deadline: -1}
	facts, err := v.Gather(ctx, out, size)
	if err != nil {
		return Result{}, false, nil //nolint:nilerr // whatever cannot be read was not made here
	}
	signers := [][]byte{w.Certificate}
	if w.Also != nil {
		signers = append(signers, w.Also.Certificate)
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, w.now)
	earlier := len(w.before)
	if len(r.Signatures) != earlier+len(signers) {
		return Result{}, false, nil
	}
	for i, s := range r.Signatures[earlier:] {
		last := i == len(signers)-1
		if !by(s, signers[i]) || s.Verdict == verify.Failed || last && s.Coverage != document.CoversFile {
			return Result{}, false, nil
		}
	}
	result := Result{ID: r.Signatures[earlier].ID, Time: r.Signatures[earlier].Time.Claimed, Size: size, Earlier: earlier}
	if w.Also != nil {
		result.AlsoID = r.Signatures[earlier+1].ID
	}
	return result, true, nil
}

// by reports whether a signature is intact and of the signer whose certificate is der.
func by(s verify.SignatureReport, der []byte) bool {
	digest := gm.SM3(der)
	return s.Integrity == verify.Intact && s.Time != nil && s.Signer != nil && s.Signer.Fingerprint == hex.EncodeToString(digest[:])
}

// begins reports whether a longer file begins with the bytes of another.
func begins(long io.ReaderAt, longSize int64, short io.ReaderAt, shortSize int64) (bool, error) {
	if longSize <= shortSize {
		return false, nil
	}
	const piece = 256 << 10
	a, b := make([]byte, piece), make([]byte, piece)
	for at := int64(0); at < shortSize; at += piece {
		n := min(piece, shortSize-at)
		for _, r := range []struct {
			from io.ReaderAt
			to   []byte
		}{{long, a[:n]}, {short, b[:n]}} {
			if got, err := r.from.ReadAt(r.to, at); got < len(r.to) {
				return false, fmt.Errorf("compare the output with its input: %w", errors.Join(err, io.ErrUnexpectedEOF))
			}
		}
		if !bytes.Equal(a[:n], b[:n]) {
			return false, nil
		}
	}
	return true, nil
}
