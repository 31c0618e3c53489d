package token

import (
	"bytes"
	"errors"
	"hash"
	"slices"

	"yinxin/fault"
	"yinxin/hsm/keystore"
)

// signing is one of C_Sign, C_Verify and C_Decrypt that was begun.
type signing struct {
	object  *object
	by      mechanism
	hash    hash.Hash // of the message; nil where a digest is handed over
	updated bool
	permit  permit
}

// begin checks a mechanism and a key against each other and against who asks.
func (s *session) begin(r *reader, does work, class uint64) (*signing, rv) {
	number, parameter, handle := r.u64(), r.bytes(), r.u64()
	i := slices.IndexFunc(s.t.offers, func(m mechanism) bool { return m.number == number && m.does == does })
	if i < 0 {
		return nil, rvMechanismInvalid
	}
	m := s.t.offers[i]
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	if class == ckoPrivateKey && s.login.user != ckuUser {
		return nil, rvUserNotLoggedIn
	}
	o := s.t.object(handle, s.login.user)
	switch {
	case o == nil || o.record().Class != class:
		return nil, rvKeyHandleInvalid
	case o.spec.Algorithm != m.alg:
		return nil, rvKeyTypeInconsistent
	case does == signs && !o.record().Sign || does == decrypts && !o.record().Decrypt:
		return nil, rvKeyFunctionNotPermitted
	}
	sg := &signing{object: o, by: m}
	if does == signs {
		var result rv
		if sg.hash, result = m.newHash(o.public, parameter); result != rvOK {
			return nil, result
		}
	} else if len(parameter) != 0 {
		return nil, rvMechanismParamInvalid
	}
	return sg, rvOK
}

// start is C_SignInit, C_VerifyInit and C_DecryptInit: a session has at most one of each under way.
func (s *session) start(r *reader, at **signing, does work, class uint64) rv {
	sg, result := s.begin(r, does, class)
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case *at != nil:
		return rvOperationActive
	case result != rvOK:
		return result
	}
	*at = sg
	return rvOK
}

// signInit answers the longest signature there can be, and whether C_SignInit with the same words may be left out before the next C_Sign (signOnce).
func (s *session) signInit(r *reader, w *writer) rv {
	if result := s.start(r, &s.signing, signs, ckoPrivateKey); result != rvOK {
		return result
	}
	sg := s.signing
	w.u32(uint32(sg.by.maxSignature(sg.object.public)))
	w.u32(uint32(flag(sg.object.record().Guard == nil)[0]))
	return rvOK
}

func (s *session) sign(r *reader, w *writer) rv {
	data := r.bytes()
	sg := s.signing
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case sg == nil:
		return rvOperationNotInitialized
	case sg.updated:
		s.signing = nil
		return rvOperationActive
	}
	s.signing = nil
	return s.answer(sg, data, w)
}

// signOnce is C_SignInit and C_Sign in one frame, for words that C_SignInit took before.
func (s *session) signOnce(r *reader, w *writer) rv {
	sg, result := s.begin(r, signs, ckoPrivateKey)
	data := r.bytes()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.signing != nil:
		return rvOperationActive
	case result != rvOK:
		return result
	}
	return s.answer(sg, data, w)
}

func (s *session) signUpdate(r *reader, _ *writer) rv { return feed(r, &s.signing) }

func (s *session) signFinal(r *reader, w *writer) rv {
	sg := s.signing
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case sg == nil || sg.hash == nil:
		s.signing = nil
		return rvOperationNotInitialized
	}
	s.signing = nil
	return s.answer(sg, nil, w)
}

// feed is C_SignUpdate and C_VerifyUpdate: only what hashes by itself can be fed in parts. What fails is over.
func feed(r *reader, at **signing) rv {
	data := r.bytes()
	sg := *at
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case sg == nil:
		return rvOperationNotInitialized
	case sg.hash == nil:
		*at = nil
		return rvFunctionNotSupported
	}
	sg.hash.Write(data)
	sg.updated = true
	return rvOK
}

