package cms

import (
	"bytes"
	"encoding/asn1"

	"yinxin/gm"
)

const (
	tagSequence = 0x30
	tagSet      = 0x31
	context0    = 0xa0
	context1    = 0xa1
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidOCSPInfo   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2} // id-ri-ocsp-response, RFC 5940
)

// Parse reads a ContentInfo that holds SignedData. BER is accepted where it is met in the field. Bytes after the value are left aside: zero bytes are
// the padding of the place it was kept in, others are kept in Trailing. The error is a *ParseError.
func Parse(data []byte) (*SignedData, error) {
	if len(data) > maxBytes {
		return nil, &ParseError{Offset: maxBytes, What: "signed data is larger than 16 MB"}
	}
	der, n, err := toDER(data)
	if err != nil {
		return nil, err
	}
	sd := &SignedData{Raw: data[:n:n], BER: len(der) != n || &der[0] != &data[0]}
	if rest := bytes.TrimRight(data[n:], "\x00"); len(rest) > 0 {
		sd.Trailing = rest
	}
	c := cursor{der, 0, len(der)}
	info, err := c.enter(tagSequence, "ContentInfo")
	if err != nil {
		return nil, err
	}
	at := info
	kind, err := info.oid("content type")
	if err != nil {
		return nil, err
	}
	switch {
	case kind.Equal(oidSignedData):
	case kind.Equal(gm.OIDGBSignedData):
		sd.GB = true
	default:
		return nil, at.fail("content type " + kind.String() + " is not signed data")
	}
	explicit, err := info.enter(context0, "content")
	if err != nil {
		return nil, err
	}
	body, err := explicit.enter(tagSequence, "SignedData")
	if err != nil {
		return nil, err
	}
	if err := sd.body(&body); err != nil {
		return nil, err
	}
	return sd, nil
}

// body reads the fields of SignedData (RFC 5652 5.1).
func (sd *SignedData) body(c *cursor) (err error) {
	if sd.Version, err = c.version("version"); err != nil {
		return err
	}
	algorithms, err := c.enter(tagSet, "digestAlgorithms")
	if err != nil {
		return err
	}
	for !algorithms.empty() {
		if len(sd.DigestAlgorithms) == maxAlgorithms {
			return algorithms.fail("too many digest algorithms")
		}
		oid, _, err := algorithms.algorithm("digest algorithm")
		if err != nil {
			return err
		}
		sd.DigestAlgorithms = append(sd.DigestAlgorithms, oid)
	}
	if err := sd.encapContent(c); err != nil {
		return err
	}
	if c.peek() == context0 {
		if err := sd.certificates(c); err != nil {
			return err
		}
	}
	if c.peek() == context1 {
		if err := sd.revocation(c); err != nil {
			return err
		}
	}
	signers, err := c.enter(tagSet, "signerInfos")
	if err != nil {
		return err
	}
	for !signers.empty() {
		if len(sd.Signers) == maxSigners {
			return signers.fail("too many signers")
		}
		s, err := parseSigner(&signers)
		if err != nil {
			return err
		}
		sd.Signers = append(sd.Signers, s)
	}
	return c.done("the signers")
}

// encapContent reads the content. PKCS#7 1.5 allows any type there, of which the contents octets are signed; CMS has an OCTET STRING, which is the same.
func (sd *SignedData) encapContent(c *cursor) error {
	in, err := c.enter(tagSequence, "encapContentInfo")
	if err != nil {
		return err
	}
	if sd.ContentType, err = in.oid("eContentType"); err != nil {
		return err
	}
	if in.empty() {
		sd.Detached = true
		return nil
	}
	explicit, err := in.enter(context0, "eContent")
	if err != nil {
		return err
	}
	_, content, err := explicit.next("eContent")
	if err != nil {
		return err
	}
	sd.Content = content.bytes()
	if err := explicit.done("eContent"); err != nil {
		return err
	}
	return in.done("eContent")
}

func (sd *SignedData) certificates(c *cursor) error {
	in, err := c.enter(context0, "certificates")
	if err != nil {
		return err
	}
	for !in.empty() {
		if len(sd.Certificates) == maxCertificates {
			return in.fail("too many certificates")
		}
		tag := in.peek()
		raw, _, err := in.next("certificate")
		if err != nil {
			return err
		}
		if tag == tagSequence {
			sd.Certificates = append(sd.Certificates, raw)
		}
	}
	return nil
}

