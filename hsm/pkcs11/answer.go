package pkcs11

import (
	"crypto/ecdsa"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/hsm/profile"
)

// scalarSize is the length in bytes of r, s and of each coordinate.
const scalarSize = 32

// errAnswer is returned for what cannot be read as a signature at all.
var errAnswer = errors.New("pkcs11: the answer is no signature")

// canonical reads what a token answered over e and returns it as DER SEQUENCE{r,s}, if it is a signature by pub. Devices are read loosely: an integer
// may lack the zero that keeps it positive or carry more of them than it needs. What is passed on is encoded anew and has been verified.
func canonical(answer []byte, form profile.Encoding, pub *ecdsa.PublicKey, e []byte) ([]byte, error) {
	read := errAnswer
	for _, reader := range []struct {
		form profile.Encoding
		read func([]byte) (r, s []byte, ok bool)
	}{{profile.EncodingDER, readDER}, {profile.EncodingRS, readRS}} {
		if form != profile.EncodingAuto && form != reader.form {
			continue
		}
		r, s, ok := reader.read(answer)
		if !ok {
			continue
		}
		der, err := encode(r, s)
		if err == nil && gm.VerifyE(pub, e, der) {
			return der, nil
		}
		read = errors.New("pkcs11: the signature does not verify")
	}
	return nil, read
}

func readRS(b []byte) (r, s []byte, ok bool) {
	if len(b) != 2*scalarSize {
		return nil, nil, false
	}
	return b[:scalarSize], b[scalarSize:], true
}

// readDER reads SEQUENCE of two INTEGERs taken as unsigned, whatever their top bit.
func readDER(b []byte) (r, s []byte, ok bool) {
	in := cryptobyte.String(b)
	var seq, first, second cryptobyte.String
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&first, asn1.INTEGER) || !seq.ReadASN1(&second, asn1.INTEGER) || !seq.Empty() {
		return nil, nil, false
	}
	return first, second, true
}

// encode refuses numbers that are not in [1, n-1] (GB/T 32918.2 6.1).
func encode(r, s []byte) ([]byte, error) {
	var out cryptobyte.Builder
	var numbers [2]*big.Int
	for i, b := range [][]byte{r, s} {
		n := new(big.Int).SetBytes(b)
		if len(b) > 2*scalarSize || n.Sign() == 0 || n.Cmp(gm.Curve().Params().N) >= 0 {
			return nil, errAnswer
		}
		numbers[i] = n
	}
	out.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(numbers[0])
		b.AddASN1BigInt(numbers[1])
	})
	return out.Bytes()
}

// point reads a public point of the SM2 curve: an OCTET STRING of 04‖X‖Y, 04‖X‖Y, or X‖Y.
func point(b []byte) (*ecdsa.PublicKey, error) {
	in := cryptobyte.String(b)
	var inner cryptobyte.String
	if in.ReadASN1(&inner, asn1.OCTET_STRING) && in.Empty() {
		b = inner
	}
	if len(b) == 1+2*scalarSize && b[0] == 4 {
		b = b[1:]
	}
	if len(b) != 2*scalarSize {
		return nil, errors.New("pkcs11: the public point has an unknown form")
	}
	pub := &ecdsa.PublicKey{Curve: gm.Curve(), X: new(big.Int).SetBytes(b[:scalarSize]), Y: new(big.Int).SetBytes(b[scalarSize:])}
	if !pub.Curve.IsOnCurve(pub.X, pub.Y) {
		return nil, errors.New("pkcs11: the public point is not on the SM2 curve")
	}
	return pub, nil
}
