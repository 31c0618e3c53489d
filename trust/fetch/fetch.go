// Package fetch is a trust.Source over the network: the CRLs, OCSP responders and issuers' certificates that certificates name.
//
// Those names come out of files that anybody may have written, so nothing is done for them that could hurt: every request and every question has a
// deadline, every answer a greatest size, only HTTP and HTTPS are spoken, no address is dialled that is not public (checked after the name was
// resolved, for redirects too), no proxy is taken from the environment, and an answer is what it parses as, whatever it says it is. Whether an answer
// can be believed is for package trust.
package fetch

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"yinxin/gm"
	"yinxin/trust"
)

// Options are the bounds. The zero value is the safe one, and every bound may be made tighter or wider.
type Options struct {
	// Allow adds addresses that may be dialled to the public ones. Nil allows no other.
	Allow func(netip.Addr) bool
	// Proxy is the HTTP proxy to use; nil is none, whatever the environment says. Behind a proxy it is the proxy's to refuse private addresses.
	Proxy *url.URL

	PerRequest time.Duration // for one request with its redirects; 0 is 10 s
	Overall    time.Duration // for one Evidence or Issuers; 0 is 20 s
	Redirects  int           // followed for one request; 0 is 3, negative none
	URLs       int           // of each kind that are tried for one certificate; 0 is 4

	MaxCRL  int64 // bytes; 0 is 20 MB
	MaxOCSP int64 // bytes; 0 is 256 KB
	MaxCert int64 // bytes of a certificate or a bundle; 0 is 256 KB

	CacheBytes int64         // answers kept; 0 is 64 MB, negative none
	Keep       time.Duration // at most, and never beyond an answer's next update; 0 is 1 h
	KeepErrors time.Duration // for which a failed URL is not tried again; 0 is 1 min, negative not at all

	UserAgent string
	Now       func() time.Time // nil is time.Now
}

func (o *Options) fill() {
	duration := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	duration(&o.PerRequest, 10*time.Second)
	duration(&o.Overall, 20*time.Second)
	duration(&o.Keep, time.Hour)
	duration(&o.KeepErrors, time.Minute)
	size := func(n *int64, otherwise int64) {
		if *n == 0 {
			*n = otherwise
		}
	}
	size(&o.MaxCRL, 20<<20)
	size(&o.MaxOCSP, 256<<10)
	size(&o.MaxCert, 256<<10)
	size(&o.CacheBytes, 64<<20)
	if o.Redirects == 0 {
		o.Redirects = 3
	}
	if o.URLs == 0 {
		o.URLs = 4
	}
	if o.UserAgent == "" {
		o.UserAgent = "yinxin"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Source fetches evidence. It may be used by many goroutines, which share what was fetched.
type Source struct {
	o      Options
	client *http.Client
	cache  *cache
}

var (
	_ trust.Source       = (*Source)(nil)
	_ trust.IssuerSource = (*Source)(nil)
)

// New makes a Source with its own connections.
func New(o Options) *Source {
	o.fill()
	return &Source{o: o, client: newClient(&o), cache: newCache(o.CacheBytes, o.Now)}
}

// Evidence asks the OCSP responders and fetches the CRLs that cert names. What was found is returned beside the error, which says what failed and is
// nil where anything was found. A CRL is fetched only where no responder knew the
// certificate.
func (s *Source) Evidence(ctx context.Context, cert, issuer *gm.Certificate) (trust.Evidence, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Overall)
	defer cancel()
	e := trust.Evidence{Origin: trust.OriginNetwork}
	var failed []error
	for _, u := range s.first(cert.OCSPServer) {
		der, err := s.ask(ctx, u, cert, issuer)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		e.OCSPs = append(e.OCSPs, der)
		if known(der, cert, issuer) {
			return e, nil
		}
	}
	for _, u := range s.first(cert.CRLDistributionPoints) {
		der, err := s.crl(ctx, u)
		if err == nil {
			e.CRLs = append(e.CRLs, der)
			continue // the points of a certificate may share its reasons among them
		}
		failed = append(failed, err)
	}
	if len(e.CRLs)+len(e.OCSPs) > 0 {
		return e, nil
	}
	return e, errors.Join(failed...)
}

// known reports whether a response says anything but that the certificate is not known to the responder.
func known(der []byte, cert, issuer *gm.Certificate) bool {
	r, err := trust.ParseOCSP(der)
	if err != nil {
		return false
	}
	for _, a := range r.Answers {
		if a.Serial.Cmp(cert.SerialNumber) == 0 && a.Status != trust.StatusUnknown {
			return r.About(cert, issuer)
		}
	}
	return false
}

// Close gives back the connections that wait to be used again.
func (s *Source) Close() { s.client.CloseIdleConnections() }

// Issuers fetches the certificates that cert says are its issuer's.
func (s *Source) Issuers(ctx context.Context, cert *gm.Certificate) ([]*gm.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Overall)
	defer cancel()
	var failed []error
	for _, u := range s.first(cert.IssuingCertificateURL) {
		data, err := s.get(ctx, request{url: u, most: s.o.MaxCert, read: readCertificates})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		return trust.PublishedCertificates(data)
	}
	return nil, errors.Join(failed...)
}

