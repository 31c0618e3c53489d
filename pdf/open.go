// Package pdf reads, signs and judges changes of PDF files (ISO 32000), shaped for hostile input: it reads lazily, through a window on the file,
// keeps one table of objects per revision, and rebuilds nothing. It knows no cryptography: hashes are handed in, signature values are opaque.
//
// # Reading
//
// Format.Open gives a Document, which lists its pages, as displayed and in millimetres, and its signatures. Of each Signature, Coverage says which bytes it
// protects, Digest hashes them, Value is what is to be checked against that digest, Changes lists what was done to the file afterwards, and Picture and
// Info.Places tell what is shown and where. None of these is proof before the value is checked; package verify does that.
//
// # Signing
//
// Document.Prepare lays a signature out: its field, its places and the room for its value. The Draft copies the file with what is appended to it, hashing
// on the way, and takes the value later, so that the key may be anywhere. A place may show all of the picture or, for riding seals, a slice of it; see
// document.Riding. Package sign does both steps with a key.
package pdf

import (
	"context"
	"errors"
	"io"

	"yinxin/document"
	"yinxin/fault"
)

// Format opens PDF files. It implements document.Format.
type Format struct{}

// Name is "PDF".
func (Format) Name() string { return "PDF" }

// Open reads the structure of a PDF. Files whose structure does not hold together are refused with the code pdf-malformed and, as cause, a *ParseError;
// files beyond o.Limits are fault.Limit. Of encrypted files those are read whose security handler is the standard one (ISO 32000-2, 7.6): with
// o.Password as the user's or the owner's, or without any where the empty one opens them. Others are fault.Denied: pdf-password, or pdf-encrypted where
// no password would help.
func (Format) Open(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (document.Document, error) {
	d, err := open(ctx, r, size, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Document is an open PDF. It implements document.Document and document.Evidencer.
type Document struct {
	f          *file
	signed     []*signature // see Signatures; nil until asked for
	listed     bool
	restricted bool        // see restrict
	steps      [][]finding // by revision; see compare
	shared     prefixes
	annotated  map[Ref]shownOn   // see findAnnotated
	asked      int               // widgets looked for one by one before that
	painted    map[int64]painted // see paints
	stores     stores
	fonts      fontStore // see Text
}

func open(ctx context.Context, r io.ReaderAt, size int64, o document.Options) (*Document, error) {
	f, err := openFile(ctx, r, size, o)
	if err != nil {
		return nil, malformed(err)
	}
	return &Document{f: f}, nil
}

// malformed gives an error for people to what the parser says.
func malformed(err error) error {
	var p *ParseError
	if fault.KindOf(err) != 0 || !errors.As(err, &p) {
		return err
	}
	return fault.New(fault.Invalid, "pdf-malformed", "PDF 结构损坏，无法可靠解析；请从原系统重新导出该文件",
		"the PDF is damaged and cannot be read reliably; export it again from where it was made", err)
}

// Pages lists the pages in order.
func (d *Document) Pages() ([]document.Page, error) {
	pages, err := d.f.newest().pages()
	if err != nil {
		return nil, malformed(err)
	}
	return pages, nil
}

var _ document.Tolerant = (*Document)(nil)

// Tolerated returns the first thing that was read in spite of the standard: readers differ in how they repair it.
func (d *Document) Tolerated() error {
	if err := d.f.strict(); err != nil {
		return fault.New(fault.Invalid, "pdf-broken-xref", "PDF 结构有误，各阅读器的理解会不一致；请用原软件重新导出",
			"the PDF's structure is damaged, and readers would differ in what they show; export it again from where it was made", err)
	}
	return nil
}
