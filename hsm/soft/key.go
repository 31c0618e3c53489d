package soft

import (
	"context"
	"crypto"
	"sync"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
)

// key is an opened key.
type key struct {
	public crypto.PublicKey

	mu      sync.RWMutex
	private *keystore.Private // cleared once closed
}

var _ hsm.Key = (*key)(nil)

func (k *key) Public() crypto.PublicKey { return k.public }

// is reports whether pub is the key's own public half.
func (k *key) is(pub crypto.PublicKey) bool {
	own, ok := k.public.(interface{ Equal(crypto.PublicKey) bool })
	return ok && own.Equal(pub)
}

// Sign answers as hsm.Algorithm says. An algorithm that is not the key's own, and a digest of the wrong length, is fault.Invalid, a closed or
// destroyed key fault.Unavailable.
func (k *key) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.private.Sign(digest, alg)
}

func (k *key) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.private.Zero()
}

func errClosed() error {
	return fault.New(fault.Unavailable, "key-closed", "密钥已关闭或已销毁，请重新打开", "the key was closed or destroyed; open it again", nil)
}
