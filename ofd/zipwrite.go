package ofd

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"time"
)

const (
	// storeBelow is the size in bytes of parts that are not compressed: making a compressor ready costs more than sealing a small file.
	storeBelow = 16 << 10

	versionNeeded = 20 // folders and deflate (APPNOTE.TXT, 4.4.3)
)

// zipWriter writes an archive front to back: every size is known before its data, so nothing is patched and no descriptors are needed.
type zipWriter struct {
	w       io.Writer
	n       int64 // bytes written
	central []byte
	count   int
}

// Write passes bytes on and counts them.
func (z *zipWriter) Write(p []byte) (int, error) {
	n, err := z.w.Write(p)
	z.n += int64(n)
	if err != nil {
		return n, fmt.Errorf("ofd: write the package: %w", err)
	}
	return n, nil
}

// begin writes the local header of an entry, whose data is to follow, and its record for the directory.
func (z *zipWriter) begin(e *entry) error {
	if z.n+e.packed > math.MaxUint32-maxDirectory || z.count >= math.MaxUint16-1 {
		return tooMuch("ofd-too-large", "输出超过 ZIP 的上限（4 GB、65534 个部件）", "the output would not fit a plain ZIP archive (4 GB, 65534 parts)", nil)
	}
	le := binary.LittleEndian
	flags := e.flags &^ flagDescriptor
	var extra []byte
	if e.unicode != nil {
		extra = le.AppendUint16(le.AppendUint16(nil, extraUnicodePath), uint16(len(e.unicode)))
		extra = append(extra, e.unicode...)
	}
	common := le.AppendUint16(nil, versionNeeded)
	for _, v := range []uint16{flags, e.method, e.time, e.date} {
		common = le.AppendUint16(common, v)
	}
	for _, v := range []uint32{e.crc, uint32(e.packed), uint32(e.size)} {
		common = le.AppendUint32(common, v)
	}
	common = le.AppendUint16(le.AppendUint16(common, uint16(len(e.name))), uint16(len(extra)))

	c := append(z.central, sigCentral...)
	c = append(le.AppendUint16(c, e.creator), common...)
	c = append(c, 0, 0, 0, 0, 0, 0) // no comment, volume 0, binary
	c = le.AppendUint32(le.AppendUint32(c, e.attributes), uint32(z.n))
	z.central = append(append(c, e.name...), extra...)
	z.count++

	head := append([]byte(sigLocal), common...)
	_, err := z.Write(append(append(head, e.name...), extra...))
	return err
}

// add writes an entry of data held in memory. Seals and values hold pictures, which are compressed already; only texts are.
func (z *zipWriter) add(name string, data []byte, at time.Time) error {
	e := &entry{name: name, method: methodStore, crc: crc32.ChecksumIEEE(data), size: int64(len(data)), creator: versionNeeded}
	if !ascii(name) {
		e.flags = flagUTF8
	}
	e.date, e.time = dosTime(at)
	stored := data
	if len(data) >= storeBelow && strings.HasSuffix(name, ".xml") {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.DefaultCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if b.Len() < len(data) {
			e.method, stored = methodDeflate, b.Bytes()
		}
	}
	e.packed = int64(len(stored))
	if err := z.begin(e); err != nil {
		return err
	}
	_, err := z.Write(stored)
	return err
}

// end writes the central directory and the end record.
func (z *zipWriter) end() error {
	le := binary.LittleEndian
	at, size := z.n, len(z.central)
	end := append(z.central, sigEnd...)
	end = append(end, 0, 0, 0, 0)
	end = le.AppendUint16(le.AppendUint16(end, uint16(z.count)), uint16(z.count))
	end = le.AppendUint32(le.AppendUint32(end, uint32(size)), uint32(at))
	_, err := z.Write(append(end, 0, 0))
	return err
}

// dosTime is a time as ZIP has it, from 1980 on and in steps of two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 || t.Year() > 2107 {
		return 1<<5 | 1, 0
	}
	return uint16(t.Year()-1980)<<9 | uint16(t.Month())<<5 | uint16(t.Day()), uint16(t.Hour())<<11 | uint16(t.Minute())<<5 | uint16(t.Second()/2)
}
