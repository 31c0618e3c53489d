package token

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frame is a length (4 bytes), a version (1 byte), a code (1 byte in a request: the op; 4 bytes in an answer: the CK_RV) and a body. The length counts
// all behind it. Numbers are little-endian; CK_ULONG has 8 bytes, everything of variable length stands behind a length of 4 bytes.
// docs/design/hsm.md lists the bodies, hsm/token/client/wire.h is the other side.
const (
	protocolVersion = 1
	maxFrame        = 64 << 10 // bytes behind the length
	maxAttributes   = 64       // in one template
)

// FrameError says where a frame departs from its form.
type FrameError struct {
	Offset int // in bytes behind the length
	Reason string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("token: frame, at byte %d: %s", e.Offset, e.Reason)
}

// frameReader reads frames, one at a time: a client waits for its answer before it asks again.
type frameReader struct {
	r     io.Reader
	buf   []byte // clear after use: PINs are in it
	began func() // called once a part of a frame is there and the rest is not
}

const firstBuffer = 4 << 10 // bytes; most frames need one read and no more room

// next gives op and body of the next frame, which shares memory with buf.
func (f *frameReader) next() (op byte, body []byte, err error) {
	if f.buf == nil {
		f.buf = make([]byte, firstBuffer)
	}
	for have, want := 0, 4; have < want; {
		n, err := f.r.Read(f.buf[have:])
		have += n
		if have >= 4 {
			length := binary.LittleEndian.Uint32(f.buf)
			if length < 2 || length > maxFrame {
				return 0, nil, &FrameError{0, fmt.Sprintf("a length of %d bytes, not 2 to %d", length, maxFrame)}
			}
			want = 4 + int(length)
		}
		switch {
		case have > want:
			return 0, nil, &FrameError{want - 4, "something stands behind the frame"}
		case have == want:
			body = f.buf[4:want]
			if body[0] != protocolVersion {
				return 0, nil, &FrameError{0, fmt.Sprintf("version %d, not %d", body[0], protocolVersion)}
			}
			return body[1], body[2:], nil
		case err != nil && have > 0 && errors.Is(err, io.EOF):
			return 0, nil, io.ErrUnexpectedEOF
		case err != nil:
			return 0, nil, err
		}
		if have > 0 {
			f.began()
		}
		if want > len(f.buf) {
			f.buf = append(f.buf, make([]byte, want-len(f.buf))...)
		}
	}
	return 0, nil, io.ErrNoProgress // not reached: the loop ends inside
}

// reader takes a body apart. After the first field that is not there it is failed and gives zero values; done then says so.
type reader struct {
	in     []byte
	at     int
	reason string
}

func (r *reader) fail(reason string) {
	if r.reason == "" {
		r.reason = reason
	}
}

func (r *reader) take(n uint64) []byte {
	if r.reason != "" || n > uint64(len(r.in)-r.at) {
		r.fail("the body ends early")
		return nil
	}
	b := r.in[r.at : r.at+int(n) : r.at+int(n)]
	r.at += int(n)
	return b
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// bytes shares memory with the frame, which the next frame overwrites.
func (r *reader) bytes() []byte { return r.take(uint64(r.u32())) }

// attributes reads a template.
func (r *reader) attributes() template {
	n := r.count()
	list := make(template, 0, n)
	for range n {
		list = append(list, attribute{Type: r.u64(), Value: r.bytes()})
	}
	return list
}

// count reads the number of attributes in a template.
func (r *reader) count() int {
	n := r.u32()
	if n > maxAttributes {
		r.fail(fmt.Sprintf("%d attributes, more than %d", n, maxAttributes))
		return 0
	}
	return int(n)
}

// done is the error of a body that ended early or has something behind it.
func (r *reader) done() error {
	if r.reason == "" && r.at != len(r.in) {
		r.fail("something stands behind the body")
	}
	if r.reason != "" {
		return &FrameError{2 + r.at, r.reason}
	}
	return nil
}

// writer puts an answer together, in one buffer that is sent at once.
type writer struct{ out []byte }

const answerHead = 4 + 1 + 4

func (w *writer) reset() { w.out = append(w.out[:0], make([]byte, answerHead)...) }

func (w *writer) u32(n uint32) { w.out = binary.LittleEndian.AppendUint32(w.out, n) }

func (w *writer) u64(n uint64) { w.out = binary.LittleEndian.AppendUint64(w.out, n) }

func (w *writer) bytes(b []byte) {
	w.u32(uint32(len(b)))
	w.out = append(w.out, b...)
}

// finish fills in the head. An answer longer than a frame is one without a body that says so.
func (w *writer) finish(result rv) []byte {
	if len(w.out)-4 > maxFrame {
		w.reset()
		result = rvDeviceMemory
	}
	binary.LittleEndian.PutUint32(w.out, uint32(len(w.out)-4))
	w.out[4] = protocolVersion
	binary.LittleEndian.PutUint32(w.out[5:], uint32(result))
	return w.out
}