func (sd *SignedData) revocation(c *cursor) error {
	in, err := c.enter(context1, "crls")
	if err != nil {
		return err
	}
	for !in.empty() {
		if len(sd.CRLs) == maxRevocation || len(sd.OCSPs) == maxRevocation {
			return in.fail("too much revocation information")
		}
		tag := in.peek()
		raw, other, err := in.next("revocation information")
		if err != nil {
			return err
		}
		switch tag {
		case tagSequence:
			sd.CRLs = append(sd.CRLs, raw)
		case context1:
			oid, err := other.oid("revocation information format")
			if err != nil {
				return err
			}
			if oid.Equal(oidOCSPInfo) {
				sd.OCSPs = append(sd.OCSPs, other.bytes())
			}
		}
	}
	return nil
}

// parseSigner reads one SignerInfo (RFC 5652 5.3).
func parseSigner(c *cursor) (s Signer, err error) {
	in, err := c.enter(tagSequence, "SignerInfo")
	if err != nil {
		return s, err
	}
	if s.Version, err = in.version("signer version"); err != nil {
		return s, err
	}
	if err := s.identifier(&in); err != nil {
		return s, err
	}
	if s.DigestAlgorithm, _, err = in.algorithm("digest algorithm"); err != nil {
		return s, err
	}
	if in.peek() == context0 {
		attrs, err := in.enter(context0, "signed attributes")
		if err != nil {
			return s, err
		}
		s.RawAttributes = attrs.bytes()
		if s.Attributes, err = parseAttributes(attrs); err != nil {
			return s, err
		}
	}
	if s.SignatureAlgorithm, s.SignatureParams, err = in.algorithm("signature algorithm"); err != nil {
		return s, err
	}
	if s.Value, err = in.octets("signature value"); err != nil {
		return s, err
	}
	if in.peek() == context1 {
		attrs, err := in.enter(context1, "unsigned attributes")
		if err != nil {
			return s, err
		}
		if s.Unsigned, err = parseAttributes(attrs); err != nil {
			return s, err
		}
	}
	return s, in.done("the signer")
}

// identifier reads a SignerIdentifier: issuer and serial number, or [0] the subject key identifier, met with and without a tag of its own inside.
func (s *Signer) identifier(c *cursor) (err error) {
	switch c.peek() {
	case 0x80:
		id, err := c.enter(0x80, "subject key identifier")
		s.SubjectKeyID = id.bytes()
		return err
	case context0:
		id, err := c.enter(context0, "subject key identifier")
		if err != nil {
			return err
		}
		s.SubjectKeyID, err = id.octets("subject key identifier")
		return err
	}
	in, err := c.enter(tagSequence, "signer identifier")
	if err != nil {
		return err
	}
	s.IssuerSerial, err = parseIssuerSerial(&in)
	return err
}

func parseIssuerSerial(c *cursor) (*IssuerSerial, error) {
	issuer, err := c.element(tagSequence, "issuer")
	if err != nil {
		return nil, err
	}
	serial, err := c.integer("serial number")
	if err != nil {
		return nil, err
	}
	return &IssuerSerial{Issuer: issuer, Serial: serial}, c.done("the serial number")
}

func parseAttributes(c cursor) ([]Attribute, error) {
	var out []Attribute
	for !c.empty() {
		if len(out) == maxAttributes {
			return nil, c.fail("too many attributes")
		}
		in, err := c.enter(tagSequence, "attribute")
		if err != nil {
			return nil, err
		}
		var a Attribute
		if a.Type, err = in.oid("attribute type"); err != nil {
			return nil, err
		}
		values, err := in.enter(tagSet, "attribute values")
		if err != nil {
			return nil, err
		}
		for !values.empty() {
			if len(a.Values) == maxAttrValues {
				return nil, values.fail("too many values of an attribute")
			}
			v, _, err := values.next("attribute value")
			if err != nil {
				return nil, err
			}
			a.Values = append(a.Values, v)
		}
		if err := in.done("the attribute values"); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
