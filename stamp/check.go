package stamp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/sign"
	"yinxin/verify"
)

// selfCheck reads the output back: the signatures just made must hold in every respect that needs no network, and every earlier one must be as
// intact as before. Local trust that says no is a failure; trust that says nothing is not.
func (w *work) selfCheck(ctx context.Context, out io.ReaderAt) (Result, error) {
	lax := w.Trust == nil || len(w.Trust.Anchors()) == 0
	v := verify.Verifier{Trust: w.Trust, Proven: w.Proven, IntegrityOnly: lax}
	doc, err := w.Format.Open(ctx, out, w.size, document.Options{Limits: w.Limits, Password: w.Password})
	if err != nil {
		return Result{}, err
	}
	facts, err := v.GatherDocument(ctx, w.Format.Name(), doc)
	if err != nil {
		return Result{}, err
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: lax}, w.now)
	earlier, made := split(w.before, r.Signatures)
	wanted := len(w.made)
	if w.level == LevelLTA {
		wanted++
	}
	if len(earlier) != len(w.before) || len(made) != wanted {
		return Result{}, fmt.Errorf("%d earlier signatures and %d new ones, expected %d and %d", len(earlier), len(made), len(w.before), wanted)
	}
	signatures, err := doc.Signatures()
	if err != nil {
		return Result{}, err
	}
	proven, err := w.stamped(signatures, made)
	if err != nil {
		return Result{}, err
	}
	if err := asBefore(w.before, r.Signatures, earlier); err != nil {
		return Result{}, err
	}
	covers := document.CoversFile
	if w.level.evidence() || w.staysOpen() {
		covers = document.CoversRevision // what says that it is good follows it, or another signature may
	}
	for i := len(w.made) - 1; i >= 0; i-- {
		if err := holds(r.Signatures[made[i]], w.made[i], covers); err != nil {
			return Result{}, err
		}
		covers = document.CoversRevision
	}
	result := Result{ID: r.Signatures[made[0]].ID, Digest: w.made[0].Digest, Time: w.made[0].Time, Size: w.size, Earlier: len(earlier), Level: w.level, Proven: proven}
	if w.also != nil {
		result.AlsoID = r.Signatures[made[1]].ID
	}
	if w.level == LevelLTA {
		result.Timestamp = r.Signatures[made[len(made)-1]].ID
	}
	return result, nil
}

// split tells the signatures that were there before from those made since: their places in now, each in order. New ones come last, but in an OFD of
// several documents, which lists them among the others: there IDs tell, which are unique.
func split(before, now []verify.SignatureReport) (earlier, made []int) {
	same := func(a, b verify.SignatureReport) bool { return a.ID == b.ID }
	last := len(now) >= len(before) && slices.EqualFunc(before, now[:len(before)], same)
	for i, n := range now {
		if last && i < len(before) || !last && slices.ContainsFunc(before, func(s verify.SignatureReport) bool { return same(s, n) }) {
			earlier = append(earlier, i)
		} else {
			made = append(made, i)
		}
	}
	return earlier, made
}

// asBefore reports an earlier signature that is not what it was.
func asBefore(before, now []verify.SignatureReport, earlier []int) error {
	for i, s := range before {
		if n := now[earlier[i]]; n.ID != s.ID || n.Integrity != s.Integrity || n.Aspects.Integrity == verify.Failed {
			return fmt.Errorf("the earlier signature %s would be broken: %s", s.ID, firstFailure(n).EN)
		}
	}
	return nil
}

// stamped reads the tokens in the signatures just made, and the document time stamp behind them, back from the output: each must be over its own octets.
// It returns the time of the first.
func (w *work) stamped(list []document.Signature, made []int) (proven time.Time, err error) {
	for i, k := range made {
		if w.Timestamps == nil {
			break
		}
		s := list[k]
		at, err := token(s)
		if err != nil {
			return proven, err
		}
		if covers, why := s.Coverage(); i >= len(w.made) && covers != document.CoversFile {
			return proven, errors.New("the document time stamp does not cover the file: " + why)
		}
		if i == 0 {
			proven = at
		}
	}
	return proven, nil
}

// codeWrongTimestamp is a token that is not what its authority was asked for.
const codeWrongTimestamp = "timestamp-wrong"

func wrongTimestamp(id string, cause error) error {
	zh, en := "", ""
	if id != "" {
		zh, en = "给“"+id+"”", " for “"+id+"”"
	}
	return fault.New(fault.Unavailable, codeWrongTimestamp, "时间戳服务"+zh+"的时间戳不正确，文件已弃用；请换用其他时间戳服务",
		"the time stamping authority gave a wrong time stamp"+en+"; the file was discarded: use another authority", cause)
}

func insecure(algorithms []string) error {
	if len(algorithms) == 0 {
		return nil
	}
	return fmt.Errorf("it is made with %v", algorithms)
}

// holds reports how the signature just made falls short.
func holds(s verify.SignatureReport, made sign.Signed, covers document.Coverage) error {
	switch {
	case s.Verdict == verify.Failed:
		return errors.New(firstFailure(s).EN)
	case s.Integrity != verify.Intact || s.Aspects.Integrity != verify.Passed || s.Coverage != covers:
		return fmt.Errorf("the signature %s is %s (%s) and covers %s", s.ID, s.Integrity, s.Aspects.Integrity, s.Coverage)
	case s.Time == nil || !s.Time.Claimed.Equal(made.Time):
		return errors.New("the signature " + s.ID + " is not the one just made")
	}
	return nil
}

func firstFailure(s verify.SignatureReport) verify.Text {
	for _, f := range s.Findings {
		if f.Level == verify.Fail && f.Verdict == verify.Failed {
			return f.Message
		}
	}
	return verify.Text{}
}
