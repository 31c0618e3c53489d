package need

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// failing stands in for a test, to see how it ends.
type failing struct {
	testing.TB
	failed, skipped bool
}

func (f *failing) Helper()               {}
func (f *failing) Name() string          { return "TestStandIn" }
func (f *failing) Fatalf(string, ...any) { f.failed = true }
func (f *failing) Skipf(string, ...any)  { f.skipped = true }

func TestRequire(t *testing.T) {
	for require, fails := range map[string]bool{
		"": false, "other": false, "no-such-tool": true, "other,no-such-tool": true, "all": true, "all,-other": true, "all,-no-such-tool": false,
	} {
		t.Setenv("YINXIN_REQUIRE", require)
		t.Setenv("YINXIN_SKIPLOG", "")
		f := &failing{TB: t}
		Tool(f, "no-such-tool")
		if f.failed != fails || !fails && !f.skipped {
			t.Errorf("YINXIN_REQUIRE=%s: failed %v, skipped %v", require, f.failed, f.skipped)
		}
	}
}

func TestSkipLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("YINXIN_REQUIRE", "")
	t.Setenv("YINXIN_SKIPLOG", log)
	Tool(&failing{TB: t}, "no-such-tool")
	File(&failing{TB: t}, "the face", filepath.Join(t.TempDir(), "absent"))
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "needs the face") {
		t.Errorf("skip log: %q", lines)
	}
}
