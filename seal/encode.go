package seal

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/fault"
)

// Marshal returns the DER of SES_SealInfo in generation v (V4 or V5): the bytes the maker signs. Fields that Validate would object to are refused
// (fault.Invalid). Times are written in UTC, fractions of seconds dropped.
func (i Info) Marshal(v Version) ([]byte, error) {
	if err := writable(v); err != nil {
		return nil, err
	}
	if i.Header.Version == 0 {
		i.Header.Version = int(v)
	}
	if p := i.problems(v); len(p) > 0 {
		return nil, fault.New(fault.Invalid, "seal-fields", "印章数据不合格式："+p[0].ZH, "the seal's fields are not in order: "+p[0].EN, nil)
	}
	der, err := i.encode()
	if err != nil {
		return nil, cannotWrite(err)
	}
	// What is about to be signed must read back: bounds on counts and sizes are the reader's.
	d := &decoder{in: der}
	_, c := d.whole("SES_SealInfo")
	readInfo(c, readHeader(&c), v)
	if d.err != nil {
		return nil, cannotWrite(d.err)
	}
	return der, nil
}

// Assemble returns the SESeal made of info (as Marshal gave it), the maker's certificate and signature over info. signature is DER SEQUENCE{r,s}
// (raw r‖s is refused), alg an OID of SM2 with SM3. timeStamp is a token over signature, V5 only; empty means none.
// The parts are checked for form, and the result for reading back as it was written; whether the signature is good VerifyMaker says.
func Assemble(info, makerCert []byte, alg asn1.ObjectIdentifier, signature, timeStamp []byte, v Version) ([]byte, error) {
	if err := writable(v); err != nil {
		return nil, err
	}
	if err := checkParts(makerCert, alg, signature); err != nil {
		return nil, err
	}
	if len(timeStamp) > 0 && v != V5 {
		return nil, cannotWrite(errors.New("a v4 seal has no timeStamp"))
	}
	der, err := encodeSigned(info, makerCert, alg, signature, timeStamp)
	if err != nil {
		return nil, cannotWrite(err)
	}
	s, err := Parse(der)
	switch {
	case err != nil:
		return nil, err
	case s.Version != v || !bytes.Equal(s.RawInfo, info):
		return nil, cannotWrite(fmt.Errorf("what is to be assembled is not one SES_SealInfo of %s", v))
	case len(s.Deviations) > 0:
		return nil, cannotWrite(fmt.Errorf("%s %s", s.Deviations[0].Field, s.Deviations[0].EN))
	}
	return der, nil
}

// TBS is what a signer signs: TBS_Sign of v4 and v5.
type TBS struct {
	Version    Version
	Seal       []byte    // SESeal, embedded as it is
	Time       time.Time // timeInfo; written in UTC, fractions of seconds dropped
	DataHash   []byte    // SM3 of the content, 32 bytes
	Property   string    // propertyInfo, IA5String
	Extensions []Extension
}

// Marshal returns the DER of TBS_Sign. The seal must be one of the same generation.
func (t TBS) Marshal() ([]byte, error) {
	if err := writable(t.Version); err != nil {
		return nil, err
	}
	s, err := Parse(t.Seal)
	if err != nil {
		return nil, err
	}
	switch {
	case s.Version != t.Version:
		return nil, cannotWrite(fmt.Errorf("the seal is of %s, the signature of %s", s.Version, t.Version))
	case len(t.DataHash) != dataHashSize:
		return nil, cannotWrite(fmt.Errorf("dataHash has %d bytes, not %d", len(t.DataHash), dataHashSize))
	case t.Property == "":
		return nil, cannotWrite(errors.New("propertyInfo is empty"))
	}
	der, err := t.encode()
	if err != nil {
		return nil, cannotWrite(err)
	}
	d := &decoder{in: der}
	_, c := d.whole("TBS_Sign")
	if readTBS(c, &Signature{}, false); d.err != nil {
		return nil, cannotWrite(d.err)
	}
	return der, nil
}

// AssembleSignature returns the SES_Signature made of tbs (as Marshal gave it), the signer's certificate and value, the signature over tbs. The rules
// for alg, value and timeStamp are those of Assemble; a time stamp is taken in both generations.
func AssembleSignature(tbs, cert []byte, alg asn1.ObjectIdentifier, value, timeStamp []byte) ([]byte, error) {
	if err := checkParts(cert, alg, value); err != nil {
		return nil, err
	}
	der, err := encodeSigned(tbs, cert, alg, value, timeStamp)
	if err != nil {
		return nil, cannotWrite(err)
	}
	s, err := ParseSignature(der)
	if err != nil {
		return nil, err
	}
	// The embedded seal is kept as it was made, whoever made it; what stands round it is ours.
	if own := len(s.Deviations) - len(s.Seal.Deviations); own > 0 || !bytes.Equal(s.RawTBS, tbs) {
		return nil, cannotWrite(errors.New("the TBS_Sign is not in the form this program writes"))
	}
	return der, nil
}

