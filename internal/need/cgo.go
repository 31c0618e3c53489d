package need

import "testing"

// Cgo is for the twin, in builds without cgo, of a test that cannot be built there.
func Cgo(t testing.TB) {
	t.Helper()
	missing(t, "cgo", "this build has CGO_ENABLED=0")
}
