package trust

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"

	"yinxin/gm"
)

var (
	errNoKey       = errors.New("signed with a key of the issuer that is not here")
	errNoResponder = errors.New("signed by nobody who may answer for the issuer")

	oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
)

// signed reports whether issuer's key signed cert, as long as that is worth finding out: the certificates may come from who is to be judged.
func (j *judge) signed(cert, issuer *gm.Certificate) bool {
	if !j.set.sameName(cert.RawIssuer, issuer.RawSubject) {
		return false
	}
	if j.checks--; j.checks < 0 {
		if j.checks == -1 {
			j.flaw("", SearchGaveUp, "there are too many certificates that might have signed the evidence")
		}
		return false
	}
	return j.set.signed(cert, issuer) == nil
}

// signedCRL finds who signed the CRL: the issuer, with the key that signed the certificate or with another of the same CA, or whoever a distribution
// point leaves it to. weak says why that is no proof any more, empty where it is.
func (j *judge) signedCRL(c *crl, direct bool) (by *gm.Certificate, weak string, code ProblemCode, err error) {
	code, err = WrongSigner, errNoKey
	signers := j.issuerKeys()
	if !direct {
		signers = j.certified(c.issuer)
	}
	for _, signer := range signers {
		if !keyFits(c.keyID, signer) {
			continue
		}
		own := signer.Equal(j.issuer)
		stated := hasExtension(signer, oidKeyUsage) || !own // the issuer alone need not state its usage
		switch {
		case stated && signer.KeyUsage&gm.KeyUsageCRLSign == 0:
			code, err = NotCRLSign, fmt.Errorf("%s may not sign CRLs", signer.Subject)
			continue
		case !own && (c.thisUpdate.Before(signer.NotBefore) || c.thisUpdate.After(signer.NotAfter)):
			code, err = WrongSigner, fmt.Errorf("%s was not valid when it signed", signer.Subject)
			continue
		}
		weak, failed := j.set.evidenceSigned(signer, c.algorithm, c.tbs, c.signature, c.digest())
		if failed == nil {
			return signer, weak, "", nil
		}
		code, err = BadEvidence, failed
	}
	return nil, "", code, err
}

func keyFits(id []byte, cert *gm.Certificate) bool {
	return len(id) == 0 || len(cert.SubjectKeyId) == 0 || bytes.Equal(id, cert.SubjectKeyId)
}

// issuerKeys lists the issuer's certificates: the one given, those it signed under its own name, and those of its name signed by a key that signed
// the one given.
func (j *judge) issuerKeys() []*gm.Certificate {
	if j.keys == nil {
		j.keys = append([]*gm.Certificate{j.issuer}, j.certified(j.issuer.RawSubject)...)
	}
	return j.keys
}

// certified lists the certificates of a name that the issuer signed, that a key signed which signed the issuer, or that have such a key themselves: so
// whoever may speak hangs below the same authority as the certificate.
func (j *judge) certified(name []byte) (out []*gm.Certificate) {
	if j.parents == nil {
		j.parents = []*gm.Certificate{j.issuer}
		known := map[string]bool{string(j.issuer.RawSubjectPublicKeyInfo): true}
		for _, p := range j.certs {
			if !known[string(p.RawSubjectPublicKeyInfo)] && j.signed(j.issuer, p) {
				known[string(p.RawSubjectPublicKeyInfo)] = true
				j.parents = append(j.parents, p)
			}
		}
	}
	for _, p := range j.parents[1:] {
		if j.set.sameName(p.RawSubject, name) {
			out = append(out, p)
		}
	}
	for _, c := range j.certs {
		if !j.set.sameName(c.RawSubject, name) || c.Equal(j.issuer) || len(c.UnhandledCriticalExtensions) > 0 {
			continue
		}
		for _, p := range j.parents {
			if j.signed(c, p) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// signedOCSP finds who signed the response: the issuer, or a responder to whom it gave that right. weak is as for signedCRL.
func (j *judge) signedOCSP(r *OCSPResponse) (by *Speaker, weak string, code ProblemCode, err error) {
	code, err = WrongSigner, errNoResponder
	signers := []*gm.Certificate{j.issuer}
	for _, raw := range r.Certificates {
		if c, err := gm.ParseCertificate(raw); err == nil {
			signers = append(signers, c)
		}
	}
	for _, signer := range append(signers, j.certs...) {
		if !r.responder(j.set, signer) {
			continue
		}
		own := j.isIssuer(signer)
		if why := j.mayAnswer(signer, r); !own && why != "" {
			code, err = WrongSigner, fmt.Errorf("%s %s", signer.Subject, why)
			continue
		}
		weak, failed := j.set.evidenceSigned(signer, r.algorithm, r.tbs, r.signature, r.Raw)
		if failed != nil {
			code, err = BadEvidence, failed
			continue
		}
		by := speaker(signer, j.issuer)
		by.Delegated = !own
		if !own && !hasExtension(signer, oidNoCheck) {
			revoked, known := j.listed(signer)
			if revoked {
				code, err = WrongSigner, fmt.Errorf("%s was revoked itself", signer.Subject)
				continue
			}
			by.Unchecked = !known
		}
		return by, weak, "", nil
	}
	return nil, "", code, err
}

// isIssuer reports another certificate of the issuer's own name and key.
func (j *judge) isIssuer(cert *gm.Certificate) bool {
	return bytes.Equal(cert.RawSubjectPublicKeyInfo, j.issuer.RawSubjectPublicKeyInfo) && j.set.sameName(cert.RawSubject, j.issuer.RawSubject)
}

// mayAnswer says why signer may not answer for the issuer (RFC 6960 4.2.2.2), empty where it may.
func (j *judge) mayAnswer(signer *gm.Certificate, r *OCSPResponse) string {
	delegated := false
	for _, u := range signer.ExtKeyUsage {
		delegated = delegated || u == gm.ExtKeyUsageOCSPSigning
	}
	signs, _ := KeyUsageForSigning(signer)
	switch {
	case !delegated || !signs:
		return "has no right to sign OCSP responses"
	case r.ProducedAt.Before(signer.NotBefore) || r.ProducedAt.After(signer.NotAfter):
		return "was not valid when it answered"
	case len(signer.UnhandledCriticalExtensions) > 0:
		return "has a critical extension that is not known here"
	case !j.signed(signer, j.issuer):
		return "was not issued by the certificate's issuer"
	}
	return ""
}

// responder reports whether cert is who the response says signed it. The key hash is SHA-1 by RFC 6960; SM3 and SHA-256 are taken too.
func (r *OCSPResponse) responder(s *Set, cert *gm.Certificate) bool {
	if r.ResponderName != nil {
		return s.sameName(r.ResponderName, cert.RawSubject)
	}
	key := keyBits(cert)
	if len(r.ResponderKey) == gm.DigestSize {
		sm3 := gm.SM3(key)
		sha, _ := hashBy(oidSHA256, key)
		return bytes.Equal(r.ResponderKey, sm3[:]) || bytes.Equal(r.ResponderKey, sha)
	}
	sha, _ := hashBy(oidSHA1, key)
	return bytes.Equal(r.ResponderKey, sha)
}
