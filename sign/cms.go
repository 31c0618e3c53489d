package sign

import (
	"context"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/hsm"
	"yinxin/timestamp"
)

// The SubFilters of PDF signatures whose Contents is a SignedData.
const (
	ProfileCMS = "ETSI.CAdES.detached" // plain CMS (ISO 32000-2, 12.8.3.4)
	ProfileGB  = "GM.sm2cms.detached"  // the shape of GB/T 35275, as seen in the field
)

// FilterCMS is the signature handler that a PDF names for ProfileCMS. Readers without a handler of another name do not look at the signature.
const FilterCMS = "Adobe.PPKLite"

// CMS is the Container of a detached SignedData, in plain CMS or in the shape of GB/T 35275.
type CMS struct {
	builder *cms.Builder
	profile string
}

// NewCMS makes plain CMS with the signer's certificate (DER) and the chain above it, enclosed in that order; the chain may be empty and its root left
// out. The algorithms follow the certificate's key: SM2 with SM3, RSA of 2048 bits or more with SHA-256, or P-256 with SHA-256; another key is
// fault.Invalid. It holds no signing time: the document's is the one (cms.Builder.Attributes).
func NewCMS(cert []byte, chain ...[]byte) (*CMS, error) {
	b, err := cms.NewBuilder(cert, chain...)
	if err != nil {
		return nil, err
	}
	return &CMS{b, ProfileCMS}, nil
}

// NewGB makes the shape of GB/T 35275, with the signing time inside. The certificates are as for NewCMS; a key that is not SM2 is fault.Invalid. The
// shape has no attribute that binds the certificate: another one of the same key, issuer and serial number would pass for it.
func NewGB(cert []byte, chain ...[]byte) (*CMS, error) {
	b, err := cms.NewGBBuilder(cert, chain...)
	if err != nil {
		return nil, err
	}
	return &CMS{b, ProfileGB}, nil
}

var _ Container = (*CMS)(nil)

// Kind is document.Sign.
func (*CMS) Kind() document.Kind { return document.Sign }

// Profile is ProfileCMS or ProfileGB.
func (c *CMS) Profile() string { return c.profile }

// Hasher is SM3 for an SM2 key, else SHA-256.
func (c *CMS) Hasher() document.Hasher { return only(c.builder.DigestAlgorithm()) }

// Size bounds the SignedData in bytes.
func (c *CMS) Size(token int) int { return c.builder.Size(token) }

// Encode makes the SignedData: the key signs the DER of the signed attributes once.
func (c *CMS) Encode(ctx context.Context, a Act, k hsm.Key, ts timestamp.Source) ([]byte, error) {
	attributes, err := c.builder.Attributes(a.Digest, a.Time)
	if err != nil {
		return nil, err
	}
	value, err := answer(ctx, k, c.builder.Certificate(), attributes)
	if err != nil {
		return nil, err
	}
	token, err := stampOver(ctx, ts, c.builder.DigestAlgorithm(), value)
	if err != nil {
		return nil, err
	}
	return c.builder.Assemble(attributes, value, token)
}
