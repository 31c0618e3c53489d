package timestamp_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinxin/gm"
	"yinxin/timestamp"
)

// TestQueryBytes holds a query against one written by hand from RFC 3161 2.4.1.
func TestQueryBytes(t *testing.T) {
	q := &timestamp.Query{
		Version: 1, Imprint: timestamp.Imprint{Hash: timestamp.OIDSHA256, Digest: bytes.Repeat([]byte{0xab}, 32)}, Policy: policy, Nonce: big.NewInt(0x80), Certificates: true,
	}
	want := "3042" + "020101" + // version
		"3031" + "300d" + "0609608648016503040201" + "0500" + "0420" + strings.Repeat("ab", 32) + // imprint
		"0603883701" + // 2.999.1
		"02020080" + // nonce
		"0101ff"
	der, err := q.Marshal()
	if got := hex.EncodeToString(der); err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	if back, err := timestamp.ParseQuery(der); err != nil || !reflect.DeepEqual(back, q) {
		t.Errorf("%v: %+v", err, back)
	}
}

// TestGenTimes: the forms of genTime that RFC 3161 2.4.2 names, and what they are not.
func TestGenTimes(t *testing.T) {
	info := newInfo(t, gm.OIDSM3)
	info.Time = time.Date(1999, 6, 9, 0, 1, 0, 0, time.UTC)
	der, err := info.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(der, []byte("19990609000100Z"))
	write := func(text string) []byte {
		out := append(bytes.Clone(der[:at-1]), byte(len(text)))
		out = append(append(out, text...), der[at+15:]...)
		out[1] += byte(len(text) - 15)
		return out
	}
	for text, want := range map[string]string{
		"19990609000100Z":            "1999-06-09T00:01:00Z",
		"19990609000100.5Z":          "1999-06-09T00:01:00.5Z",
		"19990609000100.000Z":        "1999-06-09T00:01:00Z",
		"19990609000100.1234567891Z": "1999-06-09T00:01:00.123456789Z",
		"19990609000100.Z":           "",
		"19990609000100":             "",
		"199906090001Z":              "",
		"19990609000100+0800":        "",
		"19990609000100,5Z":          "",
		"19990609000100.-5Z":         "",
		"19991309000100Z":            "",
		"19990230000100Z":            "",
		"19990609240000Z":            "",
		"990609000100Z":              "",
		"":                           "",
	} {
		got, err := timestamp.ParseInfo(write(text))
		var bad *timestamp.ParseError
		switch {
		case want == "" && (!errors.As(err, &bad) || bad.Offset == 0):
			t.Errorf("%s: %v, %v", text, got, err)
		case want != "" && (err != nil || got.Time.Format(time.RFC3339Nano) != want):
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// drawInfo draws what an authority may state.
func drawInfo(t *rapid.T) *timestamp.Info {
	hash := rapid.SampledFrom(timestamp.Hashes()).Draw(t, "hash")
	i, err := timestamp.Over(hash, rapid.SliceOf(rapid.Byte()).Draw(t, "octets"))
	if err != nil {
		t.Fatal(err)
	}
	number := func(name string) *big.Int {
		return new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, name))
	}
	info := &timestamp.Info{
		Version: 1, Policy: drawOID(t), Imprint: i, Serial: number("serial"), Ordering: rapid.Bool().Draw(t, "ordering"),
		Time:     time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC(),
		Accuracy: time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "accuracy")) * time.Microsecond,
	}
	if rapid.Bool().Draw(t, "with nonce") {
		info.Nonce = number("nonce")
	}
	if rapid.Bool().Draw(t, "with name") {
		info.TSA = []byte("\x82\x03tsa")
	}
	for range rapid.IntRange(0, 3).Draw(t, "extensions") {
		info.Extensions = append(info.Extensions, timestamp.Extension{ID: drawOID(t), Critical: rapid.Bool().Draw(t, "critical"), Value: []byte{5, 0}})
	}
	return info
}

func drawOID(t *rapid.T) asn1.ObjectIdentifier {
	return append(asn1.ObjectIdentifier{2, 999}, rapid.SliceOfN(rapid.IntRange(0, 1<<20), 1, 6).Draw(t, "oid")...)
}

// TestInfoComesBack: what is written is read back as it was.
func TestInfoComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		info := drawInfo(t)
		der, err := info.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := timestamp.ParseInfo(der)
		if err != nil || !reflect.DeepEqual(back, info) {
			t.Fatalf("%v\n%+v\n%+v", err, back, info)
		}
	})
}

