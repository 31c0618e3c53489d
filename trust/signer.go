package trust

import (
	"bytes"
	"errors"
	"fmt"

	"yinxin/gm"
)

var (
	errNoKey       = errors.New("signed with a key of the issuer that is not here")
	errNoResponder = errors.New("signed by nobody who may answer for the issuer")
)

// signed reports whether issuer's key signed cert, as long as that is worth finding out: the certificates may come from who is to be judged.
func (j *judge) signed(cert, issuer *gm.Certificate) bool {
	if !bytes.Equal(cert.RawIssuer, issuer.RawSubject) {
		return false
	}
	if j.checks--; j.checks < 0 {
		if j.checks == -1 {
			j.flaw("", SearchGaveUp, "there are too many certificates that might have signed the evidence")
		}
		return false
	}
	return checkSignature(cert, issuer) == nil
}

// signedCRL reports whether the issuer signed the CRL, with the key that signed the certificate or with another of the same CA. weak says why that is
// no proof any more, empty where it is.
func (j *judge) signedCRL(c *crl) (weak string, code ProblemCode, err error) {
	code, err = WrongSigner, errNoKey
	for _, signer := range j.issuerKeys() {
		if !keyFits(c.keyID, signer) {
			continue
		}
		stated := hasExtension(signer, oidKeyUsage) || !signer.Equal(j.issuer) // the issuer alone need not state its usage
		if stated && signer.KeyUsage&gm.KeyUsageCRLSign == 0 {
			code, err = NotCRLSign, fmt.Errorf("%s may not sign CRLs", signer.Subject)
			continue
		}
		weak, failed := verify(signer.PublicKey, c.algorithm, c.tbs, c.signature)
		if failed == nil {
			return weak, "", nil
		}
		code, err = BadEvidence, failed
	}
	return "", code, err
}

func keyFits(id []byte, cert *gm.Certificate) bool {
	return len(id) == 0 || len(cert.SubjectKeyId) == 0 || bytes.Equal(id, cert.SubjectKeyId)
}

// issuerKeys lists the issuer's certificates: the one given, those it signed under its own name, and those of its name signed by a key that signed
// the one given.
func (j *judge) issuerKeys() []*gm.Certificate {
	if j.keys != nil {
		return j.keys
	}
	j.keys = []*gm.Certificate{j.issuer}
	parents := []*gm.Certificate{j.issuer}
	known := map[string]bool{string(j.issuer.RawSubjectPublicKeyInfo): true}
	for _, p := range j.certs {
		if !known[string(p.RawSubjectPublicKeyInfo)] && j.signed(j.issuer, p) {
			known[string(p.RawSubjectPublicKeyInfo)] = true
			parents = append(parents, p)
		}
	}
	for _, c := range j.certs {
		if !bytes.Equal(c.RawSubject, j.issuer.RawSubject) || c.Equal(j.issuer) {
			continue
		}
		for _, p := range parents {
			if j.signed(c, p) {
				j.keys = append(j.keys, c)
				break
			}
		}
	}
	return j.keys
}

// signedOCSP reports whether the issuer, or a responder to whom it gave that right, signed the response. weak is as for signedCRL.
func (j *judge) signedOCSP(r *OCSPResponse) (weak string, code ProblemCode, err error) {
	code, err = WrongSigner, errNoResponder
	signers := []*gm.Certificate{j.issuer}
	for _, raw := range r.Certificates {
		if c, err := gm.ParseCertificate(raw); err == nil {
			signers = append(signers, c)
		}
	}
	for _, signer := range append(signers, j.certs...) {
		if !r.responder(signer) {
			continue
		}
		if why := j.mayAnswer(signer, r); why != "" {
			code, err = WrongSigner, fmt.Errorf("%s %s", signer.Subject, why)
			continue
		}
		weak, failed := verify(signer.PublicKey, r.algorithm, r.tbs, r.signature)
		if failed == nil {
			return weak, "", nil
		}
		code, err = BadEvidence, failed
	}
	return "", code, err
}

// mayAnswer says why signer may not answer for the issuer (RFC 6960 4.2.2.2), empty where it may.
func (j *judge) mayAnswer(signer *gm.Certificate, r *OCSPResponse) string {
	if bytes.Equal(signer.RawSubjectPublicKeyInfo, j.issuer.RawSubjectPublicKeyInfo) && bytes.Equal(signer.RawSubject, j.issuer.RawSubject) {
		return ""
	}
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
func (r *OCSPResponse) responder(cert *gm.Certificate) bool {
	if r.ResponderName != nil {
		return bytes.Equal(r.ResponderName, cert.RawSubject)
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
