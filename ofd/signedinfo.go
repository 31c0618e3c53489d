package ofd

import (
	"encoding/base64"
	"strings"
	"time"
)

// signedInfo is what a Signature.xml says (GB/T 33190, tables 67 to 69), whatever order it says it in.
type signedInfo struct {
	provider string
	method   string // CheckMethod; empty where it is absent, which stands for MD5
	time     time.Time
	refs     []protected
	stamps   []stamp
	seal     string // BaseLoc of Seal.esl, or empty
	value    string // where the value is
}

// protected is a Reference: a file and its digest.
type protected struct {
	loc string
	sum []byte // nil where it is no Base64
}

// stamp is a StampAnnot: where a seal is shown. The clip counts from the boundary.
type stamp struct {
	id, page       string
	boundary, clip box
}

func readSigned(root *node) (signedInfo, error) {
	var out signedInfo
	if root.name != "Signature" {
		return out, root.broken("the root element is %s, not Signature", root.name)
	}
	info, err := root.only("SignedInfo")
	if err != nil {
		return out, err
	}
	if info == nil {
		return out, root.broken("there is no SignedInfo")
	}
	if out.value, err = root.textOf("SignedValue"); err != nil {
		return out, err
	}
	if out.value == "" {
		return out, root.broken("there is no SignedValue")
	}
	if err := out.readProvider(info); err != nil {
		return out, err
	}
	if err := out.readReferences(info); err != nil {
		return out, err
	}
	return out, out.readStamps(info)
}

func (i *signedInfo) readProvider(info *node) error {
	provider, err := info.only("Provider")
	if err != nil {
		return err
	}
	if provider != nil {
		if i.provider, _, err = provider.attr("ProviderName"); err != nil {
			return err
		}
		if i.provider == "" { // one product writes elements
			if i.provider, err = provider.textOf("ProviderName"); err != nil {
				return err
			}
		}
	}
	claimed, err := info.textOf("SignatureDateTime")
	if err != nil {
		return err
	}
	i.time = parseTime(claimed)
	seal, err := info.only("Seal")
	if err != nil || seal == nil {
		return err
	}
	if i.seal, err = seal.textOf("BaseLoc"); err == nil && i.seal == "" {
		err = seal.broken("a Seal without BaseLoc")
	}
	return err
}

func (i *signedInfo) readReferences(info *node) error {
	list, err := info.only("References")
	if err != nil {
		return err
	}
	if list == nil || len(list.all("Reference")) == 0 {
		return info.broken("there are no References: the signature protects nothing")
	}
	if i.method, _, err = list.attr("CheckMethod"); err != nil {
		return err
	}
	for _, n := range list.all("Reference") {
		loc, _, err := n.attr("FileRef")
		if err != nil {
			return err
		}
		text, err := n.textOf("CheckValue")
		if err != nil {
			return err
		}
		p := protected{loc: loc}
		if sum, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(text), "")); err == nil && len(sum) > 0 {
			p.sum = sum
		}
		i.refs = append(i.refs, p)
	}
	return nil
}

func (i *signedInfo) readStamps(info *node) error {
	for _, n := range info.all("StampAnnot") {
		var s stamp
		var boundary, clip string
		for _, a := range []named{{"ID", &s.id}, {"PageRef", &s.page}, {"Boundary", &boundary}, {"Clip", &clip}} {
			v, _, err := n.attr(a.name)
			if err != nil {
				return err
			}
			*a.to = strings.TrimSpace(v)
		}
		var ok bool
		if s.boundary, ok = parseBox(boundary); !ok {
			return n.broken("a StampAnnot with the Boundary %.40q", boundary)
		}
		if clip != "" {
			if s.clip, ok = parseBox(clip); !ok {
				return n.broken("a StampAnnot with the Clip %.40q", clip)
			}
		}
		if i.stamps = append(i.stamps, s); len(i.stamps) > maxPlaces {
			return n.broken("more than %d StampAnnot elements", maxPlaces)
		}
	}
	return nil
}

// parseTime reads the forms of SignatureDateTime met in the field; zero where it is none of them. Without a zone it is taken for China's; some products
// write that with a Z behind it, so it is for display only.
func parseTime(s string) time.Time {
	china := time.FixedZone("", 8*60*60)
	for _, layout := range []string{"20060102150405Z", "20060102150405.999Z", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	for _, layout := range []string{"20060102150405", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, china); err == nil {
			return t
		}
	}
	return time.Time{}
}
