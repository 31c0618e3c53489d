package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

const (
	defaultFilter = "Yinxin.Seal"
	// maxReserve bounds the hole; seals with evidence inside take some hundred kilobytes.
	maxReserve = 16 << 20
	maxPlaces  = 10_000
)

// Prepare lays a signature out as an increment behind the file, which stays as it is (ISO 32000-1, 7.5.6, 12.7.4.5, 12.8).
//
// The field is r.Field: created where no field has that name, taken where it is a signature field without a value, and refused otherwise; or the first
// free SealN. Each place after the first has a field of its own with the same value: NAME-2, NAME-3 and so on. Without a place a new field is invisible,
// and an existing one keeps its widgets. Whole pictures and clipped ones, the slices of riding seals, may stand side by side in one request; the picture
// is stored once. The faults are Invalid for the request, Denied for what the document does not allow (see permit) and Limit.
func (d *Document) Prepare(r document.Request) (document.Draft, error) {
	unlisted := d.list() // first: it keeps what it reads of the signatures, whose values are long
	dr, err := d.f.prepare(r)
	if err != nil {
		return nil, malformed(err)
	}
	if unlisted == nil { // what cannot be listed cannot be checked either, and shares nothing
		dr.stops = d.stops(d.f.size)
	}
	dr.shared = &d.shared
	return dr, nil
}

// preparation is what a request means for a file. It is gathered before anything is written.
type preparation struct {
	f       *file
	r       document.Request
	catalog Dict
	form    *form
	names   []string   // full names of the fields, the one that gives the signature its name first
	field   *signField // the empty field that is there already, or nil
	pages   pageEdits
	found   map[int]pageInfo // see findPages
	w       *increment
	shown   appearances
	tail    []byte // the last bytes of the base
	value   Ref    // the signature dictionary
	changed map[Ref]bool
}

func (f *file) prepare(r document.Request) (*draft, error) {
	if err := checkRequest(r); err != nil {
		return nil, err
	}
	if err := f.permitFile(); err != nil {
		return nil, err
	}
	p := &preparation{f: f, r: r, changed: map[Ref]bool{}}
	var err error
	if p.catalog, err = f.newest().catalog(); err != nil {
		return nil, err
	}
	if p.form, err = f.readForm(p.catalog); err != nil {
		return nil, err
	}
	if err := p.chooseField(); err != nil {
		return nil, err
	}
	if err := p.checkLock(); err != nil {
		return nil, err
	}
	if err := f.permit(p.catalog, p.form, p.names, r); err != nil {
		return nil, err
	}
	if err := p.begin(); err != nil {
		return nil, err
	}
	if err := p.write(); err != nil {
		return nil, err
	}
	return p.finish()
}

// checkRequest refuses what no document could satisfy.
func checkRequest(r document.Request) error {
	switch {
	case r.Profile == "":
		return badRequest("pdf-profile", "缺少签名格式（SubFilter）", "the signature's SubFilter is missing")
	case r.Reserve <= 0:
		return badRequest("pdf-reserve", "未说明为签名值预留的字节数", "no bytes are reserved for the signature value")
	case r.Reserve > maxReserve:
		return fault.New(fault.Limit, "pdf-reserve", fmt.Sprintf("为签名值预留的字节数超过 %d", maxReserve),
			fmt.Sprintf("more than %d bytes are reserved for the signature value", maxReserve), nil)
	case r.Certify < 0 || r.Certify > 3:
		return badRequest("pdf-certify", "认证级别只能是 1、2 或 3", "the level of certification is 1, 2 or 3")
	case r.Kind == document.Timestamp && (r.Certify != 0 || len(r.Lock) > 0):
		return badRequest("pdf-timestamp", "文档时间戳不能认证文件，也不能锁定字段", "a document time stamp certifies and locks nothing")
	case len(r.Places) > maxPlaces:
		return fault.New(fault.Limit, "pdf-places", fmt.Sprintf("签章位置超过 %d 处", maxPlaces), fmt.Sprintf("more than %d places", maxPlaces), nil)
	case len(r.Places) > 0 && len(r.Appearance.Data) == 0:
		return badRequest("pdf-picture", "有签章位置却没有签章图像", "there is a place for the seal but no picture of it")
	}
	placed := make(map[document.Place]bool, len(r.Places))
	for _, p := range r.Places {
		if placed[p] {
			return badRequest("pdf-place-twice", fmt.Sprintf("第 %d 页 (%g, %g) 毫米处要求签章两次", p.Page, p.X, p.Y),
				fmt.Sprintf("the seal is asked for twice at (%g, %g) mm of page %d", p.X, p.Y, p.Page))
		}
		placed[p] = true
	}
	return nil
}

