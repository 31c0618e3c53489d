package evidence

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/gm"
)

const (
	manifestName   = "manifest.json"
	documentFolder = "document/"
	format         = "yinxin-evidence"
	version        = 1
	maxName        = 255 // bytes of the document's name
	maxID          = 4096
	maxKind        = 16 // bytes of the words of a kind
)

// kind is a kind of evidence: the folder of its entries, and how their names end.
type kind struct{ folder, ending string }

// kinds are the kinds that are known, in the order of Values.lists. Entries of others stand behind them, by name.
const kinds = 7

var known = [kinds]kind{{"certificates", "cer"}, {"crls", "crl"}, {"ocsps", "ors"}, {"tokens", "tst"}, {"manifests", "json"}, {"proofs", "proof"}, {"answers", "answer"}}

// rank is where entries of a kind stand among the others.
func (k kind) rank() int {
	if i := slices.Index(known[:], k); i >= 0 {
		return i
	}
	return kinds
}

// ok reports a kind that is known, or that a later version may have added: two short words, and no folder of ours.
func (k kind) ok() bool {
	ours := k.folder+"/" == documentFolder || slices.ContainsFunc(known[:], func(x kind) bool { return x.folder == k.folder })
	return k.rank() < kinds || !ours && word(k.folder) && word(k.ending)
}

func word(s string) bool {
	strange := func(r rune) bool { return r < 'a' || r > 'z' }
	return s != "" && len(s) <= maxKind && !strings.ContainsFunc(s, strange)
}

// manifest is manifest.json. It has one spelling: what was read must read back as it was written.
type manifest struct {
	Format     string              `json:"format"`
	Version    int                 `json:"version"`
	Document   manifestDocument    `json:"document"`
	Signatures []manifestSignature `json:"signatures"`
	Entries    []manifestEntry     `json:"entries"` // sorted by kind and digest
}

type manifestDocument struct {
	Name     string   `json:"name,omitempty"`
	Size     int64    `json:"size"`
	SM3      string   `json:"sm3"`
	Enclosed bool     `json:"enclosed"` // the last entry of the archive is the document
	Evidence []string `json:"evidence"` // names of entries, in their order
}

// manifestSignature is a signature; they are sorted by digest.
type manifestSignature struct {
	ID       string   `json:"id,omitempty"`
	SM3      string   `json:"sm3"`
	Evidence []string `json:"evidence"`
}

type manifestEntry struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	SM3  string `json:"sm3"`
}

// entryName is the name of a piece of evidence.
func entryName(k kind, sum Digest) string {
	return k.folder + "/" + hex.EncodeToString(sum[:]) + "." + k.ending
}

// parseEntryName is the opposite of entryName.
func parseEntryName(name string) (k kind, sum Digest, ok bool) {
	folder, rest, _ := strings.Cut(name, "/")
	digits, ending, _ := strings.Cut(rest, ".")
	k = kind{folder, ending}
	sum, ok = parseDigest(digits)
	return k, sum, ok && k.ok()
}

// compareNames orders entries: by kind, then by name.
func compareNames(a, b string) int {
	k, _, _ := parseEntryName(a)
	n, _, _ := parseEntryName(b)
	return cmp.Or(cmp.Compare(k.rank(), n.rank()), cmp.Compare(a, b))
}

func parseDigest(s string) (sum Digest, ok bool) {
	n, err := hex.Decode(sum[:], []byte(s)[:min(len(s), 2*gm.DigestSize)])
	return sum, err == nil && n == gm.DigestSize && hex.EncodeToString(sum[:]) == s
}

// encode spells the manifest.
func (m *manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("evidence: encode the manifest: %w", err)
	}
	return b.Bytes(), nil
}

// errVersion is returned for manifests of a later version.
var errVersion = errors.New("the manifest is of a version that is not known")

// decodeManifest reads a manifest and checks what it says by itself.
func decodeManifest(b []byte) (*manifest, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, err
	}
	if head.Format != format {
		return nil, fmt.Errorf("the format is %.40q", head.Format)
	}
	if head.Version != version {
		return nil, fmt.Errorf("%w: %d", errVersion, head.Version)
	}
	m := new(manifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, err
	}
	again, err := m.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) { // a key twice, unknown keys, another order or spelling
		return nil, errors.New("it is not spelled as this version spells it")
	}
	return m, m.check()
}

// check holds the rules of a manifest.
func (m *manifest) check() error {
	d := m.Document
	if _, ok := parseDigest(d.SM3); !ok || d.Size < 0 {
		return errors.New("the document has no digest or size")
	}
	if err := checkName(d.Name, d.Enclosed); err != nil {
		return err
	}
	named := make(map[string]bool, len(m.Entries))
	for i, e := range m.Entries {
		k, sum, ok := parseEntryName(e.Name)
		if !ok || e.SM3 != hex.EncodeToString(sum[:]) || e.Size <= 0 {
			return fmt.Errorf("entry %d is not named after its digest, or is empty", i+1)
		}
		if i > 0 && compareNames(m.Entries[i-1].Name, e.Name) >= 0 {
			return fmt.Errorf("entry %d, one of the %s, is not in its place or there twice", i+1, k.folder)
		}
		named[e.Name] = false
	}
	if err := refer(named, d.Evidence); err != nil {
		return fmt.Errorf("the document: %w", err)
	}
	for i, s := range m.Signatures {
		_, ok := parseDigest(s.SM3)
		switch {
		case !ok || i > 0 && m.Signatures[i-1].SM3 >= s.SM3:
			return fmt.Errorf("signature %d has no digest, is not in its place or there twice", i+1)
		case len(s.ID) > maxID || !utf8.ValidString(s.ID):
			return fmt.Errorf("the name of signature %d is no text, or too long", i+1)
		}
		if err := refer(named, s.Evidence); err != nil {
			return fmt.Errorf("signature %d: %w", i+1, err)
		}
	}
	for _, e := range m.Entries {
		if !named[e.Name] {
			return fmt.Errorf("nothing refers to %s", e.Name)
		}
	}
	return nil
}

// refer checks a list of names of entries, and marks them as referred to.
func refer(named map[string]bool, list []string) error {
	for i, name := range list {
		if _, ok := named[name]; !ok {
			return fmt.Errorf("it refers to %.100q, which is no entry", name)
		}
		if i > 0 && compareNames(list[i-1], name) >= 0 {
			return fmt.Errorf("it refers to %s out of order or twice", name)
		}
		named[name] = true
	}
	return nil
}

// checkName refuses names that are more than the last part of a path, or not what they look like.
func checkName(name string, needed bool) error {
	switch {
	case name == "" && !needed:
		return nil
	case name == "", name == ".", name == "..", len(name) > maxName, !utf8.ValidString(name), strings.ContainsAny(name, `/\`):
		return fmt.Errorf("%.100q is no name for a document", name)
	}
	if i := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		return fmt.Errorf("the document's name %.100q has a character that does not show", name)
	}
	return nil
}
