package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/seal"
)

// jsonHelp documents what --json prints. Its fields are those of shownFile.
const jsonHelp = `
--json prints one object. Fields keep their names and meanings; others may be added. Times are RFC 3339 in UTC, digests and serials hex, sizes bytes.
  kind seal|signature · encoding der|hex|base64 · seal {…} · signature {…} where the file is one
  seal: version 1|4|5, standard, header {id, version, vid}, id, name, type, typeReadings [{vocabulary, zh, en}], created, start, end,
    period before|within|after (where this moment lies), list {type, certificates [cert], digests [{type, value}], identifiers},
    picture {type, format png|gif|jpg|bmp|ofd|bin, widthMm, heightMm, bytes, widthPx, heightPx, sm3, scanSm3}, extensions [extension], maker cert,
    makerSignature true|false, makerSignatureError, signatureAlgorithm, timeStampBytes, bytes, sm3, problems [note], deviations [note]
  signature: version, time, timeText, dataHash, property, extensions [extension], signer cert, signerListed yes|no|unknown, valueSignature true|false,
    valueSignatureError, signatureAlgorithm, timeStampBytes, bytes, sm3, problems [note], deviations [note]
  cert: subject, subjectDn, organization, uscc, issuer, issuerDn, serial, notBefore, notAfter, sm3, error
  …SignatureError: value, certificate, algorithm or insecure, which did not hold
  extension: oid, zh, en, critical, bytes, hex (first 32 bytes), text · note: offset, field, zh, en
`

func (a *app) sealShow() *cobra.Command {
	var asJSON bool
	var picture string
	c := &cobra.Command{
		Use:   "show F.esl",
		Short: "查看印章 / say what is in a seal",
		Long: `show 说明印章（SESeal）的全部内容，不论由谁、按哪一代标准制作；也可查看印章签名（SES_Signature，例如 OFD 里的 SignedValue.dat）和其中的印章。
文件是什么按内容而不按文件名识别，十六进制和 base64 文本也可以。

签名用文件里的证书验证。这些证书是否可信，这里不作判断，请用 verify 并以 --trust 指定信任目录。

--json 输出一个对象，字段见下文；字段的名称和含义不变，可能增加新字段。时间为 UTC，摘要和序列号为十六进制，大小为字节数。

show says what is in a seal (SESeal) of any maker and generation, or in a seal signature (SES_Signature, such as SignedValue.dat of an OFD) with the seal
inside it. What the file is shows in its bytes, not in its name; hex and base64 text are taken too.

Signatures are checked against the certificates that the file itself holds. Whether anybody should believe those is not said: verify does, with --trust.
` + jsonHelp,
		Args: oneArg("印章文件", "seal file"),
		RunE: func(_ *cobra.Command, args []string) error { return a.showFile(args[0], picture, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "JSON")
	c.Flags().StringVar(&picture, "picture", "", "另存图像 / `FILE` to write the picture to, which must not exist; its suffix is that of the picture")
	return c
}

func (a *app) showFile(path, picture string, asJSON bool) error {
	data, err := readSmall(path)
	if err != nil {
		return err
	}
	der, encoding := binary(data)
	s, sig, err := parseShown(der)
	if err != nil {
		return unreadable(path, err)
	}
	v := shownFile{Kind: "seal", Encoding: encoding, Seal: viewSeal(s, a.now())}
	if sig != nil {
		v.Kind, v.Signature = "signature", viewSignature(sig)
	}
	if picture != "" {
		saved, err := savePicture(picture, s.Info.Picture)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.err, a.say("图像已另存为 ", "picture written to ")+plain(saved))
	}
	if !asJSON {
		return a.printShown(v)
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// parseShown reads a seal, or a signature and the seal inside it.
func parseShown(der []byte) (*seal.Seal, *seal.Signature, error) {
	if bytes.HasPrefix(der, []byte("%PDF-")) || bytes.HasPrefix(der, []byte("PK\x03\x04")) {
		return nil, nil, fault.New(fault.Invalid, "not-a-seal", "这是一份文件，不是印章：文件上的印章请用 yinxin verify 查看",
			"this is a document, not a seal: yinxin verify says which seals are on it", nil)
	}
	if seal.IsSignature(der) {
		sig, err := seal.ParseSignature(der)
		if err != nil {
			return nil, nil, err
		}
		return sig.Seal, sig, nil
	}
	s, err := seal.Parse(der)
	return s, nil, err
}

// derSequence is how every seal and signature begins.
const derSequence = 0x30

// binary undoes the text forms in which seals are handed round: hex and base64, with line breaks or without. What is neither is returned as it is.
func binary(data []byte) (der []byte, encoding string) {
	if len(data) < 2 || begins(data) && data[1] >= 0x80 { // a length of more than one octet, as that of every seal, is no text
		return data, "der"
	}
	text := bytes.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, data)
	if out, err := hex.DecodeString(string(text)); err == nil && begins(out) {
		return out, "hex"
	}
	if out, err := base64.StdEncoding.DecodeString(string(text)); err == nil && begins(out) {
		return out, "base64"
	}
	return data, "der"
}

func begins(b []byte) bool { return len(b) > 0 && b[0] == derSequence }
