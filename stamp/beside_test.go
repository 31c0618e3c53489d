package stamp_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/verify"
	"yinxin/verify/evidence"
)

// bare is a format that cannot take evidence inside.
type bare struct{ pdf.Format }

func (f bare) Open(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (document.Document, error) {
	doc, err := f.Format.Open(ctx, r, size, o)
	if err != nil {
		return nil, err
	}
	return struct{ document.Document }{doc}, nil
}

// beside keeps evidence beside a file so many years from now, by an authority that lasts until so many, and reads it back.
func (d decade) beside(t testing.TB, file []byte, had *evidence.Bundle, years, until int, change func(*stamp.ExtendOrder)) evidence.Bundle {
	t.Helper()
	at := d.pki.Now.AddDate(years, 0, 0)
	o := stamp.ExtendOrder{Format: bare{}, In: bytes.NewReader(file), Size: int64(len(file)), Trust: d.knows(t, at),
		Timestamps: d.stampsAt(t, hsm.SM2, at, d.pki.Now.AddDate(until, 0, 0)), Now: func() time.Time { return at }}
	if change != nil {
		change(&o)
	}
	b, r, err := stamp.Beside(t.Context(), o, had)
	if err != nil {
		t.Fatal(err)
	}
	if o.Timestamps != nil && !o.Partial && (r.Level != stamp.LevelLTA || !r.Proven.Equal(at)) {
		t.Errorf("%+v", r)
	}
	var out bytes.Buffer
	if err := evidence.Write(t.Context(), &out, b); err != nil {
		t.Fatal(err)
	}
	read, err := evidence.Read(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), evidence.Limits{})
	if err == nil {
		err = read.Bind(t.Context(), bytes.NewReader(file), int64(len(file)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func (d decade) judgedWith(t testing.TB, file []byte, b *evidence.Bundle, at time.Time) verify.Report {
	t.Helper()
	v := verify.Verifier{Formats: []document.Format{bare{}}, Trust: d.knows(t, at)}
	if b != nil {
		v.Beside = b.Beside()
	}
	facts, err := v.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{}, at)
}

// TestBeside: evidence beside a file does for it what evidence inside does, renewed ones too; and what is amiss with it makes no file pass.
func TestBeside(t *testing.T) {
	d := newDecade(t)
	now, later := d.pki.Now, d.pki.Now.AddDate(10, 0, 0)
	for _, profile := range []stamp.Profile{stamp.SES, stamp.CMS, stamp.GBT35275} {
		t.Run(string(profile), func(t *testing.T) {
			file := d.made(t, stamp.LevelB, hsm.SM2, func(o *stamp.Order) { o.Profile, o.Timestamps = profile, nil })
			first := d.beside(t, file, nil, 0, 3, nil)
			second := d.beside(t, file, &first, 2, 6, nil)
			third := d.beside(t, file, &second, 5, 12, nil)
			expectVerdict(t, d.judgedWith(t, file, &first, now.AddDate(2, 6, 0)), verify.Passed, "EVIDENCE_BESIDE")
			expectVerdict(t, d.judgedWith(t, file, &third, later), verify.Passed, "TIMESTAMP_PROVES")
			expectVerdict(t, d.judgedWith(t, file, &second, later), verify.Indeterminate, "EVIDENCE_NO_PROOF") // not renewed
			expectVerdict(t, d.judgedWith(t, file, nil, later), verify.Indeterminate, "CERT_EXPIRED")
			r := d.judgedWith(t, file, &third, later)
			if s := r.Signatures[0]; s.Time == nil || s.Time.Proven.Sub(now) > time.Minute || s.Time.ProvenBy == "" || len(s.Timestamps) != 3 {
				t.Errorf("%+v", s.Time)
			}
			for name, change := range map[string]func(*evidence.Bundle){
				"no evidence":   func(b *evidence.Bundle) { b.Signatures = nil },
				"no manifests":  func(b *evidence.Bundle) { b.Manifests = nil },
				"a forged time": func(b *evidence.Bundle) { b.Tokens = [][]byte{b.Tokens[0], forged(b.Tokens[1]), b.Tokens[2]} },
				"about another": func(b *evidence.Bundle) { b.Document.SM3[0]++ },
				"no time":       func(b *evidence.Bundle) { b.Tokens = nil },
			} {
				spoilt := third
				change(&spoilt)
				if r := d.judgedWith(t, file, &spoilt, later); r.Verdict != verify.Indeterminate {
					t.Errorf("%s: %s", name, r.Verdict)
				}
			}
		})
	}
}

// TestBesideBackdated: evidence that came to be only when its issuer had ended does not count, whatever date it bears; a time stamp protects what its manifest
// names and nothing else.
func TestBesideBackdated(t *testing.T) {
	d := newDecade(t)
	file := d.made(t, stamp.LevelT, hsm.SM2, nil)
	b := d.beside(t, file, nil, 0, 3, nil)
	b = d.beside(t, file, &b, 2, 12, nil)
	b.Signatures[0].CRLs = [][]byte{d.pki.CRLOf(d.pki.Root, d.pki.Now, d.pki.Now.AddDate(0, 0, 7))} // made by who has the root's key now, with an early date
	at := d.pki.Now.AddDate(9, 0, 0)
	b, err := b.Protect(func(octets []byte) ([]byte, error) {
		imprint, err := timestamp.Over(gm.OIDSM3, octets)
		if err != nil {
			return nil, err
		}
		return d.stampsAt(t, hsm.SM2, at, at.AddDate(5, 0, 0)).Token(t.Context(), imprint)
	})
	if err != nil {
		t.Fatal(err)
	}
	expectVerdict(t, d.judgedWith(t, file, &b, at.AddDate(1, 0, 0)), verify.Indeterminate, "REVOCATION_OUT_OF_BOUNDS")
}

// TestBesideKeeps: what was kept stays, also what this version does not know, and it is named; what is refused or unknown leaves nothing.
func TestBesideKeeps(t *testing.T) {
	d := newDecade(t)
	file := d.made(t, stamp.LevelT, hsm.SM2, nil)
	b := d.beside(t, file, nil, 0, 3, nil)
	b.Signatures[0].Proofs = [][]byte{[]byte("proof")}
	b.Others = []evidence.Other{{Folder: "receipts", Ending: "json", Data: []byte("{}")}}
	again := d.beside(t, file, &b, 1, 3, nil)
	if len(again.Signatures[0].Proofs) != 1 || len(again.Others) != 1 || len(again.Tokens) != 2 {
		t.Errorf("%+v", again)
	}
	expectVerdict(t, d.judgedWith(t, file, &again, d.pki.Now.AddDate(1, 0, 1)), verify.Passed, "EVIDENCE_UNJUDGED")
	// lt: evidence alone, and only where something is new
	lt := func(o *stamp.ExtendOrder) { o.Level, o.Timestamps = stamp.LevelLT, nil }
	only := d.beside(t, file, nil, 0, 0, lt)
	if len(only.Tokens) != 0 || len(only.Signatures) != 1 {
		t.Errorf("%+v", only)
	}
	expectVerdict(t, d.judgedWith(t, file, &only, d.pki.Now.AddDate(0, 0, 1)), verify.Passed, "EVIDENCE_BESIDE")
	for name, c := range map[string]struct {
		in   []byte
		code string
		with func(*stamp.ExtendOrder)
		had  *evidence.Bundle
	}{
		"nothing new":   {file, "evidence-known", lt, &only},
		"unsigned":      {testseal.PDF(t, 1), "nothing-signed", nil, nil},
		"nobody":        {file, "level-needs-trust", func(o *stamp.ExtendOrder) { o.Trust = nil }, nil},
		"revoked":       {file, "level-unreached", func(o *stamp.ExtendOrder) { o.Trust = d.knows(t, d.pki.Now, testpki.Revocation{Cert: d.own.Cert}) }, nil},
		"a lie":         {file, "timestamp-wrong", func(o *stamp.ExtendOrder) { o.Timestamps = lying(o.Timestamps) }, nil},
		"a broken file": {broken(file), "earlier-signature-broken", nil, nil},
	} {
		o := stamp.ExtendOrder{Format: bare{}, In: bytes.NewReader(c.in), Size: int64(len(c.in)), Trust: d.knows(t, d.pki.Now),
			Timestamps: d.stampsAt(t, hsm.SM2, d.pki.Now, d.pki.Now.AddDate(3, 0, 0)), Now: d.pki.Clock}
		if c.with != nil {
			c.with(&o)
		}
		_, _, err := stamp.Beside(t.Context(), o, c.had)
		if public, _ := fault.PublicOf(err); public.Code != c.code {
			t.Errorf("%s: %v (%s), want %s", name, err, public.Code, c.code)
		}
	}
	// a format that takes no evidence is told so before the key is asked
	o := d.order(testseal.PDF(t, 1))
	o.Format, o.Level, o.Trust, o.Timestamps = bare{}, stamp.LevelLT, d.knows(t, d.pki.Now), d.stampsAt(t, hsm.SM2, d.pki.Now, d.pki.Now.AddDate(3, 0, 0))
	uses := d.own.Key.Uses()
	_, err := stamp.Make(t.Context(), o, new(document.Memory))
	if public, _ := fault.PublicOf(err); public.Code != "level-format" || d.own.Key.Uses() != uses {
		t.Errorf("%v", err)
	}
}

func forged(token []byte) []byte {
	token = bytes.Clone(token)
	token[len(token)-1] ^= 1
	return token
}

func broken(file []byte) []byte {
	file = bytes.Clone(file)
	file[len(file)/8] ^= 1
	return file
}

func lying(s timestamp.Source) timestamp.Source {
	return source{s, func(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
		return s.Token(ctx, timestamp.Imprint{Hash: i.Hash, Digest: make([]byte, len(i.Digest))})
	}}
}
