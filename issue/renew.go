package issue

import (
	"bytes"
	"context"
	"encoding/asn1"
	"slices"
	"time"

	"yinxin/codes"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/seal"
)

// Renewal asks a maker to remake a seal: the period ended or will end, or a signer's certificate was reissued, which the old seal's list does not know.
// Picture, name and type stay. Signers, period, creation time and, as a rule, the identifier are new.
type Renewal struct {
	Old      []byte         // SESeal of the seal to be remade, DER; of any generation and of any maker
	OldMaker []byte         // DER certificate that the old seal must hold as its maker's; nil: the old seal must be made with Maker's own key
	Code     codes.SealCode // of the new seal; none with SameCode
	SameCode bool           // the new seal keeps the old identifier
	Type     *int           // of a seal of 2014 only, whose type numbers mean something else; nil: the old seal's
	Signers  []*gm.Certificate
	List     int       // seal.ListCerts or seal.ListDigests; 0: as the old seal, and certificates for one of 2014
	Start    time.Time // as in SealOrder
	End      time.Time // as in SealOrder
	Maker    Maker     // an empty ID keeps the old seal's, where the maker is the same
	Version  seal.Version
	Now      func() time.Time
}

// SealIdentity names one seal for good: the identifier is what people and registers say, the digest tells apart two seals that share one.
type SealIdentity struct {
	ID  string
	SM3 [gm.DigestSize]byte // of the SESeal's DER
}

// Renewed is a seal remade. Old and New are the link between the two, for the register: it is not written into the seal.
type Renewed struct {
	ESL      []byte // SESeal, DER
	Old, New SealIdentity
	Dropped  []asn1.ObjectIdentifier // extensions of the old seal that the new one does not have
	Warnings []fault.Public
}

// RenewSeal remakes a seal. The old seal must hold a good signature of the maker, or of the one maker that OldMaker names: whoever signs a picture and a
// name again vouches for them. Whether the old seal was disabled meanwhile only its register knows, and to disable it now is the register's work too.
//
// Extensions that must be understood (critical) forbid the renewal, since none is. Others stay where the maker is the same; of another maker's seal only
// the names in other languages stay, since the rest may speak of that maker. A time stamp on the old seal is not carried over.
func RenewSeal(ctx context.Context, r Renewal) (Renewed, error) {
	old, err := seal.Parse(r.Old)
	if err != nil {
		return Renewed{}, err
	}
	same, err := r.vouchedFor(old)
	if err != nil {
		return Renewed{}, err
	}
	d, err := r.draft(old, same)
	if err != nil {
		return Renewed{}, err
	}
	out := Renewed{Old: identity(old)}
	if d.info.Extensions, out.Dropped, err = carried(old.Info.Extensions, same); err != nil {
		return Renewed{}, err
	}
	if out.ESL, err = d.make(ctx); err != nil {
		return Renewed{}, err
	}
	made, err := seal.Parse(out.ESL)
	if err != nil {
		return Renewed{}, err
	}
	out.New = identity(made)
	out.Warnings = append(outlived(made.Info.Property.End, r.Maker, r.Signers), otherBodies(old, r.Signers)...)
	return out, nil
}

func identity(s *seal.Seal) SealIdentity {
	return SealIdentity{ID: s.Info.ESID, SM3: gm.SM3(s.Raw)}
}

// vouchedFor checks the old seal's maker and reports whether it is the maker of the new one. Names prove nothing here, keys do: anybody can write a
// certificate with the maker's name in it.
func (r *Renewal) vouchedFor(old *seal.Seal) (same bool, err error) {
	if err := old.VerifyMaker(); err != nil {
		return false, fault.New(fault.Denied, "renew-forged", "原印章的制章者签名未通过核验，不能据以重新制章：请向原制章者索取完好的印章",
			"the old seal's maker signature does not hold, so it cannot be remade: ask its maker for a sound copy", err)
	}
	same = sameKey(old.MakerCert, r.Maker.Certificate)
	switch {
	case r.OldMaker == nil && same, r.OldMaker != nil && bytes.Equal(r.OldMaker, old.MakerCert):
		return same, nil
	case r.OldMaker != nil:
		return false, fault.New(fault.Denied, "renew-wrong-maker", "原印章不是所指明的制章者证书签发的，不能据以重新制章",
			"the old seal was not made with the maker's certificate that was named, so it cannot be remade", nil)
	}
	return false, fault.New(fault.Denied, "renew-other-maker",
		"原印章是用另一把制章密钥制作的：先核验原印章，确认可信后指明原制章者的证书，再重新制章",
		"the old seal was made with another maker's key: verify it first, then name its maker's certificate to have it remade", nil)
}

func sameKey(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := gm.ParseCertificate(a)
	y, errY := gm.ParseCertificate(b)
	return errX == nil && errY == nil && bytes.Equal(x.RawSubjectPublicKeyInfo, y.RawSubjectPublicKeyInfo)
}

