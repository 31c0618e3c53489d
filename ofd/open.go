// Package ofd reads, signs and judges changes of OFD files (GB/T 33190), shaped for hostile input. An OFD is a ZIP archive of XML parts and resources; this
// package reads it through its central directory alone, refuses what two readers could take in two ways, and never holds a large part in memory. It knows
// no cryptography: hashes are handed in, signature values are opaque.
//
// # Reading
//
// Format.Open gives a Document, which lists its pages in millimetres and its signatures. A signature of an OFD protects the parts it lists, each with a
// digest, and nothing else. So three questions are kept apart: do the digests hold (document.Referencer), is everything that could show
// listed (Coverage, and document.Coverer for each part), and what came after (Changes). None of the answers is proof before the value is checked; package verify does that.
//
// # Signing
//
// Document.Prepare lays a signature out. The Draft copies the package, parts as they are stored, and hashes them on the way; the value is appended later,
// so that the key may be anywhere. What changes is the entry of the signature in OFD.xml and Signatures.xml, by the least edit of their text.
package ofd

import (
	"bytes"
	"context"
	"io"

	"yinxin/document"
	"yinxin/fault"
)

// Format opens OFD files. It implements document.Format.
type Format struct{}

var (
	_ document.Format     = Format{}
	_ document.Document   = (*Document)(nil)
	_ document.Suspecter  = (*Document)(nil)
	_ document.Signature  = (*signature)(nil)
	_ document.Draft      = (*draft)(nil)
	_ document.Referencer = (*signature)(nil)
	_ document.Coverer    = (*signature)(nil)
)

// Name is "OFD".
func (Format) Name() string { return "OFD" }

// Match reports whether head holds the beginning of a ZIP archive, at its start or behind a few bytes that some products put before it. Whether the
// archive is an OFD is known when it is opened.
func (Format) Match(head []byte) bool {
	return bytes.Contains(head, []byte(sigLocal)) && !bytes.Contains(head, []byte("%PDF-"))
}

// The defaults of document.Limits.
const (
	defaultBytes      = 1 << 30
	defaultEntries    = 20000
	defaultEntrySize  = 1 << 30
	defaultDepth      = 128
	defaultSignatures = 500
	defaultPages      = 20000
)

// What is not in document.Limits.
const (
	maxControl = 16 << 20   // bytes of a part that is held in memory: OFD.xml, Signatures.xml, Signature.xml, a value, a seal
	maxHeld    = 64 << 20   // bytes of all of them
	maxNodes   = 200_000    // elements of a Signature.xml, and links from any part
	maxListed  = 20_000     // elements of OFD.xml and of a Signatures.xml, which are kept
	maxBodies  = 16         // documents in one package
	maxNotes   = 100        // irregularities that are told
	maxOverlap = 10_000_000 // pairs of places that are compared
	maxOpen    = 200_000    // files that the signatures together do not protect

	// All parts together may inflate to so many times the file, and to this much in any case.
	maxRatio     = 100
	freeInflated = 64 << 20
)

// Open reads the directory and the main part of an OFD. Files whose structure does not hold together are fault.Invalid: ofd-malformed with a *ParseError
// as cause, ofd-not for archives that are no OFD, ofd-part-missing where a part is named and not there. Files beyond o.Limits are fault.Limit, encrypted
// ones fault.Denied.
func (Format) Open(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (document.Document, error) {
	d, err := open(ctx, r, size, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Document is an open OFD. It implements document.Document and document.Suspecter.
type Document struct {
	zip    *archive
	lim    document.Limits
	main   part // OFD.xml
	bodies []*body

	scans   map[*entry][]*scan  // what parts lead to, by what they are taken for
	kept    map[*entry][]byte   // see hold
	window  []byte              // of the scanner used last
	digests map[digestID]digest // of parts, by algorithm
	pages   []page              // of all bodies
	signed  []*signature        // see list
	listed  bool
	listErr error
	roots   map[*entry]string // see rootOf
	pairs   int               // of places that were compared
	open    int               // files told by Uncovered, over all signatures
	notes   []document.Suspicion
}

func open(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (*Document, error) {
	lim := withDefaults(o.Limits)
	zip, err := openArchive(ctx, r, size, lim)
	if err != nil {
		return nil, malformed(err)
	}
	d := &Document{zip: zip, lim: lim, scans: map[*entry][]*scan{}, digests: map[digestID]digest{}, kept: map[*entry][]byte{}, roots: map[*entry]string{}}
	e := zip.find(mainPart)
	if e == nil {
		if other := zip.loose(mainPart); other != nil {
			return nil, malformed(nameCase(other.name, mainPart))
		}
		return nil, fault.New(fault.Invalid, "ofd-not", "这是 ZIP 文件，但不是 OFD：其中没有 OFD.xml",
			"this is a ZIP archive and no OFD: it holds no OFD.xml", nil)
	}
	if err := d.readMain(e); err != nil {
		return nil, malformed(err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, b := range d.bodies {
		if err := d.readDocument(b); err != nil {
			return nil, malformed(err)
		}
	}
	return d, nil
}

func withDefaults(l document.Limits) document.Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	if l.Stream <= 0 {
		l.Stream = defaultEntrySize
	}
	def(&l.Objects, defaultEntries)
	def(&l.Depth, defaultDepth)
	def(&l.Signatures, defaultSignatures)
	def(&l.Pages, defaultPages)
	return l
}

// note keeps an irregularity; of very many only the first are told.
func (d *Document) note(code, object string) {
	n := document.Suspicion{Code: code, Object: object}
	for _, other := range d.notes {
		if other.Code == code && other.Object == object {
			return
		}
	}
	if len(d.notes) < maxNotes {
		d.notes = append(d.notes, n)
	}
}
