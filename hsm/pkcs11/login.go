//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/gm"
	"yinxin/hsm/profile"
)

// loggedIn is what a login brings.
type loggedIn struct {
	slot     uint
	info     p11.TokenInfo
	anchor   session
	profiles []*profile.Profile
}

// login finds the token, opens a session and logs in: one try. If it succeeds a new generation begins.
func (t *token) login(ctx context.Context) error {
	pin, err := t.conf.PIN.read()
	if err != nil {
		return err
	}
	defer clear(pin)
	t.mu.Lock()
	m, before, profiles := t.m, t.info, t.profiles
	in := loggedIn{slot: t.slot}
	t.mu.Unlock()
	if in.slot, in.info, err = seek(tokensOf(ctx, m, t.limit()), t.conf.Token, in.slot, trimmed(before.SerialNumber)); err != nil {
		return err
	}
	if was, is := trimmed(before.SerialNumber), trimmed(in.info.SerialNumber); was != "" && was != is {
		return t.fail(TokenChanged, fmt.Sprintf("was #%s, is #%s", was, is), nil)
	}
	t.mu.Lock()
	old := t.sessions()
	t.mu.Unlock()
	in, err = call(ctx, m.calls, t.limit(), func() (_ loggedIn, err error) {
		closeSessions(m, old)
		in := in
		if in.profiles = profiles; profiles == nil {
			if in.profiles, err = t.recognise(m.lib, in.slot); err != nil {
				return in, err
			}
		}
		in.anchor, err = t.enter(m, in, pin)
		return in, err
	}, func(in loggedIn) { closeSessions(m, []session{in.anchor}) })
	if err != nil {
		return err
	}
	t.begin(in)
	return nil
}

// begin starts a generation.
func (t *token) begin(in loggedIn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gen++
	in.anchor.gen = t.gen
	t.slot, t.info, t.anchor, t.profiles = in.slot, in.info, in.anchor, in.profiles
	for ; t.scarce > 0; t.scarce-- {
		<-t.permits
	}
	for limit := sessionLimit(in); t.scarce < cap(t.permits)-limit; t.scarce++ {
		select {
		case t.permits <- struct{}{}:
			continue
		default:
		}
		break
	}
	t.up, t.refuse, t.lastUp = !t.closed, nil, t.opts.Now()
	t.change()
}

// sessionLimit is how many sessions the token has for signatures: what it says, less the one that keeps the login.
func sessionLimit(in loggedIn) int {
	limit := maxSessions
	if n := in.info.MaxSessionCount; n != p11.CK_EFFECTIVELY_INFINITE && n != p11.CK_UNAVAILABLE_INFORMATION && n <= maxSessions {
		limit = int(n) - 1
	}
	if len(in.profiles) > 0 && in.profiles[0].Limits.MaxSessions > 0 {
		limit = min(limit, in.profiles[0].Limits.MaxSessions-1)
	}
	return max(limit, 1)
}

// tokens reads what a library says of its tokens.
type tokens struct {
	slots func() ([]uint, error)
	info  func(slot uint) (p11.TokenInfo, error)
}

// tokensOf asks in a call for each slot, so that a token that hangs leaves the others in sight.
func tokensOf(ctx context.Context, m *module, limit time.Duration) tokens {
	return tokens{
		func() ([]uint, error) {
			return call(ctx, m.calls, limit, func() ([]uint, error) { return m.lib.GetSlotList(true) }, nil)
		},
		func(slot uint) (p11.TokenInfo, error) {
			return call(ctx, m.calls, limit, func() (p11.TokenInfo, error) { return m.lib.GetTokenInfo(slot) }, nil)
		},
	}
}

// is reports whether a token has the name; label says that it has at least the label.
func (n TokenName) is(i p11.TokenInfo) (all, label bool) {
	label = n.Label == "" || trimmed(i.Label) == n.Label
	return label && (n.Serial == "" || trimmed(i.SerialNumber) == n.Serial), label && n.Label != ""
}

// unanswered reports a call that did not come back, or was not made because so many did not: then nobody knows what the slot holds.
func unanswered(err error) bool { return errors.Is(err, errHung) || errors.Is(err, errStuck) }

