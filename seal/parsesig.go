package seal

import (
	"encoding/asn1"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ParseSignature reads one SES_Signature of any generation with the seal inside it. Failures and the life of der are those of Parse. A signature
// of one generation round a seal of another is refused, except that v4 and v5 are laid out alike: Validate compares their version fields.
func ParseSignature(der []byte) (*Signature, error) {
	d := &decoder{in: der}
	e, c := d.whole("SES_Signature")
	s := readSignature(e, c)
	if d.err != nil {
		return nil, d.err.public("电子签章", "seal signature")
	}
	return s, nil
}

func readSignature(e element, c cursor) *Signature {
	d := c.d
	s := &Signature{Raw: e.raw}
	n := c.count("SES_Signature", 5)
	if d.err == nil && n != 2 && n != 4 && n != 5 {
		d.fail(e.off, "SES_Signature", fmt.Sprintf("has %d fields: v1 has 2, v4 and v5 have 4 or 5", n))
	}
	tbs := c.take("SES_Signature.toSign", tagSequence)
	s.RawTBS = tbs.raw
	tc := c.into(tbs)
	readTBS(tc, s, n == 2)
	if n != 2 {
		s.Cert = c.octets("SES_Signature.cert", maxCert)
		s.Alg = c.oid("SES_Signature.signatureAlgID")
	}
	s.Value = c.value("SES_Signature.signature", s.Alg)
	if n == 5 {
		s.TimeStamp = c.token("SES_Signature.timeStamp")
	}
	c.done("SES_Signature")
	s.Deviations = d.deviations
	return s
}

// readTBS reads TBS_Sign into s. old says that it is laid out as v1.
func readTBS(c cursor, s *Signature, old bool) {
	d, at := c.d, c.pos
	s.TBSVersion = c.integer("TBS_Sign.version")
	es := c.take("TBS_Sign.eseal", tagSequence)
	if d.err != nil {
		return
	}
	s.RawSeal = es.raw
	s.Seal = readSeal(es, c.into(es))
	if d.err != nil {
		return
	}
	s.Version = s.Seal.Version
	if old != (s.Version == V1) {
		d.fail(es.off, "TBS_Sign.eseal", "is a "+s.Version.String()+" seal inside a signature of another generation")
		return
	}
	if !old && s.TBSVersion != int(s.Version) {
		d.note(at, "TBS_Sign.version", fmt.Sprintf("写作 %d，而印章是 %s", s.TBSVersion, s.Version),
			fmt.Sprintf("is %d round a %s seal", s.TBSVersion, s.Version))
	}
	if old {
		s.TimeInfo = c.bits("TBS_Sign.timeInfo", maxToken)
		readTimeInfo(s)
	} else {
		s.Time = c.time("TBS_Sign.timeInfo", false)
	}
	at = c.pos
	s.DataHash = c.bits("TBS_Sign.dataHash", maxValue)
	if !old && len(s.DataHash) != dataHashSize {
		d.note(at, "TBS_Sign.dataHash", fmt.Sprintf("长 %d 字节", len(s.DataHash)), fmt.Sprintf("has %d bytes", len(s.DataHash)))
	}
	s.Property = c.text("TBS_Sign.propertyInfo", tagIA5String)
	if old {
		s.Cert = c.octets("TBS_Sign.cert", maxCert)
		s.Alg = c.oid("TBS_Sign.signatureAlgorithm")
	} else if c.more() {
		x := c.enter("TBS_Sign.extDatas", tagContext0)
		s.Extensions = readExtensions(&x, "TBS_Sign.extDatas")
		x.done("TBS_Sign.extDatas")
	}
	c.done("TBS_Sign")
}

// dataHashSize is the length of the SM3 digests of v4 and v5 in bytes.
const dataHashSize = 32

// chinaTime is the zone of v1 times written without one.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// readTimeInfo finds out what v1 holds in timeInfo: a token, a DER time or text (GM/T 0031-2014 leaves it open). What it cannot read stays in TimeInfo.
func readTimeInfo(s *Signature) {
	if isToken(s.TimeInfo) {
		s.TimeToken = s.TimeInfo
		return
	}
	d := &decoder{in: s.TimeInfo}
	c := cursor{d: d, end: len(s.TimeInfo)}
	if t := c.time("timeInfo", true); d.err == nil && !c.more() {
		s.Time = t
		return
	}
	if len(s.TimeInfo) == 0 || len(s.TimeInfo) > maxTimeText {
		return
	}
	for _, b := range s.TimeInfo {
		if b < 0x20 || b > 0x7e {
			return
		}
	}
	s.TimeText = string(s.TimeInfo)
	for _, layout := range timeTexts {
		if t, err := time.ParseInLocation(layout, s.TimeText, chinaTime); err == nil {
			s.Time = t.UTC()
			return
		}
	}
}

const maxTimeText = 64

// timeTexts are the ways v1 signatures write times as text. RFC 3339 carries its zone (and, in Go, any fraction).
var timeTexts = [...]string{time.RFC3339, "2006-01-02 15:04:05", generalizedTime, utcTime}

// isToken reports whether b looks like a ContentInfo: one SEQUENCE that begins with the OID of signedData.
func isToken(b []byte) bool {
	in := cryptobyte.String(b)
	var body cryptobyte.String
	var oid asn1.ObjectIdentifier
	return len(b) > 0 && in.ReadASN1(&body, cbasn1.SEQUENCE) && in.Empty() &&
		body.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) && body.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidSignedData)
}

// oidSignedData is id-signedData of RFC 5652, the content type of every RFC 3161 token.
var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
