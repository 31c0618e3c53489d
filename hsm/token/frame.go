package token

import (
	"encoding/binary"
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

// readFrame reads what follows the length into buf, which is grown where it is too small, and returns op and body.
func readFrame(r io.Reader, buf []byte) (op byte, body, grown []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, buf, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n < 2 || n > maxFrame {
		return 0, nil, buf, &FrameError{0, fmt.Sprintf("a length of %d bytes, not 2 to %d", n, maxFrame)}
	}
	if int(n) > cap(buf) {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(r, buf); err != nil {
		return 0, nil, buf, err
	}
	if buf[0] != protocolVersion {
		return 0, nil, buf, &FrameError{0, fmt.Sprintf("version %d, not %d", buf[0], protocolVersion)}
	}
	return buf[1], buf[2:], buf, nil
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
