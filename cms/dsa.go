package cms

import (
	"crypto/dsa" // see signature.go
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// dsa checks what FIPS 186-5 no longer approves: the value is computed, and weak whatever its size. Only the sizes of FIPS 186-4 are; the parameters
// are the signer's own, and others would only cost time.
func (s *Signer) dsa(pub *dsa.PublicKey, fam family) (scheme, error) {
	if fam != dsaDER {
		return scheme{}, s.misfit("DSA")
	}
	size := [2]int{pub.P.BitLen(), pub.Q.BitLen()}
	if !slices.Contains([][2]int{{1024, 160}, {2048, 224}, {2048, 256}, {3072, 256}}, size) {
		return scheme{}, unsupported("a DSA key of %d and %d bits is not used", size[0], size[1])
	}
	return scheme{
		name:     fmt.Sprintf("DSA-%d with %s", size[0], HashName(s.DigestAlgorithm)),
		weakness: "DSA",
		verify: func(sum []byte) bool {
			r, v, ok := readPair(s.Value)
			return ok && dsa.Verify(pub, sum[:min(len(sum), size[1]/8)], r, v)
		},
	}, nil
}

// readPair reads SEQUENCE{r,s}.
func readPair(der []byte) (r, s *big.Int, ok bool) {
	in := cryptobyte.String(der)
	var pair cryptobyte.String
	r, s = new(big.Int), new(big.Int)
	ok = in.ReadASN1(&pair, cbasn1.SEQUENCE) && in.Empty() && pair.ReadASN1Integer(r) && pair.ReadASN1Integer(s) && pair.Empty()
	return r, s, ok
}
