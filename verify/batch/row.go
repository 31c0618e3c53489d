package batch

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/einvoice"
	"yinxin/verify"
)

// column is a place in a row.
type column int

// The columns of the table, and behind them those of the journal alone.
const (
	colFile column = iota
	colFormat
	colType
	colCertainty
	colCode
	colNumber
	colDate
	colSeller
	colSellerCode
	colBuyer
	colBuyerCode
	colIssuer
	colHolder
	colHolderCode
	colParties
	colUntil
	colNet
	colTax
	colTotal
	colVerdict
	colReason
	colSigners
	colRepeats   // in what a file repeats one before it
	colFirst     // the one that it repeats
	colRepeated  // on the first: those that repeat it
	colJudged    // the moment it was judged for
	colBytes     // of the file
	colSM3       // of the file, in hexadecimal
	tableColumns // of the table; what follows is the journal's

	colBesideSM3 = tableColumns     // of the evidence beside the file, in hexadecimal
	colOrder     = tableColumns + 1 // the SM3 of all else that decides a verdict, in hexadecimal
	allColumns   = tableColumns + 2
)

// titles name the columns: in English as programs and the journal have them, and in Chinese.
func titles() [allColumns]verify.Text {
	return [allColumns]verify.Text{
		colFile: {ZH: "文件", EN: "file"}, colFormat: {ZH: "格式", EN: "format"}, colType: {ZH: "类型", EN: "type"}, colCertainty: {ZH: "类型依据", EN: "certainty"},
		colCode: {ZH: "发票代码", EN: "code"}, colNumber: {ZH: "号码", EN: "number"}, colDate: {ZH: "日期", EN: "date"},
		colSeller: {ZH: "销售方", EN: "seller"}, colSellerCode: {ZH: "销售方代码", EN: "seller_code"}, colBuyer: {ZH: "购买方", EN: "buyer"}, colBuyerCode: {ZH: "购买方代码", EN: "buyer_code"},
		colIssuer: {ZH: "签发单位", EN: "issuer"}, colHolder: {ZH: "持有人", EN: "holder"}, colHolderCode: {ZH: "持有人代码", EN: "holder_code"},
		colParties: {ZH: "各方", EN: "parties"}, colUntil: {ZH: "有效期至", EN: "until"},
		colNet: {ZH: "金额", EN: "net"}, colTax: {ZH: "税额", EN: "tax"}, colTotal: {ZH: "价税合计", EN: "total"},
		colVerdict: {ZH: "结论", EN: "verdict"}, colReason: {ZH: "说明", EN: "reason"}, colSigners: {ZH: "签署人", EN: "signers"},
		colRepeats: {ZH: "重复", EN: "repeats"}, colFirst: {ZH: "重复自", EN: "duplicate_of"}, colRepeated: {ZH: "又见于", EN: "repeated_in"},
		colJudged: {ZH: "核验时刻", EN: "judged_at"}, colBytes: {ZH: "字节数", EN: "bytes"}, colSM3: {ZH: "文件SM3", EN: "sm3"},
		colBesideSM3: {ZH: "证据SM3", EN: "evidence_sm3"}, colOrder: {ZH: "选项SM3", EN: "order"},
	}
}

func header(lang string, columns column) []string {
	list := make([]string, columns)
	for i, t := range titles() {
		if column(i) < columns {
			list[i] = t.In(lang)
		}
	}
	return list
}

// shown are the fields of a document that are put into cells as written.
func shown() map[doctype.Key]column {
	return map[doctype.Key]column{doctype.KeyCode: colCode, doctype.KeyNumber: colNumber, doctype.KeySeller: colSeller, doctype.KeySellerCode: colSellerCode,
		doctype.KeyBuyer: colBuyer, doctype.KeyBuyerCode: colBuyerCode, doctype.KeyIssuer: colIssuer, doctype.KeyHolder: colHolder, doctype.KeyHolderCode: colHolderCode,
		doctype.KeyParties: colParties, doctype.KeyDate: colDate, doctype.KeyUntil: colUntil, doctype.KeyNet: colNet, doctype.KeyTax: colTax, doctype.KeyTotal: colTotal}
}

// What a cell may hold, in characters.
const (
	mostName   = 1000
	mostReason = 1000
	mostValue  = 500
)

