package seal_test

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"time"

	"yinxin/gm"
	"yinxin/seal"
)

// party is a certificate with its key. In a real system the key is in a device and the certificate comes from an authority.
type party struct {
	key  *gm.PrivateKey
	cert []byte // DER
}

func newParty(name string) party {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &gm.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, KeyUsage: gm.KeyUsageDigitalSignature,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)}
	p := party{key: key}
	p.cert, err = gm.CreateCertificate(template, template, &key.PublicKey, &key.PublicKey, func(e []byte) ([]byte, error) { return gm.SignE(rand.Reader, key, e) })
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// sign signs what a maker or a signer signs: SM2 over SM3(ZA‖message).
func (p party) sign(message []byte) []byte {
	e, err := gm.E(&p.key.PublicKey, message)
	if err != nil {
		log.Fatal(err)
	}
	value, err := gm.SignE(rand.Reader, p.key, e)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// exampleInfo is what a seal of the owner says.
func exampleInfo(owner party) seal.Info {
	return seal.Info{
		Header: seal.Header{Vid: "EXAMPLE"},
		ESID:   "9900000000001",
		Property: seal.Property{
			Type: seal.TypeLegal, Name: "云杉示例科技有限公司", ListType: seal.ListCerts, Certs: [][]byte{owner.cert},
			Created: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), End: time.Date(2028, 3, 2, 8, 0, 0, 0, time.UTC),
		},
		Picture: seal.Picture{Type: "PNG", Data: []byte("\x89PNG\r\n\x1a\n…"), Width: 40, Height: 40},
	}
}

// exampleSeal makes a seal in three steps: the fields become bytes, the maker signs the bytes, both become the seal.
func exampleSeal(maker, owner party) []byte {
	info, err := exampleInfo(owner).Marshal(seal.V4)
	if err != nil {
		log.Fatal(err)
	}
	esl, err := seal.Assemble(info, maker.cert, gm.OIDSM2WithSM3, maker.sign(info), nil, seal.V4)
	if err != nil {
		log.Fatal(err)
	}
	return esl
}

// Building a seal: the fields are marshalled, the maker signs those bytes, and the parts are put together. Assemble reads back what it returns.
func ExampleAssemble() {
	maker, owner := newParty("示例市印章制作中心"), newParty("云杉示例科技有限公司")
	info, err := exampleInfo(owner).Marshal(seal.V4)
	if err != nil {
		log.Fatal(err)
	}
	esl, err := seal.Assemble(info, maker.cert, gm.OIDSM2WithSM3, maker.sign(info), nil, seal.V4)
	if err != nil {
		log.Fatal(err)
	}
	made, err := seal.Parse(esl)
	fmt.Println(made.Version.Standard(), made.Info.ESID, err)
	// Output: GB/T 38540-2020 9900000000001 <nil>
}

// Reading a seal: Parse says what is in it, VerifyMaker whether the key in the maker's certificate signed it. Whether that certificate is to be
// trusted is another question, for package trust.
func ExampleParse() {
	esl := exampleSeal(newParty("示例市印章制作中心"), newParty("云杉示例科技有限公司"))

	s, err := seal.Parse(esl)
	if err != nil {
		log.Fatal(err)
	}
	_, kind := seal.TypeName(s.Info.Property.Type)
	fmt.Println(s.Info.Property.Name, kind, s.Info.Picture.Width, "mm", s.Info.Property.End.Format(time.DateOnly))
	fmt.Println("problems:", len(s.Validate()), "deviations:", len(s.Deviations), "maker:", s.VerifyMaker())
	// Output:
	// 云杉示例科技有限公司 legal name seal 40 mm 2028-03-02
	// problems: 0 deviations: 0 maker: <nil>
}

// A seal that was changed after it was made still parses; its maker's signature no longer fits.
func ExampleSeal_VerifyMaker() {
	esl := exampleSeal(newParty("示例市印章制作中心"), newParty("云杉示例科技有限公司"))
	s, err := seal.Parse(esl)
	if err != nil {
		log.Fatal(err)
	}
	s.Info.Picture.Data[9] ^= 1 // a slice of esl

	changed, err := seal.Parse(esl)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(changed.VerifyMaker(), seal.ErrValue))
	// Output: true
}

// Using a seal: the signer signs the seal together with the digest of some content. Three things make the result that of this seal: the signer's
// value fits, the seal lists the signer's certificate, and the maker's value fits.
func ExampleParseSignature() {
	maker, owner := newParty("示例市印章制作中心"), newParty("云杉示例科技有限公司")
	digest := gm.SM3([]byte("content"))
	tbs, err := seal.TBS{Version: seal.V4, Seal: exampleSeal(maker, owner), Time: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC), DataHash: digest[:],
		Property: "/Doc_0/Signs/Sign_0/Signature.xml"}.Marshal()
	if err != nil {
		log.Fatal(err)
	}
	ses, err := seal.AssembleSignature(tbs, owner.cert, gm.OIDSM2WithSM3, owner.sign(tbs), nil)
	if err != nil {
		log.Fatal(err)
	}

	s, err := seal.ParseSignature(ses)
	if err != nil {
		log.Fatal(err)
	}
	listed, err := s.Seal.Lists(s.Cert)
	fmt.Println("signer:", s.Verify(), "listed:", listed, err, "maker:", s.Seal.VerifyMaker())
	fmt.Println(s.Property, s.Time.Format(time.RFC3339))
	// Output:
	// signer: <nil> listed: true <nil> maker: <nil>
	// /Doc_0/Signs/Sign_0/Signature.xml 2026-03-03T08:00:00Z
}

// A seal may name its signers by digests: it then answers for a certificate without holding one.
func ExampleSeal_Lists() {
	maker, owner, stranger := newParty("示例市印章制作中心"), newParty("云杉示例科技有限公司"), newParty("云杉示例科技有限公司")
	info := exampleInfo(owner)
	info.Property.ListType, info.Property.Certs = seal.ListDigests, nil
	info.Property.Digests = []seal.CertDigest{seal.DigestOf(owner.cert)}
	der, err := info.Marshal(seal.V5)
	if err != nil {
		log.Fatal(err)
	}
	esl, err := seal.Assemble(der, maker.cert, gm.OIDSM2WithSM3, maker.sign(der), nil, seal.V5)
	if err != nil {
		log.Fatal(err)
	}
	s, err := seal.Parse(esl)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Lists(owner.cert))
	fmt.Println(s.Lists(stranger.cert))
	// Output:
	// true <nil>
	// false <nil>
}
