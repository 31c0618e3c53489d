package pdf

import (
	"strings"

	"yinxin/fault"
)

// rebuiltXRef is the defect of files whose objects had to be searched for.
var rebuiltXRef = fault.Public{Code: "pdf-repaired-xref",
	ZH: "交叉引用信息损坏，已逐一查找对象并重建；请核对修复后的内容", EN: "the cross-reference sections are damaged: the objects were searched for and listed anew; look the result over"}

// What is said of files whose page tree names things that make no tree as they stand.
const (
	directPage   = "a page is not an indirect object"
	pageTwice    = "a page stands twice in the page tree"
	wrongCount   = "Count of a page tree node is wrong"
	wrongTree    = "a node of the page tree has a wrong Type, Parent or Kids"
	noMediaBox   = "a page without a usable MediaBox"
	wrongRotate  = "Rotate of a page is no multiple of 90"
	wrongAnnots  = "Annots of a page is no array"
	wrongLength  = "the Length of a stream is wrong"
	noHeader     = "%PDF- with a version is missing"
	directInfo   = "the document information is not an indirect object"
	noCatalog    = "the catalog has no Type"
	fieldTwice   = "stands twice among the form's fields"
	behindTheEnd = "bytes behind the last %%EOF"
)

// defects sorts what is tolerated by the parser, in its words, into kinds with words for people. The first line that is part of it counts.
var defects = []struct {
	part string
	fault.Public
}{
	{behindTheEnd, fault.Public{Code: "pdf-repaired-tail", ZH: "文件末尾标记之后有多余内容，已舍去", EN: "bytes stood behind the end of the file; they were left out"}},
	{"bytes before %PDF-", inHeader}, {noHeader, inHeader},
	{"%%EOF is missing", inRevisions}, {"startxref stands apart", inRevisions}, {"a revision has no startxref", inRevisions},
	{"the revisions are out of order", inRevisions}, {"a section stands behind", inRevisions},
	{"cross-reference", inSections}, {"Prev is", inSections}, {"Size is", inSections}, {"the entry of object", inSections},
	{wrongLength, inStreams}, {"a stream's data", inStreams},
	{directPage, inPageTree}, {pageTwice, inPageTree}, {wrongCount, inPageTree}, {wrongTree, inPageTree}, {noCatalog, inPageTree},
	{noMediaBox, inPageLook}, {wrongRotate, inPageLook}, {wrongAnnots, inPageLook},
	{fieldTwice, fault.Public{Code: "pdf-repaired-form", ZH: "表单中同一字段重复登记，已去重", EN: "form fields were listed twice; each is listed once"}},
	{"endobj is missing", inObjects}, {"stands twice in a dictionary", inObjects}, {directInfo, inObjects},
	{"the checksum of deflated data", inObjects},
}

var (
	inHeader = fault.Public{Code: "pdf-repaired-header", ZH: "文件头缺失或之前有多余内容，已更正",
		EN: "the header was missing or not at the start of the file; it was put right"}
	inRevisions = fault.Public{Code: "pdf-repaired-revisions", ZH: "各次修订的先后或结尾标记有误，已合并为一份",
		EN: "the revisions did not follow one another as they should; they were merged into one"}
	inSections = fault.Public{Code: "pdf-repaired-xref-entries", ZH: "交叉引用表不合规范，已重写", EN: "the cross-reference sections were not as the standard has them; they were written anew"}
	inStreams  = fault.Public{Code: "pdf-repaired-streams", ZH: "数据流的长度或起始有误，已更正", EN: "streams had a wrong length or beginning; they were put right"}
	inPageTree = fault.Public{Code: "pdf-repaired-pages", ZH: "页面树不合规范，已更正，页面与顺序未变",
		EN: "the page tree was not as the standard has it; it was put right, pages and order stay"}
	inPageLook = fault.Public{Code: "pdf-repaired-page-look", ZH: "页面的尺寸、旋转或批注无效，已按阅读器的通行做法取默认值（612×792 点，不旋转，无批注）",
		EN: "pages had no valid size, rotation or annotations; they got what readers take (612 × 792 points, upright, none)"}
	inObjects = fault.Public{Code: "pdf-repaired-objects", ZH: "对象的写法不合规范，已重写", EN: "objects were not written as the standard has them; they were written anew"}
	elsewhere = fault.Public{Code: "pdf-repaired-other", ZH: "其他不合规范之处，已重写", EN: "other departures from the standard; what they concern was written anew"}
)

func defectOf(what string) fault.Public {
	for _, d := range defects {
		if strings.Contains(what, d.part) {
			return d.Public
		}
	}
	return elsewhere
}
