package main

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"yinxin/gm"
	"yinxin/seal"
	"yinxin/verify"
)

// What seal show --json prints. Names and meanings of fields stay; fields may be added. Times are RFC 3339 in UTC, digests hex, text is what the file
// says with control characters taken out and cut at 200 characters.

// shownFile is a file that is a seal, or a signature with the seal inside it.
type shownFile struct {
	Kind      string         `json:"kind"`     // seal, signature
	Encoding  string         `json:"encoding"` // of the file: der, hex, base64
	Seal      sealView       `json:"seal"`
	Signature *signatureView `json:"signature,omitempty"`
}

// sealView is SESeal. Nothing in it is verified but what says so.
type sealView struct {
	Version        int             `json:"version"`
	Standard       string          `json:"standard"`
	Header         headerView      `json:"header"`
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Type           int             `json:"type"`
	TypeReadings   []typeView      `json:"typeReadings"` // what the number means in each vocabulary that has it
	Created        time.Time       `json:"created"`
	Start          time.Time       `json:"start"`
	End            time.Time       `json:"end"`
	Period         string          `json:"period"` // before, within, after: where this moment lies
	List           listView        `json:"list"`
	Picture        pictureView     `json:"picture"`
	Extensions     []extensionView `json:"extensions"`
	Maker          certView        `json:"maker"`
	MakerSignature bool            `json:"makerSignature"`                // it fits the bytes and the maker's key; whether the maker is trusted is for verify
	MakerError     string          `json:"makerSignatureError,omitempty"` // why not: value, certificate, algorithm, insecure
	Algorithm      string          `json:"signatureAlgorithm"`
	TimeStamp      int             `json:"timeStampBytes"` // 0: none. It is not judged
	Bytes          int             `json:"bytes"`
	SM3            string          `json:"sm3"` // of the SESeal
	Problems       []noteView      `json:"problems"`
	Deviations     []noteView      `json:"deviations"`
}

// signatureView is SES_Signature round the seal.
type signatureView struct {
	Version       int             `json:"version"`
	Time          time.Time       `json:"time,omitzero"` // claimed by the signer
	TimeText      string          `json:"timeText,omitempty"`
	DataHash      string          `json:"dataHash"`
	Property      string          `json:"property"`
	Extensions    []extensionView `json:"extensions"`
	Signer        certView        `json:"signer"`
	Listed        string          `json:"signerListed"`   // yes, no, unknown: in the seal's list of signers
	SignatureFits bool            `json:"valueSignature"` // the value fits the bytes and the signer's key; the document is not looked at
	Error         string          `json:"valueSignatureError,omitempty"`
	Algorithm     string          `json:"signatureAlgorithm"`
	TimeStamp     int             `json:"timeStampBytes"`
	Bytes         int             `json:"bytes"`
	SM3           string          `json:"sm3"`
	Problems      []noteView      `json:"problems"`
	Deviations    []noteView      `json:"deviations"` // of what stands round the seal
}

type headerView struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Vid     string `json:"vid"`
}

type typeView struct {
	Vocabulary string `json:"vocabulary"`
	ZH         string `json:"zh"`
	EN         string `json:"en"`
}

type listView struct {
	Type         int          `json:"type"` // certListType: 1 certificates, 2 digests, 0 in v1, which has no such field
	Certificates []certView   `json:"certificates"`
	Digests      []digestView `json:"digests"`
	Identifiers  []string     `json:"identifiers"` // v1 only
}

type digestView struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type certView struct {
	Subject   string    `json:"subject"` // common name
	SubjectDN string    `json:"subjectDn"`
	Body      string    `json:"organization,omitempty"`
	USCC      string    `json:"uscc,omitempty"` // unified social credit code
	Issuer    string    `json:"issuer"`
	IssuerDN  string    `json:"issuerDn"`
	Serial    string    `json:"serial"` // hex
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	SM3       string    `json:"sm3"`
	Error     string    `json:"error,omitempty"` // the certificate cannot be read
}

type extensionView struct {
	OID      string `json:"oid"`
	ZH       string `json:"zh,omitempty"`
	EN       string `json:"en,omitempty"`
	Critical bool   `json:"critical"`
	Bytes    int    `json:"bytes"`
	Hex      string `json:"hex"` // of the first 32 bytes
	Text     string `json:"text,omitempty"`
}

