package timestamp_test

import (
	"bytes"
	"context"
	"math/big"
	"reflect"
	"testing"

	"yinxin/cms"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
)

// FuzzToken: whatever the bytes, checking says nothing good of what was not stamped, and a TSTInfo that is read is written back to one that reads the same.
func FuzzToken(f *testing.F) {
	p := testpki.New(f)
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.ECDSAP256} {
		a := newAuthority(f, p, alg)
		info := newInfo(f, timestamp.OIDSHA384)
		info.TSA, info.Extensions = []byte("\x82\x03tsa"), []timestamp.Extension{{ID: policy, Critical: true, Value: []byte{5, 0}}}
		f.Add(a.token(f, info))
		bare, err := a.maker(f).Make(context.Background(), newInfo(f, gm.OIDSM3), false)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bare)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		token, err := timestamp.Parse(der)
		if err != nil {
			return
		}
		facts, err := token.Check(cms.DigestOf(octets))
		if err != nil || facts.Value && len(facts.Certificate) == 0 || facts.Intact() && !(facts.Value && facts.Imprint) {
			t.Errorf("%v: %+v", err, facts)
		}
		if written, err := token.Info.Marshal(); err == nil {
			back, err := timestamp.ParseInfo(written)
			if err != nil {
				t.Fatalf("its own TSTInfo does not read: %v", err)
			}
			again, err := back.Marshal()
			if err != nil || !bytes.Equal(again, written) {
				t.Errorf("%v\n%x\n%x", err, again, written)
			}
		}
	})
}

// FuzzQuery: a query that is read is written back to one that reads the same.
func FuzzQuery(f *testing.F) {
	for _, q := range []*timestamp.Query{
		{Version: 1, Imprint: over(f, gm.OIDSM3)},
		{Version: 1, Imprint: over(f, timestamp.OIDSHA512), Policy: policy, Nonce: big.NewInt(1 << 62), Certificates: true, Extensions: []timestamp.Extension{{ID: policy, Critical: true}}},
	} {
		der, err := q.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		q, err := timestamp.ParseQuery(der)
		if err != nil {
			return
		}
		written, err := q.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := timestamp.ParseQuery(written); err != nil || !reflect.DeepEqual(back, q) {
			t.Errorf("%v\n%+v\n%+v", err, back, q)
		}
	})
}

// FuzzReply: the same for replies, and their words fit one line.
func FuzzReply(f *testing.F) {
	p := testpki.New(f)
	for _, r := range []*timestamp.Reply{
		{Status: timestamp.Granted, Failure: timestamp.NoFailure, Token: newAuthority(f, p, hsm.SM2).token(f, newInfo(f, gm.OIDSM3))},
		{Status: timestamp.Rejection, Failure: timestamp.SystemFailure, Text: []string{"不行", "no\n"}},
	} {
		der, err := r.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := timestamp.ParseReply(der)
		if err != nil {
			return
		}
		if w := r.Words("zh"); bytes.ContainsAny([]byte(w), "\n\x00\x1b") {
			t.Errorf("%q", w)
		}
		written, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := timestamp.ParseReply(written); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%v\n%+v\n%+v", err, back, r)
		}
	})
}
