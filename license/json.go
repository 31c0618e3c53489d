package license

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"yinxin/codes"
	"yinxin/fault"
)

// MaxRecordBytes is the largest record read or written.
const MaxRecordBytes = 1 << 20

var (
	codeTypePattern   = regexp.MustCompile(`^[0-9]{3}$`)
	holderCodePattern = regexp.MustCompile(`^[0-9A-Z()\-]{1,40}$`)
)

// Marshal writes the record as canonical JSON: UTF-8 without indentation, members in the order of the Record type, face data by key, no HTML
// escaping, no final line feed. One record has one encoding. A record that ParseRecord would refuse is refused here.
func Marshal(r Record) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	data, err := encode(r)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxRecordBytes {
		return nil, fault.New(fault.Limit, "license-record-size",
			fmt.Sprintf("证照记录超过 %d 字节，请缩短照面数据", MaxRecordBytes),
			fmt.Sprintf("the licence record is larger than %d bytes, shorten the face data", MaxRecordBytes), nil)
	}
	return data, nil
}

func encode(r Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("license: encode record: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// ParseRecord reads a record. Only what Marshal writes is accepted, byte for byte, so no two readers can see different data; the rest is a *ParseError.
func ParseRecord(data []byte) (Record, error) {
	if len(data) > MaxRecordBytes {
		return Record{}, &ParseError{Offset: MaxRecordBytes, Err: fmt.Errorf("the record is larger than %d bytes", MaxRecordBytes)}
	}
	if i := invalidUTF8(data); i >= 0 {
		return Record{}, &ParseError{Offset: int64(i), Err: errors.New("the record is not UTF-8")}
	}
	var r Record
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		at := d.InputOffset()
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			at = syntax.Offset
		case errors.As(err, &kind):
			at = kind.Offset
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			at = int64(len(data))
		}
		return Record{}, &ParseError{Offset: at, Err: err}
	}
	if p := r.problems(); len(p) > 0 {
		return Record{}, &ParseError{Offset: -1, Err: p}
	}
	canonical, err := encode(r)
	if err != nil {
		return Record{}, &ParseError{Offset: -1, Err: err}
	}
	if !bytes.Equal(canonical, data) {
		return Record{}, &ParseError{Offset: firstDifference(canonical, data), Err: errors.New("not the canonical encoding of the record")}
	}
	return r, nil
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func firstDifference(a, b []byte) int64 {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return int64(i)
		}
	}
	return int64(n)
}

// Validate says whether the record holds together by itself: identifier, type, issuer and version agree, days exist, texts are plain. Whether the face
// is complete only its type can say (Type.Check). The error is a fault.Invalid with Problems as its cause.
func (r Record) Validate() error {
	return r.problems().fault("license-record", "证照记录有误：", "the licence record is wrong: ")
}

func (r Record) problems() Problems {
	var p Problems
	if r.Format != RecordFormat {
		p.add("format", "format", "不是 "+RecordFormat, "not "+RecordFormat)
	}
	r.checkIdentifier(&p)
	checkWords(&p, "type.name", r.Type.Name)
	if !plain(r.Issuer.Name, MaxName, false) || !plain(r.Holder.Name, MaxName, false) {
		p.add("issuer, holder", "name", "名称为空、过长或含控制字符", "a name is empty, too long or holds control characters")
	}
	if !codeTypePattern.MatchString(r.Holder.CodeType) || !holderCodePattern.MatchString(r.Holder.Code) {
		p.add("holder", "holder-code", "持证主体代码或其类型格式不对", "the holder's code or its type is malformed")
	}
	r.checkDays(&p)
	r.checkFace(&p)
	return p
}

func (r Record) checkIdentifier(p *Problems) {
	id, err := codes.ParseLicenceID(r.Identifier)
	switch {
	case err != nil || id.String() != r.Identifier || !id.CheckOK():
		p.add("identifier", "identifier", "标识有误或校验位不符", "the identifier is malformed or its check character is wrong")
	case id.Type != r.Type.Code || id.Issuer != r.Issuer.USCC || id.Version != r.Version || r.Type.Version < 1:
		p.add("identifier", "identifier", "标识与类型、发证机关或版本不一致", "the identifier does not agree with type, issuer and version")
	}
	if r.Previous != "" {
		if id, err := codes.ParseLicenceID(r.Previous); err != nil || id.String() != r.Previous || r.Previous == r.Identifier {
			p.add("previous", "previous", "上一版的标识有误", "the identifier of the version before is wrong")
		}
	} else if r.Version > 1 {
		p.add("previous", "previous", "第二版起须写明上一版的标识", "from version 2 on the identifier of the version before is needed")
	}
	if base, ok := bytes.CutSuffix([]byte(r.QR), []byte(r.Identifier)); !ok || checkBase(string(base)) != nil {
		p.add("qr", "qr", "二维码地址应为 https 基址加标识", "the QR address must be an https base and the identifier")
	}
}

func (r Record) checkDays(p *Problems) {
	for _, d := range []struct {
		where string
		day   Day
		empty bool
	}{{"issued", r.Issued, false}, {"validity.from", r.Validity.From, false}, {"validity.until", r.Validity.Until, true}} {
		if _, err := ParseDay(string(d.day)); err != nil && !(d.empty && d.day == "") {
			p.add(d.where, "date", "不是日期，应写作 2006-01-02", "not a date, write 2006-01-02")
		}
	}
	if r.Validity.Until != "" && r.Validity.Until < r.Validity.From {
		p.add("validity", "validity", "截止日早于起始日", "the last day lies before the first")
	}
}

func (r Record) checkFace(p *Problems) {
	if r.Face.Values == nil || len(r.Face.Values)+len(r.Face.Gaps) > MaxFields || r.Face.Gaps != nil && len(r.Face.Gaps) == 0 {
		p.add("face", "face", "照面数据缺失或过多", "the face is missing or too large")
		return
	}
	for _, key := range sortedKeys(r.Face.Values) {
		if !keyPattern.MatchString(key) || !plain(r.Face.Values[key], MaxValue, true) {
			p.add(short(key), "text", "键或值有误", "the key or the value is malformed")
		}
	}
	for _, key := range sortedKeys(r.Face.Gaps) {
		_, both := r.Face.Values[key]
		if !keyPattern.MatchString(key) || !wordPattern.MatchString(r.Face.Gaps[key]) || both {
			p.add(short(key), "gap", "缺失标记有误", "the gap is malformed")
		}
	}
}
