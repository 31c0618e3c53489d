package timestamp

import (
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ParseError says where a token, a query or a reply is malformed. Offset counts bytes from the start of what was parsed; inside a token that is BER it
// is that of the DER form.
type ParseError struct {
	Offset int64
	What   string
}

// Error returns what is wrong and where.
func (e *ParseError) Error() string { return fmt.Sprintf("timestamp: %s at byte %d", e.What, e.Offset) }

// Bounds on hostile input.
const (
	maxToken      = 4 << 20 // bytes of a token: the authority's certificates and revocation lists may ride along
	maxMessage    = 4<<20 + 64<<10
	maxQuery      = 16 << 10
	maxNumber     = 64 // bytes of a serial number or a nonce, with its tag and length; RFC 3161 asks readers for 160 bits
	maxExtensions = 32
	maxTexts      = 16
	maxText       = 4 << 10 // bytes of one status text
)

// reader walks DER and knows where it is.
type reader struct {
	in  cryptobyte.String
	end int64 // offset of the end of in
}

func newReader(der []byte, base int64) reader { return reader{der, base + int64(len(der))} }

func (r *reader) at() int64 { return r.end - int64(len(r.in)) }

func (r *reader) fail(what string) error { return &ParseError{Offset: r.at(), What: what} }

func (r *reader) is(tag cbasn1.Tag) bool { return r.in.PeekASN1Tag(tag) }

// enter takes an element that must have the tag and returns a reader over its contents.
func (r *reader) enter(tag cbasn1.Tag, what string) (reader, error) {
	var body cryptobyte.String
	at := r.at()
	if !r.in.ReadASN1(&body, tag) {
		return reader{}, &ParseError{Offset: at, What: what + " expected"}
	}
	return reader{body, r.at()}, nil
}

// element takes one element whole, whatever its tag.
func (r *reader) element(what string) ([]byte, error) {
	var out cryptobyte.String
	var tag cbasn1.Tag
	at := r.at()
	if !r.in.ReadAnyASN1Element(&out, &tag) {
		return nil, &ParseError{Offset: at, What: what + " expected"}
	}
	return out, nil
}

func (r *reader) oid(what string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	at := r.at()
	if !r.in.ReadASN1ObjectIdentifier(&oid) {
		return nil, &ParseError{Offset: at, What: what + " expected"}
	}
	return oid, nil
}

func (r *reader) octets(what string) ([]byte, error) {
	in, err := r.enter(cbasn1.OCTET_STRING, what)
	return in.in, err
}

func (r *reader) number(what string) (*big.Int, error) {
	at := r.at()
	var element cryptobyte.String
	n := new(big.Int)
	if !r.in.ReadASN1Element(&element, cbasn1.INTEGER) || len(element) > maxNumber || !element.ReadASN1Integer(n) {
		return nil, &ParseError{Offset: at, What: what + " expected"}
	}
	return n, nil
}

// version is a small number.
func (r *reader) version(what string) (int, error) {
	at := r.at()
	n, err := r.number(what)
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > 100 {
		return 0, &ParseError{Offset: at, What: what + " is out of range"}
	}
	return int(n.Int64()), nil
}

// boolean is a BOOLEAN DEFAULT FALSE. FALSE is met written out, against DER.
func (r *reader) boolean(what string) (bool, error) {
	if !r.is(cbasn1.BOOLEAN) {
		return false, nil
	}
	var out bool
	at := r.at()
	if !r.in.ReadASN1Boolean(&out) {
		return false, &ParseError{Offset: at, What: what + " expected"}
	}
	return out, nil
}

// done reports what is left over.
func (r *reader) done(what string) error {
	if !r.in.Empty() {
		return r.fail("something follows " + what)
	}
	return nil
}

// imprint reads a MessageImprint. The parameters of the hash are NULL or absent.
func (r *reader) imprint() (i Imprint, err error) {
	in, err := r.enter(cbasn1.SEQUENCE, "messageImprint")
	if err != nil {
		return i, err
	}
	alg, err := in.enter(cbasn1.SEQUENCE, "the hash algorithm")
	if err != nil {
		return i, err
	}
	if i.Hash, err = alg.oid("the hash algorithm"); err != nil {
		return i, err
	}
	if alg.is(cbasn1.NULL) {
		if null, err := alg.enter(cbasn1.NULL, "NULL"); err != nil || !null.in.Empty() {
			return i, alg.fail("the hash algorithm's NULL is not empty")
		}
	}
	if err := alg.done("the hash algorithm"); err != nil {
		return i, err
	}
	if i.Digest, err = in.octets("hashedMessage"); err != nil {
		return i, err
	}
	return i, in.done("the imprint")
}

// Extension is one extension of a TSTInfo or of a query.
type Extension struct {
	ID       asn1.ObjectIdentifier
	Critical bool
	Value    []byte // contents of the OCTET STRING
}

// extensions reads Extensions under a context tag, IMPLICIT.
func (r *reader) extensions(tag cbasn1.Tag) (out []Extension, err error) {
	if !r.is(tag) {
		return nil, nil
	}
	list, err := r.enter(tag, "extensions")
	if err != nil {
		return nil, err
	}
	for !list.in.Empty() {
		if len(out) == maxExtensions {
			return nil, list.fail("too many extensions")
		}
		in, err := list.enter(cbasn1.SEQUENCE, "extension")
		if err != nil {
			return nil, err
		}
		var e Extension
		if e.ID, err = in.oid("extension identifier"); err != nil {
			return nil, err
		}
		if e.Critical, err = in.boolean("critical"); err != nil {
			return nil, err
		}
		if e.Value, err = in.octets("extension value"); err != nil {
			return nil, err
		}
		if err := in.done("the extension"); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func tagged(n uint8) cbasn1.Tag      { return cbasn1.Tag(n).ContextSpecific() }
func constructed(n uint8) cbasn1.Tag { return tagged(n).Constructed() }

func addAlgorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, null bool) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if null {
			b.AddASN1NULL()
		}
	})
}

// addImprint writes a MessageImprint. The hash has the NULL that RFC 3161's contemporaries write, and that RFC 5754 2 says readers must take.
func addImprint(b *cryptobyte.Builder, i Imprint) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addAlgorithm(b, i.Hash, true)
		b.AddASN1OctetString(i.Digest)
	})
}

func addExtensions(b *cryptobyte.Builder, tag cbasn1.Tag, list []Extension) {
	if len(list) == 0 {
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, e := range list {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.ID)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}
