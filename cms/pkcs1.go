package cms

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"hash"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// CheckPKCS1 checks a value that is no signed data but a bare RSA signature over the document's SHA-1 digest: an OCTET STRING that holds PKCS #1 v1.5
// (adbe.x509.rsa_sha1, ISO 32000-1 12.8.3.2). The certificate stands outside it, bound by nothing. Result and error are as of Signer.Check; the Result
// is always Insecure.
func CheckPKCS1(value []byte, cert *gm.Certificate, outside DigestFunc) (Result, error) {
	d := digestByHash(crypto.SHA1)
	r := Result{Layout: Detached, DigestAlgorithm: d.name}
	r.insecure(d.name)
	r.note(NoteNoAttributes, "")
	r.note(NoteNoCertificate, "")
	sum, err := outside(func() (hash.Hash, error) { return d.new(), nil })
	if err != nil {
		return Result{}, err
	}
	pub, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		r.fail(ErrAlgorithm, "the value is RSA, the certificate's key is %T", cert.PublicKey)
		return r, nil
	}
	bits := pub.N.BitLen()
	if bits < leastRSA || bits > mostRSA {
		r.fail(ErrUnsupported, "an RSA key of %d bits is not used", bits)
		return r, nil
	}
	r.SignatureAlgorithm = fmt.Sprintf("RSA-%d with %s", bits, d.name)
	if bits < secureRSA {
		r.insecure(fmt.Sprintf("RSA key of %d bits", bits))
	}
	in := cryptobyte.String(value)
	var sig cryptobyte.String
	switch {
	case !in.ReadASN1(&sig, cbasn1.OCTET_STRING) || !in.Empty():
		r.fail(ErrValue, "the value is not an octet string")
	case !verifyPKCS1(pub, d, sum, sig):
		r.fail(ErrValue, "the value does not sign the document's SHA-1 digest with this certificate's key")
	}
	return r, nil
}
