package ofd

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"yinxin/document"
	"yinxin/fault"
)

// maxPlaces is how many places one signature may be shown at.
const maxPlaces = 10000

// provider is ProviderName where the request names none.
const provider = "yinxin"

// Prepare lays a signature out: a seal (Type="Seal") with r.Payload as its Seal.esl and a StampAnnot at each place, or a signature without a picture
// (Type="Sign"). With document.LockAll as r.Lock it protects the whole package, and nothing can be signed after it; else it leaves the lists of signatures
// out. r.Name, r.Appearance and r.Profile are not used: an OFD has no room for them.
//
// It refuses with fault.Conflict documents locked by an earlier signature (ofd-locked) or with a malformed one (ofd-signature-malformed), and with
// fault.Invalid what an OFD cannot say.
func (d *Document) Prepare(r document.Request) (document.Draft, error) {
	out, err := d.prepare(r)
	if err != nil {
		return nil, malformed(err)
	}
	return out, nil
}

func (d *Document) prepare(r document.Request) (*draft, error) {
	if err := checkRequest(r); err != nil {
		return nil, err
	}
	if err := d.list(); err != nil {
		return nil, err
	}
	b, stamps, err := d.stamps(r.Places)
	if err != nil {
		return nil, err
	}
	if err := d.mayAdd(b); err != nil {
		return nil, err
	}
	if err := d.checkNames(); err != nil {
		return nil, err
	}
	p := &draft{d: d, reserve: r.Reserve, at: r.Time}
	if err := p.lay(b, r, stamps); err != nil {
		return nil, err
	}
	return p, nil
}

func checkRequest(r document.Request) error {
	locksAll := len(r.Lock) == 1 && r.Lock[0] == document.LockAll
	switch {
	case r.Kind != document.Seal && r.Kind != document.Sign:
		return badRequest("ofd-kind", "OFD 只能加盖电子印章或加数字签名，不支持此种签名", "an OFD takes seals and signatures, not this kind")
	case r.Certify != 0:
		return badRequest("ofd-certify", "OFD 没有认证级别；如需禁止后续签名，请使用锁定", "an OFD has no levels of certification; to allow nothing after it, lock the document")
	case len(r.Lock) > 0 && !locksAll:
		return badRequest("ofd-lock", "OFD 没有签名域，只能锁定整个文件", "an OFD has no fields; only the whole document can be locked")
	case r.Field != "":
		return badRequest("ofd-field", "OFD 没有签名域，签名自动编号，请不要指定签名域", "an OFD has no fields and numbers its signatures; name no field")
	case r.Reason != "" || strings.ContainsFunc(r.Filter, func(c rune) bool { return c < ' ' }):
		return badRequest("ofd-reason", "OFD 签名没有“签名原因”一项，请不要填写", "an OFD signature has no room for a reason; give none")
	case r.Kind == document.Sign && (len(r.Places) > 0 || len(r.Payload) > 0):
		return badRequest("ofd-sign-visible", "OFD 的数字签名（Type=Sign）不显示印章；需要显示时请使用电子印章", "a signature of an OFD (Type=Sign) shows no seal; use a seal to show one")
	case len(r.Places) > maxPlaces || len(r.Payload) > maxControl:
		return fault.New(fault.Limit, "ofd-places", fmt.Sprintf("签章位置超过 %d 处，或印章数据过大", maxPlaces), fmt.Sprintf("more than %d places, or a seal too large", maxPlaces), nil)
	}
	return nil
}

func badRequest(code, zh, en string) error { return fault.New(fault.Invalid, code, zh, en, nil) }

// stamps finds the document whose pages the places are on, and lays the stamps on them. IDs are given later.
func (d *Document) stamps(places []document.Place) (*body, []stamp, error) {
	if len(places) == 0 {
		return d.bodies[0], nil, nil
	}
	pages := d.pages
	var b *body
	var out []stamp
	for _, p := range places {
		if p.Page < 1 || p.Page > len(pages) {
			return nil, nil, fault.New(fault.Invalid, "page-out-of-range", fmt.Sprintf("没有第 %d 页：文件共 %d 页", p.Page, len(pages)),
				fmt.Sprintf("there is no page %d: the document has %d", p.Page, len(pages)), nil)
		}
		page := pages[p.Page-1]
		if b == nil {
			b = page.body
		}
		if b != page.body {
			return nil, nil, badRequest("ofd-places-documents", "文件包含多个文档，一次签章的位置必须在同一文档内；请分别签章",
				"the file holds several documents, and the places of one signature must be in one of them; sign one after the other")
		}
		size, err := d.measure(page)
		if err == nil {
			err = checkPlace(p, size)
		}
		if err != nil {
			return nil, nil, err
		}
		s := stamp{page: page.id, boundary: box{p.X - p.Width/2, p.Y - p.Height/2, p.Width, p.Height}}
		if c := p.Clip; c != (document.Clip{}) {
			s.clip = box{c.X, c.Y, c.Width, c.Height}
		}
		out = append(out, s)
	}
	return b, out, nil
}

