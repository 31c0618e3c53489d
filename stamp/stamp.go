// Package stamp is one use of one seal on one document.
//
// Make is a stamping without a store: the document is opened and every signature on it judged for integrity, the seal is checked, a ticket is
// prepared and redeemed once, and the signature just made is checked by reading the output back. What Make wrote may leave only when it returned
// without an error.
package stamp

import (
	"context"
	"fmt"
	"io"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/trust"
	"yinxin/verify"
)

// Profile says what a stamping writes.
type Profile string

// The profiles. All show the seal's picture; only SES puts the seal itself into the document.
const (
	SES      Profile = "ses"      // SES_Signature of GB/T 38540 or GM/T 0031-2025, the default
	CMS      Profile = "cms"      // CMS with SM2, RSA or ECDSA, by the key
	GBT35275 Profile = "gbt35275" // SignedData in the shape of GB/T 35275, SM2
)

// Order says what to stamp with which seal and where.
type Order struct {
	Format   document.Format
	In       io.ReaderAt
	Size     int64  // bytes of In
	Password string // of an encrypted document

	// Profile, and what follows it, are those of PDF. An OFD takes SES as a Type="Seal", and the others as a Type="Sign" that shows nothing, all of SM2
	// keys; it has no room for Field, Reason, Certify, names in Lock, Also, nor for the evidence of LevelLT and LevelLTA, and orders for them are refused.
	Profile Profile // zero: SES
	Seal    []byte  // SESeal, DER; nil with CMS and GBT35275 for a signature that shows nothing

	Certificate []byte   // the signer's, DER; nil: the one in the seal's list that belongs to Key
	Chain       [][]byte // certificates above it, DER, that go into a CMS value
	Key         hsm.Key

	Places  []document.Place // Width and Height zero: the seal's own size, which is the only one allowed
	Lay     Lay              // further places, decided when the pages are known; may be nil
	Field   string           // the name of the field to sign; empty for a new one
	Reason  string
	Certify int      // DocMDP permission 1..3 that a certifying first signature grants, 0 for none
	Lock    []string // fields that are locked; document.LockAll alone: everything

	Also *Signer // signs once more, as CMS in a revision of its own, for readers that know no SM2

	Suspect bool // look through the whole document for what prepares a shadow attack, and warn

	// Timestamps is asked for a token over each signature value, after its key answered. Nil asks for none. When it fails, nothing is released.
	Timestamps timestamp.Source
	Level      Level          // zero: LevelT with Timestamps, else LevelB. What cannot be reached is an error
	Sources    []trust.Source // of evidence that Trust does not hold, for LevelLT and LevelLTA

	Trust  *trust.Set // anchors for the self-check and for evidence; nil checks everything but trust
	Proven *gm.Proven // signatures that hold, where the same seal and certificates are met over and over; nil remembers those of this order
	Now    func() time.Time
	Limits document.Limits
}

// Lay says where a seal of width × height mm goes on the pages as displayed.
type Lay func(pages []document.Page, width, height float64) ([]document.Place, error)

// Signer is a key with its certificate.
type Signer struct {
	Certificate []byte   // DER
	Chain       [][]byte // certificates above it, DER, that go into a CMS value
	Key         hsm.Key
}

// Output takes the stamped document and lets it be read back. *os.File is one.
type Output interface {
	document.Sink
	io.ReaderAt
}

// Result is what a stamping leaves beside the document.
type Result struct {
	ID        string    // of the new signature in the document
	AlsoID    string    // of the one by Also
	Digest    []byte    // of the protected bytes, SM3 unless the key is no SM2 key
	Time      time.Time // claimed
	Level     Level     // reached
	Proven    time.Time // by the token over the signature; zero where there is none
	Timestamp string    // ID of the document time stamp, empty where there is none
	Size      int64     // of the output in bytes
	Earlier   int       // signatures that were there before
	Warnings  []fault.Public
	SelfCheck time.Duration
}

