package trust

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

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
		if b, _ := pem.Decode(data); b != nil && b.Type == "X509 CRL" {
			data = b.Bytes
		}
		c, err := parseCRL(data)
		if err == nil && len(l.set.crls) == maxCRLs {
			err = fmt.Errorf("more than %d CRLs", maxCRLs)
		}
		l.set.crls = append(l.set.crls, c)
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

// classFile is trust.yaml.
type classFile struct {
	Anchors []classEntry `yaml:"anchors"`
}

type classEntry struct {
	SM3   string `yaml:"sm3"`   // fingerprint of the anchor's certificate, hex
	Class Class  `yaml:"class"` // internal, licensed, e-government
	Name  string `yaml:"name"`  // what to call it
}

const classFileName = "trust.yaml"

func (l *loader) classes() error {
	data, err := l.read(classFileName, maxYAML)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var entries []classEntry
	if err == nil {
		entries, err = parseClasses(data)
	}
	if err != nil {
		return unreadable(classFileName, err)
	}
	for _, e := range entries {
		found := false
		for _, use := range Uses() {
			for _, a := range l.set.anchors[use] {
				if Fingerprint(a.Certificate) == e.SM3 {
					a.Class, a.Name, found = e.Class, e.Name, true
				}
			}
		}
		if !found {
			return fault.New(fault.Invalid, "trust-anchor-absent",
				fmt.Sprintf("trust.yaml 所列指纹为 %s 的根证书不在信任目录中；请放入该证书或删除这一项", e.SM3),
				fmt.Sprintf("trust.yaml names the anchor %s, which is not in the trust folder; add the certificate or remove the entry", e.SM3), nil)
		}
	}
	return nil
}

// parseClasses reads trust.yaml. Unknown fields, unknown classes and an anchor named twice are errors.
func parseClasses(data []byte) ([]classEntry, error) {
	var file classFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	seen := make(map[string]bool)
	for i := range file.Anchors {
		e := &file.Anchors[i]
		e.SM3 = strings.ToLower(strings.ReplaceAll(e.SM3, ":", ""))
		if sum, err := hex.DecodeString(e.SM3); err != nil || len(sum) != gm.DigestSize {
			return nil, fmt.Errorf("anchor %d: sm3 is not a fingerprint of 64 hex digits", i+1)
		}
		switch e.Class {
		case ClassInternal, ClassLicensed, ClassEGovernment:
		default:
			return nil, fmt.Errorf("anchor %d: class %q is none of internal, licensed, e-government", i+1, e.Class)
		}
		if seen[e.SM3] {
			return nil, fmt.Errorf("anchor %d: %s is named twice", i+1, e.SM3)
		}
		seen[e.SM3] = true
	}
	return file.Anchors, nil
}
