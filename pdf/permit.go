package pdf

import (
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
	for i := range f.sections {
		if f.sections[i].trailer["Encrypt"] != nil {
			return denied("pdf-encrypted", "PDF 已加密，不能签章；请先去除密码", "the PDF is encrypted and cannot be sealed; remove the password first", nil)
		}
	}
	if err := f.strict(); err != nil {
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
	if n := len(fm.signable); n >= f.lim.Signatures {
		return denied("pdf-too-many-signatures", fmt.Sprintf("PDF 已有 %d 个签名域，达到上限", n),
			fmt.Sprintf("the PDF has %d signature fields already, which is the limit", n), nil)
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
	for _, fd := range fm.signable {
		if fd.signature == nil {
			continue
		}
		earlier = true
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