// draft is the new seal but for its extensions.
func (r *Renewal) draft(old *seal.Seal, same bool) (*draft, error) {
	id, err := r.identifier(old.Info.ESID)
	if err != nil {
		return nil, err
	}
	version, err := r.version(old.Version)
	if err != nil {
		return nil, err
	}
	kind, err := r.kind(old)
	if err != nil {
		return nil, err
	}
	vid := r.Maker.ID
	if vid == "" && same {
		vid = old.Info.Header.Vid
	}
	list := r.List
	if list == 0 {
		list = old.Info.Property.ListType // 0 in a seal of 2014, and then certificates
	}
	info := seal.Info{Header: seal.Header{Vid: vid}, ESID: id, Picture: old.Info.Picture, Property: seal.Property{Type: kind, Name: old.Info.Property.Name}}
	return &draft{info: info, signers: r.Signers, list: list, start: r.Start, end: r.End, maker: r.Maker, version: version, now: r.Now()}, nil
}

func (r *Renewal) identifier(old string) (string, error) {
	switch {
	case r.SameCode == !r.Code.IsZero():
		return "", fault.New(fault.Invalid, "renew-code", "请给出新的印章编码，或说明沿用原编码，二者取一",
			"name the new seal's code, or say that it keeps the old one: one of the two", nil)
	case r.SameCode:
		return old, nil
	case r.Code.String() == old:
		return "", fault.New(fault.Invalid, "renew-code-same", "新印章的编码与原印章相同（"+old+"）：两枚印章会难以区分，请换一个编码，确要沿用时须明示",
			"the new code is the old seal's ("+old+"), so the two would be hard to tell apart: name another, or say that the code is kept", nil)
	}
	return r.Code.String(), nil
}

// version is the generation of the new seal: the old one's, or a later one.
func (r *Renewal) version(old seal.Version) (seal.Version, error) {
	switch {
	case r.Version == 0 && old == seal.V1:
		return 0, fault.New(fault.Invalid, "renew-version", "原印章是 2014 版结构，请指明重新制成第 4 版还是第 5 版",
			"the old seal has the structure of 2014: say whether to remake it as version 4 or 5", nil)
	case r.Version == 0:
		return old, nil
	case r.Version < old:
		return 0, fault.New(fault.Invalid, "renew-version-back", "原印章已是 "+old.String()+" 结构，不能退回 "+r.Version.String(),
			"the old seal is of "+old.String()+" and is not remade as "+r.Version.String(), nil)
	}
	return r.Version, nil
}

// kind is the type number of the new seal.
func (r *Renewal) kind(old *seal.Seal) (int, error) {
	now := old.Info.Property.Type
	switch {
	case old.Version == seal.V1 && r.Type == nil:
		return 0, fault.New(fault.Invalid, "renew-type", "2014 版印章的类型编号含义不同，请指明新印章的类型",
			"the type number of a seal of 2014 means something else today: name the new seal's type", nil)
	case r.Type == nil || *r.Type == now:
		return now, nil
	case old.Version != seal.V1:
		return 0, fault.New(fault.Invalid, "renew-type-kept", "重新制章不改变印章类型；要改类型请另制新章", "a seal keeps its type when it is remade; have a new seal made for another type", nil)
	}
	return *r.Type, nil
}

// carried divides the old seal's extensions into those that the new one has too and the others.
func carried(all []seal.Extension, same bool) (kept []seal.Extension, dropped []asn1.ObjectIdentifier, err error) {
	for _, x := range all {
		switch {
		case x.Critical:
			return nil, nil, fault.New(fault.Denied, "renew-extension", "原印章带有必须理解而本系统不认识的扩展项 "+x.OID.String()+"，不能重新制章；请另制新章",
				"the old seal has the extension "+x.OID.String()+", which must be understood and is not known here: have a new seal made instead", nil)
		case same || x.IsName():
			kept = append(kept, x)
		default:
			dropped = append(dropped, x.OID)
		}
	}
	return kept, dropped, nil
}

// otherBodies warns of new signers whose code is none of those in the old seal's certificates: a seal is remade for its owner.
func otherBodies(old *seal.Seal, signers []*gm.Certificate) []fault.Public {
	var before []string
	for _, der := range old.Info.Property.Certs {
		if c, err := gm.ParseCertificate(der); err == nil {
			if code := gm.SubjectUSCC(c); code != "" {
				before = append(before, code)
			}
		}
	}
	var out []fault.Public
	for _, c := range signers {
		code := gm.SubjectUSCC(c)
		if code == "" || len(before) == 0 || slices.Contains(before, code) {
			continue
		}
		out = append(out, fault.Public{Code: "renew-other-body",
			ZH: "签章人证书“" + show(c) + "”的统一社会信用代码 " + code + " 不在原印章的证书中：请确认印章所有者未变",
			EN: "the signer's certificate “" + show(c) + "” has the unified social credit code " + code + ", which no certificate in the old seal has: make sure that the owner is the same"})
	}
	return out
}
