// Package fault names the few kinds of failure that cross the borders between packages.
//
// An Error is made once, where the cause is known, and rendered once, at the edge (command line or HTTP). It carries a stable code and one
// sentence in Chinese and English for people, and the cause for operators. A failure that carries no kind is an internal error: its detail is
// never shown to a remote caller.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure happened. A Kind is itself an error, so that errors.Is(err, fault.Invalid) answers.
type Kind uint8

// The kinds. The HTTP edge maps them to 400/422, 403, 404, 409, 503 and 413/429.
const (
	Invalid     Kind = iota + 1 // the input is wrong; the same input will fail again
	Denied                      // understood and refused
	NotFound                    // the thing named does not exist
	Conflict                    // the state of things forbids it now
	Unavailable                 // a part needed is out of reach; later may work
	Limit                       // larger, longer or more often than allowed
)

var kindNames = [...]string{"internal", "invalid", "denied", "not found", "conflict", "unavailable", "limit"}

// Error returns the kind's name.
func (k Kind) Error() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// Public is what may be shown to anyone: a stable code and one sentence in each language.
type Public struct {
	Code string `json:"code"` // lower case words joined by hyphens; never changes once released
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// In returns the sentence in the language ("zh" or "en"; anything else is "en").
func (p Public) In(lang string) string {
	if lang == "zh" && p.ZH != "" {
		return p.ZH
	}
	return p.EN
}

// Error is a failure with a kind, a public sentence and a cause (which may be nil).
type Error struct {
	Kind   Kind
	Public Public
	Err    error
}

// New makes an Error. cause may be nil.
func New(kind Kind, code, zh, en string, cause error) *Error {
	return &Error{Kind: kind, Public: Public{Code: code, ZH: zh, EN: en}, Err: cause}
}

// Error returns the English sentence and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Public.EN
	}
	return e.Public.EN + ": " + e.Err.Error()
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// KindOf returns the kind of the outermost Error in err's chain, and 0 where there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// PublicOf returns the public part of the outermost Error in err's chain; ok is false where there is none.
func PublicOf(err error) (p Public, ok bool) {
	var e *Error
	if errors.As(err, &e) {
		return e.Public, true
	}
	return Public{}, false
}