// finish is the digest to sign once the last part is there.
func (sg *signing) finish(data []byte) ([]byte, rv) {
	if sg.hash == nil {
		return sg.by.digest(data)
	}
	sg.hash.Write(data)
	return sg.hash.Sum(nil), rvOK
}

// answer signs, writes the audit and only then gives the signature.
func (s *session) answer(sg *signing, data []byte, w *writer) rv {
	e := sg.object.entry("C_Sign", sg.by)
	digest, result := sg.finish(data)
	var sig []byte
	if result == rvOK {
		e.Input = fingerprint(digest)
		result = s.permitted(sg, digest)
	}
	if result == rvOK {
		sig, result = s.t.signWith(sg, digest)
	}
	if result = s.record(e, result); result == rvOK {
		w.bytes(sig)
	}
	return result
}

// permitted asks at the last moment: the user may have logged out, and a guarded key wants its holder.
func (s *session) permitted(sg *signing, digest []byte) rv {
	if s.user() != ckuUser {
		return rvUserNotLoggedIn
	}
	return sg.permit.covers(sg.object.record().Guard, digest)
}

func (t *Token) signWith(sg *signing, digest []byte) (sig []byte, result rv) {
	err := t.use(sg.object, func(p *keystore.Private) (err error) {
		if sig, err = p.Sign(digest, sg.by.alg); err == nil {
			sig, err = sg.by.write(sig)
		}
		return err
	})
	return sig, resultOf(err)
}

// resultOf is what PKCS#11 hears of an error.
func resultOf(err error) rv {
	if err == nil {
		return rvOK
	}
	if r, ok := errors.AsType[rv](err); ok {
		return r
	}
	return rvDeviceError
}

func (s *session) verifyInit(r *reader, _ *writer) rv {
	return s.start(r, &s.judging, signs, ckoPublicKey)
}

func (s *session) verifyUpdate(r *reader, _ *writer) rv { return feed(r, &s.judging) }

func (s *session) verify(r *reader, _ *writer) rv {
	data, sig := r.bytes(), r.bytes()
	sg := s.judging
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case sg == nil:
		return rvOperationNotInitialized
	}
	s.judging = nil
	if sg.updated {
		return rvOperationActive
	}
	return sg.judge(data, sig)
}

func (s *session) verifyFinal(r *reader, _ *writer) rv {
	sig := r.bytes()
	sg := s.judging
	if r.done() != nil {
		return rvArgumentsBad
	}
	s.judging = nil
	if sg == nil || sg.hash == nil {
		return rvOperationNotInitialized
	}
	return sg.judge(nil, sig)
}

func (sg *signing) judge(data, sig []byte) rv {
	digest, result := sg.finish(data)
	if result != rvOK {
		return result
	}
	return sg.by.verify(sg.object.public, digest, sig)
}

func (s *session) decryptInit(r *reader, _ *writer) rv {
	return s.start(r, &s.opening, decrypts, ckoPrivateKey)
}

func (s *session) decrypt(r *reader, w *writer) rv {
	data := bytes.Clone(r.bytes())
	sg := s.opening
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case sg == nil:
		return rvOperationNotInitialized
	}
	s.opening = nil
	e := sg.object.entry("C_Decrypt", sg.by)
	e.Input = fingerprint(data)
	result := s.permitted(sg, nil)
	var plain []byte
	if result == rvOK {
		err := s.t.use(sg.object, func(p *keystore.Private) (err error) {
			plain, err = p.Decrypt(data)
			return err
		})
		if result = resultOf(err); fault.KindOf(err) == fault.Invalid {
			result = rvEncryptedDataInvalid
		}
	}
	defer clear(plain)
	if result = s.record(e, result); result == rvOK {
		w.bytes(plain)
	}
	return result
}
