// Package document is the shape that PDF and OFD share: a file that is opened from hostile bytes, lists its signatures with what happened after each,
// and takes a further one without disturbing the earlier. It holds no format and no cryptography: hashes are handed in, values are opaque bytes.
//
// Lengths are millimetres, measured on the page as displayed (after rotation and cropping), from its top left corner, x to the right, y downwards.
//
// Where a seal goes is a list of Places: a page, a centre and a size each. ParsePages reads which pages people mean ("1,3-5", "all", "odd"), and Riding
// cuts a seal into slices for the edges of many pages (骑缝章): places whose Clip shows a part of their box. One signature takes any mixture of them.
package document

import (
	"context"
	"errors"
	"hash"
	"io"
	"time"
)

// Format opens files of one kind.
type Format interface {
	// Name is "PDF" or "OFD".
	Name() string
	// Match reports whether a file beginning with head (at least its first 1032 bytes, or all of a shorter file) is of this format: content decides, never a name.
	Match(head []byte) bool
	// Open reads the structure of a file. r is hostile: the work and memory are bounded by o.Limits, and nothing panics.
	// The Document reads from r until it is dropped.
	Open(ctx context.Context, r io.ReaderAt, size int64, o Options) (Document, error)
}

// Options for Open.
type Options struct {
	Password string
	Limits   Limits
}

// Limits bound what a hostile file can cost. A zero field means the format's default.
type Limits struct {
	Bytes      int64 // largest file
	Objects    int   // most objects (PDF) or entries (OFD)
	Stream     int64 // largest decoded stream or entry
	Depth      int   // deepest nesting
	Signatures int   // most signatures
	Pages      int   // most pages
}

// Document is an opened file. Its methods may be called by one goroutine at a time.
type Document interface {
	// Pages lists the pages in order.
	Pages() ([]Page, error)
	// Signatures lists the signatures in order of revision. Signature fields without a value are not signatures.
	// A signature whose dictionary is malformed is still listed: its methods then return the reason. Listed too are those that the document had and has no
	// more, and those that it hides; see Info.Standing.
	Signatures() ([]Signature, error)
	// Prepare lays a signature out on the document. It refuses, with a *fault.Error, what the document does not allow.
	Prepare(r Request) (Draft, error)
}

// Tolerant is implemented by a Document that reads on where a file departs from its standard.
type Tolerant interface {
	// Tolerated returns the first thing tolerated so far, in a *fault.Error, nil where nothing was. Programs may differ in what they make of such a file.
	Tolerated() error
}

// Page is one page as displayed.
type Page struct {
	Width, Height float64 // mm, after rotation
	Rotation      int     // degrees clockwise: 0, 90, 180 or 270
}

// Kind says what a signature is for.
type Kind string

// The kinds.
const (
	Seal      Kind = "seal"      // SES_Signature: an electronic seal
	Sign      Kind = "signature" // a CMS signature
	Timestamp Kind = "timestamp" // a document time stamp
)

// Signature is one signature of a Document.
type Signature interface {
	Info() Info
	// Value is the SES_Signature, SignedData or token as stored, without padding.
	Value() []byte
	// Digest hashes the bytes the value signs. Ranges that several signatures share are hashed once.
	Digest(h Hasher) ([]byte, error)
	// Picture is what the file itself shows. It returns ErrInValue where the picture lives in the value (OFD), ErrInvisible where nothing is shown and
	// ErrNotOnePicture where the appearance is not one picture filling its place.
	Picture() (Picture, error)
	// Coverage says which bytes of the file the signature protects, with the reason where it is not FILE or REVISION.
	Coverage() (Coverage, string)
	// Changes lists what revisions after this signature changed.
	Changes() ([]Change, error)
}

// Errors of Signature.Picture.
var (
	ErrInValue       = errors.New("the picture is inside the signature value")
	ErrInvisible     = errors.New("the signature is not visible")
	ErrNotOnePicture = errors.New("the appearance is not a single picture")
)

