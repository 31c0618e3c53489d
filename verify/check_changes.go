package verify

import (
	"slices"

	"yinxin/document"
)

// changes weighs what later revisions did, each kind by itself: what the signed document forbids, what covers a signature's place, what nothing allows, and
// what is left by its level. What a format calls unknown counts as OTHER.
func (j *judging) changes() {
	if j.again {
		return // what came after it is its signer's later signature's
	}
	if j.ChangesErr != "" {
		if j.FormatErr != "" || j.Files != nil {
			return // said already: nobody knows what it protects, or what became of it
		}
		j.find("CHANGES_UNREADABLE", detail(j.ChangesErr))
		return
	}
	by := map[Code][]document.Change{}
	for _, c := range j.Changes {
		if code := weigh(c); code != "" {
			by[code] = append(by[code], c)
		}
	}
	if signs := by["CHANGED_SIGNATURE"]; len(signs) > 0 && slices.ContainsFunc(signs, func(c document.Change) bool { return !ofSigning(c) }) {
		by["CHANGED_FORM"] = slices.DeleteFunc(slices.Clone(signs), ofSigning)
		by["CHANGED_SIGNATURE"] = slices.DeleteFunc(signs, func(c document.Change) bool { return !ofSigning(c) })
	}
	if list := by["FILE_UNPROTECTED"]; len(list) > 0 && j.closed != "" {
		j.find("FILE_PROTECTED_LATER", nameChanges(list), j.closed)
		delete(by, "FILE_UNPROTECTED")
	}
	for _, code := range []Code{"FILE_DIGEST", "FILE_MISSING", "FILE_UNREADABLE", "FILE_UNPROTECTED", "FILE_EXTRA", "FILE_OPEN"} {
		if list := by[code]; len(list) > 0 {
			j.find(code, nameChanges(list), changeDetail(list))
		}
	}
	for _, code := range []Code{"CHANGED", "CHANGED_FORBIDDEN", "CHANGED_LOCKED", "CHANGED_OVER_SEAL", "CHANGED_ANNOTATION", "CHANGED_ANNOTATION_PERMITTED",
		"CHANGED_FORM", "CHANGED_SIGNATURE", "CHANGED_SIGNATURE_OVERLAPS"} {
		if list := by[code]; len(list) > 0 {
			j.find(code, DescribeChanges(list), changeDetail(list))
		}
	}
	for _, code := range []Code{"CHANGED_EVIDENCE", "CHANGED_METADATA", "CHANGED_IDENTIFIER"} {
		if list := by[code]; len(list) > 0 {
			j.find(code, changeDetail(list))
		}
	}
}

// weigh finds the code of one change; none for a change that changes nothing.
//
// A ban breaks the signature whatever the level: the signer said beforehand what may follow. Permission by a certification (DocMDP) lifts annotations
// from a question to a warning, and nothing above them. It does not cover a place where a signature is shown: the picture there is part of what was
// signed, and who permits notes does not permit hiding it; a seal under a note fails as a seal whose picture was exchanged does. A later seal or signature
// over an earlier one is a warning only: people do put one seal partly over another, and the later one names who did.
func weigh(c document.Change) Code {
	rank := c.Level.Rank()
	switch {
	case c.Code == document.EntryAdded && rank == document.LevelNone.Rank():
		return "FILE_EXTRA"
	case c.Code == document.EntryOpen && rank == document.LevelNone.Rank():
		return "FILE_OPEN"
	case rank == document.LevelNone.Rank():
		return ""
	case c.Ruling == document.FieldLocked:
		return "CHANGED_LOCKED"
	case c.Ruling.Forbids():
		return "CHANGED_FORBIDDEN"
	case unprotected(c):
		return "FILE_UNPROTECTED"
	case c.Code == document.EntryChanged:
		return "FILE_DIGEST"
	case c.Code == document.EntryRemoved:
		return "FILE_MISSING"
	case c.Code == document.EntryUnreadable:
		return "FILE_UNREADABLE"
	case rank >= document.LevelOther.Rank():
		return "CHANGED"
	case rank == document.LevelAnnotation.Rank() && c.Overlaps:
		return "CHANGED_OVER_SEAL"
	case rank == document.LevelAnnotation.Rank() && c.Ruling == document.Permitted:
		return "CHANGED_ANNOTATION_PERMITTED"
	case rank == document.LevelAnnotation.Rank():
		return "CHANGED_ANNOTATION"
	case rank == document.LevelForm.Rank() && c.Overlaps:
		return "CHANGED_SIGNATURE_OVERLAPS"
	case rank == document.LevelForm.Rank():
		return "CHANGED_SIGNATURE" // or CHANGED_FORM: what was filled in decides
	case slices.Contains(evidenceChanges, c.Code):
		return "CHANGED_EVIDENCE"
	case c.Code == "id-changed":
		return "CHANGED_IDENTIFIER"
	}
	return "CHANGED_METADATA"
}

var evidenceChanges = []string{"evidence-added", "evidence-replaced", "certificates-dropped", "timestamp-added"}

// unprotected reports a file that showing the document uses and that the signature does not list.
func unprotected(c document.Change) bool {
	return c.Code == document.EntryAdded && c.Level.Rank() >= document.LevelOther.Rank()
}

// ofSigning reports a change that adding a signature makes.
func ofSigning(c document.Change) bool { return slices.Contains(signingChanges, c.Code) }

var signingChanges = []string{"field-added", "field-signed", "signature-added"}
