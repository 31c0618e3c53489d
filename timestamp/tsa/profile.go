package tsa

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"yinxin/fault"
	"yinxin/timestamp"
)

// Profile says what is known of an authority. Probe measures one.
type Profile struct {
	Name string `yaml:"name,omitempty" json:"name,omitempty"` // what the operator calls it; empty: the host of URL
	URL  string `yaml:"url" json:"url"`                       // http or https
	// Hash is that of imprints: sm3, sha256, sha384 or sha512. Empty is that of the signature stamped.
	Hash   string `yaml:"hash,omitempty" json:"hash,omitempty"`
	Policy string `yaml:"policy,omitempty" json:"policy,omitempty"` // dotted, asked for and insisted on; empty takes any
	// MaxTokenBytes is the longest token, for which signatures keep room; learnt by a probe. 0 is DefaultTokenBytes.
	MaxTokenBytes int `yaml:"maxTokenBytes,omitempty" json:"maxTokenBytes,omitempty"`
	// PrivateAddresses allows an authority on this machine or in a private network.
	PrivateAddresses bool `yaml:"privateAddresses,omitempty" json:"privateAddresses,omitempty"`
}

// DefaultTokenBytes is the room kept for the token of an authority that was not probed. Tokens met in the field have 2 to 7 KB.
const DefaultTokenBytes = 8 << 10

const (
	maxProfile   = 64 << 10 // bytes
	maxURL       = 2048     // bytes
	mostTokens   = 1 << 20  // bytes; what a seal's reader takes
	maxPolicyOID = 256      // characters
)

// ParseProfile reads a profile from YAML. Fields that are not known, and what Check refuses, are fault.Invalid.
func ParseProfile(data []byte) (Profile, error) {
	var p Profile
	if len(data) > maxProfile {
		return p, invalidProfile(fmt.Errorf("larger than %d bytes", maxProfile))
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return Profile{}, invalidProfile(err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return Profile{}, invalidProfile(errors.New("more than one document"))
	}
	return p, p.Check()
}

// Marshal writes the profile as YAML.
func (p Profile) Marshal() ([]byte, error) { return yaml.Marshal(p) }

func invalidProfile(cause error) error {
	return fault.New(fault.Invalid, "tsa-profile", "时间戳服务配置无法读取：应为 YAML，字段见文档", "the profile of the time stamping authority cannot be read: it is YAML with the documented fields", cause)
}

// Check refuses a profile that cannot be used.
func (p Profile) Check() error {
	u, err := url.Parse(p.URL)
	switch {
	case err != nil || len(p.URL) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fault.New(fault.Invalid, CodeURL, "时间戳服务地址“"+short(p.URL)+"”不可用，应为 http 或 https 地址", "the address of the time stamping authority “"+short(p.URL)+"” is not usable: write an http or https address", err)
	case u.User != nil:
		return fault.New(fault.Invalid, CodeURL, "时间戳服务地址中不要写用户名和口令", "the address of the time stamping authority must not hold a name or a password", nil)
	}
	if p.Hash != "" {
		if _, ok := timestamp.HashByName(p.Hash); !ok {
			return fault.New(fault.Invalid, CodeHash, fmt.Sprintf("时间戳摘要算法 %.32q 不可用，应为 sm3、sha256、sha384 或 sha512", p.Hash),
				fmt.Sprintf("the hash %.32q is not usable for time stamps: it is sm3, sha256, sha384 or sha512", p.Hash), nil)
		}
	}
	if p.Policy != "" {
		if _, err := ParsePolicy(p.Policy); err != nil {
			return err
		}
	}
	if p.MaxTokenBytes < 0 || p.MaxTokenBytes > mostTokens {
		return fault.New(fault.Invalid, "tsa-profile", fmt.Sprintf("maxTokenBytes 应在 0 和 %d 之间", mostTokens), fmt.Sprintf("maxTokenBytes is between 0 and %d", mostTokens), nil)
	}
	return nil
}

// ParsePolicy reads a policy's dotted identifier, such as 2.999.3161.1.
func ParsePolicy(s string) (asn1.ObjectIdentifier, error) {
	bad := fault.New(fault.Invalid, "tsa-policy-oid", fmt.Sprintf("时间戳策略 %.64q 不是对象标识符，写作例如 2.999.3161.1", s),
		fmt.Sprintf("the time stamp policy %.64q is not an object identifier: write it like 2.999.3161.1", s), nil)
	var oid asn1.ObjectIdentifier
	if len(s) > maxPolicyOID {
		return nil, bad
	}
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil || len(part) > 1 && part[0] == '0' {
			return nil, bad
		}
		oid = append(oid, int(n))
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil, bad
	}
	return oid, nil
}

// short shows text that may hold anything.
func short(s string) string { return fmt.Sprintf("%.80s", strings.ToValidUTF8(s, "?")) }
