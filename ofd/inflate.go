package ofd

import (
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"

	"yinxin/document"
)

// chunk is how much is read, inflated and hashed at once: it stays in the cache between these steps.
const chunk = 64 << 10

// inflater holds what reading an entry needs, so that reading the next needs nothing new. One entry is read at a time.
type inflater struct {
	src          packed
	flate        io.ReadCloser
	content      content
	buf          []byte
	over         [1]byte // for what an entry has too much
	packed, size int64   // of the largest entry as stored and inflated, at most a chunk
}

// packed reads the data of an entry as stored, and copies it on the way where asked.
type packed struct {
	a         *archive
	off, left int64
	buf       []byte // bytes as stored, from at to end not given out yet
	room      []byte // where they are read to, unless the archive has them
	at, end   int
	copyTo    io.Writer // or nil
	err       error
}

func (p *packed) fill() error {
	if p.err != nil {
		return p.err
	}
	if p.left == 0 {
		return io.EOF
	}
	n := int(min(p.left, chunk))
	p.at, p.end = 0, n
	if p.buf = p.a.kept(p.off, int64(n)); p.buf == nil {
		if p.room == nil {
			p.room = make([]byte, p.a.inflate.packed)
		}
		p.buf = p.room
		p.err = p.a.read(p.buf[:n], p.off)
	}
	if p.err == nil && p.copyTo != nil {
		_, p.err = p.copyTo.Write(p.buf[:n])
	}
	if p.err != nil {
		p.end = 0
		return p.err
	}
	p.off += int64(n)
	p.left -= int64(n)
	return nil
}

// Read is for flate, and for entries that are not compressed.
func (p *packed) Read(b []byte) (int, error) {
	if p.at == p.end {
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.buf[p.at:p.end])
	p.at += n
	return n, nil
}

// ReadByte keeps flate from reading further than its data.
func (p *packed) ReadByte() (byte, error) {
	if p.at == p.end {
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	p.at++
	return p.buf[p.at-1], nil
}

// content reads an entry inflated. At its end it holds the size and the checksum against the directory, and that the data ends there too.
type content struct {
	e   *entry
	src *packed
	r   io.Reader
	n   int64
	crc uint32
	err error // that every further Read returns
}

// content opens an entry; the data as stored is written to copyTo, unless that is nil, as it is read.
func (a *archive) content(e *entry, copyTo io.Writer) *content {
	f := &a.inflate
	f.src = packed{a: a, off: e.data, left: e.packed, room: f.src.room, copyTo: copyTo}
	f.content = content{e: e, src: &f.src, r: &f.src}
	if e.method == methodDeflate {
		if f.flate == nil {
			f.flate = flate.NewReader(&f.src)
		} else {
			_ = f.flate.(flate.Resetter).Reset(&f.src, nil) // it never fails
		}
		f.content.r = f.flate
	}
	return &f.content
}

// Read gives the next bytes, never more than the directory says there are.
func (c *content) Read(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.read(b)
	c.err = err
	return n, err
}

func (c *content) read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.n > c.e.size {
		return 0, broken(display(c.e.name), c.e.size, "it inflates to more than the directory says")
	}
	c.crc = crc32.Update(c.crc, crc32.IEEETable, b[:n])
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		return n, c.finish()
	case c.src.err != nil:
		return n, c.src.err
	}
	return n, broken(display(c.e.name), c.n, "the compressed data is damaged: %v", err)
}

func (c *content) finish() error {
	switch {
	case c.n != c.e.size:
		return broken(display(c.e.name), c.n, "it inflates to less than the directory says")
	case c.src.left != 0 || c.src.at != c.src.end:
		return broken(display(c.e.name), c.n, "more data follows the end of the compressed data")
	case c.crc != c.e.crc:
		return broken(display(c.e.name), 0, "the checksum (CRC-32) is wrong")
	}
	return io.EOF
}

// copyAll reads an entry to its end, into every writer. Writers are hashes and buffers, which do not fail.
func (a *archive) copyAll(e *entry, copyTo io.Writer, to ...io.Writer) error {
	if a.inflate.buf == nil {
		a.inflate.buf = make([]byte, a.inflate.size)
	}
	c, buf := a.content(e, copyTo), a.inflate.buf
	for {
		n, err := c.Read(buf)
		for _, w := range to {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// all returns an entry inflated, where it is small enough to be held in memory.
func (a *archive) all(e *entry) ([]byte, error) {
	if a.held += e.size; e.size > maxControl || a.held > maxHeld {
		return nil, tooMuch("ofd-part-too-large", "部件 "+display(e.name)+" 过大", "the part "+display(e.name)+" is too large", nil)
	}
	out := make([]byte, e.size)
	return out, a.into(e, out)
}

// into reads an entry inflated into out, which is as long.
func (a *archive) into(e *entry, out []byte) error {
	c := a.content(e, nil)
	for len(out) > 0 {
		n, err := c.Read(out)
		if out = out[n:]; err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	if _, err := c.Read(a.inflate.over[:]); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// hold returns an entry inflated and keeps it, so that what is read to be understood is not inflated again to be digested.
func (d *Document) hold(e *entry) ([]byte, error) {
	if raw, ok := d.kept[e]; ok {
		return raw, nil
	}
	raw, err := d.zip.all(e)
	if err == nil {
		d.kept[e] = raw
	}
	return raw, err
}

// digestID names a digest of a part.
type digestID struct {
	e   *entry
	alg string // as digestName gives it
}

// digest is one, or why there is none.
type digest struct {
	sum []byte
	err error
}

// hashed digests a part once for each algorithm. Parts that are still to be looked through are looked through on the way.
func (d *Document) hashed(e *entry, alg string, h document.Hasher) ([]byte, error) {
	id := digestID{e, digestName(alg)}
	if known, ok := d.digests[id]; ok {
		return known.sum, known.err
	}
	sum, err := h(alg)
	if err != nil {
		return nil, err
	}
	if raw, ok := d.kept[e]; ok {
		sum.Write(raw)
	} else if s := d.unseen(e); s != nil {
		err = d.look(s, sum)
	} else {
		err = d.zip.copyAll(e, nil, sum)
	}
	out := digest{err: err}
	if err == nil {
		out.sum = sum.Sum(nil)
	}
	d.digests[id] = out
	return out.sum, out.err
}
