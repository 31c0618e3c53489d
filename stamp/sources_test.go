package stamp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/trust/fetch"
)

const giant = 100 << 20 // bytes of a revocation list

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// served is an order at level lt whose signer's revocation list is asked for at a server.
func served(t *testing.T, handler http.HandlerFunc, o fetch.Options) (stamp.Order, *testpki.Holder) {
	t.Helper()
	p := newParty(t)
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	own := p.pki.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.CRLPoint(s.URL+"/a.crl"))
	order := testseal.Order(testseal.PDF(t, 1), testseal.Make(t, p.pki, testseal.Info(t, p.pki, testpki.OwnerName, own.Cert), seal.V5), own.Key, p.pki.Now)
	order.Level, order.Trust = stamp.LevelLT, without(t, p.pki, "crl/root.crl")
	order.Timestamps, _ = authority(t, p.pki, hsm.RSAPKCS1, p.pki.Clock)
	o.Allow, o.Now = func(netip.Addr) bool { return true }, p.pki.Clock
	source := fetch.New(o)
	t.Cleanup(source.Close)
	order.Sources = []trust.Source{source}
	return order, own
}

// TestGiantList: a revocation list of 100 MB is cut off where it is fetched, and named; no level is reached by it, and no key asked.
func TestGiantList(t *testing.T) {
	asked := 0
	o, own := served(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = io.CopyN(w, zeros{}, giant)
	}, fetch.Options{})
	var out document.Memory
	_, err := stamp.Make(t.Context(), o, &out)
	public, _ := fault.PublicOf(err)
	if public.Code != "level-unreached" || !strings.Contains(err.Error(), "more than") || out.Size() != 0 || own.Key.Uses() != 0 || asked == 0 {
		t.Errorf("%v; %d bytes, %d uses, asked %d times", err, out.Size(), own.Key.Uses(), asked)
	}
}

// TestGiantListKept: in a trust directory such a list is an error that names the file, and not read to its end.
func TestGiantListKept(t *testing.T) {
	p := testpki.New(t)
	dir := t.TempDir()
	for name, file := range p.Directory() {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, "crl", "root.crl"), giant); err != nil {
		t.Fatal(err)
	}
	_, err := trust.Load(os.DirFS(dir))
	if public, _ := fault.PublicOf(err); public.Code != "trust-file-unreadable" || !strings.Contains(public.EN, "crl/root.crl") || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("%v", err)
	}
}

// TestSilentSource: a source that does not answer keeps a stamping no longer than who waits for it wants to wait.
func TestSilentSource(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o, own := served(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, fetch.Options{})
	var out document.Memory
	if _, err := stamp.Make(ctx, o, &out); !errors.Is(err, context.Canceled) || out.Size() != 0 || own.Key.Uses() != 0 {
		t.Errorf("%v; %d bytes, %d uses", err, out.Size(), own.Key.Uses())
	}
}
