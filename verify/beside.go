package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/timestamp"
	"yinxin/trust"
)

// Beside is evidence that is kept outside the file. Whoever hands it in has made sure that it is about this very file, to the last byte, or says in
// Refused why it is not used. Package evidence makes it of what it reads.
type Beside struct {
	Evidence trust.Evidence                   // about any signature of the file
	Tokens   map[[gm.DigestSize]byte][][]byte // time stamps over a signature's value, by the SM3 digest of the value as stored
	Stamps   []BesideStamp                    // the earliest first
	Unjudged []Unjudged                       // what else is kept
	Refused  error                            // nothing of it is used then
}

// BesideStamp is a time stamp over octets that name the whole file and some of the evidence by their digests.
type BesideStamp struct {
	Token    []byte
	Over     []byte         // nil where nothing is kept that it could be over
	Protects trust.Evidence // what the octets name
}

// Unjudged is a kind of evidence that this version keeps and does not judge.
type Unjudged struct {
	Kind  Text
	Count int
}

// BesideFacts is what was found in evidence beside the file.
type BesideFacts struct {
	Refused  *Text        `json:"refused,omitempty"` // why it was not used
	Detail   string       `json:"detail,omitempty"`
	Unjudged []Text       `json:"unjudged,omitempty"`
	Stamps   []TokenFacts `json:"stamps,omitempty"` // over the file and the evidence, the earliest first
}

// besideOf reads evidence beside the file, when the file's own signatures have been read.
func (v *gathering) besideOf(ctx context.Context) *BesideFacts {
	b := v.Beside
	if b == nil {
		return nil
	}
	f := new(BesideFacts)
	if b.Refused != nil {
		f.Refused = &Text{"原因不明", "for an unknown reason"}
		if p, ok := fault.PublicOf(b.Refused); ok {
			f.Refused = &Text{p.ZH, p.EN}
		}
		f.Detail = b.Refused.Error()
		return f
	}
	for _, u := range b.Unjudged {
		f.Unjudged = append(f.Unjudged, Text{fmt.Sprintf("%s %d 份", u.Kind.ZH, u.Count), fmt.Sprintf("%d of %s", u.Count, u.Kind.EN)})
	}
	for i, s := range v.besideStamps() {
		v.index = v.signed + i
		f.Stamps = append(f.Stamps, v.token(ctx, s.Token, StampsDocument, cms.DigestOf(s.Over)))
	}
	return f
}

// besideStamps are the time stamps that are looked at: the latest, where there are too many.
func (v *Verifier) besideStamps() []BesideStamp {
	if v.Beside == nil {
		return nil
	}
	return v.Beside.Stamps[max(0, len(v.Beside.Stamps)-maxLayers):]
}

// besideEvidence is what is kept beside the file, each piece to be judged like any other.
func (v *Verifier) besideEvidence() trust.Evidence {
	if v.Beside == nil {
		return trust.Evidence{}
	}
	return v.Beside.Evidence
}

// besideKey tells such evidence apart.
func besideKey(e trust.Evidence) [gm.DigestSize]byte {
	return keyOf(nil, nil, e.CRLs, e.OCSPs, e.Certificates)
}

// besideTokens are the time stamps kept beside the file for the signature of the value.
func (v *Verifier) besideTokens(value []byte) [][]byte {
	if v.Beside == nil || len(v.Beside.Tokens) == 0 {
		return nil
	}
	return v.Beside.Tokens[gm.SM3(value)]
}

// besideLayers are what each time stamp beside the file protects: all that is inside it, and some of what is beside.
func (v *Verifier) besideLayers(inside document.Evidence, signed int) (out []layer) {
	for i, s := range v.besideStamps() {
		out = append(out, layer{by: signed + i, evidence: inside, beside: s.Protects, besideKey: besideKey(s.Protects)})
	}
	return out
}

// besideStated lets the times that those time stamps state count for every signature: they tell which of several chains to prefer, and no more.
func (v *Verifier) besideStated(stated []time.Time) []time.Time {
	stamps := v.besideStamps()
	behind := make([]time.Time, len(stamps))
	var earliest time.Time
	for i := len(stamps) - 1; i >= 0; i-- {
		behind[i] = earliest
		if t, err := timestamp.Parse(stamps[i].Token); err == nil {
			earliest = earlier(earliest, t.Info.Time)
		}
	}
	for i := range stated {
		stated[i] = earlier(stated[i], earliest)
	}
	return slices.Concat(stated, behind)
}

// proveBeside judges the time stamps beside the file, which come after all of it. One that does not hold is left out and warned of: it is no part of the file.
func proveBeside(f *Facts, p Policy, at time.Time, shown map[int]time.Time) (last standing) {
	if f.Beside == nil || len(f.Signatures) == 0 {
		return last
	}
	for i := len(f.Beside.Stamps) - 1; i >= 0; i-- {
		t := &f.Beside.Stamps[i]
		st := standing{covered: last.covered, by: last.by, shown: shown}
		own := SignatureFacts{Kind: document.Timestamp, Profile: profileRFC3161, Coverage: document.CoversFile}
		j := &judging{SignatureFacts: &own, at: at, freshness: p.Freshness, lenient: p.IntegrityOnlyUnsafe, stands: &st}
		list, proves := j.token(t, true)
		if !proves && !p.IntegrityOnlyUnsafe {
			list = append(list, j.aside(func(c *judging) { c.besideNoProof(t) })...)
		}
		for k := range list {
			last.findings = append(last.findings, lowered(list[k]))
		}
		last.tokens = append(last.tokens, tokenReport(t, proves))
		if !proves {
			continue
		}
		if when := clip(t.latest(), at); last.covered.IsZero() || when.Before(last.covered) {
			last.covered, last.by = when, t.Authority
		}
		shown[len(f.Signatures)+i] = last.covered
	}
	slices.Reverse(last.tokens)
	return last
}

// last is the signature with which is said what was found beside the file: the last that the file has, not what another may have left; -1 for none.
func (f *Facts) last() int {
	for i := len(f.Signatures) - 1; i >= 0; i-- {
		if f.Signatures[i].Standing != document.Remnant {
			return i
		}
	}
	return -1
}

func joined(list []Text) Text {
	var zh, en []string
	for _, t := range list {
		zh, en = append(zh, t.ZH), append(en, t.EN)
	}
	return Text{strings.Join(zh, "、"), strings.Join(en, ", ")}
}