// orderProven is how many signatures the memory of one order holds: the seal is met again in the self-check.
const orderProven = 64

// Make stamps the document of o onto out. It returns a *fault.Error for what the document, the seal or the policy forbids.
func Make(ctx context.Context, o Order, out Output) (Result, error) {
	if o.Proven == nil {
		o.Proven = gm.NewProven(orderProven)
	}
	w := work{Order: &o, now: o.Now()}
	if err := w.settle(); err != nil {
		return Result{}, err
	}
	err := w.write(ctx, out)
	if objection := w.judged(); objection != nil {
		return Result{}, objection // before whatever else went wrong
	}
	if err != nil {
		return Result{}, err
	}
	start := time.Now()
	r, err := w.selfCheck(ctx, out)
	if err != nil {
		return Result{}, notSound(err)
	}
	r.SelfCheck, r.Warnings = time.Since(start), append(w.warnings, w.alsoWarnings()...)
	return r, nil
}

// notSound is a self-check that failed. Whoever gave a wrong time stamp is named; anything else is ours.
func notSound(err error) error {
	if p, ok := fault.PublicOf(err); ok && p.Code == codeWrongTimestamp {
		return err
	}
	return fault.New(fault.Unavailable, "self-check",
		"签章后的自检没有通过，文件已弃用；请保留输入文件并报告", "the document just stamped did not pass its self-check and was discarded: keep the input and report this", err)
}

// work is one stamping under way.
type work struct {
	*Order
	now  time.Time
	seal *seal.Seal // nil where none is used
	main sign.Container
	also sign.Container // nil where nobody signs beside
	doc  document.Document

	cert, alsoCert *gm.Certificate // the signers'; the latter nil where nobody signs beside

	sealJudged, documentJudged func() error // see judged; the latter nil before the document is open
	before                     []verify.SignatureReport
	warnings                   []fault.Public

	made  []sign.Signed
	level Level
	long  *lasting // nil below LevelLT
	size  int64    // of the output
}

// write makes the whole output. The seal and the document are judged meanwhile, and surely before a key is asked.
func (w *work) write(ctx context.Context, out Output) error {
	w.sealJudged = later(w.judgeSeal)
	if err := w.open(ctx); err != nil {
		return err
	}
	ticket, err := w.prepare()
	w.documentJudged = later(func() error { return w.judgeDocument(ctx) })
	if err != nil {
		return err
	}
	if !ticket.Apart() || w.level.evidence() { // a stranger's network is not asked about what is refused
		if err := w.judged(); err != nil {
			return err
		}
	}
	if err := w.foresee(ctx); err != nil {
		return err
	}
	if err := w.redeem(ctx, ticket, out); err != nil {
		return err
	}
	return w.last(ctx, out)
}

func (w *work) open(ctx context.Context) (err error) {
	w.doc, err = w.Format.Open(ctx, w.In, w.Size, document.Options{Limits: w.Limits, Password: w.Password})
	if err != nil {
		return err
	}
	if w.level.evidence() {
		return carries(w.doc)
	}
	return nil
}

func (w *work) prepare() (*sign.Ticket, error) {
	request, err := w.request()
	if err != nil {
		return nil, err
	}
	return sign.Prepare(w.doc, request, w.main, w.now, w.room())
}

// redeem writes the document with its signature, and behind it the one by Also.
func (w *work) redeem(ctx context.Context, ticket *sign.Ticket, out Output) error {
	first := &appender{Output: out}
	if err := w.answer(ctx, ticket, w.Key, first); err != nil || w.also == nil {
		return err
	}
	doc, err := w.Format.Open(ctx, out, w.size, document.Options{Limits: w.Limits, Password: w.Password})
	if err != nil {
		return fmt.Errorf("read the sealed document: %w", err)
	}
	if ticket, err = sign.Prepare(doc, document.Request{Filter: sign.FilterCMS, Name: w.alsoCert.Subject.CommonName, Reason: w.Reason}, w.also, w.now, w.room()); err != nil {
		return err
	}
	return w.answer(ctx, ticket, w.Also.Key, &appender{Output: out, there: w.size})
}

