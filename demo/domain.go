package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"yinxin/ca"
	"yinxin/ca/local"
	"yinxin/codes"
	"yinxin/gm"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/trust"
)

// years is how long everything in the demonstration is valid.
const years = 3

// body is an invented organisation.
type body struct{ name, uscc string }

// The bodies. Their codes are computed for the unassigned region 990000.
var (
	registrar = body{"示例市登记管理局", "11990000MB0000019F"}
	buyer     = body{"云杉示例科技有限公司", "91990000MA0000015Q"}
	seller    = body{"远山示例制造有限公司", "91990000MA0000023K"}
)

// makerID goes into every seal of the demonstration as the maker's identifier.
const makerID = "YINXIN-DEMO"

// domain makes the CA, the seal maker and the trust directory.
func (w *world) domain(ctx context.Context) error {
	w.step("建立信任域", "trust domain")
	root, err := w.key(ctx, "root")
	if err != nil {
		return err
	}
	authority, err := local.Init(ctx, filepath.Join(w.Dir, "ca"), local.Options{Name: "示例印章根 CA", Years: 10, Key: root, Ref: "root", Now: w.Now, CRLDays: 366})
	if err != nil {
		return err
	}
	w.authority = authority
	maker, err := w.key(ctx, "maker")
	if err != nil {
		return err
	}
	now := w.Now()
	cert, err := authority.Issue(ctx, ca.Request{Profile: ca.Maker, Public: maker.Public(), NotBefore: now, NotAfter: now.AddDate(years+1, 0, 0),
		Subject: ca.Subject{CommonName: "示例市电子印章制作中心", Organization: "示例市电子印章制作中心", Country: "CN"}})
	if err != nil {
		return err
	}
	w.maker = issue.Maker{Certificate: cert.Raw, Key: maker, ID: makerID}
	return w.publish(ctx, cert)
}

// publish writes the trust directory that a verifier is given: the maker's own certificate for seals, the root for signers, their class, and a revocation
// list. The root is no anchor for makers: it certifies owners too, and an owner may not make seals.
func (w *world) publish(ctx context.Context, maker *gm.Certificate) error {
	chain := w.authority.Chain()
	root := chain[len(chain)-1]
	crl, err := w.authority.CRL(ctx)
	if err != nil {
		return err
	}
	yaml := "anchors:\n"
	for _, c := range []*gm.Certificate{maker, root} {
		yaml += fmt.Sprintf("  - sm3: %s\n    class: %s\n    name: %s\n", trust.Fingerprint(c), trust.ClassInternal, c.Subject.CommonName)
	}
	for name, data := range map[string][]byte{"maker/maker.crt": gm.EncodePEM(maker), "ca/root.crt": gm.EncodePEM(root), "crl/root.crl": crl, "trust.yaml": []byte(yaml)} {
		if err := w.save("trust/"+name, data); err != nil {
			return err
		}
	}
	w.trust, err = trust.Load(os.DirFS(filepath.Join(w.Dir, "trust")))
	return err
}

// agencySeal gives the issuing authority its own seal.
func (w *world) agencySeal(ctx context.Context) error {
	w.step("制作发证机关印章", "seal of the issuing authority")
	key, cert, err := w.owner(ctx, "agency", registrar.name, registrar)
	if err != nil {
		return err
	}
	esl, err := w.seal(ctx, registrar, draw.Agency, seal.TypeLegal, registrar.name, 1, cert)
	if err != nil {
		return err
	}
	w.agency = issue.Issuer{Seal: esl, Key: key}
	return w.save("seals/"+registrar.name+".esl", esl)
}

// seal makes one seal outside a licence order. Its number n is part of its code.
func (w *world) seal(ctx context.Context, b body, kind draw.Kind, code int, name string, n int, cert *gm.Certificate) ([]byte, error) {
	picture, err := issue.Picture(draw.Design{Kind: kind, Name: b.name}, w.fonts)
	if err != nil {
		return nil, err
	}
	sealCode, err := w.sealCode(n)
	if err != nil {
		return nil, err
	}
	return issue.MakeSeal(ctx, issue.SealOrder{Type: code, Name: name, Code: sealCode, Picture: picture, Signers: []*gm.Certificate{cert},
		Start: w.Now(), End: cert.NotAfter, Maker: w.maker, Version: seal.V4, Now: w.Now})
}

// sealCode is the n-th seal code of the unassigned region 990000.
func (w *world) sealCode(n int) (codes.SealCode, error) {
	region, err := codes.ParseRegion("990000")
	if err != nil {
		return codes.SealCode{}, err
	}
	return codes.NewSealCode(region, n)
}
