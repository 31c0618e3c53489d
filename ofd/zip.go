package ofd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"yinxin/document"
	"yinxin/fault"
)

// The signatures of ZIP's records (APPNOTE.TXT, 4.3).
const (
	sigLocal      = "PK\x03\x04"
	sigCentral    = "PK\x01\x02"
	sigEnd        = "PK\x05\x06"
	sigEnd64      = "PK\x06\x06"
	sigLocator64  = "PK\x06\x07"
	lenLocal      = 30
	lenCentral    = 46
	lenEnd        = 22
	lenEnd64      = 56
	lenLocator64  = 20
	maxComment    = math.MaxUint16
	maxDirectory  = 64 << 20 // bytes
	methodStore   = 0
	methodDeflate = 8

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11

	extraZip64       = 0x0001
	extraUnicodePath = 0x7075
)

// entry is one file of the archive, as the central directory has it. Everything is counted in bytes.
type entry struct {
	name         string // as stored; display gives it to people
	flags        uint16
	method       uint16
	time, date   uint16
	creator      uint16
	attributes   uint32
	crc          uint32
	packed, size int64
	header, data int64  // where its local header and its data begin
	unicode      []byte // the Unicode Path field, or nil
	dir          bool
	index        int // among all entries, in the order of the directory
}

// archive is a ZIP archive, read through its central directory.
type archive struct {
	r       io.ReaderAt
	size    int64
	tail    []byte // the end of the file, which is all of a small one: read once
	entries []*entry
	byName  map[string]*entry
	byFold  map[string]*entry
	prefix  int64   // bytes before the archive
	gaps    []int64 // where there are bytes that belong to no entry
	held    int64   // bytes of entries that were read into memory
	inflate inflater
}

// find returns the file of exactly this name, or nil.
func (a *archive) find(name string) *entry {
	if e := a.byName[name]; e != nil && !e.dir {
		return e
	}
	return nil
}

// loose returns the file that lax readers take for the one of this name, or nil.
func (a *archive) loose(name string) *entry {
	if e := a.byFold[fold(name)]; e != nil && !e.dir {
		return e
	}
	return nil
}

// directory is where the central directory lies and what it holds.
type directory struct {
	at, size, base int64
	count          int
}

// openArchive reads the central directory and holds every local header against it, so that no other reader of ZIP archives sees something else.
func openArchive(ctx context.Context, r io.ReaderAt, size int64, lim document.Limits) (*archive, error) {
	if size > lim.Bytes {
		return nil, tooMuch("ofd-too-large", fmt.Sprintf("%d 字节，上限 %d 字节", size, lim.Bytes), fmt.Sprintf("%d bytes, at most %d", size, lim.Bytes), nil)
	}
	a := &archive{r: r, size: size}
	dir, err := a.findDirectory()
	if err != nil {
		return nil, err
	}
	if dir.count > lim.Objects {
		return nil, tooMuch("ofd-too-many-parts", fmt.Sprintf("%d 个部件，上限 %d 个", dir.count, lim.Objects), fmt.Sprintf("%d parts, at most %d", dir.count, lim.Objects), nil)
	}
	if err := a.readDirectory(dir, lim); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a, a.checkLocals(dir)
}

