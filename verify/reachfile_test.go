package verify

import "yinxin/document"

// goodPackage is a recording of an OFD's seal in which nothing is wrong.
func goodPackage() Facts {
	f := goodSeal()
	f.Format = "OFD"
	s := &f.Signatures[0]
	s.Profile, s.Coverage = document.TypeSeal, document.CoversRevision
	s.Seal.Shown, s.Seal.Stored = ShownInValue, "same"
	return f
}

func entry(level document.Level, code string) func(*SignatureFacts) {
	return func(f *SignatureFacts) {
		f.Changes = []document.Change{{Level: level, Code: code, Object: "signature 甲"}}
		if code == document.EntryAdded && level == document.LevelOther {
			f.Coverage = document.CoversPart
		}
	}
}

// ofFiles are the codes found where files are protected one by one.
var ofFiles = []spoilt{
	{"FILE_DIGEST", entry(document.LevelOther, document.EntryChanged)},
	{"FILE_MISSING", entry(document.LevelOther, document.EntryRemoved)},
	{"FILE_UNREADABLE", entry(document.LevelOther, document.EntryUnreadable)},
	{"FILE_UNPROTECTED", entry(document.LevelOther, document.EntryAdded)},
	{"FILE_EXTRA", entry(document.LevelNone, document.EntryAdded)},
	{"FILE_OPEN", entry(document.LevelNone, document.EntryOpen)},
	{"FILE_DIGEST_INSECURE", compared(FilesFacts{Insecure: "x"})},
	{"FILE_DIGEST_UNKNOWN", compared(FilesFacts{Unknown: "x"})},
	{"CHANGED", entry(document.LevelOther, "signature-struck")},
	{"CHANGED_SIGNATURE", entry(document.LevelForm, "signature-added")},
	{"COVERAGE", func(f *SignatureFacts) { f.Coverage = document.CoversUnclear }},
	{"COVERAGE", func(f *SignatureFacts) { f.Coverage = document.CoversPart }},
	{"CHANGES_UNREADABLE", func(f *SignatureFacts) { f.ChangesErr = document.ErrUnchecked.Error() }},
	{"SIG_FORMAT", func(f *SignatureFacts) { f.Seal = nil }},
}

func compared(x FilesFacts) func(*SignatureFacts) {
	return func(f *SignatureFacts) {
		f.Files, f.Coverage, f.ChangesErr = &x, document.CoversUnclear, document.ErrUnchecked.Error()
	}
}

// lockedLater is a signature that leaves content out, and a later one of the same signer over the whole file.
func lockedLater() Facts {
	f := goodPackage()
	f.Signatures = append(f.Signatures, goodPackage().Signatures...)
	first, last := &f.Signatures[0], &f.Signatures[1]
	entry(document.LevelOther, document.EntryAdded)(first)
	first.ID, last.ID, last.Coverage = "甲", "甲", document.CoversFile
	return f
}
