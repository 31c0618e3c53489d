package verify

import (
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/fault"
)

// Verdict is the answer for a signature or a file.
type Verdict string

// The verdicts. PASSED means the checks passed under the trust given; it never means legally valid.
const (
	Passed        Verdict = "PASSED"
	Failed        Verdict = "FAILED"
	Indeterminate Verdict = "INDETERMINATE"
	Unsigned      Verdict = "UNSIGNED"
	Unreadable    Verdict = "UNREADABLE"
	NotJudged     Verdict = "NOT_JUDGED" // of an aspect or of what a document says: the question could not be asked
)

// Level says what a finding weighs.
type Level string

// The levels.
const (
	Fail   Level = "FAIL"   // decides the verdict
	Warn   Level = "WARN"   // to be looked at; does not decide
	Inform Level = "INFORM" // worth knowing
)

// Sub is a sub-indication of EN 319 102-1.
type Sub string

// The sub-indications in use.
const (
	SubFormat         Sub = "FORMAT_FAILURE"
	SubHash           Sub = "HASH_FAILURE"
	SubCrypto         Sub = "SIG_CRYPTO_FAILURE"
	SubConstraints    Sub = "SIG_CONSTRAINTS_FAILURE"
	SubChainRules     Sub = "CHAIN_CONSTRAINTS_FAILURE"
	SubChain          Sub = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	SubNoChain        Sub = "NO_CERTIFICATE_CHAIN_FOUND"
	SubNoCertificate  Sub = "NO_SIGNING_CERTIFICATE_FOUND"
	SubCryptoAge      Sub = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	SubCryptoProven   Sub = "CRYPTO_CONSTRAINTS_FAILURE"
	SubRevoked        Sub = "REVOKED"
	SubRevokedNoPOE   Sub = "REVOKED_NO_POE"
	SubRevokedCANoPOE Sub = "REVOKED_CA_NO_POE"
	SubExpired        Sub = "EXPIRED"
	SubNotYetValid    Sub = "NOT_YET_VALID"
	SubOutOfBounds    Sub = "OUT_OF_BOUNDS_NO_POE"
	SubTryLater       Sub = "TRY_LATER"

	SubOutOfBoundsGood       Sub = "OUT_OF_BOUNDS_NOT_REVOKED"
	SubRevocationOutOfBounds Sub = "REVOCATION_OUT_OF_BOUNDS_NO_POE"

	SubTimestampOrder Sub = "TIMESTAMP_ORDER_FAILURE"
	SubNoPOE          Sub = "NO_POE"
	SubNotJudged      Sub = "SIGNED_DATA_NOT_FOUND"
)

// Integrity answers one question apart from all others: are the protected bytes what was signed?
type Integrity string

// The integrities. Unknown is used only for signatures of a kind that is not read.
const (
	Intact           Integrity = "INTACT"
	Broken           Integrity = "BROKEN"
	IntegrityUnknown Integrity = "UNKNOWN"
)

// Report is the judgement of one file.
type Report struct {
	File          string            `json:"file"`
	Format        string            `json:"format"`
	Verdict       Verdict           `json:"verdict"`
	IntegrityOnly bool              `json:"integrityOnly,omitempty"` // trust, revocation, time and algorithm age were not judged
	At            time.Time         `json:"at,omitzero"`             // the judging time
	Document      *DocumentReport   `json:"document,omitempty"`      // nil where its type was not asked for or not told
	Signatures    []SignatureReport `json:"signatures"`
	Error         *fault.Public     `json:"error,omitempty"` // why the file is UNREADABLE
}

// DocumentReport is what the document is, what it says, and how that agrees with itself and with who sealed it.
type DocumentReport struct {
	Type      doctype.Type      `json:"type"`
	Certainty doctype.Certainty `json:"certainty"`
	Why       Text              `json:"why"`                // what the type was told by
	Untested  bool              `json:"untested,omitempty"` // read after descriptions alone: no real file of this form was ever tried
	Verdict   Verdict           `json:"verdict"`            // of the rules; NOT_JUDGED where they found nothing and no signature vouches for what it says
	Sub       Sub               `json:"sub,omitempty"`
	Fields    []doctype.Field   `json:"fields"`
	Findings  []Finding         `json:"findings"`
}

