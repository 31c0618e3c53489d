package pdf

import "bytes"

// maxOperands bounds what may stand before one operator; a CMap has three for each range.
const maxOperands = 1 << 18

// program reads operators with their operands: a content stream (ISO 32000-1, 7.8.2), or the part of PostScript that CMaps are written in. What is
// malformed is passed over as readers do; each step moves on, so the work is that of the bytes.
type program struct {
	lexer
	operands []Object // of the operator read last; overwritten by the next
}

func newProgram(data []byte, depth int, names map[string]Name) *program {
	return &program{lexer: lexer{buf: data, end: int64(len(data)), depth: depth, longest: int64(len(data)), names: names}}
}

// next reads the next operator; it is empty at the end. It is valid until the program moves.
func (p *program) next() []byte {
	p.operands = p.operands[:0]
	for {
		p.skip()
		c, ok := p.peek()
		if !ok {
			return nil
		}
		if len(p.operands) == maxOperands {
			p.operands = p.operands[:0]
		}
		if class[c] == digit || bytes.IndexByte([]byte("+-./<(["), c) >= 0 {
			p.operand(c)
			continue
		}
		word, err := p.regular()
		switch string(word) {
		case "":
			if err == nil {
				p.pos++ // a bracket that closes nothing
			}
		case "true":
			p.operands = append(p.operands, true)
		case "false":
			p.operands = append(p.operands, false)
		case "null":
			p.operands = append(p.operands, nil)
		default:
			return word
		}
	}
}

// operand reads an operand. A number that is none counts as 0, so that those around it keep their places.
func (p *program) operand(c byte) {
	p.nodes = maxNodes
	o, err := p.object(0)
	if err != nil {
		if c == '/' || c == '<' || c == '(' || c == '[' {
			return
		}
		o = int64(0)
	}
	p.operands = append(p.operands, o)
}

// numbers returns the last n operands; ok is false where they are no numbers or fewer.
func (p *program) numbers(out []float64) (ok bool) {
	from := len(p.operands) - len(out)
	if from < 0 {
		return false
	}
	for i := range out {
		if out[i], ok = asNumber(p.operands[from+i]); !ok {
			return false
		}
	}
	return true
}

func asNumber(o Object) (float64, bool) {
	switch n := o.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// one returns the last operand as a number.
func (p *program) one() (float64, bool) {
	var n [1]float64
	ok := p.numbers(n[:])
	return n[0], ok
}

// last returns the last operand; nil where there is none.
func (p *program) last() Object {
	if len(p.operands) == 0 {
		return nil
	}
	return p.operands[len(p.operands)-1]
}

// name returns the last operand as a name.
func (p *program) lastName() Name {
	n, _ := p.last().(Name)
	return n
}

// skipImage passes over an inline image, behind BI (ISO 32000-1, 8.9.7). Its data ends at an EI that white space surrounds and that text follows.
func (p *program) skipImage() {
	if string(p.next()) != "ID" {
		return // no image; what was to be one is passed over
	}
	for at := p.pos; ; {
		i := bytes.Index(p.buf[at:], []byte("EI"))
		if i < 0 {
			p.pos = len(p.buf)
			return
		}
		at += i + 2
		if p.endsImage(at - 2) {
			p.pos = at
			return
		}
	}
}

// endsImage reports whether the EI at i ends an image.
func (p *program) endsImage(i int) bool {
	const enough = 12 // bytes of text, which compressed data hardly has by chance
	if i == 0 || class[p.buf[i-1]]&space == 0 {
		return false
	}
	rest := p.buf[i+2:]
	if len(rest) > 0 && class[rest[0]]&space == 0 {
		return false
	}
	for _, c := range rest[:min(len(rest), enough)] {
		if class[c]&space == 0 && (c < 0x20 || c > 0x7e) || c == 0 {
			return false
		}
	}
	return true
}
