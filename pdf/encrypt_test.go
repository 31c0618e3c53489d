package pdf

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
)

// lockedKind is a way of encrypting, in the words of qpdf.
type lockedKind struct {
	name        string
	args        []string // of --encrypt, behind the passwords
	rest        []string // behind them
	user, owner string
	latin       bool // a password that poppler, which takes the bytes given, would want in Latin-1
}

func lockedKinds() []lockedKind {
	kind := func(name string, args ...string) lockedKind {
		return lockedKind{name: name, args: args, user: "user", owner: "owner"}
	}
	with := func(k lockedKind, rest ...string) lockedKind {
		k.name, k.rest = k.name+" "+strings.Join(rest, " "), rest
		return k
	}
	rc4, aes128, aes256 := kind("RC4 128", "128", "--use-aes=n"), kind("AES 128", "128", "--use-aes=y"), kind("AES 256", "256")
	open := kind("AES 256, owner's password only", "256", "--modify=annotate")
	open.user = ""
	chinese := kind("AES 256, Chinese passwords", "256")
	chinese.user, chinese.owner = "示例密码", "所有者"
	latin := kind("AES 128, a password beyond ASCII", "128", "--use-aes=y")
	latin.user, latin.latin = "Gerät", true
	return []lockedKind{
		kind("RC4 40", "40"), rc4, aes128, aes256, open, chinese, latin,
		kind("RC4 128 by crypt filters", "128", "--use-aes=n", "--force-V4"),
		kind("AES 128, plain metadata", "128", "--use-aes=y", "--cleartext-metadata"),
		kind("AES 256, plain metadata", "256", "--cleartext-metadata"),
		kind("AES 256 R5", "256", "--force-R5"),
		with(rc4, "--linearize"), with(aes256, "--linearize"),
		with(rc4, "--object-streams=generate"), with(aes128, "--object-streams=generate"), with(aes256, "--object-streams=generate"),
		with(aes128, "--object-streams=generate", "--linearize"),
	}
}

const (
	blueBox   = "0 0 1 rg 20 20 40 40 re f"
	metadata  = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
	chineseT  = "\xfe\xff\x7b\x7e\x7a\xe0" // 签章
	pieceInfo = "D:20260101000000Z"
)

// lockable is a file whose every object that a seal writes again holds strings.
func lockable() []byte {
	return testPDF{
		pages: []string{
			a4Page + "/Contents 6 0 R/PieceInfo<</X<</LastModified(" + pieceInfo + ")>>>>",
			a4Page + "/Annots 10 0 R",
		},
		catalog: "/Lang(zh-CN)/Metadata 7 0 R/AcroForm<</DA(/Helv 0 Tf)/Fields[8 0 R 9 0 R]>>",
		trailer: "/ID[<000102030405060708090a0b0c0d0e0f><000102030405060708090a0b0c0d0e0f>]",
		objects: []string{
			stream("", blueBox),
			stream("/Type/Metadata/Subtype/XML", metadata),
			"<</FT/Tx/T(Text)/TU(a tip)/V(filled \\(in\\))/Type/Annot/Subtype/Widget/Rect[1 1 90 20]/P 5 0 R>>",
			"<</FT/Sig/T" + source(String(chineseT)) + "/TU(sign here)/Type/Annot/Subtype/Widget/Rect[100 100 220 220]/F 4/P 5 0 R>>",
			"[8 0 R 9 0 R]",
		},
	}.build()
}

// locked encrypts a file with qpdf.
func locked(t testing.TB, base []byte, k lockedKind) []byte {
	t.Helper()
	args := append([]string{"--allow-weak-crypto", "--encrypt", k.user, k.owner}, k.args...)
	return qpdf(t, base, append(append(args, "--"), k.rest...)...)
}

// qpdf runs a file through qpdf.
func qpdf(t testing.TB, base []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, base, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.Command(need.Tool(t, "qpdf"), append(args, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v %s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openWith(b []byte, password string) (*Document, error) {
	return open(context.Background(), bytes.NewReader(b), int64(len(b)), document.Options{Password: password})
}

func mustOpenWith(t testing.TB, b []byte, password string) *Document {
	t.Helper()
	d, err := openWith(b, password)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func codeOf(err error) string {
	p, _ := fault.PublicOf(err)
	return p.Code
}

// TestLockedIsRead: with either password every string and stream of files that qpdf encrypted reads as it was before.
func TestLockedIsRead(t *testing.T) {
	base := lockable()
	for _, k := range lockedKinds() {
		t.Run(k.name, func(t *testing.T) {
			b := locked(t, base, k)
			for _, password := range []string{k.user, k.owner} {
				d := mustOpenWith(t, b, password)
				checkUnlocked(t, d)
				if d.f.security.Owner() != (password == k.owner) {
					t.Errorf("the owner has the password %q", password)
				}
				if err := d.f.strict(); err != nil {
					t.Errorf("tolerated: %v", err)
				}
			}
			_, err := openWith(b, "")
			_, err2 := openWith(b, "wrong")
			for _, err := range []error{err, err2} {
				if k.user == "" && err != nil || k.user != "" && (codeOf(err) != "pdf-password" || !errors.Is(err, fault.Denied)) {
					t.Errorf("a wrong password or none: %v", err)
				}
			}
			if k.user != "" && err.Error() == err2.Error() {
				t.Error("a wrong password and none are one to the reader")
			}
		})
	}
}

// checkUnlocked compares strings and streams with those of lockable.
func checkUnlocked(t *testing.T, d *Document) {
	t.Helper()
	v := d.f.newest()
	catalog, err := v.catalog()
	if err != nil {
		t.Fatal(err)
	}
	form, err := v.acroForm()
	if err != nil {
		t.Fatal(err)
	}
	first, err := d.f.page(1)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{
		"Lang": v.text(catalog["Lang"]), "DA": v.text(form["DA"]), "contents": plainText(t, v, first.Dict["Contents"]),
		"metadata": plainText(t, v, catalog["Metadata"]),
	}
	info, _ := v.dict(d.f.trailer["Info"])
	got["Title"] = v.text(info["Title"])
	for _, k := range []Name{"PieceInfo", "X"} {
		first.Dict, _ = v.dict(first.Dict[k])
	}
	got["LastModified"] = v.text(first.Dict["LastModified"])
	err = v.eachField(func(f leafField) error {
		got["tip of "+f.name] = v.text(f.dict["TU"])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{"Lang": "zh-CN", "DA": "/Helv 0 Tf", "contents": blueBox, "metadata": metadata, "Title": "A base",
		"LastModified": pieceInfo, "tip of Text": "a tip", "tip of 签章": "sign here"} {
		if got[what] != want {
			t.Errorf("%s is %q, want %q", what, got[what], want)
		}
	}
}

func plainText(t *testing.T, v snapshot, o Object) string {
	t.Helper()
	st, err := v.stream(o)
	if err != nil || st == nil {
		t.Fatalf("no stream: %v", err)
	}
	b, err := v.f.decode(st)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}
