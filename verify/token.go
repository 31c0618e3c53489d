package verify

import (
	"time"

	"yinxin/timestamp"
)

// TokenFacts is one RFC 3161 time stamp token: what it says and what of it holds, without any judgement.
type TokenFacts struct {
	Over     Stamped       `json:"over"`
	Err      string        `json:"err,omitempty"`    // the token is malformed, and nothing below is known
	Unread   string        `json:"unread,omitempty"` // the stamped bytes cannot be read
	Time     time.Time     `json:"time,omitzero"`    // genTime as stated
	Accuracy time.Duration `json:"accuracy,omitempty"`
	Policy   string        `json:"policy,omitempty"`
	Serial   string        `json:"serial,omitempty"` // hexadecimal
	Hash     string        `json:"hash,omitempty"`   // of the imprint

	Imprint    bool                `json:"imprint"` // it is over the bytes it stands for
	Value      bool                `json:"value"`   // its signature holds under the authority's key
	Failures   []timestamp.Failure `json:"failures,omitempty"`
	Weak       []Weakness          `json:"weak,omitempty"`
	Deviations []string            `json:"deviations,omitempty"` // tolerated
	Authority  *CertFacts          `json:"authority,omitempty"`  // the time stamping authority, its chain built for that use
	Beside     bool                `json:"beside,omitempty"`     // it is kept beside the file, for this signature
}

// Stamped is what a token stands for.
type Stamped string

// What is stamped. A token inside what was signed can only be older than the signature, so it never proves when that existed.
const (
	StampsSignature Stamped = "signature" // the octets of the signature value
	StampsSeal      Stamped = "seal"      // the maker's signature on the seal
	StampsDocument  Stamped = "document"  // the bytes of a ByteRange: a document time stamp
	StampsContent   Stamped = "content"   // it stands in timeInfo of a v1 signature: signed along with the rest
)

// latest is the last moment at which the stamped bytes may have been new.
func (t *TokenFacts) latest() time.Time { return t.Time.Add(t.Accuracy) }

// earliest is the first moment at which the token may have been made.
func (t *TokenFacts) earliest() time.Time { return t.Time.Add(-t.Accuracy) }

// stated is the earliest time that tokens over such octets state; zero where there is none.
func (f *SignatureFacts) stated(over Stamped) (earliest time.Time) {
	for i := range f.Tokens {
		if t := &f.Tokens[i]; t.Over == over && t.Err == "" {
			earliest = earlier(earliest, t.Time)
		}
	}
	return earliest
}