// seek finds the one token of a name among all slots. One that was seen before, in the slot known, is looked for there first: then the other slots are
// of no concern. They are not either where they cannot be read.
func seek(from tokens, want TokenName, known uint, serial string) (slot uint, info p11.TokenInfo, err error) {
	slots, err := from.slots()
	if err != nil {
		return 0, info, err
	}
	if serial != "" && slices.Contains(slots, known) {
		i, err := from.info(known)
		if all, _ := want.is(i); err == nil && all && trimmed(i.SerialNumber) == serial {
			return known, i, nil
		}
		if unanswered(err) {
			return 0, info, err
		}
	}
	found := 0
	var skipped error
	var other string // the serial number of one that only has the label
	for _, s := range slots {
		i, err := from.info(s)
		all, label := want.is(i)
		switch {
		case err != nil && !unanswered(skipped):
			skipped = err
		case err != nil:
		case all:
			slot, info = s, i
			found++
		case label:
			other = trimmed(i.SerialNumber)
		}
	}
	switch {
	case found == 0 && unanswered(skipped):
		return 0, info, skipped
	case found == 0:
		detail := fmt.Sprintf("%d slots with a token were looked at", len(slots))
		if other != "" { // it may be a neighbour as well as a stranger, so this is waited for
			detail += ", one of this label has the serial number " + other
		}
		return 0, info, &failure{class: Removed, about: want.String(), detail: detail, err: skipped}
	case found > 1:
		return 0, info, &failure{class: TokenTwice, about: want.String()}
	}
	return slot, info, nil
}

// enter opens the anchor session and logs in. A PIN is sent only where the token's flags say that it can do no harm, and never one that was refused.
func (t *token) enter(m *module, in loggedIn, pin []byte) (session, error) {
	h, err := m.lib.OpenSession(in.slot, p11.CKF_SERIAL_SESSION)
	if err != nil {
		return session{}, err
	}
	s := session{handle: h, epoch: m.era()}
	if err := t.authenticate(m.lib, h, in, pin); err != nil {
		_ = m.lib.CloseSession(h)
		return session{}, err
	}
	return s, nil
}

func (t *token) authenticate(lib *p11.Ctx, h p11.SessionHandle, in loggedIn, pin []byte) error {
	if isLoggedIn(lib, h) || pin == nil && in.info.Flags&p11.CKF_LOGIN_REQUIRED == 0 {
		return nil
	}
	if err := mayLogin(t.name(), in.info.Flags, pin); err != nil {
		return err
	}
	digest := gm.SM3(pin)
	t.mu.Lock()
	refused := t.badPIN == digest
	t.mu.Unlock()
	if refused {
		return t.fail(PINWrong, "", nil)
	}
	userType := uint(p11.CKU_USER)
	if len(in.profiles) > 0 {
		userType = in.profiles[0].Login.UserType
	}
	err := lib.Login(h, userType, string(pin))
	if errors.Is(err, p11.Error(p11.CKR_USER_ALREADY_LOGGED_IN)) {
		return nil
	}
	c := classOf(err, nil)
	if c == PINWrong {
		t.mu.Lock()
		t.badPIN = digest
		t.mu.Unlock()
	}
	if err != nil && !gone(c) {
		return t.fail(c, "", err)
	}
	return err
}

// mayLogin looks at the token's flags before a PIN is sent.
func mayLogin(name string, flags uint, pin []byte) error {
	c := Answered
	switch {
	case flags&p11.CKF_USER_PIN_LOCKED != 0:
		c = PINLocked
	case flags&p11.CKF_USER_PIN_FINAL_TRY != 0:
		c = PINLastTry
	case len(pin) == 0:
		c = PINMissing
	}
	if c == Answered {
		return nil
	}
	return &failure{class: c, about: name}
}

func isLoggedIn(lib *p11.Ctx, h p11.SessionHandle) bool {
	info, err := lib.GetSessionInfo(h)
	return err == nil && (info.State == p11.CKS_RO_USER_FUNCTIONS || info.State == p11.CKS_RW_USER_FUNCTIONS)
}

// recognise lists the profiles that may be right: the one named, or those whose vendor the library says it is of and whose mechanism the token has.
// Which of them is right shows when a key signs.
func (t *token) recognise(lib *p11.Ctx, slot uint) ([]*profile.Profile, error) {
	names := []string{t.conf.Profile}
	auto := t.conf.Profile == "auto"
	if auto {
		names = profile.Names()
	}
	info, err := lib.GetInfo()
	if err != nil {
		return nil, err
	}
	mechanisms, err := lib.GetMechanismList(slot)
	if err != nil {
		return nil, err
	}
	has := map[uint]bool{}
	for _, m := range mechanisms {
		has[m.Mechanism] = true
	}
	var list []*profile.Profile
	for _, name := range names {
		p, err := profile.Load(name)
		if err != nil {
			return nil, err
		}
		sign := p.SM2.Sign.Digest.Mechanism
		if auto && (!p.Matches(info.ManufacturerID, info.LibraryDescription, version(info.LibraryVersion)) || !has[sign]) {
			continue
		}
		if sign == 0 {
			return nil, t.fail(NoProfile, "the profile "+name+" has no mechanism that signs a digest", nil)
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return nil, t.fail(NoProfile, fmt.Sprintf("the library says it is %q by %q", strings.TrimRight(info.LibraryDescription, " \x00"), strings.TrimRight(info.ManufacturerID, " \x00")), nil)
	}
	return list, nil
}

func version(v p11.Version) string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }
