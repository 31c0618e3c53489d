package cms

import (
	"bytes"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// knownKeys are the kinds of public key that certificates are read with; knownCurves those of EC keys. 1.2.840.10045.2.1 is id-ecPublicKey.
var (
	oidECKey  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	knownKeys = []asn1.ObjectIdentifier{oidECKey, oidRSAEncryption, {1, 3, 101, 112}, {1, 3, 101, 110}, {1, 2, 840, 10040, 4, 1}}

	knownCurves = []asn1.ObjectIdentifier{gm.OIDSM2, {1, 3, 132, 0, 33}, {1, 2, 840, 10045, 3, 1, 7}, {1, 3, 132, 0, 34}, {1, 3, 132, 0, 35}}
)

// unknownKey tells of a certificate that could not be read whether that is because its key is of a kind, or on a curve, that is not known here. Such a
// signer's value was not checked, which is not to say that it is wrong.
func (s *Signer) unknownKey(raw []byte) error {
	in := cryptobyte.String(raw)
	var cert, tbs, issuer, spki, alg cryptobyte.String
	serial := new(big.Int)
	ok := in.ReadASN1(&cert, cbasn1.SEQUENCE) && cert.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) && tbs.ReadASN1Integer(serial) && tbs.SkipASN1(cbasn1.SEQUENCE) &&
		tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.SkipASN1(cbasn1.SEQUENCE) &&
		tbs.ReadASN1(&spki, cbasn1.SEQUENCE) && spki.ReadASN1(&alg, cbasn1.SEQUENCE)
	var kind, curve asn1.ObjectIdentifier
	if !ok || !alg.ReadASN1ObjectIdentifier(&kind) {
		return nil
	}
	if is := s.IssuerSerial; is != nil && (is.Serial.Cmp(serial) != 0 || !bytes.Equal(is.Issuer, issuer)) {
		return nil // another's
	}
	switch {
	case !holds(knownKeys, kind):
		return unsupported("a key of kind %s is not known here", kind)
	case !kind.Equal(oidECKey):
		return nil
	case !alg.ReadASN1ObjectIdentifier(&curve):
		return unsupported("a curve that is not named is not used")
	case !holds(knownCurves, curve):
		return unsupported("curve %s is not known here", curve)
	}
	return nil
}

func holds(list []asn1.ObjectIdentifier, oid asn1.ObjectIdentifier) bool {
	for _, x := range list {
		if x.Equal(oid) {
			return true
		}
	}
	return false
}
