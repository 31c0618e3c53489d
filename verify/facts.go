package verify

import (
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/trust"
)

// Facts is what was found in a file and in the evidence at hand, without any judgement. It marshals to JSON, so a judgement can be repeated from a
// recording without the file, the network or any cryptography.
type Facts struct {
	Format     string           `json:"format"`              // PDF, OFD
	Tolerated  string           `json:"tolerated,omitempty"` // where the file departs from its standard, so that programs may read it in different ways
	Signatures []SignatureFacts `json:"signatures"`

	Beside *BesideFacts `json:"beside,omitempty"` // evidence kept outside the file

	Document *doctype.Facts `json:"document,omitempty"` // what the document says of itself; nil where that was not asked for
}

// SignatureFacts is one signature of the file.
type SignatureFacts struct {
	ID          string            `json:"id"`
	Kind        document.Kind     `json:"kind"`
	Profile     string            `json:"profile"`
	Filter      string            `json:"filter,omitempty"`
	Name        string            `json:"name,omitempty"` // the signer's name as the file claims it
	Reason      string            `json:"reason,omitempty"`
	Places      []document.Place  `json:"places,omitempty"`
	Coverage    document.Coverage `json:"coverage"`
	CoverageWhy string            `json:"coverageWhy,omitempty"`
	Changes     []document.Change `json:"changes,omitempty"`
	ChangesErr  string            `json:"changesErr,omitempty"`

	Certifies bool            `json:"certifies,omitempty"` // it certifies the document
	Permits   document.Level  `json:"permits,omitempty"`   // the highest level of changes that it permits after it; empty where it says nothing
	Locks     []document.Lock `json:"locks,omitempty"`     // the fields that it locks

	Standing document.Standing `json:"standing,omitempty"` // whether the document still has it
	Protects int               `json:"protects,omitempty"` // the last revision that it protects, counted from 1
	Gone     int               `json:"gone,omitempty"`     // the revision that took it away

	Files *FilesFacts `json:"files,omitempty"` // where the files that it lists could not be compared

	Unsupported bool       `json:"unsupported,omitempty"` // the profile is not one this version reads
	FormatErr   string     `json:"formatErr,omitempty"`   // the value or its place in the file is malformed
	Value       ValueFacts `json:"value"`
	Signer      *CertFacts `json:"signer,omitempty"` // of a document time stamp: its authority
	Seal        *SealFacts `json:"seal,omitempty"`

	Tokens     []TokenFacts `json:"tokens,omitempty"`     // time stamps it carries; of a document time stamp the one that it is
	TokensLeft int          `json:"tokensLeft,omitempty"` // further ones, which were not read
}

// FilesFacts is why the files that a signature protects one by one could not be compared with the digests it lists. One of the two is set.
type FilesFacts struct {
	Insecure string `json:"insecure,omitempty"` // the digests are of a kind that proves nothing
	Unknown  string `json:"unknown,omitempty"`  // the digests are of a kind that is not known here
}

// ValueFacts is the cryptography of one signature value.
type ValueFacts struct {
	Algorithm    string     `json:"algorithm,omitempty"`
	DigestOK     bool       `json:"digestOK"` // the file's protected bytes have the digest that was signed
	DigestErr    string     `json:"digestErr,omitempty"`
	ValueOK      bool       `json:"valueOK"` // the value verifies with the signer's certificate
	ValueErr     string     `json:"valueErr,omitempty"`
	Unknown      string     `json:"unknown,omitempty"`  // an algorithm, curve or key that is not known here: value and digest could not be computed
	Mismatch     string     `json:"mismatch,omitempty"` // how digest algorithm, signature algorithm and key contradict one another
	Weak         []Weakness `json:"weak,omitempty"`     // of the algorithms, what is no proof any more
	Signed       *CMSFacts  `json:"signed,omitempty"`   // of signed data
	ClaimedTime  time.Time  `json:"claimedTime,omitzero"`
	ProvenTime   time.Time  `json:"provenTime,omitzero"`  // by when something outside the file proves the signature to have existed; time stamps in it are judged besides
	TimeSource   string     `json:"timeSource,omitempty"` // where the claimed time stands: timeInfo, signingTime, M
	PropertyOK   bool       `json:"propertyOK"`
	Property     string     `json:"property,omitempty"`
	OwnContainer bool       `json:"ownContainer,omitempty"` // written by this project, whose property text is known
}

// Weakness is an algorithm or a key that is no proof any more: MD5, SHA-1, RSA below 2048 bits, DSA. What is proven to be older counts still.
type Weakness struct {
	Name  string    `json:"name"`  // as package cms writes it
	Since time.Time `json:"since"` // from when on it proves nothing
}

