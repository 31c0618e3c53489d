package local

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io/fs"
	"math/big"
	"path"
	"time"

	"yinxin/ca"
	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
)

// Issue makes a certificate of an SM2, RSA or P-256 key, whatever the root's: digitalSignature and nonRepudiation, no authority, for a period within
// the root's. It is in the index before it is returned; where an error is returned it is not.
func (c *CA) Issue(ctx context.Context, r ca.Request) (*gm.Certificate, error) {
	template, err := c.template(r)
	if err != nil {
		return nil, err
	}
	cert, err := c.sign(ctx, template, c.cert, r.Public)
	if err != nil {
		return nil, err
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	err = c.append(line{
		Serial:      serialText(cert.SerialNumber),
		Status:      statusValid,
		Profile:     r.Profile,
		Subject:     cert.Subject.String(),
		USCC:        r.Subject.USCC,
		NotAfter:    cert.NotAfter,
		At:          c.now().UTC().Truncate(time.Second),
		Certificate: cert.Raw,
	})
	if err != nil {
		return nil, err
	}
	// From here on the certificate is issued, whatever happens: a file that could not be written is made again by Open.
	_ = durable.Replace(c.root, issuedFile(cert.SerialNumber), gm.EncodePEM(cert))
	return cert, nil
}

func (c *CA) template(r ca.Request) (*gm.Certificate, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	if _, ok := usable(r.Public); !ok {
		return nil, fault.New(fault.Invalid, "certificate-public-key",
			fmt.Sprintf("这个证书机构只为 SM2、P-256 和 %d 至 %d 位的 RSA 公钥签发证书", leastRSA, mostRSA),
			fmt.Sprintf("this certificate authority certifies SM2, P-256, and RSA keys of %d to %d bits only", leastRSA, mostRSA), nil)
	}
	if equal(r.Public, c.cert.PublicKey) {
		return nil, fault.New(fault.Denied, "certificate-root-key",
			"不能为根密钥自身签发证书：证书持有者必须使用自己的密钥",
			"the root's own key is not certified again: the holder needs a key of their own", nil)
	}
	from, to := r.NotBefore.UTC().Truncate(time.Second), r.NotAfter.UTC().Truncate(time.Second)
	if err := c.checkPeriod(from, to); err != nil {
		return nil, err
	}
	id, err := keyID(r.Public)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	template := &gm.Certificate{
		SerialNumber:          serial,
		Subject:               r.Subject.Name(),
		NotBefore:             from,
		NotAfter:              to,
		KeyUsage:              gm.KeyUsageDigitalSignature | gm.KeyUsageContentCommitment, // never keyEncipherment, also for RSA: these keys only sign
		BasicConstraintsValid: true,
		SubjectKeyId:          id,
		AuthorityKeyId:        c.cert.SubjectKeyId, // the builder leaves it out where subject and issuer have one name
	}
	if r.Profile == ca.TSA {
		template.ExtraExtensions = []pkix.Extension{stampingOnly()}
	}
	if cfg.CRLURL != "" {
		template.CRLDistributionPoints = []string{cfg.CRLURL}
	}
	return template, nil
}

// stampingOnly is the extended key usage of a time stamping authority: SEQUENCE { id-kp-timeStamping }, critical as RFC 3161 2.3 wants it, which the
// builder's own extended key usage is not.
func stampingOnly() pkix.Extension {
	return pkix.Extension{
		Id:       asn1.ObjectIdentifier{2, 5, 29, 37},
		Critical: true,
		Value:    []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08},
	}
}

// checkPeriod holds a certificate's life within the root's, since nobody can verify it outside.
func (c *CA) checkPeriod(from, to time.Time) error {
	if from.Before(c.cert.NotBefore) || to.After(c.cert.NotAfter) {
		const day = time.RFC3339
		return fault.New(fault.Invalid, "certificate-validity",
			fmt.Sprintf("证书有效期 %s 至 %s 超出根证书有效期 %s 至 %s：请缩短有效期，或先换根证书",
				from.Format(day), to.Format(day), c.cert.NotBefore.Format(day), c.cert.NotAfter.Format(day)),
			fmt.Sprintf("the validity %s to %s goes beyond the root's, %s to %s: shorten it, or renew the root first",
				from.Format(day), to.Format(day), c.cert.NotBefore.Format(day), c.cert.NotAfter.Format(day)), nil)
	}
	if !to.After(c.now()) {
		return fault.New(fault.Invalid, "certificate-validity",
			"证书有效期已经结束，没有签发", "the validity is over already, so nothing was issued", nil)
	}
	return nil
}

func issuedFile(serial *big.Int) string { return path.Join(issuedName, serialText(serial)+".crt") }

// restore writes the files of issued certificates that are missing.
func (c *CA) restore(ctx context.Context) error {
	unlock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := fs.ReadDir(c.root.FS(), issuedName)
	if err != nil {
		return damaged(c.dir, issuedName, err)
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	var failed error
	err = c.scan(func(l line) {
		if l.Status != statusValid || there[l.Serial+".crt"] || failed != nil {
			return
		}
		cert, err := gm.ParseCertificate(l.Certificate)
		if err == nil && serialText(cert.SerialNumber) != l.Serial {
			err = fmt.Errorf("its line says %s", l.Serial)
		}
		if err != nil {
			failed = damaged(c.dir, indexName, fmt.Errorf("certificate %s: %w", l.Serial, err))
			return
		}
		if err := durable.Replace(c.root, issuedFile(cert.SerialNumber), gm.EncodePEM(cert)); err != nil {
			failed = unavailable(c.dir, err)
		}
	})
	if err != nil {
		return err
	}
	return failed
}
