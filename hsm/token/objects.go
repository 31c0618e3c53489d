package token

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"slices"

	"yinxin/gm"
	"yinxin/hsm"
)

// The calls that find, read, make, change and destroy objects.

func (s *session) findInit(r *reader, _ *writer) rv {
	search := r.attributes()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.found != nil:
		return rvOperationActive
	}
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	s.found = []uint64{}
	for _, o := range s.t.objects {
		if (!o.private() || s.login.user == ckuUser) && s.t.matches(o, search) {
			s.found = append(s.found, o.handle)
		}
	}
	return rvOK
}

// maxFound bounds the handles in one answer.
const maxFound = 4096

func (s *session) find(r *reader, w *writer) rv {
	n := r.u32()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.found == nil:
		return rvOperationNotInitialized
	}
	n = min(n, uint32(len(s.found)), maxFound)
	w.u32(n)
	for _, h := range s.found[:n] {
		w.u64(h)
	}
	s.found = s.found[n:]
	return rvOK
}

func (s *session) findFinal(r *reader, _ *writer) rv {
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case s.found == nil:
		return rvOperationNotInitialized
	}
	s.found = nil
	return rvOK
}

// visible is the object of a handle, as far as the program may see it.
func (s *session) visible(handle uint64) *object {
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	return s.t.object(handle, s.login.user)
}

// getAttributes answers each type asked for with its value, or with unavailableAttribute for a length.
func (s *session) getAttributes(r *reader, w *writer) rv {
	o := s.visible(r.u64())
	n := r.count()
	kinds := make([]uint64, n)
	for i := range kinds {
		kinds[i] = r.u64()
	}
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case o == nil:
		return rvObjectHandleInvalid
	}
	have := s.t.attributes(o)
	result := rvOK
	for _, kind := range kinds {
		value, known := have.get(kind)
		switch {
		case known:
			w.bytes(value)
			continue
		case o.secret(kind):
			result = rvAttributeSensitive
		default:
			result = rvAttributeTypeInvalid
		}
		w.u32(unavailableAttribute)
	}
	return result
}

// setAttributes changes label and ID; everything else was decided when the object was made.
func (s *session) setAttributes(r *reader, _ *writer) rv {
	o := s.visible(r.u64())
	change := r.attributes().copied()
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case o == nil:
		return rvObjectHandleInvalid
	case !s.write:
		return rvSessionReadOnly
	}
	for _, a := range change {
		switch {
		case a.Type != ckaLabel && (a.Type != ckaID || o.record().Class == ckoData):
			return rvAttributeReadOnly
		case len(a.Value) > maxName:
			return rvAttributeValueInvalid
		}
	}
	result := s.t.change(o, func(r *record) {
		for _, a := range change {
			if a.Type == ckaLabel {
				r.Label = a.Value
			} else {
				r.ID = a.Value
			}
		}
	})
	return s.record(o.entry("C_SetAttributeValue", mechanism{}), result)
}

func (s *session) destroyObject(r *reader, _ *writer) rv {
	o := s.visible(r.u64())
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case o == nil:
		return rvObjectHandleInvalid
	case !s.write:
		return rvSessionReadOnly
	}
	return s.record(o.entry("C_DestroyObject", mechanism{}), s.t.destroy(o))
}

