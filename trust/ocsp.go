package trust

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// Bounds on one OCSP response.
const (
	maxSingles   = 1000
	maxOCSPCerts = 20
)

var (
	oidBasicResponse = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidArchiveCutoff = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
)

// OCSPResponse is an OCSP response (RFC 6960), parsed and not yet believed.
type OCSPResponse struct {
	Raw           []byte // as received
	Code          int    // 0 successful, else the responder's refusal: there are no answers then
	ProducedAt    time.Time
	ResponderName []byte // DER Name, or nil
	ResponderKey  []byte // hash of the responder's key, or nil
	Answers       []OCSPAnswer
	Certificates  [][]byte // the responder's, DER

	tbs, signature []byte
	algorithm      algorithm
	unknown        asn1.ObjectIdentifier // a critical extension not known here
}

// OCSPAnswer is the status of one certificate.
type OCSPAnswer struct {
	Hash       asn1.ObjectIdentifier // of the issuer's name and key
	NameHash   []byte
	KeyHash    []byte
	Serial     *big.Int
	Status     Status
	RevokedAt  time.Time
	Reason     int // RFC 5280 5.3.1
	ThisUpdate time.Time
	NextUpdate time.Time // zero where absent

	cutoff  time.Time // certificates that expired after it are still known (archive cutoff); zero where absent
	unknown asn1.ObjectIdentifier
}

// ParseOCSP reads an OCSPResponse, or the BasicOCSPResponse inside one, in DER. The error is a *ParseError.
func ParseOCSP(der []byte) (*OCSPResponse, error) {
	if len(der) > maxOCSP {
		return nil, &ParseError{Offset: maxOCSP, What: "OCSP response is larger than 1 MB"}
	}
	r := &OCSPResponse{Raw: der}
	in := cryptobyte.String(der)
	var outer cryptobyte.String
	if !in.ReadASN1(&outer, cbasn1.SEQUENCE) || !in.Empty() {
		return nil, malformed(der, in, "OCSP response")
	}
	if outer.PeekASN1Tag(cbasn1.SEQUENCE) {
		if err := r.readBasic(outer); err != nil {
			return nil, err
		}
		return r, nil
	}
	if !outer.ReadASN1Enum(&r.Code) {
		return nil, malformed(der, outer, "OCSP response status")
	}
	if r.Code != 0 && outer.Empty() {
		return r, nil
	}
	var explicit, seq, octets, basic cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !outer.ReadASN1(&explicit, cbasn1.Tag(0).ContextSpecific().Constructed()) || !outer.Empty() ||
		!explicit.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidBasicResponse) ||
		!seq.ReadASN1(&octets, cbasn1.OCTET_STRING) || !octets.ReadASN1(&basic, cbasn1.SEQUENCE) || !octets.Empty() {
		return nil, malformed(der, outer, "OCSP response")
	}
	if err := r.readBasic(basic); err != nil {
		return nil, err
	}
	return r, nil
}

// readBasic reads the contents of BasicOCSPResponse.
func (r *OCSPResponse) readBasic(in cryptobyte.String) error {
	var tbs, bits, certs, list cryptobyte.String
	var ok, present bool
	if !in.ReadASN1Element(&tbs, cbasn1.SEQUENCE) {
		return malformed(r.Raw, in, "OCSP response data")
	}
	r.tbs = tbs
	if r.algorithm, ok = readAlgorithm(&in); !ok || !in.ReadASN1BitStringAsBytes((*[]byte)(&bits)) ||
		!in.ReadOptionalASN1(&certs, &present, cbasn1.Tag(0).ContextSpecific().Constructed()) || !in.Empty() {
		return malformed(r.Raw, in, "OCSP response signature")
	}
	r.signature = bits
	if present && !certs.ReadASN1(&list, cbasn1.SEQUENCE) {
		return malformed(r.Raw, certs, "OCSP responder certificates")
	}
	for !list.Empty() {
		var cert cryptobyte.String
		if !list.ReadASN1Element(&cert, cbasn1.SEQUENCE) || len(r.Certificates) == maxOCSPCerts {
			return malformed(r.Raw, list, "OCSP responder certificates")
		}
		r.Certificates = append(r.Certificates, cert)
	}
	return r.readData(tbs)
}

