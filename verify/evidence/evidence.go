// Package evidence keeps evidence beside a document: certificates, revocation lists, OCSP responses, time stamp tokens, proofs of a log and signed answers,
// for formats that cannot take them inside, and together with the document as a bundle that is judged without a network.
//
// # The file
//
// FILE.evidence, and a bundle, is a ZIP archive. Its first entry is manifest.json, which names the document by size and SM3 digest, each signature by the
// SM3 digest of its value, and every other entry by size and digest. An entry is named after its digest; a bundle ends with the document, stored as it is.
// Nothing in the archive is left to chance: entries follow one another without gaps in the order of the manifest, and equal contents give equal bytes.
//
// # Time
//
// A manifest names the document and each piece by digest, so a time stamp over one protects them all. Bundle.Protect puts the manifest as it is among the
// pieces, with a token over it; done again, with newer evidence, that renews the time stamps before. What later versions add (proofs of a log, signed
// answers, pieces of kinds not known here) is kept as it is.
//
// What is in such a file proves nothing by being there. It is hostile until judged, and is read under limits.
package evidence

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// Suffix is what the name of a file of evidence has behind that of its document.
const Suffix = ".evidence"

// FileName is the name of the evidence beside a file.
func FileName(document string) string { return document + Suffix }

// Digest is an SM3 digest.
type Digest = [gm.DigestSize]byte

// Bundle is evidence about one document, and the document itself where it is enclosed. The order of values says nothing; each is there once.
type Bundle struct {
	Document   Document
	Values                 // of the document as a whole
	Signatures []Signature // each value once
}

// Document says which file the evidence is about.
type Document struct {
	Name string // for people: the last part of a path; may be empty where the file is not enclosed
	Size int64  // bytes
	SM3  Digest // of all of it

	// File is the document of a bundle, nil in evidence beside a file. It reads from what Read was given.
	File io.ReaderAt
}

// Signature is what is kept for one signature of the document.
type Signature struct {
	ID  string // for people: as the document names it
	SM3 Digest // of its value
	Values
}

// Values are pieces of evidence, each one as it was received: certificates, CRLs, OCSP responses and tokens in DER.
type Values struct {
	Certificates [][]byte
	CRLs         [][]byte
	OCSPs        [][]byte
	Tokens       [][]byte // RFC 3161: of a signature over its value, of the document over one of Manifests
	Manifests    [][]byte // of the document: earlier ones, which time stamps are over
	Proofs       [][]byte // that an act is in a log; not judged yet
	Answers      [][]byte // signed answers about a seal or licence; not judged yet
	Others       []Other  // of kinds that only later versions know: kept as they are
}

// Other is a piece of evidence of a kind that is not known here. Folder and ending, each a lower-case word, are those of its entry's name.
type Other struct {
	Folder, Ending string
	Data           []byte
}

// Add puts to v what it does not have of w.
func (v *Values) Add(w Values) {
	for i, list := range w.lists() {
		to := v.lists()[i]
		*to = union(*to, *list, func(b []byte) string { return string(b) })
	}
	v.Others = union(v.Others, w.Others, func(o Other) string { return o.Folder + "." + o.Ending + "/" + string(o.Data) })
}

// union is a and what of b it does not have; a itself stays what it is.
func union[T any](a, b []T, name func(T) string) []T {
	has := make(map[string]bool, len(a)+len(b))
	for _, x := range a {
		has[name(x)] = true
	}
	a = a[:len(a):len(a)]
	for _, x := range b {
		if n := name(x); !has[n] {
			has[n] = true
			a = append(a, x)
		}
	}
	return a
}

// Trust is the part of the values that package trust judges.
func (v Values) Trust() trust.Evidence {
	return trust.Evidence{Certificates: v.Certificates, CRLs: v.CRLs, OCSPs: v.OCSPs, Origin: trust.OriginBeside}
}

// Of returns what is kept for the signature of that value, together with what is kept for the whole document but its tokens and what they are over; ok
// tells whether anything is kept for that signature.
func (b Bundle) Of(value []byte) (v Values, ok bool) {
	all := b.Values
	all.Tokens, all.Manifests = nil, nil
	sum := gm.SM3(value)
	for _, s := range b.Signatures {
		if s.SM3 == sum {
			all.Add(s.Values)
			return all, true
		}
	}
	return all, false
}

// Bind reports, as an error, where the evidence is not about the file r of size bytes. All of the file is read.
func (b Bundle) Bind(ctx context.Context, r io.ReaderAt, size int64) error {
	other := func(cause error) error {
		return fault.New(fault.Invalid, "evidence-other-file", "这份证据属于另一个文件，或文件已被改动；请使用与该文件一同取得的证据",
			"the evidence is about another file, or the file was changed; use the evidence that came with it", cause)
	}
	if size != b.Document.Size {
		return other(fmt.Errorf("the file has %d bytes, the evidence is about one of %d", size, b.Document.Size))
	}
	sum, err := Sum(ctx, r, size)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(sum[:], b.Document.SM3[:]) == 0 {
		return other(fmt.Errorf("the file has the SM3 digest %x, the evidence is about %x", sum, b.Document.SM3))
	}
	return nil
}

// Sum is the SM3 digest of the size bytes of r.
func Sum(ctx context.Context, r io.ReaderAt, size int64) (Digest, error) {
	var sum Digest
	h := gm.NewSM3()
	if err := pour(ctx, h, r, size); err != nil {
		return sum, err
	}
	copy(sum[:], h.Sum(nil))
	return sum, nil
}

// pour writes the size bytes of r to w.
func pour(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) error {
	buf := make([]byte, min(size, 256<<10))
	for at := int64(0); at < size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf = buf[:min(size-at, int64(len(buf)))]
		if n, err := r.ReadAt(buf, at); n < len(buf) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return unreadable(err)
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("evidence: copy the document: %w", err)
		}
	}
	return nil
}

// Match reports whether a file that begins with head, of at least 64 bytes, is one of this package.
func Match(head []byte) bool {
	const atName = 30
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && len(head) >= atName+len(manifestName) && string(head[atName:atName+len(manifestName)]) == manifestName
}

// lists gives the lists of values in the order of the kinds that are known.
func (v *Values) lists() [kinds]*[][]byte {
	return [kinds]*[][]byte{&v.Certificates, &v.CRLs, &v.OCSPs, &v.Tokens, &v.Manifests, &v.Proofs, &v.Answers}
}
