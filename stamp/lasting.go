package stamp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/trust"
)

// lasting adds to a signed document what it can be judged by later: evidence, and a document time stamp over it.
type lasting struct {
	*collector
	level   Level
	source  timestamp.Source
	from    int  // the first signature for which the level must be reached; for those before it whatever is there is added
	partial bool // less than the level wants is good enough
	now     time.Time

	foreign bool   // some signature is not made with SM3
	lacks   []Lack // for signatures from from on
}

// collect looks for the evidence of every signature of doc.
func (l *lasting) collect(ctx context.Context, doc document.Document) (document.Evidence, error) {
	var e document.Evidence
	carrier, ok := doc.(document.Evidencer)
	if !ok {
		return e, besideIt()
	}
	inside, err := carrier.Evidence()
	if err != nil {
		return e, err
	}
	l.carry(inside.Certificates, inside.CRLs, inside.OCSPs)
	list, err := doc.Signatures()
	if err != nil {
		return e, err
	}
	read := make([]sign.Contents, len(list))
	failed := make([]error, len(list))
	for i, s := range list {
		read[i], failed[i] = sign.Read(s)
		l.carry(read[i].Certificates, read[i].CRLs, read[i].OCSPs)
		l.foreign = l.foreign || failed[i] == nil && s.Info().Kind != document.Timestamp && !strings.EqualFold(read[i].Hash, "SM3")
	}
	moments := proofs(list, read, failed, l.now)
	e.BySignature = map[string]document.Record{}
	for i, s := range list {
		id := s.Info().ID
		if failed[i] != nil {
			l.lack(i, id, &Lack{Public: fault.Public{Code: "signature-unread", ZH: "签名值不是本系统可读的格式", EN: "the value is of a kind that is not read here"}, Cause: failed[i]})
			continue
		}
		if l.level == LevelLT && !moments[i].proven {
			l.lack(i, id, &Lack{Public: fault.Public{Code: "time-unproven", ZH: "没有时间戳证明签名时间，请改用 lta 级", EN: "no time stamp proves when it was made: ask for level lta"}})
		}
		record := l.signature(ctx, i, id, read[i], moments[i])
		e.Certificates, e.CRLs, e.OCSPs = merge(e.Certificates, record.Certificates), merge(e.CRLs, record.CRLs), merge(e.OCSPs, record.OCSPs)
		if covers, _ := s.Coverage(); len(record.Certificates) > 0 && (covers == document.CoversFile || covers == document.CoversRevision) {
			e.BySignature[string(s.Value())] = record
		}
	}
	return e, ctx.Err()
}

// moment is when a signature's certificates must have been good.
type moment struct {
	value  time.Time // for who signed: proven by its tokens or a later document time stamp, else now
	token  time.Time // for who made its tokens: proven by a later document time stamp, else now
	proven bool      // value is no mere now
}

// proofs finds by when each signature is proven to have existed. A document time stamp proves the signatures before it.
func proofs(list []document.Signature, read []sign.Contents, failed []error, now time.Time) []moment {
	out := make([]moment, len(list))
	var later time.Time // of the document time stamps behind, the earliest
	earlier := func(t, than time.Time) bool { return than.IsZero() || t.Before(than) }
	for i := len(list) - 1; i >= 0; i-- {
		value, token := later, later
		for _, f := range read[i].Tokens {
			if failed[i] == nil && f.Intact() && earlier(f.Time, value) {
				value = f.Time
			}
		}
		stamps := list[i].Info().Kind == document.Timestamp
		if stamps && !value.IsZero() {
			later = value
		}
		out[i] = moment{value, token, !value.IsZero()}
		if value.IsZero() {
			out[i].value = now
		}
		if token.IsZero() {
			out[i].token = now
		}
	}
	return out
}

// signature collects the evidence of one signature.
func (l *lasting) signature(ctx context.Context, i int, id string, read sign.Contents, at moment) (r document.Record) {
	take := func(der []byte, use trust.Use, at time.Time) {
		if der == nil {
			return
		}
		e, lack := l.certificate(ctx, der, use, at)
		r.Certificates, r.CRLs, r.OCSPs = merge(r.Certificates, e.Certificates), merge(r.CRLs, e.CRLs), merge(r.OCSPs, e.OCSPs)
		l.lack(i, id, lack)
	}
	take(read.Signer, trust.UseCA, at.value)
	take(read.Maker, trust.UseMaker, at.value)
	for _, tokens := range [][]timestamp.Facts{read.Tokens, read.SealTokens} {
		for _, f := range tokens {
			if !f.Intact() {
				l.lack(i, id, &Lack{Public: fault.Public{Code: codeWrongTimestamp, ZH: "时间戳不正确", EN: "a time stamp is wrong"}, Cause: f.Err()})
				continue
			}
			take(f.Certificate, trust.UseTSA, at.token)
		}
	}
	return r
}

func (l *lasting) lack(i int, id string, lack *Lack) {
	if lack != nil && i >= l.from {
		lack.Signature = id
		l.lacks = append(l.lacks, *lack)
	}
}

// reached says why the level is not reached, unless less is good enough.
func (l *lasting) reached() error {
	if len(l.lacks) == 0 || l.partial {
		return nil
	}
	first := l.lacks[0]
	of := ""
	if first.Signature != "" {
		of = "“" + first.Signature + "” "
	}
	var rest error
	for _, x := range l.lacks[1:] {
		rest = errors.Join(rest, errors.New(x.Signature+": "+x.EN))
	}
	return fault.New(fault.Denied, "level-unreached", fmt.Sprintf("达不到 %s 级，未产生文件：%s%s", l.level, of, first.ZH),
		fmt.Sprintf("level %s is not reached and no file was made: %s%s", l.level, of, first.EN), errors.Join(first.Cause, rest))
}

// add writes evidence behind the document, or after a copy of it.
func (l *lasting) add(doc document.Document, e document.Evidence, out *appender, behind bool) (added bool, err error) {
	a, err := doc.(document.Evidencer).AddEvidence(e) //nolint:forcetypeassert // collect has seen that it is one
	if errors.Is(err, document.ErrEvidenceKnown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	write := a.Copy
	if behind {
		write = a.Append
	}
	if err := write(out); err != nil {
		return false, fmt.Errorf("write the evidence: %w", err)
	}
	return true, nil
}

// stamp puts a document time stamp over the document. Its authority must be one that is trusted and not revoked, as far as is known now.
func (l *lasting) stamp(ctx context.Context, doc document.Document, out *appender, behind bool) error {
	hash := gm.OIDSM3
	if l.foreign { // whoever reads SM3 reads SHA-256 as well, and not the other way round
		hash = timestamp.OIDSHA256
	}
	f, err := sign.Timestamp(ctx, doc, l.source, hash, out, behind)
	if err != nil {
		return err
	}
	l.carry(f.Pool, f.CRLs, f.OCSPs)
	_, lack := l.certificate(ctx, f.Certificate, trust.UseTSA, f.Time)
	if err := ctx.Err(); err != nil {
		return err
	}
	l.lack(l.from, "", lack)
	return l.reached()
}
