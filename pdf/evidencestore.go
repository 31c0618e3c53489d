package pdf

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The kinds of evidence, and what the lists of them are called in the store and in a record (ISO 32000-2, tables 261 and 262).
const (
	certificates = iota
	crls
	ocsps
	evidenceKinds
)

var (
	storeLists  = [evidenceKinds]Name{"Certs", "CRLs", "OCSPs"}
	recordLists = [evidenceKinds]Name{"Cert", "CRL", "OCSP"}
)

const (
	maxEvidence      = 20_000    // entries of one store, its records counted
	maxEvidenceLooks = 500_000   // entries looked at, over all revisions of a document
	maxEvidenceKept  = 256 << 20 // bytes of DER held for a document
	maxEvidenceNotes = 100
)

// store is a document security store as one revision has it.
type store struct {
	dict    Dict // nil where there is none
	vri     Dict
	lists   [evidenceKinds]evidenceList
	records map[Name]*record
	notes   []string
	// broken is what is of another shape than the standard has it: the store cannot grow without breaking earlier signatures.
	broken string
	count  int
	full   bool // there was more than is read
}

// record is what is kept for one signature.
type record struct {
	dict  Dict
	lists [evidenceKinds]evidenceList
	time  time.Time
	token []byte
}

// evidenceList is the part of a list that could be read.
type evidenceList []evidenceItem

// evidenceItem is a stream that holds one DER value.
type evidenceItem struct {
	ref Ref
	der []byte
	sum [sha256.Size]byte
}

// unique gives the values, each once.
func (l evidenceList) unique() [][]byte {
	var out [][]byte
	seen := make(map[[sha256.Size]byte]bool, len(l))
	for i := range l {
		if !seen[l[i].sum] {
			seen[l[i].sum] = true
			out = append(out, l[i].der)
		}
	}
	return out
}

// stores is what was read of the stores of a document's revisions, which share most of their streams.
type stores struct {
	streams map[int64]evidenceStream // by offset of the data
	names   map[Name][]string        // see recordNames
	looks   int
	spent   int64 // of the work for the file
	kept    int64
}

// evidenceStream is a stream that was read, or the reason why it could not be.
type evidenceStream struct {
	item evidenceItem
	why  string
}

func (st *store) note(format string, args ...any) {
	if len(st.notes) < maxEvidenceNotes {
		st.notes = append(st.notes, fmt.Sprintf(format, args...))
	}
}

// misshapen notes what of the store's structure is malformed.
func (st *store) misshapen(what, why string) {
	st.note("%s: %s", what, why)
	if st.broken == "" {
		st.broken = what + ": " + why
	}
}

// storeReader reads a store.
type storeReader struct {
	*store
	d *Document
	v snapshot
}

// readStore reads the store of a revision. What is malformed is noted; an error means that the file cannot be read.
func (d *Document) readStore(v snapshot) (*store, error) {
	r := storeReader{store: &store{records: map[Name]*record{}}, d: d, v: v}
	catalog, err := v.catalog()
	if err != nil {
		why, err := unreadable(err)
		r.misshapen("the catalog", why)
		return r.store, err
	}
	if !r.more("DSS") {
		return r.store, nil
	}
	if r.dict, err = r.dictionary(catalog["DSS"], "DSS"); err != nil || r.dict == nil {
		return r.store, err
	}
	if r.lists, err = r.readLists(r.dict, storeLists, "DSS"); err != nil {
		return r.store, err
	}
	if r.vri, err = r.dictionary(r.dict["VRI"], "VRI"); err != nil {
		return r.store, err
	}
	if len(r.vri) > maxEvidence {
		r.misshapen("VRI", "too many records")
		return r.store, nil
	}
	for _, k := range slices.Sorted(maps.Keys(r.vri)) {
		if k == "Type" {
			continue
		}
		if !r.more("VRI") {
			break
		}
		rec, err := r.readRecord(k)
		if err != nil {
			return r.store, err
		}
		if rec != nil {
			r.records[k] = rec
		}
	}
	return r.store, nil
}

// dictionary reads a dictionary of the store; nil where it is absent or malformed.
func (r *storeReader) dictionary(o Object, what string) (Dict, error) {
	d, err := typed[Dict](r.v, o, "a dictionary")
	if err != nil {
		why, err := unreadable(err)
		r.misshapen(what, why)
		return nil, err
	}
	return d, nil
}