func (w *work) answer(ctx context.Context, t *sign.Ticket, k hsm.Key, out *appender) error {
	signed, err := t.Redeem(ctx, guarded{k, w.judged}, w.Timestamps, out)
	if err != nil {
		return err
	}
	w.made = append(w.made, signed)
	w.size = out.n
	return nil
}

// foresee looks for the evidence about the signers and the maker before any key is asked: most of what a level may lack is known by then, and so is
// what the trust at hand says of a revocation.
func (w *work) foresee(ctx context.Context) error {
	if w.Trust == nil || len(w.Trust.Anchors()) == 0 {
		return nil
	}
	var sources []trust.Source
	if w.level.evidence() {
		sources = w.Sources
	}
	c, err := newCollector(w.Trust, sources)
	if err != nil {
		return err
	}
	w.long = &lasting{collector: c, level: w.level, source: w.Timestamps, now: w.now}
	c.carry(w.Chain, nil, nil)
	w.long.signature(ctx, 0, "", sign.Contents{Signer: w.Certificate, Maker: w.maker()}, moment{value: w.now, token: w.now})
	if w.Also != nil {
		c.carry(w.Also.Chain, nil, nil)
		w.long.signature(ctx, 0, "", sign.Contents{Signer: w.Also.Certificate}, moment{value: w.now, token: w.now})
	}
	if err := ctx.Err(); err != nil {
		return err // what was not asked for is no lack
	}
	if w.level.evidence() {
		return w.long.reached()
	}
	lacks := w.long.lacks
	w.long = nil
	return revoked(lacks)
}

// revoked refuses to seal with what is revoked or on hold. Whatever else is lacking may still be there when the document is verified.
func revoked(lacks []Lack) error {
	for _, l := range lacks {
		if l.Code == codeRevoked {
			return fault.New(fault.Denied, l.Code, l.ZH+"，不能签章：请换用有效的证书", l.EN+", so nothing is stamped: use a valid certificate", l.Cause)
		}
	}
	return nil
}

// maker is the certificate of the seal's maker, where the seal itself goes into the document.
func (w *work) maker() []byte {
	if w.Profile != SES {
		return nil
	}
	return w.seal.MakerCert
}

// last writes behind the sealed document what its level wants.
func (w *work) last(ctx context.Context, out Output) error {
	if w.long == nil {
		return nil
	}
	doc, err := w.Format.Open(ctx, out, w.size, document.Options{Limits: w.Limits, Password: w.Password})
	if err != nil {
		return fmt.Errorf("read the sealed document: %w", err)
	}
	behind := &appender{Output: out, n: w.size}
	w.long.from = len(w.before)
	e, err := w.long.collect(ctx, doc)
	if err == nil {
		err = w.long.reached()
	}
	if err == nil {
		_, err = w.long.add(doc, e, behind, true)
	}
	w.size = behind.n
	if err != nil || w.level != LevelLTA {
		return err
	}
	if doc, err = w.Format.Open(ctx, out, w.size, document.Options{Limits: w.Limits, Password: w.Password}); err != nil {
		return fmt.Errorf("read the document with its evidence: %w", err)
	}
	err = w.long.stamp(ctx, doc, behind, true)
	w.size = behind.n
	return err
}

// room is what is kept for a token, in bytes.
func (w *work) room() int {
	if w.Timestamps == nil {
		return 0
	}
	return w.Timestamps.MaxTokenBytes()
}

// appender counts what is written in sequence: the size of the output. Of what is there already it leaves the first bytes as they are, since a document
// is written on top of the very bytes it is read from.
type appender struct {
	Output
	there int64
	n     int64
}

func (a *appender) Write(p []byte) (int, error) {
	skip := min(max(0, a.there-a.n), int64(len(p)))
	n, err := a.Output.Write(p[skip:])
	a.n += skip + int64(n)
	return int(skip) + n, err
}