// findDirectory finds the one end record: nothing follows it but its comment, and no other could be taken for it.
func (a *archive) findDirectory() (directory, error) {
	tail := make([]byte, min(a.size, lenEnd+maxComment+lenEnd64+lenLocator64))
	from := a.size - int64(len(tail))
	if err := a.read(tail, from); err != nil {
		return directory{}, err
	}
	a.tail = tail
	at := bytes.LastIndex(tail, []byte(sigEnd))
	if at < 0 {
		return directory{}, broken("", a.size, "no end of a central directory: no ZIP archive, or cut off")
	}
	end := tail[at:]
	le := binary.LittleEndian
	if len(end) < lenEnd || len(end) != lenEnd+int(le.Uint16(end[20:])) {
		return directory{}, broken("", from+int64(at), "the end record does not end with the file")
	}
	for i := 0; i < at; i++ {
		j := bytes.Index(tail[i:at], []byte(sigEnd))
		if j < 0 {
			break
		}
		if i += j; len(tail)-i >= lenEnd && len(tail)-i == lenEnd+int(le.Uint16(tail[i+20:])) {
			return directory{}, broken("", from+int64(i), "two end records")
		}
	}
	d := directory{count: int(le.Uint16(end[10:])), size: int64(le.Uint32(end[12:]))}
	offset, stop := int64(le.Uint32(end[16:])), from+int64(at)
	if le.Uint16(end[4:]) != 0 || le.Uint16(end[6:]) != 0 || le.Uint16(end[8:]) != le.Uint16(end[10:]) {
		return d, broken("", stop, "an archive of several volumes")
	}
	if at >= lenLocator64 && string(tail[at-lenLocator64:at-lenLocator64+4]) == sigLocator64 {
		var err error
		if offset, stop, err = d.read64(tail[:at], from, offset); err != nil {
			return d, err
		}
	} else if d.count == math.MaxUint16 || d.size == math.MaxUint32 || offset == math.MaxUint32 {
		return d, broken("", stop, "the ZIP64 end record is missing")
	}
	return d, a.placeDirectory(&d, offset, stop)
}

// read64 takes what does not fit the end record from the ZIP64 one, which ends where the locator begins; before is the file up to the end record.
func (d *directory) read64(before []byte, from, offset int64) (int64, int64, error) {
	le := binary.LittleEndian
	at := len(before) - lenLocator64 - lenEnd64
	if at < 0 || string(before[at:at+4]) != sigEnd64 || le.Uint64(before[at+4:]) != lenEnd64-12 {
		return 0, 0, broken("", from+int64(max(at, 0)), "no ZIP64 end record before its locator")
	}
	end := before[at:]
	count, size, start := le.Uint64(end[32:]), le.Uint64(end[40:]), le.Uint64(end[48:])
	differs := func(short int64, saturated, long uint64) bool {
		return uint64(short) != saturated && uint64(short) != long
	}
	if le.Uint64(end[24:]) != count || differs(int64(d.count), math.MaxUint16, count) || differs(d.size, math.MaxUint32, size) ||
		differs(offset, math.MaxUint32, start) || count > math.MaxInt32 || size > math.MaxInt64/4 || start > math.MaxInt64/4 {
		return 0, 0, broken("", from+int64(at), "the two end records disagree")
	}
	d.count, d.size = int(count), int64(size)
	stop := from + int64(at)
	if told := le.Uint64(before[len(before)-lenLocator64+8:]); told != uint64(stop) && told != start+size {
		return 0, 0, broken("", stop, "the ZIP64 locator points elsewhere")
	}
	return int64(start), stop, nil
}

// placeDirectory finds where the directory begins: it ends at stop. Offsets count from the archive's own beginning where bytes stand before it.
func (a *archive) placeDirectory(d *directory, offset, stop int64) error {
	d.at = stop - d.size
	d.base = d.at - offset
	if d.at < 0 || d.base < 0 || d.size > maxDirectory || d.size < int64(d.count)*lenCentral {
		return broken("", stop, "the central directory does not fit the file")
	}
	if d.base > 0 {
		var head [4]byte
		if err := a.read(head[:], offset); err != nil {
			return err
		}
		if string(head[:]) == sigCentral {
			return broken("", offset, "two places could be the central directory")
		}
	}
	return nil
}

