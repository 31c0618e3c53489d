// Package verify judges documents: who sealed them, whether they are what was sealed, and whether that can be trusted here.
//
// It works in two halves. Gather reads a hostile file and the evidence at hand into Facts, plain data; it is the only half that does I/O. Judge
// turns Facts into a Report and is pure. PASSED means the checks passed under the trust given, never that a document is legally valid; what could
// not be established is INDETERMINATE and is never shown as valid.
//
// The package runs alone and offline. It never imports what makes signatures.
package verify

import (
	"bytes"
	"context"
	"errors"
	"io"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// Verifier gathers facts. The zero value reads nothing: name the formats.
type Verifier struct {
	Formats []document.Format
	Trust   *trust.Set     // anchors and local evidence; nil trusts nobody
	Sources []trust.Source // further evidence on revocation
	Limits  document.Limits

	Password string // of an encrypted document
}

// magicLen is how much of a file's beginning tells its format; PDF allows 1024 bytes of junk before its header.
const magicLen = 1024 + 8

// Gather reads the file and everything known about its signatures. A file that no format opens is an error (fault.Invalid or fault.Limit);
// a malformed signature is a fact.
func (v *Verifier) Gather(ctx context.Context, r io.ReaderAt, size int64) (Facts, error) {
	format, err := v.sniff(r, size)
	if err != nil {
		return Facts{}, err
	}
	doc, err := format.Open(ctx, r, size, document.Options{Password: v.Password, Limits: v.Limits})
	if err != nil {
		return Facts{Format: format.Name()}, err
	}
	return v.GatherDocument(ctx, format.Name(), doc)
}

// GatherDocument is Gather for a document that is open already.
func (v *Verifier) GatherDocument(ctx context.Context, format string, doc document.Document) (Facts, error) {
	f := Facts{Format: format, Signatures: []SignatureFacts{}}
	g := gathering{Verifier: v, revoked: map[[gm.DigestSize]byte]trust.Revocation{}, pixels: maxCompared}
	signatures, err := doc.Signatures()
	if err != nil {
		return f, err
	}
	for _, s := range signatures {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		f.Signatures = append(f.Signatures, g.signature(ctx, s))
	}
	return f, nil
}

// gathering is one document being read: what its signatures share, and what they may cost together.
type gathering struct {
	*Verifier
	revoked map[[gm.DigestSize]byte]trust.Revocation // by certificate and issuer
	pixels  int                                      // that may still be compared
}

// sniff tells the format from the first bytes, never from a name.
func (v *Verifier) sniff(r io.ReaderAt, size int64) (document.Format, error) {
	head := make([]byte, min(size, magicLen))
	if n, err := r.ReadAt(head, 0); n < len(head) && err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Unavailable, "file-unreadable", "文件读取失败", "the file cannot be read", err)
	}
	for _, f := range v.Formats {
		if f.Match(head) {
			return f, nil
		}
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil, fault.New(fault.Invalid, "format-unknown", "这是 ZIP 类文件（OFD 即属此类），本版本只核验 PDF", "this is a ZIP file, as OFD files are; this version reads PDF only", nil)
	}
	return nil, fault.New(fault.Invalid, "format-unknown", "这不是可识别的文件：开头没有 PDF 标记（%PDF-）", "this is not a file of a known format: it does not begin as a PDF (%PDF-)", nil)
}

// signature gathers one signature. Whatever is wrong with it becomes a fact.
func (v *gathering) signature(ctx context.Context, s document.Signature) SignatureFacts {
	info := s.Info()
	f := SignatureFacts{ID: info.ID, Kind: info.Kind, Profile: info.Profile, Filter: info.Filter, Name: info.Name, Reason: info.Reason, Places: info.Places}
	f.Coverage, f.CoverageWhy = s.Coverage()
	changes, err := s.Changes()
	if err != nil {
		f.ChangesErr = err.Error()
	}
	f.Changes = changes
	switch info.Profile {
	case profileSES:
		v.ses(ctx, s, &f)
	case profilePKCS7, profileCAdES, profileGBT35275, profileSM2:
		v.cms(ctx, s, &f)
	default:
		f.Unsupported = true
	}
	return f
}

// The profiles judged, as SubFilters seen in the field.
const (
	profileSES      = "GM.sm2seal"
	profilePKCS7    = "adbe.pkcs7.detached"
	profileCAdES    = "ETSI.CAdES.detached"
	profileGBT35275 = "GM.sm2cms.detached"
	profileSM2      = "GM.SM2" // signed data, as one open library writes it
)
