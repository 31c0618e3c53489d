package verify

import "strings"

// thingZH says in Chinese what a change happened to: formats name it in English words before its own name.
func thingZH(object string) string {
	object = Clean(object)
	for _, w := range []struct{ en, zh string }{
		{"field ", "签名域 "}, {"page ", "第 "}, {"object ", "对象 "}, {"catalog entry ", "文档目录项 "}, {"form entry ", "表单项 "},
	} {
		if rest, ok := strings.CutPrefix(object, w.en); ok {
			name, entry, has := strings.Cut(rest, ", entry ")
			if w.en == "page " {
				name += " 页"
			}
			if has {
				return w.zh + name + " 的 " + entry
			}
			return w.zh + name
		}
	}
	if zh, ok := thingNames[object]; ok {
		return zh
	}
	return object
}

var thingNames = map[string]string{
	"catalog": "文档目录", "form": "表单", "file": "文件", "file identifier": "文件标识", "document information": "文档信息", "page tree": "页面树", "trailer": "文件尾",
}

// changeNames says what happened, for every code a format uses. A code without words is shown as it is.
var changeNames = map[string]Text{
	"annotation-added":          {"新增批注", "annotation added"},
	"annotation-forbidden":      {"新增不允许的批注", "annotation of a kind that may not be added"},
	"annotations-reordered":     {"批注的次序被调换", "annotations put in another order"},
	"annotation-changed":        {"批注被改动", "annotation changed"},
	"annotation-removed":        {"批注被删除", "annotation removed"},
	"annotation-icons":          {"新增批注图标", "pictures for annotations added"},
	"certificates-dropped":      {"部分核验资料不再列出", "some certificates are no longer listed"},
	"evidence-replaced":         {"核验资料被更新", "evidence replaced"},
	"catalog-changed":           {"被改动", "changed"},
	"catalog-unreadable":        {"无法读取", "unreadable"},
	"certification-not-first":   {"认证签名不是第一个签名", "a certification that is not the first signature"},
	"dss-malformed":             {"核验资料结构有误", "malformed evidence"},
	"dss-shrunk":                {"核验资料被删除", "evidence was removed"},
	"encryption-changed":        {"加密设置被改动", "encryption changed"},
	"evidence-added":            {"加入核验资料", "evidence added"},
	"extension-added":           {"新增扩展声明", "extension declared"},
	"field-added":               {"新增", "added"},
	"field-appearance":          {"外观被改动", "appearance changed"},
	"field-filled":              {"已填写", "filled in"},
	"field-changed":             {"被改动", "changed"},
	"field-duplicate":           {"重名", "a second field of this name"},
	"field-malformed":           {"结构有误", "malformed"},
	"field-removed":             {"有签名域被删除", "a field was removed"},
	"field-signed":              {"已签名", "signed"},
	"field-unexpected-entry":    {"多出的内容", "unexpected entry"},
	"field-unsigned":            {"看似已签但并未签名", "looks signed but is not"},
	"form-appearances":          {"要求阅读器重画表单", "readers are asked to draw the form anew"},
	"form-changed":              {"被改动", "changed"},
	"form-removed":              {"被删除", "removed"},
	"form-unreadable":           {"无法读取", "unreadable"},
	"hybrid-views":              {"新旧阅读器看到的内容不同", "readers of different age see different content"},
	"id-changed":                {"被改动", "changed"},
	"info-changed":              {"被改动", "changed"},
	"metadata-changed":          {"描述信息被改动", "metadata changed"},
	"more-changes":              {"还有更多改动", "and more"},
	"object-added":              {"新增", "added"},
	"object-ambiguous":          {"有两种读法", "can be read in two ways"},
	"object-changed":            {"被改动", "changed"},
	"object-freed":              {"被删除", "deleted"},
	"object-shared":             {"被签名域和其他内容共用", "shared with other content"},
	"object-unreadable":         {"无法读取", "unreadable"},
	"object-unused":             {"新增但未被使用", "added and not used"},
	"page-changed":              {"页面被改动", "page changed"},
	"page-tree-changed":         {"页面被增删或调换", "pages added, removed or reordered"},
	"page-unreadable":           {"无法读取", "unreadable"},
	"reference-filled":          {"原先悬空的引用被填入内容", "a reference to nothing was filled"},
	"revision-order":            {"版本次序混乱", "revisions out of order"},
	"signed-appearance-changed": {"已签签章的外观被改动", "the appearance of a signature was changed"},
	"structure-changed":         {"文档结构信息被改动", "structure changed"},
	"timestamp-added":           {"加入文档时间戳", "document time stamp added"},
	"version-raised":            {"版本号提高", "version raised"},
	"widget-removed":            {"从页面上移除", "removed from its page"},
	"signature-replaced":        {"签名字典被替换", "its signature dictionary was replaced"},
	"signed-field-changed":      {"已签名的域被改动", "a signed field was changed"},
	"trailer-ambiguous":         {"有两种读法", "can be read in two ways"},
	"trailing-bytes":            {"末尾多出内容", "bytes after its end"},
	"uncovered-bytes":           {"有内容不在任何版本之内", "bytes that belong to no revision"},
	"value-malformed":           {"签名值有误", "malformed value"},
	"value-shared":              {"与其他域共用一个签名值", "shares a value with another field"},
	"widget-malformed":          {"外观有误", "malformed appearance"},
	"widget-twice":              {"在页面上出现两次", "shown twice"},
}