// readDirectory reads the entries and checks their names, together too.
func (a *archive) readDirectory(d directory, lim document.Limits) error {
	dir := a.kept(d.at, d.size)
	if dir == nil {
		dir = make([]byte, d.size)
		if err := a.read(dir, d.at); err != nil {
			return err
		}
	}
	a.entries = make([]*entry, 0, d.count)
	a.byName, a.byFold = make(map[string]*entry, d.count), make(map[string]*entry, d.count)
	rest, total := dir, int64(0)
	for len(a.entries) < d.count {
		at := d.at + d.size - int64(len(rest))
		e, n, err := readCentral(rest, at)
		if err != nil {
			return err
		}
		rest = rest[n:]
		e.header += d.base
		e.index = len(a.entries)
		folded := fold(e.name)
		switch other := a.byFold[folded]; {
		case other == nil:
		case other.name == e.name:
			return broken("", at, "two entries are named %s", display(e.name))
		default:
			return broken("", at, "the names %s and %s differ only in what lax readers ignore", display(other.name), display(e.name))
		}
		if total += e.size; e.size > lim.Stream || total > a.size*maxRatio+freeInflated {
			return tooMuch("ofd-inflates-too-far", "解压后的部件 "+display(e.name)+" 或全部内容过大", display(e.name)+" or all parts together inflate to too much", nil)
		}
		a.entries = append(a.entries, e)
		a.byName[e.name], a.byFold[folded] = e, e
	}
	if len(rest) != 0 {
		return broken("", d.at+d.size-int64(len(rest)), "the central directory has more than its entries")
	}
	return nil
}

// readCentral reads one record of the directory (APPNOTE.TXT, 4.3.12) and returns its length.
func readCentral(b []byte, at int64) (*entry, int, error) {
	le := binary.LittleEndian
	if len(b) < lenCentral || string(b[:4]) != sigCentral {
		return nil, 0, broken("", at, "no record of the central directory")
	}
	n, x, c := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	if len(b) < lenCentral+n+x+c {
		return nil, 0, broken("", at, "a record of the central directory is cut off")
	}
	e := &entry{
		name: string(b[lenCentral : lenCentral+n]), creator: le.Uint16(b[4:]), flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]),
		time: le.Uint16(b[12:]), date: le.Uint16(b[14:]), crc: le.Uint32(b[16:]), packed: int64(le.Uint32(b[20:])), size: int64(le.Uint32(b[24:])),
		attributes: le.Uint32(b[38:]), header: int64(le.Uint32(b[42:])),
	}
	e.dir = len(e.name) > 0 && e.name[len(e.name)-1] == '/'
	if why := checkName(e.name); why != "" {
		return nil, 0, broken("", at, "%s: %q", why, e.name)
	}
	if err := e.readExtra(b[lenCentral+n:lenCentral+n+x], at); err != nil {
		return nil, 0, err
	}
	switch {
	case le.Uint16(b[34:]) != 0:
		return nil, 0, broken("", at, "an entry on another volume")
	case e.flags&(flagEncrypted|flagStrong) != 0:
		return nil, 0, fault.New(fault.Denied, "ofd-encrypted", "OFD 中的部件 "+display(e.name)+" 已用 ZIP 密码加密，无法读取；请先解密",
			"the part "+display(e.name)+" of the OFD is encrypted as ZIP does; decrypt it first", nil)
	case e.method != methodStore && e.method != methodDeflate:
		return nil, 0, broken("", at, "%s is compressed in a way (%d) that OFD does not know", display(e.name), e.method)
	case e.method == methodStore && e.packed != e.size, e.dir && e.size != 0, e.packed < 0, e.size < 0, e.header < 0:
		return nil, 0, broken("", at, "%s has sizes that cannot be", display(e.name))
	}
	return e, lenCentral + n + x + c, nil
}

