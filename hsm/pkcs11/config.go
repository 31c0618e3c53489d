package pkcs11

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yinxin/fault"
	"yinxin/gm"
)

// Config is the file behind --keys pkcs11:FILE: the tokens in which keys live. It holds no secret. Unknown fields are refused.
type Config struct {
	Tokens []TokenConfig `yaml:"tokens"`
}

// TokenConfig is one token, opened when one of its keys is first asked for.
type TokenConfig struct {
	// Module is the path of the vendor's library.
	Module string `yaml:"module"`
	// Serves is sm2 (the default), or rsa-ecdsa for keys that sign for readers without SM2. The two never share one library: what brings one back
	// after a failure would take the other down. Where both live in one device, give the second a copy of the library file.
	Serves Service `yaml:"serves"`
	// Profile is auto (the default: recognised by what the library says of itself), the name of a built-in profile, or the path of your own file.
	Profile string `yaml:"profile"`
	// Token is found by its label or serial number, never by the number of its slot, which changes.
	Token TokenName `yaml:"token"`
	// PIN says where the user PIN is read from, each time it is needed.
	PIN Secret `yaml:"pin"`
	// Sessions is how many signatures are under way at a time; default 4, at most 256. One session more keeps the login.
	Sessions int `yaml:"sessions"`
	// Timeout is how long one call may take; default what the profile says.
	Timeout time.Duration `yaml:"timeout"`
	// Patience is how long callers wait for a token that is gone; after it they are told at once, and it is still looked for. Default 30s.
	Patience time.Duration `yaml:"patience"`
	// Keys gives keys a name and holds them to their public half.
	Keys []KeyConfig `yaml:"keys"`
}

// Service is what a token is used for.
type Service string

// The services.
const (
	ServesSM2      Service = "sm2"
	ServesRSAECDSA Service = "rsa-ecdsa"
)

// TokenName finds a token; where both are given both must match.
type TokenName struct {
	Label  string `yaml:"label"`
	Serial string `yaml:"serial"`

	only string
}

// OnlyToken names the one token that a library serves, for a library that was told which that is. Several are refused. Errors call it name.
func OnlyToken(name string) TokenName { return TokenName{only: name} }

func (n TokenName) String() string {
	if n.only != "" {
		return n.only
	}
	if n.Serial == "" {
		return n.Label
	}
	return strings.TrimSpace(n.Label + " #" + n.Serial)
}

// KeyConfig is a key by a name of your own.
type KeyConfig struct {
	Name string `yaml:"name"`
	// URI is its RFC 7512 address (pkcs11:object=…;id=%…).
	URI string `yaml:"uri"`
	// Public is the SM3 fingerprint of its public key, as key show prints it. A key with another one is refused.
	Public string `yaml:"public"`
	// Imported allows a key that was once outside the token: CKA_LOCAL or CKA_NEVER_EXTRACTABLE is false.
	Imported bool `yaml:"imported"`
}

// Secret says where a PIN is read from: one of a file, an environment variable, or a name in the credentials directory that systemd hands a service.
type Secret struct {
	File       string `yaml:"file"`
	Env        string `yaml:"env"`
	Credential string `yaml:"credential"`
}

// What a configuration need not say, and its bounds.
const (
	maxConfig       = 256 << 10
	maxSecret       = 1 << 10
	maxSessions     = 256
	defaultSessions = 4
	defaultPatience = 30 * time.Second
)

// ReadConfig reads a configuration file. Paths in it that are not absolute are taken from its folder.
func ReadConfig(name string) (Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return Config{}, fault.New(fault.NotFound, "hsm-config", "读不到密码机配置文件 "+name, "the HSM configuration "+name+" cannot be read", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return Config{}, fmt.Errorf("read %s: %w", name, err)
	}
	c, err := ParseConfig(data)
	if err != nil {
		return Config{}, err
	}
	dir := filepath.Dir(name)
	for i := range c.Tokens {
		t := &c.Tokens[i]
		for _, p := range []*string{&t.Module, &t.PIN.File} {
			*p = beside(dir, *p)
		}
		if strings.HasSuffix(t.Profile, ".yaml") {
			t.Profile = beside(dir, t.Profile)
		}
	}
	return c, nil
}

