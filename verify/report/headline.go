package report

import (
	"slices"
	"yinxin/document"
	"yinxin/trust"
	"yinxin/verify"
)

// Headline says in one sentence what a signature is worth, for somebody who reads no further. It never says more than the verdict: "valid" and "legal"
// are not among its words.
func Headline(s verify.SignatureReport, integrityOnly bool) verify.Text {
	switch s.Verdict {
	case verify.Passed:
		return passed(s, integrityOnly)
	case verify.Failed, verify.Indeterminate:
	default:
		return verify.Text{ZH: "没有结论。", EN: "No conclusion."}
	}
	code := deciding(s)
	if t, ok := headlines[code]; ok {
		return t
	}
	if s.Verdict == verify.Failed {
		return failed(s)
	}
	return undecided(s)
}

// deciding is the first finding that has the verdict of the signature.
func deciding(s verify.SignatureReport) verify.Code {
	for _, f := range s.Findings {
		if f.Level == verify.Fail && f.Verdict == s.Verdict {
			return f.Check
		}
	}
	return ""
}

// headlines are those of findings that people ask for by name; others have that of the question they belong to.
var headlines = map[verify.Code]verify.Text{
	"DATA_HASH":                   {ZH: "文件内容在签署后被改动过，不要相信。", EN: "The content was changed after it was signed: do not rely on it."},
	"DATA_UNREADABLE":             {ZH: "被保护的内容读不出来，不要相信。", EN: "What was signed cannot be read: do not rely on it."},
	"COVERAGE":                    {ZH: "文件有一部分不在签名的保护之内，不要相信。", EN: "Part of the file is not protected by the signature: do not rely on it."},
	"FILE_DIGEST":                 {ZH: "文件内容在签署后被改动过，不要相信。", EN: "The content was changed after it was signed: do not rely on it."},
	"FILE_MISSING":                {ZH: "签署的内容有一部分被删除了，不要相信。", EN: "Part of what was signed was removed: do not rely on it."},
	"FILE_UNREADABLE":             {ZH: "被保护的内容读不出来，不要相信。", EN: "What was signed cannot be read: do not rely on it."},
	"FILE_UNPROTECTED":            {ZH: "文件有一部分不在签名的保护之内，不要相信。", EN: "Part of the file is not protected by the signature: do not rely on it."},
	"FILE_DIGEST_INSECURE":        {ZH: "签名所用的摘要算法不安全，不要相信。", EN: "The signature uses insecure digests: do not rely on it."},
	"FILE_DIGEST_UNKNOWN":         {ZH: "签名使用了本版本不采用的算法，没有结论。", EN: "The signature uses an algorithm that is not used here: no conclusion."},
	"SEAL_SIGNATURE":              {ZH: "印章可能是伪造的，不要相信。", EN: "The seal may be forged: do not rely on it."},
	"PICTURE_DIFFERS":             {ZH: "页面上的图像不是签署时的印章，不要相信。", EN: "The picture on the page is not the seal that was used: do not rely on it."},
	"CHANGED":                     {ZH: "签署之后文件又被改动，不要相信。", EN: "The file was changed after it was signed: do not rely on it."},
	"SIGNATURE_REMOVED":           {ZH: "文件原有这个签名，后来被取下了，不要相信。", EN: "This signature was taken out of the document: do not rely on it."},
	"SIGNATURE_HIDDEN":            {ZH: "文件里藏着一个不显示的签名，不要相信。", EN: "The file hides a signature that is not shown: do not rely on it."},
	"SIGNATURE_WITHDRAWN":         {ZH: "这个签名已被取下，由同一签署人重新签署，请看后面的签名。", EN: "This signature was taken away and its signer signed again: look at the later one."},
	"SIGNATURE_REMNANT":           {ZH: "文件里只有一个残缺的签名，没有结论。", EN: "The file holds only a remnant of a signature: no conclusion."},
	"CHANGED_FORBIDDEN":           {ZH: "签署之后文件被作了不允许的改动，不要相信。", EN: "The file was changed after it was signed in a way that was forbidden: do not rely on it."},
	"CHANGED_LOCKED":              {ZH: "签署时锁定的内容又被改动，不要相信。", EN: "What was locked when it was signed was changed: do not rely on it."},
	"CHANGED_OVER_SEAL":           {ZH: "签署之后有批注盖住了签章，不要相信。", EN: "A note was put over the seal after it was signed: do not rely on it."},
	"CHANGED_ANNOTATION":          {ZH: "签署的内容未被改动，但之后有人加了批注，请人工查看。", EN: "What was signed is intact, but notes were added later: look at them."},
	"PROFILE_UNSUPPORTED":         {ZH: "本版本不能核验这种签名，没有结论。", EN: "Signatures of this kind are not judged here: no conclusion."},
	"TIMESTAMP_IMPRINT":           {ZH: "时间戳不是对这里的内容签发的，不要相信。", EN: "A time stamp is over something else: do not rely on it."},
	"TIMESTAMP_VALUE":             {ZH: "时间戳可能是伪造的，不要相信。", EN: "A time stamp may be forged: do not rely on it."},
	"TIMESTAMP_EXPIRED":           {ZH: "内容未被改动，但时间戳的证书已经过期，没有及时加盖新的时间戳。", EN: "The content is intact, but the time stamp's certificate expired and no newer time stamp was added in time."},
	"TIMESTAMP_ORDER":             {ZH: "声称的签署时间与时间戳互相矛盾，没有结论。", EN: "The claimed signing time contradicts the time stamp: no conclusion."},
	"TIMESTAMP_ALGORITHM_UNKNOWN": {ZH: "时间戳使用了本版本不认识的算法，没有结论。", EN: "A time stamp uses an algorithm that is not known here: no conclusion."},
	"ALGORITHM_UNKNOWN":           {ZH: "签名使用了本版本不采用的算法，没有结论。", EN: "The signature uses an algorithm that is not used here: no conclusion."},
	"ALGORITHM_WEAK":              {ZH: "内容与签名相符，但所用算法已过时，不足以证明未被改动。", EN: "Content and signature match, but the algorithm is too old to prove that nothing was changed."},
	"CERT_EXPIRED":                {ZH: "内容未被改动，但不能证明签署时证书仍在有效期内。", EN: "The content is intact, but nothing proves that the certificate was valid when it was signed."},
	"EXPIRED_NOT_REVOKED":         {ZH: "内容未被改动，但不能证明签署时证书仍在有效期内。", EN: "The content is intact, but nothing proves that the certificate was valid when it was signed."},
	"SEAL_EXPIRED":                {ZH: "内容未被改动，但不能证明签署时印章仍在有效期内。", EN: "The content is intact, but nothing proves that the seal was valid when it was used."},
}

