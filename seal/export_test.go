package seal

import "encoding/asn1"

// Encode gives tests the encoder without the checks before it.
func (i Info) Encode() ([]byte, error) { return i.encode() }

// Encode gives tests the encoder without the checks before it.
func (t TBS) Encode() ([]byte, error) { return t.encode() }

// EncodeSigned gives tests the encoder of SESeal and SES_Signature without the checks before and after it.
func EncodeSigned(signed, cert []byte, alg asn1.ObjectIdentifier, value, timeStamp []byte) ([]byte, error) {
	return encodeSigned(signed, cert, alg, value, timeStamp)
}
