package timestamp

import (
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Query asks for a token: TimeStampReq of RFC 3161 2.4.1.
type Query struct {
	Version      int // 1
	Imprint      Imprint
	Policy       asn1.ObjectIdentifier // nil leaves it to the authority
	Nonce        *big.Int              // nil for none
	Certificates bool                  // certReq: the token shall hold the authority's certificate
	Extensions   []Extension
}

// ParseQuery reads a TimeStampReq in DER of at most 16 KB. The error is a *ParseError. Whether the imprint's digest is as long as its hash makes it is
// for Imprint.Check.
func ParseQuery(der []byte) (*Query, error) {
	if len(der) > maxQuery {
		return nil, &ParseError{Offset: maxQuery, What: "the query is larger than 16 KB"}
	}
	outer := newReader(der, 0)
	r, err := outer.enter(cbasn1.SEQUENCE, "TimeStampReq")
	if err != nil {
		return nil, err
	}
	if err := outer.done("TimeStampReq"); err != nil {
		return nil, err
	}
	q := new(Query)
	if q.Version, err = r.version("version"); err != nil {
		return nil, err
	}
	if q.Imprint, err = r.imprint(); err != nil {
		return nil, err
	}
	if r.is(cbasn1.OBJECT_IDENTIFIER) {
		if q.Policy, err = r.oid("reqPolicy"); err != nil {
			return nil, err
		}
	}
	if r.is(cbasn1.INTEGER) {
		if q.Nonce, err = r.number("nonce"); err != nil {
			return nil, err
		}
	}
	if q.Certificates, err = r.boolean("certReq"); err != nil {
		return nil, err
	}
	if q.Extensions, err = r.extensions(constructed(0)); err != nil {
		return nil, err
	}
	return q, r.done("the fields of TimeStampReq")
}

// Marshal writes the query as DER.
func (q *Query) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(int64(q.Version))
		addImprint(b, q.Imprint)
		if q.Policy != nil {
			b.AddASN1ObjectIdentifier(q.Policy)
		}
		if q.Nonce != nil {
			b.AddASN1BigInt(q.Nonce)
		}
		if q.Certificates {
			b.AddASN1Boolean(true)
		}
		addExtensions(b, constructed(0), q.Extensions)
	})
	return b.Bytes()
}
