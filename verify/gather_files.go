package verify

import (
	"encoding/asn1"
	"errors"
	"hash"
	"strconv"
	"strings"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
)

// files has the files digested that a signature protects one by one. Which of them differ, the changes after the signature say; here stays why nothing
// could be compared. It comes first of all that is asked of a signature: parts are then inflated once.
func (f *SignatureFacts) files(s document.Signature) {
	r, ok := s.(document.Referencer)
	if !ok {
		return
	}
	_, err := r.References(fileHash)
	switch {
	case err == nil:
	case errors.Is(err, document.ErrDigestInsecure):
		f.Files = &FilesFacts{Insecure: why(err)}
	case errors.Is(err, document.ErrDigestUnknown):
		f.Files = &FilesFacts{Unknown: why(err)}
	default:
		f.FormatErr = why(err)
	}
}

// fileHash makes the hash that CheckMethod names, as an identifier or by name. Only what is secure is offered.
func fileHash(alg string) (hash.Hash, error) {
	h, strength, err := cms.Hash(fileDigest(alg))
	switch {
	case err != nil:
		return nil, err
	case strength != cms.Secure:
		return nil, document.ErrDigestInsecure
	}
	return h, nil
}

// fileDigest reads an identifier, or one of the names met in files; nil where it is neither.
func fileDigest(alg string) asn1.ObjectIdentifier {
	switch strings.ToUpper(strings.TrimSpace(alg)) {
	case "SM3":
		return gm.OIDSM3
	case "SHA256", "SHA-256":
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	}
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(strings.TrimSpace(alg), ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil
		}
		oid = append(oid, int(n))
	}
	return oid
}
