package ofd

import (
	"fmt"

	"yinxin/document"
	"yinxin/fault"
)

// Carried lists the attachments (GB/T 33190, 20) and the files of custom tags (17) of all documents of the package. What is named and not there is left
// out. It implements document.Contents.
func (d *Document) Carried() ([]document.Carried, error) {
	var out []document.Carried
	for _, b := range d.bodies {
		for _, l := range b.about.links {
			var err error
			switch l.to {
			case attachmentsPart:
				out, err = d.carriedBy(out, b.about, l, "Attachment", document.Attachment)
			case tagsPart:
				out, err = d.carriedBy(out, b.about, l, "CustomTag", document.Tags)
			}
			if err != nil {
				return nil, malformed(err)
			}
		}
	}
	return out, nil
}

// carriedBy adds the files that a list of them names. An attachment has a name, a tag the kind of names it gives.
func (d *Document) carriedBy(out []document.Carried, about *scan, l link, element string, as document.CarriedAs) ([]document.Carried, error) {
	by, err := d.follow(about.e, about.from, l)
	if by == nil || err != nil {
		return out, err
	}
	list, err := d.control(by, maxListed)
	if err != nil {
		return nil, err
	}
	for _, n := range list.root.all(element) {
		loc, err := n.textOf("FileLoc")
		if err != nil {
			return nil, err
		}
		e, err := d.follow(by, folder(by.name), link{loc: loc})
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		c := document.Carried{Name: value(n, "Name"), Path: display(e.name), As: as, MIME: value(n, "Format"), Size: e.size}
		if as == document.Tags {
			c.Name = value(n, "TypeID")
		}
		out = append(out, c)
	}
	return out, nil
}

// Read returns a carried file. It implements document.Contents.
func (d *Document) Read(c document.Carried, most int64) ([]byte, error) {
	e := d.carriedAt(c.Path)
	if e == nil {
		return nil, fault.New(fault.NotFound, "ofd-part-missing", "文件中没有部件 "+c.Path, "the file has no part "+c.Path, nil)
	}
	if e.size > most {
		return nil, tooMuch("ofd-part-too-large", fmt.Sprintf("部件 %s 超过 %d 字节", c.Path, most), fmt.Sprintf("the part %s is larger than %d bytes", c.Path, most), nil)
	}
	raw := make([]byte, e.size)
	if err := d.zip.into(e, raw); err != nil {
		return nil, malformed(err)
	}
	return raw, nil
}

// carriedAt finds a file by the name that people see.
func (d *Document) carriedAt(path string) *entry {
	if e := d.zip.find(path); e != nil {
		return e
	}
	return d.zip.loose(path)
}

// Labels are what OFD.xml says of its documents (GB/T 33190, table 5): the elements of DocInfo that are text, under their names, and CustomDatas under those
// they were given. It implements document.Contents.
func (d *Document) Labels() ([]document.Label, error) {
	var out []document.Label
	for _, b := range d.bodies {
		for _, info := range b.node.all("DocInfo") {
			for _, n := range info.kids {
				if n.name == "CustomDatas" {
					for _, c := range n.all("CustomData") {
						out = append(out, document.Label{Name: value(c, "Name"), Value: c.text})
					}
				} else if len(n.kids) == 0 && n.text != "" {
					out = append(out, document.Label{Name: n.name, Value: n.text})
				}
			}
		}
	}
	return out, nil
}
