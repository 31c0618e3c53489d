//go:build !cgo

package pkcs11

import (
	"context"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/internal/need"
)

// TestMatrix says that it was not run.
func TestMatrix(t *testing.T) { need.Cgo(t) }

// Whatever is asked for, the answer says how to get a build that can.
func TestWithoutCgo(t *testing.T) {
	_, open := Open(Config{}, Options{})
	_, examine := Examine(context.Background(), Config{}, Options{})
	for _, err := range []error{open, examine} {
		p, _ := fault.PublicOf(err)
		if p.Code != "hsm-cgo" || !strings.Contains(p.ZH, "make build HSM=1") || !strings.Contains(p.EN, "make build HSM=1") {
			t.Errorf("%v", err)
		}
	}
}
