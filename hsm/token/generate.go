package token

import (
	"bytes"

	"yinxin/hsm"
)

// readTemplates makes the records of a key pair from the templates of C_GenerateKeyPair: the public one first. What they must say and may say is what
// every key of this token is: kept, and, if private, sensitive and never extractable. One key does one thing, signing or decrypting.
func (t *Token) readTemplates(m mechanism, public, private template) (pair [2]record, result rv) {
	if public.twice() || private.twice() {
		return pair, rvTemplateInconsistent
	}
	kind := t.keyType(m)
	publicFixed := template{
		{ckaClass, ulong(ckoPublicKey)}, {ckaKeyType, ulong(kind)}, {ckaToken, flag(true)}, {ckaPrivate, flag(false)}, {ckaModifiable, flag(true)},
		{ckaDerive, flag(false)}, {ckaWrap, flag(false)}, {ckaVerifyRecover, flag(false)}, {ckaTrusted, flag(false)}, {ckaSubject, nil},
		{ckaCopyable, flag(false)}, {ckaDestroyable, flag(true)},
	}
	privateFixed := template{
		{ckaClass, ulong(ckoPrivateKey)}, {ckaKeyType, ulong(kind)}, {ckaToken, flag(true)}, {ckaPrivate, flag(true)}, {ckaModifiable, flag(true)},
		{ckaDerive, flag(false)}, {ckaUnwrap, flag(false)}, {ckaSignRecover, flag(false)}, {ckaSubject, nil}, {ckaSensitive, flag(true)},
		{ckaExtractable, flag(false)}, {ckaWrapWithTrusted, flag(false)}, {ckaCopyable, flag(false)}, {ckaDestroyable, flag(true)},
	}
	if result := public.wants(publicFixed, ckaLabel, ckaID, ckaVerify, ckaEncrypt, ckaECParams, ckaModulusBits, ckaPublicExponent); result != rvOK {
		return pair, result
	}
	if result := private.wants(privateFixed, ckaLabel, ckaID, ckaSign, ckaDecrypt, ckaAlwaysAuth, ckaHolder, ckaECParams); result != rvOK {
		return pair, result
	}
	for i, tpl := range []template{public, private} {
		if kept, bad := tpl.flag(ckaToken, false); bad != rvOK || !kept { // the default of PKCS#11 is an object of the session, of which there are none
			return pair, rvTemplateInconsistent
		}
		label, _ := tpl.get(ckaLabel)
		id, _ := tpl.get(ckaID)
		if len(label) > maxName || len(id) > maxName {
			return pair, rvAttributeValueInvalid
		}
		pair[i] = record{Format: 1, Class: ckoPublicKey + uint64(i), Label: label, ID: id}
	}
	if result := t.value(m, public, private); result != rvOK {
		return pair, result
	}
	return pair, purpose(m, &pair, public, private)
}

func (t *Token) keyType(m mechanism) uint64 {
	switch m.alg {
	case hsm.SM2:
		return t.face.KeyType
	case hsm.ECDSAP256:
		return ckkEC
	}
	return ckkRSA
}

// value checks what the templates say of the key's value: curve, or size and exponent.
func (t *Token) value(m mechanism, public, private template) rv {
	curve, named := public.get(ckaECParams)
	if again, also := private.get(ckaECParams); also && named && !bytes.Equal(again, curve) {
		return rvTemplateInconsistent
	}
	if m.alg == hsm.RSAPKCS1 {
		bits, bad := public.ulong(ckaModulusBits, 0)
		exponent, said := public.get(ckaPublicExponent)
		switch {
		case bad != rvOK:
			return bad
		case bits == 0:
			return rvTemplateIncomplete
		case bits != rsaBits:
			return rvKeySizeRange
		case named || said && !bytes.Equal(bytes.TrimLeft(exponent, "\x00"), []byte{1, 0, 1}):
			return rvAttributeValueInvalid
		}
		return rvOK
	}
	switch {
	case !named && (m.alg == hsm.ECDSAP256 || t.face.ECParams):
		return rvTemplateIncomplete
	case named && !bytes.Equal(curve, curveOID(m.alg)):
		return rvCurveNotSupported
	}
	return rvOK
}

// purpose reads what the key is for and who must allow it.
func purpose(m mechanism, pair *[2]record, public, private template) rv {
	decrypt, bad := private.flag(ckaDecrypt, false)
	sign, bad2 := private.flag(ckaSign, !decrypt)
	encrypt, bad3 := public.flag(ckaEncrypt, decrypt)
	verify, bad4 := public.flag(ckaVerify, sign)
	always, bad5 := private.flag(ckaAlwaysAuth, false)
	for _, result := range []rv{bad, bad2, bad3, bad4, bad5} {
		if result != rvOK {
			return result
		}
	}
	if sign == decrypt || sign != verify || decrypt != encrypt || decrypt && m.alg != hsm.SM2 {
		return rvTemplateInconsistent
	}
	for i := range pair {
		pair[i].Sign, pair[i].Decrypt = sign, decrypt
	}
	holder, held := private.get(ckaHolder)
	switch {
	case !always && !held:
		return rvOK
	case !sign || held && !always:
		return rvTemplateInconsistent
	case held && !goodHolder(holder):
		return rvAttributeValueInvalid
	}
	pair[1].Guard = &guard{Holder: holder}
	return rvOK
}
