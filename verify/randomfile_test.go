package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The random files of these tests, and the revisions behind them, are written here, from source text and without package pdf: what writes and what
// judges must not share their mistakes.

// paper is a PDF as the test knows it: every object it wrote itself, or found in what a signer appended, as source.
type paper struct {
	data       []byte
	bodies     map[int]string
	root, info int
	id         string
	next       int  // number of the next new object
	section    int  // offset of the newest cross-reference section; 0 for none
	streams    bool // that section is a stream
	packs      bool // new objects may go into object streams
}

var (
	refPattern    = regexp.MustCompile(`^(\d+)\s+\d+\s+R\b`)
	objectPattern = regexp.MustCompile(`(?:^|[\r\n])(\d+) 0 obj\b`)
	startPattern  = regexp.MustCompile(`startxref\s+(\d+)`)
)

const blanks = " \r\n\t\f\x00"

// token cuts the first object off s.
func token(s string) (object, rest string) {
	s = strings.TrimLeft(s, blanks)
	n := extent(s)
	return s[:n], s[n:]
}

func extent(s string) int {
	switch {
	case s == "":
		return 0
	case strings.HasPrefix(s, "<<"):
		return nested(s, "<<", ">>")
	case s[0] == '[':
		return nested(s, "[", "]")
	case s[0] == '(':
		return literal(s)
	case s[0] == '<':
		return strings.IndexByte(s, '>') + 1
	}
	if m := refPattern.FindString(s); m != "" {
		return len(m)
	}
	if n := strings.IndexAny(s[1:], blanks+"/<>[]()"); n >= 0 {
		return n + 1
	}
	return len(s)
}

func nested(s, opening, closing string) int {
	at := len(opening)
	for {
		at += len(s[at:]) - len(strings.TrimLeft(s[at:], blanks))
		if at >= len(s) || strings.HasPrefix(s[at:], closing) {
			return min(len(s), at+len(closing))
		}
		at += extent(s[at:])
	}
}

