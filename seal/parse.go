package seal

import (
	"encoding/asn1"
	"fmt"

	"yinxin/gm"
)

// Parse reads one SESeal of any generation. The certificates inside are not looked into. Bytes that are no seal give a fault.Invalid with a
// *ParseError in its chain. der must not be changed as long as the Seal is used.
func Parse(der []byte) (*Seal, error) {
	d := &decoder{in: der}
	e, c := d.whole("SESeal")
	s := readSeal(e, c)
	if d.err != nil {
		return nil, d.err.public("电子印章", "seal")
	}
	return s, nil
}

// readSeal reads the SESeal e; c walks its elements. Two elements are v1, four v4, five v5; four are v5 too where header.version is 5.
func readSeal(e element, c cursor) *Seal {
	d, first := c.d, len(c.d.deviations)
	s := &Seal{Raw: e.raw}
	n := c.count("SESeal", 5)
	info := c.take("SESeal.eSealInfo", tagSequence)
	s.RawInfo = info.raw
	ic := c.into(info)
	head := readHeader(&ic)
	switch {
	case d.err != nil:
		return nil
	case n == 2:
		s.Version = V1
	case n == 4 && head.Version != int(V5):
		s.Version = V4
	case n == 4 || n == 5:
		s.Version = V5
	default:
		d.fail(e.off, "SESeal", fmt.Sprintf("has %d fields: v1 has 2, v4 has 4, v5 has 4 or 5", n))
		return nil
	}
	if s.Version != V1 && head.Version != int(s.Version) {
		d.note(info.off, "SES_Header.version", fmt.Sprintf("写作 %d，而结构是 %s", head.Version, s.Version),
			fmt.Sprintf("is %d in a seal laid out as %s", head.Version, s.Version))
	}
	s.Info = readInfo(ic, head, s.Version)

	block := c
	if s.Version == V1 {
		block = c.enter("SESeal.signInfo", tagSequence)
		c.done("SESeal")
	}
	s.MakerCert = block.octets("SESeal.cert", maxCert)
	s.SignAlg = block.oid("SESeal.signAlgID")
	s.SignValue = block.value("SESeal.signedValue", s.SignAlg)
	if n == 5 {
		s.TimeStamp = block.token("SESeal.timeStamp")
	}
	block.done("SESeal")
	s.Deviations = d.deviations[first:len(d.deviations):len(d.deviations)]
	return s
}

// value reads the BIT STRING of a signature value.
func (c *cursor) value(field string, alg asn1.ObjectIdentifier) []byte {
	at := c.pos
	v := c.bits(field, maxValue)
	if c.d.err != nil {
		return nil
	}
	if zh, en := unwritable(alg, v); en != "" {
		c.d.note(at, field, zh, en)
	}
	return v
}

// unwritable says why a signature value is one this package reads but does not write, nothing where it writes it.
func unwritable(alg asn1.ObjectIdentifier, value []byte) (zh, en string) {
	if !gm.IsSM2SignatureOID(alg) {
		return "算法 " + alg.String() + " 不是 SM2 与 SM3", "algorithm " + alg.String() + " is not SM2 with SM3"
	}
	if len(value) == rawSignature {
		return "是裸的 r‖s，不是 SEQUENCE{r,s}", "is raw r‖s, not SEQUENCE{r,s}"
	}
	if _, err := gm.CanonicalSignature(value); err != nil {
		return "不是 SEQUENCE{r,s}", "is not SEQUENCE{r,s}"
	}
	return "", ""
}

// rawSignature is the length of r‖s in bytes.
const rawSignature = 64

// token reads timeStamp [0] EXPLICIT BIT STRING.
func (c *cursor) token(field string) []byte {
	at := c.pos
	outer := c.enter(field, tagContext0)
	t := outer.bits(field, maxToken)
	outer.done(field)
	if len(t) == 0 {
		c.d.fail(at, field, "is empty")
	}
	return t
}

func readHeader(c *cursor) Header {
	h := c.enter("SES_Header", tagSequence)
	at := h.pos
	if id := h.text("SES_Header.ID", tagIA5String); c.d.err == nil && id != headerID {
		c.d.fail(at, "SES_Header.ID", `is not "ES"`)
	}
	out := Header{Version: h.integer("SES_Header.version"), Vid: h.text("SES_Header.Vid", tagIA5String)}
	h.done("SES_Header")
	return out
}

