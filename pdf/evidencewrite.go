package pdf

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"yinxin/document"
	"yinxin/fault"
)

// maxAdded bounds what one revision may add: well below what readStore reads again.
const maxAdded = 64 << 20

// AddEvidence lays out a revision in which the document security store has grown by what e has and the store does not (ISO 32000-2, 12.8.4.3). What was
// there stays as it is. Each signature that e has a record of gets one, under the name that the standard gives it. The refusals are Invalid for what is
// no evidence and Denied for what the document does not allow; DocMDP and FieldMDP never forbid evidence (ISO 32000-2, 12.8.2.2).
func (d *Document) AddEvidence(e document.Evidence) (document.Addition, error) {
	a, err := d.addEvidence(e)
	if err != nil {
		return nil, malformed(err)
	}
	return a, nil
}

func (d *Document) addEvidence(e document.Evidence) (*addition, error) {
	lists, size, err := toAdd(e)
	if err != nil {
		return nil, err
	}
	f := d.f
	if err := f.permitFile(); err != nil {
		return nil, err
	}
	if err := f.permitAccess(true); err != nil {
		return nil, err
	}
	g := growth{preparation: preparation{f: f, changed: map[Ref]bool{}}, d: d}
	if g.catalog, err = f.newest().catalog(); err != nil {
		return nil, err
	}
	if g.store, err = d.readStore(f.newest()); err != nil {
		return nil, err
	}
	if g.store.broken != "" {
		return nil, denied("pdf-evidence-malformed", "PDF 中已有的长期核验资料（DSS）结构有误，再添加会使已有签名失效",
			"the evidence that is in the PDF (its DSS) is malformed, and adding to it would break earlier signatures", errors.New(g.store.broken))
	}
	count := 0
	for _, values := range lists {
		count += 2 * len(values) // one may stand in a list and in a record
	}
	if g.store.full || g.store.count+count > maxEvidence {
		return nil, errTooMuchEvidence(g.store.count+count, maxEvidence)
	}
	if err := g.start(4<<10 + size); err != nil {
		return nil, err
	}
	if err := g.grow(lists, e.BySignature); err != nil {
		return nil, err
	}
	if err := f.permitFile(); err != nil { // what was read by now may have shown damage
		return nil, err
	}
	if err := g.end([2]int{len(g.w.buf), len(g.w.buf)}); err != nil {
		return nil, err
	}
	return &addition{base: f.r, size: f.size, increment: g.w.buf}, nil
}

// toAdd gathers what e has, by kind, its records included, and counts the bytes.
func toAdd(e document.Evidence) (lists [evidenceKinds][][]byte, size int, err error) {
	lists = [evidenceKinds][][]byte{slices.Clip(e.Certificates), slices.Clip(e.CRLs), slices.Clip(e.OCSPs)}
	tokens := 0
	for _, value := range slices.Sorted(maps.Keys(e.BySignature)) {
		r := e.BySignature[value]
		for kind, list := range recorded(r) {
			lists[kind] = append(lists[kind], list...)
		}
		if r.Token != nil {
			tokens += len(r.Token)
			if !isDER(r.Token) {
				return lists, 0, errNoEvidence("a time stamp token")
			}
		}
	}
	size = tokens
	for kind, list := range lists {
		for i, der := range list {
			size += len(der)
			if !isDER(der) {
				return lists, 0, errNoEvidence(fmt.Sprintf("entry %d of %s", i+1, storeLists[kind]))
			}
		}
	}
	if size > maxAdded {
		return lists, 0, errTooMuchEvidence(size, maxAdded)
	}
	return lists, size, nil
}

func errTooMuchEvidence(has, most int) error {
	return fault.New(fault.Limit, "pdf-evidence-too-large", "长期核验资料过多，超出处理上限", "there is more evidence than would be read again",
		fmt.Errorf("%d, at most %d", has, most))
}

func recorded(r document.Record) [evidenceKinds][][]byte {
	return [evidenceKinds][][]byte{r.Certificates, r.CRLs, r.OCSPs}
}

// isDER reports whether b is one SEQUENCE, as certificates, revocation lists, OCSP responses and tokens are.
func isDER(b []byte) bool {
	n, ok := lengthTLV(b)
	return ok && n == len(b) && b[0] == 0x30
}

func errNoEvidence(what string) error {
	return fault.New(fault.Invalid, "pdf-evidence", "要添加的长期核验资料不是 DER 编码的证书、吊销列表或 OCSP 响应",
		"the evidence to be added is not a certificate, revocation list or OCSP response in DER", errors.New(what))
}

// addition is a revision laid out. It implements document.Addition.
type addition struct {
	base      io.ReaderAt
	size      int64 // of the base
	increment []byte
}

// Copy writes the base and the increment.
func (a *addition) Copy(w io.Writer) error {
	if err := copyHashing(w, nil, a.base, 0, a.size, make([]byte, min(a.size, copyBuffer))); err != nil {
		return err
	}
	return a.Append(w)
}

// Append writes the increment.
func (a *addition) Append(w io.Writer) error {
	if _, err := w.Write(a.increment); err != nil {
		return fmt.Errorf("pdf: write the increment: %w", err)
	}
	return nil
}

// Size is that of the base and the increment.
func (a *addition) Size() int64 { return a.size + int64(len(a.increment)) }
