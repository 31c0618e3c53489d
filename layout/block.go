package layout

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/fault"
)

// Block is a piece of running text for Flow: Title, Heading, Paragraph, Clause, Table, Signatures or PageBreak.
type Block interface{ block() }

// Title is set large in the middle.
type Title struct{ Text string }

// Heading begins a section: Level 1 or 2. It stays on the page of what follows.
type Heading struct {
	Level int
	Text  string
}

// Paragraph is running text, its first line indented by two characters unless Flush.
type Paragraph struct {
	Text  string
	Flush bool
}

// Clause is a numbered paragraph with a hanging indent. Level 0 begins at the margin; each further level two characters in.
type Clause struct {
	Number string
	Text   string
	Level  int
}

// Table is rows of two cells.
type Table struct {
	Rows  [][2]string
	Split float64 // share of the width the left cells get; 0 is a half
	Ruled bool    // hair lines above, between and below the rows
}

// Signatures are the places where parties sign, side by side, kept together on one page with room for seals.
type Signatures struct{ Parties []Signatory }

// Signatory is one party's place: its lines, of which the first names the party.
type Signatory struct{ Lines []string }

// PageBreak begins a new page.
type PageBreak struct{}

func (Title) block()      {}
func (Heading) block()    {}
func (Paragraph) block()  {}
func (Clause) block()     {}
func (Table) block()      {}
func (Signatures) block() {}
func (PageBreak) block()  {}

// Limits of ParseMarkup.
const (
	MaxMarkup = 1 << 20 // bytes
	MaxBlocks = 20000
)

// ParseError says where text is not markup.
type ParseError struct {
	Offset int64  // bytes from the start
	Line   int    // from 1
	ZH, EN string // what is wrong there
}

// Error gives place and reason.
func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.EN) }

var clausePattern = regexp.MustCompile(`^(\d{1,3}(?:\.\d{1,3}){0,3}[.、．]?|[（(][一二三四五六七八九十百\d]{1,4}[）)]|第[一二三四五六七八九十百零\d]{1,6}条)[ \x{3000}]+(\S.*)$`)

// ParseMarkup reads blocks from plain text. Every line says by how it begins what it is:
//
//	# 采购合同             the title
//	## 一、标的            a heading; ### one level lower
//	1.1 甲方应当……         a clause: number or （一） or 第三条, a space, the text
//	| 甲方：…… | 乙方：……   a row of two columns; lines in a row make one table
//	~ 甲方（盖章） | 乙方    a line of the signature block; lines in a row make one block, | parts the parties
//	---                    a new page
//	\# …                   a paragraph that begins with the sign behind the \
//
// Any other line is part of a paragraph or of the clause above it; an empty line ends it. Lines of one paragraph are joined, with a space only between
// Latin words. The error is a fault.Invalid with a *ParseError as its cause.
func ParseMarkup(data []byte) ([]Block, error) {
	p := markup{}
	if len(data) > MaxMarkup {
		return nil, markupError(&ParseError{MaxMarkup, 1, fmt.Sprintf("正文超过 %d 字节", MaxMarkup), fmt.Sprintf("the text is longer than %d bytes", MaxMarkup)})
	}
	for line := range bytes.Lines(data) {
		p.line++
		text := strings.TrimRight(string(line), "\r\n \u3000")
		if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }); i >= 0 {
			return nil, markupError(&ParseError{p.offset + int64(i), p.line, "含控制字符，或不是 UTF-8", "a control character, or bytes that are not UTF-8"})
		}
		if zh, en := p.take(text); en != "" {
			return nil, markupError(&ParseError{p.offset, p.line, zh, en})
		}
		if len(p.blocks) > MaxBlocks {
			return nil, markupError(&ParseError{p.offset, p.line, fmt.Sprintf("段落超过 %d 个", MaxBlocks), fmt.Sprintf("more than %d blocks", MaxBlocks)})
		}
		p.offset += int64(len(line))
	}
	p.end()
	return p.blocks, nil
}

func markupError(e *ParseError) error {
	return fault.New(fault.Invalid, "layout-markup", fmt.Sprintf("正文标记有误，请改正第 %d 行：%s", e.Line, e.ZH),
		fmt.Sprintf("the text's markup is wrong, correct line %d: %s", e.Line, e.EN), e)
}

