package stamp

import (
	"fmt"
	"strings"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/verify"
)

// wordsOf says what a suspicion means.
func wordsOf(code string) fault.Public {
	return map[string]fault.Public{
		"object-hidden":       {ZH: "文件中有不显示的页面、图片或内容", EN: "the file holds pages, pictures or content that are not shown"},
		"layer-off":           {ZH: "文件有不显示或有时才显示的图层", EN: "the file has layers that are not shown, or not always"},
		"form-appearances":    {ZH: "文件要求阅读器自行绘制表单内容", EN: "the file asks readers to draw its form fields themselves"},
		"annotation-hidden":   {ZH: "有隐藏的批注或表单域", EN: "there are hidden annotations or fields"},
		"annotation-covers":   {ZH: "有批注或表单域盖住大半个页面", EN: "an annotation or field covers much of a page"},
		"unreferenced":        {ZH: "文件中夹有不显示的内容", EN: "the file holds parts that are not shown"},
		"part-missing":        {ZH: "文件缺少它所指的内容", EN: "the file names parts that it does not hold"},
		"name-case":           {ZH: "文件内部名称的大小写或编码不一致，有的阅读器会显示不同内容", EN: "names inside the file differ in case or encoding, so readers may show different content"},
		"stamp-page":          {ZH: "有签章指向不存在的页面", EN: "a seal is said to be on a page that is not there"},
		"zip-prefix":          {ZH: "文件开头有多余的数据", EN: "the file begins with data that do not belong to it"},
		"zip-gap":             {ZH: "文件中间有多余的数据", EN: "the file holds data that do not belong to it"},
		"annotations-overlap": {ZH: "有批注或表单域互相重叠", EN: "annotations or fields lie over one another"},
	}[code]
}

// alsoWarnings says when readers that know no SM2 cannot judge the second signature's certificate either.
func (w *work) alsoWarnings() []fault.Public {
	if w.Also == nil {
		return nil
	}
	for _, der := range append([][]byte{w.Also.Certificate}, w.Also.Chain...) {
		if c, err := gm.ParseCertificate(der); err == nil && strings.HasPrefix(c.SignatureAlgorithm.String(), "SM2") {
			return []fault.Public{{Code: "also-sm2-chain",
				ZH: "第二个签名的证书“" + verify.Clean(c.Subject.CommonName) + "”是用 SM2 签发的，不支持 SM2 的阅读器仍无法核验：请换用 RSA 或 P-256 机构签发的证书",
				EN: "the certificate “" + verify.Clean(c.Subject.CommonName) + "” of the second signature was issued with SM2, so readers that know no SM2 cannot judge it either: have one issued by an RSA or P-256 authority"}}
		}
	}
	return nil
}

// suspicions says, once for each kind, what in the document could be made to show, or to stop showing, after it is stamped. They are warnings: whoever
// sends a document to be sealed may have prepared it, and most who have such content did not mean it.
func (w *work) suspicions() ([]fault.Public, error) {
	s, ok := w.doc.(document.Suspecter)
	if !w.Suspect || !ok {
		return nil, nil
	}
	found, err := s.Suspicions()
	if err != nil {
		return nil, err
	}
	var out []fault.Public
	seen := map[string]bool{}
	for _, f := range found {
		if seen[f.Code] {
			continue
		}
		seen[f.Code] = true
		words := wordsOf(f.Code)
		out = append(out, fault.Public{Code: "suspicion-" + f.Code,
			ZH: fmt.Sprintf("%s（如 %s）；请看清全文，必要时请对方重新导出", words.ZH, f.Object),
			EN: fmt.Sprintf("%s (such as %s): look at the whole document, or have it exported anew", words.EN, f.Object)})
	}
	return out, nil
}
