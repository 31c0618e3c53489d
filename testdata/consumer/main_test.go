package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/ca/local"
	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/layout"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/sign"
	"yinxin/trust"
	"yinxin/verify"
)

const (
	owner      = "云杉示例科技有限公司"
	passphrase = "only for this test"
)

// TestRun makes a world in a folder, with nothing but what the module offers to everybody, and runs the program in it.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	makeWorld(t, in)
	var out bytes.Buffer
	for kind, profiles := range map[string][2]string{"pdf": {"GM.sm2seal", "ETSI.CAdES.detached"}, "ofd": {"Seal", "Sign"}} {
		o := options{seal: in("owner.esl"), keys: in("keys"), key: "owner", trust: in("trust"), in: in("page." + kind), out: in("sealed." + kind), passphrase: []byte(passphrase)}
		out.Reset()
		if err := run(context.Background(), o, &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"seal 9900000000001 " + owner, profiles[0] + ": PASSED", profiles[1] + ": PASSED", "the file: PASSED"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: the program does not say %q but\n%s", kind, want, &out)
			}
		}
	}
	spoilt, err := os.ReadFile(in("sealed.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	spoilt[bytes.IndexByte(spoilt, '\n')+2] ^= 1
	trusted, err := trust.Load(os.DirFS(in("trust")))
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := judge(context.Background(), document.NewMemory(spoilt), trusted, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "the file: "+string(verify.Failed)) {
		t.Errorf("of a file that was altered the program says\n%s", &out)
	}
}

// makeWorld is a key store, an authority, a seal, a trust folder and a PDF.
func makeWorld(t *testing.T, in func(string) string) {
	t.Helper()
	ctx := context.Background()
	store, err := keystore.Create(in("keys"), []byte(passphrase))
	check(t, err)
	keys := soft.New(store)
	defer keys.Close()
	generate := func(name hsm.Ref) hsm.Key {
		k, err := keys.Generate(ctx, name, hsm.Spec{Algorithm: hsm.SM2})
		check(t, err)
		return k
	}
	authority, err := local.Init(ctx, in("ca"), local.Options{Name: "示例根", Key: generate("root"), Ref: "root"})
	check(t, err)
	defer authority.Close()
	now := time.Now()
	certify := func(p ca.Profile, name string, k hsm.Key) *gm.Certificate {
		c, err := authority.Issue(ctx, ca.Request{Profile: p, Subject: ca.Subject{CommonName: name}, Public: k.Public(), NotBefore: now, NotAfter: now.AddDate(1, 0, 0)})
		check(t, err)
		return c
	}
	makerKey := generate("maker")
	maker, holder := certify(ca.Maker, "示例制章中心", makerKey), certify(ca.Owner, owner, generate("owner"))

	drawing, err := draw.New(draw.Design{Kind: draw.LegalName, Name: owner}, font.Stack{font.Default()})
	check(t, err)
	picture, err := drawing.PNG(300)
	check(t, err)
	esl, err := sign.MakeSeal(ctx, makerKey, maker.Raw, seal.Info{Header: seal.Header{Vid: "EXAMPLE"}, ESID: "9900000000001",
		Property: seal.Property{Type: seal.TypeLegal, Name: owner, ListType: seal.ListCerts, Certs: [][]byte{holder.Raw}, Created: now, Start: now, End: now.AddDate(1, 0, 0)},
		Picture:  seal.Picture{Type: "PNG", Data: picture, Width: 40, Height: 40}}, seal.V4)
	check(t, err)

	var page bytes.Buffer
	check(t, layout.WritePDF(&page, layout.Document{Title: "示例合同", Language: "zh-CN", Created: now, Pages: []layout.Page{{Width: layout.A4Width, Height: layout.A4Height,
		Items: []layout.Item{layout.Text{X: 30, Y: 40, String: "示例合同", Size: 14}}}}}, font.Stack{font.Default()}))
	list, err := authority.CRL(ctx)
	check(t, err)
	for name, data := range map[string][]byte{
		"owner.esl": esl, "page.pdf": page.Bytes(), "page.ofd": emptyOFD(t), // the maker's own certificate is the anchor for seals: the root certifies owners too
		"trust/maker/maker.crt": gm.EncodePEM(maker), "trust/ca/root.crt": gm.EncodePEM(authority.Chain()[0]), "trust/crl/root.crl": list,
	} {
		check(t, os.MkdirAll(filepath.Dir(in(name)), 0o755))
		check(t, os.WriteFile(in(name), data, 0o644))
	}
}

// emptyOFD is one empty A4 page.
func emptyOFD(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"OFD.xml", `<OFD xmlns="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>`},
		{"Doc_0/Document.xml", `<Document xmlns="http://www.ofdspec.org/2016"><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea></CommonData>` +
			`<Pages><Page ID="1" BaseLoc="Page.xml"/></Pages></Document>`},
		{"Doc_0/Page.xml", `<Page xmlns="http://www.ofdspec.org/2016"><Content/></Page>`},
	} {
		w, err := z.Create(part[0])
		check(t, err)
		_, err = io.WriteString(w, part[1])
		check(t, err)
	}
	check(t, z.Close())
	return b.Bytes()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
