package layout

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfFile numbers objects and writes them as a file.
type pdfFile struct {
	objects []types.Object // object n is objects[n-1]
}

func (f *pdfFile) add(o types.Object) types.IndirectRef {
	f.objects = append(f.objects, o)
	return *types.NewIndirectRef(len(f.objects), 0)
}

// reserve takes a number for an object that set gives later.
func (f *pdfFile) reserve() types.IndirectRef { return f.add(nil) }

func (f *pdfFile) set(ref types.IndirectRef, o types.Object) { f.objects[ref.ObjectNumber-1] = o }

// bytes writes the file: header, objects in order of number, one cross-reference table and the trailer (ISO 32000-1, 7.5).
func (f *pdfFile) bytes(root, info types.IndirectRef) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(f.objects))
	for i, o := range f.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n", i+1)
		switch v := o.(type) {
		case types.StreamDict:
			v.Dict["Length"] = types.Integer(len(v.Raw))
			b.WriteString(v.Dict.PDFString())
			b.WriteString("\nstream\n")
			b.Write(v.Raw)
			b.WriteString("\nendstream")
		case types.Dict:
			b.WriteString(v.PDFString())
		default:
			return nil, fmt.Errorf("object %d is a %T", i+1, o)
		}
		b.WriteString("\nendobj\n")
	}
	xref := b.Len()
	if int64(xref) > 9_999_999_999 {
		return nil, fmt.Errorf("%d bytes do not fit a cross-reference table", xref)
	}
	digest := sha256.Sum256(b.Bytes())
	id := types.NewHexLiteral(digest[:16])
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	trailer := types.Dict{"Size": types.Integer(len(f.objects) + 1), "Root": root, "Info": info, "ID": types.Array{id, id}}
	fmt.Fprintf(&b, "trailer\n%s\nstartxref\n%d\n%%%%EOF\n", trailer.PDFString(), xref)
	return b.Bytes(), nil
}

// compressed is a stream with FlateDecode.
func compressed(d types.Dict, data []byte) (types.StreamDict, error) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b) // searching longer takes seconds for the flat pixels of a picture, and saves hardly a byte
	if _, err := z.Write(data); err != nil {
		return types.StreamDict{}, err
	}
	if err := z.Close(); err != nil {
		return types.StreamDict{}, err
	}
	d["Filter"] = types.Name("FlateDecode")
	return types.StreamDict{Dict: d, Raw: b.Bytes()}, nil
}

// number is a length in points to a thousandth.
func number(v float64) types.Object {
	v = math.Round(v*1000) / 1000
	if v == math.Trunc(v) {
		return types.Integer(v)
	}
	return types.Float(v)
}

// decimal writes a number for a content stream, to a thousandth and without an exponent.
func decimal(b []byte, v float64) []byte {
	v = math.Round(v*1000) / 1000
	if v == 0 {
		v = 0 // no negative zero
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}
