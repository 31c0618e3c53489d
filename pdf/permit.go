package pdf

import (
	"errors"
	"fmt"

	"yinxin/document"
	"yinxin/fault"
)

// A signature is refused where it would break an earlier one, or where readers would not agree on what it signs. The refusals are faults of kind
// Denied whose code names the cause.

func denied(code, zh, en string, cause error) error {
	return fault.New(fault.Denied, code, zh, en, cause)
}

// permitFile refuses files that may not be appended to at all.
func (f *file) permitFile() error {
	if err := f.strict(); err != nil {
		var p *ParseError
		if errors.As(err, &p) && p.What == noPageSize {
			return denied("pdf-page-size", "PDF 中有页面没有可用的大小（MediaBox 缺失或为空），各阅读器的显示会不一致，不能签章；请用原软件重新导出",
				"a page of the PDF has no usable size (its MediaBox is missing or empty), so readers differ in what they show and it cannot be sealed; export it anew", err)
		}
		return denied("pdf-broken-xref", "PDF 结构有误，各阅读器的理解会不一致，系统不会擅自修复；请用原软件重新导出后再签章",
			"the PDF's structure is damaged: readers would differ in what they show, and it is not repaired silently; export it anew, then seal it", err)
	}
	return nil
}

// permit refuses what the form and the earlier signatures do not allow. names are the fields to be signed.
func (f *file) permit(catalog Dict, fm *form, names []string, r document.Request) error {
	if fm.dict["XFA"] != nil {
		return denied("pdf-xfa", "PDF 含 XFA 动态表单，显示内容不由 PDF 页面决定，不能签章；请导出为普通 PDF",
			"the PDF holds an XFA form, whose look its pages do not decide; export it as a plain PDF, then seal it", nil)
	}
	if n := fm.signatures(); n >= f.lim.Signatures {
		return denied("pdf-too-many-signatures", fmt.Sprintf("PDF 已有 %d 个签名，达到上限", n),
			fmt.Sprintf("the PDF has %d signatures already, which is the limit", n), nil)
	}
	if err := f.permitAccess(len(r.Places) == 0 && fm.find(names[0]) != nil); err != nil {
		return err
	}
	if isEvidence(r) && !fm.names[names[0]] {
		return nil // no earlier signature can forbid it (ISO 32000-2, 12.8.2.2)
	}
	p := permitter{reader: restrictions{left: maxRestrictions}, at: f.newest(), names: names}
	perms, err := f.dict(catalog["Perms"])
	if err != nil {
		return fmt.Errorf("read the permissions: %w", err)
	}
	certification, err := f.dict(perms["DocMDP"])
	if err != nil {
		return fmt.Errorf("read the certification: %w", err)
	}
	if err := p.after(certification, nil); err != nil {
		return err
	}
	earlier := certification != nil
	asked := map[Ref]bool{}
	for _, fd := range fm.signable {
		if fd.signature == nil {
			continue
		}
		earlier = true
		ref, indirect := fd.value.(Ref)
		if asked[ref] && fd.dict["Lock"] == nil {
			continue // one more place of a signature that was asked
		}
		asked[ref] = indirect
		if err := p.after(fd.signature, fd.dict["Lock"]); err != nil {
			return err
		}
	}
	if r.Certify != 0 && earlier {
		return denied("pdf-certify-first", "认证签名必须是文件的第一个签名，该文件已有签名；请改用普通签章",
			"only a document's first signature can certify it, and it is signed already; sign without certifying", nil)
	}
	return nil
}

// isEvidence reports whether a request is for a document time stamp that nothing shows.
func isEvidence(r document.Request) bool {
	return r.Kind == document.Timestamp && r.Profile == string(subFilterTimestamp) && len(r.Places) == 0
}

// permitAccess refuses what the permissions of an encrypted file do not allow whoever opened it (ISO 32000-2, table 22). fills says that a field is
// signed where it is: that is less than making or moving one.
func (f *file) permitAccess(fills bool) error {
	s := f.security
	switch {
	case s == nil || s.MayAddFields():
	case fills && s.MayFill():
	case s.MayFill():
		return denied("pdf-permissions", "PDF 的权限设置只允许签署已有的签名域；请指定已有的签名域，或用 --password-file 提供所有者密码",
			"the PDF's permissions only allow signing fields that are there; name one, or give the owner password with --password-file", nil)
	default:
		return denied("pdf-permissions", "PDF 的权限设置不允许签章；请用 --password-file 提供所有者密码",
			"the PDF's permissions do not allow sealing it; give the owner password with --password-file", nil)
	}
	if f.trailer["AuthCode"] != nil {
		return denied("pdf-encrypted", "PDF 带有完整性校验码（ISO 32004），追加签章会使其失效；请重新导出不带校验码的文件",
			"the PDF has an integrity code (ISO 32004), which a seal would break; export it anew without one, then seal it", nil)
	}
	return nil
}

// permitter asks the earlier signatures whether the fields names may be signed.
type permitter struct {
	reader restrictions
	at     snapshot
	names  []string
}

// after asks one earlier signature (ISO 32000-1, 12.8.2). lock is that of its field.
func (p *permitter) after(signature Dict, lock Object) error {
	r, err := p.reader.of(p.at, signature, lock)
	if err != nil {
		return err
	}
	if r.frozen {
		return denied("pdf-locked-docmdp", "已有签名不允许对文件作任何改动（DocMDP P=1），再签会使其失效；请改签未锁定的原件",
			"an earlier signature permits no change to the document (DocMDP P=1) and would break; seal an original that is not locked", nil)
	}
	for _, name := range p.names {
		if r.locks(name) {
			return denied("pdf-locked-fieldmdp", fmt.Sprintf("已有签名锁定了签名域“%s”（FieldMDP），再签会使其失效；请签在未锁定的签名域", name),
				fmt.Sprintf("an earlier signature locks the field %q (FieldMDP) and would break; sign a field it leaves open", name), nil)
		}
	}
	return nil
}
