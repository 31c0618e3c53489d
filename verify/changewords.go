package verify

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
)

// shownChanges bounds how many things one sentence names.
const shownChanges = 5

// changed is one thing with what happened to it.
type changed struct {
	thing Text
	did   []Text
}

// DescribeChanges names what changed, each thing once, with all that happened to it. Which of its parts changed stands in changeDetail.
func DescribeChanges(list []document.Change) Text {
	things := thingsOf(list)
	return Text{ZH: join(things, "；", "：", "、", "另有 %d 处", func(t Text) string { return t.ZH }),
		EN: join(things, "; ", ": ", ", ", "%d more", func(t Text) string { return t.EN })}
}

// nameChanges names what changed, each thing once, for a sentence that says what happened to it.
func nameChanges(list []document.Change) Text {
	things := thingsOf(list)
	for i := range things {
		things[i].did = nil
	}
	return Text{ZH: join(things, "、", "", "", "另有 %d 处", func(t Text) string { return t.ZH }),
		EN: join(things, ", ", "", "", "%d more", func(t Text) string { return t.EN })}
}

func thingsOf(list []document.Change) (things []changed) {
	for _, c := range list {
		thing, did := thingText(c), didText(c.Code)
		if c.Was != "" || c.Now != "" {
			was, now := quoted(c.Was), quoted(c.Now)
			did = Text{did.ZH + "（" + was.ZH + "→" + now.ZH + "）", did.EN + " (" + was.EN + " → " + now.EN + ")"}
		}
		i := slices.IndexFunc(things, func(t changed) bool { return t.thing == thing })
		if i < 0 {
			i, things = len(things), append(things, changed{thing: thing})
		}
		if !slices.Contains(things[i].did, did) {
			things[i].did = append(things[i].did, did)
		}
	}
	return things
}

// quoted is a value of a field.
func quoted(value string) Text {
	if value == "" {
		return Text{"空", "empty"}
	}
	return Text{"“" + Clean(value) + "”", "“" + Clean(value) + "”"}
}

func join(things []changed, between, did, within, more string, in func(Text) string) string {
	var out []string
	for i, t := range things {
		if i == shownChanges {
			out = append(out, fmt.Sprintf(more, len(things)-i))
			break
		}
		words := make([]string, len(t.did))
		for k, d := range t.did {
			words[k] = in(d)
		}
		if text := in(t.thing) + did + strings.Join(words, within); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, between)
}

// changeDetail lists changes as the format told of them.
func changeDetail(list []document.Change) detail {
	var out []string
	for _, c := range list[:min(len(list), shownChanges)] {
		text := c.Object + ": " + c.Code
		if c.Revision > 0 {
			text = fmt.Sprintf("revision %d, %s", c.Revision, text)
		}
		out = append(out, text)
	}
	return detail(strings.Join(out, "; "))
}

// thingText says what a change happened to. Formats name it in English, what it is first and then its own name.
func thingText(c document.Change) Text {
	whole, _, _ := strings.Cut(Clean(c.Object), ", entry ")
	if zh, ok := thingNames[whole]; ok {
		return Text{zh, whole}
	}
	for _, k := range thingKinds {
		if name, ok := strings.CutPrefix(whole, k.EN); ok {
			return Text{strings.Replace(k.ZH, "%s", name, 1), whole}
		}
	}
	return Text{"文件内部的一处内容", whole}
}

// thingKinds are the words before a name, longest first.
var thingKinds = []Text{{"页面对象 %s", "page object "}, {"第 %s 页", "page "}, {"表单域“%s”", "field "}, {"内部对象 %s", "object "},
	{"文档目录中的一项", "catalog entry "}, {"表单中的一项", "form entry "}, {"签名清单 %s", "list of signatures "}, {"文件说明 %s", "file information "},
	{"签名“%s”", "signature "}, {"包内文件 /%s", "/"}}

var thingNames = map[string]string{
	"catalog": "文档目录", "form": "表单", "file": "文件", "file identifier": "文件标识", "document information": "文档信息", "page tree": "页面次序", "trailer": "文件尾",
	"catalog entry DSS": "核验资料", "catalog entry Extensions": "扩展声明", "catalog entry Metadata": "描述信息", "catalog entry Names": "名称目录",
	"catalog entry StructTreeRoot": "文档结构信息", "catalog entry Version": "版本号", "form entry DR": "表单资源",
}

// didText says what happened.
func didText(code string) Text {
	if t, ok := changeNames[code]; ok {
		return t
	}
	return Text{"有其他改动", strings.ReplaceAll(Clean(code), "-", " ")}
}

// changeNames says what happened, for every code a format uses.
var changeNames = map[string]Text{
	"annotation-added":          {"新增批注", "annotation added"},
	"annotation-forbidden":      {"新增不允许的批注", "annotation of a kind that may not be added"},
	"annotations-reordered":     {"批注的次序被调换", "annotations put in another order"},
	"annotation-changed":        {"批注被改动", "annotation changed"},
	"annotation-removed":        {"批注被删除", "annotation removed"},
	"annotation-icons":          {"新增批注图标", "pictures for annotations added"},
	"certificates-dropped":      {"部分核验资料不再列出", "some certificates are no longer listed"},
	"entry-added":               {"未受保护", "not protected"},
	"entry-changed":             {"被改动", "changed"},
	"entry-open":                {"未受保护", "not protected"},
	"entry-removed":             {"已不在文件中", "gone"},
	"entry-unreadable":          {"无法读取", "unreadable"},
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
	"page-changed":              {"被改动", "changed"},
	"page-tree-changed":         {"页面被增删或调换", "pages added, removed or reordered"},
	"page-unreadable":           {"无法读取", "unreadable"},
	"reference-filled":          {"原先悬空的引用被填入内容", "a reference to nothing was filled"},
	"revision-order":            {"版本次序混乱", "revisions out of order"},
	"signed-appearance-changed": {"已签签章的外观被改动", "the appearance of a signature was changed"},
	"structure-changed":         {"文档结构信息被改动", "structure changed"},
	"timestamp-added":           {"加入文档时间戳", "document time stamp added"},
	"version-raised":            {"版本号提高", "version raised"},
	"widget-removed":            {"从页面上移除", "removed from its page"},
	"signature-added":           {"新增", "added"},
	"signature-list-changed":    {"签名清单被改动", "the list of signatures was changed"},
	"signature-order-changed":   {"在清单中的次序被调换", "put in another order"},
	"signature-struck":          {"被从清单中删去", "struck from the list"},
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
