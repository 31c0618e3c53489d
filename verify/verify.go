// Package verify judges documents: who sealed them, whether they are what was sealed, and whether that can be trusted here.
//
// It works in two halves. Gather reads a hostile file and the evidence at hand into Facts, plain data; it is the only half that does I/O. Judge
// turns Facts into a Report and is pure. PASSED means the checks passed under the trust given, never that a document is legally valid; what could
// not be established is INDETERMINATE and is never shown as valid.
//
// The package runs alone and offline. It never imports what makes signatures.
package verify

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"yinxin/doctype"
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

	// IntegrityOnly leaves chains and revocation out, for a Policy that asks for neither: of a certificate stays what it says of itself, and nobody is trusted.
	IntegrityOnly bool

	Proven *gm.Proven // signatures that hold, of seals, certificates, CRLs and OCSP responses; nil remembers those of one file

	Typed bool         // tell what kind of document it is and hold it against the rules of its kind
	Type  doctype.Type // what whoever asks says it is; Unknown leaves it to the content

	Password string  // of an encrypted document
	Beside   *Beside // evidence kept outside the file that is gathered next; may be nil

	// Deadline is how long reading one file may take, sources of evidence apart; 0 is 2 seconds and one more for each 20 MB, less than 0 is no end.
	Deadline time.Duration
	Now      func() time.Time // the clock of Deadline; nil is the computer's
}

// fileProven is how many signatures the memory of one file holds: several of its certificates have the same issuers and the same CRL.
const fileProven = 256

// magicLen is how much of a file's beginning tells its format; PDF allows 1024 bytes of junk before its header.
const magicLen = 1024 + 8

// Gather reads the file and everything known about its signatures. A file that no format opens is an error (fault.Invalid or fault.Limit), and so is
// one that takes longer than Deadline (fault.Limit, code file-deadline), or that has no signature and a structure programs read in different ways; a
// malformed signature is a fact.
func (v *Verifier) Gather(ctx context.Context, r io.ReaderAt, size int64) (Facts, error) {
	c := v.start(size)
	r = timed{ReaderAt: r, ctx: ctx, clock: c}
	format, err := v.sniff(r, size)
	if err != nil {
		if v.Typed && startsXML(r, size) {
			return v.gatherXML(r, size)
		}
		return Facts{}, err
	}
	doc, err := format.Open(ctx, r, size, document.Options{Password: v.Password, Limits: v.Limits})
	if late := c.over(); late != nil {
		return Facts{Format: format.Name()}, late
	}
	if err != nil {
		return Facts{Format: format.Name()}, err
	}
	f, err := v.gather(ctx, format.Name(), doc, c)
	if err == nil && len(f.Signatures) == 0 {
		err = errors.Join(unsigned(doc), c.over())
	}
	return f, err
}

// GatherDocument is Gather for a document that is open already: its reader is the caller's, and so is the time that reading takes.
func (v *Verifier) GatherDocument(ctx context.Context, format string, doc document.Document) (Facts, error) {
	asked := *v
	asked.Deadline = -1
	return v.gather(ctx, format, doc, asked.start(0))
}

func (v *Verifier) gather(ctx context.Context, format string, doc document.Document, c *clock) (Facts, error) {
	f := Facts{Format: format, Signatures: []SignatureFacts{}}
	asking := *v
	if asking.Proven == nil {
		asking.Proven = gm.NewProven(fileProven)
	}
	asking.Trust = v.Trust.With(asking.Proven)
	asking.Sources = make([]trust.Source, len(v.Sources))
	for i, s := range v.Sources {
		asking.Sources[i] = patient{s, c}
	}
	g := gathering{Verifier: &asking, revoked: map[[gm.DigestSize]byte]trust.Revocation{},
		kept: map[[gm.DigestSize]byte]trust.Revocation{}, pixels: maxCompared, beside: v.besideEvidence()}
	g.besideKey = besideKey(g.beside)
	var held document.Evidence
	if e, ok := doc.(document.Evidencer); ok {
		inside, err := e.Evidence()
		if err != nil {
			return f, err
		}
		held = inside
		g.embedded = trust.Evidence{Certificates: inside.Certificates, CRLs: inside.CRLs, OCSPs: inside.OCSPs}
	}
	signatures, err := doc.Signatures()
	if err == nil {
		g.signed, g.stated = len(signatures), v.besideStated(statedAfter(signatures))
		g.layers, err = layersOf(doc, signatures)
		g.layers = append(g.layers, v.besideLayers(held, len(signatures))...)
	}
	for i, s := range signatures {
		if err := errors.Join(ctx.Err(), c.over()); err != nil {
			return f, err
		}
		g.index = i
		f.Signatures = append(f.Signatures, g.signature(ctx, s))
	}
	f.Beside = g.besideOf(ctx)
	if t, ok := doc.(document.Tolerant); ok && len(signatures) > 0 {
		f.Tolerated = why(t.Tolerated())
	}
	if v.Typed && err == nil && ctx.Err() == nil {
		f.Document, err = v.typed(ctx, doc)
	}
	if late := c.over(); late != nil {
		return f, late // what was not read must not pass for what is malformed
	}
	if err := errors.Join(ctx.Err(), err); err != nil {
		return f, err
	}
	return f, nil
}