// readExtra takes ZIP64 sizes and a Unicode path from the extra fields. A Unicode path may only repeat the name.
func (e *entry) readExtra(x []byte, at int64) error {
	le := binary.LittleEndian
	seen := false
	for len(x) >= 4 {
		id, n := le.Uint16(x), int(le.Uint16(x[2:]))
		if len(x) < 4+n {
			return broken("", at, "an extra field of %s is cut off", display(e.name))
		}
		field := x[4 : 4+n]
		x = x[4+n:]
		switch {
		case id == extraZip64 && seen:
			return broken("", at, "%s has two ZIP64 fields", display(e.name))
		case id == extraZip64:
			seen = true
			for _, v := range []*int64{&e.size, &e.packed, &e.header} {
				if *v == math.MaxUint32 && len(field) >= 8 {
					*v, field = int64(le.Uint64(field)&math.MaxInt64), field[8:]
				}
			}
		case id == extraUnicodePath && len(field) > 5 && le.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(e.name)):
			if path := string(field[5:]); path != e.name && path != display(e.name) {
				return broken("", at, "an entry has two names, %q and %q", e.name, path)
			}
			e.unicode = field
		}
	}
	return nil
}

// checkLocals holds the local headers against the directory: names, methods and sizes agree, and no entry reaches into another.
func (a *archive) checkLocals(d directory) error {
	order := slices.SortedFunc(slices.Values(a.entries), func(x, y *entry) int { return cmp.Compare(x.header, y.header) })
	end, descriptor := int64(0), false
	buf := make([]byte, lenLocal+maxName)
	for i, e := range order {
		a.inflate.packed = max(a.inflate.packed, min(e.packed, chunk))
		a.inflate.size = max(a.inflate.size, min(e.size, chunk))
		if e.header < end {
			return broken("", e.header, "%s overlaps another entry", display(e.name))
		}
		if gap := e.header - end; i == 0 {
			a.prefix = gap
		} else if gap != 0 && !(descriptor && gap >= 12 && gap <= 24 && gap%4 == 0) {
			a.gaps = append(a.gaps, end)
		}
		head, err := a.have(buf, e.header, int64(lenLocal+len(e.name)))
		if err != nil {
			return err
		}
		if err := e.checkLocal(head); err != nil {
			return err
		}
		if end = e.data + e.packed; end > d.at || end < e.data {
			return broken("", e.header, "%s reaches into the central directory", display(e.name))
		}
		descriptor = binary.LittleEndian.Uint16(head[6:])&flagDescriptor != 0
	}
	if gap := d.at - end; gap != 0 && !(descriptor && gap >= 12 && gap <= 24 && gap%4 == 0) {
		a.gaps = append(a.gaps, end)
	}
	return nil
}

// checkLocal reads the local header (APPNOTE.TXT, 4.3.7) up to the name. Products leave sizes out where a descriptor or a ZIP64 field has them.
func (e *entry) checkLocal(head []byte) error {
	le := binary.LittleEndian
	flags, name := le.Uint16(head[6:]), head[lenLocal:]
	if string(head[:4]) != sigLocal || int(le.Uint16(head[26:])) != len(e.name) || string(name) != e.name {
		return broken("", e.header, "the local header of %s has another name, or is none", display(e.name))
	}
	agrees := func(local uint32, central int64, unset uint32) bool {
		return int64(local) == central || local == math.MaxUint32 && unset == math.MaxUint32 || flags&flagDescriptor != 0 && local == 0
	}
	switch {
	case le.Uint16(head[8:]) != e.method, flags&(flagEncrypted|flagStrong) != 0:
		return broken("", e.header, "the local header of %s names another method", display(e.name))
	case !agrees(le.Uint32(head[14:]), int64(e.crc), 0), !agrees(le.Uint32(head[18:]), e.packed, math.MaxUint32), !agrees(le.Uint32(head[22:]), e.size, math.MaxUint32):
		return broken("", e.header, "the local header of %s has other sizes", display(e.name))
	case (flags^e.flags)&flagUTF8 != 0 && !ascii(e.name) && !utf8.ValidString(e.name):
		return broken("", e.header, "the local header of %s says another encoding of the name", display(e.name))
	}
	e.data = e.header + lenLocal + int64(len(e.name)) + int64(le.Uint16(head[28:]))
	return nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
