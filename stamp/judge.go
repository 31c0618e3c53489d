package stamp

import (
	"context"
	"sync"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/verify"
)

// What must hold before any key is asked is judged beside other work: the maker's signature on the seal takes as long as hashing the seal, the signatures
// already in the document as long as hashing it. Meanwhile the document is laid out and copied, which harms nobody: nothing of it leaves before Make returns.

// later runs fn beside other work, once. The function returned says what fn said, however often it is asked. Who asks before another processor came to fn
// runs it himself: on pieces of a fraction of a millisecond, waiting for one to wake up can take longer than the work.
func later(fn func() error) (said func() error) {
	said = sync.OnceValue(fn)
	go func() { _ = said() }() // it is told to who asks
	return said
}

// judged waits for all that was begun to be judged and returns the first objection: to the seal, then to the document.
func (w *work) judged() error {
	if err := w.sealJudged(); err != nil || w.documentJudged == nil {
		return err
	}
	return w.documentJudged()
}

// guarded is a key that is asked only after all was judged.
type guarded struct {
	hsm.Key
	judged func() error
}

func (g guarded) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := g.judged(); err != nil {
		return nil, err
	}
	return g.Key.Sign(ctx, digest, alg)
}

// judgeSeal verifies the maker's signature on the seal.
func (w *work) judgeSeal() error {
	if w.seal == nil || w.seal.VerifyMakerWith(w.Proven) == nil {
		return nil
	}
	return fault.New(fault.Denied, "seal-forged", "印章内制章者的签名不正确，印章可能被改动过，不能使用",
		"the maker's signature on the seal is wrong: it may have been altered and cannot be used", nil)
}

// judgeDocument judges what is signed already, and looks for what may have been prepared. It is the only one that reads the document meanwhile.
func (w *work) judgeDocument(ctx context.Context) (err error) {
	if w.before, err = intact(ctx, w.Format, w.doc, w.now); err != nil {
		return err
	}
	if t, ok := w.doc.(document.Tolerant); ok { // reading it all may have shown damage that laying out did not
		if err := t.Tolerated(); err != nil {
			return err
		}
	}
	w.warnings, err = w.suspicions()
	return err
}

// intact judges the integrity of every signature of a document. One with a broken signature is not stamped: the new seal would lend it credit.
func intact(ctx context.Context, format document.Format, doc document.Document, now time.Time) ([]verify.SignatureReport, error) {
	v := verify.Verifier{IntegrityOnly: true}
	facts, err := v.GatherDocument(ctx, format.Name(), doc)
	if err != nil {
		return nil, err
	}
	before := verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, now).Signatures
	for _, s := range before {
		if s.Verdict == verify.Failed {
			return nil, fault.New(fault.Denied, "earlier-signature-broken",
				"文件中已有的签名“"+s.ID+"”核验失败，不能在其上签章："+firstFailure(s).In("zh"),
				"the signature “"+s.ID+"” already in the file fails, so the file is not stamped: "+firstFailure(s).In("en"), nil)
		}
	}
	return before, nil
}