// unsigned makes sure that a document without signatures is one: of what programs read in different ways, none says that it was never signed.
func unsigned(doc document.Document) error {
	if _, err := doc.Pages(); err != nil {
		return err
	}
	if t, ok := doc.(document.Tolerant); ok {
		return t.Tolerated()
	}
	return nil
}

// gathering is one document being read: what its signatures share, and what they may cost together.
type gathering struct {
	*Verifier
	revoked   map[[gm.DigestSize]byte]trust.Revocation // by certificate, issuer and what the file carries
	kept      map[[gm.DigestSize]byte]trust.Revocation // the same, where no source was asked
	embedded  trust.Evidence                           // what the document holds for its signatures
	beside    trust.Evidence                           // what is kept beside it
	besideKey [gm.DigestSize]byte
	pixels    int         // that may still be compared
	layers    []layer     // what each document time stamp protects of that, the earliest first
	stated    []time.Time // by signature: what time stamps after it state
	index     int         // of the signature being gathered; time stamps beside the file follow the last
	signed    int         // signatures of the file
}

// sniff tells the format from the first bytes, never from a name.
func (v *Verifier) sniff(r io.ReaderAt, size int64) (document.Format, error) {
	head, err := headOf(r, size)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Formats {
		if f.Match(head) {
			return f, nil
		}
	}
	return nil, FormatUnknown(v.Formats...)
}

func headOf(r io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, magicLen))
	if n, err := r.ReadAt(head, 0); n < len(head) && err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Unavailable, "file-unreadable", "文件读取失败", "the file cannot be read", err)
	}
	return head, nil
}

// FormatUnknown is the error about a file that none of the formats opens. Content tells a format, so another name for the file does not help.
func FormatUnknown(formats ...document.Format) error {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name()
	}
	return fault.New(fault.Invalid, "format-unknown", "按内容看，这不是 "+strings.Join(names, " 或 ")+" 文件；请换用这类文件，改扩展名没有用",
		"by its content this is no "+strings.Join(names, " or ")+": name such a file; renaming it does not help", nil)
}

// signature gathers one signature. Whatever is wrong with it becomes a fact.
func (v *gathering) signature(ctx context.Context, s document.Signature) SignatureFacts {
	info := s.Info()
	f := SignatureFacts{ID: info.ID, Kind: info.Kind, Profile: info.Profile, Filter: info.Filter, Name: info.Name, Reason: info.Reason, Places: info.Places,
		Certifies: info.Certifies, Permits: info.Permits, Locks: info.Locks, Standing: info.Standing, Protects: info.Protects, Gone: info.Gone}
	ses := v.startSES(ctx, &info, s.Value())
	defer ses.wait() // also where the file says enough
	f.files(s)
	f.Coverage, f.CoverageWhy = s.Coverage()
	changes, err := s.Changes()
	if err != nil {
		f.ChangesErr = err.Error()
	}
	for i := range changes {
		changes[i].Was, changes[i].Now = Clean(changes[i].Was), Clean(changes[i].Now)
	}
	f.Changes = changes
	if len(s.Value()) == 0 {
		f.FormatErr = cmp.Or(f.FormatErr, f.CoverageWhy, "the value is empty")
	}
	if f.FormatErr != "" {
		return f
	}
	switch info.Profile {
	case profileSES, document.TypeSeal:
		v.ses(s, ses, &f)
	case profilePKCS7, profileCAdES, profileGBT35275, profileSM2, profilePKCS7SHA1, document.TypeSign:
		v.cms(ctx, s, &f)
	case profileX509SHA1:
		v.pkcs1(ctx, s, &f)
	case profileRFC3161:
		v.documentTimestamp(ctx, s, &f)
	case "":
		f.FormatErr = "the dictionary has no SubFilter, so nothing says what the value is"
	default:
		f.Unsupported = true
	}
	return f
}

// The profiles of PDF, as SubFilters seen in the field (ISO 32000-2, table 260, and products for SM2). Those of OFD are in package document.
const (
	profileSES       = "GM.sm2seal"
	profilePKCS7     = "adbe.pkcs7.detached"
	profileCAdES     = "ETSI.CAdES.detached"
	profilePKCS7SHA1 = "adbe.pkcs7.sha1"    // signed data around the SHA-1 digest of the document
	profileX509SHA1  = "adbe.x509.rsa_sha1" // a bare RSA value, the certificate beside it
	profileRFC3161   = "ETSI.RFC3161"       // a time stamp token over the document
	profileGBT35275  = "GM.sm2cms.detached"
	profileSM2       = "GM.SM2" // signed data, as one open library writes it
)
