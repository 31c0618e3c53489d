package document

import "errors"

// Referencer is implemented by signatures that protect files one by one, each by its digest (OFD).
type Referencer interface {
	// References digests every file the signature lists and says which are as they were. Files that several signatures list are digested once. It is best
	// asked before Coverage: what a part leads to is then found on the way, and no part is inflated twice. An error says that nothing could be compared: a
	// malformed signature, or digests of a kind that protects nothing (ErrDigestInsecure) or is not known (ErrDigestUnknown).
	References(h Hasher) ([]Reference, error)
}

// Errors of Referencer, and of the Changes of a signature that is one.
var (
	ErrDigestInsecure = errors.New("the digests of the listed files protect nothing")
	ErrDigestUnknown  = errors.New("the digests of the listed files are of no known kind")
	ErrUnchecked      = errors.New("the references of the signature were not checked") // nobody knows what changed before References was asked
)

// Reference is a file that a signature lists, and whether it is as it was.
type Reference struct {
	Path  string         `json:"path"` // from the root of the package, with a leading slash
	State ReferenceState `json:"state"`
	Why   string         `json:"why,omitempty"` // the reason, where it is UNREADABLE
	Want  []byte         `json:"-"`             // the digest as signed
	Got   []byte         `json:"-"`             // of the file, nil where there is none
}

// ReferenceState says what became of a listed file.
type ReferenceState string

// The states.
const (
	Unchanged  ReferenceState = "UNCHANGED"
	Altered    ReferenceState = "CHANGED"
	Missing    ReferenceState = "MISSING"
	Unreadable ReferenceState = "UNREADABLE" // the path, the digest or the data of the file is malformed
)

// Coverer is implemented by signatures that can say what they leave out.
type Coverer interface {
	// Uncovered lists the files of the package that the signature does not protect, its own apart. The error says why nobody can know.
	Uncovered() ([]Uncovered, error)
}

// Uncovered is a file that a signature does not protect.
type Uncovered struct {
	Path string `json:"path"` // from the root of the package, with a leading slash
	Role string `json:"role"` // what the file is used as, as the format names it

	// Reached reports that showing the document uses the file, so that whoever changes it changes what is shown.
	Reached bool `json:"reached"`
}

// The types of an OFD's signatures, which are their profiles (GB/T 33190, table 66).
const (
	TypeSeal = "Seal" // an SES_Signature
	TypeSign = "Sign" // a SignedData
)

// Codes of changes to the files that a signature protects one by one.
const (
	EntryChanged    = "entry-changed"
	EntryRemoved    = "entry-removed"
	EntryUnreadable = "entry-unreadable"
	EntryAdded      = "entry-added" // or left out by the signature from the beginning: the file does not say which
	EntryOpen       = "entry-open"  // left out, and nothing of what is shown comes from it: the list of signatures, which further ones change
)
