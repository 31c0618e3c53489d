package timestamp

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Status is PKIStatus of RFC 3161 2.4.2.
type Status int

// The statuses.
const (
	Granted                Status = 0
	GrantedWithMods        Status = 1 // a token, but not as it was asked for
	Rejection              Status = 2
	Waiting                Status = 3
	RevocationWarning      Status = 4
	RevocationNotification Status = 5
)

// In says the status in words, "zh" or "en"; anything else is "en".
func (s Status) In(lang string) string {
	words := [...][2]string{
		{"已签发", "granted"}, {"已签发但有改动", "granted with modifications"}, {"拒绝", "rejected"}, {"等待", "waiting"},
		{"即将吊销", "revocation is imminent"}, {"已吊销", "revoked"},
	}
	if s < 0 || int(s) >= len(words) {
		return fmt.Sprintf("%d", int(s))
	}
	if lang == "zh" {
		return words[s][0]
	}
	return words[s][1]
}

// FailureInfo is a bit of PKIFailureInfo (RFC 3161 2.4.2); NoFailure where none is set.
type FailureInfo int

// The failures.
const (
	NoFailure           FailureInfo = -1
	BadAlg              FailureInfo = 0
	BadRequest          FailureInfo = 2
	BadDataFormat       FailureInfo = 5
	TimeNotAvailable    FailureInfo = 14
	UnacceptedPolicy    FailureInfo = 15
	UnacceptedExtension FailureInfo = 16
	AddInfoNotAvailable FailureInfo = 17
	SystemFailure       FailureInfo = 25
)

// In says the failure in words, "zh" or "en"; anything else is "en".
func (f FailureInfo) In(lang string) string {
	zh, en := fmt.Sprintf("失败代码 %d", int(f)), fmt.Sprintf("failure %d", int(f))
	switch f {
	case NoFailure:
		zh, en = "未说明原因", "no reason was given"
	case BadAlg:
		zh, en = "不支持该摘要算法（badAlg）", "the hash algorithm is not taken (badAlg)"
	case BadRequest:
		zh, en = "不允许或不支持该请求（badRequest）", "the request is not allowed or not supported (badRequest)"
	case BadDataFormat:
		zh, en = "请求的数据格式不对（badDataFormat）", "the data of the request has the wrong form (badDataFormat)"
	case TimeNotAvailable:
		zh, en = "时间源不可用（timeNotAvailable）", "the authority's time source is not available (timeNotAvailable)"
	case UnacceptedPolicy:
		zh, en = "不支持所请求的时间戳策略（unacceptedPolicy）", "the policy asked for is not supported (unacceptedPolicy)"
	case UnacceptedExtension:
		zh, en = "不支持请求中的扩展（unacceptedExtension）", "an extension of the request is not supported (unacceptedExtension)"
	case AddInfoNotAvailable:
		zh, en = "所要的附加信息不可用（addInfoNotAvailable）", "additional information was asked for that is not available (addInfoNotAvailable)"
	case SystemFailure:
		zh, en = "时间戳服务内部故障（systemFailure）", "the authority failed inside (systemFailure)"
	}
	if lang == "zh" {
		return zh
	}
	return en
}

// Reply is an authority's answer: TimeStampResp of RFC 3161 2.4.2.
type Reply struct {
	Status  Status
	Text    []string // what the authority says, UTF-8
	Failure FailureInfo
	Token   []byte // ContentInfo; nil for none
}

// ParseReply reads a TimeStampResp of at most 4 MB. The error is a *ParseError. The token is not looked into.
func ParseReply(der []byte) (*Reply, error) {
	if len(der) > maxMessage {
		return nil, &ParseError{Offset: maxMessage, What: "the reply is larger than 4 MB"}
	}
	outer := newReader(der, 0)
	r, err := outer.enter(cbasn1.SEQUENCE, "TimeStampResp")
	if err != nil {
		return nil, err
	}
	if err := outer.done("TimeStampResp"); err != nil {
		return nil, err
	}
	out := &Reply{Failure: NoFailure}
	if err := out.status(&r); err != nil {
		return nil, err
	}
	if !r.in.Empty() {
		if !r.is(cbasn1.SEQUENCE) {
			return nil, r.fail("a token expected")
		}
		if out.Token, err = r.element("a token"); err != nil {
			return nil, err
		}
	}
	return out, r.done("the token")
}

// status reads PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL, failInfo BIT STRING OPTIONAL }.
func (p *Reply) status(r *reader) error {
	in, err := r.enter(cbasn1.SEQUENCE, "PKIStatusInfo")
	if err != nil {
		return err
	}
	n, err := in.version("status")
	if err != nil {
		return err
	}
	p.Status = Status(n)
	if in.is(cbasn1.SEQUENCE) {
		if err := p.texts(&in); err != nil {
			return err
		}
	}
	if in.is(cbasn1.BIT_STRING) {
		if err := p.failure(&in); err != nil {
			return err
		}
	}
	return in.done("PKIStatusInfo")
}

func (p *Reply) texts(r *reader) error {
	list, err := r.enter(cbasn1.SEQUENCE, "statusString")
	if err != nil {
		return err
	}
	for !list.in.Empty() {
		text, err := list.enter(cbasn1.UTF8String, "a text of statusString")
		if err != nil {
			return err
		}
		if len(p.Text) == maxTexts || len(text.in) > maxText || !utf8.Valid(text.in) {
			return list.fail("statusString is too long or not UTF-8")
		}
		p.Text = append(p.Text, string(text.in))
	}
	return nil
}

// failure reads the first bit that is set; bits are counted from the left.
func (p *Reply) failure(r *reader) error {
	at := r.at()
	bits, err := r.enter(cbasn1.BIT_STRING, "failInfo")
	if err != nil {
		return err
	}
	if len(bits.in) < 1 || len(bits.in) > 9 || bits.in[0] > 7 || len(bits.in) == 1 && bits.in[0] != 0 {
		return &ParseError{Offset: at, What: "failInfo is malformed"}
	}
	for i := range 8 * (len(bits.in) - 1) {
		if bits.in[1+i/8]&(0x80>>(i%8)) != 0 {
			p.Failure = FailureInfo(i)
			return nil
		}
	}
	return nil
}

// Words is the authority's refusal in one line, "zh" or "en": status, failure and its own text, of which control characters are taken out.
func (p *Reply) Words(lang string) string {
	out := p.Status.In(lang)
	if p.Failure != NoFailure || len(p.Text) == 0 {
		out += ": " + p.Failure.In(lang)
	}
	for _, t := range p.Text {
		out += "; " + strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				return -1
			}
			return r
		}, t[:min(len(t), 200)])
	}
	return strings.ToValidUTF8(out, "")
}

// Marshal writes the reply as DER. A token is taken as it is.
func (p *Reply) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(p.Status))
			if len(p.Text) > 0 {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, t := range p.Text {
						b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(t)) })
					}
				})
			}
			if p.Failure >= 0 {
				b.AddASN1(cbasn1.BIT_STRING, func(b *cryptobyte.Builder) { addBit(b, int(p.Failure)) })
			}
		})
		b.AddBytes(p.Token)
	})
	return b.Bytes()
}

// addBit writes a named bit list of one bit, without zero bits at its end (X.690 11.2.2).
func addBit(b *cryptobyte.Builder, bit int) {
	bits := make([]byte, bit/8+1)
	bits[bit/8] = 0x80 >> (bit % 8)
	b.AddUint8(uint8(7 - bit%8))
	b.AddBytes(bits)
}
