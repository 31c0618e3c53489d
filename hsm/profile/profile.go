// Package profile holds what PKCS#11 modules differ in when they speak SM2, as data: one YAML file per vendor, no code.
//
// PKCS#11 has no mechanism for SM2, so every vendor chose numbers of its own; the same number means different things with different vendors. The files
// here were written from public sources and run against emulations only: no vendor's device was at hand. An operator may bring a file of his own.
// Whatever a profile says, a key is served only after it has signed a random message that verifies.
package profile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yinxin/fault"
)

//go:embed vendors/*.yaml
var vendors embed.FS

// Profile is one vendor's file. Numbers are PKCS#11's own (CKK, CKM, CKA, CKU, CKR); 0 says that there is none.
type Profile struct {
	Name     string   `yaml:"name"`   // lower case letters, digits and hyphens
	Source   string   `yaml:"source"` // where the numbers come from and what they were run against
	Match    Match    `yaml:"match"`
	SM2      SM2      `yaml:"sm2"`
	SM3      SM3      `yaml:"sm3"`
	SM4      SM4      `yaml:"sm4"`
	Template Template `yaml:"template"`
	Login    Login    `yaml:"login"`
	Errors   Errors   `yaml:"errors"`
	Limits   Limits   `yaml:"limits"`
}

// Match says by which CK_INFO a module is recognised: it contains one of each list that is not empty, without regard to case. A profile with two
// empty lists matches nothing and has to be named.
type Match struct {
	Manufacturer  []string `yaml:"manufacturer"`
	Library       []string `yaml:"library"`
	ModuleVersion string   `yaml:"moduleVersion"` // the library version begins with it, for example "7."
}

// SM2 says how keys are made, found and used.
type SM2 struct {
	KeyType        uint      `yaml:"keyType"`
	CurveOID       string    `yaml:"curveOID"`
	ECParams       Params    `yaml:"ecParams"`
	KeyGen         Mechanism `yaml:"keyGen"`
	Sign           Sign      `yaml:"sign"`
	Decrypt        Decrypt   `yaml:"decrypt"`
	Point          Point     `yaml:"point"`
	PointOnPrivate bool      `yaml:"pointOnPrivate"` // the private object carries the point too
}

// Params says whether CKA_EC_PARAMS is part of the template of a new key.
type Params string

// The ways to treat CKA_EC_PARAMS.
const (
	ParamsRequired Params = "required"
	ParamsOmit     Params = "omit"
	ParamsIgnore   Params = "ignore-on-read" // sent, but what comes back says nothing
)

// Mechanism is a CKM without parameters.
type Mechanism struct {
	Mechanism uint `yaml:"mechanism"`
}

// Sign holds the two ways a token signs. A driver that is handed e uses Digest; Message is what the same token offers to those who hold the message,
// and is served by tokens that pose as this vendor.
type Sign struct {
	Digest  SignDigest  `yaml:"digest"`
	Message SignMessage `yaml:"message"`
}

// SignDigest signs the 32 bytes of e as they are.
type SignDigest struct {
	Mechanism uint     `yaml:"mechanism"`
	Encoding  Encoding `yaml:"encoding"`
}

// SignMessage hashes inside.
type SignMessage struct {
	Mechanism uint     `yaml:"mechanism"`
	Encoding  Encoding `yaml:"encoding"`
	ZA        ZA       `yaml:"za"`
	Param     string   `yaml:"param"`    // none, uid-bytes, or hex: with {uid} where the user ID goes
	MaxBytes  int      `yaml:"maxBytes"` // of a message; 0 for no limit known
}

// Encoding is how a signature comes back.
type Encoding string

// The encodings of a signature. Whatever comes, it leaves as DER SEQUENCE{r,s}.
const (
	EncodingRS   Encoding = "rs"   // r‖s, 64 bytes
	EncodingDER  Encoding = "der"  // SEQUENCE{r,s}, its integers read as unsigned
	EncodingAuto Encoding = "auto" // either
)

// ZA says what a message mechanism hashes before the message.
type ZA string

// The kinds of ZA.
const (
	ZANone    ZA = "none"
	ZADefault ZA = "default-id" // with the user ID 1234567812345678
	ZAParam   ZA = "from-param"
)

// Decrypt is SM2 public key decryption.
type Decrypt struct {
	Mechanism uint   `yaml:"mechanism"`
	Order     string `yaml:"order"`    // C1C3C2 or C1C2C3
	Encoding  string `yaml:"encoding"` // raw or der
}

// Point says where the public point is.
type Point struct {
	Attribute uint `yaml:"attribute"` // CKA_EC_POINT 0x181; 0 where X and Y are attributes of their own
	Wrap      Wrap `yaml:"wrap"`
	X         uint `yaml:"x"`
	Y         uint `yaml:"y"`
}

