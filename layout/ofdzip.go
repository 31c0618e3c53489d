package layout

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"time"
)

// zipped writes the package. Sizes and checksums stand before the data, so no reader has to guess where an entry ends, and every entry has the time told,
// so that equal contents give equal bytes.
func zipped(entries []entry, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	date, clock := dosTime(at)
	for _, e := range entries {
		packed, method := e.data, zip.Store
		if !e.stored {
			small, err := deflated(e.data)
			if err != nil {
				return nil, err
			}
			if len(small) < len(e.data) {
				packed, method = small, zip.Deflate
			}
		}
		to, err := w.CreateRaw(&zip.FileHeader{
			Name: e.name, Method: method, CreatorVersion: 20, ReaderVersion: 20, CRC32: crc32.ChecksumIEEE(e.data),
			CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(e.data)),
			ModifiedDate: date, ModifiedTime: clock, // CreateRaw does not write Modified
		})
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(packed); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func deflated(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// dosTime is a time as ZIP has it: local, from 1980, in steps of two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	if t.Year() < 1980 {
		return 1<<5 | 1, 0
	}
	if t.Year() > 2107 {
		return 127<<9 | 12<<5 | 31, 0
	}
	return uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()), uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}
