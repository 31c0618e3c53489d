package ofd

import (
	"fmt"
	"strings"

	"yinxin/document"
)

// Roles of files that are not part of what a document shows.
const (
	RoleMain      = "package"        // OFD.xml
	RoleList      = "signature-list" // a Signatures.xml
	RoleSignature = "signature"      // a file of another signature
	RoleNone      = "unreferenced"   // nothing leads to it
)

// Coverage says whether the signature protects all that showing its document uses. FILE is every file of the package: a further signature breaks it.
// REVISION leaves room for further signatures, and for files that nothing leads to, which Uncovered lists.
func (s *signature) Coverage() (document.Coverage, string) {
	if s.err != nil {
		return document.CoversUnclear, s.why
	}
	if insecure(s.told.method) {
		return document.CoversUnclear, "the digests are of a kind that protects nothing"
	}
	open, err := s.Uncovered()
	if err != nil {
		return document.CoversUnclear, err.Error()
	}
	if len(open) == 0 {
		return document.CoversFile, ""
	}
	const named = 5
	var reached []string
	count := 0
	for _, u := range open {
		if u.Reached {
			if count++; count <= named {
				reached = append(reached, u.Path+" ("+u.Role+")")
			}
		}
	}
	if count == 0 {
		return document.CoversRevision, ""
	}
	why := "showing the document uses files that are not protected: " + strings.Join(reached, ", ")
	if count > named {
		why += fmt.Sprintf(" and %d more", count-named)
	}
	return document.CoversPart, why
}

// Uncovered lists what the signature leaves out, in the order of the package.
func (s *signature) Uncovered() ([]document.Uncovered, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.openKnown {
		return s.open, s.openErr
	}
	s.openKnown = true
	s.open, s.openErr = s.findUncovered()
	s.openErr = malformed(s.openErr)
	return s.open, s.openErr
}

func (s *signature) findUncovered() ([]document.Uncovered, error) {
	d := s.d
	if err := d.list(); err != nil {
		return nil, err
	}
	if d.open > maxOpen {
		return nil, tooOpen()
	}
	covers := s.covered()
	own := map[*entry]bool{s.main: true, s.valueAt: true}
	if s.sealAt != nil {
		own[s.sealAt] = true // that it is the seal inside the value is checked byte for byte
	}
	roles, err := d.rolesFor(s)
	if err != nil {
		return nil, err
	}
	var out []document.Uncovered
	for _, e := range d.zip.entries {
		if d.open > maxOpen {
			return nil, tooOpen()
		}
		role, shown := roles.shown[e]
		if e.dir || covers[e] || own[e] && !shown {
			continue
		}
		u := document.Uncovered{Path: "/" + display(e.name), Role: role, Reached: shown}
		switch {
		case shown:
		case e == d.main.e:
			u.Role = RoleMain
			u.Reached = len(d.bodies) > 1 || s.otherRoot()
		default:
			u.Role = roles.other[e]
			if u.Role == "" {
				u.Role = RoleNone
			}
		}
		out = append(out, u)
		d.open++
	}
	return out, nil
}

func tooOpen() error {
	return tooMuch("ofd-too-many-signatures", "签名过多，且都有大量部件未受保护", "too many signatures that each leave many parts out", nil)
}

// roles says what the files of a package are, as one signature sees them.
type roles struct {
	shown map[*entry]string // used to show what the signature answers for
	other map[*entry]string // the other files with a role
}

// rolesFor gathers what showing uses: of the document of the signature all, of the others what their own signatures leave out.
func (d *Document) rolesFor(s *signature) (roles, error) {
	r := roles{shown: map[*entry]string{}, other: d.signatureParts()}
	for _, b := range d.bodies {
		c := d.closure(b)
		if c.err != nil {
			return r, c.err
		}
		for _, e := range c.parts {
			switch {
			case b == s.body || !d.coveredIn(b, e):
				r.shown[e] = c.roles[e]
			case r.other[e] == "":
				r.other[e] = c.roles[e]
			}
		}
	}
	return r, nil
}

// coveredIn reports whether a signature of a document protects a file.
func (d *Document) coveredIn(b *body, e *entry) bool {
	if b.covered == nil {
		b.covered = map[*entry]bool{}
		for _, s := range d.signed {
			if s.body == b && s.err == nil {
				for e := range s.covered() {
					b.covered[e] = true
				}
			}
		}
	}
	return b.covered[e]
}

// signatureParts gives the files of the lists and of the signatures listed.
func (d *Document) signatureParts() map[*entry]string {
	out := map[*entry]string{}
	for _, b := range d.bodies {
		if b.list.e != nil {
			out[b.list.e] = RoleList
		}
	}
	for _, s := range d.signed {
		for _, e := range []*entry{s.main, s.valueAt, s.sealAt} {
			if e != nil {
				out[e] = RoleSignature
			}
		}
	}
	return out
}

// otherRoot reports whether an OFD.xml that is not protected could be turned to another document of which every file is: then not protecting it matters.
// Where it could not, its content is no more than information about the document, and it is listed as such.
func (s *signature) otherRoot() bool {
	roles := s.d.closure(s.body).roles
	for e := range s.covered() {
		switch roles[e] {
		case pagePart.role(), resourcePart.role(), annotationsPart.role(), attachmentsPart.role(), tagsPart.role(), extensionsPart.role():
			continue // its root element was seen
		}
		if e.name == s.body.root {
			continue
		}
		if name := s.d.rootOf(e); name == "Document" || name == "DocVersion" {
			return true
		}
	}
	return false
}
