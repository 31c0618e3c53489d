package local

import (
	"context"
	"os"
	"time"

	"yinxin/durable"
	"yinxin/fault"
)

const (
	lockWait = 10 * time.Second      // longest wait for others to finish
	lockPoll = 10 * time.Millisecond // between two tries
)

// lock keeps all other writers out, goroutines as well as processes, until unlock is called. It waits no longer than lockWait, then it is
// fault.Unavailable. The lock falls with the process that holds it, so a crash leaves none behind; the file itself stays.
func (c *CA) lock(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := c.root.OpenFile(lockName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unavailable(c.dir, err)
	}
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	last := time.NewTimer(lockWait)
	defer last.Stop()
	for {
		held, err := durable.TryLock(f)
		if held {
			return func() { f.Close() }, nil
		}
		if err != nil {
			f.Close()
			return nil, unavailable(c.dir, err)
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-last.C:
			f.Close()
			return nil, fault.New(fault.Unavailable, "ca-busy",
				"证书机构 "+c.dir+" 正被另一个操作占用，已等待 "+lockWait.String()+"：请稍后重试",
				"the certificate authority "+c.dir+" is in use by another operation; "+lockWait.String()+" were waited: try again later", nil)
		}
	}
}