// readData reads ResponseData.
func (r *OCSPResponse) readData(tbs cryptobyte.String) error {
	var in, id, list, extensions cryptobyte.String
	version := 0
	if !tbs.ReadASN1(&in, cbasn1.SEQUENCE) ||
		!in.ReadOptionalASN1Integer(&version, cbasn1.Tag(0).ContextSpecific().Constructed(), 0) || version != 0 {
		return malformed(r.Raw, in, "OCSP response version")
	}
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&id, &tag) {
		return malformed(r.Raw, in, "OCSP responder")
	}
	switch tag {
	case cbasn1.Tag(1).ContextSpecific().Constructed():
		r.ResponderName = id
	case cbasn1.Tag(2).ContextSpecific().Constructed():
		var key cryptobyte.String
		if !id.ReadASN1(&key, cbasn1.OCTET_STRING) {
			return malformed(r.Raw, id, "OCSP responder")
		}
		r.ResponderKey = key
	default:
		return malformed(r.Raw, in, "OCSP responder")
	}
	var present bool
	if !in.ReadASN1GeneralizedTime(&r.ProducedAt) || !in.ReadASN1(&list, cbasn1.SEQUENCE) ||
		!in.ReadOptionalASN1(&extensions, &present, cbasn1.Tag(1).ContextSpecific().Constructed()) || !in.Empty() {
		return malformed(r.Raw, in, "OCSP response data")
	}
	for !list.Empty() {
		if len(r.Answers) == maxSingles {
			return malformed(r.Raw, list, "OCSP response: too many answers")
		}
		a, err := r.readAnswer(&list)
		if err != nil {
			return err
		}
		r.Answers = append(r.Answers, a)
	}
	if !present {
		return nil
	}
	return readExtensions(r.Raw, extensions, func(oid asn1.ObjectIdentifier, critical bool, _ cryptobyte.String) bool {
		if critical {
			r.unknown = oid
		}
		return true
	})
}

// readAnswer reads SingleResponse.
func (r *OCSPResponse) readAnswer(list *cryptobyte.String) (a OCSPAnswer, err error) {
	var in, id, name, key cryptobyte.String
	a.Serial = new(big.Int)
	bad := func() (OCSPAnswer, error) { return a, malformed(r.Raw, *list, "OCSP answer") }
	if !list.ReadASN1(&in, cbasn1.SEQUENCE) || !in.ReadASN1(&id, cbasn1.SEQUENCE) {
		return bad()
	}
	alg, ok := readAlgorithm(&id)
	if !ok || !id.ReadASN1(&name, cbasn1.OCTET_STRING) || !id.ReadASN1(&key, cbasn1.OCTET_STRING) || !id.ReadASN1Integer(a.Serial) {
		return bad()
	}
	a.Hash, a.NameHash, a.KeyHash = alg.oid, name, key
	if !a.readStatus(&in) || !in.ReadASN1GeneralizedTime(&a.ThisUpdate) {
		return bad()
	}
	var next, extensions cryptobyte.String
	var hasNext, hasExt bool
	if !in.ReadOptionalASN1(&next, &hasNext, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		hasNext && !next.ReadASN1GeneralizedTime(&a.NextUpdate) ||
		!in.ReadOptionalASN1(&extensions, &hasExt, cbasn1.Tag(1).ContextSpecific().Constructed()) || !in.Empty() {
		return bad()
	}
	if !hasExt {
		return a, nil
	}
	err = readExtensions(r.Raw, extensions, func(oid asn1.ObjectIdentifier, critical bool, value cryptobyte.String) bool {
		switch {
		case oid.Equal(oidArchiveCutoff):
			return value.ReadASN1GeneralizedTime(&a.cutoff)
		case critical:
			a.unknown = oid
		}
		return true
	})
	return a, err
}

// readStatus reads CertStatus: good [0] NULL, revoked [1] {time, reason [0]}, unknown [2] NULL.
func (a *OCSPAnswer) readStatus(in *cryptobyte.String) bool {
	var body, reason cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&body, &tag) {
		return false
	}
	switch tag {
	case cbasn1.Tag(0).ContextSpecific():
		a.Status = StatusGood
		return len(body) == 0
	case cbasn1.Tag(2).ContextSpecific():
		a.Status = StatusUnknown
		return len(body) == 0
	case cbasn1.Tag(1).ContextSpecific().Constructed():
		a.Status = StatusRevoked
		var present bool
		return body.ReadASN1GeneralizedTime(&a.RevokedAt) &&
			body.ReadOptionalASN1(&reason, &present, cbasn1.Tag(0).ContextSpecific().Constructed()) &&
			(!present || reason.ReadASN1Enum(&a.Reason)) && body.Empty()
	}
	return false
}

// about reports whether the answer is for cert of issuer.
func (a *OCSPAnswer) about(cert, issuer *gm.Certificate) bool {
	if a.Serial.Cmp(cert.SerialNumber) != 0 {
		return false
	}
	name, ok := hashBy(a.Hash, cert.RawIssuer)
	if !ok || !bytes.Equal(name, a.NameHash) {
		return false
	}
	key, ok := hashBy(a.Hash, keyBits(issuer))
	return ok && bytes.Equal(key, a.KeyHash)
}

func hashBy(oid asn1.ObjectIdentifier, data []byte) ([]byte, bool) {
	if oid.Equal(gm.OIDSM3) {
		sum := gm.SM3(data)
		return sum[:], true
	}
	for _, h := range hashes {
		if h.oid.Equal(oid) {
			return sum(h.hash, data), true
		}
	}
	return nil, false
}

// keyBits returns the contents of the subjectPublicKey bit string, what key hashes are made of.
func keyBits(cert *gm.Certificate) []byte {
	in := cryptobyte.String(cert.RawSubjectPublicKeyInfo)
	var seq cryptobyte.String
	var bits []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	return bits
}