// markup is the state of ParseMarkup: what the lines read last may still go on.
type markup struct {
	blocks []Block
	line   int
	offset int64
	text   strings.Builder // of an open paragraph or clause
	last   rune            // its last character
	clause *Clause         // the open clause, nil for a paragraph
	rows   [][2]string     // of an open table
	signs  []Signatory     // of an open signature block
}

// end closes whatever is open.
func (p *markup) end() {
	switch {
	case len(p.rows) > 0:
		p.blocks = append(p.blocks, Table{Rows: p.rows})
	case len(p.signs) > 0:
		p.blocks = append(p.blocks, Signatures{Parties: p.signs})
	case p.text.Len() > 0 && p.clause != nil:
		p.clause.Text = p.text.String()
		p.blocks = append(p.blocks, *p.clause)
	case p.text.Len() > 0:
		p.blocks = append(p.blocks, Paragraph{Text: p.text.String()})
	}
	p.rows, p.signs, p.clause, p.last = nil, nil, nil, 0
	p.text.Reset()
}

// take reads one line and says what is wrong with it.
func (p *markup) take(text string) (zh, en string) {
	switch {
	case text == "":
		p.end()
	case text == "---":
		p.add(PageBreak{})
	case strings.HasPrefix(text, "### "):
		p.add(Heading{Level: 2, Text: strings.TrimSpace(text[4:])})
	case strings.HasPrefix(text, "## "):
		p.add(Heading{Level: 1, Text: strings.TrimSpace(text[3:])})
	case strings.HasPrefix(text, "# "):
		p.add(Title{Text: strings.TrimSpace(text[2:])})
	case strings.HasPrefix(text, "#"):
		return "标题写作 #、## 或 ###，空格，文字", "a heading is #, ## or ###, a space and the text"
	case text[0] == '|':
		return p.row(text)
	case text[0] == '~':
		return p.sign(text)
	default:
		p.running(text)
	}
	return "", ""
}

func (p *markup) add(b Block) {
	p.end()
	p.blocks = append(p.blocks, b)
}

func (p *markup) row(text string) (zh, en string) {
	cells := strings.Split(strings.TrimSuffix(text[1:], "|"), "|")
	if len(cells) != 2 {
		return "双栏行写作 | 左 | 右", "a row is | left | right"
	}
	if p.rows == nil {
		p.end()
	}
	p.rows = append(p.rows, [2]string{strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])})
	return "", ""
}

func (p *markup) sign(text string) (zh, en string) {
	cells := strings.Split(text[1:], "|")
	if len(cells) > 4 {
		return "签署栏最多四方并列", "at most four parties stand side by side"
	}
	if p.signs == nil {
		p.end()
		p.signs = make([]Signatory, len(cells))
	}
	if len(cells) != len(p.signs) {
		return "签署栏各行的方数应当相同", "every line of a signature block parts the same number of parties"
	}
	if len(p.signs[0].Lines) == 20 {
		return "签署栏最多 20 行", "a signature block has at most 20 lines"
	}
	for i, c := range cells {
		p.signs[i].Lines = append(p.signs[i].Lines, strings.TrimSpace(c))
	}
	return "", ""
}

// running reads a line of a paragraph or clause.
func (p *markup) running(text string) {
	if p.rows != nil || p.signs != nil {
		p.end()
	}
	if m := clausePattern.FindStringSubmatch(text); m != nil {
		p.end()
		p.clause = &Clause{Number: m[1], Level: clauseLevel(m[1])}
		text = m[2]
	}
	if text[0] == '\\' && len(text) > 1 {
		text = text[1:]
	}
	text = strings.TrimLeft(text, " \u3000")
	first, _ := utf8.DecodeRuneInString(text)
	if p.text.Len() > 0 && !ideograph(p.last) && !ideograph(first) {
		p.text.WriteByte(' ')
	}
	p.text.WriteString(text)
	p.last, _ = utf8.DecodeLastRuneInString(text)
}

// clauseLevel is how deep a number stands: 1. and 第一条 are 0, 1.1 and （一） are 1.
func clauseLevel(number string) int {
	if strings.HasPrefix(number, "（") || strings.HasPrefix(number, "(") {
		return 1
	}
	return strings.Count(strings.TrimRight(number, ".、．"), ".")
}
