package hsm

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"

	"yinxin/fault"
	"yinxin/gm"
)

// Prove has a key sign what nobody has chosen, and verifies the answer with its public half. An answer that does not verify is fault.Unavailable.
func Prove(ctx context.Context, k Key) error {
	spec, err := SpecOf(k.Public())
	if err != nil {
		return err
	}
	digest := make([]byte, digestSize) // random bytes serve as e as well as a message's digest would
	if _, err := rand.Read(digest); err != nil {
		return fmt.Errorf("random digest: %w", err)
	}
	sig, err := k.Sign(ctx, digest, spec.Algorithm)
	if err != nil {
		return err
	}
	good := false
	switch pub := k.Public().(type) {
	case *rsa.PublicKey:
		good = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		good = gm.VerifyE(pub, digest, sig) || spec.Algorithm == ECDSAP256 && ecdsa.VerifyASN1(pub, digest, sig)
	}
	if !good {
		return fault.New(fault.Unavailable, "key-wrong-answer", "密钥给出的签名核验不通过", "the key answered with a signature that does not verify", nil)
	}
	return nil
}
