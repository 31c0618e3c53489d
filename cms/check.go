package cms

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

	"yinxin/gm"
)

// DigestFunc hashes the bytes outside that the signature protects, with the hash that newHash makes. It may be called twice. For SM2 without signed
// attributes newHash starts with ZA, so the sum is e.
type DigestFunc func(newHash func() (hash.Hash, error)) ([]byte, error)

// DigestOf is the DigestFunc of content held in memory.
func DigestOf(content []byte) DigestFunc {
	return func(newHash func() (hash.Hash, error)) ([]byte, error) {
		h, err := newHash()
		if err != nil {
			return nil, err
		}
		h.Write(content)
		return h.Sum(nil), nil
	}
}

// Check says whether the signer's value, attributes and content fit one another and cert's key. It runs all that can run.
//
// outside hashes the document that the signature is about; nil where the enclosed content itself is what matters (a time stamp token). With content
// enclosed and outside given, the content must be that document or its digest. The error is outside's own: the document could not be read, so there is
// no result.
func (s *Signer) Check(sd *SignedData, cert *gm.Certificate, outside DigestFunc) (Result, error) {
	c := check{s: s, sd: sd, outside: outside}
	c.r.DigestAlgorithm = HashName(s.DigestAlgorithm)
	c.r.Attributes = s.RawAttributes != nil
	c.shape()
	c.multiplied()
	c.binding(cert)
	d, ok := digestByOID(s.DigestAlgorithm)
	if !ok {
		c.r.fail(ErrUnsupported, "digest algorithm %s is not known here", s.DigestAlgorithm)
		return c.r, nil
	}
	if d.strength == Insecure {
		c.r.insecure(d.name)
	}
	if err := c.layout(d); err != nil {
		return Result{}, err
	}
	how := c.algorithm(cert.PublicKey, d)
	var err error
	if c.r.Attributes {
		err = c.overAttributes(how, d)
	} else {
		err = c.overContent(how)
	}
	if err != nil {
		return Result{}, err
	}
	return c.r, nil
}

type check struct {
	r       Result
	s       *Signer
	sd      *SignedData
	outside DigestFunc
}

// shape notes what deviates in the form.
func (c *check) shape() {
	if c.sd.BER {
		c.r.note(NoteBER, "")
	}
	if n := len(c.sd.Trailing); n > 0 {
		c.r.note(NoteTrailing, fmt.Sprintf("%d bytes", n))
	}
	if want := c.s.wantVersion(); c.s.Version != want {
		c.r.note(NoteIdentifierKind, fmt.Sprintf("version %d, not %d", c.s.Version, want))
	}
	if !slices.ContainsFunc(c.sd.DigestAlgorithms, c.s.DigestAlgorithm.Equal) {
		c.r.note(NoteUnlisted, c.r.DigestAlgorithm)
	}
	switch {
	case !c.r.Attributes:
		c.r.note(NoteNoAttributes, "")
	case !sorted(c.s.RawAttributes):
		c.r.note(NoteUnsorted, "")
	}
	if c.sd.BER && c.r.Attributes && !bytes.Contains(c.sd.Raw, c.s.RawAttributes) {
		c.r.note(NoteRewritten, "")
	}
}

// wantVersion is 1 with issuer and serial number, 3 with a subject key identifier (RFC 5652 5.3).
func (s *Signer) wantVersion() int {
	if s.IssuerSerial != nil {
		return 1
	}
	return 3
}

// sorted reports whether attributes are in the order of a DER SET OF.
func sorted(raw []byte) bool {
	c := cursor{raw, 0, len(raw)}
	for prev := []byte(nil); !c.empty(); {
		next, _, err := c.next("attribute")
		if err != nil || bytes.Compare(prev, next) > 0 {
			return false
		}
		prev = next
	}
	return true
}

// binding checks the attributes that tie the signature to one certificate and to its algorithms.
func (c *check) binding(cert *gm.Certificate) {
	switch present, err := c.s.CheckSigningCertificate(cert); {
	case err != nil:
		c.r.fail(ErrCertificate, "%v", err)
	case !present:
		c.r.note(NoteNoCertificate, "")
	}
	if err := c.s.checkProtection(); err != nil {
		c.r.fail(ErrAlgorithm, "%v", err)
	}
}

// layout says where the content is. Enclosed content must stand for the document outside, where there is one.
func (c *check) layout(d digest) error {
	if c.sd.Detached {
		c.r.Layout = Detached
		if c.outside == nil {
			c.r.fail(ErrContent, "the content is not enclosed")
		}
		return nil
	}
	c.r.Layout = Enclosed
	if c.outside == nil {
		return nil
	}
	sum, err := c.outside(func() (hash.Hash, error) { return d.new(), nil })
	if err != nil {
		return err
	}
	text, textErr := base64.StdEncoding.DecodeString(string(c.sd.Content[:min(len(c.sd.Content), 2*d.size())]))
	switch {
	case equal(c.sd.Content, sum):
		c.r.Layout = Digested
		return nil
	case textErr == nil && equal(text, sum) && len(c.sd.Content) < 2*d.size():
		c.r.Layout = Digested
		c.r.note(NoteDigestAsText, "")
		return nil
	case equal(hashOf(d, c.sd.Content), sum):
		return nil
	case len(c.sd.Content) == crypto.SHA1.Size():
		return c.sha1Layout()
	}
	c.r.fail(ErrDigest, "the enclosed content is neither the document nor its digest")
	return nil
}

