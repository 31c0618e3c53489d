package pdf

import (
	"crypto/sha1" //nolint:gosec // the standard names records by it; nothing is proven by such a name
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

var _ document.Evidencer = (*Document)(nil)

// Evidence is what the document security store of the newest revision holds (ISO 32000-2, 12.8.4.3). It implements document.Evidencer.
func (d *Document) Evidence() (document.Evidence, error) {
	return d.evidenceIn(d.f.newest())
}

// EvidenceUnder is what the store held in the revision that s protects the whole of.
func (d *Document) EvidenceUnder(s document.Signature) (document.Evidence, error) {
	own, ok := s.(*signature)
	if !ok || own.d != d {
		return document.Evidence{}, errors.New("pdf: the signature is of another document")
	}
	switch c, why := own.Coverage(); c {
	case document.CoversFile:
		return d.evidenceIn(d.f.newest())
	case document.CoversRevision:
		k, _ := d.f.revisionEnding(own.end())
		return d.evidenceIn(d.f.at(k))
	default:
		return document.Evidence{Notes: []string{"the signature protects no whole revision: " + why}}, nil
	}
}

func (d *Document) evidenceIn(v snapshot) (document.Evidence, error) {
	st, err := d.readStore(v)
	if err != nil {
		return document.Evidence{}, fmt.Errorf("read the document security store: %w", malformed(err))
	}
	var out document.Evidence
	lists := st.lists
	for _, k := range slices.Sorted(maps.Keys(st.records)) { // what only a record names is evidence as well
		for kind, items := range st.records[k].lists {
			lists[kind] = append(lists[kind][:len(lists[kind]):len(lists[kind])], items...)
		}
	}
	out.Certificates, out.CRLs, out.OCSPs = lists[certificates].unique(), lists[crls].unique(), lists[ocsps].unique()
	if len(st.records) > 0 {
		if out.BySignature, err = d.recordsBySignature(st); err != nil {
			return document.Evidence{}, err
		}
	}
	out.Notes = st.notes
	return out, nil
}

// recordsBySignature finds the signatures that the records are of. Signatures of one value, copies of one another, share what is kept for any of them.
func (d *Document) recordsBySignature(st *store) (map[string]document.Record, error) {
	names, err := d.recordNames()
	if err != nil {
		return nil, err
	}
	merged := map[string]*record{}
	for _, k := range slices.Sorted(maps.Keys(st.records)) {
		values := names[Name(strings.ToUpper(string(k)))]
		if len(values) == 0 {
			st.note("the record %s is of no signature of the document", k)
		}
		r := st.records[k]
		for _, value := range values {
			m := merged[value]
			if m == nil {
				m = &record{time: r.time, token: r.token}
				merged[value] = m
			}
			for kind, items := range r.lists {
				m.lists[kind] = append(m.lists[kind], items...)
			}
			if m.token == nil && r.token != nil {
				m.time, m.token = r.time, r.token
			}
		}
	}
	out := make(map[string]document.Record, len(merged))
	for value, r := range merged {
		out[value] = document.Record{Certificates: r.lists[certificates].unique(), CRLs: r.lists[crls].unique(), OCSPs: r.lists[ocsps].unique(),
			Time: r.time, Token: r.token}
	}
	return out, nil
}

// recordNames gives, for the name that a record may have, the values of the signatures it is of.
//
// The name is the SHA-1 digest, in upper case hexadecimal, of the string in Contents (ISO 32000-2, table 261): of all its bytes, and so with the padding of
// zeros. Some writers leave the padding out; what they wrote is found too.
func (d *Document) recordNames() (map[Name][]string, error) {
	if d.stores.names != nil {
		return d.stores.names, nil
	}
	if err := d.list(); err != nil {
		return nil, malformed(err)
	}
	names := map[Name][]string{}
	add := func(n Name, value []byte) {
		if v := string(value); !slices.Contains(names[n], v) {
			names[n] = append(names[n], v)
		}
	}
	for _, s := range d.signed {
		if s.err != nil {
			continue
		}
		n, err := s.recordName()
		if err != nil {
			return nil, err
		}
		add(n, s.value)
		add(nameOfRecord(s.value), s.value)
	}
	d.stores.names = names
	return names, nil
}

// recordName is the name of the record that is kept for a signature.
func (s *signature) recordName() (Name, error) {
	f := s.d.f
	digits := make([]byte, s.ranges[2]-s.ranges[1])
	if err := f.spend(int64(len(digits))); err != nil {
		return "", err
	}
	if err := readFull(f.r, digits, s.ranges[1]); err != nil {
		return "", err
	}
	contents := make([]byte, hex.DecodedLen(len(digits)-2))
	if _, err := hex.Decode(contents, digits[1:len(digits)-1]); err != nil {
		return "", fmt.Errorf("pdf: read Contents of %s again: %w", s.id, err)
	}
	return nameOfRecord(contents), nil
}

func nameOfRecord(contents []byte) Name {
	sum := sha1.Sum(contents) //nolint:gosec // a name
	return Name(strings.ToUpper(hex.EncodeToString(sum[:])))
}

// unreadable tells what is wrong with a part of the file from failures to read the file at all, which are returned.
func unreadable(err error) (why string, failed error) {
	var p *ParseError
	if errors.As(err, &p) || errors.Is(err, errRawFilter) || fault.KindOf(err) == fault.Limit {
		return err.Error(), nil
	}
	return "", err
}
