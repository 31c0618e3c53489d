//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package durable

import (
	"errors"
	"os"
)

// TryLock refuses: what cannot exclude a second process does not run.
func TryLock(*os.File) (held bool, err error) {
	return false, errors.New("file locks (flock) are not available on this system")
}
