package ofd

import (
	"errors"
	"fmt"
	"math"

	"yinxin/document"
)

// Codes of changes to the signatures; those of files are in package document.
const (
	changeSignature = "signature-added"
	changeList      = "signature-list-changed"
	changeOrder     = "signature-order-changed"
	changeStruck    = "signature-struck"
)

// Changes lists what is not as the signature left it. An OFD has no revisions, so this is told from what the signature protects: listed files that differ
// or are gone, files it does not protect, and signatures behind it in the list. A further signature is of level FORM; where the signature protects the
// list of signatures (the whole package, that is), its change is ruled document.FieldLocked.
//
// It returns document.ErrUnchecked until References was asked and answered.
func (s *signature) Changes() ([]document.Change, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.checked == nil {
		return nil, document.ErrUnchecked
	}
	var out []document.Change
	list := "/" + display(s.body.signatures)
	for _, r := range s.checked {
		c := document.Change{Level: document.LevelOther, Code: document.EntryChanged, Object: r.Path}
		switch r.State {
		case document.Unchanged:
			continue
		case document.Missing:
			c.Code = document.EntryRemoved
		case document.Unreadable:
			c.Code = document.EntryUnreadable
		}
		if r.Path == list {
			c.Code, c.Ruling = changeList, document.FieldLocked
		}
		out = append(out, c)
	}
	open, err := s.Uncovered()
	if err != nil {
		return nil, errors.Join(errors.New("ofd: what the document uses is not clear"), err)
	}
	for _, u := range open {
		switch {
		case u.Reached:
			out = append(out, document.Change{Level: document.LevelOther, Code: document.EntryAdded, Object: u.Path})
		case u.Role == RoleNone:
			out = append(out, document.Change{Level: document.LevelNone, Code: document.EntryAdded, Object: u.Path})
		case u.Role == RoleMain:
			out = append(out, document.Change{Level: document.LevelNone, Code: document.EntryOpen, Object: "file information " + u.Path})
		case u.Role == RoleList:
			out = append(out, document.Change{Level: document.LevelNone, Code: document.EntryOpen, Object: "list of signatures " + u.Path})
		}
	}
	return append(out, s.signatureChanges()...), nil
}

// maxTold is how many places of one further signature are told.
const maxTold = 1000

// signatureChanges compares the list of signatures with what the signature protects of the others.
func (s *signature) signatureChanges() []document.Change {
	var out []document.Change
	covers := s.covered()
	locks := s.body.list.e != nil && covers[s.body.list.e]
	revision := 1
	for _, o := range s.d.signed {
		revision++
		if o == s || o.body != s.body {
			continue
		}
		protects := o.main != nil && covers[o.main]
		switch {
		case o.index < 0: // not listed
			if protects {
				out = append(out, document.Change{Level: document.LevelOther, Code: changeStruck, Object: display(o.path)})
			}
		case o.index < s.index:
		case protects:
			out = append(out, document.Change{Level: document.LevelOther, Code: changeOrder, Object: "signature " + o.name()})
		default:
			c := document.Change{Level: document.LevelForm, Code: changeSignature, Object: "signature " + o.name(), Revision: revision, Places: o.places()[:min(len(o.places()), maxTold)]}
			if locks {
				c.Ruling = document.FieldLocked
			}
			c.Overlaps = s.d.overlap(o.places(), s.places())
			out = append(out, c)
		}
	}
	return out
}

// overlap reports whether something shown at one of the places covers something shown at another. Where there is too much to compare the answer is yes.
func (d *Document) overlap(a, b []document.Place) bool {
	if d.pairs += len(a) * len(b); d.pairs > maxOverlap {
		return true
	}
	for _, x := range a {
		x = x.Shown()
		for _, y := range b {
			if y = y.Shown(); x.Page == y.Page && math.Abs(x.X-y.X) < (x.Width+y.Width)/2-sameLength && math.Abs(x.Y-y.Y) < (x.Height+y.Height)/2-sameLength {
				return true
			}
		}
	}
	return false
}

// Suspicions lists what readers of OFD could take in different ways, or not see: files that nothing leads to (unreferenced), parts that are named and not
// there (part-missing) or there under a name that differs in case or encoding (name-case), stamps on pages that are not there (stamp-page), bytes before
// the archive (zip-prefix) and between its entries (zip-gap).
func (d *Document) Suspicions() ([]document.Suspicion, error) {
	if err := d.list(); err != nil {
		return nil, malformed(err)
	}
	known := d.signatureParts()
	known[d.main.e] = RoleMain
	for _, b := range d.bodies {
		c := d.closure(b)
		if c.err != nil {
			return nil, malformed(c.err)
		}
		for e, role := range c.roles {
			known[e] = role
		}
	}
	for _, s := range d.signed {
		s.places() // notes stamps that are on no page
	}
	if d.zip.prefix > 0 {
		d.note("zip-prefix", fmt.Sprintf("%d bytes before the archive", d.zip.prefix))
	}
	for _, at := range d.zip.gaps {
		d.note("zip-gap", fmt.Sprintf("at %d", at))
	}
	for _, e := range d.zip.entries {
		if !e.dir && known[e] == "" {
			d.note("unreferenced", "/"+display(e.name))
		}
	}
	return d.notes, nil
}
