package pdf

import (
	"fmt"
	"slices"
)

const keptPacks = 32 << 20 // bytes of decoded object streams that are kept; the one in use always is

// pack is a decoded object stream (ISO 32000-1, 7.5.7).
type pack struct {
	at   site
	data []byte
	nums []int32
	offs []int64 // in data
}

// unpack reads the object with an index in an object stream.
func (f *file) unpack(container Ref, s site) (Object, error) {
	if o, ok := f.cache[s]; ok {
		return o, nil
	}
	p, err := f.pack(container, site{s.offset, s.bound, -1, int32(container.Num)})
	if err != nil {
		return nil, err
	}
	if int(s.index) >= len(p.nums) || p.nums[s.index] != s.num {
		return nil, &ParseError{s.offset, fmt.Sprintf("object stream %d does not hold object %d at index %d", container.Num, s.num, s.index)}
	}
	start := p.offs[s.index]
	l := lexer{buf: p.data, pos: int(start), end: int64(len(p.data)), origin: s.offset, depth: f.lex.depth, longest: f.lex.longest,
		nodes: maxNodes, names: f.lex.names, note: f.tolerate}
	o, err := l.object(0)
	if err != nil {
		return nil, fmt.Errorf("read object %d in object stream %d: %w", s.num, container.Num, err)
	}
	if l.twice {
		f.ambiguous[s] = true
	}
	n := l.at() - start
	if err := f.spend(n); err != nil {
		return nil, err
	}
	f.keep(s, o, n)
	return o, nil
}

// pack returns a decoded object stream, kept from before if there is room.
func (f *file) pack(ref Ref, s site) (*pack, error) {
	if i := slices.IndexFunc(f.packs, func(p *pack) bool { return p.at == s }); i >= 0 {
		p := f.packs[i]
		copy(f.packs[1:i+1], f.packs[:i])
		f.packs[0] = p
		return p, nil
	}
	o, err := f.load(ref, s)
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok || st.Dict["Type"] != Name("ObjStm") {
		return nil, &ParseError{s.offset, fmt.Sprintf("object %d is no object stream", ref.Num)}
	}
	if f.loading[s.offset] || len(f.loading) > f.lim.Depth {
		return nil, &ParseError{s.offset, fmt.Sprintf("object stream %d needs itself to be read", ref.Num)}
	}
	f.loading[s.offset] = true
	defer delete(f.loading, s.offset)
	p, err := f.readPack(st, s)
	if err != nil {
		return nil, fmt.Errorf("read object stream %d: %w", ref.Num, err)
	}
	f.packs = slices.Insert(f.packs, 0, p)
	for total, i := 0, 0; i < len(f.packs); i++ {
		if total += len(f.packs[i].data) + 12*len(f.packs[i].nums); i > 0 && total > keptPacks {
			f.packs = slices.Delete(f.packs, i, len(f.packs))
			break
		}
	}
	return p, nil
}

func (f *file) readPack(st *Stream, s site) (*pack, error) {
	count, err := f.integer(st.Dict["N"])
	if err != nil {
		return nil, err
	}
	first, err := f.integer(st.Dict["First"])
	if err != nil {
		return nil, err
	}
	data, err := f.decode(st)
	if err != nil {
		return nil, err
	}
	if first < 0 || first > int64(len(data)) || count < 0 || count > first {
		return nil, &ParseError{s.offset, "N or First of an object stream do not fit its data"}
	}
	if count > int64(f.lim.Objects) {
		return nil, f.tooManyObjects()
	}
	p := &pack{at: s, data: data, nums: make([]int32, count), offs: make([]int64, count)}
	l := lexer{buf: data[:first], end: first, origin: s.offset}
	for i := range p.nums {
		num, err := l.natural()
		if err != nil {
			return nil, err
		}
		off, err := l.natural()
		if err != nil {
			return nil, err
		}
		if num > maxNumber || off > int64(len(data))-first {
			return nil, &ParseError{s.offset, "the header of an object stream points outside its data"}
		}
		p.nums[i], p.offs[i] = int32(num), first+off
	}
	return p, nil
}
