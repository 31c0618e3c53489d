package trust

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ParseError says where a CRL or an OCSP response is malformed. Offset counts bytes from its start and lies where reading stopped.
type ParseError struct {
	Offset int64
	What   string
}

// Error returns what is wrong and where.
func (e *ParseError) Error() string { return fmt.Sprintf("trust: %s near byte %d", e.What, e.Offset) }

// malformed makes a ParseError. rest must be cut from whole by reading on: its capacity then tells how far that went.
func malformed(whole []byte, rest cryptobyte.String, what string) error {
	return &ParseError{Offset: int64(cap(whole) - cap(rest)), What: "malformed " + what}
}

var (
	oidReasonCode        = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidityDate    = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidDeltaCRL          = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidIssuingPoint      = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidCertificateIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
	oidCRLNumber         = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidExpiredOnCRL      = asn1.ObjectIdentifier{2, 5, 29, 60}
	oidAuthorityKey      = asn1.ObjectIdentifier{2, 5, 29, 35}
)

// crl is a CRL (RFC 5280 5). The entries stay bytes and are searched where they lie: a CRL may hold a million.
type crl struct {
	raw, tbs   []byte
	digest     func() []byte // of raw, computed once: it may be large, and a Set's own is met with every file
	algorithm  algorithm
	signature  []byte
	issuer     []byte // DER Name
	issuerName string // as comparable text
	thisUpdate time.Time
	nextUpdate time.Time         // zero where absent
	entries    cryptobyte.String // contents of revokedCertificates
	keyID      []byte            // of the authority key identifier
	number     *big.Int          // nil where absent
	base       *big.Int          // of a delta CRL: the number of the complete one it adds to
	delta      bool
	scope      scope
	expired    time.Time             // certificates that expired after it are still listed (X.509 expiredCertsOnCRL); zero where absent
	unknown    asn1.ObjectIdentifier // a critical extension not known here
	origin     Origin
}

// parseCRL reads a CRL of version 1 or 2 in DER. The entries are read when searched.
func parseCRL(der []byte) (*crl, error) {
	if len(der) > maxCRL {
		return nil, &ParseError{Offset: maxCRL, What: "CRL is larger than 64 MB"}
	}
	c := &crl{raw: der, digest: sync.OnceValue(func() []byte { return sum(crypto.SHA256, der) })}
	in := cryptobyte.String(der)
	var list, tbs, bits cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() || !list.ReadASN1Element(&tbs, cbasn1.SEQUENCE) {
		return nil, malformed(der, in, "CRL")
	}
	c.tbs = tbs
	outer := list
	var ok bool
	if c.algorithm, ok = readAlgorithm(&list); !ok || !list.ReadASN1BitStringAsBytes((*[]byte)(&bits)) || !list.Empty() {
		return nil, malformed(der, list, "CRL signature")
	}
	c.signature = bits
	if err := c.parseTBS(der, tbs, outer); err != nil {
		return nil, err
	}
	return c, nil
}

// parseTBS reads TBSCertList. outer begins with the algorithm identifier that the signature names.
func (c *crl) parseTBS(der []byte, tbs, outer cryptobyte.String) error {
	var in, inner, alg, issuer, extensions cryptobyte.String
	version := 0
	if !tbs.ReadASN1(&in, cbasn1.SEQUENCE) ||
		in.PeekASN1Tag(cbasn1.INTEGER) && (!in.ReadASN1Integer(&version) || version != 1) ||
		!in.ReadASN1Element(&inner, cbasn1.SEQUENCE) || !outer.ReadASN1Element(&alg, cbasn1.SEQUENCE) || !bytes.Equal(inner, alg) ||
		!in.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !readTime(&in, &c.thisUpdate) {
		return malformed(der, in, "CRL")
	}
	c.issuer, c.issuerName = issuer, nameKey(issuer)
	if in.PeekASN1Tag(cbasn1.UTCTime) || in.PeekASN1Tag(cbasn1.GeneralizedTime) {
		if !readTime(&in, &c.nextUpdate) {
			return malformed(der, in, "nextUpdate")
		}
	}
	var present bool
	if !in.ReadOptionalASN1(&c.entries, &present, cbasn1.SEQUENCE) ||
		!in.ReadOptionalASN1(&extensions, &present, cbasn1.Tag(0).ContextSpecific().Constructed()) || !in.Empty() {
		return malformed(der, in, "CRL")
	}
	if !present {
		return nil
	}
	return readExtensions(der, extensions, func(oid asn1.ObjectIdentifier, critical bool, value cryptobyte.String) bool {
		switch {
		case oid.Equal(oidAuthorityKey):
			return readKeyID(value, &c.keyID)
		case oid.Equal(oidDeltaCRL):
			c.delta, c.base = true, new(big.Int)
			return value.ReadASN1Integer(c.base)
		case oid.Equal(oidIssuingPoint):
			return c.scope.read(value)
		case oid.Equal(oidCRLNumber):
			c.number = new(big.Int)
			return value.ReadASN1Integer(c.number)
		case oid.Equal(oidExpiredOnCRL):
			return value.ReadASN1GeneralizedTime(&c.expired)
		case critical:
			c.unknown = oid
		}
		return true
	})
}

