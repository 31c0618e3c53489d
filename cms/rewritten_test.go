package cms_test

import (
	"encoding/asn1"
	"testing"

	"yinxin/cms"
)

// loosen writes every constructed element of der with an indefinite length; below depth levels everything stays as it is.
func loosen(t *testing.T, der []byte, depth int) (out []byte) {
	t.Helper()
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			t.Fatal(err)
		}
		der = rest
		if !v.IsCompound || depth == 0 {
			out = append(out, v.FullBytes...)
			continue
		}
		out = append(append(out, v.FullBytes[0], 0x80), loosen(t, v.Bytes, depth-1)...)
		out = append(out, 0, 0)
	}
	return out
}

// TestRewrittenAttributes: attributes that came as BER are checked in the DER form that was signed (RFC 5652 5.4), and it is said that they were
// rewritten; BER around attributes that are DER is told apart from that.
func TestRewrittenAttributes(t *testing.T) {
	der := newIdentity(t, "甲").build(t, content, spec{})
	for _, c := range []struct {
		depth          int
		ber, rewritten bool
	}{{0, false, false}, {3, true, false}, {6, true, false}, {7, true, true}, {30, true, true}} {
		r := check(t, loosen(t, der, c.depth), cms.DigestOf(content))
		if r.Failed(cms.ErrValue) || r.Noted(cms.NoteBER) != c.ber || r.Noted(cms.NoteRewritten) != c.rewritten {
			t.Errorf("%d levels: %+v", c.depth, r)
		}
		if r := check(t, loosen(t, der, c.depth), cms.DigestOf([]byte("another"))); !r.Failed(cms.ErrDigest) {
			t.Errorf("%d levels, another document: %+v", c.depth, r)
		}
	}
}