// CMSFacts is how signed data keeps the rules of its container. What the container asks depends on the SubFilter, and is judged.
type CMSFacts struct {
	Signers    int      `json:"signers"`              // SignerInfos; there is to be one
	Layout     string   `json:"layout,omitempty"`     // cms.Detached, cms.Digested or cms.Enclosed
	Attributes bool     `json:"attributes"`           // there are signed attributes
	Malformed  string   `json:"malformed,omitempty"`  // what is wrong with them
	Binding    Binding  `json:"binding,omitempty"`    // of the signer's certificate
	BindingErr string   `json:"bindingErr,omitempty"` // why it is BindingWrong
	Deviations []string `json:"deviations,omitempty"` // from the encoding or the standard, tolerated
}

// Binding says whether a signed attribute (ESSCertID, ESSCertIDv2) names the signer's certificate.
type Binding string

// The bindings.
const (
	BindingHolds  Binding = "holds"
	BindingAbsent Binding = "absent"
	BindingWrong  Binding = "wrong" // it names another one
)

// SealFacts is the seal inside an SES_Signature.
type SealFacts struct {
	Version      int        `json:"version"`            // 1, 4 or 5
	Problems     []string   `json:"problems,omitempty"` // fields that break a rule
	Mixed        bool       `json:"mixed,omitempty"`    // the signature and its seal are of different generations
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Type         int        `json:"type"`
	Vendor       string     `json:"vendor,omitempty"`
	Created      time.Time  `json:"created"`
	Start        time.Time  `json:"start"`
	End          time.Time  `json:"end"`
	PictureType  string     `json:"pictureType"`
	Width        int        `json:"width"`   // mm
	Height       int        `json:"height"`  // mm
	Picture      []byte     `json:"-"`       // as the seal holds it; it is shown and not judged, so no recording needs it
	MakerOK      bool       `json:"makerOK"` // the maker's signature verifies
	MakerErr     string     `json:"makerErr,omitempty"`
	Maker        *CertFacts `json:"maker,omitempty"`
	AnyMaker     bool       `json:"anyMaker,omitempty"` // the maker's anchor is one for signers too, so a signer could have made the seal
	SignerListed bool       `json:"signerListed"`
	ListErr      string     `json:"listErr,omitempty"`
	Critical     []string   `json:"critical,omitempty"` // extensions of seal and signature that must be understood; none is
	Stored       string     `json:"stored,omitempty"`   // Seal.esl beside the value: "same", "differs" or empty where none
	Shown        Shown      `json:"shown"`
	ShownWhy     string     `json:"shownWhy,omitempty"`
}

// Shown compares the picture that the file shows with the one in the seal.
type Shown string

// The comparisons.
const (
	ShownSame          Shown = "same"      // byte for byte
	ShownSamePixels    Shown = "pixels"    // the same pixels in another encoding
	ShownDiffers       Shown = "differs"   // another picture, or another size
	ShownNot           Shown = "invisible" // the signature shows nothing
	ShownInValue       Shown = "in-value"  // the format takes the picture from the value itself
	ShownNotComparable Shown = "unknown"   // the appearance or the picture's type cannot be compared
)

// CertFacts is one certificate with its chain and what is known of its revocation.
type CertFacts struct {
	Err               string             `json:"err,omitempty"` // the certificate cannot be read, and nothing below is known
	Subject           string             `json:"subject"`
	Organization      string             `json:"organization,omitempty"`
	USCC              string             `json:"uscc,omitempty"`
	Issuer            string             `json:"issuer"`
	Serial            string             `json:"serial"`
	Fingerprint       string             `json:"fingerprint"` // SM3 of the DER, hex
	NotBefore         time.Time          `json:"notBefore"`
	NotAfter          time.Time          `json:"notAfter"`
	DigitalSignature  bool               `json:"digitalSignature"`
	ContentCommitment bool               `json:"contentCommitment"` // nonRepudiation
	Chain             trust.Chain        `json:"chain"`
	Revocations       []trust.Revocation `json:"revocations"` // of each link below the anchor, leaf first
	Under             []UnderFacts       `json:"under,omitempty"`
	Tax               *CertFacts         `json:"tax,omitempty"` // the same certificate of a signer, where a chain of it ends at an anchor for tax authorities
}

// UnderFacts is what is known of a certificate's revocation from the evidence that one document time stamp protects, and from the verifier's own.
type UnderFacts struct {
	Timestamp   int                `json:"timestamp"` // index among the file's signatures
	Revocations []trust.Revocation `json:"revocations"`
}