// sha1Layout is that of adbe.pkcs7.sha1: the content is the document's SHA-1 digest whatever the signer's digest algorithm (ISO 32000-1 12.8.3.3.1).
func (c *check) sha1Layout() error {
	sum, err := c.outside(func() (hash.Hash, error) { return crypto.SHA1.New(), nil })
	if err != nil {
		return err
	}
	if !equal(c.sd.Content, sum) {
		c.r.fail(ErrDigest, "the enclosed content is neither the document nor its digest")
		return nil
	}
	c.r.Layout = Digested
	c.r.insecure("SHA-1")
	c.r.note(NoteOtherDigest, "")
	return nil
}

// algorithm chooses how the value is checked; nil where that is impossible.
func (c *check) algorithm(key crypto.PublicKey, d digest) *scheme {
	how, err := c.s.scheme(key, d)
	switch {
	case errors.Is(err, ErrUnsupported):
		c.r.fail(ErrUnsupported, "%s", strings.TrimPrefix(err.Error(), ErrUnsupported.Error()+": "))
		return nil
	case err != nil:
		c.r.fail(ErrAlgorithm, "%v", err)
		return nil
	}
	c.r.SignatureAlgorithm = how.name
	if how.weakness != "" {
		c.r.insecure(how.weakness)
	}
	if how.raw {
		c.r.note(NoteRawSignature, "")
	}
	if how.salted && how.salt != d.size() {
		c.r.note(NoteSalt, fmt.Sprintf("%d bytes", how.salt))
	}
	return &how
}

// overAttributes: the attributes state the content's digest and type, the value signs the attributes.
func (c *check) overAttributes(how *scheme, d digest) error {
	sum, known, err := c.contentSum(func() (hash.Hash, error) { return d.new(), nil })
	if err != nil {
		return err
	}
	switch stated, err := c.s.MessageDigest(); {
	case err != nil:
		c.r.fail(ErrAttributes, "%v", err)
	case stated == nil:
		c.r.fail(ErrAttributes, "the message-digest attribute is absent")
	case known && !equal(stated, sum):
		c.r.fail(ErrDigest, "the content's digest is not the one signed")
	}
	c.contentType()
	if how == nil {
		return nil
	}
	signed, err := how.sum(c.s.SignedAttributes())
	if err != nil {
		c.r.fail(ErrAlgorithm, "%v", err)
		return nil
	}
	c.value(how, signed)
	return nil
}

// SignedAttributes returns the bytes the value signs: the attributes in the order received, as the SET OF that RFC 5652 5.4 asks for in the place of
// the [0] tag. It is nil where there are none.
func (s *Signer) SignedAttributes() []byte {
	if s.RawAttributes == nil {
		return nil
	}
	out := appendLength([]byte{tagSet}, len(s.RawAttributes))
	return append(out, s.RawAttributes...)
}

// contentType compares the attribute with the content's type (RFC 5652 11.1).
func (c *check) contentType() {
	stated, err := c.s.ContentTypeAttr()
	switch {
	case err != nil:
		c.r.fail(ErrAttributes, "%v", err)
	case stated == nil:
		c.r.fail(ErrAttributes, "the content-type attribute is absent")
	case stated.Equal(c.sd.ContentType):
	case isData(stated) && isData(c.sd.ContentType):
		c.r.note(NoteContentType, stated.String()+" signed for "+c.sd.ContentType.String())
	default:
		c.r.fail(ErrAttributes, "the content type is %s, %s was signed", c.sd.ContentType, stated)
	}
}

func isData(oid []int) bool {
	return slices.Equal(oid, oidData) || slices.Equal(oid, gm.OIDGBData)
}

// overContent: without attributes the value signs the content itself.
func (c *check) overContent(how *scheme) error {
	if how == nil {
		return nil
	}
	if how.newHash == nil {
		if c.sd.Detached {
			c.r.fail(ErrUnsupported, "%s without signed attributes needs the content enclosed", how.name)
			return nil
		}
		c.value(how, c.sd.Content)
		return nil
	}
	sum, known, err := c.contentSum(how.newHash)
	if err != nil || !known {
		return err
	}
	c.value(how, sum)
	return nil
}

func (c *check) value(how *scheme, signed []byte) {
	if !how.verify(signed) {
		c.r.fail(ErrValue, "the value is not a %s signature by this certificate's key over what it should sign", how.name)
	}
}

// contentSum hashes what the signature calls its content. known is false where there is none, which layout has reported.
func (c *check) contentSum(newHash func() (hash.Hash, error)) (sum []byte, known bool, err error) {
	switch {
	case !c.sd.Detached:
		sum, err = DigestOf(c.sd.Content)(newHash)
	case c.outside != nil:
		sum, err = c.outside(newHash)
	default:
		return nil, false, nil
	}
	return sum, true, err
}

// sum is what verify takes for a message.
func (s *scheme) sum(msg []byte) ([]byte, error) {
	if s.newHash == nil {
		return msg, nil
	}
	return DigestOf(msg)(s.newHash)
}

func hashOf(d digest, msg []byte) []byte {
	h := d.new()
	h.Write(msg)
	return h.Sum(nil)
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
