package token

import (
	"net"
	"syscall"
)

// peerOf asks the system who connected (SO_PEERCRED).
func peerOf(c *net.UnixConn) (Peer, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var cred *syscall.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) {
		cred, asked = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return Peer{}, err
	}
	if asked != nil {
		return Peer{}, asked
	}
	return Peer{UID: cred.Uid, PID: cred.Pid}, nil
}
