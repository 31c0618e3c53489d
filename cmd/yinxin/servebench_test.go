package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/verify"
)

// How the service is loaded: for how long, by how many at once where it shall do what it can, and at which part of that in the open loop.
const (
	loadTime    = 5 * time.Second
	loadWorkers = 8
	loadShare   = 0.7
)

// BenchmarkServe sends a sealed PDF of about 100 KB to the service, a process of its own, over the loopback. capacity/s is what it does for a few clients
// that each wait for their answer; p50-ms and p99-ms are from the moment a request was due, at 70 % of that, whether or not earlier ones were answered; floor/s
// judges the same file in this process on as many cores. The clients share the cores with the service: own-p99-ms is what the service itself says of the same
// requests, from the head of each to its answer, and service-cpu-ms and client-cpu-ms are what each took of the cores for one request.
func BenchmarkServe(b *testing.B) {
	x := newBench(b)
	size := x.sealed()
	data, err := os.ReadFile(filepath.Join(x.dir, "sealed.pdf"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		floor := x.floor()
		service := x.serve()
		send, before := service.sender(b, data), cpuOf(b)
		capacity := closedLoop(b, send)
		took, refused := openLoop(send, capacity*loadShare)
		clients := cpuOf(b) - before
		usage := service.end(b)
		own := service.took(b)
		requests := float64(len(own))
		b.ReportMetric(float64(refused), "refused")
		b.ReportMetric(floor, "floor/s")
		b.ReportMetric(capacity, "capacity/s")
		b.ReportMetric(floor/capacity, "x-floor")
		b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
		own = own[len(own)-len(took):]
		slices.Sort(own)
		b.ReportMetric(float64(own[len(own)*99/100])/1e6, "own-p99-ms")
		b.ReportMetric(float64(usage.Maxrss<<10)/(1<<20), "peak-MB")
		b.ReportMetric(float64(usage.Utime.Nano()+usage.Stime.Nano())/1e6/requests, "service-cpu-ms")
		b.ReportMetric(float64(clients)/1e6/requests, "client-cpu-ms")
	}
	b.ReportMetric(float64(size)/1e3, "KB")
}

// sealed makes a sealed PDF of about 100 KB, and a trust folder for it.
func (x *bench) sealed() int64 {
	bigPDF(x.B, filepath.Join(x.dir, "plain.pdf"), 4, 9_000)
	x.run(2, strings.Fields("seal make --type legal-name --size 20x10 --name "+testpki.OwnerName+" --code 9900000000001 --signer owner.crt --maker-key maker --maker-cert maker.crt --out small.esl")...)
	x.run(2, "stamp", "--seal", "small.esl", "--key", "owner", "--in", "plain.pdf", "--out", "sealed.pdf", "--page", "1", "--at", "120,200")
	for from, to := range map[string]string{"maker.crt": "trust/maker/maker.crt", "ca/root.crt": "trust/ca/root.crt"} {
		data, err := os.ReadFile(filepath.Join(x.dir, from))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(x.dir, to)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(x.dir, to), data, 0o600)
		}
		if err != nil {
			x.Fatal(err)
		}
	}
	x.run(2, "ca", "crl", "--dir", "ca", "--out", "trust/root.crl")
	if err := os.MkdirAll(filepath.Join(x.dir, "trust/crl"), 0o700); err != nil {
		x.Fatal(err)
	}
	if err := os.Rename(filepath.Join(x.dir, "trust/root.crl"), filepath.Join(x.dir, "trust/crl/root.crl")); err != nil {
		x.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(x.dir, "sealed.pdf"))
	if err != nil || info.Size() < 80_000 || info.Size() > 120_000 {
		x.Fatalf("the sealed file has %d bytes, %v", info.Size(), err)
	}
	return info.Size()
}

// floor is how often a second the file is judged on two cores, without a service.
func (x *bench) floor() float64 {
	set, err := loadTrust(filepath.Join(x.dir, "trust"))
	if err != nil {
		x.Fatal(err)
	}
	v := verify.Verifier{Formats: formats(), Typed: true, Trust: set, Proven: gm.NewProven(maxProven)}
	return perSecond(x.B, 2, func() error {
		r := judging{Verifier: v, at: time.Now()}.file(x.Context(), filepath.Join(x.dir, "sealed.pdf"), "")
		if r.Verdict != verify.Passed {
			return fmt.Errorf("it is %s", r.Verdict)
		}
		return nil
	})
}

// perSecond does a thing for a while, as many at once as said.
func perSecond(b *testing.B, workers int, do func() error) float64 {
	b.Helper()
	var done atomic.Int64
	var group sync.WaitGroup
	start := time.Now()
	for range workers {
		group.Go(func() {
			for time.Since(start) < loadTime {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

func closedLoop(b *testing.B, send func() error) float64 { return perSecond(b, loadWorkers, send) }

// openLoop sends so many a second, each when it is due, and returns how long after that each was answered, in order, and how many had no verdict: where
// something else has the machine meanwhile, the service sends away what it cannot do.
func openLoop(send func() error, rate float64) (took []time.Duration, refused int64) {
	var missed atomic.Int64
	took = make([]time.Duration, int(rate*loadTime.Seconds()))
	var group sync.WaitGroup
	start := time.Now()
	for i := range took {
		due := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		group.Go(func() {
			if send() != nil {
				missed.Add(1)
			}
			took[i] = time.Since(due)
		})
	}
	group.Wait()
	slices.Sort(took)
	return took, missed.Load()
}

// serving is the service as a process.
type serving struct {
	*exec.Cmd
	base string
	log  *bytes.Buffer // whole when the process has ended
}

func (x *bench) serve() *serving {
	config := filepath.Join(x.dir, "serve.yaml")
	if err := os.WriteFile(config, []byte("limits: {requests: -1, clientConnections: -1}\n"), 0o600); err != nil {
		x.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(x.Context()), x.program, "serve", "--trust", "trust", "--config", config, "--listen", "127.0.0.1:0")
	c.Dir, c.Env = x.dir, append(os.Environ(), "LANG=C", "GOMAXPROCS=2")
	log := new(bytes.Buffer)
	c.Stderr = log
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		x.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		x.Fatal(err)
	}
	fields := strings.Fields(line)
	return &serving{c, fields[len(fields)-1], log}
}

// end ends it and returns what it took: of the cores, and the most memory it held.
func (s *serving) end(b *testing.B) *syscall.Rusage {
	b.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		b.Error(err)
	}
	u, ok := s.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("this system does not tell what a process took")
	}
	return u
}

// took is what the log says that each request took, in the order of their answers.
func (s *serving) took(b *testing.B) (out []time.Duration) {
	b.Helper()
	for line := range strings.Lines(s.log.String()) {
		if _, text, ok := strings.Cut(strings.TrimSpace(line), " took="); ok && strings.Contains(line, "msg=request") {
			d, err := time.ParseDuration(text)
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, d)
		}
	}
	return out
}

// cpuOf is what this process has taken of the cores.
func cpuOf(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sender sends the file and wants PASSED.
func (s *serving) sender(b *testing.B, data []byte) func() error {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	b.Cleanup(client.CloseIdleConnections)
	url := strings.TrimSuffix(s.base, "/verify") + "/v1/verifications"
	return func() error {
		resp, err := client.Post(url, "application/pdf", bytes.NewReader(data))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err == nil && !bytes.Contains(answer, []byte(`"verdict":"PASSED"`)) {
			err = fmt.Errorf("%d %.200s", resp.StatusCode, answer)
		}
		return err
	}
}
