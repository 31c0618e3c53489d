package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// bomb is a deflated run of n zeros.
func bomb(n int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	chunk := make([]byte, 1<<20)
	for n > 0 {
		k := min(n, len(chunk))
		z.Write(chunk[:k])
		n -= k
	}
	z.Close()
	return b.String()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// hostile are files made to cost much, with what the error must say; "" where they are readable.
func hostile() map[string]struct{ file, want string } {
	onePage := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
	catalog := "<</Type/Catalog/Pages 2 0 R>>"
	pages := "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	prevLoop := string(raw(catalog, pages, onePage))
	at := strings.Index(prevLoop, "xref\n")
	classic := func(body string) string { return "%PDF-1.7\n" + body }
	withTrailer := func(trailer string) string {
		return classic(fmt.Sprintf("xref\n0 1\n0000000000 65535 f \ntrailer\n%s\nstartxref\n9\n%%%%EOF\n", trailer))
	}
	table := func(rows string) string {
		return classic("xref\n" + rows + "\ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
	}
	xref := func(dict, data string) string {
		return classic("1 0 obj\n" + stream("/Type/XRef/Root 1 0 R"+dict, data) + "\nendobj\nstartxref\n9\n%%EOF\n")
	}
	return map[string]struct{ file, want string }{
		"empty":               {"", "no PDF"},
		"no tail":             {"%PDF-1.7\n" + strings.Repeat(" ", 4000), "startxref is missing"},
		"prev loop":           {strings.Replace(prevLoop, "/Root 1 0 R", fmt.Sprintf("/Root 1 0 R/Prev %d", at), 1), "does not end"},
		"prev behind":         {withTrailer("<</Size 1/Root 1 0 R/Prev 99999>>"), "Prev is no offset"},
		"prev is a name":      {withTrailer("<</Size 1/Root 1 0 R/Prev/X>>"), "Prev is no offset"},
		"no root":             {withTrailer("<</Size 1>>"), "no Root"},
		"no size":             {withTrailer("<</Root 1 0 R>>"), "no Size"},
		"root is missing":     {withTrailer("<</Size 1/Root 1 0 R>>"), "catalog is missing"},
		"huge size":           {withTrailer("<</Size 1000000000/Root 1 0 R>>"), "catalog is missing"},
		"huger size":          {withTrailer("<</Size 100000000000000000/Root 1 0 R>>"), "catalog is missing"},
		"huge count":          {table("0 1000000000"), "larger than the file"},
		"huge first":          {table("9000000000 1\n0000000000 65535 f "), "larger than the file"},
		"overlap":             {table("0 1\n0000000000 65535 f \n0 1\n0000000000 65535 f "), "two entries"},
		"stream size":         {xref("/W[1 2 1]/Size 1000000000", "xxxx"), "shorter than its Index"},
		"stream index":        {xref("/W[1 2 1]/Size 9/Index[0 2000000000]", "xxxx"), "shorter than its Index"},
		"stream index odd":    {xref("/W[1 2 1]/Size 9/Index[0]", "xxxx"), "Index"},
		"stream widths":       {xref("/W[1 9 1]/Size 1", "xxxx"), "widths"},
		"stream no widths":    {xref("/W[0 0 0]/Size 1000000", ""), "gives the offsets no bytes"},
		"stream bomb":         {xref("/W[1 2 1]/Size 9/Filter/FlateDecode", bomb(80<<20)), "too large"},
		"stream entries":      {xref("/W[1 2 1]/Size 9000000/Filter/FlateDecode", bomb(40<<20)), "too many objects"},
		"page tree loop":      {string(raw(catalog, "<</Type/Pages/Kids[2 0 R]/Count 1>>")), "twice in the page tree"},
		"page tree fan":       {string(raw(catalog, "<</Type/Pages/Kids[3 0 R 3 0 R]>>", "<</Kids[4 0 R 4 0 R]>>", onePage)), "twice in the page tree"},
		"too many pages":      {string(raw(catalog, "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 60000)+"]>>", onePage)), "too many pages"},
		"no pages":            {string(raw("<</Type/Catalog>>")), "no Pages"},
		"pages is a number":   {string(raw("<</Type/Catalog/Pages 2 0 R>>", "7")), "a dictionary was expected"},
		"reference loop":      {string(raw("<</Type/Catalog/Pages 2 0 R>>", "3 0 R", "2 0 R")), "without end"},
		"length of itself":    {string(raw(catalog, "<</Type/Pages/Kids[]/Count 3 0 R>>", "<</Length 3 0 R>>\nstream\nx\nendstream")), ""},
		"nested arrays":       {string(raw(catalog, "<</Type/Pages/Kids "+strings.Repeat("[", 100000)+">>")), "nested too deeply"},
		"nested dicts":        {string(raw(catalog, "<</Type/Pages/Kids "+strings.Repeat("<</A", 100000)+">>")), "nested too deeply"},
		"endless string":      {string(raw(catalog, "<</Type/Pages/Kids("+strings.Repeat("(", 100000))), "does not end"},
		"open fields":         {string(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>", "<</Type/Pages/Kids[]/Count 0>>", "<</T(A)/Kids[3 0 R]>>")), ""},
		"extends loop":        {string(extendsLoop()), ""},
		"object stream count": {string(bytes.Replace(packed([]object{{1, catalog}, {2, "<</Type/Pages/Kids[]/Count 0>>"}}, "/Root 1 0 R"), []byte("/N 2"), []byte("/N 9"), 1)), "an integer was expected"},
		"object stream bomb":  {string(packedBomb()), "too large"},
		"many updates":        {string(manyUpdates()), ""},
	}
}

// extendsLoop has an object stream that extends itself: nothing here follows Extends.
func extendsLoop() []byte {
	b := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Kids[]/Count 0>>"}}, "/Root 1 0 R")
	const extends = "/Extends 3 0 R"
	at := bytes.Index(b, []byte("4 0 obj"))
	b = bytes.Replace(b, fmt.Appendf(nil, "startxref\n%d", at), fmt.Appendf(nil, "startxref\n%d", at+len(extends)), 1)
	return bytes.Replace(b, []byte("/Type/ObjStm/N 2/First"), []byte(extends+"/Type/ObjStm/N 2/First"), 1)
}

func packedBomb() []byte {
	b := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Kids[]/Count 0>>"}}, "/Root 1 0 R")
	at := bytes.Index(b, []byte("4 0 obj"))
	data := bomb(80 << 20)
	body := fmt.Sprintf("3 0 obj\n<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(data), data)
	start := bytes.Index(b, []byte("3 0 obj"))
	tail := b[at:]
	old := fmt.Appendf(nil, "startxref\n%d\n", at)
	tail = bytes.Replace(tail, old, fmt.Appendf(nil, "startxref\n%d\n", start+len(body)), 1)
	return append(append(bytes.Clone(b[:start]), body...), tail...)
}

// manyUpdates has more sections than are looked through one by one.
func manyUpdates() []byte {
	b := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
	prev := bytes.Index(b, []byte("xref\n"))
	for i := range 500 {
		at := len(b)
		b = fmt.Appendf(b, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 %d]>>\nendobj\n", i+1)
		start := len(b)
		b = fmt.Appendf(b, "xref\n3 1\n%010d 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", at, prev, start)
		prev = start
	}
	return b
}

func ask(b []byte) error {
	d, err := openReader(b)
	if err != nil {
		return err
	}
	_, pagesErr := d.Pages()
	signed, err := d.Signatures()
	errs := []error{pagesErr, err}
	for _, s := range signed {
		s.Info()
		s.Value()
		s.Coverage()
		_, digestErr := s.Digest(func(string) (hash.Hash, error) { return sha256.New(), nil })
		_, changesErr := s.Changes()
		_, pictureErr := s.Picture()
		errs = append(errs, digestErr, changesErr, pictureErr)
	}
	return errors.Join(errs...)
}

func TestHostile(t *testing.T) {
	for name, c := range hostile() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := ask([]byte(c.file))
			runtime.ReadMemStats(&after)
			const most = 300 << 20 // of which a stream may take 64 MB each time it is asked for
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%d MB allocated", n>>20)
			}
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if fault.KindOf(err) == 0 {
				t.Errorf("%v has no kind", err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	b := signedBase(t)
	for name, lim := range map[string]document.Limits{
		"Bytes": {Bytes: 100}, "Objects": {Objects: 2}, "Stream": {Stream: 10}, "Signatures": {Signatures: 1}, "Pages": {Pages: 1},
	} {
		file := b
		if name == "Signatures" {
			file = sealed(t, b, sealRequest(t))
		}
		d, err := open(t.Context(), bytes.NewReader(file), int64(len(file)), document.Options{Limits: lim})
		if err == nil {
			_, err = d.Pages()
		}
		if err == nil {
			_, err = d.Signatures()
		}
		if name == "Stream" && err != nil { // the value is a string of more than 10 bytes
			continue
		}
		if fault.KindOf(err) != fault.Limit {
			t.Errorf("%s: got %v", name, err)
		}
	}
	deep := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[[[[1]]]]/Count 0>>")
	d, err := open(t.Context(), bytes.NewReader(deep), int64(len(deep)), document.Options{Limits: document.Limits{Depth: 3}})
	if err == nil {
		_, err = d.Pages()
	}
	var p *ParseError
	if !errors.As(err, &p) || p.Offset <= 0 {
		t.Errorf("Depth: got %v", err)
	}
}
