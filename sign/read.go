package sign

import (
	"errors"
	"hash"
	"slices"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/seal"
	"yinxin/timestamp"
)

// Contents is what a signature's value holds that evidence is kept about, read and not judged: DER certificates, and the facts of the time stamps.
type Contents struct {
	Signer []byte // nil in a document time stamp
	Maker  []byte // of the seal inside; nil where there is none

	Tokens     []timestamp.Facts // over the signature value; of a document time stamp itself
	SealTokens []timestamp.Facts // over the maker's signature on the seal

	Certificates [][]byte // enclosed, those of tokens included
	CRLs         [][]byte
	OCSPs        [][]byte

	Hash string // that the signature's own digest is made with, as package cms names it
}

// ErrProfile is returned by Read for a signature whose value is none of a container's, nor a token.
var ErrProfile = errors.New("sign: the value is of a kind that is not read here")

// Read reads the value of any Container and of a document time stamp. A token that is none is an error.
func Read(s document.Signature) (Contents, error) {
	switch s.Info().Profile {
	case ProfileSES, document.TypeSeal:
		return readSES(s)
	case ProfileCMS, ProfileGB, document.TypeSign, "adbe.pkcs7.detached":
		return readCMS(s)
	case ProfileTimestamp:
		return readTimestamp(s)
	}
	return Contents{}, ErrProfile
}

func readSES(s document.Signature) (Contents, error) {
	sig, err := seal.ParseSignature(s.Value())
	if err != nil {
		return Contents{}, err
	}
	c := Contents{Signer: sig.Cert, Maker: sig.Seal.MakerCert, Hash: cms.HashName(gm.OIDSM3)}
	if c.Tokens, err = c.over(sig.Value, sig.TimeStamp); err != nil {
		return c, err
	}
	c.SealTokens, err = c.over(sig.Seal.SignValue, sig.Seal.TimeStamp)
	return c, err
}

func readCMS(s document.Signature) (Contents, error) {
	sd, err := cms.Parse(s.Value())
	if err != nil {
		return Contents{}, err
	}
	if len(sd.Signers) != 1 {
		return Contents{}, errors.New("sign: a signature has exactly one signer")
	}
	signer := &sd.Signers[0]
	c := Contents{Certificates: slices.Clone(sd.Certificates), CRLs: slices.Clone(sd.CRLs), OCSPs: slices.Clone(sd.OCSPs), Hash: cms.HashName(signer.DigestAlgorithm)}
	cert, err := sd.Certificate(signer)
	if err != nil {
		return c, err
	}
	c.Signer = cert.Raw
	c.Tokens, err = c.over(signer.Value, signer.TimeStampTokens()...)
	return c, err
}

func readTimestamp(s document.Signature) (Contents, error) {
	t, err := timestamp.Parse(s.Value())
	if err != nil {
		return Contents{}, err
	}
	f, err := t.Check(func(newHash func() (hash.Hash, error)) ([]byte, error) {
		return s.Digest(func(string) (hash.Hash, error) { return newHash() })
	})
	if err != nil {
		return Contents{}, err
	}
	c := Contents{Tokens: []timestamp.Facts{f}, Hash: f.Hash}
	c.take(f)
	return c, nil
}

// over checks tokens over octets and takes what they enclose. An empty token is none.
func (c *Contents) over(octets []byte, tokens ...[]byte) (out []timestamp.Facts, err error) {
	for _, token := range tokens {
		if len(token) == 0 {
			continue
		}
		t, err := timestamp.Parse(token)
		if err != nil {
			return out, err
		}
		f, err := t.Check(cms.DigestOf(octets))
		if err != nil {
			return out, err
		}
		out = append(out, f)
		c.take(f)
	}
	return out, nil
}

func (c *Contents) take(f timestamp.Facts) {
	c.Certificates = append(c.Certificates, f.Pool...)
	c.CRLs, c.OCSPs = append(c.CRLs, f.CRLs...), append(c.OCSPs, f.OCSPs...)
}
