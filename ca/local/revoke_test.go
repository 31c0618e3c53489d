package local

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
)

func (h *house) crl(t testing.TB) *gm.RevocationList {
	t.Helper()
	der, err := h.CRL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := gm.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(h.Chain()[0]); err != nil {
		t.Error(err)
	}
	if onDisk, err := os.ReadFile(filepath.Join(h.dir, crlName)); err != nil || !bytes.Equal(onDisk, der) {
		t.Errorf("the file is another list (%v)", err)
	}
	return list
}

func TestRevokeAndList(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.CRLDays = 30 })
	h.now = h.now.AddDate(0, 0, 10)
	_, second, third := h.issue(t), h.issue(t), h.issue(t)
	if list := h.crl(t); len(list.RevokedCertificateEntries) != 0 || list.Number.Int64() != 1 {
		t.Errorf("empty list has %d entries and number %d", len(list.RevokedCertificateEntries), list.Number)
	}
	at := h.now.AddDate(0, 0, -2)
	if err := h.Revoke(t.Context(), second.SerialNumber, ca.KeyCompromise, at); err != nil {
		t.Fatal(err)
	}
	if err := h.Revoke(t.Context(), third.SerialNumber, ca.Unspecified, time.Time{}); err != nil {
		t.Fatal(err)
	}
	list := h.crl(t)
	if list.Number.Int64() != 2 || !list.ThisUpdate.Equal(h.now) || !list.NextUpdate.Equal(h.now.AddDate(0, 0, 30)) {
		t.Errorf("list %d from %v to %v", list.Number, list.ThisUpdate, list.NextUpdate)
	}
	want := []struct {
		cert   *gm.Certificate
		at     time.Time
		reason int
	}{{second, at, 1}, {third, h.now, 0}}
	if len(list.RevokedCertificateEntries) != len(want) {
		t.Fatalf("%d entries, want %d", len(list.RevokedCertificateEntries), len(want))
	}
	for i, w := range want {
		e := list.RevokedCertificateEntries[i]
		if e.SerialNumber.Cmp(w.cert.SerialNumber) != 0 || !e.RevocationTime.Equal(w.at) || e.ReasonCode != w.reason {
			t.Errorf("entry %d is %+v", i, e)
		}
	}
	records, err := h.again(t).Records(t.Context())
	if err != nil || len(records) != 3 || records[0].Revoked || !records[1].Revoked || !records[1].RevokedAt.Equal(at) ||
		records[1].Reason != ca.KeyCompromise || !records[2].Revoked {
		t.Errorf("records are %+v, %v", records, err)
	}
	if cert, err := h.Certificate(t.Context(), second.SerialNumber); err != nil || !cert.Equal(second) {
		t.Errorf("a revoked certificate cannot be read: %v", err)
	}
}

func TestRevokeRefuses(t *testing.T) {
	h := newHouse(t)
	h.now = h.now.AddDate(0, 0, 10)
	cert := h.issue(t)
	ctx := t.Context()
	wantFault(t, h.Revoke(ctx, cert.SerialNumber, 6, h.now), fault.Invalid, "certificate-reason")
	wantFault(t, h.Revoke(ctx, cert.SerialNumber, 0, h.now.Add(time.Second)), fault.Invalid, "certificate-revocation-time")
	wantFault(t, h.Revoke(ctx, cert.SerialNumber, 0, h.now.AddDate(0, 0, -11)), fault.Invalid, "certificate-revocation-time")
	for _, n := range []*big.Int{nil, new(big.Int), big.NewInt(7), new(big.Int).Neg(cert.SerialNumber), new(big.Int).Lsh(big.NewInt(1), 1<<16)} {
		wantFault(t, h.Revoke(ctx, n, 0, h.now), fault.NotFound, "certificate-unknown")
		_, err := h.Certificate(ctx, n)
		wantFault(t, err, fault.NotFound, "certificate-unknown")
	}
	if err := h.Revoke(cancelled(t), cert.SerialNumber, 0, h.now); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if list := h.crl(t); len(list.RevokedCertificateEntries) != 0 {
		t.Error("a refused revocation is listed")
	}
	if err := h.Revoke(ctx, cert.SerialNumber, ca.Superseded, h.now); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.Revoke(ctx, cert.SerialNumber, ca.KeyCompromise, h.now), fault.Conflict, "certificate-revoked")
	wantFault(t, h.again(t).Revoke(ctx, cert.SerialNumber, ca.KeyCompromise, h.now), fault.Conflict, "certificate-revoked")
	if list := h.crl(t); len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].ReasonCode != int(ca.Superseded) {
		t.Error("the second revocation changed the first")
	}
}

