package pdf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"yinxin/document"
	"yinxin/fault"
)

// copyBuffer is what is read at once of a file that is copied, hashed or searched: large enough that calls cost nothing, small enough to stay in the cache
// between reading and hashing, and to cost nothing where the file is small.
const copyBuffer = 64 << 10

// draft is a signature laid out: the base as it was, then the increment, whose hole waits for the value. It implements document.Draft.
type draft struct {
	base      io.ReaderAt
	size      int64  // of the base
	increment []byte // what follows it
	hole      [2]int // of the increment: from "<" to behind ">"
	state     draftState
	stops     []int64 // of the base, in order: where what is hashed is shared with its signatures
	shared    *prefixes
}

type draftState uint8

const (
	drafted draftState = iota
	copying            // Copy was called and did not end well
	copied
	finished
)

// ranges is the ByteRange: all of the file but the hole with its brackets (ISO 32000-1, 12.8.1).
func (d *draft) ranges() [4]int64 {
	from, to := d.size+int64(d.hole[0]), d.size+int64(d.hole[1])
	return [4]int64{0, from, to, d.size + int64(len(d.increment)) - to}
}

// Property is the propertyInfo of this document; see propertyText.
func (d *draft) Property() string { return propertyText(d.ranges()) }

// Copy writes the whole file, zeros in the hole, and hashes what the signature covers on the way. What it has in common with an earlier signature is hashed
// once, by whichever comes to it first: a file that is sealed over and over is hashed once each time. Should the base change in between, the digest is not
// that of the output, and the signature does not verify.
func (d *draft) Copy(s document.Sink, h document.Hasher) ([]byte, error) { return d.write(s, s, h) }

// Apart is as document.Apart has it: a draft reads the base by itself, and shares nothing with its Document but prefixes, which are locked.
func (*draft) Apart() {}

var (
	_ document.Appender = (*draft)(nil)
	_ document.Apart    = (*draft)(nil)
)

// Append is Copy for a sink that holds the base.
func (d *draft) Append(s document.Sink, h document.Hasher) ([]byte, error) { return d.write(nil, s, h) }

// write copies the base to copies, unless it is nil, and the increment to s.
func (d *draft) write(copies io.Writer, s document.Sink, h document.Hasher) ([]byte, error) {
	if d.state != drafted {
		return nil, errors.New("pdf: Copy was called before")
	}
	d.state = copying
	digest, err := h("")
	if err != nil {
		return nil, fmt.Errorf("pdf: hash of the signature: %w", err)
	}
	buf := make([]byte, min(d.size, copyBuffer))
	feed := func(h hash.Hash, from, to int64) error {
		if h == nil && copies == nil {
			return nil
		}
		return copyHashing(copies, h, d.base, from, to, buf)
	}
	hashed, err := d.shared.through(digest, d.stops, feed)
	if err != nil {
		return nil, err
	}
	if err := feed(digest, hashed, d.size); err != nil {
		return nil, err
	}
	if _, err := s.Write(d.increment); err != nil {
		return nil, fmt.Errorf("pdf: write the increment: %w", err)
	}
	digest.Write(d.increment[:d.hole[0]])
	digest.Write(d.increment[d.hole[1]:])
	d.state = copied
	return digest.Sum(nil), nil
}

// Finish writes the value, in hexadecimal, over the first zeros of the hole; those that stay are its padding.
func (d *draft) Finish(s document.Sink, value []byte) error {
	if d.state != copied {
		return errors.New("pdf: Finish wants exactly one Copy before and is called once")
	}
	room := (d.hole[1] - d.hole[0] - 2) / 2
	if len(value) > room {
		return fault.New(fault.Limit, "pdf-value-too-long", fmt.Sprintf("签名值 %d 字节，超过预留的 %d 字节；请加大预留后重新签章", len(value), room),
			fmt.Sprintf("the signature value has %d bytes, %d were reserved; prepare again with a larger reserve", len(value), room), nil)
	}
	d.state = finished
	digits := d.increment[d.hole[0]+1:][:2*len(value)] // their place among the zeros, which are written
	hex.Encode(digits, value)
	if _, err := s.WriteAt(digits, d.size+int64(d.hole[0])+1); err != nil {
		return fmt.Errorf("pdf: write the signature value: %w", err)
	}
	return nil
}

// copyHashing copies the bytes [from, to) of r to w and h, either of which may be nil, through buf. Hashing beside writing was tried and gained nothing
// beyond the noise.
func copyHashing(w io.Writer, h hash.Hash, r io.ReaderAt, from, to int64, buf []byte) error {
	for from < to {
		part := buf[:min(to-from, int64(len(buf)))]
		if err := readFull(r, part, from); err != nil {
			return err
		}
		if h != nil {
			h.Write(part) // a hash never fails
		}
		if w != nil {
			if _, err := w.Write(part); err != nil {
				return fmt.Errorf("pdf: write the copy: %w", err)
			}
		}
		from += int64(len(part))
	}
	return nil
}

// readFull reads len(p) bytes at off. io.EOF together with all of them is no error; fewer are.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("pdf: read the base at %d: %w", off+int64(n), err)
}
