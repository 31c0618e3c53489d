package stamp

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/trust"
	"yinxin/verify"
)

// filterSeal is the handler that a PDF names for what is no plain CMS.
const filterSeal = "Yinxin.Seal"

// settle checks everything that needs no document, but for the maker's signature on the seal.
func (w *work) settle() (err error) {
	if err := checkReason(w.Reason); err != nil {
		return err
	}
	if w.Key == nil || w.Also != nil && w.Also.Key == nil {
		return fault.New(fault.Invalid, "key-missing", "没有给出密钥", "no key is given", nil)
	}
	if w.level, err = w.Level.settle(w.Timestamps, w.Trust); err != nil {
		return err
	}
	if w.Profile == "" {
		w.Profile = SES
	}
	if err := w.settleSeal(); err != nil {
		return err
	}
	if err := w.settleSigner(); err != nil {
		return err
	}
	if err := w.settleFormat(); err != nil || w.Also == nil {
		return err
	}
	if w.Certify == 1 || len(w.Lock) == 1 && w.Lock[0] == document.LockAll {
		return fault.New(fault.Invalid, "also-locked", "印章锁定了全文，不能再加第二个签名：请去掉锁定，或不加第二个签名",
			"the seal locks the whole document, so no second signature can follow: lock less, or leave the second signature out", nil)
	}
	if gm.IsSM2(w.Also.Key.Public()) {
		return fault.New(fault.Invalid, "also-sm2", "第二个签名是给不支持 SM2 的阅读器看的，不能用 SM2 密钥：请换用 RSA 或 P-256 密钥",
			"the second signature is for readers that know no SM2, and its key is SM2: name an RSA or P-256 key", nil)
	}
	if w.alsoCert, err = readCertificate(w.Also.Certificate); err != nil {
		return err
	}
	if err := usable(w.alsoCert, w.Also.Key, w.now); err != nil {
		return err
	}
	w.also, err = sign.NewCMS(w.Also.Certificate, w.Also.Chain...)
	return err
}

// settleSeal reads the seal and refuses what cannot be used now.
func (w *work) settleSeal() (err error) {
	if len(w.Seal) == 0 {
		if w.Profile == SES {
			return fault.New(fault.Invalid, "seal-missing", "没有给出印章", "no seal is given", nil)
		}
		if len(w.Places) > 0 || w.Lay != nil {
			return fault.New(fault.Invalid, "seal-missing", "指定了签章位置却没有印章：请给出印章，或不指定位置", "a place is given but no seal to show there: give a seal, or no place", nil)
		}
		return nil
	}
	if w.seal, err = seal.Parse(w.Seal); err != nil {
		return fault.New(fault.Invalid, "seal-malformed", "印章文件不是可识别的电子印章", "the seal file is not an electronic seal that can be read", err)
	}
	if err := understood(w.seal); err != nil {
		return err
	}
	p := w.seal.Info.Property
	if w.now.Before(p.Start) || w.now.After(p.End) {
		return fault.New(fault.Denied, "seal-out-of-time",
			fmt.Sprintf("印章“%s”的有效期是 %s 至 %s，现在不能使用", verify.Clean(p.Name), day(p.Start), day(p.End)),
			fmt.Sprintf("the seal “%s” is valid from %s to %s and cannot be used now", verify.Clean(p.Name), day(p.Start), day(p.End)), nil)
	}
	return nil
}

// settleSigner finds the certificate and binds it, with the seal, to a container.
func (w *work) settleSigner() (err error) {
	if w.Certificate == nil {
		if w.seal == nil {
			return fault.New(fault.Invalid, "certificate-missing", "没有印章时必须指明签名证书", "without a seal the signer's certificate must be given", nil)
		}
		w.cert, err = ownCertificate(w.seal, w.Key)
	} else {
		w.cert, err = readCertificate(w.Certificate)
	}
	if err != nil {
		return err
	}
	w.Certificate = w.cert.Raw
	if err := usable(w.cert, w.Key, w.now); err != nil {
		return err
	}
	switch w.Profile {
	case SES:
		w.main, err = sign.NewSES(w.Seal, w.Certificate)
		return err
	case CMS:
		w.main, err = sign.NewCMS(w.Certificate, w.Chain...)
	case GBT35275:
		w.main, err = sign.NewGB(w.Certificate, w.Chain...)
	default:
		return fault.New(fault.Invalid, "profile", "没有签名格式“"+string(w.Profile)+"”：应为 ses、cms 或 gbt35275", "there is no profile “"+string(w.Profile)+"”: it is ses, cms or gbt35275", nil)
	}
	if err != nil || w.seal == nil {
		return err
	}
	_, err = sign.NewSES(w.Seal, w.Certificate) // who may show the seal is who may use it
	return err
}

