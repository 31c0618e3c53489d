package stamp

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/sign"
	"yinxin/verify"
)

// Recognize reports whether out is what Make leaves for o: the input with the signatures of o's signers, intact, and nothing else. So that what a crash
// left unrecorded is not made twice. The Result has no SelfCheck and no Digest. Errors are those of reading and of o itself.
func Recognize(ctx context.Context, o Order, out io.ReaderAt, size int64) (Result, bool, error) {
	w := work{Order: &o, now: o.Now(), size: size}
	if err := w.settle(); err != nil {
		return Result{}, false, err
	}
	if w.Format.Name() != formatOFD { // a PDF begins with its input
		if same, err := begins(out, size, o.In, o.Size); err != nil || !same {
			return Result{}, false, err
		}
	}
	if err := w.open(ctx); err != nil {
		return Result{}, false, err
	}
	before, err := intact(ctx, w.Format, w.doc, w.now)
	if err != nil {
		return Result{}, false, err
	}
	v := verify.Verifier{Formats: []document.Format{w.Format}, Limits: w.Limits, Password: w.Password, Deadline: -1}
	facts, err := v.Gather(ctx, out, size)
	if err != nil {
		return Result{}, false, nil //nolint:nilerr // whatever cannot be read was not made here
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, w.now)
	earlier, made := split(before, r.Signatures)
	if len(earlier) != len(before) || !w.signedBy(r.Signatures, made) {
		return Result{}, false, nil
	}
	doc, err := w.Format.Open(ctx, out, size, document.Options{Limits: w.Limits, Password: w.Password})
	if err != nil {
		return Result{}, false, err
	}
	signatures, err := doc.Signatures()
	if err != nil {
		return Result{}, false, err
	}
	first := r.Signatures[made[0]]
	if w.Format.Name() == formatOFD {
		if same, err := w.again(signatures[made[0]], first.Time.Claimed); err != nil || !same {
			return Result{}, false, err
		}
	}
	proven, reached, err := w.leveled(doc, signatures, made)
	if err != nil || !reached {
		return Result{}, false, err
	}
	result := Result{ID: first.ID, Time: first.Time.Claimed, Size: size, Earlier: len(earlier), Level: w.level, Proven: proven}
	if w.Also != nil {
		result.AlsoID = r.Signatures[made[1]].ID
	}
	if w.level == LevelLTA {
		result.Timestamp = r.Signatures[made[len(made)-1]].ID
	}
	return result, true, nil
}

// again reports whether signing the input once more at the time claimed would sign what s signs: the digest of all that an OFD's signature lists, of the
// places and of the seal.
func (w *work) again(s document.Signature, at time.Time) (bool, error) {
	request, err := w.request()
	if err != nil {
		return false, err
	}
	digest, err := sign.Rehearse(w.doc, request, w.main, at, w.room())
	if err != nil {
		return false, err
	}
	own, err := s.Digest(w.main.Hasher())
	return err == nil && bytes.Equal(digest, own), nil
}

// signedBy reports whether the signatures made are those of the order's signers, each whole, and at LevelLTA a document time stamp, to the end of the
// file.
func (w *work) signedBy(list []verify.SignatureReport, made []int) bool {
	signers := [][]byte{w.Certificate}
	if w.Also != nil {
		signers = append(signers, w.Also.Certificate)
	}
	wanted := len(signers)
	if w.level == LevelLTA {
		wanted++
	}
	if len(made) != wanted {
		return false
	}
	for i, k := range made {
		s := list[k]
		switch {
		case i == len(signers):
			if s.Kind != document.Timestamp {
				return false
			}
		case !by(s, signers[i]) || s.Verdict == verify.Failed:
			return false
		}
		last := i == len(made)-1
		if last && w.level != LevelLT && !w.staysOpen() && s.Coverage != document.CoversFile || last && s.Changes.Level.Rank() > document.LevelLTA.Rank() {
			return false
		}
	}
	return true
}

// leveled reports whether the signatures made have what the order's level wants, and what time their first token proves.
func (w *work) leveled(doc document.Document, list []document.Signature, made []int) (proven time.Time, ok bool, err error) {
	if w.level == LevelB {
		return proven, true, nil
	}
	for i, k := range made {
		at, err := token(list[k])
		if err != nil {
			return proven, false, nil //nolint:nilerr // without its time stamp it was not made here
		}
		if i == 0 {
			proven = at
		}
	}
	carrier, ok := doc.(document.Evidencer)
	if !w.level.evidence() || !ok {
		return proven, !w.level.evidence(), nil
	}
	e, err := carrier.Evidence()
	_, held := e.BySignature[string(list[made[0]].Value())]
	return proven, held, err
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
