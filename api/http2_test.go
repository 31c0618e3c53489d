package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// loopbackTLS is a certificate for 127.0.0.1 that nobody trusts.
func loopbackTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// The frames of HTTP/2 (RFC 9113 6) that this test writes and reads.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7
	endStream, endHeaders                                           = 1, 4
)

// raw2 speaks HTTP/2 frame by frame, as no well-behaved client would.
type raw2 struct {
	*testing.T
	net.Conn
}

func (r *running) raw2() *raw2 {
	r.Helper()
	c, err := tls.Dial("tcp", strings.TrimPrefix(r.base, "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) // the test's own server, under a certificate made for it
	if err != nil {
		r.Fatal(err)
	}
	r.T.Cleanup(func() { c.Close() })
	if c.ConnectionState().NegotiatedProtocol != "h2" {
		r.Fatal("the service does not speak HTTP/2")
	}
	x := &raw2{r.T, c}
	io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	x.frame(frameSettings, 0, 0, nil)
	return x
}

// frame writes one frame; a connection that is closed already is not this method's concern.
func (x *raw2) frame(kind, flags byte, stream uint32, payload []byte) error {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	_, err := x.Write(append(binary.BigEndian.AppendUint32(head, stream), payload...))
	return err
}

// post opens a stream with a whole small upload.
func (x *raw2) post(stream uint32) error {
	field := func(name, value string) []byte { // literal, not indexed (RFC 7541 6.2.2)
		return append(append([]byte{0, byte(len(name))}, name...), append([]byte{byte(len(value))}, value...)...)
	}
	block := []byte{0x83, 0x87} // :method POST, :scheme https
	block = append(block, field(":path", "/v1/verifications")...)
	block = append(block, field(":authority", "x")...)
	block = append(block, field("content-type", "application/pdf")...)
	if err := x.frame(frameHeaders, endHeaders, stream, block); err != nil {
		return err
	}
	return x.frame(frameData, endStream, stream, []byte("x"))
}

// wait reads frames until one of a kind comes, and returns its payload.
func (x *raw2) wait(kind byte) ([]byte, error) {
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(x, head); err != nil {
			return nil, err
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(x, payload); err != nil {
			return nil, err
		}
		if head[3] == kind {
			return payload, nil
		}
	}
}

// TestHTTP2Flood: a client that opens more streams than it may has them refused; one that opens and drops them without end is told to go, and others are served.
func TestHTTP2Flood(t *testing.T) {
	const streams = 4
	b := newBlocked()
	s := serveTLS(t, loopbackTLS(t), func(c *Config) { c.Judge, c.Limits = b.judge, Limits{Requests: -1, Judged: 100, Streams: streams} })
	defer close(b.release)
	flood := s.raw2()
	id := uint32(1)
	for range streams {
		if err := flood.post(id); err != nil {
			t.Fatal(err)
		}
		<-b.entered
		id += 2
	}
	flood.post(id) // one too many
	id += 2
	if why, err := flood.wait(frameReset); err != nil || binary.BigEndian.Uint32(why) != 7 && binary.BigEndian.Uint32(why) != 1 { // REFUSED_STREAM, or PROTOCOL_ERROR once our settings were seen
		t.Errorf("one stream too many: %x, %v", why, err)
	}
	for i := range uint32(streams) {
		flood.frame(frameReset, 0, 1+2*i, []byte{0, 0, 0, 8}) // CANCEL
	}
	for range 20 * streams {
		if flood.post(id) != nil || flood.frame(frameReset, 0, id, []byte{0, 0, 0, 8}) != nil {
			break
		}
		id += 2
	}
	if why, err := flood.wait(frameGoAway); err != nil || binary.BigEndian.Uint32(why[4:]) != 11 { // ENHANCE_YOUR_CALM
		t.Errorf("no end of streams: %x, %v", why, err)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}} // as above
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.base + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("another client gets %d over HTTP/%d", resp.StatusCode, resp.ProtoMajor)
	}
}
