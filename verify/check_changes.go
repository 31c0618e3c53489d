package verify

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
)

// shownChanges bounds how many things one sentence names.
const shownChanges = 5

// changes weighs what later revisions did, each kind by itself: what the signed document forbids, what covers a signature's place, what nothing allows, and
// what is left by its level. What a format calls unknown counts as OTHER.
func (j *judging) changes() {
	if j.ChangesErr != "" {
		if j.FormatErr != "" {
			return // said already: nobody knows what it protects
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
	for _, code := range []Code{"CHANGED", "CHANGED_FORBIDDEN", "CHANGED_LOCKED", "CHANGED_OVER_SEAL", "CHANGED_ANNOTATION", "CHANGED_ANNOTATION_PERMITTED",
		"CHANGED_FORM", "CHANGED_SIGNATURE", "CHANGED_SIGNATURE_OVERLAPS"} {
		if list := by[code]; len(list) > 0 {
			j.find(code, describeChanges(list))
		}
	}
	if len(by["CHANGED_EVIDENCE"]) > 0 {
		j.find("CHANGED_EVIDENCE")
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
	case rank == document.LevelNone.Rank():
		return ""
	case c.Ruling == document.FieldLocked:
		return "CHANGED_LOCKED"
	case c.Ruling.Forbids():
		return "CHANGED_FORBIDDEN"
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
	}
	return "CHANGED_EVIDENCE"
}

// ofSigning reports a change that adding a signature makes.
func ofSigning(c document.Change) bool { return slices.Contains(signingChanges, c.Code) }

var signingChanges = []string{"field-added", "field-signed"}

// changed is one thing with what happened to it.
type changed struct {
	object string
	codes  []string
}

// describeChanges names what changed, each thing once, with all that happened to it.
func describeChanges(list []document.Change) Text {
	var things []changed
	for _, c := range list {
		i := slices.IndexFunc(things, func(t changed) bool { return t.object == c.Object })
		if i < 0 {
			i, things = len(things), append(things, changed{object: c.Object})
		}
		if !slices.Contains(things[i].codes, c.Code) {
			things[i].codes = append(things[i].codes, c.Code)
		}
	}
	return Text{ZH: joinChanges(things, "；", "、", thingZH, func(t Text) string { return t.ZH }),
		EN: joinChanges(things, "; ", ", ", Clean, func(t Text) string { return t.EN })}
}

func joinChanges(things []changed, between, within string, thing func(string) string, word func(Text) string) string {
	var out []string
	for i, t := range things {
		if i == shownChanges {
			out = append(out, fmt.Sprintf("+%d", len(things)-i))
			break
		}
		words := make([]string, len(t.codes))
		for k, c := range t.codes {
			if words[k] = word(changeNames[c]); words[k] == "" {
				words[k] = c
			}
		}
		out = append(out, thing(t.object)+": "+strings.Join(words, within))
	}
	return strings.Join(out, between)
}
