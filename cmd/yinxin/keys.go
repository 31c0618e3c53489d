package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
)

// keyOptions name where keys live and how the store is opened. Every command that signs has them.
type keyOptions struct {
	keys           string
	passphraseFile string
}

func (o *keyOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.keys, "keys", "", "密钥所在 / where keys live: `soft:DIR` (default soft:$XDG_DATA_HOME/yinxin/keys)")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "口令文件 / `FILE` holding the key store's passphrase (or YINXIN_PASSPHRASE)")
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
		return "", usage("--keys 写作 soft:目录", "--keys is written soft:DIR")
	}
	return dir, nil
}

// open opens the key store; with create it is made when it is not there yet.
func (o *keyOptions) open(a *app, create bool) (*soft.Provider, error) {
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

var _ hsm.Provider = (*soft.Provider)(nil)
