package token

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"yinxin/fault"
)

// frame writes a request as a client does.
func frame(op byte, body []byte) []byte {
	w := &writer{}
	w.u32(uint32(2 + len(body)))
	w.out = append(w.out, protocolVersion, op)
	return append(w.out, body...)
}

// FuzzConversation hands whole conversations of frames to a session that is logged in, one frame a read or all in small pieces. It never panics, never
// reads past its input, and ends at the first frame that is none.
func FuzzConversation(f *testing.F) {
	k := newToken(f)
	k.state.User.N, k.state.SO.N = cheap, cheap
	own := k.face
	sets := [][]any{
		{byte(opHello), bytes.Repeat([]byte{1}, 16)}, {byte(opOpenSession), uint64(6)}, {byte(opLogin), uint64(1), testUser}, {byte(opTokenInfo)},
		{byte(opMechanisms)}, {byte(opMechanismInfo), own.KeyGen}, {byte(opFindInit), template{{ckaClass, ulong(3)}}}, {byte(opFind), uint32(3)},
		{byte(opGetAttributes), uint64(1), uint32(2), uint64(0), uint64(ckaValue)}, {byte(opSignOnce), own.Sign[0].Mechanism, "", uint64(1), make([]byte, 32)},
		{byte(opSignInit), own.Sign[0].Mechanism, "", uint64(1)}, {byte(opSign), make([]byte, 32)}, {byte(opDigestInit), own.SM3, ""}, {byte(opDigest), "abc"},
		{byte(opRandom), uint32(8)}, {byte(opCreateObject), template{{ckaClass, ulong(0)}, {ckaToken, flag(true)}, {ckaValue, nil}}},
		{byte(opSetPIN), testUser, testUser}, {byte(opVerifyInit), own.Sign[0].Mechanism, "", uint64(1)}, {byte(opCloseSession)},
	}
	var all []byte
	for _, s := range sets {
		one := frame(s[0].(byte), body(f, s[1:]...))
		f.Add(one, false)
		all = append(all, one...)
	}
	f.Add(all, true)
	f.Add([]byte{255, 255, 255, 255}, false)
	f.Add([]byte{2, 0, 0, 0, 9, 1}, false)
	table := calls()
	delete(table, opInitToken)    // it would take away what the others need
	delete(table, opGeneratePair) // it would fill the disk
	f.Fuzz(func(t *testing.T, data []byte, open bool) {
		c := caller{t, &session{t: k}}
		defer c.s.close()
		if open {
			c.ok(opHello, bytes.Repeat([]byte{2}, 16))
			c.open(ckfRWSession)
		}
		pieces := &oneAtATime{data: data}
		in := &frameReader{r: pieces, began: func() {}}
		w := &writer{}
		for {
			op, body, err := in.next()
			if err != nil {
				if _, ok := errors.AsType[*FrameError](err); !ok && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("%T: %v", err, err)
				}
				break
			}
			w.reset()
			result, err := c.s.handle(table, op, body, w)
			if err != nil {
				break
			}
			if out := w.finish(result); len(out) < answerHead || len(out) > 4+maxFrame {
				t.Fatalf("an answer of %d bytes", len(out))
			}
		}
		if len(in.buf) > 4+maxFrame {
			t.Fatalf("%d bytes of memory for one frame", len(in.buf))
		}
	})
}

// oneAtATime gives one frame a read, as clients send them, and what follows the last whole frame in pieces.
type oneAtATime struct{ data []byte }

func (r *oneAtATime) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := 3
	if len(r.data) >= 4 {
		length := uint32(r.data[0]) | uint32(r.data[1])<<8 | uint32(r.data[2])<<16 | uint32(r.data[3])<<24
		if length < uint32(len(r.data)) && int(length)+4 <= len(r.data) {
			n = int(length) + 4
		}
	}
	n = copy(p, r.data[:min(n, len(r.data))])
	r.data = r.data[n:]
	return n, nil
}

// FuzzReadAudit reads audits that are none.
func FuzzReadAudit(f *testing.F) {
	f.Add([]byte("x\n"))
	f.Add([]byte("0000000000000000000000000000000000000000000000000000000000000000 {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readLines(data); err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("an error without its kind: %v", err)
		}
	})
}
