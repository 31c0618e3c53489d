package pdf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
)

const (
	rangeMark    = "[0 AAAAAAAA BBBBBBBB CCCCCCCC]"
	contentsMark = "<3003020101000000>"
)

// signedRaw is a file with one signature field whose value is dict. Where dict has the marks, ByteRange fits the Contents.
func signedRaw(dict string) []byte {
	b := raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]>>", "<</FT/Sig/T(S)/Type/Annot/Subtype/Widget/Rect[0 0 50 20]/P 3 0 R/V 5 0 R>>", dict)
	return patchRange(b)
}

func patchRange(b []byte) []byte {
	from := bytes.Index(b, []byte(contentsMark))
	to := from + len(contentsMark)
	for mark, n := range map[string]int{"AAAAAAAA": from, "BBBBBBBB": to, "CCCCCCCC": len(b) - to} {
		b = bytes.ReplaceAll(b, []byte(mark), fmt.Appendf(nil, "%08d", n))
	}
	return b
}

func sigDict(extra string) string {
	return "<</Type/Sig/Filter/F/SubFilter/S/ByteRange" + rangeMark + "/Contents" + contentsMark + extra + ">>"
}

func TestMalformedSignatures(t *testing.T) {
	for _, c := range []struct{ name, dict, want string }{
		{"good", sigDict(""), ""},
		{"white space, ranges fit", "<</ByteRange[0 1 2 3]/Contents<300302 0101000000>>>", "hexadecimal"},
		{"odd digits", "<</ByteRange[0 1 2 3]/Contents<300302010>>>", "hexadecimal"},
		{"odd digits and a space", "<</ByteRange[0 1 2 3]/Contents<30030 20101000>>>", "hexadecimal"},
		{"literal", "<</ByteRange[0 1 2 3]/Contents(0\\003\\002\\001\\001)>>", "hexadecimal"},
		{"not there", "<</ByteRange[0 1 2 3]>>", "hexadecimal"},
		{"a reference", "<</ByteRange[0 1 2 3]/Contents 3 0 R>>", "hexadecimal"},
		{"twice", sigDict("/Contents<3000>"), "key Contents stands twice"},
		{"ranges twice", sigDict("/ByteRange[0 1 2 3]"), "key ByteRange stands twice"},
		{"reason twice", sigDict("/Reason(a)/Reason(b)"), "key Reason stands twice"},
		{"escaped key twice", sigDict("/Re#61son(a)/Reason(b)"), "key Reason stands twice"},
		{"no ranges", "<</Contents" + contentsMark + ">>", "ByteRange"},
		{"three numbers", "<</ByteRange[0 1 2]/Contents" + contentsMark + ">>", "ByteRange"},
		{"six numbers", "<</ByteRange[0 1 2 3 4 5]/Contents" + contentsMark + ">>", "ByteRange"},
		{"not from 0", "<</ByteRange[1 2 3 4]/Contents" + contentsMark + ">>", "ByteRange"},
		{"negative", "<</ByteRange[0 -1 2 3]/Contents" + contentsMark + ">>", "ByteRange"},
		{"a real", "<</ByteRange[0 1.0 2 3]/Contents" + contentsMark + ">>", "ByteRange"},
		{"overlapping", "<</ByteRange[0 20 10 3]/Contents" + contentsMark + ">>", "ByteRange"},
		{"beyond the file", "<</ByteRange[0 1 2 99999999]/Contents" + contentsMark + ">>", "ByteRange"},
		{"overflowing", "<</ByteRange[0 1 2 9223372036854775807]/Contents" + contentsMark + ">>", "ByteRange"},
		{"gap elsewhere", "<</ByteRange[0 1 2 3]/Contents" + contentsMark + ">>", "gap"},
		{"empty", "<</ByteRange[0 1 2 3]/Contents<>>>", "gap"},
		{"no dictionary", "[1 2]", "no dictionary"},
		{"null", "null", "no dictionary"},
		{"cut off", "<</ByteRange[0 1 2 3]", "a key was expected"},
		{"a stream", sigDict("/Length 0") + "\nstream\n\nendstream", "endobj"},
	} {
		t.Run(c.name, func(t *testing.T) { checkMalformed(t, signedRaw(c.dict), c.want) })
	}
	wide := func(a, b int) []byte {
		b0 := signedRaw(sigDict(""))
		from := bytes.Index(b0, []byte(contentsMark))
		to := from + len(contentsMark)
		old := fmt.Sprintf("[0 %08d %08d", from, to)
		return bytes.Replace(b0, []byte(old), fmt.Appendf(nil, "[0 %08d %08d", from+a, to+b), 1)
	}
	for _, d := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {1, -1}} {
		checkMalformed(t, wide(d[0], d[1]), "gap")
	}
	zeros := bytes.Replace(signedRaw(sigDict("")), []byte(contentsMark), []byte("<0000000000000000>"), 1)
	checkMalformed(t, zeros, "no DER value")
	garbage := bytes.Replace(signedRaw(sigDict("")), []byte(contentsMark), []byte("<3003020101000001>"), 1)
	checkMalformed(t, garbage, "more than one value")
}

