package verify

// standingRules is the part that speaks of what became of a signature, and of what it says beforehand.
var standingRules = map[Code]rule{
	"SIGNATURE_REMOVED": {integrity, Fail, Failed, SubFormat,
		Text{"文件原有这个签名，第 %s 版把它取下了，现在的文件不再显示它。", "The document had this signature; its revision %s took it away, and it is no longer shown."}, askOriginal},
	"SIGNATURE_WITHDRAWN": {integrity, Fail, Indeterminate, SubConstraints,
		Text{"第 %s 版取下了这个签名，之后由同一签署人重新签署；这个签名不再算数。", "Revision %s took this signature away, and its signer signed again afterwards; it does not count any more."},
		Text{"请以该签署人之后的签名为准，并向其核实重签的原因。", "Go by the later signature, and ask its signer why it was signed again."}},
	"SIGNATURE_HIDDEN": {integrity, Fail, Failed, SubFormat,
		Text{"文件里藏着这个签名：它保护了文件的一部分，但文件没有把它列为签名，阅读器不会显示。", "The file hides this signature: it protects a part of the file, but the document does not list it and no reader shows it."}, askOriginal},
	"SIGNATURE_REMNANT": {integrity, Fail, Indeterminate, SubNotJudged,
		Text{"文件里留有一个残缺的签名，文件没有把它列为签名；文件现在没有签名。", "A remnant of a signature is in the file, and the document does not list it; the document is not signed now."}, askOriginal},
	"CERTIFIED": {integrity, Inform, "", "",
		Text{"这是认证签名，声明此后%s。", "This signature certifies the document; after it, %s."}, Text{}},
	"LOCKED_DOCUMENT": {integrity, Inform, "", "",
		Text{"此签名锁定了文件，声明此后%s。", "This signature locks the document; after it, %s."}, Text{}},
	"LOCKED_FIELDS": {integrity, Inform, "", "",
		Text{"此签名锁定了%s，此后不得改动。", "This signature locks %s: they may not be changed after it."}, Text{}},
}
