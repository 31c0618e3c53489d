//go:build cgo

package pkcs11

import (
	"context"
	"yinxin/hsm"
)

type second struct{}

func newSecond(TokenConfig, Options) *second                                  { return &second{} }
func (*second) open(ctx context.Context, w want) (hsm.Key, error)             { return nil, nil }
func (*second) make(ctx context.Context, w want, s hsm.Spec) (hsm.Key, error) { return nil, nil }
func (*second) destroy(ctx context.Context, w want) error                     { return nil }
func (*second) list(ctx context.Context) ([]hsm.Info, error)                  { return nil, nil }
func (*second) inspect(ctx context.Context, w want) (KeyInfo, error)          { return KeyInfo{}, nil }
func (*second) ready(ctx context.Context) error                               { return nil }
func (*second) serial() string                                                { return "" }
func (*second) close()                                                        {}