// Wrap is how a point comes back.
type Wrap string

// The wrappings of a point. Readers take every one of them; tokens that pose as a vendor answer with the one named, auto being octet.
const (
	WrapAuto  Wrap = "auto"
	WrapOctet Wrap = "octet" // OCTET STRING of 04‖X‖Y, as the standard says
	WrapRaw65 Wrap = "raw65" // 04‖X‖Y
	WrapRaw64 Wrap = "raw64" // X‖Y
)

// SM3 is the digest mechanism.
type SM3 struct {
	Mechanism uint `yaml:"mechanism"`
}

// SM4 holds the mechanisms of the block cipher.
type SM4 struct {
	KeyType uint `yaml:"keyType"`
	KeyGen  uint `yaml:"keyGen"`
	ECB     uint `yaml:"ecb"`
	CBC     uint `yaml:"cbc"`
}

// Template changes what new keys are asked to be.
type Template struct {
	PublicExtra  []Attribute `yaml:"publicExtra"`
	PrivateExtra []Attribute `yaml:"privateExtra"`
	Omit         []string    `yaml:"omit"` // names of Omittable attributes that the module refuses
}

// Attribute is one more attribute, its value in hexadecimal.
type Attribute struct {
	Attribute uint `yaml:"attribute"`
	Value     Hex  `yaml:"value"`
}

// Omittable lists the attributes a module may be spared: those that only repeat a default.
func Omittable() []string {
	return []string{"CKA_DECRYPT", "CKA_UNWRAP", "CKA_DERIVE", "CKA_SIGN_RECOVER", "CKA_VERIFY", "CKA_ENCRYPT", "CKA_WRAP"}
}

// Login says as whom to log in.
type Login struct {
	UserType uint `yaml:"userType"` // CKU_USER is 1
}

// Errors joins the vendor's own answers to the classes that decide what happens next.
type Errors struct {
	Reconnect []uint `yaml:"reconnect"` // the session or the device is gone: log in anew
	Fatal     []uint `yaml:"fatal"`     // an operator has to act
}

// Limits are the vendor's.
type Limits struct {
	MaxSessions int           `yaml:"maxSessions"` // 0 for what the token says
	CallTimeout time.Duration `yaml:"callTimeout"` // after which a call is given up
}

// maxFile bounds a profile file in bytes.
const maxFile = 64 << 10

// Names lists the embedded profiles.
func Names() []string {
	entries, err := vendors.ReadDir("vendors")
	if err != nil {
		return nil // embedded: cannot fail
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Load returns an embedded profile by its name, or reads the operator's own where name is a path: it holds a separator or ends in .yaml.
func Load(name string) (*Profile, error) {
	if strings.ContainsRune(name, os.PathSeparator) || strings.HasSuffix(name, ".yaml") {
		return read(name)
	}
	if !slices.Contains(Names(), name) {
		list := strings.Join(Names(), ", ")
		return nil, fault.New(fault.NotFound, "hsm-profile", fmt.Sprintf("没有名为 %.64q 的厂商配置，内置的有 %s；自备的请写文件路径", name, list),
			fmt.Sprintf("there is no vendor profile %.64q: built in are %s; for your own write its path", name, list), nil)
	}
	data, err := vendors.ReadFile(path.Join("vendors", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	return Parse(data)
}

func read(name string) (*Profile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.NotFound, "hsm-profile", "读不到厂商配置文件 "+name, "the vendor profile "+name+" cannot be read", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

// Parse reads one profile. Unknown fields, a second document, and numbers that make no sense together are fault.Invalid.
func Parse(data []byte) (*Profile, error) {
	if len(data) > maxFile {
		return nil, invalid(fmt.Errorf("%d bytes are more than %d", len(data), maxFile))
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	p := new(Profile)
	if err := d.Decode(p); err != nil {
		return nil, invalid(err)
	}
	if err := d.Decode(new(Profile)); !errors.Is(err, io.EOF) {
		return nil, invalid(errors.New("one file holds one profile"))
	}
	p.fill()
	if err := p.check(); err != nil {
		return nil, invalid(err)
	}
	return p, nil
}

func invalid(err error) error {
	return fault.New(fault.Invalid, "hsm-profile", "厂商配置文件不能使用", "the vendor profile cannot be used", err)
}

// Matches reports whether a module is one of this vendor's, by its CK_INFO.
func (p *Profile) Matches(manufacturer, library, version string) bool {
	m := p.Match
	if len(m.Manufacturer)+len(m.Library) == 0 {
		return false
	}
	return holdsOne(manufacturer, m.Manufacturer) && holdsOne(library, m.Library) && strings.HasPrefix(version, m.ModuleVersion)
}

func holdsOne(text string, words []string) bool {
	text = strings.ToLower(text)
	return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, strings.ToLower(w)) })
}
