//go:build !cgo

package pkcs11

import (
	"context"

	"yinxin/fault"
	"yinxin/hsm"
)

// Provider cannot be had in this build.
type Provider struct{}

var (
	_ hsm.Provider  = (*Provider)(nil)
	_ hsm.Lister    = (*Provider)(nil)
	_ hsm.Destroyer = (*Provider)(nil)
	_ Inspector     = (*Provider)(nil)
)

// Open says how to get a build that can.
func Open(Config, Options) (*Provider, error) { return nil, errNoCgo() }

// Examine says how to get a build that can.
func Examine(context.Context, Config, Options) ([]Diagnosis, error) { return nil, errNoCgo() }

// Key cannot be had in this build.
func (*Provider) Key(context.Context, hsm.Ref) (hsm.Key, error) { return nil, errNoCgo() }

// Generate cannot be had in this build.
func (*Provider) Generate(context.Context, hsm.Ref, hsm.Spec) (hsm.Key, error) {
	return nil, errNoCgo()
}

// List cannot be had in this build.
func (*Provider) List(context.Context) ([]hsm.Info, error) { return nil, errNoCgo() }

// Destroy cannot be had in this build.
func (*Provider) Destroy(context.Context, hsm.Ref) error { return errNoCgo() }

// Inspect cannot be had in this build.
func (*Provider) Inspect(context.Context, hsm.Ref) (KeyInfo, error) { return KeyInfo{}, errNoCgo() }

// Ready cannot be had in this build.
func (*Provider) Ready(context.Context) error { return errNoCgo() }

// States has none to tell of.
func (*Provider) States() []State { return nil }

// Close does nothing.
func (*Provider) Close() error { return nil }

func errNoCgo() error {
	return fault.New(fault.Unavailable, "hsm-cgo", "这个程序编译时未带 PKCS#11 支持：请在装有 gcc 的机器上用 make build HSM=1（CGO_ENABLED=1）重新编译",
		"this program was built without PKCS#11: build it with make build HSM=1 (CGO_ENABLED=1) where gcc is installed", nil)
}
