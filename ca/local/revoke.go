package local

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"yinxin/ca"
	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
)

// Record is what the index says of one certificate.
type Record struct {
	Serial   *big.Int
	Profile  ca.Profile
	Subject  string // RFC 2253
	USCC     string
	Issued   time.Time
	NotAfter time.Time

	Revoked   bool
	RevokedAt time.Time
	Reason    ca.Reason
}

// Records returns all certificates in the order they were issued.
func (c *CA) Records(ctx context.Context) ([]Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []Record
	place := map[string]int{}
	err := c.scan(func(l line) {
		if l.Status == statusRevoked {
			r := &out[place[l.Serial]]
			r.Revoked, r.RevokedAt, r.Reason = true, l.RevokedAt, *l.Reason
			return
		}
		serial, _ := new(big.Int).SetString(l.Serial, 16) // checked by the parser
		place[l.Serial] = len(out)
		out = append(out, Record{Serial: serial, Profile: l.Profile, Subject: l.Subject, USCC: l.USCC, Issued: l.At, NotAfter: l.NotAfter})
	})
	return out, err
}

// Certificate returns an issued certificate from the index, revoked or not. An unknown serial is fault.NotFound.
func (c *CA) Certificate(ctx context.Context, serial *big.Int) (*gm.Certificate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !isSerial(serial) {
		return nil, unknownSerial(serial)
	}
	var der []byte
	err := c.scan(func(l line) {
		if l.Status == statusValid && l.Serial == serialText(serial) {
			der = l.Certificate
		}
	})
	if err != nil {
		return nil, err
	}
	if der == nil {
		return nil, unknownSerial(serial)
	}
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, damaged(c.dir, indexName, err)
	}
	return cert, nil
}

// Revoke takes a certificate back for good, from at on; a zero at is now, one to come is fault.Invalid. It is in the next CRL.
func (c *CA) Revoke(ctx context.Context, serial *big.Int, reason ca.Reason, at time.Time) error {
	now := c.now().UTC().Truncate(time.Second)
	if at.IsZero() {
		at = now
	}
	at = at.UTC().Truncate(time.Second)
	if !reason.Valid() {
		return fault.New(fault.Invalid, "certificate-reason",
			fmt.Sprintf("吊销原因 %d 不可用", int(reason)), fmt.Sprintf("%d is no reason a certificate is revoked for here", int(reason)), nil)
	}
	if at.After(now) || at.Before(c.cert.NotBefore) {
		return fault.New(fault.Invalid, "certificate-revocation-time",
			"吊销时间 "+at.Format(time.RFC3339)+" 不可用：不能晚于现在，也不能早于根证书生效",
			"a certificate cannot be revoked from "+at.Format(time.RFC3339)+" on: that is to come, or before the root began", nil)
	}
	if !isSerial(serial) {
		return unknownSerial(serial)
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	var last line
	err = c.scan(func(l line) {
		if l.Serial == serialText(serial) {
			last = l
		}
	})
	if err != nil {
		return err
	}
	switch last.Status {
	case "":
		return unknownSerial(serial)
	case statusRevoked:
		return fault.New(fault.Conflict, "certificate-revoked",
			"证书 "+last.Serial+" 已于 "+last.RevokedAt.Format(time.RFC3339)+" 吊销，吊销不可更改",
			"certificate "+last.Serial+" was revoked on "+last.RevokedAt.Format(time.RFC3339)+"; a revocation cannot be changed", nil)
	}
	last.Status, last.At, last.RevokedAt, last.Reason, last.Certificate = statusRevoked, now, at, &reason, nil
	return c.append(last)
}

// isSerial reports whether n can be a serial number: positive, 20 bytes at most (RFC 5280 4.1.2.2).
func isSerial(n *big.Int) bool { return n != nil && n.Sign() > 0 && n.BitLen() <= 160 }

func unknownSerial(serial *big.Int) error {
	text := "?"
	if isSerial(serial) {
		text = serialText(serial)
	}
	return fault.New(fault.NotFound, "certificate-unknown",
		"这个证书机构没有签发过序列号为 "+text+" 的证书", "this certificate authority has issued no certificate of serial number "+text, nil)
}

// CRL makes a revocation list of this moment, puts it in root.crl and returns it, as DER. Its number is higher than that of every list before it,
// also of one that a crash kept from being finished.
func (c *CA) CRL(ctx context.Context) ([]byte, error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	records, err := c.Records(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	// The number is used up before the key is asked, so that no two lists can ever share it.
	cfg.CRLNumber++
	if err := durable.Replace(c.root, configName, cfg.encode()); err != nil {
		return nil, unavailable(c.dir, err)
	}
	now := c.now().UTC().Truncate(time.Second)
	list := &gm.RevocationList{Number: big.NewInt(cfg.CRLNumber), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, cfg.CRLDays)}
	for _, r := range records {
		if r.Revoked {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, gm.RevocationListEntry{
				SerialNumber: r.Serial, RevocationTime: r.RevokedAt, ReasonCode: int(r.Reason),
			})
		}
	}
	der, err := gm.CreateRevocationList(list, c.cert, c.answer(ctx))
	if err != nil {
		return nil, fmt.Errorf("sign the revocation list: %w", err)
	}
	back, err := gm.ParseRevocationList(der)
	if err == nil {
		err = back.CheckSignatureFrom(c.cert)
	}
	if err != nil {
		return nil, badAnswer(err)
	}
	if err := durable.Replace(c.root, crlName, der); err != nil {
		return nil, unavailable(c.dir, err)
	}
	return der, nil
}