// readExtensions reads SEQUENCE OF Extension and hands each over; each returns false where the value is malformed.
func readExtensions(der []byte, in cryptobyte.String, each func(asn1.ObjectIdentifier, bool, cryptobyte.String) bool) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) {
		return malformed(der, in, "extensions")
	}
	for !list.Empty() {
		var ext, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&ext, cbasn1.SEQUENCE) || !ext.ReadASN1ObjectIdentifier(&oid) ||
			ext.PeekASN1Tag(cbasn1.BOOLEAN) && !ext.ReadASN1Boolean(&critical) ||
			!ext.ReadASN1(&value, cbasn1.OCTET_STRING) || !each(oid, critical, value) {
			return malformed(der, ext, "extension")
		}
	}
	return nil
}

func readKeyID(value cryptobyte.String, id *[]byte) bool {
	var seq, out cryptobyte.String
	var present bool
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1(&out, &present, cbasn1.Tag(0).ContextSpecific()) {
		return false
	}
	*id = out
	return true
}

// entry is one line of a CRL.
type entry struct {
	time   time.Time
	reason int
	issuer []byte // DER Name of the certificate's issuer, where the line states one
}

// find searches the entries for a certificate of the issuer, a DER Name. In an indirect CRL a line that names an issuer speaks for those that follow.
func (c *crl) find(serial *big.Int, issuer []byte) (e entry, found bool, err error) {
	want, err := asn1.Marshal(serial)
	if err != nil {
		return e, false, err
	}
	wanted, current := "", ""
	if c.scope.indirect {
		wanted, current = nameKey(issuer), c.issuerName
	}
	for in := c.entries; !in.Empty(); {
		var line, number cryptobyte.String
		if !in.ReadASN1(&line, cbasn1.SEQUENCE) || !line.ReadASN1Element(&number, cbasn1.INTEGER) {
			return e, false, malformed(c.raw, in, "CRL entry")
		}
		same := bytes.Equal(number, want)
		if !same && !c.scope.indirect {
			continue
		}
		if e, err = c.entry(line); err != nil {
			return e, false, err
		}
		if e.issuer != nil {
			current = nameKey(e.issuer)
		}
		if same && current == wanted {
			return e, true, nil
		}
	}
	return entry{}, false, nil
}

func (c *crl) entry(line cryptobyte.String) (e entry, err error) {
	if !readTime(&line, &e.time) {
		return e, malformed(c.raw, line, "revocation date")
	}
	if line.Empty() {
		return e, nil
	}
	err = readExtensions(c.raw, line, func(oid asn1.ObjectIdentifier, critical bool, value cryptobyte.String) bool {
		switch {
		case oid.Equal(oidReasonCode):
			return value.ReadASN1Enum(&e.reason) && (e.reason != removeFromCRL || c.delta)
		case oid.Equal(oidInvalidityDate):
		case oid.Equal(oidCertificateIssuer):
			e.issuer = readIssuer(value)
			return e.issuer != nil && c.scope.indirect // another issuer's certificate, which only an indirect CRL may list
		case critical:
			return false // a meaning not known here
		}
		return true
	})
	return e, err
}

// readIssuer reads the directory name of GeneralNames; nil where there is none.
func readIssuer(value cryptobyte.String) []byte {
	for _, n := range readNames(value) {
		if n.kind == nameDirectory {
			return n.value
		}
	}
	return nil
}

// readNames reads GeneralNames; nil where they are malformed or too many.
func readNames(value cryptobyte.String) (list []generalName) {
	var in cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) || !value.Empty() {
		return nil
	}
	for !in.Empty() {
		if !readName(&in, &list) || len(list) > maxNames {
			return nil
		}
	}
	return list
}

// Reasons with a meaning of their own (RFC 5280 5.3.1).
const (
	certificateHold = 6
	removeFromCRL   = 8 // in delta CRLs only
)

var reasonNames = map[int]string{
	0: "unspecified", 1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation",
	6: "certificateHold", 9: "privilegeWithdrawn", 10: "aACompromise",
}

func reasonName(code int) string {
	if s, ok := reasonNames[code]; ok {
		return s
	}
	return fmt.Sprintf("reason %d", code)
}

func readTime(in *cryptobyte.String, t *time.Time) bool {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		return in.ReadASN1UTCTime(t)
	}
	return in.ReadASN1GeneralizedTime(t)
}
