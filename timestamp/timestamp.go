// Package timestamp holds RFC 3161 time stamps: tokens are made, read and checked here, and so are the two messages in which an authority is asked for
// one. timestamp/tsa is that authority, and the client that asks one.
//
//	token, err := timestamp.Parse(bytes)                    // DER or BER, bounded; the error is a *ParseError
//	facts, err := token.Check(cms.DigestOf(octets))         // plain data: what holds, what does not, and the time
//
// Nothing here does I/O or judges a chain: Facts carries the authority's certificate and what came with it, and package trust says whether a chain leads
// from there to an anchor for time stamping. What is stamped is named by its digest alone, an Imprint, so that a document can be hashed once.
//
// Tokens made with SM2 are shaped after public descriptions of GB/T 20520 use in seals: the RFC's structure with SM3 and SM2.
package timestamp

import (
	"context"
	"crypto/subtle"
	"encoding/asn1"
	"fmt"
	"slices"

	"yinxin/cms"
	"yinxin/gm"
)

// The hashes that imprints are made with here. Tokens with others are read and checked as far as package cms knows the hash.
var (
	OIDSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	OIDSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	OIDSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// hashNames are how a profile and a command line name the hashes.
func hashNames() []struct {
	name string
	oid  asn1.ObjectIdentifier
} {
	return []struct {
		name string
		oid  asn1.ObjectIdentifier
	}{{"sm3", gm.OIDSM3}, {"sha256", OIDSHA256}, {"sha384", OIDSHA384}, {"sha512", OIDSHA512}}
}

// Hashes lists SM3, SHA-256, SHA-384 and SHA-512: what imprints may be made with.
func Hashes() []asn1.ObjectIdentifier {
	var out []asn1.ObjectIdentifier
	for _, h := range hashNames() {
		out = append(out, h.oid)
	}
	return out
}

// HashByName returns the hash called sm3, sha256, sha384 or sha512; ok is false for any other name.
func HashByName(name string) (oid asn1.ObjectIdentifier, ok bool) {
	for _, h := range hashNames() {
		if h.name == name {
			return h.oid, true
		}
	}
	return nil, false
}

// HashName is the opposite of HashByName; a hash that is none of Hashes is named by its dotted identifier.
func HashName(oid asn1.ObjectIdentifier) string {
	for _, h := range hashNames() {
		if h.oid.Equal(oid) {
			return h.name
		}
	}
	return oid.String()
}

// Imprint is what is stamped: the digest of some bytes, and how it was made (MessageImprint of RFC 3161 2.4.1).
type Imprint struct {
	Hash   asn1.ObjectIdentifier
	Digest []byte
}

// Over returns the imprint of octets, such as those of a signature value. A hash that is none of Hashes is an error.
func Over(hash asn1.ObjectIdentifier, octets []byte) (Imprint, error) {
	if !slices.ContainsFunc(Hashes(), hash.Equal) {
		return Imprint{}, fmt.Errorf("timestamp: no imprint is made with the hash %s", hash)
	}
	h, _, err := cms.Hash(hash)
	if err != nil {
		return Imprint{}, fmt.Errorf("timestamp: make an imprint: %w", err)
	}
	h.Write(octets)
	return Imprint{Hash: hash, Digest: h.Sum(nil)}, nil
}

// Equal compares two imprints, their digests in constant time.
func (i Imprint) Equal(other Imprint) bool {
	return i.Hash.Equal(other.Hash) && subtle.ConstantTimeCompare(i.Digest, other.Digest) == 1
}

// Check refuses an imprint whose hash is none of Hashes or whose digest is not as long as the hash makes it.
func (i Imprint) Check() error {
	h, _, err := cms.Hash(i.Hash)
	if err != nil || !slices.ContainsFunc(Hashes(), i.Hash.Equal) {
		return fmt.Errorf("timestamp: no imprint is made with the hash %s", i.Hash)
	}
	if len(i.Digest) != h.Size() {
		return fmt.Errorf("timestamp: a digest of %d bytes is not %s", len(i.Digest), cms.HashName(i.Hash))
	}
	return nil
}

// Source gives tokens.
type Source interface {
	// Hash says with which hash the imprint for Token is made: own, the hash of the signature that is stamped, unless the source is known to take
	// another.
	Hash(own asn1.ObjectIdentifier) asn1.ObjectIdentifier
	// Token returns a DER TimeStampToken over the imprint, checked: it is over this imprint, signed, and fresh.
	Token(ctx context.Context, i Imprint) ([]byte, error)
	// MaxTokenBytes is the longest token this source has promised, learnt by a probe.
	MaxTokenBytes() int
}
