package cms

import "fmt"

// Code says what did not hold. It is an error, so that errors.Is(result.Err(), cms.ErrValue) answers.
type Code string

// The codes.
const (
	ErrContent     Code = "content"             // there is nothing to check: the content is neither enclosed nor given
	ErrDigest      Code = "digest"              // the content is not what was signed
	ErrValue       Code = "value"               // the value does not verify under the certificate's key
	ErrAttributes  Code = "attributes"          // the signed attributes are incomplete, doubled or contradict the content type
	ErrAlgorithm   Code = "algorithm"           // digest, signature algorithm and key do not fit together
	ErrUnsupported Code = "unsupported"         // an algorithm, curve or kind of key that is not known here, so that nothing could be computed
	ErrCertificate Code = "signing-certificate" // the signed attribute names another certificate
)

// Error returns the code.
func (c Code) Error() string { return "cms: " + string(c) }

// Failure is one thing that did not hold.
type Failure struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

// Error returns code and detail.
func (f Failure) Error() string { return fmt.Sprintf("cms: %s: %s", string(f.Code), f.Detail) }

// Unwrap returns the code.
func (f Failure) Unwrap() error { return f.Code }

// NoteCode names a deviation that was tolerated.
type NoteCode string

// The notes.
const (
	NoteBER            NoteCode = "not-der"                       // the value is BER
	NoteTrailing       NoteCode = "bytes-after-value"             // unsigned bytes follow the value
	NoteUnsorted       NoteCode = "attributes-unsorted"           // signed attributes are not in DER order; they were checked in theirs
	NoteNoAttributes   NoteCode = "no-signed-attributes"          // the value signs the content directly
	NoteContentType    NoteCode = "content-type-deviates"         // attribute and content name data by the other's identifier (CMS, GB/T 35275)
	NoteUnlisted       NoteCode = "digest-algorithm-unlisted"     // the signer's digest algorithm is not in digestAlgorithms
	NoteRawSignature   NoteCode = "raw-signature"                 // r‖s without DER
	NoteDigestAsText   NoteCode = "digest-as-text"                // the enclosed digest is base64 text
	NoteOtherDigest    NoteCode = "enclosed-digest-sha1"          // the enclosed digest is SHA-1, whatever the signer's digest algorithm
	NoteNoCertificate  NoteCode = "signing-certificate-absent"    // no signed attribute binds the certificate
	NoteIdentifierKind NoteCode = "signer-version-does-not-match" // the version does not go with the kind of signer identifier
	NoteRewritten      NoteCode = "attributes-not-der"            // signed attributes came as BER; they were checked in their DER form (RFC 5652 5.4)
	NoteSalt           NoteCode = "pss-salt-length"               // the salt of RSA-PSS is not as long as the hash (RFC 4055 3.1 recommends it)
)

// Note is a deviation that was tolerated. The judge decides what to make of it.
type Note struct {
	Code   NoteCode `json:"code"`
	Detail string   `json:"detail,omitempty"`
}

// Layout says where the signed content is.
type Layout string

// The layouts.
const (
	Detached Layout = "detached" // outside
	Digested Layout = "digested" // enclosed is the digest of what is outside; the value signs that digest as its content
	Enclosed Layout = "enclosed" // inside
)

// Result is what Check found; plain data that marshals to JSON.
type Result struct {
	Failures           []Failure `json:"failures,omitempty"`
	Insecure           []string  `json:"insecure,omitempty"` // what of the algorithms is no proof any more
	Notes              []Note    `json:"notes,omitempty"`
	Layout             Layout    `json:"layout"`
	Attributes         bool      `json:"attributes"` // there are signed attributes
	DigestAlgorithm    string    `json:"digestAlgorithm"`
	SignatureAlgorithm string    `json:"signatureAlgorithm,omitempty"` // empty where it is unknown
}

// Intact reports whether everything held. Insecure and Notes are the judge's.
func (r Result) Intact() bool { return len(r.Failures) == 0 }

// Err returns the first failure, nil where there is none.
func (r Result) Err() error {
	if r.Intact() {
		return nil
	}
	return r.Failures[0]
}

// Failed reports whether a failure has the code.
func (r Result) Failed(c Code) bool {
	for _, f := range r.Failures {
		if f.Code == c {
			return true
		}
	}
	return false
}

// Noted reports whether the deviation was met.
func (r Result) Noted(c NoteCode) bool {
	for _, n := range r.Notes {
		if n.Code == c {
			return true
		}
	}
	return false
}

func (r *Result) fail(c Code, format string, args ...any) {
	r.Failures = append(r.Failures, Failure{c, fmt.Sprintf(format, args...)})
}

func (r *Result) note(c NoteCode, detail string) { r.Notes = append(r.Notes, Note{c, detail}) }

func (r *Result) insecure(what string) {
	for _, s := range r.Insecure {
		if s == what {
			return
		}
	}
	r.Insecure = append(r.Insecure, what)
}
