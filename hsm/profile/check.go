package profile

import (
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// What a profile need not say.
const (
	ckaECPoint         = 0x181
	ckuUser            = 1
	defaultCallTimeout = 5 * time.Second
	maxCallTimeout     = 10 * time.Minute
	maxListed          = 64
)

// maxNumber bounds numbers to what a CK_ULONG of 32 bits holds.
const maxNumber = 1<<32 - 1

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

func (p *Profile) fill() {
	if p.SM2.CurveOID == "" {
		p.SM2.CurveOID = "1.2.156.10197.1.301"
	}
	if p.SM2.ECParams == "" {
		p.SM2.ECParams = ParamsRequired
	}
	if p.SM2.Point == (Point{}) {
		p.SM2.Point.Attribute = ckaECPoint
	}
	if p.SM2.Point.Wrap == "" {
		p.SM2.Point.Wrap = WrapAuto
	}
	for _, e := range []*Encoding{&p.SM2.Sign.Digest.Encoding, &p.SM2.Sign.Message.Encoding} {
		if *e == "" {
			*e = EncodingAuto
		}
	}
	if m := &p.SM2.Sign.Message; m.Mechanism != 0 {
		if m.ZA == "" {
			m.ZA = ZADefault
		}
		if m.Param == "" {
			m.Param = "none"
		}
	}
	if p.Login.UserType == 0 {
		p.Login.UserType = ckuUser
	}
	if p.Limits.CallTimeout == 0 {
		p.Limits.CallTimeout = defaultCallTimeout
	}
}

func (p *Profile) check() error {
	s := p.SM2
	switch {
	case !nameForm.MatchString(p.Name):
		return fmt.Errorf("name: %.40q is not letters, digits and hyphens", p.Name)
	case strings.TrimSpace(p.Source) == "":
		return errors.New("source: say where the numbers come from and what they were run against")
	case s.KeyType == 0:
		return errors.New("sm2.keyType is missing")
	case s.Sign.Digest.Mechanism == 0 && s.Sign.Message.Mechanism == 0:
		return errors.New("sm2.sign names no mechanism")
	case (s.Point.X == 0) != (s.Point.Y == 0):
		return errors.New("sm2.point: x and y come together")
	case s.Point.Attribute == 0 && s.Point.X == 0:
		return errors.New("sm2.point names no attribute")
	case p.Limits.CallTimeout < 0 || p.Limits.CallTimeout > maxCallTimeout:
		return fmt.Errorf("limits.callTimeout: %v is not between 0 and %v", p.Limits.CallTimeout, maxCallTimeout)
	case p.Limits.MaxSessions < 0:
		return errors.New("limits.maxSessions is negative")
	}
	if _, err := CurveParams(s.CurveOID); err != nil {
		return fmt.Errorf("sm2.curveOID: %w", err)
	}
	return errors.Join(p.checkWords(), p.checkNumbers())
}

func (p *Profile) checkWords() error {
	s := p.SM2
	if err := errors.Join(
		oneOf("sm2.ecParams", s.ECParams, ParamsRequired, ParamsOmit, ParamsIgnore),
		oneOf("sm2.sign.digest.encoding", s.Sign.Digest.Encoding, EncodingRS, EncodingDER, EncodingAuto),
		oneOf("sm2.sign.message.encoding", s.Sign.Message.Encoding, EncodingRS, EncodingDER, EncodingAuto),
		oneOf("sm2.sign.message.za", s.Sign.Message.ZA, "", ZANone, ZADefault, ZAParam),
		oneOf("sm2.decrypt.order", s.Decrypt.Order, "", "C1C3C2", "C1C2C3"),
		oneOf("sm2.decrypt.encoding", s.Decrypt.Encoding, "", "raw", "der"),
		oneOf("sm2.point.wrap", s.Point.Wrap, WrapAuto, WrapOctet, WrapRaw65, WrapRaw64),
	); err != nil {
		return err
	}
	for _, name := range p.Template.Omit {
		if err := oneOf("template.omit", name, Omittable()...); err != nil {
			return err
		}
	}
	return checkParam(s.Sign.Message.Param)
}

// checkParam reads the template of a message mechanism's parameter.
func checkParam(param string) error {
	form, isHex := strings.CutPrefix(param, "hex:")
	if !isHex {
		return oneOf("sm2.sign.message.param", param, "", "none", "uid-bytes")
	}
	if _, err := hex.DecodeString(strings.Replace(form, "{uid}", "", 1)); err != nil {
		return fmt.Errorf("sm2.sign.message.param: %w", err)
	}
	return nil
}

func oneOf[T ~string](field string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %.40q is not one of %q", field, string(value), allowed)
}

func (p *Profile) checkNumbers() error {
	s := p.SM2
	all := []uint{s.KeyType, s.KeyGen.Mechanism, s.Sign.Digest.Mechanism, s.Sign.Message.Mechanism, s.Decrypt.Mechanism, s.Point.Attribute, s.Point.X,
		s.Point.Y, p.SM3.Mechanism, p.SM4.KeyType, p.SM4.KeyGen, p.SM4.ECB, p.SM4.CBC, p.Login.UserType}
	all = append(append(all, p.Errors.Reconnect...), p.Errors.Fatal...)
	extra := append(slices.Clone(p.Template.PublicExtra), p.Template.PrivateExtra...)
	for _, a := range extra {
		all = append(all, a.Attribute)
		if a.Attribute == 0 || len(a.Value) == 0 { // 0 is CKA_CLASS
			return errors.New("template: an extra attribute has a number and a value")
		}
	}
	if len(all) > maxListed {
		return fmt.Errorf("more than %d numbers", maxListed)
	}
	for _, n := range all {
		if n > maxNumber {
			return fmt.Errorf("%#x is larger than 32 bits", n)
		}
	}
	return nil
}

// CurveParams returns an object identifier as DER, the value of CKA_EC_PARAMS.
func CurveParams(dotted string) ([]byte, error) {
	var id asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("%.60q is no object identifier", dotted)
		}
		id = append(id, int(n))
	}
	return asn1.Marshal(id)
}

// Hex is bytes, written in hexadecimal.
type Hex []byte

// UnmarshalYAML reads a string of hexadecimal digits.
func (h *Hex) UnmarshalYAML(n *yaml.Node) error {
	b, err := hex.DecodeString(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: %.40q is not hexadecimal", n.Line, n.Value)
	}
	*h = b
	return nil
}
