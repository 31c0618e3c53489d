package verify

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
)

// shownChanges bounds how many things one sentence names.
const shownChanges = 5

func (j *judging) changes() {
	if j.ChangesErr != "" {
		j.find("CHANGES_UNREADABLE", j.ChangesErr)
		return
	}
	switch document.Worst(j.Changes) {
	case document.LevelNone:
	case document.LevelLTA:
		j.find("CHANGED_EVIDENCE")
	case document.LevelForm:
		j.say("CHANGED_SIGNATURE", describeChanges(j.Changes, document.LevelForm))
	default:
		// Annotations too: telling harmless ones from harmful ones is a later stage, and until then nothing unexplained passes.
		j.say("CHANGED", describeChanges(j.Changes, document.LevelAnnotation))
	}
}

// changed is one thing with what happened to it.
type changed struct {
	object string
	codes  []string
}

// describeChanges names what changed, each thing once, with all that happened to it at the given level or above.
func describeChanges(list []document.Change, from document.Level) Text {
	var things []changed
	for _, c := range list {
		if c.Level.Rank() < from.Rank() {
			continue
		}
		i := slices.IndexFunc(things, func(t changed) bool { return t.object == c.Object })
		if i < 0 {
			i, things = len(things), append(things, changed{object: c.Object})
		}
		if !slices.Contains(things[i].codes, c.Code) {
			things[i].codes = append(things[i].codes, c.Code)
		}
	}
	return Text{ZH: joinChanges(things, "；", "、", thingZH, func(t Text) string { return t.ZH }),
		EN: joinChanges(things, "; ", ", ", Clean, func(t Text) string { return t.EN })}
}

func joinChanges(things []changed, between, within string, thing func(string) string, word func(Text) string) string {
	var out []string
	for i, t := range things {
		if i == shownChanges {
			out = append(out, fmt.Sprintf("+%d", len(things)-i))
			break
		}
		words := make([]string, len(t.codes))
		for k, c := range t.codes {
			if words[k] = word(changeNames[c]); words[k] == "" {
				words[k] = c
			}
		}
		out = append(out, thing(t.object)+": "+strings.Join(words, within))
	}
	return strings.Join(out, between)
}

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
	"annotation-changed":      {"批注被改动", "annotation changed"},
	"annotation-removed":      {"批注被删除", "annotation removed"},
	"catalog-changed":         {"被改动", "changed"},
	"catalog-replaced":        {"被替换", "replaced"},
	"catalog-unreadable":      {"无法读取", "unreadable"},
	"certification-not-first": {"认证签名不是第一个签名", "a certification that is not the first signature"},
	"docmdp-forbids":          {"认证签名不允许此改动", "forbidden by the certification"},
	"fieldmdp-forbids":        {"先前的签名已锁定此域", "locked by an earlier signature"},
	"field-added":             {"新增", "added"},
	"field-changed":           {"被改动", "changed"},
	"field-duplicate":         {"重名", "a second field of this name"},
	"field-malformed":         {"结构有误", "malformed"},
	"field-removed":           {"有签名域被删除", "a field was removed"},
	"field-signed":            {"已签名", "signed"},
	"field-unexpected-entry":  {"多出的内容", "unexpected entry"},
	"field-unsigned":          {"看似已签但并未签名", "looks signed but is not"},
	"form-changed":            {"被改动", "changed"},
	"form-created":            {"新建", "created"},
	"form-removed":            {"被删除", "removed"},
	"form-unreadable":         {"无法读取", "unreadable"},
	"hybrid-revision":         {"同一版本有两种读法", "a revision that can be read in two ways"},
	"id-changed":              {"被改动", "changed"},
	"info-changed":            {"被改动", "changed"},
	"more-changes":            {"还有更多改动", "and more"},
	"object-added":            {"新增", "added"},
	"object-ambiguous":        {"有两种读法", "can be read in two ways"},
	"object-changed":          {"被改动", "changed"},
	"object-freed":            {"被删除", "deleted"},
	"object-shared":           {"被签名域和其他内容共用", "shared with other content"},
	"object-unreadable":       {"无法读取", "unreadable"},
	"page-changed":            {"页面被改动", "page changed"},
	"page-tree-changed":       {"页面被增删或调换", "pages added, removed or reordered"},
	"page-unreadable":         {"无法读取", "unreadable"},
	"reference-filled":        {"原先悬空的引用被填入内容", "a reference to nothing was filled"},
	"revision-order":          {"版本次序混乱", "revisions out of order"},
	"signature-replaced":      {"签名字典被替换", "its signature dictionary was replaced"},
	"signed-field-changed":    {"已签名的域被改动", "a signed field was changed"},
	"trailer-ambiguous":       {"有两种读法", "can be read in two ways"},
	"trailing-bytes":          {"末尾多出内容", "bytes after its end"},
	"uncovered-bytes":         {"有内容不在任何版本之内", "bytes that belong to no revision"},
	"value-malformed":         {"签名值有误", "malformed value"},
	"value-shared":            {"与其他域共用一个签名值", "shares a value with another field"},
	"widget-malformed":        {"外观有误", "malformed appearance"},
	"widget-twice":            {"在页面上出现两次", "shown twice"},
}