// Info is what the file says of a signature. Nothing in it is proof.
type Info struct {
	ID          string // unique in the document: the field's full name (PDF) or the signature's ID (OFD)
	Kind        Kind
	Profile     string // SubFilter (PDF) or Type (OFD)
	Filter      string // the handler's name (PDF) or the provider (OFD)
	Name        string // the signer's name as claimed
	Reason      string
	Location    string
	ClaimedTime time.Time // zero where absent or unreadable
	Places      []Place
	Certs       [][]byte // certificates the file keeps beside the value, leaf first (PDF: Cert)
	Property    string   // what SES_Signature.propertyInfo must be for this file (GB/T 38540); empty where the format fixes none
	SealFile    []byte   // Seal.esl as stored beside the value, or nil; not to be changed

	Certifies bool   // it certifies the document (PDF: DocMDP)
	Permits   Level  // the highest level of changes that it permits after it; empty where it says nothing
	Locks     []Lock // the fields that it locks

	Standing Standing // whether the document still has the signature
	Protects int      // the last revision whose bytes it protects, counted from 1; 0 where that cannot be told
	Gone     int      // the revision that took it away, counted from 1; 0 while it stands
}

// Lock names fields that may not change after a signature, and with each those below it.
type Lock struct {
	Fields []string `json:"fields,omitempty"` // full names
	Except bool     `json:"except,omitempty"` // all fields but these
}

// Standing says whether a document, as its last revision shows it, still has a signature that is in its bytes.
type Standing string

// The standings.
const (
	Stands  Standing = ""        // it has
	Removed Standing = "removed" // an earlier revision had it
	Hidden  Standing = "hidden"  // no revision's list of signatures has it, though it is well-formed and protects a part of this very file
	Remnant Standing = "remnant" // the same, and malformed: what another file may have left
)

// Coverage says which bytes a signature protects.
type Coverage string

// The coverages.
const (
	CoversFile     Coverage = "FILE"     // all but the value itself
	CoversRevision Coverage = "REVISION" // all of a revision that later revisions follow
	CoversPart     Coverage = "PARTIAL"  // bytes before the end of its revision are unprotected
	CoversUnclear  Coverage = "UNCLEAR"  // the ranges are malformed or the gap holds more than the value
)

// Level orders changes by how much they may alter what a reader sees.
type Level string

// The levels, from none to anything.
const (
	LevelNone       Level = "NONE"
	LevelLTA        Level = "LTA"        // evidence added
	LevelForm       Level = "FORM"       // signature fields added or signed, form fields filled
	LevelAnnotation Level = "ANNOTATION" // annotations
	LevelOther      Level = "OTHER"      // anything else: never acceptable
)

var levelRank = map[Level]int{LevelNone: 0, LevelLTA: 1, LevelForm: 2, LevelAnnotation: 3, LevelOther: 4}

// Rank orders the levels; an unknown level ranks as OTHER.
func (l Level) Rank() int {
	if r, ok := levelRank[l]; ok {
		return r
	}
	return levelRank[LevelOther]
}

// Worst returns the highest level of the changes, LevelNone where there are none.
func Worst(changes []Change) Level {
	worst := LevelNone
	for _, c := range changes {
		if c.Level.Rank() > worst.Rank() {
			worst = c.Level
		}
	}
	return worst
}

// Change is one thing a later revision did.
type Change struct {
	Level    Level  `json:"level"`
	Code     string `json:"code"`               // stable: lower case words joined by hyphens, e.g. page-changed, field-added
	Object   string `json:"object"`             // what it happened to: "page 2", "field Seal1", "object 12"
	Revision int    `json:"revision,omitempty"` // counted from 1 = the file as first written

	// Was and Now are the values of a field that was filled, as texts cut to MaxValue runes; both empty for all else, and for passwords.
	Was string `json:"was,omitempty"`
	Now string `json:"now,omitempty"`

	// Ruling is what the signature asked says of such a change, beforehand: a forbidden one is never acceptable, whatever its level.
	Ruling Ruling `json:"ruling,omitempty"`

	Places   []Place `json:"places,omitempty"`   // where it shows, as far as that is known
	Overlaps bool    `json:"overlaps,omitempty"` // one of these places overlaps one where an earlier signature is shown
}

