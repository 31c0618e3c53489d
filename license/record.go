package license

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yinxin/codes"
)

// Codes of the kind of a holder's code, as public descriptions of GB/T 36903 give them.
const (
	HolderUSCC     = "001" // unified social credit code
	HolderIdentity = "111" // resident identity card
)

// Holder is whom a licence is given to.
type Holder struct {
	Name     string `json:"name"`
	Code     string `json:"code"`
	CodeType string `json:"codeType"` // three digits: HolderUSCC, HolderIdentity or another
}

// Order asks for a record.
type Order struct {
	Issuer   Body
	Holder   Holder
	Serial   string // up to 32 digits and upper case letters; never the holder's personal number
	Version  int    // of this licence, from 001
	Previous string // identifier of the version before; needed from version 2 on
	Issued   Day
	Face     Face
}

// TypeRef says which type a record was made under.
type TypeRef struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
	Name    Words  `json:"name"`
}

// Period is the time a licence runs, both days included. An empty Until means no end.
type Period struct {
	From  Day `json:"from"`
	Until Day `json:"until,omitempty"`
}

// Record is one version of one licence: what is attached to its file and kept. It holds no status; that is the registry's.
type Record struct {
	Format     string  `json:"format"` // RecordFormat
	Identifier string  `json:"identifier"`
	Type       TypeRef `json:"type"`
	Issuer     Body    `json:"issuer"`
	Holder     Holder  `json:"holder"`
	Issued     Day     `json:"issued"`
	Validity   Period  `json:"validity"`
	Version    int     `json:"version"`
	Previous   string  `json:"previous,omitempty"`
	Face       Face    `json:"face"`
	QR         string  `json:"qr"` // address the QR code holds: the type's base and the identifier, nothing personal
}

// RecordFormat names the JSON of this package's records.
const RecordFormat = "yinxin-licence-record/1"

// Record makes the record of an order under the type. A refusal is a fault.Invalid whose cause, Problems, names everything wrong at once; warnings
// do not stand in the way.
func (t Type) Record(o Order) (Record, []Warning, error) {
	var p Problems
	warnings := t.checkOrder(&p, o)
	faceWarnings, faceProblems := t.checkFace(o.Face)
	warnings = append(warnings, faceWarnings...)
	p = append(p, faceProblems...)
	t.checkRoles(&p, o)
	id, err := codes.NewLicenceID(t.Code, o.Issuer.USCC, o.Serial, o.Version)
	if err != nil {
		p.add("identifier", "identifier", "流水号或版本号不可用：流水号为 1 至 32 位数字或大写字母，版本 1 至 999",
			"no identifier can be made: a serial is 1 to 32 digits and upper case letters, versions are 1 to 999: "+err.Error())
	}
	until, err := t.until(o)
	if err != nil {
		p.add("validity", "validity", "有效期截止日无法确定，或早于签发日", "the last day cannot be told, or lies before the day of issue")
	}
	if len(p) > 0 {
		return Record{}, warnings, p.fault("license-order", "不能制作证照：", "the licence cannot be made: ")
	}
	r := Record{
		Format: RecordFormat, Identifier: id.String(),
		Type:   TypeRef{Code: t.Code, Version: t.Version, Name: t.Name},
		Issuer: o.Issuer, Holder: o.Holder, Issued: o.Issued, Validity: Period{From: o.Issued, Until: until},
		Version: o.Version, Previous: o.Previous,
		Face: Face{Values: maps.Clone(o.Face.Values), Gaps: maps.Clone(o.Face.Gaps)},
		QR:   t.QR + id.String(),
	}
	if len(r.Face.Gaps) == 0 {
		r.Face.Gaps = nil
	}
	if r.Face.Values == nil {
		r.Face.Values = map[string]string{}
	}
	if p := r.problems(); len(p) > 0 {
		return Record{}, warnings, p.fault("license-order", "不能制作证照：", "the licence cannot be made: ")
	}
	return r, warnings, nil
}

