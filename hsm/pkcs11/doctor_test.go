//go:build cgo

package pkcs11

import (
	"strings"
	"testing"
)

func examine(t *testing.T, w *witness) (text string, healthy bool) {
	t.Helper()
	all, err := Examine(t.Context(), Config{Tokens: []TokenConfig{w.conf}}, Options{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	var lines []string
	for _, f := range all[0].Findings {
		if f.ZH == "" || f.EN == "" {
			t.Errorf("a finding says nothing: %+v", f)
		}
		lines = append(lines, f.EN)
	}
	return strings.Join(lines, "\n"), all[0].Healthy()
}

func TestDoctor(t *testing.T) {
	w := newWitness(t, "luna")
	w.MaxSessions.Store(32)
	w.key(w.open())
	text, healthy := examine(t, w)
	if !healthy {
		t.Errorf("a good token is ill:\n%s", text)
	}
	for _, want := range []string{"library " + w.conf.Module, "slot 7: token seals #0001", "0x80000b21", "profile luna", "32 sessions", "logged in; 1 keys", "signature verified"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

// Whatever is wrong with a token, the doctor names it.
func TestDoctorFinds(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(w *witness)
		want  string
	}{
		"no library":    {func(w *witness) { w.conf.Module += ".none" }, "library cannot be loaded"},
		"no token":      {func(w *witness) { w.conf.Token.Label = "other" }, "token is not there"},
		"same label":    {func(w *witness) { w.Twin.Store(1) }, "several tokens have this name"},
		"removed":       {func(w *witness) { w.Removed.Store(1) }, "token is not there"},
		"PIN locked":    {func(w *witness) { w.PINTries.Store(0) }, "the PIN is locked"},
		"last try":      {func(w *witness) { w.PINTries.Store(1) }, "one more wrong PIN locks"},
		"wrong PIN":     {func(w *witness) { copy(w.PIN[:], "87654321") }, "the PIN is wrong"},
		"no PIN":        {func(w *witness) { w.conf.PIN = Secret{} }, "wants a login"},
		"few sessions":  {func(w *witness) { w.MaxSessions.Store(3) }, "lower sessions"},
		"no profile":    {func(w *witness) { copy(w.Manufacturer[:], "somebody") }, "name a profile"},
		"mechanism":     {func(w *witness) { w.KeyGen.Store(1) }, "does not have mechanism 0x80000b20"},
		"wrong answer":  {func(w *witness) { w.WrongAnswers.Store(9) }, "does not verify"},
		"session lost":  {func(w *witness) { w.SignError.Store(0xB3); w.SignErrors.Store(99) }, "session with the device is lost"},
		"key gone":      {func(w *witness) { w.DeleteKeys.Add(1) }, "the token has no such key"},
		"key replaced":  {func(w *witness) { w.ReplaceKeys.Add(1) }, "public half is not what it was"},
		"authorisation": {func(w *witness) { w.AlwaysAuthenticate.Store(1) }, "CKA_ALWAYS_AUTHENTICATE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWitness(t, "luna")
			p := w.open()
			k := w.key(p)
			w.conf.Keys = []KeyConfig{{Name: "named", URI: "pkcs11:object=owner", Public: fingerprint(k.Public())}}
			p.Close()
			c.wrong(w)
			if text, healthy := examine(t, w); healthy || !strings.Contains(text, c.want) {
				t.Errorf("want %q in:\n%s", c.want, text)
			}
		})
	}
	w := newWitness(t, "luna")
	w.conf.PIN.File += ".none"
	if text, healthy := examine(t, w); healthy || !strings.Contains(text, "PIN file") {
		t.Error(text)
	}
}