func (r *storeReader) readRecord(k Name) (*record, error) {
	what := "VRI entry " + string(k)
	d, err := r.dictionary(r.vri[k], what)
	if err != nil || d == nil {
		return nil, err
	}
	rec := &record{dict: d}
	if rec.lists, err = r.readLists(d, recordLists, what); err != nil {
		return nil, err
	}
	if d["TU"] != nil {
		if rec.time = parseDate(r.v.text(d["TU"])); rec.time.IsZero() {
			r.note("%s: TU is no date", what)
		}
	}
	if ref, ok := d["TS"].(Ref); ok {
		token, err := r.item(ref, what+", TS")
		if err != nil {
			return nil, err
		}
		rec.token = token.der
	}
	return rec, nil
}

// readLists reads the lists of a store or a record.
func (r *storeReader) readLists(d Dict, names [evidenceKinds]Name, what string) (out [evidenceKinds]evidenceList, err error) {
	for kind, name := range names {
		what := what + ", " + string(name)
		list, err := r.v.array(d[name])
		if err != nil {
			why, err := unreadable(err)
			if err != nil {
				return out, err
			}
			r.misshapen(what, why)
			continue
		}
		for _, o := range list {
			if !r.more(what) {
				break
			}
			ref, ok := o.(Ref)
			if !ok {
				r.misshapen(what, typeName(o)+" is no reference to a stream")
				continue
			}
			it, err := r.item(ref, what)
			if err != nil {
				return out, err
			}
			if it.der != nil {
				out[kind] = append(out[kind], it)
			}
		}
	}
	return out, nil
}

// more counts what is looked at, and says once that it is too much.
func (r *storeReader) more(what string) bool {
	all := &r.d.stores
	r.count++
	all.looks++
	if r.count <= maxEvidence && all.looks <= maxEvidenceLooks {
		return true
	}
	if !r.full {
		r.note("%s: too much evidence, what follows is not read", what)
	}
	r.full = true
	return false
}

// item reads one stream; what is unreadable has no bytes.
func (r *storeReader) item(ref Ref, what string) (evidenceItem, error) {
	all := &r.d.stores
	st, err := r.v.stream(ref)
	if err == nil && st == nil {
		err = &ParseError{-1, "it does not exist"}
	}
	if err != nil {
		why, err := unreadable(err)
		r.note("%s: object %d: %s", what, ref.Num, why)
		return evidenceItem{}, err
	}
	read, ok := all.streams[st.Offset]
	if !ok {
		if read, err = r.d.readEvidence(st); err != nil {
			return evidenceItem{}, err
		}
		if all.streams == nil {
			all.streams = map[int64]evidenceStream{}
		}
		all.streams[st.Offset] = read
	}
	if read.why != "" {
		r.note("%s: object %d: %s", what, ref.Num, read.why)
	}
	read.item.ref = ref
	return read.item, nil
}

// readEvidence decodes a stream that is to hold one DER value. Evidence may take half of the work and no more, so that reading it leaves enough for
// everything else.
func (d *Document) readEvidence(s *Stream) (evidenceStream, error) {
	f, all := d.f, &d.stores
	room := min(maxEvidenceKept-all.kept, (workAtLeast+workPerByte*f.size)/2-all.spent)
	if room <= 0 || s.Length > room {
		return evidenceStream{why: "too much evidence, it is not read"}, nil
	}
	before, limit := f.work, f.lim.Stream
	f.lim.Stream = min(limit, room)
	b, err := f.decode(s)
	f.lim.Stream = limit
	all.spent += f.work - before
	if err != nil {
		why, err := unreadable(err)
		return evidenceStream{why: why}, err
	}
	n, ok := lengthTLV(b)
	if !ok || b[0] != 0x30 {
		return evidenceStream{why: "no DER value"}, nil
	}
	for _, c := range b[n:] { // some writers count the end of line before endstream
		if class[c]&space == 0 {
			return evidenceStream{why: "more than one DER value"}, nil
		}
	}
	b = b[:n:n]
	all.kept += int64(n)
	return evidenceStream{item: evidenceItem{der: b, sum: sha256.Sum256(b)}}, nil
}
