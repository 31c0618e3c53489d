package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
)

// bench is the command, built, with a key store, an owner's key and seal in a folder of its own.
type bench struct {
	*testing.B
	dir, program string
}

func newBench(b *testing.B) *bench {
	b.Helper()
	x := &bench{b, b.TempDir(), ""}
	x.program = filepath.Join(x.dir, "yinxin")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", x.program, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	for _, line := range []string{
		"ca init --dir ca --name Root", "key generate maker owner", "ca issue --dir ca --profile maker --name 示例制章中心 --key maker --out maker.crt",
		"ca issue --dir ca --name " + testpki.OwnerName + " --key owner --out owner.crt",
		"seal make --type legal-name --name " + testpki.OwnerName + " --code 9900000000001 --signer owner.crt --maker-key maker --maker-cert maker.crt --out owner.esl",
	} {
		x.run(2, strings.Fields(line)...)
	}
	return x
}

// run runs the command on so many cores and returns how long it took and the most memory it held, in bytes. What holds it to the cores is GOMAXPROCS, and
// taskset where there is such a program.
func (x *bench) run(cores int, args ...string) (time.Duration, int64) {
	x.Helper()
	command := append([]string{x.program}, args...)
	if taskset, err := exec.LookPath("taskset"); err == nil {
		command = append([]string{taskset, "-c", fmt.Sprintf("0-%d", cores-1)}, command...)
	}
	c := exec.CommandContext(x.Context(), command[0], command[1:]...)
	c.Dir = x.dir
	c.Env = append(os.Environ(), "YINXIN_PASSPHRASE=long enough", "XDG_DATA_HOME="+filepath.Join(x.dir, "data"), "LANG=C", fmt.Sprintf("GOMAXPROCS=%d", cores))
	start := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		x.Fatalf("yinxin %v: %v\n%s", args, err, out)
	}
	took := time.Since(start)
	peak := int64(0)
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = u.Maxrss << 10 // kilobytes on Linux
	}
	return took, peak
}

// batchRows is how many small PDFs a batch is measured with.
const batchRows = 10_000

// BenchmarkBatch seals 10,000 small PDFs from a list, on one core and on two, each with as many workers as do best there. x-one-core is how many times faster
// two cores are. Outputs go to folders of their own that are kept to the end: file systems take their time to give out what was just deleted.
func BenchmarkBatch(b *testing.B) {
	x := newBench(b)
	in := testseal.PDF(b, 1)
	var list bytes.Buffer
	list.WriteString("in,out\n")
	if err := os.MkdirAll(filepath.Join(x.dir, "in"), 0o700); err != nil {
		b.Fatal(err)
	}
	for i := range batchRows {
		fmt.Fprintf(&list, "../in/%d.pdf,%d.pdf\n", i, i)
		if err := os.WriteFile(filepath.Join(x.dir, "in", fmt.Sprintf("%d.pdf", i)), in, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	runs := 0
	batch := func(cores, workers int) time.Duration {
		runs++
		dir := fmt.Sprintf("run%d", runs)
		if err := os.Mkdir(filepath.Join(x.dir, dir), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(x.dir, dir, "list.csv"), list.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		took, _ := x.run(cores, "stamp", "--seal", "owner.esl", "--key", "owner", "--batch", dir+"/list.csv", "--workers", fmt.Sprint(workers), "--at", "120,200")
		return took
	}
	var one, two time.Duration
	for b.Loop() {
		one += min(batch(1, 2), batch(1, 4), batch(1, 8))
		two += min(batch(2, 4), batch(2, 8))
	}
	b.ReportMetric(float64(batchRows)*float64(b.N)/one.Seconds(), "files/s-one-core")
	b.ReportMetric(float64(batchRows)*float64(b.N)/two.Seconds(), "files/s-two-cores")
	b.ReportMetric(one.Seconds()/two.Seconds(), "x-one-core")
}

// BenchmarkBigFile seals a PDF of 500 MB with 2,000 pages. peak-MB is the most memory that the command held.
func BenchmarkBigFile(b *testing.B) {
	x := newBench(b)
	size := bigPDF(b, filepath.Join(x.dir, "big.pdf"), 2000, 250_000)
	peak := int64(0)
	for b.Loop() {
		_, held := x.run(2, "stamp", "--seal", "owner.esl", "--key", "owner", "--in", "big.pdf", "--out", "sealed.pdf", "--page", "2000", "--at", "120,200")
		peak = max(peak, held)
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
	b.SetBytes(size)
}

// bigPDF writes a PDF of so many pages, each with a content stream of so many bytes that do not compress, one classic cross-reference table.
func bigPDF(b *testing.B, path string, pages, each int) int64 {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	at := 0
	put := func(s string) {
		n, _ := w.WriteString(s)
		at += n
	}
	noise := make([]byte, each)
	rng := rand.NewChaCha8([32]byte{7})
	offsets := make([]int, 2*pages+3) // by object number
	put("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	kids := &strings.Builder{}
	for i := range pages {
		page, content := 3+2*i, 4+2*i
		fmt.Fprintf(kids, "%d 0 R ", page)
		offsets[page] = at
		put(fmt.Sprintf("%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>\nendobj\n", page, content))
		rng.Read(noise)
		for j := range noise {
			noise[j] = 'a' + noise[j]%26
		}
		offsets[content] = at
		put(fmt.Sprintf("%d 0 obj\n<</Length %d>>\nstream\n%%", content, each+1))
		put(string(noise))
		put("\nendstream\nendobj\n")
	}
	offsets[1] = at
	put("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	offsets[2] = at
	put(fmt.Sprintf("2 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n", pages, kids))
	xref := at
	put(fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(offsets)))
	for _, o := range offsets[1:] {
		put(fmt.Sprintf("%010d 00000 n \n", o))
	}
	put(fmt.Sprintf("trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets), xref))
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return int64(at)
}
