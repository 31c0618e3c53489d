package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/pkcs11"
	"yinxin/hsm/soft"
)

// keyring is what commands ask of whatever holds the keys.
type keyring interface {
	hsm.Provider
	hsm.Lister
	hsm.Destroyer
}

// keyOptions name where keys live and how the store is opened. Every command that signs has them.
type keyOptions struct {
	keys           string
	passphraseFile string
	pinFile        string
	observer       pkcs11.Observer // of the commands that count what their tokens do; else nil
}

func (o *keyOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.keys, "keys", "", "密钥所在 / where keys live: `soft:DIR`, pkcs11:CONFIG.yaml or token:SOCKET (default soft:$XDG_DATA_HOME/yinxin/keys)")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "口令文件 / `FILE` holding the key store's passphrase (or YINXIN_PASSPHRASE)")
	f.StringVar(&o.pinFile, "pin-file", "", "令牌口令文件 / `FILE` holding the user PIN of token:SOCKET (or YINXIN_PIN)")
}

// dir is the key store's directory.
func (o *keyOptions) dir() (string, error) {
	if o.keys == "" {
		base := os.Getenv("XDG_DATA_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", usage("不知道密钥放在哪里：请用 --keys soft:目录 指明", "no place for keys is known: name one with --keys soft:DIR")
			}
			base = filepath.Join(home, ".local", "share")
		}
		return filepath.Join(base, "yinxin", "keys"), nil
	}
	dir, ok := strings.CutPrefix(o.keys, "soft:")
	if !ok || dir == "" {
		return "", usage("--keys 写作 soft:目录、pkcs11:配置文件 或 token:套接字", "--keys is written soft:DIR, pkcs11:CONFIG.yaml or token:SOCKET")
	}
	return dir, nil
}

// open opens what holds the keys; with create a key store is made when it is not there yet.
func (o *keyOptions) open(a *app, create bool) (keyring, error) {
	if c, ok, err := o.tokens(); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return pkcs11.Open(c, pkcs11.Options{Observer: o.observer, Authorize: a.authorise, Log: slog.New(slog.NewTextHandler(a.err, nil))})
	}
	return o.openStore(a, create)
}

func (o *keyOptions) openStore(a *app, create bool) (keyring, error) {
	dir, err := o.dir()
	if err != nil {
		return nil, err
	}
	_, statErr := os.Stat(filepath.Join(dir, "store.json"))
	missing := errors.Is(statErr, os.ErrNotExist)
	if missing && !create {
		return nil, fault.New(fault.NotFound, "keystore-missing", "密钥库 "+dir+" 不存在：先用 yinxin key generate 名称 建立", "there is no key store at "+dir+": make one with yinxin key generate NAME", nil)
	}
	pass, err := o.passphrase(a, missing)
	if err != nil {
		return nil, err
	}
	openStore := keystore.Open
	if missing {
		openStore = keystore.Create
	}
	store, err := openStore(dir, pass)
	if err != nil {
		return nil, err
	}
	if missing {
		fmt.Fprintln(a.err, a.say("已建立密钥库 ", "made the key store ")+dir)
	}
	return soft.New(store), nil
}

// passphrase takes it from the file, the environment or the terminal, never from the command line.
func (o *keyOptions) passphrase(a *app, confirm bool) ([]byte, error) {
	return secret{file: o.passphraseFile, option: "--passphrase-file", env: "YINXIN_PASSPHRASE", zh: "密钥库口令", en: "key store passphrase"}.read(a, confirm)
}

// secret is something to know that is never on a command line: where it is looked for, and what it is called.
type secret struct {
	file, option, env, zh, en string
}

