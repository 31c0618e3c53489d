package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"yinxin/gm"
	"yinxin/hsm"
)

// work is what a mechanism does.
type work uint8

const (
	generates work = iota + 1
	signs
	decrypts
	digests
)

// mechanism is one that the token offers.
type mechanism struct {
	number   uint64
	does     work
	alg      hsm.Algorithm    // of the key; none for a digest
	over     Input            // signs
	shape    Shape            // signs
	hash     func() hash.Hash // digests
	min, max uint32           // CK_MECHANISM_INFO: of the key, in bits
}

// rsaBits is the one size of RSA keys: hsm.Specs has no other.
const rsaBits = 3072

// mechanisms are those of a face, in the order in which they are listed.
func mechanisms(f Face) []mechanism {
	list := []mechanism{{number: f.KeyGen, does: generates, alg: hsm.SM2, min: 256, max: 256}}
	for _, s := range f.Sign {
		list = append(list, mechanism{number: s.Mechanism, does: signs, alg: hsm.SM2, over: s.Over, shape: s.Shape, min: 256, max: 256})
	}
	if f.Decrypt != 0 {
		list = append(list, mechanism{number: f.Decrypt, does: decrypts, alg: hsm.SM2, min: 256, max: 256})
	}
	return append(list,
		mechanism{number: f.SM3, does: digests, hash: gm.NewSM3},
		mechanism{number: ckmSHA256, does: digests, hash: sha256.New},
		mechanism{number: ckmECKeyGen, does: generates, alg: hsm.ECDSAP256, min: 256, max: 256},
		mechanism{number: ckmECDSA, does: signs, alg: hsm.ECDSAP256, over: Digest, shape: RS, min: 256, max: 256},
		mechanism{number: ckmECDSASHA256, does: signs, alg: hsm.ECDSAP256, over: Message, shape: RS, min: 256, max: 256},
		mechanism{number: ckmRSAKeyGen, does: generates, alg: hsm.RSAPKCS1, min: rsaBits, max: rsaBits},
		mechanism{number: ckmRSA, does: signs, alg: hsm.RSAPKCS1, over: digestInfo, shape: whole, min: rsaBits, max: rsaBits},
		mechanism{number: ckmSHA256RSA, does: signs, alg: hsm.RSAPKCS1, over: Message, shape: whole, min: rsaBits, max: rsaBits},
	)
}

// flags are those of CK_MECHANISM_INFO.
func (m mechanism) flags() uint64 {
	var f uint64
	switch m.does {
	case generates:
		f = ckfGenerateKeys
	case signs:
		f = ckfSign | ckfVerify
	case decrypts:
		f = ckfDecrypt
	case digests:
		return ckfDigest
	}
	if m.alg == hsm.ECDSAP256 {
		f |= ckfECFP | ckfECNamedCurve | ckfECUncompress
	}
	return f
}

// newHash is what the message goes through, nil where the mechanism is handed a digest.
func (m mechanism) newHash(pub crypto.PublicKey, parameter []byte) (hash.Hash, rv) {
	switch m.over {
	case Digest, digestInfo, messageOnly, Message:
		if len(parameter) != 0 {
			return nil, rvMechanismParamInvalid
		}
	}
	switch {
	case m.over == Message && m.alg == hsm.SM2:
		return gm.NewSM3(), rvOK
	case m.over == Message:
		return sha256.New(), rvOK
	case m.over == MessageZA || m.over == messageOnly:
		if len(parameter) != 0 && string(parameter) != gm.DefaultUID {
			return nil, rvMechanismParamInvalid
		}
		key, ok := pub.(*ecdsa.PublicKey)
		if !ok {
			return nil, rvKeyTypeInconsistent
		}
		h, err := gm.NewE(key)
		if err != nil {
			return nil, rvKeyTypeInconsistent
		}
		return h, rvOK
	}
	return nil, rvOK
}

// sha256Info is the DigestInfo of SHA-256 without the digest (RFC 8017 9.2, note 1).
const sha256Info = "3031300d060960864801650304020105000420"

// digest checks what a mechanism that hashes nothing was handed and returns the 32 bytes to sign.
func (m mechanism) digest(data []byte) ([]byte, rv) {
	if m.over == digestInfo {
		prefix, err := hex.DecodeString(sha256Info)
		if err != nil || !bytes.HasPrefix(data, prefix) {
			return nil, rvDataInvalid
		}
		data = data[len(prefix):]
	}
	if len(data) != sha256.Size {
		return nil, rvDataLenRange
	}
	return data, rvOK
}

// maxSignature bounds the answer of C_Sign in bytes.
func (m mechanism) maxSignature(pub crypto.PublicKey) int {
	if k, ok := pub.(*rsa.PublicKey); ok {
		return k.Size()
	}
	if m.shape == RS {
		return 64
	}
	return 72
}

// write puts the key's DER into the mechanism's shape.
func (m mechanism) write(sig []byte) ([]byte, error) {
	switch m.shape {
	case RS:
		return gm.RawSignature(sig)
	case LooseDER:
		raw, err := gm.RawSignature(sig)
		if err != nil {
			return nil, err
		}
		return looseDER(raw), nil
	}
	return sig, nil
}

// looseDER writes r and s as if they were unsigned numbers.
func looseDER(raw []byte) []byte {
	r, s := bytes.TrimLeft(raw[:32], "\x00"), bytes.TrimLeft(raw[32:], "\x00")
	out := []byte{0x30, byte(4 + len(r) + len(s)), 0x02, byte(len(r))}
	out = append(append(out, r...), 0x02, byte(len(s)))
	return append(out, s...)
}

// verify reports whether sig, in the mechanism's shape, is one over digest.
func (m mechanism) verify(pub crypto.PublicKey, digest, sig []byte) rv {
	ok := false
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if len(sig) != k.Size() {
			return rvSignatureLenRange
		}
		ok = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		if m.shape == RS && len(sig) != 64 {
			return rvSignatureLenRange
		}
		if m.shape == LooseDER {
			sig = tightDER(sig)
		}
		der, err := gm.CanonicalSignature(sig)
		ok = err == nil && (m.alg == hsm.SM2 && gm.VerifyE(k, digest, der) || m.alg == hsm.ECDSAP256 && ecdsa.VerifyASN1(k, digest, der))
	}
	if !ok {
		return rvSignatureInvalid
	}
	return rvOK
}

// tightDER is looseDER turned round: r‖s, or nil where sig is nothing of the kind.
func tightDER(sig []byte) []byte {
	raw := make([]byte, 64)
	if len(sig) < 4 || sig[0] != 0x30 || int(sig[1]) != len(sig)-2 {
		return nil
	}
	rest := sig[2:]
	for i := range 2 {
		if len(rest) < 2 || rest[0] != 0x02 || int(rest[1]) > len(rest)-2 {
			return nil
		}
		n := bytes.TrimLeft(rest[2:2+rest[1]], "\x00")
		if len(n) > 32 {
			return nil
		}
		copy(raw[32*i+32-len(n):], n)
		rest = rest[2+rest[1]:]
	}
	if len(rest) != 0 {
		return nil
	}
	return raw
}
