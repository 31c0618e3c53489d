package seal_test

import (
	"bytes"
	"encoding/asn1"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"yinxin/gm"
	"yinxin/seal"
)

// drawInfo draws the fields of a seal that may be written.
func (w *world) drawInfo(t *rapid.T) seal.Info {
	ia5 := rapid.StringMatching(`[ -~]{1,200}`)
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(t, "unix"), 0).UTC()
	})
	start, end := at.Draw(t, "start"), at.Draw(t, "end")
	if start.After(end) {
		start, end = end, start
	}
	small := rapid.IntRange(1, 1<<31-1)
	p := seal.Property{
		Type: rapid.IntRange(0, 1<<31-1).Draw(t, "type"), Name: rapid.StringN(1, 80, 300).Draw(t, "name"),
		Created: at.Draw(t, "created"), Start: start, End: end,
	}
	if n := rapid.IntRange(1, 4).Draw(t, "listed"); rapid.Bool().Draw(t, "digests") {
		p.ListType = seal.ListDigests
		for range n {
			p.Digests = append(p.Digests, seal.DigestOf(rapid.SliceOf(rapid.Byte()).Draw(t, "cert")))
		}
	} else {
		p.ListType = seal.ListCerts
		p.Certs = rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), n, n).Draw(t, "certs")
	}
	return seal.Info{
		Header: seal.Header{Vid: ia5.Draw(t, "vid")}, ESID: ia5.Draw(t, "esID"), Property: p,
		Picture: seal.Picture{
			Type: "vendor", Data: rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "data"), Width: small.Draw(t, "width"), Height: small.Draw(t, "height"),
		},
		Extensions: rapid.SliceOfN(drawExtension(), 0, 3).Draw(t, "extensions"),
	}
}

func drawExtension() *rapid.Generator[seal.Extension] {
	return rapid.Custom(func(t *rapid.T) seal.Extension {
		arcs := rapid.SliceOfN(rapid.IntRange(0, 1<<31-1), 0, 5).Draw(t, "arcs")
		return seal.Extension{
			OID:      append(asn1.ObjectIdentifier{rapid.IntRange(0, 2).Draw(t, "first"), rapid.IntRange(0, 39).Draw(t, "second")}, arcs...),
			Critical: rapid.Bool().Draw(t, "critical"), Value: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "value"),
		}
	})
}

func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]seal.Version{seal.V4, seal.V5}).Draw(t, "version")
		var token []byte
		if v == seal.V5 {
			token = rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "token")
		}
		info := w.drawInfo(t)
		esl := w.seal(info, v, token)
		s := parse(w.t, esl)
		info.Header.Version = int(v)
		if d := cmp.Diff(info, s.Info, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		if s.Version != v || !bytes.Equal(s.TimeStamp, token) || len(s.Deviations) > 0 || len(s.Validate()) > 0 || !bytes.Equal(s.Raw, esl) {
			t.Fatalf("version %v, deviations %v, problems %v", s.Version, s.Deviations, s.Validate())
		}
		if err := s.VerifyMaker(); err != nil {
			t.Fatal(err)
		}

		tbs := seal.TBS{
			Version: v, Seal: esl, Time: info.Property.Start, DataHash: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"),
			Property: rapid.StringMatching(`[ -~]{1,300}`).Draw(t, "property"), Extensions: rapid.SliceOfN(drawExtension(), 0, 3).Draw(t, "tbs extensions"),
		}
		x := parseSignature(w.t, w.signature(tbs, token))
		got := seal.TBS{Version: x.Version, Seal: x.RawSeal, Time: x.Time, DataHash: x.DataHash, Property: x.Property, Extensions: x.Extensions}
		if d := cmp.Diff(tbs, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		if err := x.Verify(); err != nil || len(x.Deviations) > 0 || len(x.Validate()) > 0 || !bytes.Equal(x.TimeStamp, token) {
			t.Fatalf("%v, deviations %v, problems %v", err, x.Deviations, x.Validate())
		}
	})
}

// TestSignatureSize holds that a signature never outgrows the promise, and that the promise is not generous: a byte for the OID and
// one where that byte crosses a length.
func TestSignatureSize(t *testing.T) {
	w := newWorld(t)
	longest := append([]byte{0x30, 70, 2, 33, 0}, bytes.Repeat([]byte{0xff}, 32)...)
	longest = append(append(longest, 2, 33, 0), bytes.Repeat([]byte{0xff}, 32)...)
	info := w.info()
	near := func(edge int) *rapid.Generator[int] { return rapid.IntRange(max(edge-90, 0), edge+20) }
	length := rapid.OneOf(rapid.IntRange(0, 600), near(128), near(256), near(1<<16))
	rapid.Check(t, func(t *rapid.T) {
		info.Picture.Data = append([]byte(pngHead), make([]byte, length.Draw(t, "picture"))...)
		esl := w.seal(info, seal.V5, nil)
		tbs := w.tbs(esl, seal.V5)
		tbs.Property = strings.Repeat("x", 1+rapid.IntRange(0, 300).Draw(t, "property"))
		tbs.Extensions, tbs.Time = nil, tbs.Time.Add(time.Nanosecond)
		extensions := 0
		if rapid.Bool().Draw(t, "extensions") {
			tbs.Extensions = []seal.Extension{{OID: oidTest, Value: make([]byte, length.Draw(t, "extension"))}}
			extensions = len(w.der(seq(extension(hexa(1, 1, 0), octets(tbs.Extensions[0].Value)))))
		}
		der, err := tbs.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		token := make([]byte, length.Draw(t, "token"))
		alg := rapid.SampledFrom([]asn1.ObjectIdentifier{gm.OIDSM2WithSM3, gm.OIDSM2Sign, gm.OIDSM2}).Draw(t, "alg")
		ses, err := seal.AssembleSignature(der, w.signer.Cert.Raw, alg, longest, token)
		if err != nil {
			t.Fatal(err)
		}
		size := seal.SignatureSize(len(esl), len(w.signer.Cert.Raw), len(tbs.Property), extensions, len(token))
		if slack := size - len(ses); slack < 0 || slack > 2 {
			t.Fatalf("%d bytes, promised %d", len(ses), size)
		}
	})
}
