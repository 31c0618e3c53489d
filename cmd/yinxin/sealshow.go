package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"yinxin/gm"
	"yinxin/seal"
	"yinxin/verify"
)

// sealView is a seal for people and programs. Nothing in it is verified but what says so.
type sealView struct {
	Version  int        `json:"version"`
	Standard string     `json:"standard"`
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Type     int        `json:"type"`
	TypeName string     `json:"typeName"`
	Vendor   string     `json:"vendor"`
	Created  time.Time  `json:"created"`
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Picture  string     `json:"picture"`
	Width    int        `json:"width"`  // mm
	Height   int        `json:"height"` // mm
	Bytes    int        `json:"pictureBytes"`
	Signers  []certView `json:"signers"`
	Digests  int        `json:"digests,omitempty"` // signers named by digest only
	Maker    certView   `json:"maker"`
	MakerOK  bool       `json:"makerSignature"` // the maker's signature over the seal is right; whether the maker is trusted is for verify
	Deviates []string   `json:"deviations,omitempty"`
}

type certView struct {
	Name     string    `json:"name"`
	Issuer   string    `json:"issuer"`
	Serial   string    `json:"serial"`
	NotAfter time.Time `json:"notAfter,omitzero"`
	SM3      string    `json:"sm3"`
}

func viewCert(der []byte) certView {
	v := certView{SM3: digestName(der)}
	c, err := gm.ParseCertificate(der)
	if err != nil {
		v.Name = "?"
		return v
	}
	v.Name, v.Issuer, v.Serial, v.NotAfter = verify.Clean(c.Subject.CommonName), verify.Clean(c.Issuer.CommonName), c.SerialNumber.Text(16), c.NotAfter
	return v
}

func (a *app) viewSeal(s *seal.Seal) sealView {
	p, pic := s.Info.Property, s.Info.Picture
	zh, en := seal.TypeName(p.Type)
	v := sealView{Version: int(s.Version), Standard: s.Version.Standard(), ID: verify.Clean(s.Info.ESID), Name: verify.Clean(p.Name), Type: p.Type,
		TypeName: a.say(zh, en), Vendor: verify.Clean(s.Info.Header.Vid), Created: p.Created, Start: p.Start, End: p.End,
		Picture: verify.Clean(pic.Type), Width: pic.Width, Height: pic.Height, Bytes: len(pic.Data), Signers: []certView{}, Digests: len(p.Digests),
		Maker: viewCert(s.MakerCert), MakerOK: s.VerifyMaker() == nil}
	for _, der := range p.Certs {
		v.Signers = append(v.Signers, viewCert(der))
	}
	for _, d := range s.Deviations {
		v.Deviates = append(v.Deviates, d.Field+": "+d.What)
	}
	return v
}

func (a *app) showSeal(s *seal.Seal, asJSON bool) error {
	v := a.viewSeal(s)
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	row := func(zh, en, format string, args ...any) {
		fmt.Fprintf(a.out, "%s  %s\n", a.say(zh, en), fmt.Sprintf(format, args...))
	}
	row("印章名称", "Name     ", "%s", v.Name)
	row("印章编码", "Code     ", "%s", v.ID)
	row("类型    ", "Type     ", "%s (%d)", v.TypeName, v.Type)
	row("结构    ", "Structure", "v%d %s, %s", v.Version, v.Standard, v.Vendor)
	row("图像    ", "Picture  ", "%s %d × %d mm, %d bytes", v.Picture, v.Width, v.Height, v.Bytes)
	row("制作时间", "Created  ", "%s", v.Created.Format(time.RFC3339))
	row("有效期  ", "Valid    ", "%s – %s", v.Start.Format(time.RFC3339), v.End.Format(time.RFC3339))
	row("制章者  ", "Maker    ", "%s (%s)", v.Maker.Name, v.Maker.Issuer)
	row("制章签名", "Signature", "%s", map[bool]string{
		true: a.say("✔ 正确（制章者是否可信要由 verify 判断）", "✔ right (whether the maker is trusted is for verify to say)"), false: a.say("✘ 不正确", "✘ wrong")}[v.MakerOK])
	for _, c := range v.Signers {
		row("签章人  ", "Signer   ", "%s (%s), %s", c.Name, c.Issuer, c.SM3)
	}
	if v.Digests > 0 {
		row("签章人  ", "Signers  ", "%d (SM3)", v.Digests)
	}
	for _, d := range v.Deviates {
		row("与规范写法不同", "Written otherwise", "%s", d)
	}
	return nil
}

func (a *app) sealShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show F.esl",
		Short: "查看印章 / say what is in a seal",
		Args:  oneArg("印章文件", "seal file"),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := readSmall(args[0])
			if err != nil {
				return err
			}
			s, err := seal.Parse(data)
			if err != nil {
				return unreadable(args[0], err)
			}
			return a.showSeal(s, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "JSON")
	return c
}
