package timestamp

import (
	"fmt"
	"slices"
	"time"

	"yinxin/cms"
)

// Code says what of a token did not hold. It is an error, so that errors.Is(facts.Err(), timestamp.ErrImprint) answers.
type Code string

// The codes. They are stable.
const (
	ErrVersion     Code = "version"             // TSTInfo is not of version 1
	ErrExtension   Code = "critical-extension"  // TSTInfo has a critical extension that is not known here
	ErrHash        Code = "imprint-hash"        // the imprint's hash is not known here
	ErrImprint     Code = "imprint"             // the token is over other bytes
	ErrSigners     Code = "signers"             // there is not exactly one signer (RFC 3161 2.4.2)
	ErrCertificate Code = "certificate-missing" // the signer's certificate is neither enclosed nor given
	ErrBinding     Code = "signing-certificate" // the signed attribute that names the certificate is absent or names another (RFC 5816)
	ErrUsage       Code = "certificate-usage"   // the certificate is not for time stamping alone, critically (RFC 3161 2.3)
	ErrAttributes  Code = "attributes"          // the signed attributes are incomplete, doubled or contradict the content
	ErrContent     Code = "content"             // the TSTInfo is not what was signed
	ErrValue       Code = "value"               // the signature does not verify under the certificate's key
	ErrAlgorithm   Code = "algorithm"           // digest, signature algorithm and key do not fit together
	ErrUnsupported Code = "unsupported"         // an algorithm that is not known here, so that nothing could be computed
)

// Error returns the code.
func (c Code) Error() string { return "timestamp: " + string(c) }

// Failure is one thing that did not hold.
type Failure struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

// Error returns code and detail.
func (f Failure) Error() string { return fmt.Sprintf("timestamp: %s: %s", string(f.Code), f.Detail) }

// Unwrap returns the code.
func (f Failure) Unwrap() error { return f.Code }

// The notes that a token adds to those of package cms: deviations that were tolerated.
const (
	NoteTime     cms.NoteCode = "time-not-der"             // genTime ends in zeros
	NoteName     cms.NoteCode = "tsa-name-differs"         // the tsa field is not a name of the certificate; the signed attribute names it nevertheless
	NoteESSCert  cms.NoteCode = "signing-certificate-sha1" // the certificate is named by its SHA-1 digest alone (RFC 2634); RFC 5816 allows it no more
	NoteVersion  cms.NoteCode = "signed-data-version"      // SignedData is not of version 3 to 5, as RFC 5652 5.1 wants it for this content
	NoteNoSerial cms.NoteCode = "serial-not-positive"
)

// Facts are what a token says and what of it holds; plain data that marshals to JSON. Times are UTC.
type Facts struct {
	Time     time.Time     `json:"time"`     // stated
	Accuracy time.Duration `json:"accuracy"` // stated, in nanoseconds; 0 where nothing is
	Ordering bool          `json:"ordering,omitempty"`
	Policy   string        `json:"policy"` // dotted
	Serial   string        `json:"serial"` // hexadecimal
	Nonce    string        `json:"nonce,omitempty"`
	Hash     string        `json:"hash"` // of the imprint, as package cms names it

	Imprint bool `json:"imprint"` // the token is over the bytes given
	Value   bool `json:"value"`   // the signature holds under Certificate's key, and TSTInfo is what it signs

	DigestAlgorithm    string   `json:"digestAlgorithm,omitempty"`
	SignatureAlgorithm string   `json:"signatureAlgorithm,omitempty"`
	Certificate        []byte   `json:"certificate,omitempty"` // the authority's, DER; nil where it was not found
	Pool               [][]byte `json:"pool,omitempty"`        // all certificates enclosed, DER: for the search of a chain
	CRLs               [][]byte `json:"crls,omitempty"`        // enclosed
	OCSPs              [][]byte `json:"ocsps,omitempty"`       // enclosed

	Failures []Failure  `json:"failures,omitempty"`
	Insecure []string   `json:"insecure,omitempty"` // what of the algorithms is no proof any more
	Notes    []cms.Note `json:"notes,omitempty"`
}

// Intact reports whether everything held. Insecure and Notes are the judge's, and so are the chain and its periods.
func (f Facts) Intact() bool { return len(f.Failures) == 0 }

// Err returns the first failure, nil where there is none.
func (f Facts) Err() error {
	if f.Intact() {
		return nil
	}
	return f.Failures[0]
}

// Failed reports whether a failure has the code.
func (f Facts) Failed(c Code) bool {
	return slices.ContainsFunc(f.Failures, func(x Failure) bool { return x.Code == c })
}

// Noted reports whether the deviation was met.
func (f Facts) Noted(c cms.NoteCode) bool {
	return slices.ContainsFunc(f.Notes, func(n cms.Note) bool { return n.Code == c })
}

// Latest is the last moment at which the stamped bytes may have been new: they existed then at the latest.
func (f Facts) Latest() time.Time { return f.Time.Add(f.Accuracy) }

// Earliest is the first moment at which the token may have been made.
func (f Facts) Earliest() time.Time { return f.Time.Add(-f.Accuracy) }

func (f *Facts) fail(c Code, format string, args ...any) {
	f.Failures = append(f.Failures, Failure{c, fmt.Sprintf(format, args...)})
}

func (f *Facts) note(c cms.NoteCode, detail string) {
	f.Notes = append(f.Notes, cms.Note{Code: c, Detail: detail})
}

func (f *Facts) insecure(what string) {
	if !slices.Contains(f.Insecure, what) {
		f.Insecure = append(f.Insecure, what)
	}
}
