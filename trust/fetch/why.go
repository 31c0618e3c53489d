package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"yinxin/fault"
)

// failed is a request that gave nothing, with its cause in the words of whoever can mend it.
func failed(url string, err error) error {
	zh, en := why(err)
	return fault.New(fault.Unavailable, "fetch-failed", "无法取得 "+url+"："+zh, "cannot fetch "+url+": "+en, err)
}

// otherKind is an answer that is not what was asked for.
func otherKind(url string, err error) error {
	return fault.New(fault.Unavailable, "fetch-other-kind", url+" 的应答不是所要的资料", "what "+url+" gave is of another kind", err)
}

// why says what kept an answer from coming.
func why(err error) (zh, en string) {
	var name *net.DNSError
	var status statusError
	var timeout net.Error
	switch {
	case errors.Is(err, errAddress):
		return errAddress.Public.ZH, errAddress.Public.EN
	case errors.As(err, &name) && name.IsNotFound:
		return "找不到主机 " + name.Name, "there is no such host as " + name.Name
	case errors.As(err, &status):
		return fmt.Sprintf("对方应答状态 %d", int(status)), fmt.Sprintf("the answer has the status %d", int(status))
	case errors.Is(err, syscall.ECONNREFUSED):
		return "对方拒绝连接", "the connection was refused"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "等待超时", "it timed out"
	case errors.As(err, &name):
		return "主机名 " + name.Name + " 查询失败", "the host name " + name.Name + " could not be looked up"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "网络不通", "the network does not reach it"
	case errors.Is(err, errTooLarge):
		return "应答太大", "the answer is too large"
	}
	return "连接失败", "the connection failed"
}

// errTooLarge is an answer beyond its bound.
var errTooLarge = errors.New("the answer is too large")

// statusError is an HTTP answer that is none.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("the answer has the status %d", int(e)) }
