package sign

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// question is what is put to a key, and how its answer is told right.
type question struct {
	algorithm hsm.Algorithm
	digest    []byte
	settle    func(sig []byte) (value []byte, err error) // value is sig as it is written
}

// ask makes the question whose answer is a signature over msg by the key of cert.
func ask(cert *gm.Certificate, msg []byte) (question, error) {
	spec, err := hsm.SpecOf(cert.PublicKey)
	if err != nil {
		return question{}, err
	}
	q := question{algorithm: spec.Algorithm}
	switch pub := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256(msg)
		q.digest = sum[:]
		q.settle = func(sig []byte) ([]byte, error) { return sig, rsa.VerifyPKCS1v15(pub, crypto.SHA256, q.digest, sig) }
	case *ecdsa.PublicKey:
		verify := ecdsa.VerifyASN1
		if spec.Algorithm == hsm.SM2 {
			verify = gm.VerifyE
			q.digest, err = gm.E(pub, msg)
		} else {
			sum := sha256.Sum256(msg)
			q.digest = sum[:]
		}
		q.settle = func(sig []byte) ([]byte, error) {
			der, err := gm.CanonicalSignature(sig) // P-256 has numbers of 32 bytes too
			if err == nil && !verify(pub, q.digest, der) {
				err = errors.New("sign: the value does not verify under the certificate's key")
			}
			return der, err
		}
	}
	return q, err
}

// Fits refuses a key that is not the one of cert, without asking it.
func Fits(cert *gm.Certificate, k hsm.Key) error {
	if pub, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && pub.Equal(k.Public()) {
		return nil
	}
	return fault.New(fault.Invalid, "key-certificate-mismatch",
		"密钥与证书不是一对：请用证书 "+cert.Subject.CommonName+" 对应的密钥",
		"the key does not belong to the certificate "+cert.Subject.CommonName+": name the key it was issued for", nil)
}

// answer asks k once for a signature over msg: SM2 as DER SEQUENCE{r,s} over e = SM3(ZA‖msg), RSA in PKCS #1 v1.5 or P-256 as DER over SHA-256. A key
// that is not that of cert is refused before it is asked, and the answer is checked before it is returned: a key that answers wrongly must not put
// its answer into a document.
func answer(ctx context.Context, k hsm.Key, cert *gm.Certificate, msg []byte) ([]byte, error) {
	if err := Fits(cert, k); err != nil {
		return nil, err
	}
	q, err := ask(cert, msg)
	if err != nil {
		return nil, err
	}
	sig, err := k.Sign(ctx, q.digest, q.algorithm)
	if err != nil {
		return nil, fmt.Errorf("ask the key: %w", err)
	}
	value, err := q.settle(sig)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "key-answer-wrong",
			"密钥设备返回的签名不正确，已弃用，未产生文件；请检查密钥设备", "the key device answered with a wrong signature, which was discarded; no file was made: check the device", err)
	}
	return value, nil
}

// sealCertificate reads the certificate of a maker or of a seal's signer, whose keys are SM2.
func sealCertificate(der []byte) (*gm.Certificate, error) {
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if !gm.IsSM2(cert.PublicKey) {
		return nil, fault.New(fault.Invalid, "certificate-not-sm2", "证书的公钥不是 SM2，不能用于电子签章", "the certificate's key is not SM2: it cannot make a seal signature", nil)
	}
	return cert, nil
}