func (t Type) checkOrder(p *Problems, o Order) []Warning {
	var warnings []Warning
	warn := func(w *Warning) {
		if w != nil {
			warnings = append(warnings, *w)
		}
	}
	if !plain(o.Issuer.Name, MaxName, false) {
		p.add("issuer.name", "name", "发证机关名称为空、过长或含控制字符", "the issuing body's name is empty, too long or holds control characters")
	}
	warn(checkUSCC(p, "issuer.uscc", Words{"发证机关代码", "the issuing body's code"}, o.Issuer.USCC))
	if !plain(o.Holder.Name, MaxName, false) {
		p.add("holder.name", "name", "持证主体名称为空、过长或含控制字符", "the holder's name is empty, too long or holds control characters")
	}
	if o.Holder.CodeType == HolderUSCC {
		warn(checkUSCC(p, "holder.code", Words{"持证主体代码", "the holder's code"}, o.Holder.Code))
	} else if o.Holder.Code != "" && strings.Contains(o.Serial, o.Holder.Code) {
		p.add("serial", "serial-personal", "流水号不得包含持证人的证件号码：标识会公开在二维码中",
			"the serial must not hold the holder's personal number: the identifier is public in the QR code")
	}
	if o.Version > 1 && o.Previous == "" {
		p.add("previous", "previous", "第二版起须写明上一版的标识", "from version 2 on the identifier of the version before is needed")
	}
	return warnings
}

// checkRoles holds the fields that repeat the record against it.
func (t Type) checkRoles(p *Problems, o Order) {
	want := map[Role]string{HolderName: o.Holder.Name, HolderCode: o.Holder.Code, IssuerName: o.Issuer.Name, IssueDate: string(o.Issued)}
	for _, f := range t.Fields {
		if v, has := o.Face.Values[f.Key]; has && f.Role != "" && v != want[f.Role] {
			p.add(f.Key, "disagrees", f.Label.ZH+"与证照记录不一致（"+string(f.Role)+"）", f.Label.EN+" differs from the record ("+string(f.Role)+")")
		}
	}
}

// until finds the last day of the licence, "" where there is none.
func (t Type) until(o Order) (Day, error) {
	if _, err := ParseDay(string(o.Issued)); err != nil {
		return "", err
	}
	switch t.Validity.Kind {
	case ValidMonths:
		return o.Issued.lastDay(t.Validity.Months)
	case ValidUntil:
		value, has := o.Face.Values[t.Validity.Field]
		if !has {
			return "", nil
		}
		day, err := ParseDay(value)
		if err == nil && day < o.Issued {
			err = fmt.Errorf("license: the last day %s lies before the day of issue %s", day, o.Issued)
		}
		return day, err
	}
	return "", nil
}

// NeededSeal is a seal that goes with a record.
type NeededSeal struct {
	Kind  SealKind
	Owner Body // the issuing body for AgencySeal, else the holder
	Name  string
}

// SealsFor names the seals that go with a record. A name that needs a value the face does not have is a fault.Invalid.
func (t Type) SealsFor(r Record) ([]NeededSeal, error) {
	var p Problems
	seals := make([]NeededSeal, 0, len(t.Seals))
	for i, s := range t.Seals {
		owner := Body{Name: r.Holder.Name, USCC: r.Holder.Code}
		if s.Kind == AgencySeal {
			owner = r.Issuer
		}
		name := placePattern.ReplaceAllStringFunc(s.Name, func(place string) string {
			word := place[1 : len(place)-1]
			switch word {
			case "issuer":
				return r.Issuer.Name
			case "holder":
				return r.Holder.Name
			}
			value := r.Face.Value(strings.TrimPrefix(word, "face."))
			if value == "" {
				p.add(fmt.Sprintf("seals[%d]", i), "seal-name", "印章名称所需的照面数据缺失："+word, "the seal's name needs "+word+", which the face does not have")
			}
			return value
		})
		seals = append(seals, NeededSeal{Kind: s.Kind, Owner: owner, Name: name})
	}
	return seals, p.fault("license-seals", "印章名称无法确定：", "the seals cannot be named: ")
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