// checkPlace holds a place to its page: what is shown fits it, at least half of it lies on it, and the clip lies in the box.
func checkPlace(p document.Place, page box) error {
	w, h, c := page[2], page[3], p.Clip
	seen := p.Shown()
	x := min(seen.X+seen.Width/2, w) - max(seen.X-seen.Width/2, 0)
	y := min(seen.Y+seen.Height/2, h) - max(seen.Y-seen.Height/2, 0)
	small := seen.Width > 0 && seen.Height > 0 && p.Width > 0 && p.Height > 0 && seen.Width <= w+sameLength && seen.Height <= h+sameLength
	clipped := c.X >= 0 && c.Y >= 0 && c.X+c.Width <= p.Width+sameLength && c.Y+c.Height <= p.Height+sameLength
	if small && clipped && max(x, 0)*max(y, 0) >= seen.Width*seen.Height/2-sameLength {
		return nil
	}
	return fault.New(fault.Invalid, "ofd-place",
		fmt.Sprintf("签章位置不可用：第 %d 页为 %.1f × %.1f 毫米，印章须放得下且至少一半在页面内（印章不缩放）", p.Page, w, h),
		fmt.Sprintf("the place of the seal cannot be used: page %d is %.1f × %.1f mm; the seal must fit it with at least half of it on the page (seals are not scaled)", p.Page, w, h), nil)
}

// mayAdd refuses what would break an earlier signature, or cannot be known not to.
func (d *Document) mayAdd(b *body) error {
	for _, s := range d.signed {
		if s.err != nil {
			return fault.New(fault.Conflict, "ofd-signature-malformed", "文件中的签名 "+s.name()+" 结构有误，不能在其后签章；请向签署方索取完好的文件",
				"the signature "+s.name()+" in the file is malformed, so nothing can be signed after it; ask whoever signed it for an intact file", s.err)
		}
		covers := s.covered()
		if b.list.e != nil && covers[b.list.e] || b.signatures == "" && covers[d.main.e] {
			return fault.New(fault.Conflict, "ofd-locked", "签名 "+s.name()+" 已锁定整个文件，再次签章会使其失效；请在锁定之前完成全部签章",
				"the signature "+s.name()+" locks the file: another one would break it; sign before the file is locked", nil)
		}
	}
	return nil
}

// checkNames refuses files with names that a Signature.xml cannot name.
func (d *Document) checkNames() error {
	for _, e := range d.zip.entries {
		if !utf8.ValidString(e.name) || strings.ContainsFunc(e.name, func(r rune) bool { return r == 0xfffe || r == 0xffff }) {
			return fault.New(fault.Invalid, "ofd-name-encoding", "部件名 "+display(e.name)+" 不是 UTF-8 编码，无法被签名引用；请从原系统重新导出该文件",
				"the name of the part "+display(e.name)+" is not UTF-8, so no signature can name it; export the file again from where it was made", nil)
		}
	}
	return nil
}

// lay plans the output: the entries as they are, those two that change, and those that are new.
func (p *draft) lay(b *body, r document.Request, stamps []stamp) error {
	d := p.d
	list := b.signatures
	if list == "" {
		list = d.freeName(strings.TrimPrefix(folder(b.root)+"/Signs/Signatures", "/"), ".xml")
	}
	home := d.freeFolder(folder(list))
	p.path = home + "/Signature.xml"
	p.text = signatureText{provider: r.Filter, time: r.Time, stamps: stamps, value: home + "/SignedValue.dat"}
	if p.text.provider == "" {
		p.text.provider = provider
	}
	entry := listed{kind: document.TypeSeal, path: p.path}
	if r.Kind == document.Sign {
		entry.kind = document.TypeSign
	}
	count, err := d.counter(b)
	if err != nil {
		return err
	}
	entry.id = count.next()
	for i := range p.text.stamps {
		p.text.stamps[i].id = count.next()
	}
	entry.last = count.current()
	whole := len(r.Lock) > 0
	listText := newList(entry)
	if b.list.e != nil {
		if listText, err = withSignature(b.list, entry); err != nil {
			return err
		}
	}
	for _, e := range d.zip.entries {
		if e.dir {
			p.plan = append(p.plan, planned{e: e, name: e.name})
			continue
		}
		isList := slices.ContainsFunc(d.bodies, func(b *body) bool { return e == b.list.e })
		step := planned{e: e, name: e.name, protect: whole || !isList}
		switch {
		case e == b.list.e:
			step.data = listText
		case e == d.main.e && b.signatures == "":
			step.data = withSignatures(d.main, b, list)
		}
		p.plan = append(p.plan, step)
	}
	if b.list.e == nil {
		p.plan = append(p.plan, planned{name: list, data: listText, protect: whole})
	}
	if len(r.Payload) > 0 {
		p.text.seal = home + "/Seal.esl"
		p.plan = append(p.plan, planned{name: p.text.seal, data: slices.Clone(r.Payload), protect: true})
	}
	return nil
}

// counter has seen all numbers of a document's signatures.
func (d *Document) counter(b *body) (counter, error) {
	c := counter{prefix: "s", width: 3}
	if b.list.root == nil {
		return c, nil
	}
	last, err := b.list.root.textOf("MaxSignId")
	if err != nil {
		return c, err
	}
	c.see(last, false)
	for _, s := range d.signed {
		if s.body != b {
			continue
		}
		c.see(s.id, true)
		for _, a := range s.told.stamps {
			c.see(a.id, false)
		}
	}
	return c, nil
}

// freeName is a name that no entry has, not even to lax readers.
func (d *Document) freeName(stem, extension string) string {
	name := stem + extension
	for n := 1; d.zip.byFold[fold(name)] != nil; n++ {
		name = fmt.Sprintf("%s_%d%s", stem, n, extension)
	}
	return name
}

// freeFolder is the first Sign_N, from 0, below a folder of which there is nothing yet.
func (d *Document) freeFolder(in string) string {
	taken := map[string]bool{}
	for _, e := range d.zip.entries {
		name := fold(e.name)
		for i := range len(name) {
			if name[i] == '/' {
				taken[name[:i]] = true
			}
		}
		taken[name] = true
	}
	for n := 0; ; n++ {
		if name := strings.TrimPrefix(fmt.Sprintf("%s/Sign_%d", in, n), "/"); !taken[fold(name)] {
			return name
		}
	}
}
