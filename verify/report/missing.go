package report

import (
	"encoding/pem"
	"slices"

	"yinxin/trust"
	"yinxin/verify"
)

// Certificate is a certificate to be saved, so that whoever compared its fingerprint can trust it.
type Certificate struct {
	Name string // of the file: the use and the beginning of the SM3 fingerprint, as ca-1f2e3d4c5b6a7980.crt, or signer-… where it is a signer's own
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
	use := m.Use
	if use == string(trust.UseCA) && !m.Authority {
		use = "signer" // a signer's own; it goes into ca/ all the same
	}
	return use + "-" + m.Fingerprint[:min(len(m.Fingerprint), 16)] + ".crt"
}

// missing says of everyone who would have to be trusted who it is and how to come to trust that one. Nobody is named where something speaks against the
// signature.
func (l tongue) missing(s verify.SignatureReport) (out [][]string) {
	if s.Verdict != verify.Indeterminate {
		return nil
	}
	maker, signer := missingOf(s, "MAKER_UNKNOWN"), missingOf(s, "SIGNER_UNKNOWN")
	if maker != nil {
		out = append(out, l.howToTrust(s, maker))
	}
	if signer != nil && (maker == nil || maker.Fingerprint != signer.Fingerprint || maker.Use != signer.Use) {
		out = append(out, l.howToTrust(s, signer))
	}
	return out
}

// missingOf is who is missing according to a finding of that code.
func missingOf(s verify.SignatureReport, code verify.Code) *verify.Missing {
	if !slices.ContainsFunc(s.Findings, func(f verify.Finding) bool { return f.Check == code }) {
		return nil
	}
	switch {
	case code == "MAKER_UNKNOWN" && s.Maker != nil:
		return s.Maker.Missing
	case code == "SIGNER_UNKNOWN" && s.Signer != nil:
		return s.Signer.Missing
	}
	return nil
}

func (l tongue) howToTrust(s verify.SignatureReport, m *verify.Missing) []string {
	role := l.say("证书颁发机构", "authority")
	switch {
	case m.Authority:
	case m.Use == string(trust.UseMaker):
		role = l.say("制章者", "seal maker")
	default:
		role = l.say(signer(s), "signer")
	}
	out := []string{l.say("尚未信任的"+role+"：", "not trusted yet, "+role+": ") + m.Name, l.say("其证书的 SM3 指纹：", "SM3 fingerprint of its certificate: ") + m.Fingerprint}
	if m.Issuer != "" && m.Use != string(trust.UseMaker) { // an authority above a maker may stand above signers too, who could then make seals
		out = append(out, l.say("它由“"+m.Issuer+"”颁发，那张证书不在文件里，也可向其索取后信任。",
			"It was issued by “"+m.Issuer+"”, whose certificate is not in the file; that one may be asked for and trusted instead."))
	}
	out = append(out, l.say("另存证书：yinxin verify --save-certs 目录 文件，得到 ", "Save it: yinxin verify --save-certs DIR FILE writes ")+fileName(m)+l.say("。", "."))
	if m.Authority {
		out = append(out, l.say("信任它即信任它签发的一切证书。", "To trust it is to trust whatever it issues."))
	}
	return append(out, l.say("核对指纹后：yinxin trust add ", "With the fingerprint compared: yinxin trust add ")+fileName(m)+l.say(" --dir 信任目录 --use ", " --dir DIR --use ")+m.Use)
}