func passed(s verify.SignatureReport, integrityOnly bool) verify.Text {
	switch {
	case slices.ContainsFunc(s.Findings, func(f verify.Finding) bool { return f.Check == "CHANGED_FORM" }):
		return verify.Text{ZH: "签署的内容未变，但之后表单又被填写或改过，请查看。", EN: "What was signed is intact, but the form was filled in or changed afterwards: look at it."}
	case integrityOnly:
		return verify.Text{ZH: "内容未被改动。没有核验是谁签署的。", EN: "The content is intact. Who signed it was not judged."}
	case s.Kind == document.Seal:
		return verify.Text{ZH: "内容未被改动，印章和签章人的身份已按本机的信任确认。", EN: "The content is intact; the seal and its signer are established under the trust given here."}
	}
	return verify.Text{ZH: "内容未被改动，" + signer(s) + "的身份已按本机的信任确认。", EN: "The content is intact; its signer is established under the trust given here."}
}

// failed goes by the first question that was answered with no.
func failed(s verify.SignatureReport) verify.Text {
	a := s.Aspects
	switch verify.Failed {
	case a.Integrity:
		return verify.Text{ZH: "签名不成立，不要相信。", EN: "The signature does not hold: do not rely on it."}
	case a.Certificate:
		return verify.Text{ZH: signer(s) + "不能这样使用这枚印章或证书，不要相信。", EN: "The signer may not use this seal or certificate so: do not rely on it."}
	case a.Identity:
		return verify.Text{ZH: "证书不是所称的机构签发的，不要相信。", EN: "The certificate does not come from the authority it names: do not rely on it."}
	}
	return verify.Text{ZH: "证书在签署之前已被吊销，不要相信。", EN: "The certificate was withdrawn before it was used: do not rely on it."}
}

// undecided keeps apart what is known from what is not: intact bytes whose issuer nobody here knows are the ordinary case on a new computer.
func undecided(s verify.SignatureReport) verify.Text {
	a := s.Aspects
	switch {
	case a.Integrity != verify.Passed:
		return verify.Text{ZH: "不能确认签署的内容是否可信，没有结论。", EN: "Whether what was signed can be relied on is not established: no conclusion."}
	case a.Identity == verify.Indeterminate:
		zh, en := unknown(s)
		return verify.Text{ZH: "内容未被改动，但本机不认识" + zh + "，不能确认是谁签署的。", EN: "The content is intact, but this computer " + en + ", so who signed it is not established."}
	case a.Certificate == verify.Indeterminate:
		return verify.Text{ZH: "内容未被改动，但不能证明证书或印章在签署时可用。", EN: "The content is intact, but nothing proves that certificate and seal could be used when it was signed."}
	}
	return verify.Text{ZH: "内容未被改动，身份已确认，但查不清证书是否已被吊销。", EN: "The content is intact and its signer established, but whether the certificate was withdrawn is not known."}
}

// unknown names whom nobody here knows: the maker before the signer's authority, because a seal is only as good as its maker.
func unknown(s verify.SignatureReport) (zh, en string) {
	switch {
	case s.Maker != nil && s.Maker.Missing != nil && s.Signer != nil && s.Signer.Missing != nil:
		return "制章者“" + missingName(s.Maker) + "”和" + signer(s) + "证书的颁发者“" + missingName(s.Signer) + "”",
			"knows neither the maker “" + missingName(s.Maker) + "” nor the signer's authority “" + missingName(s.Signer) + "”"
	case s.Maker != nil && s.Maker.Missing != nil:
		return "制章者“" + missingName(s.Maker) + "”", "does not know the maker “" + missingName(s.Maker) + "”"
	case s.Signer != nil && s.Signer.Missing != nil:
		return signer(s) + "证书的颁发者“" + missingName(s.Signer) + "”", "does not know the authority “" + missingName(s.Signer) + "”"
	}
	return signer(s) + "或制章者", "does not know the signer or the maker"
}

// signer is who made a signature, in Chinese: 签章人 of a seal, 时间戳机构 of a document time stamp, 签名人 of any other.
func signer(s verify.SignatureReport) string {
	switch s.Kind {
	case document.Seal:
		return "签章人"
	case document.Timestamp:
		return "时间戳机构"
	}
	return "签名人"
}

// missingName is the maker itself, or who issued the signer's certificate, whether or not that one's certificate is in the file.
func missingName(c *verify.CertSummary) string {
	if c.Missing.Issuer != "" && c.Missing.Use != string(trust.UseMaker) {
		return c.Missing.Issuer
	}
	return c.Missing.Name
}