func checkMalformed(t *testing.T, b []byte, want string) {
	t.Helper()
	signed, err := openBytes(t, b).Signatures()
	if err != nil || len(signed) != 1 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	s := signed[0]
	coverage, why := s.Coverage()
	_, digestErr := s.Digest(sm3)
	_, changesErr := s.Changes()
	if want == "" {
		if coverage != document.CoversFile || digestErr != nil || changesErr != nil || fmt.Sprintf("%x", s.Value()) != "3003020101" {
			t.Errorf("%s (%s), %v, %v, %x", coverage, why, digestErr, changesErr, s.Value())
		}
		return
	}
	if coverage != document.CoversUnclear || !strings.Contains(why, want) {
		t.Errorf("%s: %s; want %q", coverage, why, want)
	}
	if digestErr == nil || changesErr == nil || s.Value() != nil {
		t.Errorf("Digest %v, Changes %v, value %x", digestErr, changesErr, s.Value())
	}
	if p, ok := fault.PublicOf(digestErr); !ok || p.Code != "pdf-signature-malformed" {
		t.Errorf("Digest says %v", digestErr)
	}
}

func TestSignatureDictionaryElsewhere(t *testing.T) {
	direct := raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>", "<</Type/Pages/Kids[]/Count 0>>", "<</FT/Sig/T(S)/V"+sigDict("")+">>")
	checkMalformed(t, patchRange(direct), "not an indirect object")
	missing := raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>", "<</Type/Pages/Kids[]/Count 0>>", "<</FT/Sig/T(S)/V 9 0 R>>")
	checkMalformed(t, missing, "object 9, the value of the field, does not exist")
	inside := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>"}, {2, "<</Type/Pages/Kids[]/Count 0>>"},
		{3, "<</FT/Sig/T(S)/V 4 0 R>>"}, {4, sigDict("")}}, "/Root 1 0 R")
	checkMalformed(t, inside, "compressed in an object stream")
}

func TestPermsAndNames(t *testing.T) {
	b := patchRange(raw("<</Type/Catalog/Pages 2 0 R/Perms<</UR3 3 0 R>>>>", "<</Type/Pages/Kids[]/Count 0>>", sigDict("/Name(\\376\\377\\001\\005)/M(D:20260102030405+08'00')")))
	signed, err := openBytes(t, b).Signatures()
	if err != nil || len(signed) != 1 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	want := time.Date(2026, 1, 1, 19, 4, 5, 0, time.UTC)
	if i := signed[0].Info(); i.ID != "Perms/UR3" || i.Name != "ą" && i.Name != "\u0105" || !i.ClaimedTime.Equal(want) || i.Kind != document.Sign {
		t.Errorf("%+v", i)
	}
	two := patchRange(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R 4 0 R 6 0 R]>>>>", "<</Type/Pages/Kids[]/Count 0>>", "<</FT/Sig/T(A)/V 5 0 R>>",
		"<</T(B)/Kids[7 0 R]/FT/Sig>>", sigDict(""), "<</FT/Sig/T(A)/V 8 0 R>>", "<</T(C)/Parent 4 0 R/V 5 0 R>>", "<<>>"))
	if signed, err = openBytes(t, two).Signatures(); err != nil || len(signed) != 2 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	ids := []string{signed[0].Info().ID, signed[1].Info().ID}
	if ids[0] != "A" || ids[1] != "A, B.C" {
		t.Errorf("IDs %q", ids)
	}
}

// TestKinds: the SubFilter tells what a value is.
func TestKinds(t *testing.T) {
	for dict, want := range map[string]document.Kind{
		"/SubFilter/GM.sm2seal": document.Seal, "/SubFilter/ETSI.RFC3161": document.Timestamp, "/SubFilter/ETSI.CAdES.detached": document.Sign,
		"/Type/DocTimeStamp": document.Timestamp, "/SubFilter/GM#2esm2seal": document.Seal,
	} {
		signed, err := openBytes(t, signedRaw("<</ByteRange"+rangeMark+"/Contents"+contentsMark+dict+">>")).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		i := signed[0].Info()
		if i.Kind != want || (i.Property != "") != (want == document.Seal) {
			t.Errorf("%s: %s, property %q", dict, i.Kind, i.Property)
		}
	}
}

// countingReader counts what is read.
type countingReader struct {
	r io.ReaderAt
	n int64
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// opaque hides that a hash can be marshaled.
type opaque struct{ hash.Hash }

func TestDigestSharesRanges(t *testing.T) {
	b := testPDF{pages: []string{a4Page}, objects: []string{"<</Length 1000000>>\nstream\n" + strings.Repeat("x", 1000000) + "\nendstream"}}.build()
	const count = 4
	for range count {
		r := sealRequest(t)
		r.Places = nil
		b = sealed(t, b, r)
	}
	for _, opaquely := range []bool{false, true} {
		c := &countingReader{r: bytes.NewReader(b)}
		d, err := open(t.Context(), c, int64(len(b)), document.Options{})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := d.Signatures()
		if err != nil || len(signed) != count {
			t.Fatalf("%d signatures, %v", len(signed), err)
		}
		c.n = 0
		for i := range signed {
			s := signed[count-1-i].(*signature)
			got, err := s.Digest(func(string) (hash.Hash, error) {
				if opaquely {
					return opaque{sha256.New()}, nil
				}
				return sha256.New(), nil
			})
			want := sha256.New()
			want.Write(b[:s.ranges[1]])
			want.Write(b[s.ranges[2]:s.end()])
			if err != nil || !bytes.Equal(got, want.Sum(nil)) {
				t.Errorf("digest %d: %x, %v", i, got, err)
			}
		}
		if once := c.n < int64(len(b))*5/4; once == opaquely {
			t.Errorf("%d bytes read of a file of %d (opaque hash: %v)", c.n, len(b), opaquely)
		}
	}
	failing := errors.New("no such hash")
	signed, _ := openBytes(t, b).Signatures()
	if _, err := signed[0].Digest(func(string) (hash.Hash, error) { return nil, failing }); !errors.Is(err, failing) {
		t.Errorf("got %v", err)
	}
}
