package token

import (
	"hash"
	"slices"
)

// Peer is the process at the other end of a connection, as the system says.
type Peer struct {
	UID uint32
	PID int32
}

// program is who is logged in together: one C_Initialize of one process.
type program struct {
	id   [16]byte
	peer Peer
}

// login is what a program's sessions share while one is open. The token's mu holds it.
type login struct {
	user               uint64 // ckuSO, ckuUser or noUser
	sessions, readOnly int
}

// session is one connection: at first none of C_OpenSession, then one until it is closed. One goroutine uses it.
type session struct {
	t       *Token
	program program
	greeted bool
	open    bool
	write   bool
	login   *login // shared; nil while not open

	found   []uint64 // of C_FindObjects; nil while no search is active
	signing *signing
	judging *signing // C_Verify
	opening *signing // C_Decrypt
	digest  hash.Hash
	updated bool // C_DigestUpdate was called
}

// maxSessions bounds the sessions of all programs.
const maxSessions = 512

func (s *session) hello(r *reader, w *writer) rv {
	id := r.bytes()
	if r.done() != nil || len(id) != len(s.program.id) || s.greeted {
		return rvArgumentsBad
	}
	copy(s.program.id[:], id)
	s.greeted = true
	w.u32(maxFrame)
	return rvOK
}

