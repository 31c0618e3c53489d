package stamp_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/internal/floor"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/layout"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

// sizes of the unsigned documents in bytes.
var sizes = map[string]int{"100KB": 100 << 10, "5MB": 5 << 20, "50MB": 50 << 20}

// grown writes a PDF of about n bytes: a page of text and an attachment that does not compress.
func grown(b *testing.B, n int) (*os.File, int64) {
	b.Helper()
	noise := make([]byte, max(0, n-20<<10))
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(noise)
	doc := layout.Document{Title: "示例", Language: "zh-CN", Created: testpki.Epoch(), Attached: []layout.Attachment{{Name: "noise.bin", MIME: "application/octet-stream", Data: noise}},
		Pages: []layout.Page{{Width: layout.A4Width, Height: layout.A4Height, Items: []layout.Item{layout.Text{X: 30, Y: 40, String: "示例文件", Size: 14}}}}}
	f, err := os.Create(filepath.Join(b.TempDir(), "in.pdf"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if err := layout.WritePDF(f, doc, font.Stack{font.Default()}); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return f, info.Size()
}

// output is a file that is written from its beginning each time.
func output(b *testing.B) *os.File {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "out.pdf"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f
}

// once seals the document once more, as another party, and returns the file.
func once(b *testing.B, p *testpki.PKI, in *os.File, size int64) (*os.File, int64) {
	b.Helper()
	other := p.Owner("远山示例制造有限公司", testpki.MakerUSCC)
	o := testseal.Order(nil, testseal.Make(b, p, testseal.Info(b, p, "远山示例制造有限公司", other.Cert), seal.V4), other.Key, p.Now)
	o.In, o.Size, o.Places[0].X = in, size, 60
	out := output(b)
	r, err := stamp.Make(context.Background(), o, out)
	if err != nil {
		b.Fatal(err)
	}
	return out, r.Size
}

// protected is how many bytes of a PDF its newest signature covers, and how long that signature's value is.
func protected(b *testing.B, f *os.File, size int64) (covered int64, value int) {
	b.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), f, size, document.Options{})
	if err != nil {
		b.Fatal(err)
	}
	signed, err := doc.Signatures()
	if err != nil || len(signed) == 0 {
		b.Fatal(err)
	}
	last := signed[len(signed)-1]
	var ranges [4]int64
	if _, err := fmt.Sscanf(last.Info().Property, "ByteRange:[%d,%d,%d,%d]", &ranges[0], &ranges[1], &ranges[2], &ranges[3]); err != nil {
		b.Fatal(err)
	}
	return ranges[1] + ranges[3], len(last.Value())
}

// BenchmarkStamp puts a seal on a document that is unsigned, or sealed once before, files to files, without fsync. ns/op and x-floor are the stamping
// without its self-check, beside the floor: read the input, SM3 over the output's ranges and over the SES bytes, write the output, one SM2 signature.
// self-check-ns is the self-check, which reads, hashes and judges the output.
func BenchmarkStamp(b *testing.B) {
	p := testpki.New(b)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(b, p, testseal.Info(b, p, testpki.OwnerName, owner.Cert), seal.V4)
	for _, name := range []string{"100KB", "5MB", "50MB"} {
		for _, before := range []string{"unsigned", "sealed-once"} {
			b.Run(name+"/"+before, func(b *testing.B) {
				in, size := grown(b, sizes[name])
				if before != "unsigned" {
					in, size = once(b, p, in, size)
				}
				out, copied := output(b), output(b)
				var checks []float64
				work := func() (time.Duration, error) {
					o := testseal.Order(nil, esl, owner.Key, p.Now)
					o.In, o.Size = in, size
					if _, err := out.Seek(0, 0); err != nil {
						return 0, err
					}
					start := time.Now()
					r, err := stamp.Make(context.Background(), o, out)
					checks = append(checks, float64(r.SelfCheck.Nanoseconds()))
					return time.Since(start) - r.SelfCheck, err
				}
				if _, err := work(); err != nil {
					b.Fatal(err)
				}
				written, err := out.Seek(0, io.SeekCurrent)
				if err != nil {
					b.Fatal(err)
				}
				covered, value := protected(b, out, written)
				floor.CompareTimed(b, work, floor.Stamp(b, floor.Work{In: in, Read: size, Hashed: covered + int64(value), Written: written}, copied))
				slices.Sort(checks)
				b.ReportMetric(checks[len(checks)/2], "self-check-ns")
			})
		}
	}
}

// BenchmarkVerify judges a document with one seal, trust and revocation included. Its floor is SM3 over the file and over the SES bytes, and the SM2
// verifications of the meeting.
func BenchmarkVerify(b *testing.B) {
	p := testpki.New(b)
	set, err := trust.Load(p.Directory())
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"100KB", "5MB", "50MB"} {
		in, size := grown(b, sizes[name])
		in, size = once(b, p, in, size)
		for _, m := range meetings() {
			v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set, Proven: m.proven}
			b.Run(name+"/"+m.name, func(b *testing.B) {
				work := func() error {
					facts, err := v.Gather(context.Background(), in, size)
					if err == nil && verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)).Verdict != verify.Passed {
						b.Error("not PASSED")
					}
					return err
				}
				_, value := protected(b, in, size)
				floor.Compare(b, work, floor.Verify(b, floor.Work{In: in, Read: size, Hashed: size + m.hashed*int64(value)}, m.signatures))
			})
		}
	}
}