// SignatureSize returns the most bytes a SES_Signature can take whose parts have these lengths in bytes: the SESeal, the signer's certificate,
// propertyInfo, the DER of ExtensionDatas (0: none) and the time stamp token (0: none). It needs no key and is never too small.
func SignatureSize(seal, cert, property, extensions, token int) int {
	const (
		version   = 3          // tag, length, 4 or 5
		timeInfo  = 2 + 15     // YYYYMMDDHHMMSSZ
		algorithm = 2 + 9      // the longest of the three OIDs, 1.2.156.10197.1.301.1
		value     = 2 + 1 + 72 // two INTEGERs of at most 33 bytes in a SEQUENCE
		dataHash  = 2 + 1 + 32 // SM3
	)
	tbs := version + seal + timeInfo + dataHash + sizeTLV(property)
	if extensions > 0 {
		tbs += sizeTLV(extensions)
	}
	all := sizeTLV(tbs) + sizeTLV(cert) + algorithm + value
	if token > 0 {
		all += sizeTLV(sizeTLV(1 + token))
	}
	return sizeTLV(all)
}

// sizeTLV returns the length of an element with n bytes of body.
func sizeTLV(n int) int {
	size := 2 + n
	if n >= 0x80 {
		for rest := n; rest > 0; rest >>= 8 {
			size++
		}
	}
	return size
}

func writable(v Version) error {
	if v != V4 && v != V5 {
		return cannotWrite(fmt.Errorf("only v4 and v5 are written, not %s", v))
	}
	return nil
}

// checkParts refuses certificates, algorithms and signature values that would only be found wrong by whoever verifies later.
func checkParts(cert []byte, alg asn1.ObjectIdentifier, value []byte) error {
	if _, err := certificateKey(cert); err != nil {
		return cannotWrite(err)
	}
	if _, reason := unwritable(alg, value); reason != "" {
		return cannotWrite(errors.New("the signature value " + reason))
	}
	return nil
}

func cannotWrite(cause error) error {
	return fault.New(fault.Invalid, "seal-encode", "印章或签章数据无法编码，请检查所填内容", "the seal or its signature cannot be encoded: check what was filled in", cause)
}

// encode returns the DER of SES_SealInfo, without judging more than the string types.
func (i Info) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(i.Picture.Data)+2048))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addText(b, tagIA5String, headerID)
			b.AddASN1Int64(int64(i.Header.Version))
			addText(b, tagIA5String, i.Header.Vid)
		})
		addText(b, tagIA5String, i.ESID)
		b.AddASN1(cbasn1.SEQUENCE, i.Property.add)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addText(b, tagIA5String, i.Picture.Type)
			b.AddASN1OctetString(i.Picture.Data)
			b.AddASN1Int64(int64(i.Picture.Width))
			b.AddASN1Int64(int64(i.Picture.Height))
		})
		addExtensions(b, i.Extensions)
	})
	return b.Bytes()
}

func (p Property) add(b *cryptobyte.Builder) {
	b.AddASN1Int64(int64(p.Type))
	addText(b, tagUTF8String, p.Name)
	b.AddASN1Int64(int64(p.ListType))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, c := range p.Certs {
			b.AddASN1OctetString(c)
		}
		for _, d := range p.Digests {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addText(b, tagPrintableString, d.Type)
				b.AddASN1OctetString(d.Value)
			})
		}
	})
	addTime(b, p.Created)
	addTime(b, p.Start)
	addTime(b, p.End)
}

// addExtensions adds ExtensionDatas, or nothing where there are none. critical is always written: readers in the field lose entries without it.
func addExtensions(b *cryptobyte.Builder, list []Extension) {
	if len(list) == 0 {
		return
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, x := range list {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(x.OID)
				b.AddASN1Boolean(x.Critical)
				b.AddASN1OctetString(x.Value)
			})
		}
	})
}

func (t TBS) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(t.Seal)+512))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(int64(t.Version))
		b.AddBytes(t.Seal)
		addTime(b, t.Time)
		b.AddASN1BitString(t.DataHash)
		addText(b, tagIA5String, t.Property)
		if len(t.Extensions) > 0 {
			b.AddASN1(cbasn1.Tag(tagContext0), func(b *cryptobyte.Builder) { addExtensions(b, t.Extensions) })
		}
	})
	return b.Bytes()
}

// encodeSigned returns what SESeal and SES_Signature of v4 and v5 have in common: signed bytes, certificate, algorithm, value, time stamp.
func encodeSigned(signed, cert []byte, alg asn1.ObjectIdentifier, value, timeStamp []byte) ([]byte, error) {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(signed)+len(cert)+len(timeStamp)+256))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(signed)
		b.AddASN1OctetString(cert)
		b.AddASN1ObjectIdentifier(alg)
		b.AddASN1BitString(value)
		if len(timeStamp) > 0 {
			b.AddASN1(cbasn1.Tag(tagContext0), func(b *cryptobyte.Builder) { b.AddASN1BitString(timeStamp) })
		}
	})
	return b.Bytes()
}

func addText(b *cryptobyte.Builder, tag byte, s string) {
	if !validText(tag, s) || len(s) > maxText {
		b.SetError(fmt.Errorf("%.40q does not fit its string type or is longer than %d bytes", s, maxText))
		return
	}
	b.AddASN1(cbasn1.Tag(tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

func addTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		b.SetError(fmt.Errorf("the year %d cannot be written in four digits", t.Year()))
		return
	}
	b.AddASN1(cbasn1.GeneralizedTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte(t.Format(generalizedTime))) })
}
