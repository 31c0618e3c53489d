package demo

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/seal"
)

// Kind is what a signature makes of its message.
type Kind uint8

// The kinds of what is signed in the demonstration.
const (
	Certificate    Kind = iota // signed by the authority
	RevocationList             // signed by the authority
	Seal                       // signed by the maker
	Document                   // signed by the owner of a seal

	kinds = int(Document) + 1
)

// Signature is one signature in what the demonstration wrote.
type Signature struct {
	Kind    Kind
	File    string           // below the directory; the first of those that hold it
	Public  *ecdsa.PublicKey // SM2 key that made it
	Message []byte           // the bytes that were signed, before ZA and SM3
	E       []byte           // what the key was handed: SM3(ZA‖Message), 32 bytes
	Value   []byte           // DER SEQUENCE{r,s}
}

// Signatures finds every signature in the files of a demonstration in dir, in the order of their names, each once however many files repeat it: that of
// a seal is in each document it is on. Each has been verified; one that does not hold is an error, and so is one by whom it cannot be said.
// What an altered document shows is not asked here.
func Signatures(ctx context.Context, dir string, formats []document.Format) ([]Signature, error) {
	files := os.DirFS(dir)
	f := finder{formats: formats, seen: map[string]bool{}}
	data, err := fs.ReadFile(files, "ca/root.crt")
	if err == nil {
		f.root, err = certificate(data)
	}
	if err != nil {
		return nil, fmt.Errorf("the demonstration's authority: %w", err)
	}
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err = ctx.Err(); err == nil {
			f.file = name
			err = f.read(ctx, files)
		}
		if err != nil {
			return fmt.Errorf("signatures in %s: %w", name, err)
		}
		return nil
	})
	return f.found, err
}

// Count says how many there are of each Kind.
func Count(all []Signature) (n [kinds]int) {
	for _, s := range all {
		n[s.Kind]++
	}
	return n
}

// finder gathers signatures, file by file.
type finder struct {
	formats []document.Format
	root    *gm.Certificate
	file    string // being read
	seen    map[string]bool
	found   []Signature
}

func (f *finder) read(ctx context.Context, files fs.FS) error {
	read := map[string]func(context.Context, []byte) error{".crt": f.certificate, ".crl": f.revocations, ".esl": f.sealFile, ".pdf": f.document, ".ofd": f.document}[path.Ext(f.file)]
	if read == nil {
		return nil
	}
	data, err := fs.ReadFile(files, f.file)
	if err != nil {
		return err
	}
	return read(ctx, data)
}

func certificate(data []byte) (*gm.Certificate, error) {
	certs, err := gm.ParseCertificates(data)
	if err == nil && len(certs) != 1 {
		err = fmt.Errorf("%d certificates, not one", len(certs))
	}
	if err != nil {
		return nil, err
	}
	return certs[0], nil
}

func (f *finder) certificate(_ context.Context, data []byte) error {
	c, err := certificate(data)
	if err != nil {
		return err
	}
	return f.add(Certificate, f.root, c.RawTBSCertificate, c.Signature)
}

func (f *finder) revocations(_ context.Context, data []byte) error {
	l, err := gm.ParseRevocationList(data)
	if err != nil {
		return err
	}
	return f.add(RevocationList, f.root, l.RawTBSRevocationList, l.Signature)
}

func (f *finder) sealFile(ctx context.Context, data []byte) error {
	s, err := seal.Parse(data)
	if err != nil {
		return err
	}
	return f.seal(ctx, s)
}

func (f *finder) seal(ctx context.Context, s *seal.Seal) error {
	if err := f.certificate(ctx, s.MakerCert); err != nil {
		return err
	}
	maker, err := certificate(s.MakerCert)
	if err != nil {
		return err
	}
	return f.add(Seal, maker, s.SignedBytes(), s.SignValue)
}

func (f *finder) document(ctx context.Context, data []byte) error {
	for _, format := range f.formats {
		if !format.Match(data) {
			continue
		}
		d, err := format.Open(ctx, bytes.NewReader(data), int64(len(data)), document.Options{})
		if err != nil {
			return err
		}
		all, err := d.Signatures()
		if err != nil {
			return err
		}
		for _, s := range all {
			if err := f.use(ctx, s.Value()); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("it is of no known format")
}

// use is one use of a seal on a document.
func (f *finder) use(ctx context.Context, value []byte) error {
	s, err := seal.ParseSignature(value)
	if err != nil {
		return err
	}
	if err := f.seal(ctx, s.Seal); err != nil {
		return err
	}
	if err := f.certificate(ctx, s.Cert); err != nil {
		return err
	}
	owner, err := certificate(s.Cert)
	if err != nil {
		return err
	}
	return f.add(Document, owner, s.SignedBytes(), s.Value)
}

var (
	errKey   = errors.New("it is signed by a key that is not SM2")
	errValue = errors.New("a signature does not hold")
)

func (f *finder) add(k Kind, by *gm.Certificate, message, value []byte) error {
	public, ok := by.PublicKey.(*ecdsa.PublicKey)
	if !ok || !gm.IsSM2(public) {
		return errKey
	}
	value, err := gm.CanonicalSignature(value)
	if err != nil {
		return err
	}
	if f.seen[string(value)] {
		return nil
	}
	e, err := gm.E(public, message)
	if err != nil {
		return err
	}
	if !gm.VerifyE(public, e, value) {
		return errValue
	}
	f.seen[string(value)] = true
	f.found = append(f.found, Signature{Kind: k, File: f.file, Public: public, Message: message, E: e, Value: value})
	return nil
}
