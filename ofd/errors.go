package ofd

import (
	"errors"
	"fmt"

	"yinxin/fault"
)

// ParseError is what is wrong with the structure of a file. It is the cause of errors with the code ofd-malformed.
type ParseError struct {
	Part   string // the part of the package, or empty: the archive itself
	Offset int64  // in the part, or in the file
	Msg    string
}

// Error says where and what.
func (e *ParseError) Error() string {
	if e.Part == "" {
		return fmt.Sprintf("ofd: at %d: %s", e.Offset, e.Msg)
	}
	return fmt.Sprintf("ofd: %s at %d: %s", e.Part, e.Offset, e.Msg)
}

func broken(part string, offset int64, format string, args ...any) error {
	return &ParseError{Part: part, Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// malformed gives an error for people to what the parser says. Errors that have one keep it.
func malformed(err error) error {
	var p *ParseError
	if err == nil || fault.KindOf(err) != 0 || !errors.As(err, &p) {
		return err
	}
	where := p.Part
	if where == "" {
		where = "ZIP"
	}
	return fault.New(fault.Invalid, "ofd-malformed", fmt.Sprintf("OFD 结构损坏或有歧义（%s），无法可靠解析；请从原系统重新导出该文件", where),
		fmt.Sprintf("the OFD is damaged or could be read in two ways (%s); export it again from where it was made", where), err)
}

// missing says that a part is named and not there.
func missing(part, by string) error {
	return fault.New(fault.Invalid, "ofd-part-missing", fmt.Sprintf("文件缺少部件 %s（由 %s 引用）；请从原系统重新导出该文件", part, by),
		fmt.Sprintf("the file lacks its part %s, which %s names; export it again from where it was made", part, by), nil)
}

// nameCase says that a part is there under a name that differs in case or in encoding only.
func nameCase(has, wanted string) error {
	return broken(display(has), 0, "the name differs from %s in case or encoding only, so readers disagree on whether it is there", wanted)
}

func tooMuch(code, zh, en string, cause error) error {
	return fault.New(fault.Limit, code, "文件超出限制："+zh, "the file is beyond the limits: "+en, cause)
}

// unreadable says that the file could not be read, which is no fault of its content.
func unreadable(err error) error {
	if fault.KindOf(err) != 0 {
		return err
	}
	return fault.New(fault.Unavailable, "file-unreadable", "文件读取失败", "the file cannot be read", err)
}
