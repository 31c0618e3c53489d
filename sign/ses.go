package sign

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/seal"
	"yinxin/timestamp"
)

// ProfileSES is the SubFilter of a PDF signature whose Contents is an SES_Signature, as seen in the field.
const ProfileSES = "GM.sm2seal"

// maxProperty bounds propertyInfo in bytes: the longest description a document gives of its protected bytes.
const maxProperty = 256

// SES is the Container of GB/T 38540 and GM/T 0031-2025: an SES_Signature of the seal's own generation.
type SES struct {
	seal *seal.Seal
	cert *gm.Certificate
}

// NewSES binds a seal (SESeal, DER) to the signer's certificate (DER). The seal must list the certificate; v1 seals are read but no longer used to sign.
func NewSES(esl, cert []byte) (*SES, error) {
	s, err := seal.Parse(esl)
	if err != nil {
		return nil, err
	}
	if s.Version == seal.V1 {
		return nil, fault.New(fault.Denied, "seal-generation-old", "这枚印章是 2014 版结构，只能核验，不能再用于签章；请重新制章", "this seal has the structure of 2014: it can be verified but no longer used; have it remade", nil)
	}
	c, err := sealCertificate(cert)
	if err != nil {
		return nil, fmt.Errorf("read the signer's certificate: %w", err)
	}
	listed, err := s.Lists(c.Raw)
	if err != nil {
		return nil, err
	}
	if !listed {
		return nil, fault.New(fault.Denied, "signer-not-in-seal",
			"证书 "+c.Subject.CommonName+" 不在这枚印章的签章人证书列表中：请用印章内列出的证书，或重新制章",
			"the certificate "+c.Subject.CommonName+" is not in the seal's list of signers: use one the seal lists, or have the seal remade", nil)
	}
	return &SES{seal: s, cert: c}, nil
}

var _ Container = (*SES)(nil)

// Kind is document.Seal.
func (*SES) Kind() document.Kind { return document.Seal }

// Profile is ProfileSES.
func (*SES) Profile() string { return ProfileSES }

// Hasher is SM3.
func (*SES) Hasher() document.Hasher { return only(gm.OIDSM3) }

// Size bounds the SES_Signature in bytes.
func (c *SES) Size(token int) int {
	return seal.SignatureSize(len(c.seal.Raw), len(c.cert.Raw), maxProperty, 0, token)
}

// Encode makes the SES_Signature: the key signs DER(TBS_Sign) (SM3 with ZA) once.
func (c *SES) Encode(ctx context.Context, a Act, k hsm.Key, ts timestamp.Source) ([]byte, error) {
	if len(a.Digest) != gm.DigestSize || len(a.Property) > maxProperty {
		return nil, errors.New("sign: the digest is not SM3 or the property is too long")
	}
	tbs, err := seal.TBS{Version: c.seal.Version, Seal: c.seal.Raw, Time: a.Time, DataHash: a.Digest, Property: a.Property}.Marshal()
	if err != nil {
		return nil, err
	}
	value, err := answer(ctx, k, c.cert, tbs)
	if err != nil {
		return nil, err
	}
	token, err := stampOver(ctx, ts, gm.OIDSM3, value)
	if err != nil {
		return nil, err
	}
	return seal.AssembleSignature(tbs, c.cert.Raw, gm.OIDSM2WithSM3, value, token)
}

// MakeSeal is the maker's signature: it signs DER(SES_SealInfo) once and returns the SESeal.
func MakeSeal(ctx context.Context, k hsm.Key, makerCert []byte, info seal.Info, v seal.Version) ([]byte, error) {
	return MakeStampedSeal(ctx, k, makerCert, info, v, nil)
}

// MakeStampedSeal is MakeSeal with a token of ts over the maker's signature value, which a v5 seal alone can hold: of another generation it is
// fault.Invalid, before the key is asked. A token that is not over the value is fault.Unavailable. A nil ts gives none.
func MakeStampedSeal(ctx context.Context, k hsm.Key, makerCert []byte, info seal.Info, v seal.Version, ts timestamp.Source) ([]byte, error) {
	if ts != nil && v != seal.V5 {
		return nil, fault.New(fault.Invalid, "seal-timestamp-generation", "只有 2025 版结构（第 5 代）的印章能带时间戳：请用 --version 5，或不加时间戳",
			"only a seal of generation 5 holds a time stamp: make one of that, or leave the time stamp out", nil)
	}
	cert, err := sealCertificate(makerCert)
	if err != nil {
		return nil, fmt.Errorf("read the maker's certificate: %w", err)
	}
	der, err := info.Marshal(v)
	if err != nil {
		return nil, err
	}
	value, err := answer(ctx, k, cert, der)
	if err != nil {
		return nil, err
	}
	token, err := stampOver(ctx, ts, gm.OIDSM3, value)
	if err != nil {
		return nil, err
	}
	esl, err := seal.Assemble(der, cert.Raw, gm.OIDSM2WithSM3, value, token, v)
	if err != nil {
		return nil, err
	}
	made, err := seal.Parse(esl)
	if err != nil || !bytes.Equal(made.SignedBytes(), der) {
		return nil, errors.Join(errors.New("sign: the seal just made does not read back"), err)
	}
	if ts != nil {
		if _, err := checkToken(made.TimeStamp, cms.DigestOf(made.SignValue)); err != nil {
			return nil, err
		}
	}
	return esl, nil
}
