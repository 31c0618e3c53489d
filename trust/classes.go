package trust

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"

	"yinxin/fault"
	"yinxin/gm"
)

// classFile is trust.yaml.
type classFile struct {
	Anchors []classEntry `yaml:"anchors"`
}

type classEntry struct {
	SM3   string `yaml:"sm3"`            // fingerprint of the anchor's certificate, hex
	Class Class  `yaml:"class"`          // internal, licensed, e-government
	Name  string `yaml:"name,omitempty"` // what to call it
}

// ClassFile is the name of the file of classes in a trust folder.
const ClassFile = "trust.yaml"

func (l *loader) classes() error {
	data, err := l.read(ClassFile, maxYAML)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var entries []classEntry
	if err == nil {
		entries, err = parseClasses(data)
	}
	if err != nil {
		return unreadable(ClassFile, err)
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

// AddClass returns the text of a trust.yaml, which may be empty, with an entry more for the anchor cert. Comments stay. A text that cannot be read, a
// class that is none and an anchor that has an entry already are errors (fault.Invalid, fault.Conflict).
func AddClass(text []byte, cert *gm.Certificate, class Class, name string) ([]byte, error) {
	fingerprint := Fingerprint(cert)
	entries, err := parseClasses(text)
	if err != nil {
		return nil, unreadable(ClassFile, err)
	}
	for _, e := range entries {
		if e.SM3 == fingerprint {
			return nil, fault.New(fault.Conflict, "trust-class-present", "trust.yaml 中已有指纹为 "+fingerprint+" 的一项；要改类别请直接编辑该文件",
				"trust.yaml has an entry for "+fingerprint+" already; edit that file to change the class", nil)
		}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, unreadable(ClassFile, err)
	}
	var entry yaml.Node
	if err := entry.Encode(classEntry{SM3: fingerprint, Class: class, Name: name}); err != nil {
		return nil, fmt.Errorf("write an entry of trust.yaml: %w", err)
	}
	list := anchorList(&doc)
	list.Kind, list.Tag, list.Value, list.Style = yaml.SequenceNode, "!!seq", "", 0
	list.Content = append(list.Content, &entry)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&doc), enc.Close()); err != nil {
		return nil, fmt.Errorf("write trust.yaml: %w", err)
	}
	if written, err := parseClasses(out.Bytes()); err != nil || len(written) != len(entries)+1 {
		return nil, fault.New(fault.Invalid, "trust-class", "这一项无法写入 trust.yaml", "this entry cannot be written to trust.yaml", err)
	}
	return out.Bytes(), nil
}

// anchorList finds the list of anchors in a document that parseClasses has read, or makes it.
func anchorList(doc *yaml.Node) *yaml.Node {
	if doc.Kind == 0 {
		doc.Kind = yaml.DocumentNode
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		doc.Content = []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}
	}
	top := doc.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == "anchors" {
			return top.Content[i+1]
		}
	}
	list := &yaml.Node{}
	top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "anchors"}, list)
	return list
}