// SignatureReport is the judgement of one signature.
type SignatureReport struct {
	ID        string            `json:"id"`
	Kind      document.Kind     `json:"kind"`
	Profile   string            `json:"profile"`
	Verdict   Verdict           `json:"verdict"`
	Sub       Sub               `json:"sub,omitempty"` // of the finding that decided
	Integrity Integrity         `json:"integrity"`
	Aspects   Aspects           `json:"aspects"`
	Coverage  document.Coverage `json:"coverage"`
	Changes   Changes           `json:"changes"`
	Seal      *SealSummary      `json:"seal,omitempty"`
	Signer    *CertSummary      `json:"signer,omitempty"`
	Maker     *CertSummary      `json:"maker,omitempty"`
	Time      *Time             `json:"time,omitempty"`

	Timestamps []TokenReport `json:"timestamps,omitempty"` // that it carries, or is

	Standing  document.Standing `json:"standing,omitempty"`  // empty: the document still has it
	Certifies bool              `json:"certifies,omitempty"` // it certifies the document (DocMDP)
	Permits   document.Level    `json:"permits,omitempty"`   // the highest level of changes that it permits after it
	Locks     []document.Lock   `json:"locks,omitempty"`     // the fields that it locks

	Places   []document.Place `json:"places,omitempty"`
	Findings []Finding        `json:"findings"`
}

// Aspects answers four questions apart, each PASSED, FAILED, INDETERMINATE or NOT_JUDGED.
type Aspects struct {
	Integrity   Verdict `json:"integrity"`   // is it what was signed, with the seal it shows?
	Certificate Verdict `json:"certificate"` // may the certificates and the seal be used for this, at that time?
	Identity    Verdict `json:"identity"`    // does a chain end at somebody trusted here?
	Revocation  Verdict `json:"revocation"`  // was a certificate withdrawn?
}

// Changes is what later revisions did.
type Changes struct {
	Level document.Level    `json:"level"`
	List  []document.Change `json:"list"`
}

// SealSummary names the seal.
type SealSummary struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Type    int       `json:"type"`
	Version int       `json:"version"`
	Created time.Time `json:"created,omitzero"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`

	Picture SealPicture `json:"picture"`
}

// SealPicture is the picture in the seal, which need not be what the file shows. JSON leaves its bytes out.
type SealPicture struct {
	Type   string `json:"type"`   // as the seal says
	Width  int    `json:"width"`  // mm
	Height int    `json:"height"` // mm
	Data   []byte `json:"-"`      // hostile bytes of any type
}

// CertSummary names a certificate's holder and the trust it has here.
type CertSummary struct {
	Name        string `json:"name"`
	USCC        string `json:"uscc,omitempty"`
	Issuer      string `json:"issuer"`
	Serial      string `json:"serial"`
	Fingerprint string `json:"fingerprint"`
	Trusted     bool   `json:"trusted"` // a chain ends at an anchor given for this use
	Class       string `json:"class"`   // of that anchor: internal, licensed, e-government or unknown

	Missing *Missing `json:"missing,omitempty"` // who would have to be trusted, where nobody is
}

// Missing is the authority, or the maker, that would have to be trusted for a certificate to count. All of it is a claim of the file: whoever adds it
// asks its holder for the fingerprint first.
type Missing struct {
	Use         string   `json:"use"`                  // folder of the trust directory: maker or ca
	Name        string   `json:"name"`                 // whose certificate this is
	Fingerprint string   `json:"fingerprint"`          // SM3 of Certificate, hex
	Certificate []byte   `json:"certificate"`          // DER of the highest certificate in the file
	Authority   bool     `json:"authority"`            // it issues certificates: trusting it trusts whatever it issues
	Issuer      string   `json:"issuer,omitempty"`     // who issued it, where that certificate is not in the file
	IssuerURLs  []string `json:"issuerUrls,omitempty"` // where the certificate says its issuer's may be had
}

// Time is when the signature claims to have been made, which is never proof, and by when it is proven to have existed.
type Time struct {
	Claimed  time.Time `json:"claimed,omitzero"`
	Source   string    `json:"source"` // of Claimed
	Proven   time.Time `json:"proven,omitzero"`
	ProvenBy string    `json:"provenBy,omitempty"` // the time stamping authority whose word that is
	Class    string    `json:"class,omitempty"`    // of that authority's anchor
}

// TokenReport is what one time stamp is worth.
type TokenReport struct {
	Over      Stamped       `json:"over"`
	Time      time.Time     `json:"time,omitzero"` // as stated
	Accuracy  time.Duration `json:"accuracy,omitempty"`
	Authority *CertSummary  `json:"authority,omitempty"`
	Proves    bool          `json:"proves"` // it holds and its authority is trusted: what it is over existed at that time
}

// Finding is one thing a check found. Checks that found nothing leave no finding.
type Finding struct {
	Check   Code    `json:"check"`
	Level   Level   `json:"level"`
	Verdict Verdict `json:"verdict,omitempty"` // what it does to the signature, for level FAIL
	Sub     Sub     `json:"sub,omitempty"`
	Message Text    `json:"message"`          // what was found, in a sentence anyone understands
	Next    Text    `json:"next,omitzero"`    // what to do about it, where something can be done
	Detail  string  `json:"detail,omitempty"` // what a parser or check said, in English, for those who look after the software
}

// Text is one sentence in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In returns the sentence in lang, "zh" or "en".
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.ZH
	}
	return t.EN
}
