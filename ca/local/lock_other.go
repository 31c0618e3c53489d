//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package local

import (
	"errors"
	"os"
)

// tryLock refuses: without flock two processes could issue under one CRL number, and an authority that cannot exclude this does not run.
func tryLock(*os.File) (held bool, err error) {
	return false, errors.New("file locks (flock) are not available on this system")
}