// record is the row of a judged file. What stands in it twice is found when all rows are there.
func (b *Batch) record(f *File, r verify.Report, m making) []string {
	row := make([]string, allColumns)
	row[colFile] = nameCell(f.Name)
	row[colFormat], row[colVerdict] = text(r.Format, mostValue), string(r.Verdict)
	row[colReason], row[colSigners] = text(b.Reason(r), mostReason), text(signers(r), mostValue)
	row[colJudged] = b.Journal.at.UTC().Format(time.RFC3339)
	if f.Err == nil {
		row[colBytes] = strconv.FormatInt(f.Size, 10)
	}
	row[colSM3], row[colBesideSM3], row[colOrder] = m.file, m.beside, b.Journal.order
	if d := r.Document; d != nil {
		b.document(row, d)
	}
	return row
}

func nameCell(name string) string { return text(name, mostName) }

func (b *Batch) document(row []string, d *verify.DocumentReport) {
	row[colType], row[colCertainty] = text(verify.Text(d.Type.Words()).In(b.Lang), mostValue), certainty(d).In(b.Lang)
	values, columns := map[column][]string{}, shown()
	for _, f := range d.Fields {
		if at, known := columns[f.Key]; known && !slices.Contains(values[at], f.Value) {
			values[at] = append(values[at], f.Value)
		}
	}
	for at, list := range values {
		row[at] = cell(at, strings.Join(list, "；"))
	}
}

// cell writes a value so that it can be added up and sorted, where it has one meaning; else as it stands in the document.
func cell(at column, value string) string {
	switch at {
	case colNet, colTax, colTotal:
		if a, ok := einvoice.ParseAmount(value); ok {
			return a.String()
		}
	case colDate, colUntil:
		if d, ok := einvoice.ParseDate(value); ok {
			return d.String()
		}
	}
	return text(value, mostValue)
}

func certainty(d *verify.DocumentReport) verify.Text {
	t := verify.Text{ZH: string(d.Certainty), EN: string(d.Certainty)}
	switch d.Certainty {
	case doctype.Told:
		t.ZH = "所指定"
	case doctype.Certain:
		t.ZH = "数据写明"
	case doctype.Likely:
		t.ZH = "从文字看像是"
	}
	if d.Untested {
		t = verify.Text{ZH: t.ZH + "（这种形式未经真实样本检验）", EN: t.EN + " (never tried on a real file of this form)"}
	}
	return t
}

// signers names who sealed or signed, each once. Time stamps are not among them.
func signers(r verify.Report) string {
	var list []string
	for _, s := range r.Signatures {
		name := ""
		switch {
		case s.Standing != "" || s.Kind == document.Timestamp:
		case s.Seal != nil:
			name = s.Seal.Name
		case s.Signer != nil:
			name = s.Signer.Name
		}
		if name != "" && !slices.Contains(list, name) && len(list) < mostSigners {
			list = append(list, name)
		}
	}
	return strings.Join(list, "；")
}

const mostSigners = 20

// text makes a cell of what may come from a hostile file: without control characters, cut to a length, and inert.
func text(s string, most int) string { return inert(strings.TrimSpace(verify.CleanTo(s, most))) }

// inert puts an apostrophe before what spreadsheet programs would take for a formula, and before what they would take for a number and not give back as
// written: an invoice number of 20 digits, one that begins with zeros.
func inert(s string) string {
	if s == "" {
		return s
	}
	if strings.ContainsRune("=+-@\t\r\n'＝＋－＠", []rune(s)[0]) || isLossy(s) {
		return "'" + s
	}
	return s
}

// bare takes the apostrophe away that inert has put there.
func bare(cell string) string { return strings.TrimPrefix(cell, "'") }

// mostDigits is the length of the longest number that spreadsheet programs show with all its digits.
const mostDigits = 11

func isLossy(s string) bool {
	if s[0] < '0' || s[0] > '9' {
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && (len(s) > mostDigits || strconv.FormatFloat(f, 'f', -1, 64) != s)
}

// making is what a row was made of, in hexadecimal.
type making struct{ file, beside string }

func hexed(sum []byte) string { return hex.EncodeToString(sum) }
