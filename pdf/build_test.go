package pdf

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
)

func openReader(b []byte) (*Document, error) {
	return open(context.Background(), bytes.NewReader(b), int64(len(b)), document.Options{})
}

// object is the source of an indirect object; with an empty body it is freed.
type object struct {
	num  int
	body string
}

// revised appends a revision with a classic table to base. trailer is more of its entries.
func revised(t testing.TB, base []byte, trailer string, objects ...object) []byte {
	t.Helper()
	d := openBytes(t, base)
	size := d.f.maxObject() + 1
	var b bytes.Buffer
	b.Write(base)
	if base[len(base)-1] != '\n' {
		b.WriteByte('\n')
	}
	var rows strings.Builder
	for _, o := range objects {
		size = max(size, o.num+1)
		if o.body == "" {
			fmt.Fprintf(&rows, "%d 1\n%010d %05d f \n", o.num, 0, 1)
			continue
		}
		fmt.Fprintf(&rows, "%d 1\n%010d %05d n \n", o.num, b.Len(), 0)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", o.num, o.body)
	}
	start := b.Len()
	if len(objects) == 0 {
		rows.WriteString("0 0\n")
	}
	if !strings.Contains(trailer, "/Root") {
		trailer += "/Root " + d.f.root.String()
	}
	if info, ok := d.f.trailer["Info"].(Ref); ok && !strings.Contains(trailer, "/Info") {
		trailer += "/Info " + info.String()
	}
	if id, ok := d.f.trailer["ID"]; ok && !strings.Contains(trailer, "/ID") {
		trailer += "/ID" + source(id)
	}
	fmt.Fprintf(&b, "xref\n%strailer\n<</Size %d/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n", rows.String(), size, d.f.sections[0].offset, trailer, start)
	return b.Bytes()
}

// source is the syntax of an object.
func source(o Object) string { return string(appendObject(nil, o)) }

// packed is a whole file whose objects are in an object stream and whose section is a cross-reference stream. Objects whose body is a stream stay
// outside. The last numbers are those of the two streams.
func packed(objects []object, trailer string) []byte {
	var b, head, body bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	last := 0
	for _, o := range objects {
		last = max(last, o.num)
	}
	rows := make([][3]int, last+3)
	rows[0] = [3]int{0, 0, 65535}
	count := 0
	for _, o := range objects {
		if strings.Contains(o.body, "stream") {
			rows[o.num] = [3]int{1, b.Len(), 0}
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", o.num, o.body)
			continue
		}
		rows[o.num] = [3]int{2, last + 1, count}
		count++
		fmt.Fprintf(&head, "%d %d ", o.num, body.Len())
		body.WriteString(o.body + "\n")
	}
	data, _ := deflate(append(bytes.Clone(head.Bytes()), body.Bytes()...))
	rows[last+1] = [3]int{1, b.Len(), 0}
	fmt.Fprintf(&b, "%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", last+1, count, head.Len(), len(data), data)
	start := b.Len()
	rows[last+2] = [3]int{1, start, 0}
	var table []byte
	for _, r := range rows {
		table = append(table, byte(r[0]), byte(r[1]>>16), byte(r[1]>>8), byte(r[1]), byte(r[2]>>8), byte(r[2]))
	}
	data, _ = deflate(table)
	fmt.Fprintf(&b, "%d 0 obj\n<</Type/XRef/W[1 3 2]/Size %d/Filter/FlateDecode/Length %d%s>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		last+2, last+3, len(data), trailer, data, start)
	return b.Bytes()
}

// raw is a file of given objects, numbered from 1, with a classic table; the first is the catalog.
func raw(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var rows strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&rows, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, rows.String(), len(objects)+1, start)
	return b.Bytes()
}
