package report

import (
	"fmt"
	"strings"

	"yinxin/verify"
)

// maxReason bounds what is said of a file that cannot be read, in characters.
const maxReason = 1000

// Reason is a report in one sentence, for a line of a table: the verdict, and of the findings that decided it the first.
func Reason(r verify.Report, lang string) string {
	l := tongue(lang)
	if r.Error != nil {
		return l.verdict(r.Verdict) + l.say("：", ": ") + verify.CleanTo(r.Error.In(lang), maxReason)
	}
	said := l.verdict(r.Verdict)
	if r.IntegrityOnly && len(r.Signatures) > 0 {
		said += l.say("（只核验了完整性）", " (only integrity was judged)")
	}
	list := deciders(r)
	if len(list) == 0 {
		return said
	}
	said += l.say("：", ": ") + strings.TrimRight(l.in(list[0].Message), "。.") + l.say("。", ".")
	if more := len(list) - 1; more > 0 {
		said += fmt.Sprintf(l.say("另有 %d 项。", " %d more."), more)
	}
	return said
}

// deciders are the findings that gave the file its verdict; of a file that is not signed, whatever speaks against what it says; of one that PASSED, what
// calls for a second look.
func deciders(r verify.Report) (list []verify.Finding) {
	want := func(f verify.Finding) bool { return f.Level == verify.Fail && f.Verdict == r.Verdict }
	switch r.Verdict {
	case verify.Passed:
		want = func(f verify.Finding) bool { return f.Level == verify.Warn }
	case verify.Unsigned:
		want = func(f verify.Finding) bool { return f.Level == verify.Fail }
	}
	take := func(findings []verify.Finding) {
		for _, f := range findings {
			if want(f) {
				list = append(list, f)
			}
		}
	}
	for _, s := range r.Signatures {
		take(s.Findings)
	}
	if r.Document != nil {
		take(r.Document.Findings)
	}
	return list
}
