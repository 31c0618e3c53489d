package timestamp_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"math/big"
	"testing"

	"yinxin/hsm"
)

// publicOnly is a key that never signs.
type publicOnly struct{ pub crypto.PublicKey }

func (k publicOnly) Public() crypto.PublicKey { return k.pub }
func (publicOnly) Sign(context.Context, []byte, hsm.Algorithm) ([]byte, error) {
	return nil, errors.New("no private half")
}

// shortRSA is the public half of a key of 1024 bits, which nobody needs to have.
func shortRSA(testing.TB) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), 1023)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}
