package doctype

import (
	"bytes"
	"context"
	"errors"

	"yinxin/document"
)

// kinds are the types in the order in which they are asked whether a document is one of theirs. Data made for programs is looked at first, by all; then
// words on the face.
func kinds() []kind {
	return []kind{
		{Invoice, certainInvoice, likelyInvoice},
		{License, certainLicense, likelyLicense},
		{Proof, nil, likelyProof},
		{Contract, nil, likelyContract},
	}
}

// kind is how documents of one type are recognised and read. A recogniser that finds its type fills in what the document says.
type kind struct {
	name    Type
	certain func(context.Context, *reading) (bool, error)
	likely  func(context.Context, *reading) (bool, error)
}

// Read recognises a document's type and reads what it says. told is the type that whoever asks says it has, or Unknown. A document that cannot be read
// as data has no type. Errors are those of reading the file; what is malformed in the data is a fact.
func Read(ctx context.Context, doc document.Document, told Type) (Facts, error) {
	r := &reading{doc: doc, told: told}
	r.contents, _ = doc.(document.Contents)
	if r.contents == nil {
		return r.toldOnly(), nil
	}
	if err := r.recognise(ctx); err != nil {
		return Facts{}, err
	}
	if r.facts.Type == Unknown {
		return r.toldOnly(), nil
	}
	return r.facts, nil
}

// toldOnly is a type that nothing in the document bears out: its rules say what is missing.
func (r *reading) toldOnly() Facts {
	f := Facts{Type: r.told}
	if r.told != Unknown {
		f.Certainty = Told
	}
	return f
}

// reading is one document being read.
type reading struct {
	doc      document.Document
	contents document.Contents
	told     Type
	facts    Facts
	texts    map[int]pageText // of the pages read so far
	sheets   map[int]sheet
}

type pageText struct {
	document.PageText
	err error
}

// text reads a page, from 1, once. One that cannot be read is an error.
func (r *reading) text(ctx context.Context, number int) (document.PageText, error) {
	if t, known := r.texts[number]; known {
		return t.PageText, t.err
	}
	text, err := r.contents.Text(ctx, number)
	if r.texts == nil {
		r.texts = map[int]pageText{}
	}
	r.texts[number] = pageText{text, err}
	return text, err
}

func (r *reading) recognise(ctx context.Context) error {
	for _, sure := range []Certainty{Certain, Likely} {
		for _, k := range kinds() {
			if r.told != Unknown && r.told != k.name {
				continue
			}
			ask := k.certain
			if sure == Likely {
				ask = k.likely
			}
			if ask == nil {
				continue
			}
			found, err := ask(ctx, r)
			if err := errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			if found {
				r.facts.Type, r.facts.Certainty = k.name, sure
				if r.told != Unknown {
					r.facts.Certainty = Told
				}
				return nil
			}
		}
	}
	return nil
}

// mostPages bounds how many pages are read for their words. Who seals, and whom, stands on the first and last pages of a document.
const mostPages = 30

// IsXML reports whether a file beginning with head is XML, by its first character but white space and a byte order mark.
func IsXML(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}
