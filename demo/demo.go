// Package demo builds the demonstration's world: a trust domain, an issuing authority, enterprises with their licence and seals, and a contract
// sealed by two of them. It uses only what anyone may use, and everything in it is invented.
package demo

import (
	"context"
	"fmt"
	"os"
	"path"
	"time"

	"yinxin/ca"
	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/issue"
	"yinxin/trust"
	"yinxin/verify"
)

// Options for Run.
type Options struct {
	Dir     string // an empty or new directory
	Keys    issue.Keys
	Formats []document.Format // PDF first, in which the contract is written; the licence is in all of them
	Now     func() time.Time
	Step    func(done, total int, zh, en string) // progress; may be nil
}

// File is one document the demonstration made, with what verification said of it.
type File struct {
	Name    string // below Dir
	Report  verify.Report
	Expects verify.Verdict
}

// steps is how many times step is called, for progress.
const steps = 13

// world is the demonstration while it is being made.
type world struct {
	Options
	root      *os.Root // Dir
	fonts     font.Stack
	authority ca.Authority
	maker     issue.Maker
	agency    issue.Issuer
	trust     *trust.Set
	done      int
	files     []File
}

// Run makes the world below o.Dir and verifies every document in it. The error names the step that failed; a document whose verdict is not what it
// should be is an error too.
func Run(ctx context.Context, o Options) ([]File, error) {
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	defer root.Close()
	w := &world{Options: o, root: root, fonts: font.Stack{font.Default()}}
	for _, part := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"trust domain", w.domain}, {"authority", w.agencySeal}, {"licence", w.licence}, {"contract", w.contract}, {"tampering", w.tamper}, {"verification", w.judge},
	} {
		if err := part.do(ctx); err != nil {
			return nil, fmt.Errorf("demo, %s: %w", part.what, err)
		}
	}
	return w.files, nil
}

func (w *world) step(zh, en string) {
	w.done++
	if w.Step != nil {
		w.Step(w.done, steps, zh, en)
	}
}

// key makes a key of the demonstration.
func (w *world) key(ctx context.Context, name string) (hsm.Key, error) {
	return w.Keys.Generate(ctx, hsm.Ref(name), hsm.Spec{Algorithm: hsm.SM2})
}

// owner makes a key with a certificate for a body.
func (w *world) owner(ctx context.Context, key, name string, b body) (hsm.Key, *gm.Certificate, error) {
	k, err := w.key(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	now := w.Now()
	c, err := w.authority.Issue(ctx, ca.Request{Profile: ca.Owner, Public: k.Public(), NotBefore: now, NotAfter: now.AddDate(years, 0, 0),
		Subject: ca.Subject{CommonName: name, Organization: b.name, USCC: b.uscc, Country: "CN"}})
	return k, c, err
}

// save writes one file of the demonstration, never outside its directory.
func (w *world) save(name string, data []byte) error {
	if err := w.root.MkdirAll(path.Dir(name), 0o750); err != nil {
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	if err := w.root.WriteFile(name, data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
