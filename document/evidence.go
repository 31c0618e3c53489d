package document

import (
	"errors"
	"io"
	"time"
)

// Evidence is what signatures can be judged by when nobody can be asked any more: certificates, revocation lists and OCSP responses, each one DER value
// as it was received. Nothing in it is proof before it is judged, and its order says nothing.
type Evidence struct {
	Certificates [][]byte
	CRLs         [][]byte
	OCSPs        [][]byte

	// BySignature is what is kept for single signatures, by string(Signature.Value()). What a Record holds is part of the lists above too.
	BySignature map[string]Record

	// Notes say, in English, what is there and could not be read. AddEvidence ignores them.
	Notes []string
}

// Record is the evidence kept for one signature.
type Record struct {
	Certificates [][]byte
	CRLs         [][]byte
	OCSPs        [][]byte
	Time         time.Time // when it was put together, as claimed; zero where nothing is said
	Token        []byte    // a time stamp token over that time, or nil
}

// Evidencer is implemented by a Document that can carry evidence inside (PDF: the document security store). Adding evidence and then a signature of the
// kind Timestamp, which protects it, is done again and again as long as the document is to last; earlier bytes are never touched.
type Evidencer interface {
	// Evidence is what the document carries as it is now. Evidence that is malformed is noted and never fails the document: an error means that the file
	// could not be read.
	Evidence() (Evidence, error)
	// EvidenceUnder is what the bytes that s protects carry: if s is a document time stamp, what existed at its time. s is one of the document's own
	// Signatures. Where s protects no whole revision of the file there is none, and a note says so.
	EvidenceUnder(s Signature) (Evidence, error)
	// AddEvidence lays out a revision that adds what the document does not carry yet; ErrEvidenceKnown where that is nothing. It refuses, with a
	// *fault.Error, what is no evidence and what the document does not allow. The records are of signatures of the document.
	AddEvidence(e Evidence) (Addition, error)
}

// ErrEvidenceKnown is returned by AddEvidence for evidence that the document carries already.
var ErrEvidenceKnown = errors.New("the document carries this evidence already")

// Addition is a revision, laid out and complete, that adds to a document and signs nothing.
type Addition interface {
	// Copy writes the document as it was, then what is added.
	Copy(w io.Writer) error
	// Append writes only what is added, for a w that has taken the document as it was.
	Append(w io.Writer) error
	// Size is that of the document with what is added, in bytes.
	Size() int64
}

// Appender is implemented by a Draft that can be written behind a document which its Sink holds already, such as one that was just given evidence.
type Appender interface {
	Draft
	// Append is Copy for an s that has taken the document as it was, and nothing else: it hashes all of it but writes only what is added.
	Append(s Sink, h Hasher) (digest []byte, err error)
}

// Apart is implemented by a Draft whose Copy may run while its Document is being read.
type Apart interface {
	Draft
	Apart()
}
