package cms

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// Builder writes the SignedData of one signer over content that stays outside. The key is asked between its two steps: Attributes gives the bytes that
// are signed, Assemble the whole from those bytes and the answer. So the key may be anywhere, and everything but value and token is known before.
//
// What it writes is DER. The one SET OF that is not put in DER order is that of the certificates: the signer's comes first, as readers that look no
// further expect, and RFC 5652 asks for DER in the signed attributes only.
type Builder struct {
	cert  *gm.Certificate
	certs []byte // the enclosed certificates, one after the other
	gb    bool
	how   method
	size  int // bound without a token
}

// NewBuilder writes plain CMS (RFC 5652) with the attributes of a CAdES signature in a PDF (ETSI EN 319 142-1): content-type, message-digest and
// signing-certificate-v2 (RFC 5035). The algorithm is that of the key in cert: SM2 with SM3 (1.2.156.10197.1.501), RSA of 2048 bits or more in
// PKCS #1 v1.5 with SHA-256, or ECDSA on P-256 with SHA-256; another key is fault.Invalid. cert and chain are X.509 in DER; they are enclosed in
// this order, so the chain should go up from the signer, and its root may be left out.
func NewBuilder(cert []byte, chain ...[]byte) (*Builder, error) {
	return newBuilder(false, cert, chain)
}

// NewGBBuilder writes the shape of GB/T 35275: its own content types, version 1, SM2 with SM3 under 1.2.156.10197.1.301.1, and the attributes
// content-type, message-digest and signing-time. A key that is not SM2 is fault.Invalid. The certificates are as for NewBuilder.
func NewGBBuilder(cert []byte, chain ...[]byte) (*Builder, error) {
	return newBuilder(true, cert, chain)
}

func newBuilder(gb bool, der []byte, chain [][]byte) (*Builder, error) {
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the signer's certificate: %w", err)
	}
	if len(chain) >= maxCertificates {
		return nil, fmt.Errorf("cms: %d certificates are more than %d", len(chain)+1, maxCertificates)
	}
	how, err := methodOf(cert, gb)
	if err != nil {
		return nil, err
	}
	b := &Builder{cert: cert, certs: slices.Clone(cert.Raw), gb: gb, how: how}
	for i, der := range chain {
		c, err := gm.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("read certificate %d of the chain: %w", i+1, err)
		}
		b.certs = append(b.certs, c.Raw...)
	}
	if b.size, err = b.measure(); err != nil {
		return nil, err
	}
	return b, nil
}

// Certificate is the signer's.
func (b *Builder) Certificate() *gm.Certificate { return b.cert }

// DigestAlgorithm is how the content is hashed, SM3 or SHA-256; Hash makes the hash.
func (b *Builder) DigestAlgorithm() asn1.ObjectIdentifier { return b.how.digest.oid }

// Attributes returns what the key signs: the signed attributes as the DER of their SET OF, for content with the digest sum. An SM2 key signs
// e = SM3(ZA‖attributes), the others SHA-256 of them. at is the time claimed; only the GB/T 35275 shape holds it, in whole seconds. Plain CMS is made
// for PDF, where the time stands in the signature dictionary's M and a signing-time attribute beside it shall not be (EN 319 142-1, 6.3).
func (b *Builder) Attributes(sum []byte, at time.Time) ([]byte, error) {
	if len(sum) != b.how.digest.size() {
		return nil, fmt.Errorf("cms: a digest of %d bytes is not %s", len(sum), b.how.digest.name)
	}
	var list [][]byte
	add := func(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) error {
		der, err := attributeDER(oid, value)
		list = append(list, der)
		return err
	}
	err := errors.Join(
		add(OIDContentType, func(v *cryptobyte.Builder) { v.AddASN1ObjectIdentifier(b.dataType()) }),
		add(OIDMessageDigest, func(v *cryptobyte.Builder) { v.AddASN1OctetString(sum) }),
	)
	if b.gb {
		err = errors.Join(err, add(OIDSigningTime, func(v *cryptobyte.Builder) { addTime(v, at.UTC()) }))
	} else {
		err = errors.Join(err, add(OIDSigningCertificateV2, b.signingCertificate))
	}
	if err != nil {
		return nil, fmt.Errorf("cms: write the signed attributes: %w", err)
	}
	slices.SortFunc(list, bytes.Compare) // the order of a DER SET OF (X.690, 11.6)
	var set cryptobyte.Builder
	set.AddASN1(cbasn1.SET, func(s *cryptobyte.Builder) { s.AddBytes(slices.Concat(list...)) })
	return set.Bytes()
}

// Assemble returns the ContentInfo. attributes are what Attributes returned, value is the key's answer over them, and token a DER TimeStampToken over
// the octets of value (RFC 3161, appendix A), nil for none. Of an SM2 or ECDSA key the value must be DER SEQUENCE{r,s}. Nothing is checked against
// the key: Signer.Check does that.
func (b *Builder) Assemble(attributes, value, token []byte) ([]byte, error) {
	set := cryptobyte.String(attributes)
	var body cryptobyte.String
	if !set.ReadASN1(&body, cbasn1.SET) || !set.Empty() || body.Empty() {
		return nil, errors.New("cms: the attributes are not a SET")
	}
	if !b.how.takes(value) {
		return nil, fmt.Errorf("cms: a value of %d bytes is not a signature of the certificate's key", len(value))
	}
	if token != nil {
		der, n, err := toDER(token)
		if err != nil || n != len(token) || &der[0] != &token[0] || token[0] != tagSequence {
			return nil, errors.Join(errors.New("cms: the time stamp token is not one value in DER"), err)
		}
	}
	return b.encode(body, value, token)
}

// tokenFrame bounds what a token adds to itself, in bytes: its attribute (the identifier and at most three headers of six bytes), the tag of the
// unsigned attributes, and what the five lengths around them may grow.
const tokenFrame = 64

// Size is an upper bound in bytes of what Assemble returns with a token of at most that many bytes, 0 for none.
func (b *Builder) Size(token int) int {
	if token <= 0 {
		return b.size
	}
	return b.size + token + tokenFrame
}

// measure returns the largest size without a token: that of a whole built like any other, with the longest value and the longer form of a time.
func (b *Builder) measure() (int, error) {
	attributes, err := b.Attributes(make([]byte, b.how.digest.size()), time.Date(firstGeneralized, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return 0, err
	}
	set := cryptobyte.String(attributes)
	var body cryptobyte.String
	if !set.ReadASN1(&body, cbasn1.SET) {
		return 0, errors.New("cms: the attributes are not a SET")
	}
	whole, err := b.encode(body, make([]byte, b.how.longest), nil)
	return len(whole), err
}
