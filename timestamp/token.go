package timestamp

import (
	"bytes"
	"errors"
	"slices"

	"golang.org/x/crypto/cryptobyte"

	"yinxin/cms"
	"yinxin/gm"
)

// Token is a TimeStampToken (RFC 3161 2.4.2) as parsed: nothing of it is believed before Check.
type Token struct {
	Info *Info
	data *cms.SignedData
}

// Parse reads a token of at most 4 MB: a ContentInfo with SignedData over a TSTInfo. BER is taken where it is met in the field, and zero bytes after it
// are the padding of the place it was kept in. The error is a *ParseError.
func Parse(token []byte) (*Token, error) {
	if len(bytes.TrimRight(token, "\x00")) > maxToken {
		return nil, &ParseError{Offset: maxToken, What: "the token is larger than 4 MB"}
	}
	sd, err := cms.Parse(token)
	if err != nil {
		var p *cms.ParseError
		if errors.As(err, &p) {
			return nil, &ParseError{Offset: p.Offset, What: p.What}
		}
		return nil, &ParseError{What: err.Error()}
	}
	switch {
	case !sd.ContentType.Equal(oidTSTInfo):
		return nil, &ParseError{What: "the content type is " + sd.ContentType.String() + ", not that of a time stamp"}
	case sd.Detached:
		return nil, &ParseError{What: "the TSTInfo is not enclosed"}
	}
	info, err := parseInfo(sd.Content, int64(max(0, bytes.Index(sd.Raw, sd.Content))))
	if err != nil {
		return nil, err
	}
	if !sd.BER && !enclosed(sd.Raw, sd.Content) {
		return nil, &ParseError{What: "the TSTInfo is not enclosed in an OCTET STRING"}
	}
	return &Token{Info: info, data: sd}, nil
}

// enclosed reports whether content stands in raw as an OCTET STRING; package cms takes other types for PKCS#7's sake.
func enclosed(raw, content []byte) bool {
	var b cryptobyte.Builder
	b.AddASN1OctetString(content)
	der, err := b.Bytes()
	return err == nil && bytes.Contains(raw, der)
}

// Raw is the token as received, without padding.
func (t *Token) Raw() []byte { return t.data.Raw }

// DER reports whether the token is DER, as what goes into a signature must be.
func (t *Token) DER() bool { return !t.data.BER && t.data.Trailing == nil }

// Certificates are those enclosed, X.509 in DER, unparsed.
func (t *Token) Certificates() [][]byte { return t.data.Certificates }

// signer finds the one signer's certificate among those enclosed and those given.
func (t *Token) signer(given [][]byte) (*cms.Signer, *gm.Certificate, error) {
	if n := len(t.data.Signers); n != 1 {
		return nil, nil, errSigners
	}
	s := &t.data.Signers[0]
	all := *t.data
	all.Certificates = slices.Concat(t.data.Certificates, given)
	cert, err := all.Certificate(s)
	return s, cert, err
}

var errSigners = errors.New("timestamp: a token has exactly one signer")
