package trust

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"yinxin/fault"
	"yinxin/gm"
)

// Load reads a trust folder:
//
//	maker/ ca/ tsa/ tax/   anchors for that use: *.crt, *.cer, *.pem, in PEM (several in a file) or DER
//	crl/                   *.crl, PEM or DER
//	ocsp/                  *.ors, DER
//	trust.yaml             the class of each anchor, see below
//
// All of it is optional; an empty folder is an empty Set. Files of other names are left alone, so that a README may lie among them. trust.yaml:
//
//	anchors:
//	  - sm3: 66c7f0f4…          # SM3 fingerprint of the certificate, 64 hex digits
//	    class: licensed         # internal, licensed or e-government
//	    name: 示例认证中心       # optional
//
// A file that cannot be read and an entry that names no anchor are errors (fault.Invalid) naming the file.
func Load(fsys fs.FS) (*Set, error) {
	l := loader{fsys: fsys}
	for _, use := range Uses() {
		err := l.each(string(use), []string{".crt", ".cer", ".pem"}, maxAnchorFile, func(_ string, data []byte) error {
			return l.anchorFile(use, data)
		})
		if err != nil {
			return nil, err
		}
	}
	err := l.each("crl", []string{".crl"}, 2*maxCRL, func(_ string, data []byte) error {
		c, err := parseCRL(CRLFromPEM(data))
		if err == nil && len(l.set.crls) == maxCRLs {
			err = fmt.Errorf("more than %d CRLs", maxCRLs)
		}
		if err == nil {
			c.origin = OriginTrust
			l.set.crls = append(l.set.crls, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = l.each("ocsp", []string{".ors"}, maxOCSP, func(_ string, data []byte) error {
		r, err := ParseOCSP(data)
		if err == nil && len(l.set.ocsps) == maxOCSPs {
			err = fmt.Errorf("more than %d OCSP responses", maxOCSPs)
		}
		l.set.ocsps = append(l.set.ocsps, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := l.classes(); err != nil {
		return nil, err
	}
	return &l.set, nil
}

type loader struct {
	fsys  fs.FS
	set   Set
	count int // anchors
}

// each hands over the files of a folder that have one of the extensions.
func (l *loader) each(dir string, extensions []string, most int64, take func(name string, data []byte) error) error {
	entries, err := fs.ReadDir(l.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unreadable(dir, err)
	}
	for _, e := range entries {
		known := false
		for _, x := range extensions {
			known = known || strings.EqualFold(path.Ext(e.Name()), x)
		}
		if e.IsDir() || !known {
			continue
		}
		name := path.Join(dir, e.Name())
		data, err := l.read(name, most)
		if err == nil {
			err = take(name, data)
		}
		if err != nil {
			return unreadable(name, err)
		}
	}
	return nil
}

func (l *loader) read(name string, most int64) ([]byte, error) {
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("larger than %d bytes", most)
	}
	return data, err
}

func unreadable(name string, cause error) error {
	return fault.New(fault.Invalid, "trust-file-unreadable",
		fmt.Sprintf("信任目录中的文件 %s 无法读取；请更正或移走该文件", name),
		fmt.Sprintf("the file %s of the trust folder cannot be read; correct it or take it away", name), cause)
}

func (l *loader) anchorFile(use Use, data []byte) error {
	certs, err := gm.ParseCertificates(data)
	if err != nil {
		return err
	}
	for _, c := range certs {
		if l.count++; l.count > maxAnchors {
			return fmt.Errorf("more than %d anchors", maxAnchors)
		}
		if err := l.set.add(Anchor{Certificate: c, Use: use}); err != nil {
			return err
		}
	}
	return nil
}
