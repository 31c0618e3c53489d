//go:build cgo

package pkcs11

import (
	"strings"
	"testing"
	"time"
)

// examine returns what the doctor says in both languages.
func examine(t *testing.T, w *witness) (zh, en string, healthy bool) {
	t.Helper()
	all, err := Examine(t.Context(), Config{Tokens: []TokenConfig{w.conf}}, Options{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	var chinese, english []string
	for _, f := range all[0].Findings {
		chinese, english = append(chinese, f.ZH), append(english, f.EN)
	}
	return strings.Join(chinese, "\n"), strings.Join(english, "\n"), all[0].Healthy()
}

func TestDoctor(t *testing.T) {
	w := newWitness(t, "luna")
	w.MaxSessions.Store(32)
	w.key(w.open())
	_, text, healthy := examine(t, w)
	if !healthy {
		t.Errorf("a good token is ill:\n%s", text)
	}
	for _, want := range []string{"library " + w.conf.Module, "slot 7: token seals #0001", "0x80000b21", "profile luna", "32 sessions", "logged in; 1 keys", "signature verified"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

// Whatever is wrong with a token, the doctor names it, in both languages. What takes a process to go wrong (SIGSTOP, the socket removed) is in
// cmd/yinxin.
func TestDoctorFinds(t *testing.T) {
	for name, c := range map[string]struct {
		wrong  func(w *witness)
		zh, en string
	}{
		"no library":    {func(w *witness) { w.conf.Module += ".none" }, "厂商库不能加载", "library cannot be loaded"},
		"no token":      {func(w *witness) { w.conf.Token.Label = "other" }, "找不到这个令牌", "token is not there"},
		"same label":    {func(w *witness) { w.Twin.Store(1) }, "有多个令牌叫这个名称", "several tokens have this name"},
		"other serial":  {func(w *witness) { w.conf.Token.Serial = "0001"; copy(w.Serial[:], "0002") }, "名为 seals 的是另一个令牌：序列号是 0002", "another token has the label seals: its serial number is 0002"},
		"removed":       {func(w *witness) { w.Removed.Store(1) }, "找不到这个令牌", "token is not there"},
		"hung":          {func(w *witness) { w.Hang.Store(1); w.conf.Timeout = 100 * time.Millisecond }, "在时限内没有应答", "did not answer in time"},
		"PIN locked":    {func(w *witness) { w.PINTries.Store(0) }, "口令已锁定", "the PIN is locked"},
		"last try":      {func(w *witness) { w.PINTries.Store(1) }, "只剩最后一次机会", "one more wrong PIN locks"},
		"wrong PIN":     {func(w *witness) { copy(w.PIN[:], "87654321") }, "令牌口令不正确", "the PIN is wrong"},
		"no PIN":        {func(w *witness) { w.conf.PIN = Secret{} }, "配置中没有 pin", "wants a login"},
		"no PIN file":   {func(w *witness) { w.conf.PIN.File += ".none" }, "读不到口令文件", "PIN file"},
		"few sessions":  {func(w *witness) { w.MaxSessions.Store(3) }, "请调低 sessions", "lower sessions"},
		"no profile":    {func(w *witness) { copy(w.Manufacturer[:], "somebody") }, "请在配置中写明 profile", "name a profile"},
		"mechanism":     {func(w *witness) { w.KeyGen.Store(1) }, "令牌没有机制 0x80000b20", "does not have mechanism 0x80000b20"},
		"wrong answer":  {func(w *witness) { w.WrongAnswers.Store(9) }, "签名核验不通过", "does not verify"},
		"session lost":  {func(w *witness) { w.SignError.Store(0xB3); w.SignErrors.Store(99) }, "会话断开", "session with the device is lost"},
		"key deleted":   {func(w *witness) { w.DeleteKeys.Add(1) }, "令牌中没有这把密钥", "the token has no such key"},
		"key replaced":  {func(w *witness) { w.ReplaceKeys.Add(1) }, "公钥与原来的不同", "public half is not what it was"},
		"extractable":   {func(w *witness) { w.Extractable.Store(1) }, "属性不符合要求", "attributes are not what they must be"},
		"authorisation": {func(w *witness) { w.AlwaysAuthenticate.Store(1) }, "CKA_ALWAYS_AUTHENTICATE", "CKA_ALWAYS_AUTHENTICATE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWitness(t, "luna")
			p := w.open()
			k := w.key(p)
			w.conf.Keys = []KeyConfig{{Name: "named", URI: "pkcs11:object=owner", Public: fingerprint(k.Public())}}
			p.Close()
			defer w.Hang.Store(0)
			c.wrong(w)
			zh, en, healthy := examine(t, w)
			if healthy || !strings.Contains(en, c.en) || !strings.Contains(zh, c.zh) {
				t.Errorf("want %q and %q in:\n%s\n%s", c.zh, c.en, zh, en)
			}
			for _, sentence := range sentences() {
				if strings.Contains(zh, sentence.en) {
					t.Errorf("English among the Chinese:\n%s", zh)
				}
			}
		})
	}
}