// first picks the addresses that are tried: HTTP and HTTPS, each once, and not too many.
func (s *Source) first(list []string) (out []string) {
	seen := make(map[string]bool)
	for _, u := range list {
		scheme, _, _ := strings.Cut(strings.ToLower(u), ":")
		if (scheme == "http" || scheme == "https") && !seen[u] && len(out) < s.o.URLs {
			seen[u] = true
			out = append(out, u)
		}
	}
	return out
}

func readCertificates(data []byte) (time.Time, error) {
	_, err := trust.PublishedCertificates(data)
	return time.Time{}, err
}

func (s *Source) crl(ctx context.Context, u string) ([]byte, error) {
	data, err := s.get(ctx, request{url: u, most: s.o.MaxCRL, read: func(data []byte) (time.Time, error) {
		info, err := trust.ReadCRL(trust.CRLFromPEM(data))
		return info.NextUpdate, err
	}})
	return trust.CRLFromPEM(data), err
}

// ask asks a responder. One for SM2 certificates is asked in SM3 first and in SHA-1 where it does not understand that.
func (s *Source) ask(ctx context.Context, u string, cert, issuer *gm.Certificate) ([]byte, error) {
	hashes := []asn1.ObjectIdentifier{trust.OIDSHA1()}
	if trust.IsSM2(issuer) {
		hashes = []asn1.ObjectIdentifier{gm.OIDSM3, trust.OIDSHA1()}
	}
	var failed error
	for _, h := range hashes {
		body, err := trust.OCSPRequest(cert, issuer, h)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", u, err)
		}
		der, err := s.get(ctx, request{url: u, body: body, most: s.o.MaxOCSP, read: func(data []byte) (time.Time, error) {
			return readAnswer(data, cert, issuer)
		}})
		if err == nil {
			return der, nil
		}
		failed = err
		if !errors.Is(err, errNoAnswer) && !errors.As(err, new(statusError)) {
			break // out of reach: another hash will not help
		}
	}
	return nil, failed
}

// errNoAnswer is a response that is one, but says nothing of the certificate.
var errNoAnswer = errors.New("no answer about the certificate")

func readAnswer(data []byte, cert, issuer *gm.Certificate) (next time.Time, err error) {
	r, err := trust.ParseOCSP(data)
	switch {
	case err != nil:
		return next, fmt.Errorf("%w: %w", errNoAnswer, err)
	case r.Code != 0:
		return next, fmt.Errorf("%w: the responder answered with error %d", errNoAnswer, r.Code)
	case !r.About(cert, issuer):
		return next, errNoAnswer
	}
	for _, a := range r.Answers {
		if !a.NextUpdate.IsZero() && (next.IsZero() || a.NextUpdate.Before(next)) {
			next = a.NextUpdate
		}
	}
	return next, nil
}
