package pdf

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
)

const (
	defaultVersion = "1.7"
	longestID      = 256 // bytes of an identifier that is worth keeping
)

// outFile counts what is written of the new file.
type outFile struct {
	buf *bufio.Writer
	at  int64
}

func (w *outFile) Write(b []byte) (int, error) {
	n, err := w.buf.Write(b)
	w.at += int64(n)
	return n, err
}

// write writes the new file: header, objects in the order of the old file, one table, trailer.
func (p *rewrite) write(ctx context.Context, to io.Writer) error {
	w := &outFile{buf: bufio.NewWriterSize(to, copyBuffer)}
	version := p.s.header
	if version == "" {
		version = defaultVersion
	}
	// Four bytes beyond ASCII tell programs that pass files on that this is no text (ISO 32000-1, 7.5.2).
	if _, err := fmt.Fprintf(w, "%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n", version); err != nil {
		return err
	}
	content := sha256.New()
	offsets := make([]int64, len(p.nodes)+1)
	for _, n := range p.nodes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.at > maxTableOffset {
			return limitError("pdf-too-large", "文件过大", "the file is too large", nil)
		}
		offsets[p.numbers[n.ref]] = w.at
		if err := p.writeObject(ctx, w, n.ref, content); err != nil {
			return err
		}
	}
	if err := p.writeTail(w, offsets, content.Sum(nil)); err != nil {
		return err
	}
	return w.buf.Flush()
}

// writeObject writes an object; content hears of all but the data of streams.
func (p *rewrite) writeObject(ctx context.Context, w *outFile, ref Ref, content io.Writer) error {
	o, ok := p.edits[ref]
	if !ok {
		var err error
		if o, err = p.f.get(ref); err != nil {
			return err
		}
	}
	b := fmt.Appendf(nil, "%d 0 obj\n", p.numbers[ref])
	st, isStream := o.(*Stream)
	var data span
	if isStream {
		data, _ = p.s.span(st.Offset)
		d := p.moved(st.Dict).(Dict)
		d["Length"] = data.length
		b = append(appendObject(b, d), "\nstream\n"...)
	} else {
		b = appendObject(b, p.moved(o))
	}
	_, _ = content.Write(b) // a hash never fails
	if _, err := w.Write(b); err != nil {
		return err
	}
	if isStream {
		copied := func(b []byte) error { _, err := w.Write(b); return err }
		if err := p.f.eachChunk(ctx, data.offset, data.offset+data.length, copied); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\nendstream"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\nendobj\n")
	return err
}

// moved is an object with the numbers of the new file. References to what will not be there are null.
func (p *rewrite) moved(o Object) Object {
	switch v := o.(type) {
	case Ref:
		if n := p.numbers[v]; n != 0 {
			return Ref{Num: n}
		}
		return nil
	case Array:
		out := make(Array, len(v))
		for i := range v {
			out[i] = p.moved(v[i])
		}
		return out
	case Dict:
		out := make(Dict, len(v))
		for k, o := range v {
			if o = p.moved(o); o != nil {
				out[k] = o
			}
		}
		return out
	}
	return o
}

// writeTail writes the table, one section without gaps, and the trailer. content stands for what the file holds but the data of its streams.
func (p *rewrite) writeTail(w *outFile, offsets []int64, content []byte) error {
	start := w.at
	if _, err := fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)); err != nil {
		return err
	}
	for _, at := range offsets[1:] {
		if _, err := fmt.Fprintf(w, "%010d 00000 n \n", at); err != nil {
			return err
		}
	}
	id, err := p.identify(content, start)
	if err != nil {
		return err
	}
	trailer := Dict{"Size": int64(len(offsets)), "Root": p.root, "ID": Array{id[0], id[1]}}
	if p.info != nil {
		trailer["Info"] = p.info
	}
	b := appendObject([]byte("trailer\n"), p.moved(trailer))
	b = append(b, "\nstartxref\n"...)
	b = strconv.AppendInt(b, start, 10)
	_, err = w.Write(append(b, "\n%%EOF\n"...))
	return err
}

// identify gives the new file's identifier (ISO 32000-1, 14.4): the first half stays what it was, the second comes from it and from what was written.
func (p *rewrite) identify(content []byte, length int64) ([2]String, error) {
	var id [2]String
	old, err := p.f.array(p.f.trailer["ID"])
	if isFatal(err) {
		return id, err
	}
	if len(old) == 2 {
		if s, err := p.f.resolve(old[0]); err == nil {
			id[0], _ = s.(String)
		}
	}
	content = binary.BigEndian.AppendUint64(content, uint64(length))
	if len(id[0]) == 0 || len(id[0]) > longestID {
		sum := sha256.Sum256(content)
		id[0] = String(sum[:16])
	}
	sum := sha256.Sum256(append(content, id[0]...))
	id[1] = String(sum[:16])
	return id, nil
}