// TestKeyFails breaks the key in every way while issuing and listing: nothing is recorded, no list is replaced, no number is used twice.
func TestKeyFails(t *testing.T) {
	h := newHouse(t)
	good := h.issue(t)
	before := h.crl(t)
	books := files(t, h.dir)
	pulled := errors.New("pulled out")
	other := testpki.NewKey(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	numbers := int64(0)
	for name, f := range map[string]func(ctx context.Context, e []byte) ([]byte, error){
		"fails":                  func(context.Context, []byte) ([]byte, error) { return nil, pulled },
		"answers nothing":        func(context.Context, []byte) ([]byte, error) { return nil, nil },
		"answers garbage":        func(context.Context, []byte) ([]byte, error) { return []byte("garbage"), nil },
		"answers zeros":          func(context.Context, []byte) ([]byte, error) { return make([]byte, 64), nil },
		"signs something else":   func(_ context.Context, e []byte) ([]byte, error) { return h.key.True(bytes.Repeat([]byte{7}, 32)) },
		"is another key":         func(_ context.Context, e []byte) ([]byte, error) { return other.True(e) },
		"cancelled while asking": func(ctx context.Context, e []byte) ([]byte, error) { cancel(); return nil, ctx.Err() },
	} {
		h.key.Intercept(f)
		if cert, err := h.Issue(ctx, h.request(t)); err == nil {
			t.Errorf("%s: issued %v", name, cert.SerialNumber)
		}
		if _, err := h.CRL(t.Context()); err == nil {
			t.Errorf("%s: listed", name)
		}
		numbers++
		after := files(t, h.dir)
		books[configName] = after[configName] // its number rises
		if !same(books, after) {
			t.Errorf("%s: left traces", name)
		}
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
	}
	h.key.Fail(pulled)
	if _, err := h.Issue(t.Context(), h.request(t)); !errors.Is(err, pulled) {
		t.Errorf("the cause is lost: %v", err)
	}
	h.key.Fail(nil)
	if list := h.crl(t); list.Number.Int64() != before.Number.Int64()+numbers+1 {
		t.Errorf("list %d after %d and %d failures", list.Number, before.Number, numbers)
	}
	records, err := h.Records(t.Context())
	if err != nil || len(records) != 1 || records[0].Serial.Cmp(good.SerialNumber) != 0 {
		t.Errorf("records are %+v, %v", records, err)
	}
}

// TestCancelledAfterSigning: the context ends while the key answers properly. The certificate exists nowhere but in memory and is not recorded.
func TestCancelledAfterSigning(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.key.Intercept(func(_ context.Context, e []byte) ([]byte, error) {
		cancel()
		return h.key.True(e)
	})
	before := files(t, h.dir)
	if _, err := h.Issue(ctx, h.request(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !same(before, files(t, h.dir)) {
		t.Error("a certificate nobody got was recorded")
	}
}

func TestClosed(t *testing.T) {
	h := newHouse(t)
	cert := h.issue(t)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	_, issue := h.Issue(t.Context(), h.request(t))
	_, list := h.CRL(t.Context())
	_, records := h.Records(t.Context())
	for name, err := range map[string]error{"Issue": issue, "CRL": list, "Records": records, "Revoke": h.Revoke(t.Context(), cert.SerialNumber, 0, h.now)} {
		if err == nil {
			t.Errorf("%s after Close succeeds", name)
		}
	}
}