// destroy takes an object away: first the record, without which a key is not served, then the key.
func (t *Token) destroy(o *object) rv {
	t.mu.Lock()
	i := slices.Index(t.objects, o)
	if i >= 0 {
		t.objects = slices.Delete(t.objects, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 {
		return rvObjectHandleInvalid
	}
	o.zero()
	if err := t.store.DestroyRecord(o.name); err != nil {
		return rvDeviceError
	}
	if key := o.record().Key; key != "" {
		if err := t.store.Destroy(key); err != nil {
			return rvDeviceError
		}
	}
	return rvOK
}

// createObject keeps a certificate or data. Keys are made here, not brought.
func (s *session) createObject(r *reader, w *writer) rv {
	given := r.attributes().copied()
	if r.done() != nil {
		return rvArgumentsBad
	}
	rec, result := newOther(given)
	switch {
	case result != rvOK:
		return result
	case !s.write:
		return rvSessionReadOnly
	case rec.Private && s.user() != ckuUser:
		return rvUserNotLoggedIn
	}
	o, result := s.t.put(hex.EncodeToString(randomName()), rec)
	if result == rvOK {
		w.u64(o.handle)
	}
	return s.record(entry{Event: "C_CreateObject", Key: string(rec.Label)}, result)
}

func newOther(given template) (record, rv) {
	class, bad := given.ulong(ckaClass, ckoPrivateKey)
	kept, bad2 := given.flag(ckaToken, false)
	private, bad3 := given.flag(ckaPrivate, false)
	label, _ := given.get(ckaLabel)
	id, _ := given.get(ckaID)
	value, hasValue := given.get(ckaValue)
	free := []uint64{ckaPrivate, ckaLabel, ckaValue, ckaApplication, ckaObjectID}
	if class == ckoCertificate {
		free = append(free[:3:3], ckaID, ckaSubject, ckaIssuer, ckaSerialNumber, ckaCertificateType)
	}
	fixed := template{{ckaClass, ulong(class)}, {ckaToken, flag(true)}, {ckaModifiable, flag(true)}, {ckaTrusted, flag(false)}}
	switch {
	case bad != rvOK || bad2 != rvOK || bad3 != rvOK || len(label) > maxName || len(id) > maxName || len(value) > maxValue:
		return record{}, rvAttributeValueInvalid
	case given.twice() || !kept || class != ckoCertificate && class != ckoData:
		return record{}, rvTemplateInconsistent
	case !hasValue:
		return record{}, rvTemplateIncomplete
	}
	if result := given.wants(fixed, free...); result != rvOK {
		return record{}, result
	}
	rec := record{Format: 1, Class: class, Label: label, ID: id, Private: private}
	total := 0
	for _, a := range given {
		switch a.Type {
		case ckaClass, ckaToken, ckaPrivate, ckaModifiable, ckaTrusted, ckaLabel, ckaID:
		default:
			total += len(a.Value)
			rec.Other = append(rec.Other, a)
		}
	}
	if total > maxValue {
		return record{}, rvDeviceMemory
	}
	return rec, rvOK
}

func randomName() []byte {
	b := make([]byte, 12)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

// put keeps a new object.
func (t *Token) put(name string, rec record) (*object, rv) {
	o, err := newObject(objectPrefix+name, rec)
	if err != nil {
		return nil, rvGeneralError
	}
	if err := putRecord(t.store, o.name, rec); err != nil {
		return nil, resultOf(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(o)
	return o, rvOK
}

// generatePair makes a key pair. The template of the private key may only say what every private key here is, and what it is for.
func (s *session) generatePair(r *reader, w *writer) rv {
	number, parameter := r.u64(), r.bytes()
	public, private := r.attributes().copied(), r.attributes().copied()
	i := slices.IndexFunc(s.t.offers, func(m mechanism) bool { return m.number == number && m.does == generates })
	switch {
	case r.done() != nil:
		return rvArgumentsBad
	case !s.write:
		return rvSessionReadOnly
	case s.user() != ckuUser:
		return rvUserNotLoggedIn
	case i < 0:
		return rvMechanismInvalid
	case len(parameter) != 0:
		return rvMechanismParamInvalid
	}
	m := s.t.offers[i]
	pair, result := s.t.readTemplates(m, public, private)
	if result != rvOK {
		return result
	}
	handles, e, result := s.t.generate(m, pair)
	if result == rvOK {
		w.u64(handles[0])
		w.u64(handles[1])
	}
	return s.record(e, result)
}

// generate makes the key, then the records that serve it.
func (t *Token) generate(m mechanism, pair [2]record) (handles [2]uint64, e entry, result rv) {
	e = entry{Event: "C_GenerateKeyPair", Key: string(pair[1].Label), Mechanism: m.number}
	t.mu.RLock()
	full := len(t.objects)+2 > maxObjects
	t.mu.RUnlock()
	if full {
		return handles, e, rvDeviceMemory
	}
	name := hex.EncodeToString(randomName())
	spec := hsm.Spec{Algorithm: m.alg}
	if m.alg == hsm.RSAPKCS1 {
		spec.Bits = rsaBits
	}
	info, err := t.store.Generate(name, spec)
	if err != nil {
		return handles, e, resultOf(err)
	}
	spki, err := gm.MarshalPublicKey(info.Public)
	if err != nil {
		return handles, e, rvGeneralError
	}
	mark := gm.SM3(spki)
	for i, part := range []string{"-public", "-private"} {
		pair[i].Public = spki
		if len(pair[i].ID) == 0 {
			pair[i].ID = bytes.Clone(mark[:20])
		}
		if i == 1 {
			pair[i].Key = name
		}
		o, result := t.put(name+part, pair[i])
		if result != rvOK {
			return handles, e, result
		}
		handles[i] = o.handle
		e = o.entry(e.Event, m)
	}
	return handles, e, rvOK
}
