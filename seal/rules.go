package seal

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The codes of problems. They name the step of the standards' validation lists that fails.
const (
	SealFormat       = "SEAL_FORMAT" // GM/T 0031-2014 6.1.2 a
	SignatureFormat  = "SIG_FORMAT"  // GM/T 0031-2014 6.2.3 a
	SignatureVersion = "SIG_VERSION"
)

// Problem is a field that reads well but breaks a rule of its own structure.
type Problem struct {
	Code   string // SealFormat, SignatureFormat or SignatureVersion
	Field  string // as in ParseError
	ZH, EN string // what is wrong
}

// Validate checks the fields of the seal that need neither trust nor a clock. No problems is nil.
func (s *Seal) Validate() []Problem { return s.Info.problems(s.Version) }

// problems collects what breaks a rule.
type problems struct {
	code string
	list []Problem
}

// need adds a problem unless ok.
func (p *problems) need(ok bool, field, zh, en string) {
	if !ok {
		p.list = append(p.list, Problem{Code: p.code, Field: field, ZH: zh, EN: en})
	}
}

func (i Info) problems(v Version) []Problem {
	p := problems{code: SealFormat}
	n := i.Header.Version
	if v == V1 {
		p.need(n != int(V4) && n != int(V5), "SES_Header.version",
			fmt.Sprintf("2014 版结构的印章写有版本号 %d", n), fmt.Sprintf("a seal laid out as of 2014 says version %d", n))
	} else {
		p.need(n == int(v), "SES_Header.version",
			fmt.Sprintf("版本号为 %d，应为 %d", n, int(v)), fmt.Sprintf("the version is %d where %d is due", n, int(v)))
	}
	p.need(i.ESID != "", "SES_SealInfo.esID", "缺少印章标识", "the seal has no identifier")
	i.Property.check(&p, v)
	i.Picture.check(&p)
	return p.list
}

func (p Property) check(out *problems, v Version) {
	const field = "SES_ESPropertyInfo"
	out.need(p.Type >= 0, field+".type", "印章类型为负数", "the seal type is negative")
	out.need(p.Name != "", field+".name", "缺少印章名称", "the seal has no name")
	certs, digests, ids := len(p.Certs) > 0, len(p.Digests) > 0, len(p.IDs) > 0
	listed := false
	switch {
	case v == V1:
		listed = p.ListType == 0 && !digests && (certs || ids)
	case p.ListType == ListCerts:
		listed = certs && !digests && !ids
	case p.ListType == ListDigests:
		listed = digests && !certs && !ids
	}
	out.need(listed, field+".certList", "签章者列表为空或与其类型不符", "the list of signers is empty or not of the kind it says")
	for _, d := range p.Digests {
		out.need(!strings.EqualFold(d.Type, DigestSM3) || len(d.Value) == 32, field+".certList",
			fmt.Sprintf("SM3 证书摘要长 %d 字节，应为 32", len(d.Value)), fmt.Sprintf("an SM3 certificate digest has %d bytes, not 32", len(d.Value)))
	}
	for _, t := range []time.Time{p.Created, p.Start, p.End} {
		if t.IsZero() {
			out.need(false, field, "缺少制作日期或有效期", "the date of making or the validity is missing")
			return
		}
	}
	out.need(!p.Start.After(p.End), field+".validEnd", "有效期的起始晚于终止", "the validity starts after it ends")
}

// magics are the first bytes of picture data by upper case type. Types not here (vendors write what they like) are not looked into.
var magics = map[string][]string{
	"PNG": {"\x89PNG\r\n\x1a\n"}, "GIF": {"GIF87a", "GIF89a"}, "JPG": {"\xff\xd8\xff"}, "JPEG": {"\xff\xd8\xff"}, "BMP": {"BM"}, "OFD": {"PK\x03\x04"},
}

func (r Picture) check(p *problems) {
	const field = "SES_ESPictureInfo"
	p.need(r.Type != "", field+".type", "缺少印章图像类型", "the picture has no type")
	p.need(len(r.Data) > 0, field+".data", "缺少印章图像", "the seal has no picture")
	p.need(len(r.Data) <= MaxPicture, field+".data", "印章图像过大", "the picture is too large")
	p.need(r.Width > 0 && r.Height > 0, field, "印章图像尺寸不是正数", "the picture's size is not positive")
	starts, known := magics[strings.ToUpper(r.Type)]
	if !known || len(r.Data) == 0 {
		return
	}
	for _, m := range starts {
		if bytes.HasPrefix(r.Data, []byte(m)) {
			return
		}
	}
	p.need(false, field+".type", "印章图像不是所称的 "+r.Type+" 格式", "the picture is not the "+r.Type+" it says")
}

// Validate checks the fields of the signature itself; those of the seal inside are checked by Seal.Validate. No problems is nil.
func (s *Signature) Validate() []Problem {
	p := problems{code: SignatureFormat}
	p.need(s.Property != "", "TBS_Sign.propertyInfo", "缺少原文属性", "the signature does not say what it protects")
	// 20 and 32 bytes are the digests v1 may hold (SHA-1, SHA-256, SM3); later only SM3.
	n := len(s.DataHash)
	p.need(n == dataHashSize || s.Version == V1 && n == 20, "TBS_Sign.dataHash",
		fmt.Sprintf("原文摘要长 %d 字节", n), fmt.Sprintf("the digest of the content has %d bytes", n))
	p.need(!s.Time.IsZero() || len(s.TimeToken) > 0, "TBS_Sign.timeInfo", "签章时间无法读取", "the time of signing cannot be read")
	p.code = SignatureVersion
	if seal := s.Seal.Info.Header.Version; s.TBSVersion != seal {
		p.need(false, "TBS_Sign.version", fmt.Sprintf("签章版本号 %d 与印章版本号 %d 不一致", s.TBSVersion, seal),
			fmt.Sprintf("the signature says version %d, its seal %d", s.TBSVersion, seal))
	}
	return p.list
}

// The seal types of the national e-government seal interface (Property.Type in v4 and v5; other makers number otherwise).
const (
	TypePersonal = 0
	TypeLegal    = 1 // the seal with the legal name of a body
	TypeFinance  = 2
	TypeInvoice  = 3
	TypeContract = 4
	TypeLegalRep = 5
	TypeBusiness = 6
	TypeOther    = 99
)

// TypeName returns the name of a seal type of the national list in both languages, or its number where the list has no such type. v1 seals number
// otherwise (1 a unit's seal, 2 a person's), so it is not for them.
func TypeName(t int) (zh, en string) {
	switch t {
	case TypePersonal:
		return "个人名章", "personal name seal"
	case TypeLegal:
		return "法定名称章", "legal name seal"
	case TypeFinance:
		return "财务专用章", "finance seal"
	case TypeInvoice:
		return "发票专用章", "invoice seal"
	case TypeContract:
		return "合同专用章", "contract seal"
	case TypeLegalRep:
		return "法定代表人名章", "legal representative's name seal"
	case TypeBusiness:
		return "业务专用章", "business seal"
	case TypeOther:
		return "其他", "other"
	}
	n := strconv.Itoa(t)
	return "类型 " + n, "type " + n
}