func beside(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// ParseConfig reads a configuration and fills in what it need not say. What is wrong in it is fault.Invalid.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	if len(data) > maxConfig {
		return c, badConfig(fmt.Errorf("%d bytes are more than %d", len(data), maxConfig))
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		return Config{}, badConfig(err)
	}
	if err := d.Decode(new(Config)); !errors.Is(err, io.EOF) {
		return Config{}, badConfig(errors.New("one file holds one configuration"))
	}
	if err := c.complete(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func badConfig(err error) error {
	return fault.New(fault.Invalid, "hsm-config", "密码机配置文件不能使用", "the HSM configuration cannot be used", err)
}

// complete fills in the defaults and checks the whole. Open asks for it too, so that a Config made by a program is held to the same.
func (c *Config) complete() error {
	if len(c.Tokens) == 0 {
		return badConfig(errors.New("tokens: there is none"))
	}
	c.Tokens = slices.Clone(c.Tokens)
	names, tokens, serves := map[string]bool{}, map[string]bool{}, map[string]Service{}
	for i := range c.Tokens {
		t := &c.Tokens[i]
		t.fill()
		if err := t.check(); err != nil {
			return badConfig(fmt.Errorf("tokens[%d]: %w", i, err))
		}
		file := realPath(t.Module)
		if s, known := serves[file]; known && s != t.Serves {
			return badConfig(fmt.Errorf("tokens[%d]: %s serves both sm2 and rsa-ecdsa: give one of them a copy of the library file", i, t.Module))
		}
		serves[file] = t.Serves
		if at := file + "\x00" + t.Token.String(); tokens[at] {
			return badConfig(fmt.Errorf("tokens[%d]: %s is listed twice", i, t.Token))
		} else {
			tokens[at] = true
		}
		for _, k := range t.Keys {
			if names[k.Name] {
				return badConfig(fmt.Errorf("tokens[%d]: the key name %q is given twice", i, k.Name))
			}
			names[k.Name] = true
		}
	}
	return nil
}

// realPath is the file behind a path, so that two names of one library are seen as one.
func realPath(name string) string {
	if p, err := filepath.EvalSymlinks(name); err == nil {
		return p
	}
	return filepath.Clean(name)
}

func (t *TokenConfig) fill() {
	if t.Serves == "" {
		t.Serves = ServesSM2
	}
	if t.Profile == "" {
		t.Profile = "auto"
	}
	if t.Sessions == 0 {
		t.Sessions = defaultSessions
	}
	if t.Patience == 0 {
		t.Patience = defaultPatience
	}
}

func (t *TokenConfig) check() error {
	switch {
	case t.Module == "":
		return errors.New("module: the path of the vendor's library is missing")
	case t.Serves != ServesSM2 && t.Serves != ServesRSAECDSA:
		return fmt.Errorf("serves: %.20q is neither sm2 nor rsa-ecdsa", string(t.Serves))
	case t.Token == TokenName{}:
		return errors.New("token: name it by label or serial")
	case t.Sessions < 1 || t.Sessions > maxSessions:
		return fmt.Errorf("sessions: %d is not between 1 and %d", t.Sessions, maxSessions)
	case t.Timeout < 0 || t.Patience < 0:
		return errors.New("timeout and patience cannot be negative")
	case t.PIN.count() > 1:
		return errors.New("pin: one of file, env and credential")
	}
	for i, k := range t.Keys {
		if err := k.check(); err != nil {
			return fmt.Errorf("keys[%d]: %w", i, err)
		}
	}
	return nil
}

func (k KeyConfig) check() error {
	if k.Name == "" || strings.HasPrefix(k.Name, scheme) {
		return errors.New("name: a key here has a name of its own")
	}
	u, err := ParseURI(k.URI)
	if err != nil {
		return err
	}
	if u.Object == "" && len(u.ID) == 0 {
		return errors.New("uri: it names neither object nor id")
	}
	if k.Public == "" {
		return nil
	}
	digits, ok := strings.CutPrefix(k.Public, "sm3:")
	if b, err := hex.DecodeString(digits); !ok || err != nil || len(b) != gm.DigestSize {
		return errors.New("public: write sm3: and 64 hexadecimal digits, as key show prints it")
	}
	return nil
}

func (s Secret) count() (n int) {
	for _, v := range []string{s.File, s.Env, s.Credential} {
		if v != "" {
			n++
		}
	}
	return n
}

// read returns the PIN without the line end a file may have, or nil where none is configured. The caller clears it.
func (s Secret) read() ([]byte, error) {
	name := s.File
	switch {
	case s.Env != "":
		if v := os.Getenv(s.Env); v != "" {
			return []byte(v), nil
		}
		return nil, noPIN("环境变量 "+s.Env+" 没有设置", "the environment variable "+s.Env+" is not set", nil)
	case s.Credential != "":
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" || s.Credential != filepath.Base(s.Credential) {
			return nil, noPIN("没有凭据目录（CREDENTIALS_DIRECTORY），或凭据名称含有路径", "there is no credentials directory (CREDENTIALS_DIRECTORY), or the credential's name is a path", nil)
		}
		name = filepath.Join(dir, s.Credential)
	case name == "":
		return nil, nil
	}
	f, err := os.Open(name) //nolint:gosec // G703: the operator names the file
	if err != nil {
		return nil, noPIN("读不到口令文件 "+name, "the PIN file "+name+" cannot be read", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Mode()&0o004 != 0 {
		return nil, noPIN("口令文件 "+name+" 人人可读或不是普通文件：请 chmod 600", "the PIN file "+name+" can be read by everybody or is no regular file: chmod 600", err)
	}
	pin, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil || len(pin) > maxSecret {
		return nil, noPIN("口令文件 "+name+" 读不出或太长", "the PIN file "+name+" cannot be read or is too long", err)
	}
	if pin = bytes.TrimRight(pin, "\r\n"); len(pin) == 0 {
		return nil, noPIN("口令文件 "+name+" 是空的", "the PIN file "+name+" is empty", nil)
	}
	return pin, nil
}

func noPIN(zh, en string, err error) error { return fault.New(fault.Invalid, "hsm-pin", zh, en, err) }
