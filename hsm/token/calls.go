package token

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
)

// The ops of frames. docs/design/hsm.md lists their bodies.
const (
	opHello = iota + 1
	opInfo
	opTokenInfo
	opMechanisms
	opMechanismInfo
	opInitToken
	opOpenSession
	opCloseSession
	opSessionInfo
	opLogin
	opLogout
	opInitPIN
	opSetPIN
	opCreateObject
	opDestroyObject
	opGetAttributes
	opSetAttributes
	opFindInit
	opFind
	opFindFinal
	opGeneratePair
	opSignInit
	opSign
	opSignOnce
	opSignUpdate
	opSignFinal
	opVerifyInit
	opVerify
	opVerifyUpdate
	opVerifyFinal
	opDecryptInit
	opDecrypt
	opDigestInit
	opDigest
	opDigestUpdate
	opDigestFinal
	opRandom
)

// call is what an op does. It reads its whole body before it does anything.
type call struct {
	do      func(*session, *reader, *writer) rv
	session bool // it needs an open session
}

// calls is the table of ops.
func calls() map[byte]call {
	return map[byte]call{
		opHello: {(*session).hello, false}, opInfo: {(*session).info, false}, opTokenInfo: {(*session).tokenInfo, false},
		opMechanisms: {(*session).mechanisms, false}, opMechanismInfo: {(*session).mechanismInfo, false}, opInitToken: {(*session).initToken, false},
		opOpenSession: {(*session).openSession, false}, opCloseSession: {(*session).closeSession, true}, opSessionInfo: {(*session).sessionInfo, true},
		opLogin: {(*session).logIn, true}, opLogout: {(*session).logOut, true}, opInitPIN: {(*session).initPIN, true}, opSetPIN: {(*session).setPIN, true},
		opCreateObject: {(*session).createObject, true}, opDestroyObject: {(*session).destroyObject, true},
		opGetAttributes: {(*session).getAttributes, true}, opSetAttributes: {(*session).setAttributes, true},
		opFindInit: {(*session).findInit, true}, opFind: {(*session).find, true}, opFindFinal: {(*session).findFinal, true},
		opGeneratePair: {(*session).generatePair, true},
		opSignInit:     {(*session).signInit, true}, opSign: {(*session).sign, true}, opSignOnce: {(*session).signOnce, true},
		opSignUpdate: {(*session).signUpdate, true}, opSignFinal: {(*session).signFinal, true},
		opVerifyInit: {(*session).verifyInit, true}, opVerify: {(*session).verify, true},
		opVerifyUpdate: {(*session).verifyUpdate, true}, opVerifyFinal: {(*session).verifyFinal, true},
		opDecryptInit: {(*session).decryptInit, true}, opDecrypt: {(*session).decrypt, true},
		opDigestInit: {(*session).digestInit, true}, opDigest: {(*session).digestOnce, true},
		opDigestUpdate: {(*session).digestUpdate, true}, opDigestFinal: {(*session).digestFinal, true},
		opRandom: {(*session).random, true},
	}
}

// handle does what one frame asks for. An error ends the connection: who writes such frames is no client of this token.
func (s *session) handle(table map[byte]call, op byte, body []byte, w *writer) (rv, error) {
	c, known := table[op]
	switch {
	case !known:
		return 0, &FrameError{1, fmt.Sprintf("op %d is not known", op)}
	case !s.greeted && op != opHello:
		return 0, &FrameError{1, "the first frame is not hello"}
	case c.session && !s.open:
		return rvSessionHandleInvalid, nil
	}
	r := &reader{in: body}
	result := c.do(s, r, w)
	if err := r.done(); err != nil {
		return 0, err
	}
	return result, nil
}

func (s *session) info(r *reader, w *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	w.bytes([]byte(s.t.face.Manufacturer))
	w.bytes([]byte(s.t.face.Library))
	return rvOK
}

func (s *session) tokenInfo(r *reader, w *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	st := s.t.state
	flags := ckfRNG | ckfLoginRequired | ckfInitialized | st.User.flags() | st.SO.flags()<<4
	if st.User != nil {
		flags |= ckfUserPinSet
	}
	for _, text := range []string{st.Label, s.t.face.Manufacturer, "software token", st.Serial} {
		w.bytes([]byte(text))
	}
	for _, n := range []uint64{flags, maxSessions, uint64(s.t.sessions), maxPIN, minPIN} {
		w.u64(n)
	}
	return rvOK
}

func (s *session) mechanisms(r *reader, w *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	w.u32(uint32(len(s.t.offers)))
	for _, m := range s.t.offers {
		w.u64(m.number)
	}
	return rvOK
}

func (s *session) mechanismInfo(r *reader, w *writer) rv {
	number := r.u64()
	if r.done() != nil {
		return rvArgumentsBad
	}
	i := slices.IndexFunc(s.t.offers, func(m mechanism) bool { return m.number == number })
	if i < 0 {
		return rvMechanismInvalid
	}
	m := s.t.offers[i]
	w.u64(uint64(m.min))
	w.u64(uint64(m.max))
	w.u64(m.flags())
	return rvOK
}

func (s *session) digestInit(r *reader, w *writer) rv {
	number, parameter := r.u64(), r.bytes()
	i := slices.IndexFunc(s.t.offers, func(m mechanism) bool { return m.number == number && m.does == digests })
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.digest != nil:
		return rvOperationActive
	case i < 0:
		return rvMechanismInvalid
	case len(parameter) != 0:
		return rvMechanismParamInvalid
	}
	s.digest, s.updated = s.t.offers[i].hash(), false
	w.u32(uint32(s.digest.Size()))
	return rvOK
}

func (s *session) digestOnce(r *reader, w *writer) rv {
	data := r.bytes()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.digest == nil:
		return rvOperationNotInitialized
	case s.updated:
		s.digest = nil
		return rvOperationActive
	}
	s.digest.Write(data)
	w.bytes(s.digest.Sum(nil))
	s.digest = nil
	return rvOK
}

func (s *session) digestUpdate(r *reader, _ *writer) rv {
	data := r.bytes()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.digest == nil:
		return rvOperationNotInitialized
	}
	s.digest.Write(data)
	s.updated = true
	return rvOK
}

func (s *session) digestFinal(r *reader, w *writer) rv {
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.digest == nil:
		return rvOperationNotInitialized
	}
	w.bytes(s.digest.Sum(nil))
	s.digest = nil
	return rvOK
}

// maxRandom bounds what C_GenerateRandom asks for in one frame, in bytes.
const maxRandom = 32 << 10

func (s *session) random(r *reader, w *writer) rv {
	n := r.u32()
	if r.done() != nil || n > maxRandom {
		return rvArgumentsBad
	}
	b := bytes.Repeat([]byte{0}, int(n))
	rand.Read(b) // never fails (crypto/rand)
	w.bytes(b)
	return rvOK
}
