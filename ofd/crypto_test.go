package ofd_test

import (
	"bytes"
	"context"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/ofd"
	"yinxin/seal"
	"yinxin/sign"
)

func sm3(string) (hash.Hash, error) { return gm.NewSM3(), nil }

func listOf(t *testing.T, data []byte) []document.Signature {
	t.Helper()
	doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := doc.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// add signs data with a container and a key.
func add(t *testing.T, data []byte, r document.Request, c sign.Container, key hsm.Key, p *testpki.PKI) []byte {
	t.Helper()
	doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := sign.Prepare(doc, r, c, p.Now, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if _, err := ticket.Redeem(context.Background(), key, nil, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Values made with keys, two generations of seals and a GB/T 35275 signature in one file, hold against what the file says.
func TestWithKeys(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner("示例市数据局", "91990000MA0000015Q")
	data := contract()
	for _, v := range []seal.Version{seal.V4, seal.V5} {
		esl := testseal.Make(t, p, testseal.Info(t, p, "示例市数据局", owner.Cert), v)
		container, err := sign.NewSES(esl, owner.Cert.Raw)
		if err != nil {
			t.Fatal(err)
		}
		r := document.Request{Payload: esl, Places: []document.Place{{Page: 1, X: 100, Y: 100, Width: testseal.Diameter, Height: testseal.Diameter}}}
		data = add(t, data, r, container, owner.Key, p)
	}
	container, err := sign.NewGB(owner.Cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	data = add(t, data, document.Request{Lock: []string{document.LockAll}}, container, owner.Key, p)

	signed := listOf(t, data)
	if len(signed) != 3 {
		t.Fatalf("%d signatures", len(signed))
	}
	for _, s := range signed[:2] {
		checkSeal(t, s)
	}
	if err := checkGB(signed[2]); err != nil {
		t.Error(err)
	}
}

// checkSeal holds an SES_Signature against the file around it.
func checkSeal(t *testing.T, s document.Signature) {
	t.Helper()
	ses, err := seal.ParseSignature(s.Value())
	if err != nil {
		t.Fatal(err)
	}
	info := s.Info()
	digest, err := s.Digest(sm3)
	if err != nil || ses.Verify() != nil || !bytes.Equal(ses.DataHash, digest) || ses.Property != info.Property {
		t.Errorf("%s: value %v, digest %x of %x, property %s of %s, %v", info.ID, ses.Verify(), ses.DataHash, digest, ses.Property, info.Property, err)
	}
	if info.SealFile != nil && !bytes.Equal(info.SealFile, ses.RawSeal) {
		t.Errorf("%s: Seal.esl is another seal", info.ID)
	}
}

func checkGB(s document.Signature) error {
	sd, err := cms.Parse(s.Value())
	if err != nil {
		return err
	}
	cert, err := sd.Certificate(&sd.Signers[0])
	if err != nil {
		return err
	}
	_, err = sd.Signers[0].Check(sd, cert, func(newHash func() (hash.Hash, error)) ([]byte, error) {
		return s.Digest(func(string) (hash.Hash, error) { return newHash() })
	})
	return err
}

// The values of files of the field, other products' work, are over what this package digests; so are those of the edited files, whose signatures are good.
func TestSampleValues(t *testing.T) {
	seals, others := 0, 0
	files, err := filepath.Glob(filepath.Join(need.Samples(t, "ofd"), "*.ofd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasPrefix(filepath.Base(path), "v1-") {
			continue // it was made with keyed digests throughout, its value too
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range listOf(t, data) {
			if s.Info().Kind == document.Seal {
				checkSeal(t, s)
				seals++
				continue
			}
			if err := checkGB(s); err != nil {
				t.Errorf("%s %s: %v", filepath.Base(path), s.Info().ID, err)
			}
			others++
		}
	}
	if seals != 6 || others != 3 {
		t.Errorf("%d seals and %d signatures", seals, others)
	}
}
