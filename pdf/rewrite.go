package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"yinxin/document"
	"yinxin/fault"
)

// Repair is what Rewrite found wrong in a file, what it did about it, and what could not be kept.
type Repair struct {
	// Rebuilt is set where the cross-reference sections led nowhere: the objects were searched for in the bytes of the file, and the last definition of
	// each number was taken. What an author had deleted may be back, so such a file wants to be looked at.
	Rebuilt bool `json:"rebuilt"`
	// Defects are the kinds of damage, each with a stable code; none where nothing was wrong.
	Defects []Defect `json:"defects,omitempty"`
	// Lost are the objects that are not in the new file although something refers to them or an unfinished revision holds them. No page, no page's
	// contents and no object stream is ever among them: without those a file is refused.
	Lost []Lost `json:"lost,omitempty"`
	// PagesBefore is how many pages the file claims, by Count of its page tree; -1 where that is no number. PagesAfter is how many there were and are.
	PagesBefore int `json:"pagesBefore"`
	PagesAfter  int `json:"pagesAfter"`
	// Objects is how many the new file has.
	Objects int `json:"objects"`
}

// Clean reports whether nothing was wrong with the file.
func (r Repair) Clean() bool { return len(r.Defects) == 0 && len(r.Lost) == 0 }

// Defect is one kind of damage.
type Defect struct {
	fault.Public
	Count  int    `json:"count"`  // how often; beyond a few dozen of one file not all are counted
	Offset int64  `json:"offset"` // in the file, of the first; negative where there is no one place
	Detail string `json:"detail"` // of the first, in the parser's words
}

// Lost is an object that could not be kept.
type Lost struct {
	Num    int    `json:"num"` // as the old file numbered it
	Gen    int    `json:"gen"`
	Offset int64  `json:"offset"` // where it, or its object stream, starts; negative where no place is known
	Reason string `json:"reason"` // in the parser's words
}

// Rewrite writes the document in r to w as a new file that readers cannot take in two ways: one revision, one classic cross-reference section over all
// numbers, only the objects that the catalog and the document information lead to, each outside of object streams, streams copied as they are with a
// true Length. Objects keep their order and lose the gaps in their numbers; the header keeps its version and the identifier its first half. The document
// is what Format.Open sees where that can read everything, else what the objects found in the bytes add up to (see Repair.Rebuilt).
// Equal files give equal results. A file that nothing is wrong with is written all the same.
//
// Whoever rewrites a signed file destroys its signatures, so whatever hints at one is refused, in any revision, also where it cannot be reached or read.
// The refusals are fault.Denied: pdf-rewrite-signed, pdf-rewrite-encrypted, pdf-rewrite-xfa, pdf-rewrite-pages (pages are missing or cannot be read) and
// pdf-rewrite-unreadable (what cannot be read may hold a signature); fault.Limit is beyond o.Limits. Nothing is written before the whole file was read.
func Rewrite(ctx context.Context, r io.ReaderAt, size int64, o document.Options, w io.Writer) (Repair, error) {
	s, err := salvaged(ctx, r, size, o)
	if err != nil {
		return Repair{}, err
	}
	p, err := s.choose(ctx)
	if err != nil {
		return Repair{}, err
	}
	if err := p.write(ctx, w); err != nil {
		return Repair{}, fmt.Errorf("pdf: write the repaired file: %w", err)
	}
	return p.report(), nil
}

// choose lays out the document as the reader sees it or, where that view breaks, as the objects found add up.
func (s *salvage) choose(ctx context.Context) (*rewrite, error) {
	var seen *rewrite
	if s.reader != nil {
		seen = s.rewrite(s.reader)
		err := seen.prepare(ctx)
		if err == nil || isFinal(err) {
			return seen, err
		}
		s.why = err
	}
	if err := s.rebuild(); err != nil {
		return nil, err
	}
	p := s.rewrite(s.g)
	p.rebuilt = true
	err := p.prepare(ctx)
	switch {
	case err == nil:
	case isFinal(err):
		return nil, err
	default:
		return nil, errPages(err)
	}
	if seen != nil && seen.pages > 0 && seen.pages != p.pages {
		return nil, errPages(&ParseError{-1, fmt.Sprintf("the file shows %d or %d pages", seen.pages, p.pages)})
	}
	return p, nil
}

// isFinal tells refusals and failures from views that merely break.
func isFinal(err error) bool { return isFatal(err) || fault.KindOf(err) == fault.Denied }

func errSigned(why string) error {
	return denied("pdf-rewrite-signed", "PDF 含有签名或其痕迹，修复会破坏签名，不予修复；请向提供方索取完好的文件",
		"the PDF shows a signature, which repairing would destroy; get a fresh copy from where it came", errors.New(why))
}

func errPages(cause error) error {
	return denied("pdf-rewrite-pages", "PDF 的页面不全或无法读取，修复会丢页，不予修复；请从原系统重新导出",
		"pages of the PDF are missing or cannot be read, and none may be lost in silence; export it again from where it was made", cause)
}

func errUnreadable(cause error) error {
	return denied("pdf-rewrite-unreadable", "PDF 中无法读取的部分可能含有签名，不予修复；请从原系统重新导出",
		"a part of the PDF that cannot be read may hold a signature, so it is not repaired; export it again from where it was made", cause)
}

func errEncrypted() error {
	return denied("pdf-rewrite-encrypted", "PDF 已加密，不能修复；请先去除密码", "the PDF is encrypted and cannot be repaired; remove the password first", nil)
}

func errXFA() error {
	return denied("pdf-rewrite-xfa", "PDF 含 XFA 动态表单，显示内容不由 PDF 页面决定，不能修复；请导出为普通 PDF",
		"the PDF holds an XFA form, whose look its pages do not decide; export it as a plain PDF", nil)
}

// defect notes what was wrong at an offset. Parts of words name the kind, see the table of defects.
func (p *rewrite) defect(offset int64, what string) {
	pub := defectOf(what)
	i := slices.IndexFunc(p.repair.Defects, func(d Defect) bool { return d.Code == pub.Code })
	if i < 0 {
		p.repair.Defects = append(p.repair.Defects, Defect{Public: pub, Offset: offset, Detail: what})
		i = len(p.repair.Defects) - 1
	}
	p.repair.Defects[i].Count++
}

// report gathers everything that was found.
func (p *rewrite) report() Repair {
	if p.rebuilt {
		why := &ParseError{Offset: -1}
		if !errors.As(p.s.why, &why) {
			why.What = p.s.why.Error()
		}
		d := Defect{Public: rebuiltXRef, Count: 1, Offset: why.Offset, Detail: why.What}
		p.repair.Defects = slices.Insert(p.repair.Defects, 0, d)
	}
	for _, in := range p.s.packs {
		if _, wrong := p.s.lengths[in.data]; wrong {
			p.defect(in.offset, wrongLength)
		}
	}
	for _, e := range p.f.repairs {
		p.defect(e.Offset, e.What)
	}
	p.repair.Rebuilt, p.repair.PagesAfter = p.rebuilt, p.pages
	return p.repair
}
