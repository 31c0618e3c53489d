package seal_test

import (
	"bytes"
	"testing"

	"yinxin/gm"
	"yinxin/seal"
)

// TestFlipSeal flips every bit of made seals. Each flip must stop Parse or VerifyMaker, but for two stretches the maker's signature of v4 and v5 does not
// cover by design, and there something else must notice:
//   - the maker's certificate: its issuer's signature then no longer holds (in v1 the maker's own signature covers it);
//   - the time stamp token of v5, which carries a signature of its own.
func TestFlipSeal(t *testing.T) {
	w := newWorld(t)
	seals := map[string][]byte{
		"v1": w.sealV1(w.v1()), "v4": w.seal(w.info(), seal.V4, nil), "v5": w.seal(w.info(), seal.V5, []byte("token")),
	}
	for name, der := range seals {
		t.Run(name, func(t *testing.T) {
			good := parse(t, bytes.Clone(der))
			cert, token := locate(der, good.MakerCert), locate(der, good.TimeStamp)
			var inCert, inToken int
			eachFlip(der, stretch{}, func(at, bit int) {
				s, err := seal.Parse(der)
				if err != nil || s.VerifyMaker() != nil {
					return
				}
				switch {
				case name != "v1" && cert.holds(at) && !w.chains(s.MakerCert):
					inCert++
				case token.holds(at):
					inToken++
				default:
					t.Errorf("bit %d of byte %d flips unnoticed", bit, at)
				}
			})
			if inToken != 8*len(good.TimeStamp) || (inCert > 0) != (name != "v1") {
				t.Errorf("%d flips left to the token, %d to the certificate's issuer", inToken, inCert)
			}
		})
	}
}

// TestFlipSignature is the same for signatures. The signer's certificate, not covered by the value in v4 and v5, is held by the seal's list. The seal
// inside, which TestFlipSeal has done bit by bit, is covered as a whole: one bit of each of its bytes will do.
func TestFlipSignature(t *testing.T) {
	w := newWorld(t)
	esl := w.seal(w.info(), seal.V5, nil)
	signatures := map[string][]byte{
		"v1": w.signatureV1(w.sealV1(w.v1()), []byte("2026-03-02 16:00:00")),
		"v4": w.signature(w.tbs(w.seal(w.info(), seal.V4, nil), seal.V4), nil),
		"v5": w.signature(w.tbs(esl, seal.V5), []byte("token")),
	}
	for name, der := range signatures {
		t.Run(name, func(t *testing.T) {
			good := parseSignature(t, bytes.Clone(der))
			token := locate(der, good.TimeStamp)
			inCert, inToken := 0, 0
			eachFlip(der, locate(der, good.RawSeal), func(at, bit int) {
				s, err := seal.ParseSignature(der)
				if err != nil || s.Verify() != nil {
					return
				}
				if listed, err := s.Seal.Lists(s.Cert); err == nil && !listed && name != "v1" {
					inCert++
				} else if token.holds(at) {
					inToken++
				} else {
					t.Errorf("bit %d of byte %d flips unnoticed", bit, at)
				}
			})
			if inToken != 8*len(good.TimeStamp) || (inCert > 0) != (name != "v1") {
				t.Errorf("%d flips left to the token, %d to the list", inToken, inCert)
			}
		})
	}
}

// eachFlip calls check with every bit of der flipped in turn, about 12 000 in a small seal; of the bytes in sparse one bit each, another every time.
func eachFlip(der []byte, sparse stretch, check func(at, bit int)) {
	for at := range der {
		for bit := range 8 {
			if sparse.holds(at) && bit != at%8 {
				continue
			}
			der[at] ^= 1 << bit
			check(at, bit)
			der[at] ^= 1 << bit
		}
	}
}

// stretch is a range of bytes.
type stretch struct{ from, to int }

func (s stretch) holds(at int) bool { return at >= s.from && at < s.to }

// locate finds the last place of part in der.
func locate(der, part []byte) stretch {
	if len(part) == 0 {
		return stretch{}
	}
	at := bytes.LastIndex(der, part)
	return stretch{at, at + len(part)}
}

// chains reports whether the certificate reads and the root's signature on it holds.
func (w *world) chains(der []byte) bool {
	c, err := gm.ParseCertificate(der)
	return err == nil && gm.CheckCertificateSignature(c, w.pki.Root.Cert) == nil
}