// MaxValue is how much of a field's value a Change shows, in runes.
const MaxValue = 100

// Ruling is what a signature says beforehand of changes after it.
type Ruling string

// The rulings.
const (
	Unruled     Ruling = ""          // nothing
	Permitted   Ruling = "permitted" // it names changes of this level as permitted (PDF: DocMDP)
	Forbidden   Ruling = "forbidden" // it names changes of this level as not permitted (PDF: DocMDP)
	FieldLocked Ruling = "locked"    // it locks the field (PDF: FieldMDP, or the lock of its field)
)

// Forbids reports whether a change that is ruled so breaks the signature.
func (r Ruling) Forbids() bool { return r != Unruled && r != Permitted }

// Suspicion is something in a document that could come to show something else once it is signed.
type Suspicion struct {
	Code   string  `json:"code"`             // stable: lower case words joined by hyphens, e.g. layer-off
	Object string  `json:"object"`           // as in Change
	Places []Place `json:"places,omitempty"` // where it is, as far as that is known
}

// Suspecter is implemented by a Document that can be searched for what prepares a shadow attack: content that is in the file, unseen, and could be made
// to show after signing. It is asked before sealing, to warn; a suspicion is no proof.
type Suspecter interface {
	// Suspicions lists what was found. The work is bounded: of very large files not all is looked at.
	Suspicions() ([]Suspicion, error)
}

// Place is where a signature is shown: a box around its centre. With a Clip the box is that of the whole picture, may lie outside the page, and only the
// clip of it is shown: a slice of a riding seal.
type Place struct {
	Page   int     `json:"page"`   // from 1
	X      float64 `json:"x"`      // centre, mm from the left of the page as displayed
	Y      float64 `json:"y"`      // centre, mm from its top
	Width  float64 `json:"width"`  // mm
	Height float64 `json:"height"` // mm
	Clip   Clip    `json:"clip,omitzero"`
}

// Clip is the part of a Place that is shown, in mm from the box's top left corner. The zero Clip shows all of it.
type Clip struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Picture is an image with its size on paper.
type Picture struct {
	Type          string // "PNG", "ofd", … as SES_ESPictureInfo names it
	Data          []byte
	Width, Height float64 // mm
}

// LockAll as the only name in Request.Lock locks every field and forbids every later change.
const LockAll = "*"

// Request asks for a signature to be laid out.
type Request struct {
	Kind       Kind
	Profile    string    // SubFilter or OFD Type
	Filter     string    // handler or provider name
	Field      string    // the field's name; empty: the first free SealN
	Name       string    // the signer's name, shown by readers as claimed
	Reason     string    // why it is signed
	Time       time.Time // claimed time, written as told
	Places     []Place   // none: invisible
	Appearance Picture   // shown at every place, PNG
	Payload    []byte    // Seal.esl, where the format stores one (OFD)
	Certify    int       // 0 none, or the DocMDP permission 1..3 this signature grants
	Lock       []string  // full names of fields this signature locks; LockAll alone for everything
	Reserve    int       // bytes kept for the value
}

// Draft is a prepared signature: everything is laid out but the value.
type Draft interface {
	// Copy writes everything but the value to s in one pass and returns the digest of the bytes to be signed. It is called once.
	Copy(s Sink, h Hasher) (digest []byte, err error)
	// Property is the propertyInfo of GB/T 38540 for this document. It is known after Copy.
	Property() string
	// Finish writes the value into its place. A value too long for the reserve is an error and changes nothing.
	Finish(s Sink, value []byte) error
}

// Sink takes a document as it is made. *os.File (not opened for appending) is one.
type Sink interface {
	io.Writer
	io.WriterAt
}

// Hasher makes the hash that the file names, by OID or name. alg is empty where the file names none (PDF: the value does).
// An unknown or insecure algorithm is an error.
type Hasher func(alg string) (hash.Hash, error)
