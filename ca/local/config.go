package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/hsm"
)

const (
	formatVersion = 1
	maxConfig     = 16 << 10 // bytes
	maxRoot       = 64 << 10 // bytes
	defaultYears  = 10
	defaultDays   = 7
	maxDays       = 366
)

// config is ca.json.
type config struct {
	Format    int     `json:"format"`
	Name      string  `json:"name"`
	Key       hsm.Ref `json:"key"`
	CRLDays   int     `json:"crlDays"`
	CRLURL    string  `json:"crlURL,omitempty"`
	CRLNumber int64   `json:"crlNumber"` // of the last revocation list begun
}

// ParseError says where ca.json or index.jsonl departs from its form.
type ParseError struct {
	Offset int64 // in bytes
	Reason string
}

func (e *ParseError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason) }

func (o Options) years() int {
	if o.Years == 0 {
		return defaultYears
	}
	return o.Years
}

// config checks the options.
func (o Options) config() (config, error) {
	cfg := config{Format: formatVersion, Name: o.Name, Key: o.Ref, CRLDays: o.CRLDays, CRLURL: o.CRLURL}
	if cfg.CRLDays == 0 {
		cfg.CRLDays = defaultDays
	}
	if y := o.years(); y < 1 || y > MaxYears {
		return config{}, fault.New(fault.Invalid, "ca-years",
			fmt.Sprintf("根证书有效期 %d 年不可用：1 到 %d 年", y, MaxYears),
			fmt.Sprintf("a root cannot live %d years: choose 1 to %d", y, MaxYears), nil)
	}
	if _, err := rootSpec(o.Key); err != nil {
		return config{}, err
	}
	if err := cfg.check(); err != nil {
		return config{}, err
	}
	return cfg, nil
}

// check refuses, with fault.Invalid, what no authority can work with.
func (c config) check() error {
	if err := (ca.Subject{CommonName: c.Name, Organization: c.Name}).Check(); err != nil {
		return err
	}
	if c.CRLDays < 1 || c.CRLDays > maxDays {
		return fault.New(fault.Invalid, "ca-crl-days",
			fmt.Sprintf("吊销列表有效期 %d 天不可用：1 到 %d 天", c.CRLDays, maxDays),
			fmt.Sprintf("a revocation list cannot be good for %d days: choose 1 to %d", c.CRLDays, maxDays), nil)
	}
	if c.CRLURL == "" {
		return nil
	}
	u, err := url.Parse(c.CRLURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || !ascii(c.CRLURL) {
		return fault.New(fault.Invalid, "ca-crl-url",
			"吊销列表地址不可用：应为只含 ASCII 字符的 http 或 https 地址",
			"the address of the revocation list is not usable: write an http or https address in ASCII", err)
	}
	return nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func (c config) encode() []byte {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return append(b, '\n')
}

// decodeConfig reads ca.json. Unlike the index it may have been edited by hand, so its spacing is free; unknown fields are refused.
func decodeConfig(data []byte) (config, error) {
	var c config
	if err := decodeStrict(data, 0, &c); err != nil {
		return config{}, err
	}
	reason := ""
	if c.Format != formatVersion {
		reason = fmt.Sprintf("format %d is not known here", c.Format)
	} else if c.CRLNumber < 0 {
		reason = "the CRL number is negative"
	} else if err := c.check(); err != nil {
		reason = err.Error()
	}
	if reason != "" {
		return config{}, &ParseError{Reason: reason}
	}
	return c, nil
}

// decodeStrict reads one JSON value and nothing behind it. base is the place of data in its file.
func decodeStrict(data []byte, base int64, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		e := &ParseError{Offset: base + d.InputOffset(), Reason: fmt.Sprintf("%.200s", err)}
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			e.Offset = base + s.Offset
		}
		return e
	}
	if _, err := d.Token(); err != io.EOF {
		return &ParseError{Offset: base + d.InputOffset(), Reason: "something stands behind the value"}
	}
	return nil
}

// config reads ca.json.
func (c *CA) config() (config, error) {
	data, err := readFile(c.root, configName, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return config{}, missing(c.dir)
	}
	if err != nil {
		return config{}, damaged(c.dir, configName, err)
	}
	cfg, err := decodeConfig(data)
	if err != nil {
		return config{}, damaged(c.dir, configName, err)
	}
	return cfg, nil
}
