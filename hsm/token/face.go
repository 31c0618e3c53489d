package token

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/fault"
	"yinxin/hsm/profile"
)

// A Face is how the token shows SM2 to PKCS#11, which has no numbers for it: its own way, or, for tests of a driver, that of a vendor.
// The vendors' numbers are from public sources; nothing of a vendor's device is emulated but these numbers and shapes.
type Face struct {
	Name         string // what --pose calls it
	Manufacturer string // of CK_INFO and CK_TOKEN_INFO
	Library      string // description in CK_INFO
	KeyType      uint64 // CKK of SM2 keys
	KeyGen       uint64 // mechanism that makes them
	Sign         []SM2Sign
	SM3          uint64 // digest mechanism
	Decrypt      uint64 // C1‖C3‖C2 or DER; 0: none
	// ECParams: a template that makes an SM2 key must name the curve. It may do so with every face.
	ECParams bool
	// PointOnPrivate: private keys show CKA_EC_POINT too.
	PointOnPrivate bool
}

// SM2Sign is one mechanism that signs with SM2.
type SM2Sign struct {
	Mechanism uint64
	Over      Input
	Shape     Shape
}

// Input is what a signing mechanism is handed.
type Input uint8

// What a signing mechanism is handed.
const (
	Digest      Input = iota + 1 // 32 bytes: e, or a SHA-256 digest
	MessageZA                    // M; signs SM3(ZA‖M) with the default user ID, which the mechanism's parameter may name
	Message                      // M; signs SM3(M), or SHA-256(M). For SM2 this is no signature of GM/T 0009
	digestInfo                   // the DigestInfo of a SHA-256 digest (RFC 8017 9.2)
	messageOnly                  // MessageZA that takes no parameter
)

// Shape is how a signature is written.
type Shape uint8

// How a signature is written.
const (
	RS       Shape = iota + 1 // r‖s, 64 bytes
	DER                       // SEQUENCE{r,s}
	LooseDER                  // SEQUENCE{r,s} without the zero octet before a number whose first bit is set, as met in the field
	whole                     // as RSA gives it
)

// faceBase is CKM_VENDOR_DEFINED with "YXN": the numbers this token has of its own.
const faceBase = 0x80000000 | 0x59584E00

// Own is the token's own face.
func Own() Face {
	return Face{
		Name: "yinxin", Manufacturer: "Yinxin", Library: "Yinxin software token",
		KeyType: faceBase + 0x01, KeyGen: faceBase + 0x10,
		Sign: []SM2Sign{{faceBase + 0x11, Digest, RS}, {faceBase + 0x12, MessageZA, RS}},
		SM3:  faceBase + 0x20, Decrypt: faceBase + 0x30, PointOnPrivate: true,
	}
}

// vendor is what a pose has beside the numbers of its profile (hsm/profile): what CK_INFO says, and what a driver is to stumble over.
type vendor struct {
	name, manufacturer, library string
	loose                       bool      // its DER is not canonical
	more                        []SM2Sign // mechanisms that no driver should want
}

func vendors() []vendor {
	return []vendor{
		{name: "luna", manufacturer: "SafeNet", library: "Chrystoki"},
		{name: "sansec", manufacturer: "Sansec", library: "swxa PKCS#11", loose: true,
			more: []SM2Sign{{0x80008104, Digest, LooseDER}, {0x80008100, Message, RS}, {0x80008101, Message, LooseDER}, {0x80008102, messageOnly, RS}}},
		{name: "tass", manufacturer: "TASS", library: "TASS PKCS#11"},
		{name: "ibm", manufacturer: "IBM", library: "EP11"},
	}
}

// face joins a vendor with its profile.
func (v vendor) face(p *profile.Profile) Face {
	f := Face{
		Name: v.name, Manufacturer: v.manufacturer, Library: v.library, KeyType: uint64(p.SM2.KeyType), KeyGen: uint64(p.SM2.KeyGen.Mechanism),
		SM3: uint64(p.SM3.Mechanism), Decrypt: uint64(p.SM2.Decrypt.Mechanism), ECParams: p.SM2.ECParams == profile.ParamsRequired, PointOnPrivate: p.SM2.PointOnPrivate,
	}
	shape := func(e profile.Encoding) Shape {
		switch {
		case e != profile.EncodingDER:
			return RS
		case v.loose:
			return LooseDER
		}
		return DER
	}
	digest, message := p.SM2.Sign.Digest, p.SM2.Sign.Message
	over := messageOnly
	switch message.ZA {
	case profile.ZANone:
		over = Message
	case profile.ZAParam:
		over = MessageZA
	}
	f.Sign = append([]SM2Sign{{uint64(digest.Mechanism), Digest, shape(digest.Encoding)}, {uint64(message.Mechanism), over, shape(message.Encoding)}}, v.more...)
	return f
}

// Pose returns the face of a vendor by its name, for tests: the numbers are those of its profile. Another name is fault.Invalid, and the sentence lists those there are.
func Pose(name string) (Face, error) {
	all := vendors()
	i := slices.IndexFunc(all, func(v vendor) bool { return v.name == name })
	if i >= 0 {
		p, err := profile.Load(name)
		if err != nil {
			return Face{}, err
		}
		return all[i].face(p), nil
	}
	var names []string
	for _, v := range all {
		names = append(names, v.name)
	}
	list := strings.Join(names, ", ")
	return Face{}, fault.New(fault.Invalid, "token-pose",
		fmt.Sprintf("不能装作 %.32q，只能是 %s 之一", name, list), fmt.Sprintf("there is no vendor %.32q to pose as: it is one of %s", name, list), nil)
}