func badRequest(code, zh, en string) error { return fault.New(fault.Invalid, code, zh, en, nil) }

// chooseField settles which field is signed, and the names of those that are to be made.
func (p *preparation) chooseField() error {
	name := p.r.Field
	if name == "" {
		name = p.form.freeName(p.r.Kind)
	}
	p.field = p.form.find(name)
	p.names = []string{name}
	own := name[strings.LastIndexByte(name, '.')+1:] // further fields are in no group
	for n := 2; len(p.names) < len(p.r.Places); n++ {
		if s := fmt.Sprintf("%s-%d", own, n); !p.form.names[s] {
			p.names = append(p.names, s)
		}
	}
	switch {
	case p.field == nil && p.form.names[name]:
		return badRequest("pdf-field-type", fmt.Sprintf("“%s”不是签名域", name), fmt.Sprintf("the field %q is no signature field", name))
	case p.field == nil && strings.Contains(name, "."):
		return badRequest("pdf-field-name", fmt.Sprintf("没有签名域“%s”，新域名不能含句点", name),
			fmt.Sprintf("there is no field %q, and the name of a new field holds no period", name))
	case p.field == nil && p.r.Field != "" && len(p.r.Places) == 0 && len(p.r.Appearance.Data) > 0:
		return badRequest("pdf-field-missing", fmt.Sprintf("没有签名域“%s”，也没有指定位置，印章无处显示；请核对域名，或指定位置", name),
			fmt.Sprintf("there is no field %q and no place, so the seal would show nowhere; check the name, or say where", name))
	case p.field == nil:
		return nil
	case p.field.signature != nil:
		return fault.New(fault.Conflict, "pdf-field-signed", fmt.Sprintf("签名域“%s”已签名，请另选签名域", name),
			fmt.Sprintf("the field %q is signed already; choose another", name), nil)
	case p.field.ref == Ref{}:
		return errDirectField(name)
	case len(p.r.Lock) > 0 && p.field.dict["Lock"] != nil:
		return badRequest("pdf-lock", fmt.Sprintf("签名域“%s”已规定锁定范围，不能另行指定", name), fmt.Sprintf("the field %q says itself what it locks", name))
	}
	return nil
}

// checkLock refuses to lock a field that is not there: whoever asks for it takes it for locked.
func (p *preparation) checkLock() error {
	for _, name := range p.r.Lock {
		if name != document.LockAll && !p.form.names[name] && !slices.Contains(p.names, name) {
			return badRequest("pdf-lock-field", fmt.Sprintf("没有可锁定的表单域“%s”，请核对域名", name), fmt.Sprintf("there is no field %q to lock; check the name", name))
		}
	}
	return nil
}

func errDirectField(name string) error {
	return denied("pdf-field-direct", fmt.Sprintf("签名域“%s”或其控件不是间接对象，不能使用；请另选签名域", name),
		fmt.Sprintf("the field %q or its widget is no indirect object and cannot be used; choose another", name), nil)
}

// begin starts the increment.
func (p *preparation) begin() error {
	const rest = 8 << 10 // what a seal takes besides its picture and its hole
	if err := p.start(rest + len(p.r.Appearance.Data) + 2*p.r.Reserve); err != nil {
		return err
	}
	p.value = p.w.alloc()
	return nil
}

// start makes an increment for which about room bytes are kept.
func (p *preparation) start(room int) error {
	p.tail = make([]byte, min(p.f.size, tailBytes))
	if err := readFull(p.f.r, p.tail, p.f.size-int64(len(p.tail))); err != nil {
		return err
	}
	size := p.f.sections[0].size
	next := max(p.f.maxObject()+1, int(min(size, maxNumber)))
	if next > maxObjectNumber {
		return denied("pdf-object-numbers", "PDF 的对象编号已近上限，不能再追加签章；请重新导出该文件",
			"the PDF's object numbers are used up; export it anew, then seal it", nil)
	}
	p.w = newIncrement(p.f.size, p.tail[len(p.tail)-1], next, size, room)
	p.w.security = p.f.security
	return nil
}

