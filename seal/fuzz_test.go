package seal_test

import (
	"bytes"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/seal"
)

func FuzzParse(f *testing.F) {
	w := newWorld(f)
	for _, der := range w.seeds() {
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		before := bytes.Clone(der)
		s, err := seal.Parse(der)
		if !bytes.Equal(before, der) {
			t.Fatal("the input was changed")
		}
		if err == nil {
			checkParsed(t, der, s)
		} else if s != nil {
			t.Fatal("a seal beside an error")
		}
	})
}

func FuzzParseSignature(f *testing.F) {
	w := newWorld(f)
	for _, der := range w.seeds() {
		if s, err := seal.Parse(der); err == nil && s.Version == seal.V1 {
			f.Add(w.signatureV1(der, []byte("2026-03-02 16:00:00")))
			f.Add(w.signatureV1(der, []byte("\x17\x0d260302080000Z")))
		} else {
			f.Add(w.builtSignature(parts{"eseal": raw(der)}))
		}
	}
	f.Add(w.signature(w.tbs(w.seal(w.info(), seal.V4, nil), seal.V4), nil))
	f.Add(w.signature(w.tbs(w.seal(w.info(), seal.V5, nil), seal.V5), []byte("token")))
	f.Fuzz(func(t *testing.T, der []byte) {
		s, err := seal.ParseSignature(der)
		if err != nil {
			if s != nil {
				t.Fatal("a signature beside an error")
			}
			return
		}
		if !bytes.Equal(s.Raw, der) || !bytes.Contains(der, s.RawTBS) || !bytes.Contains(s.RawTBS, s.RawSeal) {
			t.Fatal("raw slices do not nest")
		}
		if !seal.IsSignature(der) {
			t.Fatal("a signature is taken for a seal")
		}
		checkParsed(t, s.RawSeal, s.Seal)
		s.Validate()
		_ = s.Verify()
		if s.Version == seal.V1 || len(s.Deviations) > 0 {
			return
		}
		tbs, err := seal.TBS{
			Version: s.Version, Seal: s.RawSeal, Time: s.Time, DataHash: s.DataHash, Property: s.Property, Extensions: s.Extensions,
		}.Encode()
		if err != nil || !bytes.Equal(tbs, s.RawTBS) {
			t.Fatalf("a canonical TBS_Sign does not encode to itself: %v\n%x\n%x", err, s.RawTBS, tbs)
		}
		again, err := seal.EncodeSigned(tbs, s.Cert, s.Alg, s.Value, s.TimeStamp)
		if err != nil || !bytes.Equal(again, der) {
			t.Fatalf("a canonical signature does not encode to itself: %v\n%x\n%x", err, der, again)
		}
	})
}

// seeds are seals of every kind the package reads, made here.
func (w *world) seeds() [][]byte {
	old := w.v1()
	named := w.v1()
	named.list, named.times = text(cbasn1.IA5String, "1"), cbasn1.GeneralizedTime
	listed := w.info()
	listed.Property.ListType, listed.Property.Certs = seal.ListDigests, nil
	listed.Property.Digests = []seal.CertDigest{seal.DigestOf(w.signer.Cert.Raw)}
	return [][]byte{
		w.sealV1(old), w.sealV1(named),
		w.seal(w.info(), seal.V4, nil), w.seal(listed, seal.V5, nil), w.seal(w.info(), seal.V5, []byte("token")),
		w.built(parts{"value": bits(bytes.Repeat([]byte{1}, 64))}),
		w.built(parts{"extDatas": tlv(tag0, seq(extension(octets(nil))))}),
		w.built(parts{"extDatas": seq(extension(hexa(1, 1, 0xff), octets(nil)))}),
	}
}

// checkParsed checks what holds for everything that Parse takes: nothing panics, raw slices are of the input, and v4 and v5 without deviations are
// encoded to their bytes by their fields.
func checkParsed(t *testing.T, der []byte, s *seal.Seal) {
	t.Helper()
	if !bytes.Equal(s.Raw, der) || !bytes.Contains(der, s.RawInfo) {
		t.Fatal("raw slices are not of the input")
	}
	if seal.IsSignature(der) {
		t.Fatal("a seal is taken for a signature")
	}
	for _, x := range s.Info.Extensions {
		x.Text()
	}
	s.Validate()
	_ = s.VerifyMaker()
	if _, err := s.Lists(s.MakerCert); err != nil && s.Info.Property.IDs == nil && s.Info.Property.Digests == nil {
		t.Fatal(err)
	}
	if s.Version == seal.V1 {
		checkSignedV1(t, s)
		return
	}
	if len(s.Deviations) > 0 {
		return
	}
	info, err := s.Info.Encode()
	if err != nil || !bytes.Equal(info, s.RawInfo) {
		t.Fatalf("a canonical SES_SealInfo does not encode to itself: %v\n%x\n%x", err, s.RawInfo, info)
	}
	again, err := seal.EncodeSigned(info, s.MakerCert, s.SignAlg, s.SignValue, s.TimeStamp)
	if err != nil || !bytes.Equal(again, der) {
		t.Fatalf("a canonical seal does not encode to itself: %v\n%x\n%x", err, der, again)
	}
}

// checkSignedV1 checks that what the maker of a v1 seal signed is made of the file's own bytes: its SES_SealInfo, then certificate and algorithm as
// they open the signInfo.
func checkSignedV1(t *testing.T, s *seal.Seal) {
	t.Helper()
	in, file := cryptobyte.String(s.SignedBytes()), cryptobyte.String(s.Raw)
	var signed, whole, block cryptobyte.String
	if !in.ReadASN1(&signed, cbasn1.SEQUENCE) || !file.ReadASN1(&whole, cbasn1.SEQUENCE) || !whole.Skip(len(s.RawInfo)) ||
		!whole.ReadASN1(&block, cbasn1.SEQUENCE) || !bytes.HasPrefix(signed, s.RawInfo) || !bytes.HasPrefix(block, signed[len(s.RawInfo):]) {
		t.Fatal("the signed bytes of a v1 seal are not those of the file")
	}
}
