package ofd

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// namespace is that of GB/T 33190; parts that exist keep whatever they have.
const namespace = "http://www.ofdspec.org/2016"

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// escaped is a text as it stands in an element or an attribute.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// splice replaces the bytes [from, to) of a part.
func splice(raw []byte, from, to int64, with string) []byte {
	out := make([]byte, 0, len(raw)+len(with))
	return append(append(append(out, raw[:from]...), with...), raw[to:]...)
}

// withSignatures is OFD.xml with the entry of a Signatures.xml in a DocBody, behind DocRoot and the versions (GB/T 33190, table 4). All else stays.
func withSignatures(main part, b *body, path string) []byte {
	after := b.node.all("DocRoot")[0]
	prefix := after.prefix
	element := fmt.Sprintf("<%sSignatures>%s</%sSignatures>", prefix, escaped("/"+path), prefix)
	if old := b.node.all("Signatures"); len(old) > 0 { // an empty one
		return splice(main.raw, old[0].from, old[0].to, element)
	}
	if versions := b.node.all("Versions"); len(versions) > 0 && versions[0].from > after.from {
		after = versions[0]
	}
	return splice(main.raw, after.to, after.to, element)
}

// listed is a signature as its list has it.
type listed struct {
	id, kind, path string
	last           string // MaxSignId with it
}

func (l listed) element(prefix string) string {
	return fmt.Sprintf(`<%sSignature ID="%s" Type="%s" BaseLoc="%s"/>`, prefix, escaped(l.id), l.kind, escaped("/"+l.path))
}

// newList is a Signatures.xml with one signature.
func newList(l listed) []byte {
	return []byte(xmlHead + `<ofd:Signatures xmlns:ofd="` + namespace + `"><ofd:MaxSignId>` + escaped(l.last) + `</ofd:MaxSignId>` + l.element("ofd:") + `</ofd:Signatures>` + "\n")
}

// withSignature is a Signatures.xml with one more signature behind the others. All else stays.
func withSignature(list part, l listed) ([]byte, error) {
	root := list.root
	prefix := root.prefix
	last := fmt.Sprintf("<%sMaxSignId>%s</%sMaxSignId>", prefix, escaped(l.last), prefix)
	if root.empty {
		name := prefix + root.name
		return splice(list.raw, root.from, root.to, "<"+name+string(root.attrs)+">"+last+l.element(prefix)+"</"+name+">"), nil
	}
	old, err := root.only("MaxSignId")
	if err != nil {
		return nil, err
	}
	at := root.inner // of the new signature
	if old != nil {
		at = old.to
	}
	if all := root.all("Signature"); len(all) > 0 {
		at = all[len(all)-1].to
	}
	if old == nil {
		raw := splice(list.raw, at, at, l.element(prefix))
		return splice(raw, root.inner, root.inner, last), nil
	}
	if old.to <= at { // the later edit first, so that the places of the earlier hold
		raw := splice(list.raw, at, at, l.element(prefix))
		return splice(raw, old.from, old.to, last), nil
	}
	raw := splice(list.raw, old.from, old.to, last)
	return splice(raw, at, at, l.element(prefix)), nil
}

// counter hands out the numbers that the IDs of signatures and stamps share, written as the file writes them, or as GB/T 33190 recommends: sNNN.
type counter struct {
	prefix string
	width  int
	last   int
}

// see takes an ID into account: its trailing digits count, what stands before them is the style.
func (c *counter) see(id string, style bool) {
	digits := len(id) - len(strings.TrimRight(id, "0123456789"))
	n, err := strconv.Atoi(id[len(id)-digits:])
	if err != nil || digits > 9 {
		return
	}
	c.last = max(c.last, n)
	if prefix := id[:len(id)-digits]; style && len(prefix) <= 1 {
		c.prefix, c.width = prefix, 0
		if digits > 1 && id[len(prefix)] == '0' {
			c.width = digits
		}
	}
}

func (c *counter) next() string {
	c.last++
	return c.current()
}

func (c *counter) current() string { return fmt.Sprintf("%s%0*d", c.prefix, c.width, c.last) }

// signatureText is what a Signature.xml is made of.
type signatureText struct {
	provider string
	time     time.Time // zero: none is claimed
	stamps   []stamp
	seal     string // path of Seal.esl; empty: none
	value    string // path of the value
}

// oidSM3WithSM2 is the SignatureMethod that products write, whatever container the value is.
const oidSM3WithSM2 = "1.2.156.10197.1.501"

// xml writes a Signature.xml in the order of the schema (GB/T 33190, tables 67 to 69).
func (t signatureText) xml(refs []protected) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<ofd:Signature xmlns:ofd="` + namespace + `"><ofd:SignedInfo><ofd:Provider ProviderName="` + escaped(t.provider) + `"/>`)
	b.WriteString("<ofd:SignatureMethod>" + oidSM3WithSM2 + "</ofd:SignatureMethod>")
	if !t.time.IsZero() {
		b.WriteString("<ofd:SignatureDateTime>" + t.time.UTC().Format("20060102150405Z") + "</ofd:SignatureDateTime>")
	}
	b.WriteString(`<ofd:References CheckMethod="` + oidSM3 + `">`)
	for _, r := range refs {
		b.WriteString(`<ofd:Reference FileRef="` + escaped("/"+r.loc) + `"><ofd:CheckValue>` + base64.StdEncoding.EncodeToString(r.sum) + "</ofd:CheckValue></ofd:Reference>")
	}
	b.WriteString("</ofd:References>")
	for _, s := range t.stamps {
		fmt.Fprintf(&b, `<ofd:StampAnnot ID="%s" PageRef="%s" Boundary="%s"`, escaped(s.id), escaped(s.page), s.boundary)
		if s.clip != (box{}) {
			fmt.Fprintf(&b, ` Clip="%s"`, s.clip)
		}
		b.WriteString("/>")
	}
	if t.seal != "" {
		b.WriteString("<ofd:Seal><ofd:BaseLoc>" + escaped("/"+t.seal) + "</ofd:BaseLoc></ofd:Seal>")
	}
	b.WriteString("</ofd:SignedInfo><ofd:SignedValue>" + escaped("/"+t.value) + "</ofd:SignedValue></ofd:Signature>\n")
	return []byte(b.String())
}

// String is a box as ST_Box. Ten decimals hold multiples of 1/1024 mm exactly, in which riding seals are cut.
func (b box) String() string {
	const grid = 1e10
	var out []string
	for _, v := range b {
		v = math.Round(v*grid) / grid
		if v == 0 {
			v = 0 // never -0
		}
		out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
	}
	return strings.Join(out, " ")
}
