package einvoice

import (
	"strconv"
)

// ObjectRef points to an object on a page of an OFD, by the identifiers the document gives them.
type ObjectRef struct {
	Page   uint64
	Object uint64
}

// Text answers what the text object at a place says. ok is false where there is none, for instance because the text is drawn as paths.
type Text func(ObjectRef) (text string, ok bool)

// TagParts lists the files a CustomTags.xml of an OFD names, as written there: relative to it unless they begin with a slash.
func TagParts(part string, data []byte) ([]string, error) {
	root, err := parseXML(part, data)
	if err != nil {
		return nil, err
	}
	if root.name != "CustomTags" {
		return nil, unknown(part, root)
	}
	var list []string
	for _, n := range root.all("CustomTag/FileLoc") {
		list = append(list, n.text)
	}
	return list, nil
}

// ParseTags reads an invoice's custom tags, which name for each field the objects of the face that show it; text resolves them. The result is what
// the face says: a field whose objects cannot be resolved is Unreadable, one without objects Missing. Errors as of Parse.
func ParseTags(part string, data []byte, text Text) (Invoice, error) {
	root, err := parseXML(part, data)
	if err != nil {
		return Invoice{}, err
	}
	f := forms()[0]
	if root.name != f.root {
		return Invoice{}, unknown(part, root)
	}
	f.kind = Unnamed
	return f.read(source{part, Face, tagged(text)}, root, "/"+root.name)
}

// tagged joins the texts of a tag's objects: a long name is broken into several.
func tagged(text Text) func(*node) (string, State) {
	return func(n *node) (string, State) {
		joined, found := "", 0
		for c := range n.children() {
			if c.name != "ObjectRef" {
				continue
			}
			found++
			page, err := strconv.ParseUint(c.attr("PageRef"), 10, 64)
			object, err2 := strconv.ParseUint(c.text, 10, 64)
			if err != nil || err2 != nil {
				return joined, Unreadable
			}
			t, ok := text(ObjectRef{page, object})
			if !ok {
				return joined, Unreadable
			}
			if joined += t; len(joined) > maxText {
				return excerpt(joined), Unreadable
			}
		}
		if found == 0 {
			return "", Missing
		}
		return joined, Given
	}
}

// Label is a value under its name, such as an entry of CustomDatas in OFD.xml.
type Label struct{ Name, Value string }

// FromLabels reads an invoice from labelled entries; a label it does not know is passed over, one that comes twice is Repeated.
func FromLabels(part string, labels []Label) Invoice {
	inv := Invoice{Part: part, Source: Entry}
	known := map[string]slot{}
	for _, s := range inv.slots() {
		known[compact(s.zh)] = s
	}
	known["价税合计"], known["价税合计金额"] = known["价税合计(小写)"], known["价税合计(小写)"]
	for _, l := range labels {
		s, ok := known[compact(l.Name)]
		if !ok {
			continue
		}
		state := Given
		if s.get().state != Missing {
			state = Repeated
		}
		s.set(l.Value, Place{Part: part, Path: excerpt(l.Name)}, state)
	}
	inv.splitTotal()
	return inv
}
