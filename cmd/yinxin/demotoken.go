package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"yinxin/demo"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm/pkcs11"
	"yinxin/hsm/token"
)

// Files of a demonstration whose keys are in a token.
const (
	tokenFolder   = "token"
	pinFile       = "pin.txt"
	selfTestsFile = "self-tests.txt" // a line for each: SM3 of the e that was signed, and the key
)

// demoInToken makes the demonstration in dir with every key in a software token, served by a process of its own that ends with it. Then it counts: what
// the token signed is what stands in the files, and the driver's self-tests. It returns the sentence that says so; any other signature is an error.
func (a *app) demoInToken(ctx context.Context, dir string) (files []demo.File, count string, err error) {
	passphrase, err := newSecret(dir, "passphrase.txt")
	if err != nil {
		return nil, "", err
	}
	pin, err := newSecret(dir, pinFile)
	if err != nil {
		return nil, "", err
	}
	so, err := newSecret(dir, "so-pin.txt")
	if err != nil {
		return nil, "", err
	}
	if err := token.Create(filepath.Join(dir, tokenFolder), []byte(passphrase), token.Config{Label: "demo", SO: []byte(so), User: []byte(pin)}); err != nil {
		return nil, "", err
	}
	var tests selfTests
	if files, err = a.runInToken(ctx, dir, &tests); err != nil {
		return nil, "", err
	}
	if err := os.WriteFile(filepath.Join(dir, selfTestsFile), []byte(tests.String()), 0o600); err != nil {
		return nil, "", fmt.Errorf("demo: %w", err)
	}
	count, err = a.countSignatures(ctx, dir, tests.inputs)
	return files, count, err
}

// runInToken serves the token as long as the demonstration takes.
func (a *app) runInToken(ctx context.Context, dir string, tests *selfTests) (files []demo.File, err error) {
	folder, err := os.MkdirTemp("", "yinxin") // a socket's path is short
	if err != nil {
		return nil, unwritable(os.TempDir(), err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	socket := filepath.Join(folder, "token.sock")
	stop, err := serveBeside(ctx, socket, "token", "serve", "--dir", filepath.Join(dir, tokenFolder), "--socket", socket, "--passphrase-file", filepath.Join(dir, "passphrase.txt"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	o := keyOptions{keys: "token:" + socket, pinFile: filepath.Join(dir, pinFile)}
	c, _, err := o.tokens()
	if err != nil {
		return nil, err
	}
	keys, err := pkcs11.Open(c, pkcs11.Options{Observer: tests})
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	return a.runDemo(ctx, dir, keys)
}

// serveBeside runs this program once more, as a process that serves a socket, and returns once it answers there. stop ends it and waits for that.
func serveBeside(ctx context.Context, socket string, args ...string) (stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("where this program is: %w", err)
	}
	var said bytes.Buffer
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // G204: this very program
	c.Args[0] = os.Args[0]
	c.Stderr = &said
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the token: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for dialer := new(net.Dialer); ; {
		if conn, err := dialer.DialContext(ctx, "unix", socket); err == nil {
			return func() error { return errors.Join(c.Cancel(), <-ended) }, conn.Close()
		}
		select {
		case err := <-ended:
			return nil, fault.New(fault.Unavailable, "demo-token", "令牌没有启动："+plain(said.String()), "the token did not start: "+plain(said.String()), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// selfTests is an Observer that keeps the driver's own signatures.
type selfTests struct {
	mu     sync.Mutex
	inputs []string // SM3 of each e, hexadecimal
	lines  strings.Builder
}

func (s *selfTests) Signed(u pkcs11.Use) {
	if !u.SelfTest || u.Class != pkcs11.Answered {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inputs = append(s.inputs, auditInput(u.Digest))
	fmt.Fprintln(&s.lines, auditInput(u.Digest), u.Key)
}

func (s *selfTests) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.lines.String() }

// Down is told elsewhere: callers wait, or fail.
func (s *selfTests) Down(pkcs11.Outage) {}

// Up is nothing to count.
func (s *selfTests) Up(pkcs11.Outage) {}

// auditInput is how the token's audit names the 32 bytes that a key signed.
func auditInput(e []byte) string {
	sum := gm.SM3(e)
	return hex.EncodeToString(sum[:])
}

// countSignatures compares the token's audit with the signatures in the files and the self-tests, one by one.
func (a *app) countSignatures(ctx context.Context, dir string, tests []string) (string, error) {
	found, err := demo.Signatures(ctx, dir, formats())
	if err != nil {
		return "", err
	}
	inputs := map[string]int{}
	audit, err := token.ReadAudit(filepath.Join(dir, tokenFolder), func(input string) { inputs[input]++ })
	if err != nil {
		return "", err
	}
	known := map[string]int{}
	for _, input := range tests {
		known[input]++
	}
	for _, s := range found {
		known[auditInput(s.E)]++
	}
	if !maps.Equal(known, inputs) {
		return "", fault.New(fault.Conflict, "demo-count",
			fmt.Sprintf("令牌审计有 %d 次 C_Sign，文件中的签名 %d 个、自检 %d 次与之对不上", audit.Signed, len(found), len(tests)),
			fmt.Sprintf("the token's audit has %d C_Sign; %d signatures in the files and %d self-tests are not the same ones", audit.Signed, len(found), len(tests)), nil)
	}
	n := demo.Count(found)
	return fmt.Sprintf(a.say(
		"令牌审计的 C_Sign 共 %d 次 = 文件中的签名 %d 个（证书 %d、吊销列表 %d、印章 %d、文件签章 %d）+ 驱动自检 %d 次；不在其中的：无",
		"C_Sign in the token's audit: %d = %d signatures in the files (certificates %d, revocation lists %d, seals %d, on documents %d) + %d self-tests of the driver; in neither list: none"),
		audit.Signed, len(found), n[demo.Certificate], n[demo.RevocationList], n[demo.Seal], n[demo.Document], len(tests)), nil
}
