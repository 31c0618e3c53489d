package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/gm"
)

// TestCrash cuts the index at every byte of its last line, as a crash while writing would: the torn line is as if never written, the next line
// does not stick to it, and nothing before it is lost.
func TestCrash(t *testing.T) {
	h := newHouse(t)
	first := h.issue(t)
	path := filepath.Join(h.dir, indexName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := h.issue(t)
	both, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(both, whole) {
		t.Fatal("the index was not appended to")
	}
	for cut := len(whole); cut < len(both); cut += 37 {
		if err := os.WriteFile(path, both[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		c := h.again(t)
		if records, err := c.Records(t.Context()); err != nil || len(records) != 1 || records[0].Serial.Cmp(first.SerialNumber) != 0 {
			t.Fatalf("cut at %d: %+v, %v", cut, records, err)
		}
		if err := c.Revoke(t.Context(), second.SerialNumber, 0, h.now); !errors.Is(err, fault.NotFound) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		third, err := c.Issue(t.Context(), h.request(t))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if records, err := c.Records(t.Context()); err != nil || len(records) != 2 || records[1].Serial.Cmp(third.SerialNumber) != 0 {
			t.Fatalf("cut at %d, then issued: %+v, %v", cut, records, err)
		}
	}
}

// TestRestore: the crash came between the index and the file in issued/.
func TestRestore(t *testing.T) {
	h := newHouse(t)
	cert := h.issue(t)
	if err := h.Revoke(t.Context(), cert.SerialNumber, 0, h.now); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, issuedFile(cert.SerialNumber))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	h.again(t)
	if data, err := os.ReadFile(path); err != nil || !bytes.Equal(data, gm.EncodePEM(cert)) {
		t.Errorf("not restored: %v", err)
	}
}

// TestIndexLost: an index that is gone, or is no file, stops everything; it does not begin anew.
func TestIndexLost(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"removed":     os.Remove,
		"a directory": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		h := newHouse(t)
		cert := h.issue(t)
		if err := lose(filepath.Join(h.dir, indexName)); err != nil {
			t.Fatal(err)
		}
		before := files(t, h.dir)
		_, err := h.Issue(t.Context(), h.request(t))
		wantFault(t, err, fault.Invalid, "ca-damaged")
		wantFault(t, h.Revoke(t.Context(), cert.SerialNumber, 0, h.now), fault.Invalid, "ca-damaged")
		_, err = h.CRL(t.Context())
		wantFault(t, err, fault.Invalid, "ca-damaged")
		_, err = Open(t.Context(), h.dir, h.key, h.clock)
		wantFault(t, err, fault.Invalid, "ca-damaged")
		if !same(before, files(t, h.dir)) {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestLockIsWaitedForAndGivenUp(t *testing.T) {
	h := newHouse(t)
	unlock, err := h.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := h.Issue(ctx, h.request(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another writes: %v", err)
	}
	if _, err := h.Records(t.Context()); err != nil {
		t.Errorf("reading waits for the writer: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := h.Issue(t.Context(), h.request(t))
		done <- err
	}()
	unlock()
	if err := <-done; err != nil {
		t.Errorf("after the other is done: %v", err)
	}
}

// TestSeveralProcesses lets several openings of one directory issue, revoke and list at once.
func TestSeveralProcesses(t *testing.T) {
	h := newHouse(t)
	const openings, each = 4, 6
	var mu sync.Mutex
	numbers := map[int64]bool{}
	serials := map[string]bool{}
	var wg sync.WaitGroup
	for range openings {
		c := h.again(t)
		wg.Go(func() {
			for i := range each {
				cert, err := c.Issue(t.Context(), h.request(t))
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 {
					if err := c.Revoke(t.Context(), cert.SerialNumber, ca.Superseded, h.now); err != nil {
						t.Error(err)
					}
				}
				der, err := c.CRL(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				list, err := gm.ParseRevocationList(der)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if numbers[list.Number.Int64()] {
					t.Errorf("two lists have number %d", list.Number)
				}
				numbers[list.Number.Int64()], serials[serialText(cert.SerialNumber)] = true, true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	records, err := h.Records(t.Context())
	if err != nil || len(records) != openings*each || len(serials) != len(records) {
		t.Fatalf("%d records of %d certificates, %v", len(records), len(serials), err)
	}
	for _, r := range records {
		if !serials[serialText(r.Serial)] {
			t.Errorf("recorded and not issued: %x", r.Serial)
		}
	}
	if list := h.crl(t); len(list.RevokedCertificateEntries) != openings*each/2 || list.Number.Int64() != openings*each+1 {
		t.Errorf("list %d has %d entries", list.Number, len(list.RevokedCertificateEntries))
	}
}

// sample returns an index with three certificates, one of them revoked.
func sample(t testing.TB) []byte {
	h := newHouse(t)
	h.issue(t)
	cert := h.issue(t)
	if err := h.Revoke(t.Context(), cert.SerialNumber, ca.KeyCompromise, h.now); err != nil {
		t.Fatal(err)
	}
	h.issue(t)
	data, err := os.ReadFile(filepath.Join(h.dir, indexName))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseIndexRefuses(t *testing.T) {
	data := sample(t)
	lines := strings.SplitAfter(string(data), "\n")
	edit := func(n int, change func(l *line)) string {
		var l line
		if err := json.Unmarshal([]byte(lines[n]), &l); err != nil {
			t.Fatal(err)
		}
		change(&l)
		b, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines[:n], "") + string(b) + "\n" + strings.Join(lines[n+1:], "")
	}
	for name, text := range map[string]string{
		"not JSON":                "hello\n" + string(data),
		"unknown field":           strings.Replace(string(data), `"serial"`, `"Serials"`, 1),
		"two values in a line":    strings.Replace(string(data), "}\n", "}{}\n", 1),
		"an empty line":           lines[0] + "\n" + lines[1],
		"issued twice":            lines[0] + lines[0],
		"revoked twice":           lines[1] + lines[2] + lines[2],
		"revoked before issued":   lines[2] + lines[1],
		"issued after revoked":    lines[1] + lines[2] + lines[1],
		"revoked, never issued":   lines[0] + lines[2],
		"serial in capitals":      edit(0, func(l *line) { l.Serial = strings.ToUpper(l.Serial) + "AB" }),
		"serial with a sign":      edit(0, func(l *line) { l.Serial = "-" + l.Serial }),
		"serial of zero":          edit(0, func(l *line) { l.Serial = "00" }),
		"serial too long":         edit(0, func(l *line) { l.Serial += l.Serial }),
		"unknown status":          edit(0, func(l *line) { l.Status = "frozen" }),
		"unknown profile":         edit(0, func(l *line) { l.Profile = "root" }),
		"no end":                  edit(0, func(l *line) { l.NotAfter = time.Time{} }),
		"no certificate":          edit(0, func(l *line) { l.Certificate = nil }),
		"revocation without time": edit(2, func(l *line) { l.RevokedAt = time.Time{} }),
		"revocation for nothing":  edit(2, func(l *line) { l.Reason = nil }),
		"unknown reason":          strings.Replace(string(data), "keyCompromise", "certificateHold", 1),
		"endless line":            strings.Repeat("x", 2*maxLine),
	} {
		err := parseIndex(strings.NewReader(text), func(line) {})
		if _, ok := errors.AsType[*ParseError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := parseIndex(bytes.NewReader(data), func(line) {}); err != nil {
		t.Errorf("the index itself: %v", err)
	}
}

func FuzzParseIndex(f *testing.F) {
	data := sample(f)
	f.Add(data)
	f.Add(data[:len(data)-9])
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"serial":"01","status":"revoked","reason":"superseded"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var again []byte
		count := 0
		err := parseIndex(bytes.NewReader(data), func(l line) {
			b, err := l.encode()
			if err != nil {
				t.Skip() // escaped anew it can be longer than a line may be
			}
			again = append(again, b...)
			count++
		})
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("%T is not the error of this parser: %v", err, err)
			}
			return
		}
		if err := parseIndex(bytes.NewReader(again), func(line) { count-- }); err != nil || count != 0 {
			t.Fatalf("what was read reads differently when written again: %v, %d lines off\n%s", err, count, again)
		}
	})
}

func FuzzDecodeConfig(f *testing.F) {
	h := newHouse(f, func(o *Options) { o.CRLURL = "https://crl.example/root.crl" })
	data, err := os.ReadFile(filepath.Join(h.dir, configName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":1,"name":"x","key":"","crlDays":7,"crlNumber":9223372036854775807}`))
	f.Add([]byte(`{}{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decodeConfig(data)
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("%T is not the error of this parser: %v", err, err)
			}
			return
		}
		if back, err := decodeConfig(c.encode()); err != nil || back != c {
			t.Fatalf("%+v reads back as %+v, %v", c, back, err)
		}
	})
}
