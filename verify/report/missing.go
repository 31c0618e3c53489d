package report

import (
	"encoding/pem"

	"yinxin/trust"
	"yinxin/verify"
)

// Certificate is a certificate to be saved, so that whoever compared its fingerprint can trust it.
type Certificate struct {
	Name string // of the file: the use and the beginning of the SM3 fingerprint, as ca-1f2e3d4c5b6a7980.crt
	PEM  []byte
}

// MissingCertificates are those of the makers and authorities that a report names as missing, each once.
func MissingCertificates(r verify.Report) (out []Certificate) {
	seen := map[string]bool{}
	for _, s := range r.Signatures {
		for _, c := range []*verify.CertSummary{s.Maker, s.Signer} {
			if c == nil || c.Missing == nil || len(c.Missing.Certificate) == 0 {
				continue
			}
			if name := fileName(c.Missing); !seen[name] {
				seen[name] = true
				out = append(out, Certificate{name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Missing.Certificate})})
			}
		}
	}
	return out
}

func fileName(m *verify.Missing) string {
	return m.Use + "-" + m.Fingerprint[:min(len(m.Fingerprint), 16)] + ".crt"
}

// missing says who is missing and how to come to trust that one.
func (p *printer) missing(m *verify.Missing) {
	lead := margin + "→ "
	role := p.say("证书颁发机构", "authority")
	switch {
	case m.Authority:
	case m.Use == string(trust.UseMaker):
		role = p.say("制章者", "seal maker")
	default:
		role = p.say("签署人", "signer")
	}
	p.text(lead, p.say("尚未信任的"+role+"：", "not trusted yet, "+role+": ")+m.Name)
	p.text(margin+"  ", p.say("其证书的 SM3 指纹：", "SM3 fingerprint of its certificate: ")+m.Fingerprint)
	if m.Issuer != "" && m.Use != string(trust.UseMaker) { // an authority above a maker may stand above signers too, who could then make seals
		p.text(margin+"  ", p.say("它由“"+m.Issuer+"”颁发，那张证书不在文件里，也可向其索取后信任。",
			"It was issued by “"+m.Issuer+"”, whose certificate is not in the file; that one may be asked for and trusted instead."))
	}
	p.text(margin+"  ", p.say("另存证书：yinxin verify --save-certs 目录 文件，得到 ", "Save it: yinxin verify --save-certs DIR FILE writes ")+fileName(m)+p.say("。", "."))
	if m.Authority {
		p.text(margin+"  ", p.say("信任它即信任它签发的一切证书。", "To trust it is to trust whatever it issues."))
	}
	p.text(margin+"  ", p.say("核对指纹后：yinxin trust add ", "With the fingerprint compared: yinxin trust add ")+fileName(m)+p.say(" --dir 信任目录 --use ", " --dir DIR --use ")+m.Use)
}
