package timestamp

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/gm"
)

// Check says what of the token holds: that it is over the stamped bytes, made by one signer, signed, and bound to a certificate for time stamping alone.
// It runs all that can run. stamped hashes the bytes; cms.DigestOf does so for bytes in memory. given are certificates (DER) that may be the
// authority's where the token encloses none. Whom to trust, the certificate's period and its revocation are the judge's. The error is stamped's own: the
// bytes could not be read, so there are no facts.
func (t *Token) Check(stamped cms.DigestFunc, given ...[]byte) (Facts, error) {
	f := t.stated()
	h, strength, err := cms.Hash(t.Info.Imprint.Hash)
	switch {
	case err != nil:
		f.fail(ErrHash, "the imprint's hash %s is not known here", t.Info.Imprint.Hash)
	case h.Size() != len(t.Info.Imprint.Digest):
		f.fail(ErrImprint, "the imprint has %d bytes, %s makes %d", len(t.Info.Imprint.Digest), f.Hash, h.Size())
	default:
		if strength == cms.Insecure {
			f.insecure(f.Hash)
		}
		sum, err := stamped(func() (hash.Hash, error) {
			h, _, err := cms.Hash(t.Info.Imprint.Hash)
			return h, err
		})
		if err != nil {
			return Facts{}, err
		}
		if f.Imprint = subtle.ConstantTimeCompare(sum, t.Info.Imprint.Digest) == 1; !f.Imprint {
			f.fail(ErrImprint, "the token is over other bytes")
		}
	}
	t.signed(&f, given)
	return f, nil
}

// CheckImprint is Check against a digest that is known already.
func (t *Token) CheckImprint(i Imprint, given ...[]byte) Facts {
	f := t.stated()
	if f.Imprint = t.Info.Imprint.Equal(i); !f.Imprint {
		f.fail(ErrImprint, "the token is over another digest")
	}
	if _, strength, err := cms.Hash(t.Info.Imprint.Hash); err == nil && strength == cms.Insecure {
		f.insecure(f.Hash)
	}
	t.signed(&f, given)
	return f
}

// stated starts the facts with what the token says.
func (t *Token) stated() Facts {
	i := t.Info
	f := Facts{
		Time: i.Time, Accuracy: i.Accuracy, Ordering: i.Ordering, Policy: i.Policy.String(), Serial: i.Serial.Text(16), Hash: cms.HashName(i.Imprint.Hash),
		Pool: t.data.Certificates, CRLs: t.data.CRLs, OCSPs: t.data.OCSPs,
	}
	if i.Nonce != nil {
		f.Nonce = i.Nonce.Text(16)
	}
	if i.Version != 1 {
		f.fail(ErrVersion, "TSTInfo is of version %d", i.Version)
	}
	for _, e := range i.Extensions {
		if e.Critical {
			f.fail(ErrExtension, "TSTInfo has the critical extension %s", e.ID)
		}
	}
	if i.lax {
		f.note(NoteTime, "")
	}
	if v := t.data.Version; v < 3 || v > 5 {
		f.note(NoteVersion, fmt.Sprintf("version %d", v))
	}
	if i.Serial.Sign() <= 0 {
		f.note(NoteNoSerial, f.Serial)
	}
	return f
}

// signed checks the one signature.
func (t *Token) signed(f *Facts, given [][]byte) {
	s, cert, err := t.signer(given)
	switch {
	case errors.Is(err, errSigners):
		f.fail(ErrSigners, "there are %d signers", len(t.data.Signers))
		return
	case err != nil:
		f.fail(ErrCertificate, "%v", err)
		return
	}
	f.Certificate = cert.Raw
	r, _ := s.Check(t.data, cert, nil) // without bytes outside there is nothing that could fail to be read
	f.DigestAlgorithm, f.SignatureAlgorithm = r.DigestAlgorithm, r.SignatureAlgorithm
	for _, name := range r.Insecure {
		f.insecure(name)
	}
	f.Value = true
	for _, x := range r.Failures {
		code := fromCMS(x.Code)
		f.fail(code, "%s", x.Detail)
		f.Value = f.Value && code == ErrBinding
	}
	if !r.Attributes {
		f.Value = false
		f.fail(ErrAttributes, "there are no signed attributes")
	}
	for _, n := range r.Notes {
		switch n.Code {
		case cms.NoteNoAttributes:
		case cms.NoteNoCertificate:
			f.fail(ErrBinding, "no signed attribute names the certificate")
		default:
			f.Notes = append(f.Notes, n)
		}
	}
	if !slices.ContainsFunc(s.Attributes, is(cms.OIDSigningCertificateV2)) && slices.ContainsFunc(s.Attributes, is(cms.OIDSigningCertificate)) {
		f.note(NoteESSCert, "")
	}
	if err := CheckCertificate(cert); err != nil {
		f.fail(ErrUsage, "%v", err)
	}
	if t.Info.TSA != nil && !names(cert, t.Info.TSA) {
		f.note(NoteName, "")
	}
}

func is(oid []int) func(cms.Attribute) bool {
	return func(a cms.Attribute) bool { return slices.Equal(a.Type, oid) }
}

// fromCMS names a failure of the signed data as one of the token.
func fromCMS(c cms.Code) Code {
	switch c {
	case cms.ErrDigest, cms.ErrContent:
		return ErrContent
	case cms.ErrAttributes:
		return ErrAttributes
	case cms.ErrAlgorithm:
		return ErrAlgorithm
	case cms.ErrUnsupported:
		return ErrUnsupported
	case cms.ErrCertificate:
		return ErrBinding
	}
	return ErrValue
}

// names reports whether a GeneralName is the certificate's subject or one of its alternative names, byte for byte (RFC 3161 2.4.2).
func names(cert *gm.Certificate, name []byte) bool {
	in := cryptobyte.String(name)
	var directory cryptobyte.String
	if in.ReadASN1(&directory, constructed(4)) && bytes.Equal(directory, cert.RawSubject) {
		return true
	}
	for _, e := range cert.Extensions {
		if !e.Id.Equal(oidSubjectAltName) {
			continue
		}
		list := cryptobyte.String(e.Value)
		if !list.ReadASN1(&list, cbasn1.SEQUENCE) {
			return false
		}
		for !list.Empty() {
			var one cryptobyte.String
			var tag cbasn1.Tag
			if !list.ReadAnyASN1Element(&one, &tag) {
				return false
			}
			if bytes.Equal(one, name) {
				return true
			}
		}
	}
	return false
}
