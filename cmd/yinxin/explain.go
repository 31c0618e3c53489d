package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"yinxin/fault"
)

// usageError is a command line that cannot be understood.
type usageError struct{ zh, en string }

func (e usageError) Error() string { return e.en }

func usage(zh, en string) error { return usageError{zh, en} }

// fileError says which file an error is about. Parsers know what is wrong with the bytes, not whose they are.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// about names the file of an error; nil stays nil.
func about(path string, err error) error {
	if err == nil {
		return nil
	}
	return &fileError{path, err}
}

// explain prints an error as one sentence: where, what is wrong, and what to do. File names in it cannot drive the terminal.
func (a *app) explain(err error) {
	fmt.Fprintln(a.err, "yinxin: "+plain(a.sentence(err)))
}

func (a *app) sentence(err error) string {
	if errors.Is(err, context.Canceled) {
		return a.say("已中断，未留下半成品文件", "interrupted; no half-made file was left")
	}
	if f := (*fileError)(nil); errors.As(err, &f) && !errors.As(err, new(usageError)) {
		return f.path + a.say("：", ": ") + a.words(err)
	}
	return a.words(err)
}

// words is the sentence without the file's name.
func (a *app) words(err error) string {
	var u usageError
	if errors.As(err, &u) {
		return a.say(u.zh, u.en)
	}
	if p, ok := fault.PublicOf(err); ok {
		return p.In(a.lang) + cause(err, a.lang)
	}
	return a.say("操作没有完成", "the work could not be finished") + bracket(reason(err, a.lang), a.lang)
}

// cause adds, in brackets, what a parser or the system said. Where failures of several floors are chained, the outermost has the sentence and the
// innermost knows the detail.
func cause(err error, lang string) string {
	var e *fault.Error
	if !errors.As(err, &e) || e.Err == nil {
		return ""
	}
	inner := e.Err
	for errors.As(inner, &e) {
		if e.Err == nil {
			return bracket(e.Public.In(lang), lang)
		}
		inner = e.Err
	}
	return bracket(reason(inner, lang), lang)
}

func bracket(s, lang string) string {
	if lang == "zh" {
		return "（" + s + "）"
	}
	return " (" + s + ")"
}

// reasons are the system's answers that people meet, in Chinese; in English the system has its own words.
var reasons = []struct {
	is error
	zh string
}{
	{syscall.ENOTDIR, "路径中有一段不是目录"}, {syscall.EISDIR, "这是一个目录"}, {syscall.ENAMETOOLONG, "文件名太长"}, {syscall.ENOSPC, "磁盘空间不足"},
	{syscall.EROFS, "文件系统是只读的"}, {syscall.EMFILE, "打开的文件太多"}, {syscall.ENOTEMPTY, "目录不是空的"}, {syscall.EIO, "磁盘读写出错"},
	{syscall.ECONNREFUSED, "对方拒绝连接"}, {syscall.ECONNRESET, "连接被对方断开"}, {syscall.ENETUNREACH, "网络不通"}, {syscall.EHOSTUNREACH, "网络不通"},
	{context.DeadlineExceeded, "等待超时"},
	{fs.ErrNotExist, "没有这个文件或目录"}, {fs.ErrPermission, "没有权限"}, {fs.ErrExist, "已经存在"}, {errNotRegular, "不是普通文件"},
}

// errNotRegular is a directory, a device or a pipe where a file is due.
var errNotRegular = errors.New("not a regular file")

// reason is the detail of an error without the calls that led to it.
func reason(err error, lang string) string {
	for _, r := range reasons {
		if lang == "zh" && errors.Is(err, r.is) {
			return r.zh
		}
	}
	if name := (*net.DNSError)(nil); lang == "zh" && errors.As(err, &name) {
		return "找不到主机 " + name.Name
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		return no.Error()
	}
	return err.Error()
}

// plain takes the control characters out of a line.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '�'
		}
		return r
	}, s)
}

// codeOf maps an error to an exit code: what cannot be read or understood is 3, what was refused or went wrong is 1.
func codeOf(err error) int {
	var path *os.PathError
	var u usageError
	switch kind := fault.KindOf(err); {
	case errors.As(err, &u), kind == fault.Invalid, kind == fault.NotFound, kind == fault.Limit:
		return exitUsage
	case kind == 0 && errors.As(err, &path):
		return exitUsage
	}
	return exitRefused
}
