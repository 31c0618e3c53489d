package pdf

import (
	"fmt"
	"slices"

	"yinxin/document"
)

// maxChanges bounds how many changes are told apart, of one revision and behind one signature.
const maxChanges = 1000

// finding is a change before any signature was asked about it.
type finding struct {
	document.Change
	field string // full name of the old form field that it is about; empty where it is about none
}

// Changes lists what later revisions did, step by step from each revision to the next, so that a change taken back is seen too.
//
// The rule is a list of what is allowed, by the role an object plays; everything else is OTHER. An object that was replaced is allowed to be so only if
// every path to it from the trailer leads through something of that role: what else refers to it would change with it.
//
//   - NONE: an object that nothing refers to. Objects written again as they were are not told of at all.
//   - LTA: evidence in the DSS, invisible document time stamps, developer extensions, a higher version, document information and XMP metadata.
//   - FORM: signature fields made or signed, with their widgets and their entries in a structure tree; form fields filled.
//   - ANNOTATION: annotations made, changed or removed, and form fields that look different without having another value.
//
// Each change says how the signature rules on it: what DocMDP permits or forbids, and the fields that FieldMDP or a lock names.
func (s *signature) Changes() ([]document.Change, error) {
	if s.err != nil {
		return nil, s.err
	}
	if err := s.d.restrict(); err != nil {
		return nil, malformed(err)
	}
	f := s.d.f
	var out []document.Change
	other := func(code, object string, revision int) {
		out = append(out, document.Change{Level: document.LevelOther, Code: code, Object: object, Revision: revision, Ruling: s.forbids.rules(document.LevelOther, "")})
	}
	last := len(f.revisions)
	if s.forbids.certifies && s.standing == document.Stands && standingFirst(s.d.signed)[0] != s {
		other("certification-not-first", "field "+s.id, s.revision+1)
	}
	if num, ok := f.twoViews(s.end()); ok {
		other("hybrid-views", fmt.Sprintf("object %d", num), s.revision+1)
	}
	if s.end() == f.size {
		return out, nil
	}
	k, ok := f.revisionEnding(s.end())
	switch {
	case !ok:
		other("uncovered-bytes", "file", last)
		return out, nil
	case f.disordered:
		other("revision-order", "file", last)
		return out, nil
	case s.revision > k:
		other("signature-replaced", "field "+s.id, last)
		return out, nil
	}
	if err := s.d.compare(); err != nil {
		return nil, malformed(err)
	}
	for _, step := range s.d.steps[k+1:] {
		for _, x := range step {
			if len(out) >= maxChanges {
				other("more-changes", "file", last)
				return out, nil
			}
			c := x.Change
			c.Ruling = s.forbids.rules(c.Level, x.field)
			out = append(out, c)
		}
	}
	if f.trailing {
		other("trailing-bytes", "file", last)
	}
	return out, nil
}

// twoViews finds an object of the revisions before an offset that readers see differently.
func (f *file) twoViews(end int64) (int, bool) {
	for i := range f.sections {
		if f.sections[i].offset < end {
			if num, ok := f.sections[i].twoViews(); ok {
				return num, true
			}
		}
	}
	return 0, false
}

// twoViews finds an object that a hybrid section places twice: readers that know cross-reference streams see another than those that do not (ISO
// 32000-1, 7.5.8.4, has such objects free in the table).
func (s *section) twoViews() (int, bool) {
	for _, r := range s.hidden {
		for k, e := range r.entries {
			if t, ok := s.table.lookup(r.first + k); ok && t.kind != freeEntry && t != e {
				return r.first + k, true
			}
		}
	}
	return 0, false
}

// compare finds the changes of every revision behind the first that a signature covers. Each revision is compared with its neighbour once, for all
// signatures, and what refers to what is gathered in one walk.
func (d *Document) compare() error {
	if d.steps != nil {
		return nil
	}
	f := d.f
	first := len(f.revisions) - 1
	for _, s := range d.signed {
		if k, ok := f.revisionEnding(s.end()); ok && s.err == nil {
			first = min(first, k)
		}
	}
	steps := make([][]finding, len(f.revisions))
	var refs *references
	var form fieldTable
	for k := first + 1; k < len(f.revisions); k++ {
		if refs == nil {
			var err error
			if refs, err = f.at(first).references(); err != nil {
				return fmt.Errorf("find what refers to what in revision %d: %w", first+1, err)
			}
			if err := f.at(first).soundStructure(); err != nil {
				return fmt.Errorf("read the structure tree of revision %d: %w", first+1, err)
			}
		}
		s := step{d: d, f: f, rev: k, old: f.at(k - 1), now: f.at(k), refs: refs, fieldTable: &form}
		if err := s.run(); err != nil {
			return fmt.Errorf("compare revision %d with the one before: %w", k+1, err)
		}
		steps[k] = s.changes
	}
	d.overlaps(steps)
	d.steps = steps
	return nil
}

// overlaps marks the changes that show where an earlier signature is shown. To touch is not to overlap.
func (d *Document) overlaps(steps [][]finding) {
	var places [][]document.Place // by signature
	for k, step := range steps {
		for i := range step {
			if len(step[i].Places) == 0 {
				continue
			}
			if places == nil {
				for _, s := range d.signed {
					places = append(places, s.Info().Places)
				}
			}
			for n, s := range d.signed {
				step[i].Overlaps = step[i].Overlaps || s.revision < k && slices.ContainsFunc(step[i].Places, func(p document.Place) bool {
					return slices.ContainsFunc(places[n], func(q document.Place) bool { return overlap(p, q) })
				})
			}
		}
	}
}

// overlap reports whether two places share more than a border.
func overlap(a, b document.Place) bool {
	a, b = a.Shown(), b.Shown()
	apart := func(x, y, w, h float64) bool { return max(x, y)-min(x, y) >= (w+h)/2-slack }
	return a.Page == b.Page && !apart(a.X, b.X, a.Width, b.Width) && !apart(a.Y, b.Y, a.Height, b.Height)
}