func literal(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// entries is a dictionary that keeps its order.
type entries struct {
	keys   []string
	values map[string]string
}

// dictionary reads the dictionary that body is or begins with; tail is what follows, as the data of a stream does.
func dictionary(body string) (d entries, tail string) {
	d.values = map[string]string{}
	whole, tail := token(body)
	if !strings.HasPrefix(whole, "<<") {
		return d, body
	}
	rest := whole[2 : len(whole)-2]
	for {
		var key, value string
		if key, rest = token(rest); key == "" {
			return d, tail
		}
		value, rest = token(rest)
		d.set(strings.TrimPrefix(key, "/"), value)
	}
}

// set gives an entry a value; an empty one takes it away.
func (d *entries) set(key, value string) {
	if _, ok := d.values[key]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[key] = value
}

func (d *entries) source() string {
	var b strings.Builder
	b.WriteString("<<")
	for _, k := range d.keys {
		if v := d.values[k]; v != "" {
			fmt.Fprintf(&b, "/%s %s", k, v)
		}
	}
	b.WriteString(">>")
	return b.String()
}

// items are the elements of an array.
func items(array string) []string {
	var out []string
	if strings.HasPrefix(array, "[") {
		for rest := array[1 : len(array)-1]; ; {
			var o string
			if o, rest = token(rest); o == "" {
				break
			}
			out = append(out, o)
		}
	}
	return out
}

func listOf(items []string) string { return "[" + strings.Join(items, " ") + "]" }

func ref(num int) string { return strconv.Itoa(num) + " 0 R" }

// refNum is the number that a reference names; 0 for what is none.
func refNum(raw string) int {
	if m := refPattern.FindStringSubmatch(raw); m != nil {
		return atoi(m[1])
	}
	return 0
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func streamOf(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// grown is the paper after a signer appended to it: the objects are found by their look.
func (p *paper) grown(data []byte) *paper {
	n := *p
	n.data, n.bodies = data, maps.Clone(p.bodies)
	tail := string(data[len(p.data):])
	for _, m := range objectPattern.FindAllStringSubmatchIndex(tail, -1) {
		num := atoi(tail[m[2]:m[3]])
		body, rest := token(tail[m[1]:])
		d, _ := dictionary(body)
		if strings.HasPrefix(strings.TrimLeft(rest, blanks), "stream") {
			body += rest[:strings.Index(rest, "endstream")+len("endstream")]
		}
		n.next = max(n.next, num+1)
		if n.streams = d.values["Type"] == "/XRef"; n.streams {
			n.trailer(d)
			continue
		}
		n.bodies[num] = body
	}
	if at := strings.LastIndex(tail, "trailer"); at >= 0 {
		d, _ := dictionary(tail[at+len("trailer"):])
		n.streams = false
		n.trailer(d)
	}
	starts := startPattern.FindAllStringSubmatch(tail, -1)
	n.section = atoi(starts[len(starts)-1][1])
	return &n
}

func (p *paper) trailer(d entries) {
	p.root, p.info, p.id = refNum(d.values["Root"]), refNum(d.values["Info"]), d.values["ID"]
}

// increment is a revision to be appended.
type increment struct {
	*paper
	rnd     *rand.Rand
	pending map[int]string // an empty body frees the object
}

func (p *paper) begin(rnd *rand.Rand) *increment {
	n := *p
	n.bodies = maps.Clone(p.bodies)
	return &increment{paper: &n, rnd: rnd, pending: map[int]string{}}
}

// reserve takes the number of an object that is put later.
func (i *increment) reserve() int {
	i.next++
	return i.next - 1
}

func (i *increment) add(body string) int {
	num := i.reserve()
	i.put(num, body)
	return num
}

func (i *increment) put(num int, body string) { i.pending[num], i.bodies[num] = body, body }

// resolve follows a reference.
func (p *paper) resolve(raw string) string {
	for n := refNum(raw); n != 0; n = refNum(raw) {
		raw = p.bodies[n]
	}
	return raw
}

// get is an entry of an object, found along path.
func (p *paper) get(num int, path ...string) string {
	at := p.bodies[num]
	for _, k := range path {
		d, _ := dictionary(p.resolve(at))
		at = d.values[k]
	}
	return at
}

func (p *paper) list(num int, path ...string) []string { return items(p.resolve(p.get(num, path...))) }

// set writes the object again that holds the entry at the end of path.
func (i *increment) set(num int, value string, path ...string) {
	for k := 1; k < len(path); k++ {
		if n := refNum(i.get(num, path[:k]...)); n != 0 {
			i.set(n, value, path[k:]...)
			return
		}
	}
	i.put(num, replaced(i.bodies[num], value, path))
}

func replaced(body, value string, path []string) string {
	d, tail := dictionary(body)
	if len(path) > 1 {
		value = replaced(d.values[path[0]], value, path[1:])
		if value == "<<>>" {
			value = ""
		}
	}
	d.set(path[0], value)
	return d.source() + tail
}

// setList replaces a list where it stands: in the object that it is, or in the one that holds it.
func (i *increment) setList(num int, list []string, path ...string) {
	if n := refNum(i.get(num, path...)); n != 0 {
		i.put(n, listOf(list))
		return
	}
	i.set(num, listOf(list), path...)
}

// entry is where an object is: kind 0 free, 1 at an offset, 2 in an object stream.
type entry struct{ num, kind, at, more int }

// write appends the revision.
func (i *increment) write() *paper {
	b := bytes.NewBuffer(bytes.Clone(i.data))
	if b.Len() > 0 && i.data[b.Len()-1] != '\n' {
		b.WriteByte('\n')
	}
	rows := i.objects(b)
	start := b.Len()
	if i.section == 0 {
		rows = append(rows, entry{0, 0, 0, 65535})
	}
	if i.streams {
		self := i.reserve()
		rows = append(rows, entry{self, 1, start, 0})
	}
	slices.SortFunc(rows, func(a, b entry) int { return a.num - b.num })
	trailer := fmt.Sprintf("/Size %d/Root %d 0 R", i.next, i.root)
	if i.info != 0 {
		trailer += fmt.Sprintf("/Info %d 0 R", i.info)
	}
	if i.id != "" {
		trailer += "/ID" + i.id
	}
	if i.section != 0 {
		trailer += fmt.Sprintf("/Prev %d", i.section)
	}
	if i.streams {
		index, table := stream(rows)
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i.next-1, streamOf("/Type/XRef/W[1 4 2]/Index"+index+trailer, table))
	} else {
		fmt.Fprintf(b, "xref\n%strailer\n<<%s>>\n", table(rows), trailer)
	}
	fmt.Fprintf(b, "startxref\n%d\n%%%%EOF\n", start)
	i.data, i.section = b.Bytes(), start
	return i.paper
}

// objects writes the objects, some of them into an object stream where those may be.
func (i *increment) objects(b *bytes.Buffer) (rows []entry) {
	pack := i.streams && i.packs && i.rnd.IntN(3) > 0
	var head, body strings.Builder
	count, holder := 0, 0
	for _, num := range slices.Sorted(maps.Keys(i.pending)) {
		source := i.pending[num]
		switch {
		case source == "":
			rows = append(rows, entry{num, 0, 0, 1})
		case pack && !strings.Contains(source, "stream") && !strings.Contains(source, "/ByteRange"):
			if holder == 0 {
				holder = i.reserve()
			}
			rows = append(rows, entry{num, 2, holder, count})
			fmt.Fprintf(&head, "%d %d ", num, body.Len())
			body.WriteString(source + "\n")
			count++
		default:
			rows = append(rows, entry{num, 1, b.Len(), 0})
			fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", num, source)
		}
	}
	if count > 0 {
		rows = append(rows, entry{holder, 1, b.Len(), 0})
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", holder, streamOf(fmt.Sprintf("/Type/ObjStm/N %d/First %d", count, head.Len()), head.String()+body.String()))
	}
	return rows
}

// runs cuts rows into subsections of consecutive numbers.
func runs(rows []entry) (out [][]entry) {
	for k, first := 0, 0; k < len(rows); k++ {
		if k+1 == len(rows) || rows[k+1].num != rows[k].num+1 {
			out = append(out, rows[first:k+1])
			first = k + 1
		}
	}
	return out
}

func table(rows []entry) string {
	var b strings.Builder
	for _, run := range runs(rows) {
		fmt.Fprintf(&b, "%d %d\n", run[0].num, len(run))
		for _, r := range run {
			fmt.Fprintf(&b, "%010d %05d %c \n", r.at, r.more, "fn"[r.kind])
		}
	}
	if len(rows) == 0 {
		return "0 0\n"
	}
	return b.String()
}

func stream(rows []entry) (index, table string) {
	var b []byte
	index = "["
	for _, run := range runs(rows) {
		index += fmt.Sprintf("%d %d ", run[0].num, len(run))
		for _, r := range run {
			b = append(b, byte(r.kind), byte(r.at>>24), byte(r.at>>16), byte(r.at>>8), byte(r.at), byte(r.more>>8), byte(r.more))
		}
	}
	return index + "]", string(b)
}