// TestQueryComesBack: the same for queries.
func TestQueryComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		info := drawInfo(t)
		q := &timestamp.Query{Version: 1, Imprint: info.Imprint, Nonce: info.Nonce, Certificates: info.Ordering, Extensions: info.Extensions}
		if rapid.Bool().Draw(t, "with policy") {
			q.Policy = info.Policy
		}
		der, err := q.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := timestamp.ParseQuery(der); err != nil || !reflect.DeepEqual(back, q) {
			t.Fatalf("%v\n%+v\n%+v", err, back, q)
		}
	})
}

// TestReplies: every refusal of RFC 3161 2.4.2 comes back and has words in both languages.
func TestReplies(t *testing.T) {
	failures := []timestamp.FailureInfo{
		timestamp.NoFailure, timestamp.BadAlg, timestamp.BadRequest, timestamp.BadDataFormat, timestamp.TimeNotAvailable, timestamp.UnacceptedPolicy,
		timestamp.UnacceptedExtension, timestamp.AddInfoNotAvailable, timestamp.SystemFailure, 3, 40,
	}
	said := map[string]bool{}
	for _, f := range failures {
		for s := timestamp.Granted; s <= timestamp.RevocationNotification; s++ {
			r := &timestamp.Reply{Status: s, Failure: f, Text: []string{"不行", "no"}}
			der, err := r.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			back, err := timestamp.ParseReply(der)
			if err != nil || !reflect.DeepEqual(back, r) {
				t.Errorf("%d, %d: %v, %+v", s, f, err, back)
			}
		}
		if zh, en := f.In("zh"), f.In("en"); zh == en || said[en] {
			t.Errorf("%d: %s, %s", f, zh, en)
		}
		said[f.In("en")] = true
	}
	r := timestamp.Reply{Status: timestamp.Rejection, Failure: timestamp.BadAlg, Text: []string{"\x1b[31mno\u202e " + strings.Repeat("好", 200)}}
	if w := r.Words("en"); strings.ContainsAny(w, "\x1b\u202e") || len(w) > 400 || !strings.Contains(w, "badAlg") {
		t.Errorf("words: %q", w)
	}
	if got, err := timestamp.ParseReply([]byte("\x30\x09\x30\x07\x02\x01\x02\x03\x02\x05\x20")); err != nil || got.Failure != timestamp.BadRequest || got.Status != timestamp.Rejection {
		t.Errorf("by hand: %+v, %v", got, err)
	}
}

// TestParseRefuses: each says where.
func TestParseRefuses(t *testing.T) {
	query, err := (&timestamp.Query{Version: 1, Imprint: over(t, gm.OIDSM3)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	deep := bytes.Repeat([]byte{0x30, 0x80}, 1000)
	for name, der := range map[string][]byte{
		"nothing": {}, "text": []byte("time stamp"), "cut": query[:len(query)-1], "longer": append(bytes.Clone(query), 0), "deep": deep,
		"giant": make([]byte, 5<<20), "numbers": {0x30, 3, 2, 1, 1},
	} {
		_, errToken := timestamp.Parse(der)
		_, errQuery := timestamp.ParseQuery(der)
		_, errReply := timestamp.ParseReply(der)
		_, errInfo := timestamp.ParseInfo(der)
		for _, err := range []error{errToken, errQuery, errReply, errInfo} {
			var bad *timestamp.ParseError
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > int64(len(der)) || bad.Error() == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, bad := range []timestamp.Imprint{{}, {Hash: gm.OIDSM3}, {Hash: gm.OIDSM3, Digest: make([]byte, 31)}, {Hash: gm.OIDSM3Keyed, Digest: make([]byte, 32)}} {
		if bad.Check() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
	if _, err := timestamp.Over(asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, octets); err == nil {
		t.Error("an imprint was made with SHA-1")
	}
	for _, name := range []string{"sm3", "sha256", "sha384", "sha512"} {
		if oid, ok := timestamp.HashByName(name); !ok || timestamp.HashName(oid) != name {
			t.Errorf("%s is %s", name, oid)
		}
	}
	if _, ok := timestamp.HashByName("sha1"); ok || timestamp.HashName(policy) != "2.999.1" {
		t.Error("sha1 has a name")
	}
}