// request lays the seal's own picture out at its own size: a seal is never scaled.
func (w *work) request() (document.Request, error) {
	r := document.Request{Filter: filterSeal, Name: w.cert.Subject.CommonName, Field: w.Field, Reason: w.Reason, Certify: w.Certify, Lock: w.Lock}
	if w.Profile == CMS && w.Format.Name() != formatOFD {
		r.Filter = sign.FilterCMS
	}
	if w.seal == nil {
		return r, nil
	}
	pic := w.seal.Info.Picture
	width, height := float64(pic.Width), float64(pic.Height)
	r.Name, r.Payload = w.seal.Info.Property.Name, w.Seal
	r.Appearance = document.Picture{Type: pic.Type, Data: pic.Data, Width: width, Height: height}
	r.Places = slices.Clone(w.Places)
	if w.Lay != nil {
		pages, err := w.doc.Pages()
		if err != nil {
			return r, err
		}
		laid, err := w.Lay(pages, width, height)
		if err != nil {
			return r, err
		}
		r.Places = append(r.Places, laid...)
	}
	for i := range r.Places {
		r.Places[i].Width, r.Places[i].Height = width, height
	}
	return r, nil
}

// day is the date in China, as seals' periods are given.
func day(t time.Time) string { return t.In(time.FixedZone("", 8*60*60)).Format(time.DateOnly) }

// understood refuses, before the key is asked, a seal whose signatures would not verify: one that breaks a rule, or wants more than is known here.
func understood(s *seal.Seal) error {
	if problems := s.Validate(); len(problems) > 0 {
		p := problems[0]
		return fault.New(fault.Invalid, "seal-malformed", "印章数据有错误（"+p.Field+"）："+p.ZH+"；请重新制章", "the seal is malformed ("+p.Field+"): "+p.EN+"; have it remade", nil)
	}
	for _, x := range s.Info.Extensions {
		if x.Critical {
			return fault.New(fault.Denied, "seal-extension", "印章带有必须理解而本系统不认识的扩展项 "+x.OID.String()+"，不能使用；请重新制章",
				"the seal has the extension "+x.OID.String()+", which must be understood and is not known here; have it remade", nil)
		}
	}
	return nil
}

// ownCertificate finds the certificate of the key in the seal's list. A list of digests holds no certificates: then the order must name one.
func ownCertificate(s *seal.Seal, k hsm.Key) (*gm.Certificate, error) {
	for _, der := range s.Info.Property.Certs {
		if c, err := gm.ParseCertificate(der); err == nil && sign.Fits(c, k) == nil {
			return c, nil
		}
	}
	if s.Info.Property.ListType == seal.ListDigests {
		return nil, fault.New(fault.Invalid, "certificate-missing", "这枚印章只列出证书的摘要：请用 --cert 指明签章人证书",
			"this seal lists digests of certificates only: name the signer's certificate with --cert", nil)
	}
	return nil, fault.New(fault.Denied, "key-not-in-seal",
		"印章的证书列表中没有这把密钥的证书：请用印章所有者的密钥，或用 --cert 指明证书",
		"the seal lists no certificate of this key: use the owner's key, or name the certificate with --cert", nil)
}

func readCertificate(der []byte) (*gm.Certificate, error) {
	c, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, fault.New(fault.Invalid, "certificate-malformed", "签章人证书无法读取", "the signer's certificate cannot be read", err)
	}
	return c, nil
}

// usable refuses what verification would refuse at once, and a key that is another's.
func usable(c *gm.Certificate, k hsm.Key, now time.Time) error {
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return fault.New(fault.Denied, "certificate-out-of-time",
			"签章人证书不在有效期内："+day(c.NotBefore)+" 至 "+day(c.NotAfter),
			"the signer's certificate is not valid now: "+day(c.NotBefore)+" to "+day(c.NotAfter), nil)
	}
	if digital, commitment := trust.KeyUsageForSigning(c); !digital && !commitment {
		return fault.New(fault.Denied, "certificate-usage", "签章人证书不允许用于签名", "the signer's certificate may not be used for signing", nil)
	}
	return sign.Fits(c, k)
}

// maxReason bounds the reason in characters: one line of a reader's panel.
const maxReason = 200

func checkReason(s string) error {
	if utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxReason && !strings.ContainsFunc(s, unicode.IsControl) {
		return nil
	}
	return fault.New(fault.Invalid, "reason", fmt.Sprintf("事由超过 %d 字、含有控制字符或不是 UTF-8", maxReason),
		fmt.Sprintf("the reason is longer than %d characters, holds control characters or is not UTF-8", maxReason), nil)
}
