package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

const maxFilters = 8 // in one stream

// errRawFilter is returned for streams that only an image decoder can read.
var errRawFilter = errors.New("pdf: the stream needs an image decoder")

// raw returns the bytes of a stream as its filters take them: decrypted, where the file is encrypted.
func (f *file) raw(s *Stream) ([]byte, error) {
	b, err := f.stored(s)
	if err != nil || f.security == nil {
		return b, err
	}
	return f.decryptStream(s, b)
}

// stored returns the bytes of a stream as the file has them.
func (f *file) stored(s *Stream) ([]byte, error) {
	if s.Length < 0 {
		return nil, &ParseError{s.Offset, "a stream has no usable Length"}
	}
	if s.Length > f.lim.Stream {
		return nil, f.streamTooLarge()
	}
	if err := f.spend(s.Length); err != nil {
		return nil, err
	}
	b := make([]byte, s.Length)
	if n, err := f.r.ReadAt(b, s.Offset); n < len(b) {
		return nil, fmt.Errorf("read %d bytes at offset %d: %w", len(b), s.Offset, err)
	}
	f.lex.seek(s.Offset+s.Length, s.bound)
	if !f.lex.keyword("endstream") {
		return nil, &ParseError{s.Offset + s.Length, "a stream does not end where its Length says"}
	}
	return b, nil
}

func (f *file) streamTooLarge() error {
	return limitError("pdf-stream-too-large", "数据流过大", "a stream is too large", fmt.Errorf("at most %d bytes decoded", f.lim.Stream))
}

// decode returns the data of a stream with all its filters undone.
func (f *file) decode(s *Stream) ([]byte, error) {
	b, last, err := f.decodeUntil(s)
	if err == nil && last != "" {
		return nil, fmt.Errorf("%w: %s", errRawFilter, last)
	}
	return b, err
}

// decodeUntil undoes the filters of a stream up to one that is an image format; its name is returned.
func (f *file) decodeUntil(s *Stream) ([]byte, Name, error) {
	names, params, err := f.filters(s)
	if err != nil {
		return nil, "", err
	}
	b, err := f.raw(s)
	if err != nil {
		return nil, "", err
	}
	for i, name := range names {
		if imageFilter(name) {
			return b, name, nil
		}
		if name == "Crypt" {
			if err := f.checkCrypt(s, i, params[i]); err != nil {
				return nil, "", err
			}
			continue
		}
		if b, err = f.undo(name, params[i], b); err != nil {
			if spent := f.spend(f.inflate.total); spent != nil {
				return nil, "", spent
			}
			var p *ParseError
			if errors.As(err, &p) && p.Offset < 0 {
				p.Offset = s.Offset
			}
			return nil, "", fmt.Errorf("decode the stream with %s: %w", name, err)
		}
		if err := f.spend(int64(len(b))); err != nil {
			return nil, "", err
		}
	}
	return b, "", nil
}

func imageFilter(n Name) bool {
	switch n {
	case "DCTDecode", "JPXDecode", "CCITTFaxDecode", "JBIG2Decode":
		return true
	}
	return false
}

// filters lists the filters of a stream with their parameters.
func (f *file) filters(s *Stream) ([]Name, []Dict, error) {
	if s.Dict["F"] != nil {
		return nil, nil, &ParseError{s.Offset, "the data of a stream is in another file"}
	}
	o, err := f.resolve(s.Dict["Filter"])
	if err != nil || o == nil {
		return nil, nil, err
	}
	p, err := f.resolve(s.Dict["DecodeParms"])
	if err != nil {
		return nil, nil, err
	}
	list, isArray := o.(Array)
	parms, _ := p.(Array)
	if !isArray {
		list, parms = Array{o}, Array{p}
	}
	if len(list) > maxFilters {
		return nil, nil, &ParseError{s.Offset, "a stream has too many filters"}
	}
	names, dicts := make([]Name, len(list)), make([]Dict, len(list))
	for i := range list {
		if names[i], err = f.name(list[i]); err != nil {
			return nil, nil, err
		}
		if i < len(parms) {
			if dicts[i], err = f.dict(parms[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	return names, dicts, nil
}

// undo undoes one filter and its predictor.
func (f *file) undo(name Name, params Dict, b []byte) ([]byte, error) {
	b, err := f.unfilter(name, params, b)
	switch {
	case errors.Is(err, errTooLong):
		return nil, f.streamTooLarge()
	case err == nil && (name == "FlateDecode" || name == "LZWDecode"):
		return f.unpredict(params, b)
	}
	return b, err
}

func (f *file) unfilter(name Name, params Dict, b []byte) ([]byte, error) {
	switch name {
	case "FlateDecode":
		return f.inflate.decode(b, f.lim.Stream, f.tolerate)
	case "LZWDecode":
		early, ok := params["EarlyChange"].(int64)
		return decodeLZW(b, !ok || early != 0, f.lim.Stream)
	case "ASCIIHexDecode":
		return decodeASCIIHex(b)
	case "ASCII85Decode":
		return decodeASCII85(b, f.lim.Stream)
	case "RunLengthDecode":
		return decodeRunLength(b, f.lim.Stream)
	}
	return nil, &ParseError{-1, "unknown filter"}
}

// errTooLong is returned by decoders that would exceed their limit.
var errTooLong = errors.New("too much data")

// inflater keeps one zlib reader: its tables are larger than most streams.
type inflater struct {
	src   bytes.Reader
	z     io.ReadCloser
	total int64 // bytes that the last decoding made, whether it went well or not
}

// Write counts.
func (d *inflater) Write(b []byte) (int, error) {
	d.total += int64(len(b))
	return len(b), nil
}

func (d *inflater) decode(b []byte, limit int64, note func(int64, string)) ([]byte, error) {
	d.src.Reset(b)
	d.total = 0
	var err error
	if d.z == nil {
		d.z, err = zlib.NewReader(&d.src)
	} else {
		err = d.z.(zlib.Resetter).Reset(&d.src, nil)
	}
	if err != nil {
		d.z = nil
		return nil, &ParseError{-1, "no zlib data: " + err.Error()}
	}
	out, err := readBounded(io.TeeReader(d.z, d), int64(4*len(b)+64), limit)
	if errors.Is(err, zlib.ErrChecksum) {
		note(-1, "the checksum of deflated data is wrong")
		err = nil
	}
	if err != nil && !errors.Is(err, errTooLong) {
		return nil, &ParseError{-1, "damaged deflated data: " + err.Error()}
	}
	return out, err
}

// readBounded reads r to its end, or errTooLong. It takes memory in pieces, so that what exceeds the limit costs no more than the limit.
func readBounded(r io.Reader, guess, limit int64) ([]byte, error) {
	const largest = 4 << 20
	var pieces [][]byte
	total := int64(0)
	for size := guess; ; size *= 2 {
		piece := make([]byte, max(min(size, largest, limit+1-total), 1))
		n, err := io.ReadFull(r, piece)
		pieces = append(pieces, piece[:n])
		if total += int64(n); total > limit {
			return nil, errTooLong
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.ErrUnexpectedEOF) && n < len(piece) || errors.Is(err, io.EOF):
			// ReadFull says so of an early end; a truncated stream says ErrUnexpectedEOF itself, which the next read repeats.
			if _, again := r.Read(make([]byte, 1)); again != io.EOF {
				return nil, again
			}
			err = nil
		}
		if len(pieces) == 1 {
			return pieces[0], err
		}
		return bytes.Join(pieces, nil), err
	}
}
