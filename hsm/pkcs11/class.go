//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"slices"

	p11 "github.com/miekg/pkcs11"

	"yinxin/fault"
	"yinxin/hsm/profile"
)

// Classes that never leave the package: they only say how to go on.
const (
	stale Class = "stale" // the key's handle means nothing (any more): find it again
	again Class = "again" // this session cannot go on, another can
)

// errStale is a session of a generation that is over.
var errStale = errors.New("pkcs11: the session belongs to an earlier login")

// classOf sorts an error. prof, which may be nil, adds the vendor's own codes.
func classOf(err error, prof *profile.Profile) Class {
	var f *failure
	var code p11.Error
	switch {
	case err == nil:
		return Answered
	case errors.As(err, &f):
		return f.class
	case errors.Is(err, errHung), errors.Is(err, errStuck), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Hung
	case errors.Is(err, errStale):
		return again
	case errors.As(err, &code):
		return classOfCode(uint(code), prof)
	}
	return Refused
}

func classOfCode(code uint, prof *profile.Profile) Class {
	if prof != nil && slices.Contains(prof.Errors.Reconnect, code) {
		return Lost
	}
	switch code {
	case p11.CKR_SESSION_HANDLE_INVALID, p11.CKR_SESSION_CLOSED, p11.CKR_DEVICE_ERROR, p11.CKR_USER_NOT_LOGGED_IN, p11.CKR_GENERAL_ERROR,
		p11.CKR_CRYPTOKI_NOT_INITIALIZED, p11.CKR_SLOT_ID_INVALID:
		return Lost
	case p11.CKR_DEVICE_REMOVED, p11.CKR_TOKEN_NOT_PRESENT:
		return Removed
	case p11.CKR_OBJECT_HANDLE_INVALID, p11.CKR_KEY_HANDLE_INVALID:
		return stale
	case p11.CKR_OPERATION_ACTIVE, p11.CKR_OPERATION_NOT_INITIALIZED, p11.CKR_FUNCTION_CANCELED:
		return again
	case p11.CKR_SESSION_COUNT:
		return Busy
	case p11.CKR_PIN_INCORRECT, p11.CKR_PIN_INVALID, p11.CKR_PIN_LEN_RANGE, p11.CKR_PIN_EXPIRED:
		return PINWrong
	case p11.CKR_PIN_LOCKED:
		return PINLocked
	}
	return Refused
}

// codeOf is the CK_RV in an error, 0 where there is none.
func codeOf(err error) uint {
	var code p11.Error
	if errors.As(err, &code) {
		return uint(code)
	}
	return 0
}

// explain turns whatever ended a call into an error for people; who names the token. What is one already, or was broken off, stays as it is.
func explain(who string, err error, prof *profile.Profile) error {
	if err == nil || fault.KindOf(err) != 0 || errors.Is(err, context.Canceled) {
		return err
	}
	c := classOf(err, prof)
	if c == stale || c == again {
		c = Refused
	}
	return &failure{class: c, about: who, err: err}
}

// gone reports whether a class says that no answer came because the token is out of reach.
func gone(c Class) bool { return c == Lost || c == Removed || c == Hung }

// forPeople reports whether waiting does not help until somebody acts.
func forPeople(c Class) bool { return !gone(c) && c != again && c != stale && c != Busy }
