package soft

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"sync"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
)

// key is an opened key.
type key struct {
	public *ecdsa.PublicKey

	mu      sync.RWMutex
	private *keystore.Private // nil once closed
}

var _ hsm.Key = (*key)(nil)

func (k *key) Public() crypto.PublicKey { return k.public }

// Sign answers the 32 byte e with DER SEQUENCE{r,s}. Another algorithm or length is fault.Invalid, a closed or destroyed key fault.Unavailable.
func (k *key) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if alg != hsm.SM2 {
		return nil, fault.New(fault.Invalid, "key-algorithm",
			fmt.Sprintf("这把密钥只做 sm2 签名，不能按 %.32q 使用", string(alg)),
			fmt.Sprintf("this key signs sm2 only and cannot be used as %.32q", string(alg)), nil)
	}
	if len(digest) != gm.DigestSize {
		return nil, fault.New(fault.Invalid, "key-digest",
			fmt.Sprintf("待签名的摘要是 %d 字节，sm2 要求 %d 字节", len(digest), gm.DigestSize),
			fmt.Sprintf("the digest to sign has %d bytes, sm2 takes %d", len(digest), gm.DigestSize), nil)
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.private == nil {
		return nil, errClosed()
	}
	sig, err := gm.SignE(rand.Reader, k.private.SM2, digest)
	if err != nil {
		return nil, fmt.Errorf("sign with a key of the key store: %w", err)
	}
	return sig, nil
}

func (k *key) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.private != nil {
		k.private.Zero()
		k.private = nil
	}
}

func errClosed() error {
	return fault.New(fault.Unavailable, "key-closed", "密钥已关闭或已销毁，请重新打开", "the key was closed or destroyed; open it again", nil)
}
