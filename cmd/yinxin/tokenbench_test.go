//go:build cgo && linux

package main

import (
	"crypto/rand"
	"sync"
	"testing"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/floor"
)

// BenchmarkTokenKeys has 16 callers sign through the whole way of an HSM: the driver with its pool of 4 sessions, the PKCS#11 library, the token in a
// process of its own, and the verification of each answer. The floor makes as many signatures in this process, one after the other; at most 5 times
// the floor (0.2 of its speed) is asked for.
func BenchmarkTokenKeys(b *testing.B) {
	const callers, signatures = 16, 512
	d := newDaemon(b)
	k, err := d.open(&ledger{wasDown: make(chan struct{}, 1)}).Generate(b.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		b.Fatal(err)
	}
	own, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	e := make([]byte, gm.DigestSize)
	floor.Compare(b, func() error {
		failed := make(chan error, callers)
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				for range signatures / callers {
					if _, err := k.Sign(b.Context(), e, hsm.SM2); err != nil {
						failed <- err
						return
					}
				}
			})
		}
		group.Wait()
		close(failed)
		return <-failed
	}, func() error {
		for range signatures {
			if _, err := gm.SignE(rand.Reader, own, e); err != nil {
				return err
			}
		}
		return nil
	})
}