const headerID = "ES"

// readInfo reads SES_SealInfo after its header.
func readInfo(c cursor, head Header, v Version) Info {
	info := Info{Header: head, ESID: c.text("SES_SealInfo.esID", tagIA5String)}
	info.Property = readProperty(c.enter("SES_SealInfo.property", tagSequence), v)

	p := c.enter("SES_SealInfo.picture", tagSequence)
	info.Picture = Picture{
		Type:   p.text("SES_ESPictureInfo.type", tagIA5String),
		Data:   p.octets("SES_ESPictureInfo.data", MaxPicture),
		Width:  p.integer("SES_ESPictureInfo.width"),
		Height: p.integer("SES_ESPictureInfo.height"),
	}
	p.done("SES_ESPictureInfo")

	const field = "SES_SealInfo.extDatas"
	switch {
	case c.peek() == tagContext0:
		// The 2014 text says EXPLICIT without a number; every seal met in the field has the bare SEQUENCE.
		c.d.note(c.pos, field, "外面套有 [0]", "stands in [0]")
		inner := c.enter(field, tagContext0)
		info.Extensions = readExtensions(&inner, field)
		inner.done(field)
	case c.more():
		info.Extensions = readExtensions(&c, field)
	}
	c.done("SES_SealInfo")
	return info
}

func readProperty(c cursor, v Version) Property {
	const field = "SES_ESPropertyInfo"
	p := Property{Type: c.integer(field + ".type"), Name: c.text(field+".name", tagUTF8String)}
	if v != V1 {
		at := c.pos
		p.ListType = c.integer(field + ".certListType")
		if c.d.err == nil && p.ListType != ListCerts && p.ListType != ListDigests {
			c.d.fail(at, field+".certListType", fmt.Sprintf("is %d: certificates are 1, digests 2", p.ListType))
		}
	}
	readList(c.enter(field+".certList", tagSequence), &p)
	p.Created = c.time(field+".createDate", v == V1)
	p.Start = c.time(field+".validStart", v == V1)
	p.End = c.time(field+".validEnd", v == V1)
	c.done(field)
	return p
}

// readList reads certList into p. The CHOICE carries no tag of its own: certListType decides.
func readList(c cursor, p *Property) {
	const field = "SES_ESPropertyInfo.certList"
	for n := 0; c.more(); n++ {
		if n == maxListed {
			c.d.fail(c.pos, field, fmt.Sprintf("has more than %d entries", maxListed))
			return
		}
		switch {
		case p.ListType == ListDigests:
			e := c.enter(field, tagSequence)
			p.Digests = append(p.Digests, CertDigest{
				Type:  e.text(field+".type", tagPrintableString),
				Value: e.octets(field+".value", maxValue),
			})
			e.done(field)
		case p.ListType == 0 && c.peek() == tagIA5String:
			p.IDs = append(p.IDs, c.text(field, tagIA5String))
		default:
			p.Certs = append(p.Certs, c.octets(field, maxCert))
		}
	}
}

// readExtensions reads the SEQUENCE OF ExtData that c stands before.
func readExtensions(c *cursor, field string) []Extension {
	at := c.pos
	list := c.enter(field, tagSequence)
	var out []Extension
	for list.more() {
		if len(out) == maxExtensions {
			c.d.fail(list.pos, field, fmt.Sprintf("has more than %d entries", maxExtensions))
			return nil
		}
		e := list.enter(field, tagSequence)
		x := Extension{OID: e.oid(field + ".extnID")}
		if e.peek() == tagBoolean {
			// FALSE is the default and DER leaves it out, but everyone writes it, and readers in the field lose entries without it.
			x.Critical = e.boolean(field + ".critical")
		} else if e.more() {
			c.d.note(e.pos, field+".critical", "省略未写", "is left out")
		}
		x.Value = e.octets(field+".extnValue", MaxSize)
		e.done(field)
		out = append(out, x)
	}
	if c.d.err == nil && len(out) == 0 {
		c.d.note(at, field, "为空", "is empty")
	}
	return out
}

func (c *cursor) boolean(field string) bool {
	e := c.take(field, tagBoolean)
	if c.d.err != nil {
		return false
	}
	if len(e.body) != 1 || e.body[0] != 0 && e.body[0] != 0xff {
		c.d.fail(e.off, field, "is neither 00 nor FF")
		return false
	}
	return e.body[0] != 0
}