type noteView struct {
	Offset int64  `json:"offset,omitempty"` // of a deviation, in bytes
	Field  string `json:"field"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

func viewCert(der []byte) certView {
	v := certView{SM3: sm3Hex(der)}
	c, err := gm.ParseCertificate(der)
	if err != nil {
		v.Error = verify.Clean(err.Error())
		return v
	}
	v.SubjectDN, v.IssuerDN = verify.Clean(c.Subject.String()), verify.Clean(c.Issuer.String())
	if v.Subject = verify.Clean(c.Subject.CommonName); v.Subject == "" {
		v.Subject = v.SubjectDN
	}
	if v.Issuer = verify.Clean(c.Issuer.CommonName); v.Issuer == "" {
		v.Issuer = v.IssuerDN
	}
	v.Body = verify.Clean(strings.Join(c.Subject.Organization, " "))
	v.USCC, v.Serial, v.NotBefore, v.NotAfter = gm.SubjectUSCC(c), c.SerialNumber.Text(16), c.NotBefore.UTC(), c.NotAfter.UTC()
	return v
}

func viewSeal(s *seal.Seal, now time.Time) sealView {
	p := s.Info.Property
	v := sealView{Version: int(s.Version), Standard: s.Version.Standard(), Header: headerView{"ES", s.Info.Header.Version, verify.Clean(s.Info.Header.Vid)},
		ID: verify.Clean(s.Info.ESID), Name: verify.Clean(p.Name), Type: p.Type, TypeReadings: []typeView{}, Created: p.Created.UTC(), Start: p.Start.UTC(), End: p.End.UTC(),
		Period: periodAt(p, now), List: viewList(p), Picture: viewPicture(s.Info.Picture), Extensions: viewExtensions(s.Info.Extensions), Maker: viewCert(s.MakerCert),
		Algorithm: s.SignAlg.String(), TimeStamp: len(s.TimeStamp), Bytes: len(s.Raw), SM3: sm3Hex(s.Raw), Problems: viewProblems(s.Validate()),
		Deviations: viewDeviations(s.Deviations)}
	v.MakerSignature, v.MakerError = fits(s.VerifyMaker())
	for _, r := range seal.TypeReadings(s.Version, p.Type) {
		v.TypeReadings = append(v.TypeReadings, typeView{r.Vocabulary, r.ZH, r.EN})
	}
	return v
}

func viewSignature(s *seal.Signature) *signatureView {
	v := &signatureView{Version: s.TBSVersion, Time: s.Time.UTC(), TimeText: verify.Clean(s.TimeText), DataHash: hex.EncodeToString(s.DataHash),
		Property: verify.Clean(s.Property), Extensions: viewExtensions(s.Extensions), Signer: viewCert(s.Cert), Listed: "no", Algorithm: s.Alg.String(),
		TimeStamp: len(s.TimeStamp) + len(s.TimeToken), Bytes: len(s.Raw), SM3: sm3Hex(s.Raw), Problems: viewProblems(s.Validate())}
	around := slices.DeleteFunc(slices.Clone(s.Deviations), func(d seal.Deviation) bool { return slices.Contains(s.Seal.Deviations, d) })
	v.Deviations = viewDeviations(around)
	v.SignatureFits, v.Error = fits(s.Verify())
	switch listed, err := s.Seal.Lists(s.Cert); {
	case listed:
		v.Listed = "yes"
	case err != nil:
		v.Listed = "unknown"
	}
	return v
}

// fits says whether a signature's check succeeded and, where it did not, which of the reasons it was.
func fits(err error) (bool, string) {
	for _, r := range []struct {
		is   error
		code string
	}{{seal.ErrValue, "value"}, {seal.ErrCertificate, "certificate"}, {seal.ErrAlgorithm, "algorithm"}, {seal.ErrInsecure, "insecure"}} {
		if errors.Is(err, r.is) {
			return false, r.code
		}
	}
	return err == nil, ""
}

func periodAt(p seal.Property, now time.Time) string {
	switch {
	case now.Before(p.Start):
		return "before"
	case now.After(p.End):
		return "after"
	}
	return "within"
}

func viewList(p seal.Property) listView {
	v := listView{Type: p.ListType, Certificates: []certView{}, Digests: []digestView{}, Identifiers: []string{}}
	for _, der := range p.Certs {
		v.Certificates = append(v.Certificates, viewCert(der))
	}
	for _, d := range p.Digests {
		v.Digests = append(v.Digests, digestView{verify.Clean(d.Type), hex.EncodeToString(d.Value)})
	}
	for _, id := range p.IDs {
		v.Identifiers = append(v.Identifiers, verify.Clean(id))
	}
	return v
}

// shownBytes is how much of an extension is shown in hex.
const shownBytes = 32

func viewExtensions(list []seal.Extension) []extensionView {
	out := []extensionView{}
	for _, x := range list {
		v := extensionView{OID: x.OID.String(), Critical: x.Critical, Bytes: len(x.Value), Hex: hex.EncodeToString(x.Value[:min(len(x.Value), shownBytes)]),
			Text: verify.Clean(x.Text())}
		v.ZH, v.EN, _ = seal.ExtensionName(x.OID)
		out = append(out, v)
	}
	return out
}

func viewProblems(list []seal.Problem) []noteView {
	out := []noteView{}
	for _, p := range list {
		out = append(out, noteView{Field: p.Field, ZH: verify.Clean(p.ZH), EN: verify.Clean(p.EN)})
	}
	return out
}

func viewDeviations(list []seal.Deviation) []noteView {
	out := []noteView{}
	for _, d := range list {
		out = append(out, noteView{Offset: d.Offset, Field: d.Field, ZH: verify.Clean(d.ZH), EN: verify.Clean(d.EN)})
	}
	return out
}

// sm3Hex is the SM3 digest as people compare it.
func sm3Hex(b []byte) string {
	sum := gm.SM3(b)
	return hex.EncodeToString(sum[:])
}
