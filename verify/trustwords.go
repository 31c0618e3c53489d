package verify

import (
	"time"

	"yinxin/trust"
)

// problemTexts says what is wrong with a chain; an old algorithm has a name of its own.
var problemTexts = map[trust.ProblemCode]Text{
	trust.BadSignature:     {"其中一张证书不是所称的颁发者签发的", "one certificate was not signed by the issuer it names"},
	trust.NotCA:            {"其中的颁发者不是证书机构", "an issuer in it is no certificate authority"},
	trust.PathLength:       {"下级机构的层数超过上级的限制", "there are more authorities below one than it allows"},
	trust.NoCertSign:       {"其中的颁发者不可签发证书", "an issuer in it may not sign certificates"},
	trust.NameConstraints:  {"证书中的名称超出上级机构的许可范围", "a name lies outside what an authority may vouch for"},
	trust.PolicyRequired:   {"没有上级机构所要求的证书策略", "the certificate policy that an authority requires is not there"},
	trust.PolicyMapping:    {"上级机构的证书策略对应关系不合规范", "an authority maps certificate policies in a way that is not allowed"},
	trust.ExtKeyUsage:      {"证书是为其他用途签发的", "a certificate was issued for another purpose"},
	trust.UnknownCritical:  {"证书带有必须理解而本版本不认识的扩展项", "a certificate has an extension that must be understood and is not known here"},
	trust.UnknownAlgorithm: {"证书使用了本版本不认识的算法", "a certificate uses an algorithm that is not known here"},
	trust.SearchGaveUp:     {"可能的证书链太多或太长", "there are too many chains to follow, or they are too long"},
}

// problemText says one problem, with its detail apart.
func problemText(p trust.Problem) (Text, detail) {
	t, ok := problemTexts[p.Code]
	switch {
	case p.Code == trust.WeakAlgorithm:
		t = weaknessText(p.Algorithm)
	case !ok:
		t = Text{"其中有一张证书不合要求", "a certificate in it breaks a rule"}
	}
	return t, detail(string(p.Code) + ": " + p.Detail)
}

// advice is what to do next, where that is not what the rule says.
type advice Text

// lack says why nothing is known of a revocation, and what to do about it: a list that is here and cannot be used is not mended by putting it here again.
func lack(r trust.Revocation) (Text, advice) {
	switch r.Why {
	case trust.WhyUnusable:
		return unusable(r)
	case trust.WhyResponder:
		return Text{"颁发机构的应答服务不认识这张证书", "the authority's own responder does not know the certificate"}, advice(getStatus)
	}
	if silent, ok := unreachable(r); ok {
		return silent, advice(reachStatus)
	}
	return Text{"没有关于它的资料", "nothing here is about it"}, advice(getStatus)
}

// unusable says of evidence in the issuer's name why it does not count.
func unusable(r trust.Revocation) (Text, advice) {
	for _, p := range r.Problems {
		switch p.Code {
		case trust.BadEvidence:
			return Text{"现有以颁发机构名义发布的资料，但其签名不能用该机构的证书验证", "there is some in the issuer's name, but its signature does not verify with the issuer's certificate"}, advice(otherKeyStatus)
		case trust.WrongSigner:
			return Text{"现有以颁发机构名义发布的资料，但签发它的密钥在这里不受信任", "there is some in the issuer's name, but it is signed with a key that is not trusted here"}, advice(otherKeyStatus)
		case trust.NotCRLSign:
			return Text{"现有以颁发机构名义发布的列表，但签发它的证书无权签发吊销列表", "there is a list in the issuer's name, but the certificate that signed it may not sign revocation lists"}, advice(otherKeyStatus)
		}
	}
	return Text{"现有的资料不能采信", "what there is does not count"}, advice(getStatus)
}

// unreachable says which source was asked and gave nothing, and why.
func unreachable(r trust.Revocation) (Text, bool) {
	for _, p := range r.Problems {
		if p.Code == trust.Unreachable && p.Words != nil {
			return Text{p.Words.ZH, p.Words.EN}, true
		}
	}
	return Text{}, false
}

// staleText says that evidence is too old, and why no newer one came where it was asked for.
func staleText(since time.Time, r trust.Revocation) Text {
	at := Moment(since)
	t := Text{"资料已于 " + at.ZH + " 过时", "it is stale since " + at.EN}
	if silent, ok := unreachable(r); ok {
		t.ZH, t.EN = t.ZH+"，"+silent.ZH, t.EN+", and "+silent.EN
	}
	return t
}
