package verify

// fileRules is the part of the table that speaks of files which a signature protects one by one.
var fileRules = map[Code]rule{
	"FILE_DIGEST": {integrity, Fail, Failed, SubHash,
		Text{"签名保护的内容在签名后被改动过：%s。", "What the signature protects was changed after signing: %s."}, askOriginal},
	"FILE_MISSING": {integrity, Fail, Failed, SubHash,
		Text{"签名保护的内容已被删除：%s。", "What the signature protects was removed: %s."}, askOriginal},
	"FILE_UNREADABLE": {integrity, Fail, Failed, SubFormat,
		Text{"签名保护的内容无法读取，不能核对是否被改动：%s。", "What the signature protects cannot be read, so whether it was changed cannot be checked: %s."}, askOriginal},
	"FILE_UNPROTECTED": {integrity, Fail, Failed, SubFormat,
		Text{"显示文件所用的内容有一部分不受此签名保护，可能是后来加入或改动的：%s。", "Part of what is shown is not protected by this signature and may have been added or changed later: %s."}, askOriginal},
	"FILE_PROTECTED_LATER": {integrity, Inform, "", "",
		Text{"此签名没有保护显示文件所用的全部内容（%s），但同一签名人之后的签名“%s”保护了整个文件。",
			"This signature does not protect all of what is shown (%s), but the later signature “%s” by the same signer protects the whole file."}, Text{}},
	"FILE_EXTRA": {integrity, Inform, "", "",
		Text{"文件中夹有不显示、也不受此签名保护的内容：%s。", "The file holds content that is not shown and not protected by this signature: %s."}, Text{}},
	"FILE_OPEN": {integrity, Inform, "", "",
		Text{"此签名不保护%s，以便之后再加签章；所显示的内容不取自那里。", "This signature does not protect the %s, so that others may follow; nothing that is shown comes from there."}, Text{}},
	"FILE_DIGEST_INSECURE": {integrity, Fail, Failed, SubConstraints,
		Text{"签名所用的摘要算法不安全，不能证明文件内容未被改动。", "The digests that the signature lists are of an insecure kind and do not prove that the content is unchanged."}, askAgain},
	"FILE_DIGEST_UNKNOWN": {integrity, Fail, Indeterminate, SubCryptoAge,
		Text{"签名所用的摘要算法本版本不认识，无法核对文件内容。", "The digests that the signature lists are of a kind that is not known here, so the content cannot be checked."}, useProduct},
}
