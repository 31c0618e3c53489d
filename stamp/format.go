package stamp

import (
	"yinxin/fault"
	"yinxin/gm"
)

// formatOFD is the name of the format whose documents are packages of files: a signature lists what it protects, and there are no revisions.
const formatOFD = "OFD"

// settleFormat refuses what an order asks of an OFD and no other part of it would see before the key is asked.
func (w *work) settleFormat() error {
	if w.Format.Name() != formatOFD {
		return nil
	}
	if w.Also != nil {
		return fault.New(fault.Invalid, "ofd-also", "OFD 只用国产密码签章，不能另加 RSA 或 P-256 的第二签名：请去掉第二签名", "an OFD is signed with SM2 only and takes no second signature for other readers: leave it out", nil)
	}
	if w.Profile != SES && len(w.Seal) > 0 {
		return fault.New(fault.Invalid, "ofd-sign-visible", "OFD 的数字签名不显示印章：要盖章请用 ses 格式；只要签名请不给印章和位置，并指明签名人证书",
			"a digital signature of an OFD shows no seal: use the profile ses to show one, or give no seal and no place, and the signer's certificate", nil)
	}
	if _, err := w.main.Hasher()(gm.OIDSM3.String()); err != nil {
		return fault.New(fault.Invalid, "ofd-key", "OFD 要用 SM2 密钥签名，所给证书不是 SM2 的：请换用 SM2 证书", "an OFD is signed with an SM2 key, and the certificate is of another kind: use an SM2 certificate", nil)
	}
	return nil
}

// staysOpen reports a signature after which others may follow without breaking it, though it protects the whole document: it leaves the list of
// signatures out.
func (w *work) staysOpen() bool { return w.Format.Name() == formatOFD && len(w.Lock) == 0 }
