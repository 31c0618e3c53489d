package verify

import (
	"slices"
	"strconv"
	"strings"

	"yinxin/document"
)

// standing: the document still has the signature. One that was taken away never passes, whatever was signed since: whoever reads must know that there was
// another signed text, and only its signer may say that it does not count any more.
func (j *judging) standing() {
	switch {
	case j.Standing == document.Stands:
	case j.again:
		j.find("SIGNATURE_WITHDRAWN", strconv.Itoa(j.Gone))
	case j.Standing == document.Removed:
		j.find("SIGNATURE_REMOVED", strconv.Itoa(j.Gone))
	case j.Standing == document.Remnant:
		j.find("SIGNATURE_REMNANT", detail(j.FormatErr))
	default:
		j.find("SIGNATURE_HIDDEN")
	}
}

// signedAgain reports whether who made a signature that was taken away signed the document again since, as it was without it: with the same certificate, over
// the revision that took it away or a later one.
func signedAgain(file *Facts, i int) bool {
	s := file.Signatures[i]
	good := func(s SignatureFacts) bool {
		return s.FormatErr == "" && s.Value.DigestOK && s.Value.ValueOK && s.Signer != nil && s.Signer.Err == "" && s.Signer.Fingerprint != ""
	}
	return s.Standing == document.Removed && s.Gone > 0 && good(s) && slices.ContainsFunc(file.Signatures, func(o SignatureFacts) bool {
		return o.Standing == document.Stands && o.Protects >= s.Gone && good(o) && o.Signer.Fingerprint == s.Signer.Fingerprint
	})
}

// says: what the signature permits and forbids of later changes. Nothing is wrong with either, and a reader wants to know.
func (j *judging) says() {
	if j.Certifies {
		j.say("CERTIFIED", permitted(j.Permits))
	} else if j.Permits != "" {
		j.say("LOCKED_DOCUMENT", permitted(j.Permits))
	}
	if len(j.Locks) > 0 {
		j.say("LOCKED_FIELDS", lockWords(j.Locks))
	}
}

// permitted says which later changes a level lets pass.
func permitted(l document.Level) Text {
	switch l {
	case document.LevelForm:
		return Text{"只允许填写表单和签名", "the form may be filled in and signed, and nothing else"}
	case document.LevelAnnotation:
		return Text{"只允许填写表单、签名和加批注", "the form may be filled in and signed and notes added, and nothing else"}
	}
	return Text{"不允许任何改动", "nothing may be changed"}
}

// lockWords names the fields that are locked.
func lockWords(locks []document.Lock) Text {
	var zh, en []string
	for _, l := range cleanLocks(locks) {
		names := l.Fields[:min(len(l.Fields), shownChanges)]
		list := Text{strings.Join(names, "、"), strings.Join(names, ", ")}
		if len(l.Fields) > len(names) {
			list.ZH, list.EN = list.ZH+"等", list.EN+", …"
		}
		switch {
		case l.Except && len(names) == 0:
			zh, en = append(zh, "全部表单域"), append(en, "all fields")
		case l.Except:
			zh, en = append(zh, "除“"+list.ZH+"”以外的全部表单域"), append(en, "all fields but “"+list.EN+"”")
		default:
			zh, en = append(zh, "表单域“"+list.ZH+"”"), append(en, "the fields “"+list.EN+"”")
		}
	}
	return Text{strings.Join(zh, "；"), strings.Join(en, "; ")}
}

// cleanLocks makes the names fit to be shown, and bounds how many there are.
func cleanLocks(locks []document.Lock) (out []document.Lock) {
	for _, l := range locks[:min(len(locks), shownChanges)] {
		fields := make([]string, 0, min(len(l.Fields), maxLocked))
		for _, name := range l.Fields[:cap(fields)] {
			fields = append(fields, Clean(name))
		}
		out = append(out, document.Lock{Fields: fields, Except: l.Except})
	}
	return out
}

// maxLocked bounds how many names of locked fields are told.
const maxLocked = 100
