package ofd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"yinxin/document"
	"yinxin/fault"
)

// gather is how many bytes of headers and small parts are written at once. The data of larger ones passes it by.
const gather = 16 << 10

// planned is one entry of the output: as it is in the package, or with other data, or new.
type planned struct {
	e       *entry // nil: new
	name    string
	data    []byte // nil: as it is
	protect bool   // the signature lists it
}

// draft is a signature laid out. It implements document.Draft.
type draft struct {
	d       *Document
	plan    []planned
	path    string // of Signature.xml
	text    signatureText
	reserve int
	at      time.Time
	out     zipWriter
	state   draftState
}

type draftState uint8

const (
	drafted draftState = iota
	copying            // Copy was called and did not end well
	copied
	finished
)

// Property is the propertyInfo of OFD practice: the path of Signature.xml from the root of the package.
func (p *draft) Property() string { return "/" + p.path }

// Copy writes every entry but the value, those that stay as they are stored, and digests on the way what the signature protects. What was digested before,
// to check earlier signatures, is not digested again; should the base have changed in between, the signature does not verify. It returns the digest of
// Signature.xml, which is the last entry written. The output is no archive until Finish.
func (p *draft) Copy(s document.Sink, h document.Hasher) ([]byte, error) {
	if p.state != drafted {
		return nil, errors.New("ofd: Copy was called before")
	}
	p.state = copying
	sum, err := h("")
	if err != nil {
		return nil, fmt.Errorf("ofd: hash of the signature: %w", err)
	}
	buffer := bufio.NewWriterSize(s, gather)
	p.out = zipWriter{w: buffer}
	var refs []protected
	for _, step := range p.plan {
		digest, err := p.copy(step, h)
		if err != nil {
			return nil, malformed(err)
		}
		if step.protect {
			refs = append(refs, protected{loc: step.name, sum: digest})
		}
	}
	text := p.text.xml(refs)
	if err := p.out.add(p.path, text, p.at); err != nil {
		return nil, err
	}
	if err := buffer.Flush(); err != nil {
		return nil, fmt.Errorf("ofd: write the package: %w", err)
	}
	p.out.w = s
	sum.Write(text)
	p.state = copied
	return sum.Sum(nil), nil
}

// copy writes one entry and returns its digest, where the signature lists it.
func (p *draft) copy(step planned, h document.Hasher) ([]byte, error) {
	if step.data != nil {
		if err := p.out.add(step.name, step.data, p.at); err != nil || !step.protect {
			return nil, err
		}
		sum, err := h(oidSM3)
		if err != nil {
			return nil, fmt.Errorf("ofd: hash of a part: %w", err)
		}
		sum.Write(step.data)
		return sum.Sum(nil), nil
	}
	if err := p.out.begin(step.e); err != nil {
		return nil, err
	}
	id := digestID{step.e, oidSM3}
	_, known := p.d.digests[id]
	_, kept := p.d.kept[step.e]
	if !step.protect || known || kept {
		var digest []byte
		if step.protect {
			var err error
			if digest, err = p.d.hashed(step.e, oidSM3, h); err != nil {
				return nil, err
			}
		}
		src := packed{a: p.d.zip, off: step.e.data, left: step.e.packed, room: p.d.zip.inflate.src.room}
		return digest, src.copyAll(&p.out)
	}
	sum, err := h(oidSM3)
	if err != nil {
		return nil, fmt.Errorf("ofd: hash of a part: %w", err)
	}
	if err := p.d.zip.copyAll(step.e, &p.out, sum); err != nil {
		return nil, err
	}
	out := digest{sum: sum.Sum(nil)}
	p.d.digests[id] = out
	return out.sum, nil
}

// copyAll writes what is left of the data as stored.
func (p *packed) copyAll(w io.Writer) error {
	p.copyTo = w
	for p.left > 0 {
		if err := p.fill(); err != nil {
			return err
		}
	}
	return nil
}

// Finish appends the value and the central directory.
func (p *draft) Finish(s document.Sink, value []byte) error {
	if p.state != copied {
		return errors.New("ofd: Finish wants exactly one Copy before and is called once")
	}
	room := maxControl
	if p.reserve > 0 {
		room = min(room, p.reserve)
	}
	if len(value) == 0 || len(value) > room {
		return fault.New(fault.Limit, "ofd-value-too-long", fmt.Sprintf("签名值为 %d 字节，应为 1 至 %d 字节；请加大预留后重新签章", len(value), room),
			fmt.Sprintf("the signature value has %d bytes where 1 to %d may be; prepare again with a larger reserve", len(value), room), nil)
	}
	p.state = finished
	buffer := bufio.NewWriterSize(s, gather)
	p.out.w = buffer
	if err := p.out.add(p.text.value, value, p.at); err != nil {
		return err
	}
	if err := p.out.end(); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("ofd: write the package: %w", err)
	}
	return nil
}
