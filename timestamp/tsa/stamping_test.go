package tsa_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"
)

// stamping is what a stamping needs, with an authority that is trusted here.
type stamping struct {
	*testpki.PKI
	owner *testpki.Holder
	esl   []byte
	set   *trust.Set
	in    []byte
}

func newStamping(t *testing.T) stamping {
	t.Helper()
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	folder := p.Directory()
	folder["tsa/root.crt"] = folder["ca/root.crt"]
	set, err := trust.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return stamping{p, owner, testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5), set, testseal.PDF(t, 1)}
}

func (s stamping) order(level stamp.Level, source timestamp.Source) stamp.Order {
	o := testseal.Order(s.in, s.esl, s.owner.Key, s.Now)
	o.Level, o.Timestamps, o.Trust = level, source, s.set
	return o
}

// refused wants no result, and the key asked once at most: an act that fails is not repeated.
func (s stamping) refused(t *testing.T, what string, o stamp.Order, code string) {
	t.Helper()
	uses := s.owner.Key.Uses()
	r, err := stamp.Make(t.Context(), o, new(document.Memory))
	if p, _ := fault.PublicOf(err); p.Code != code || r.ID != "" || r.Level != "" || s.owner.Key.Uses() > uses+1 {
		t.Errorf("%s: %v (code %q), want %q; %+v, %d uses", what, err, p.Code, code, r, s.owner.Key.Uses()-uses)
	}
}

// TestStampingAmongLies: with an authority that lies nothing is released at any level, and the error is the one that names the lie.
func TestStampingAmongLies(t *testing.T) {
	s := newStamping(t)
	for name, c := range lies(t, s.PKI) {
		client := profiled(t, tsa.Profile{URL: serveQueries(t, c.answer), PrivateAddresses: true, Policy: "2.999.1"}, tsa.Options{})
		for _, level := range stamp.Levels()[1:] {
			o := s.order(level, client)
			if c.code != "" {
				s.refused(t, name+", "+string(level), o, c.code)
				continue
			}
			if r, err := stamp.Make(t.Context(), o, new(document.Memory)); err != nil || r.Level != level {
				t.Errorf("%s, %s: %v", name, level, err)
			}
		}
	}
}

// TestStampingAmongSilence: an authority that is slow, dead or goes on for ever keeps nobody longer than the deadline, whoever sets it, and nothing is released.
func TestStampingAmongSilence(t *testing.T) {
	s := newStamping(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "http://" + l.Addr().String()
	l.Close()
	slow := serveHTTP(t, func(_ http.ResponseWriter, _ *http.Request, hold <-chan struct{}) { <-hold })
	giant := serveHTTP(t, func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	for _, level := range stamp.Levels()[1:] {
		s.refused(t, "dead", s.order(level, newClient(t, dead, tsa.Options{})), tsa.CodeDead)
		s.refused(t, "slow", s.order(level, newClient(t, slow, tsa.Options{Timeout: brief})), tsa.CodeSlow)
		s.refused(t, "giant", s.order(level, newClient(t, giant, tsa.Options{})), tsa.CodeGiant)
	}
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	_, err = stamp.Make(ctx, s.order(stamp.LevelLTA, newClient(t, slow, tsa.Options{})), new(document.Memory))
	if p, _ := fault.PublicOf(err); p.Code != tsa.CodeSlow && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's deadline: %v", err)
	}
}
