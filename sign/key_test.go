package sign_test

import (
	"crypto/rand"

	"yinxin/gm"
)

func signE(k *gm.PrivateKey, e []byte) ([]byte, error) { return gm.SignE(rand.Reader, k, e) }
