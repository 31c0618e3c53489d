package stamp

import (
	"context"
	"errors"
	"fmt"
	"io"

	"yinxin/document"
	"yinxin/sign"
	"yinxin/verify"
)

// selfCheck reads the output back: the signatures just made must hold in every respect that needs no network, and every earlier one must be as
// intact as before. Local trust that says no is a failure; trust that says nothing is not.
func (w *work) selfCheck(ctx context.Context, out io.ReaderAt) (Result, error) {
	v := verify.Verifier{Formats: []document.Format{w.Format}, Limits: w.Limits, Password: w.Password, Trust: w.Trust, Deadline: -1}
	facts, err := v.Gather(ctx, out, w.size)
	if err != nil {
		return Result{}, err
	}
	r := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: w.Trust == nil || len(w.Trust.Anchors()) == 0}, w.now)
	earlier := len(w.before)
	if len(r.Signatures) != earlier+len(w.made) {
		return Result{}, fmt.Errorf("%d signatures, expected %d", len(r.Signatures), earlier+len(w.made))
	}
	for i, s := range w.before {
		now := r.Signatures[i]
		if now.ID != s.ID || now.Integrity != s.Integrity || now.Aspects.Integrity == verify.Failed {
			return Result{}, fmt.Errorf("the earlier signature %s would be broken: %s", s.ID, firstFailure(now).EN)
		}
	}
	covers := document.CoversFile
	for i := len(w.made) - 1; i >= 0; i-- {
		if err := holds(r.Signatures[earlier+i], w.made[i], covers); err != nil {
			return Result{}, err
		}
		covers = document.CoversRevision
	}
	result := Result{ID: r.Signatures[earlier].ID, Digest: w.made[0].Digest, Time: w.made[0].Time, Size: w.size, Earlier: earlier}
	if w.also != nil {
		result.AlsoID = r.Signatures[earlier+1].ID
	}
	return result, nil
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
