package verify

import (
	"slices"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/trust"
)

// algorithm: integrity was computed with whatever the value names; whether that still means anything is a question of age. What is known to have existed
// before an algorithm fell is only what was judged, or proven, before that day.
func (j *judging) algorithm() {
	weak := j.Value.Weak
	if j.Profile == profilePKCS7SHA1 || j.Profile == profileX509SHA1 {
		j.find("FORMAT_DEPRECATED", ProfileText(j.Profile))
		if !slices.ContainsFunc(weak, func(w Weakness) bool { return w.Name == "SHA-1" }) {
			weak = append(slices.Clip(weak), weaknesses([]string{"SHA-1"})...) // whatever the value says, its kind is SHA-1
		}
	}
	for _, w := range weak {
		if !j.moment().Before(w.Since) {
			j.find("ALGORITHM_WEAK", weaknessText(w.Name), w.Since.UTC().Format(time.DateOnly))
		}
	}
}

// withdrawnDSA is the day from which no edition of FIPS 186 in force allows making DSA signatures: FIPS 186-4 was withdrawn a year after FIPS 186-5.
var withdrawnDSA = time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC)

// weaknesses dates what package cms calls insecure.
func weaknesses(names []string) (out []Weakness) {
	for _, n := range names {
		since := trust.AcceptedUntil(n)
		if since.IsZero() && n == "DSA" {
			since = withdrawnDSA
		}
		out = append(out, Weakness{Name: n, Since: since})
	}
	return out
}

// weaknessText says a weakness in words.
func weaknessText(name string) Text {
	if bits, ok := strings.CutPrefix(name, "RSA key of "); ok {
		return Text{ZH: strings.TrimSuffix(bits, " bits") + " 位 RSA 密钥", EN: "an " + name}
	}
	return Text{ZH: name + " 算法", EN: name}
}

// ProfileText says in words what kind of signature a profile names.
func ProfileText(profile string) Text {
	name := Clean(profile)
	switch profile {
	case profileSES, document.TypeSeal:
		return Text{"电子印章", "electronic seal"}
	case profilePKCS7:
		return Text{"PDF 数字签名", "PDF signature"}
	case profileCAdES:
		return Text{"PDF 高级数字签名", "advanced PDF signature"}
	case document.TypeSign:
		return Text{"OFD 数字签名", "OFD signature"}
	case profileRFC3161:
		return Text{"文档时间戳", "document time stamp"}
	case profilePKCS7SHA1:
		return Text{"早期的 PDF 数字签名（SHA-1）", "early PDF signature with SHA-1"}
	case profileX509SHA1:
		return Text{"最早的 PDF 数字签名（RSA、SHA-1）", "earliest PDF signature, of RSA and SHA-1"}
	case profileGBT35275:
		return Text{"国产密码数字签名（SM2）", "SM2 signature in the Chinese container"}
	case profileSM2:
		return Text{"国产密码数字签名（SM2，开源软件写法）", "SM2 signature as an open library writes it"}
	case "":
		return Text{"未写明种类的签名", "signature of no stated kind"}
	}
	return Text{"种类为 " + name + " 的签名", "signature of kind " + name}
}