// read takes it from the file, the environment or the terminal, where confirm asks for it twice.
func (s secret) read(a *app, confirm bool) ([]byte, error) {
	if s.file != "" {
		data, err := readSmall(s.file)
		if err != nil {
			return nil, err
		}
		return bytes.TrimRight(data, "\r\n"), nil
	}
	if p := os.Getenv(s.env); p != "" {
		return []byte(p), nil
	}
	in, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, usage("需要"+s.zh+"：用 "+s.option+" 文件，或环境变量 "+s.env, "the "+s.en+" is needed: "+s.option+" FILE, or "+s.env)
	}
	p, err := a.prompt(in, a.say(s.zh+"：", "The "+s.en+": "))
	if err != nil || !confirm {
		return p, err
	}
	again, err := a.prompt(in, a.say("再输入一次：", "Once more: "))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(p, again) {
		return nil, usage("两次输入的"+s.zh+"不同", "the two do not agree: "+s.en)
	}
	return p, nil
}

func (a *app) prompt(in *os.File, text string) ([]byte, error) {
	fmt.Fprint(a.err, text)
	p, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.err)
	if err != nil {
		return nil, fmt.Errorf("read the passphrase: %w", err)
	}
	return p, nil
}

// tokens returns the PKCS#11 tokens that --keys names; ok is false where it names a key store.
func (o *keyOptions) tokens() (c pkcs11.Config, ok bool, err error) {
	if name, is := strings.CutPrefix(o.keys, "pkcs11:"); is {
		c, err = pkcs11.ReadConfig(name)
		return c, true, err
	}
	if socket, is := strings.CutPrefix(o.keys, "token:"); is {
		c, err = o.ownToken(socket)
		return c, true, err
	}
	return c, false, nil
}

// clientLibrary is the PKCS#11 library of the project's own token, clientSecond a copy of it: RSA and P-256 keys want a library of their own.
const (
	clientLibrary = "libyinxin-p11.so"
	clientSecond  = "libyinxin-p11-second.so"
)

// ownToken is the project's own token: PKCS#11 like any other, with the library beside the program or in YINXIN_P11_DIR.
func (o *keyOptions) ownToken(socket string) (pkcs11.Config, error) {
	if socket == "" {
		return pkcs11.Config{}, usage("--keys 写作 token:套接字", "--keys is written token:SOCKET")
	}
	dir := os.Getenv("YINXIN_P11_DIR")
	if dir == "" {
		program, err := os.Executable()
		if err != nil {
			return pkcs11.Config{}, fmt.Errorf("where this program is: %w", err)
		}
		dir = filepath.Dir(program)
	}
	library := filepath.Join(dir, clientLibrary)
	if !exists(library) {
		return pkcs11.Config{}, fault.New(fault.NotFound, "token-library", "没有令牌的库 "+library+"：用 make token 编译，或以 YINXIN_P11_DIR 指明它所在的目录",
			"the token's library "+library+" is not there: build it with make token, or name its folder in YINXIN_P11_DIR", nil)
	}
	if err := os.Setenv("YINXIN_TOKEN", socket); err != nil { // the library is told of its socket so
		return pkcs11.Config{}, fmt.Errorf("name the socket: %w", err)
	}
	pin := pkcs11.Secret{File: o.pinFile}
	if o.pinFile == "" {
		pin = pkcs11.Secret{Env: "YINXIN_PIN"}
	}
	c := pkcs11.Config{Tokens: []pkcs11.TokenConfig{
		{Module: library, Token: pkcs11.OnlyToken(socket), PIN: pin},
	}}
	if second := filepath.Join(dir, clientSecond); exists(second) {
		c.Tokens = append(c.Tokens, pkcs11.TokenConfig{Module: second, Serves: pkcs11.ServesRSAECDSA, Token: pkcs11.OnlyToken(socket), PIN: pin})
	}
	return c, nil
}

func exists(name string) bool {
	_, err := os.Stat(name) //nolint:gosec // G703: the operator names the folder
	return err == nil
}

// refOf is a key's reference in full, as people see it.
func (o *keyOptions) refOf(name string, k hsm.Key) string {
	if full, ok := k.(interface{ Ref() hsm.Ref }); ok {
		return string(full.Ref())
	}
	return string(o.kept(name))
}

// kept is a reference as it is written down to be opened again.
func (o *keyOptions) kept(name string) hsm.Ref {
	if _, soft := strings.CutPrefix(o.keys, "soft:"); soft || o.keys == "" {
		return hsm.Ref("soft:" + trimSoft(name))
	}
	return hsm.Ref(name)
}
