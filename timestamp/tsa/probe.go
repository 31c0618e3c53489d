package tsa

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/timestamp"
)

// Measured is what a probe found.
type Measured struct {
	Profile Profile         // with MaxTokenBytes, and with Hash where the authority does not take SM3
	Bytes   int             // of the token measured
	Took    time.Duration   // from the query to the checked answer
	Facts   timestamp.Facts // of the token measured
}

// Room is what is kept for tokens of an authority whose token was measured, in bytes: a quarter more, 512 at least, rounded up to a multiple of 256. It
// has to last while serial numbers, fractions of seconds, ECDSA values and the names in a renewed certificate come out longer; an authority that begins
// to enclose another certificate must be measured again.
func Room(measured int) int {
	const step = 256
	return (measured + max(measured/4, 2*step) + step - 1) / step * step
}

// Probe asks for a token over random bytes, checks it as Token does whatever the profile says about its length, and returns the profile with what was
// learnt. Where the profile names no hash, SM3 is tried first and SHA-256 where that is refused or not understood.
func (c *Client) Probe(ctx context.Context) (Measured, error) {
	m := Measured{Profile: c.profile}
	hashes := []string{c.profile.Hash}
	if c.profile.Hash == "" {
		hashes = []string{"sm3", "sha256"}
	}
	var err error
	for n, name := range hashes {
		var token []byte
		start := time.Now()
		token, m.Facts, err = c.try(ctx, name)
		if err == nil {
			m.Bytes, m.Took = len(token), time.Since(start)
			m.Profile.MaxTokenBytes = Room(len(token))
			if n > 0 {
				m.Profile.Hash = name
			}
			return m, nil
		}
		if !otherHash(err) {
			break
		}
	}
	return Measured{}, err
}

func (c *Client) try(ctx context.Context, hash string) ([]byte, timestamp.Facts, error) {
	oid, ok := timestamp.HashByName(hash)
	if !ok {
		oid = gm.OIDSM3
	}
	h, _, err := cms.Hash(oid)
	if err != nil {
		return nil, timestamp.Facts{}, err
	}
	digest := make([]byte, h.Size())
	_, _ = rand.Read(digest) // never fails
	return c.ask(ctx, timestamp.Imprint{Hash: oid, Digest: digest})
}

// otherHash reports whether another hash may help: authorities that do not know one refuse it in several ways, with badAlg, with another failure or with
// an HTTP status.
func otherHash(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Public.Code == CodeRejected || f.Public.Code == CodeHTTP)
}