func (s *session) openSession(r *reader, _ *writer) rv {
	flags := r.u64()
	switch {
	case r.done() != nil || s.open:
		return rvArgumentsBad
	case flags&ckfSerialSession == 0:
		return rvSessionParallel
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.t.sessions >= maxSessions {
		return rvSessionCount
	}
	l := s.t.programs[s.program]
	if l == nil {
		l = &login{user: noUser}
	}
	write := flags&ckfRWSession != 0
	if !write && l.user == ckuSO {
		return rvSessionReadWriteSOExists
	}
	s.t.programs[s.program] = l
	s.t.sessions++
	l.sessions++
	if !write {
		l.readOnly++
	}
	s.open, s.write, s.login = true, write, l
	return rvOK
}

func (s *session) closeSession(r *reader, _ *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	return s.close()
}

// close ends the session. With a program's last one it is logged out.
func (s *session) close() rv {
	if !s.open {
		return rvSessionHandleInvalid
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	s.t.sessions--
	s.login.sessions--
	if !s.write {
		s.login.readOnly--
	}
	if s.login.sessions == 0 {
		delete(s.t.programs, s.program)
	}
	*s = session{t: s.t, program: s.program, greeted: true}
	return rvOK
}

// user is who the program is logged in as.
func (s *session) user() uint64 {
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	return s.login.user
}

func (s *session) sessionInfo(r *reader, w *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	user, flags := s.user(), uint64(ckfSerialSession)
	if s.write {
		flags |= ckfRWSession
	}
	w.u64(s.state(user))
	w.u64(flags)
	return rvOK
}

func (s *session) state(user uint64) uint64 {
	switch {
	case user == ckuSO:
		return cksRWSO
	case user == ckuUser && s.write:
		return cksRWUser
	case user == ckuUser:
		return cksROUser
	case s.write:
		return cksRWPublic
	}
	return cksROPublic
}

func (s *session) logIn(r *reader, _ *writer) rv {
	user, value := r.u64(), r.bytes()
	if r.done() != nil {
		return rvArgumentsBad
	}
	names := map[uint64]string{ckuSO: "so", ckuUser: "user", ckuContext: "context"}
	if names[user] == "" {
		return rvUserTypeInvalid
	}
	var result rv
	if user == ckuContext {
		result = s.authorise(value)
	} else {
		result = s.logInAs(user, value)
	}
	return s.record(entry{Event: "C_Login", User: names[user]}, result)
}

func (s *session) logInAs(user uint64, value []byte) rv {
	if result := s.mayLogIn(user); result != rvOK {
		return result
	}
	which := userPIN
	if user == ckuSO {
		which = soPIN
	}
	if result := s.t.try(which, value); result != rvOK {
		return result
	}
	if result := s.mayLogIn(user); result != rvOK { // the PIN took its time
		return result
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	s.login.user = user
	return rvOK
}

func (s *session) mayLogIn(user uint64) rv {
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	switch {
	case s.login.user == user:
		return rvUserAlreadyLoggedIn
	case s.login.user != noUser:
		return rvUserAnotherAlreadyLoggedIn
	case user == ckuSO && s.login.readOnly > 0:
		return rvSessionReadOnlyExists
	}
	return rvOK
}

func (s *session) logOut(r *reader, _ *writer) rv {
	if r.done() != nil {
		return rvArgumentsBad
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.login.user == noUser {
		return rvUserNotLoggedIn
	}
	s.login.user = noUser
	s.signing, s.judging, s.opening, s.found = nil, nil, nil, nil
	return rvOK
}

// initPIN sets the user's PIN, by the security officer.
func (s *session) initPIN(r *reader, _ *writer) rv {
	value := r.bytes()
	if r.done() != nil {
		return rvArgumentsBad
	}
	if s.user() != ckuSO {
		return rvUserNotLoggedIn
	}
	return s.record(entry{Event: "C_InitPIN"}, s.t.setPIN(value, func(st *state, p *pin) { st.User = p }))
}

// setPIN changes the PIN of who is logged in, or the user's where nobody is.
func (s *session) setPIN(r *reader, _ *writer) rv {
	old, value := r.bytes(), r.bytes()
	if r.done() != nil {
		return rvArgumentsBad
	}
	if !s.write {
		return rvSessionReadOnly
	}
	which, put := userPIN, func(st *state, p *pin) { st.User = p }
	if s.user() == ckuSO {
		which, put = soPIN, func(st *state, p *pin) { st.SO = p }
	}
	result := goodPIN(value)
	if result == rvOK {
		result = s.t.try(which, old)
	}
	if result == rvOK {
		result = s.t.setPIN(value, put)
	}
	return s.record(entry{Event: "C_SetPIN"}, result)
}

func (t *Token) setPIN(value []byte, put func(*state, *pin)) rv {
	if result := goodPIN(value); result != rvOK {
		return result
	}
	t.pins.Lock()
	defer t.pins.Unlock()
	p, err := newPIN(t.cost, value)
	if err != nil {
		return rvGeneralError
	}
	if err := t.keep(func(s *state) { put(s, p) }); err != nil {
		return rvDeviceError
	}
	return rvOK
}

// initToken destroys all objects and the user's PIN and gives the token a new label.
func (s *session) initToken(r *reader, _ *writer) rv {
	value, label := r.bytes(), r.bytes()
	if r.done() != nil || len(label) != maxLabel {
		return rvArgumentsBad
	}
	return s.record(entry{Event: "C_InitToken"}, s.t.initialise(value, string(trimPadding(label))))
}

func trimPadding(label []byte) []byte {
	for len(label) > 0 && label[len(label)-1] == ' ' {
		label = label[:len(label)-1]
	}
	return label
}

func (t *Token) initialise(value []byte, label string) rv {
	t.mu.RLock()
	busy := t.sessions > 0
	t.mu.RUnlock()
	if busy {
		return rvSessionExists
	}
	if result := t.try(soPIN, value); result != rvOK {
		return result
	}
	t.pins.Lock()
	defer t.pins.Unlock()
	t.mu.Lock()
	if t.sessions > 0 {
		t.mu.Unlock()
		return rvSessionExists
	}
	all := slices.Clone(t.objects)
	t.mu.Unlock()
	if err := t.keep(func(s *state) { s.User, s.Label = nil, label }); err != nil {
		return rvDeviceError
	}
	for _, o := range all {
		if result := t.destroy(o); result != rvOK {
			return result
		}
	}
	return rvOK
}

// record writes an audit line about what was done. What cannot be written down has failed.
func (s *session) record(e entry, result rv) rv {
	e.Time, e.UID, e.PID, e.Result = s.t.Now(), s.program.peer.UID, s.program.peer.PID, result
	if err := s.t.audit.write(e); err != nil {
		return rvDeviceError
	}
	return result
}