// write puts everything but the signature dictionary into the increment.
func (p *preparation) write() error {
	fields, err := p.writeFields()
	if err != nil {
		return err
	}
	catalog, err := p.writeForm(fields)
	if err != nil {
		return err
	}
	if p.r.Certify != 0 {
		if catalog, err = p.writePermissions(catalog); err != nil {
			return err
		}
	}
	if catalog != nil {
		if err := p.rewrite(p.f.root, catalog); err != nil {
			return err
		}
	}
	return p.pages.write(p)
}

// finish writes the signature dictionary and ends the increment.
func (p *preparation) finish() (*draft, error) {
	if err := p.f.permitFile(); err != nil { // what was read by now may have shown damage
		return nil, err
	}
	references, err := p.references()
	if err != nil {
		return nil, err
	}
	at, hole := p.w.signature(p.value, p.signatureDict(references), p.r.Reserve)
	if err := p.end(hole); err != nil {
		return nil, err
	}
	dr := &draft{base: p.f.r, size: p.f.size, increment: p.w.buf, hole: hole}
	return dr, dr.patch(at)
}

// end writes the cross-reference section in the way of the last one: readers stumble over a stream behind a table.
func (p *preparation) end(hole [2]int) error {
	t := trailer{root: p.f.root, prev: p.f.sections[0].offset}
	if info, ok := p.f.trailer["Info"].(Ref); ok {
		t.info = info
	}
	id, err := p.f.resolve(p.f.trailer["ID"])
	if err != nil {
		return err
	}
	t.id = p.w.identify(id, p.tail, hole)
	return p.w.finish(t, p.f.sections[0].kind == streamSection)
}

// rewrite replaces an object of the base, which must have been read as a direct object and may play one role only.
func (p *preparation) rewrite(ref Ref, o Object) error {
	old, err := p.f.get(ref)
	if err != nil {
		return err
	}
	if _, stream := old.(*Stream); stream || p.changed[ref] {
		return &ParseError{p.f.newest().offset(ref), fmt.Sprintf("object %d stands for several things at once", ref.Num)}
	}
	p.changed[ref] = true
	p.w.object(ref, o)
	return nil
}

// writeForm enters new fields in the form, and sets SigFlags (signatures exist, append only). The smallest object that holds what changes is written
// again; where that is the catalog its new dictionary is returned.
func (p *preparation) writeForm(added []Ref) (catalog Dict, err error) {
	const signaturesExistAppendOnly = 3
	fm := p.form
	fields := fm.fields[:len(fm.fields):len(fm.fields)]
	for _, ref := range added {
		fields = append(fields, ref)
	}
	if fm.dict == nil {
		ref := p.w.alloc()
		p.w.object(ref, Dict{"Fields": fields, "SigFlags": int64(signaturesExistAppendOnly)})
		return with(p.catalog, "AcroForm", ref), nil
	}
	flags, err := p.f.integer(fm.dict["SigFlags"])
	if err != nil {
		return nil, err
	}
	d := fm.dict
	if flags&signaturesExistAppendOnly != signaturesExistAppendOnly {
		d = with(d, "SigFlags", flags|signaturesExistAppendOnly)
	}
	changed := flags&signaturesExistAppendOnly != signaturesExistAppendOnly
	switch {
	case len(added) == 0:
	case fm.fieldsRef != Ref{}:
		if err := p.rewrite(fm.fieldsRef, fields); err != nil {
			return nil, err
		}
	default:
		d, changed = with(d, "Fields", fields), true
	}
	switch {
	case !changed:
		return nil, nil
	case fm.ref != Ref{}:
		return nil, p.rewrite(fm.ref, d)
	}
	return with(p.catalog, "AcroForm", d), nil
}

// writePermissions makes the signature the one that certifies the document (ISO 32000-1, 12.8.4).
func (p *preparation) writePermissions(catalog Dict) (Dict, error) {
	perms, err := p.f.dict(p.catalog["Perms"])
	if err != nil {
		return nil, err
	}
	perms = with(perms, "DocMDP", p.value)
	if ref, ok := p.catalog["Perms"].(Ref); ok && len(perms) > 1 {
		return catalog, p.rewrite(ref, perms)
	}
	if catalog == nil {
		catalog = p.catalog
	}
	return with(catalog, "Perms", perms), nil
}

// with returns a copy of d in which key is value. Dictionaries of the base are shared with what was read and never changed in place.
func with(d Dict, key Name, value Object) Dict {
	out := make(Dict, len(d)+1)
	maps.Copy(out, d)
	out[key] = value
	return out
}
