package tsa_test

import (
	"context"
	"testing"

	"yinxin/cms"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// stampable is a signature that can hold a token, with its value and token read back.
type stampable struct {
	name      string
	container sign.Container
	key       hsm.Key
	hash      string // of the imprint: the signature's own
	read      func(t *testing.T, der []byte) (value, token []byte)
}

func stampables(t *testing.T, p *testpki.PKI) (out []stampable) {
	t.Helper()
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	for name, v := range map[string]seal.Version{"seal v4": seal.V4, "seal v5": seal.V5} {
		c, err := sign.NewSES(testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), v), owner.Cert.Raw)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, stampable{name, c, owner.Key, "SM3", ofSeal})
	}
	add := func(name, hash string, key hsm.Key, c sign.Container, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, stampable{name, c, key, hash, ofCMS})
	}
	plain, err := sign.NewCMS(owner.Cert.Raw)
	add("CMS SM2", "SM3", owner.Key, plain, err)
	gb, err := sign.NewGB(owner.Cert.Raw)
	add("GB/T 35275", "SM3", owner.Key, gb, err)
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		f := p.Foreign(t, alg)
		c, err := sign.NewCMS(f.Cert.Raw)
		add("CMS "+string(alg), "SHA-256", f.Key, c, err)
	}
	return out
}

func ofSeal(t *testing.T, der []byte) (value, token []byte) {
	t.Helper()
	s, err := seal.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	return s.Value, s.TimeStamp
}

func ofCMS(t *testing.T, der []byte) (value, token []byte) {
	t.Helper()
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	tokens := sd.Signers[0].TimeStampTokens()
	if len(tokens) != 1 {
		t.Fatalf("%d tokens", len(tokens))
	}
	return sd.Signers[0].Value, tokens[0]
}

// TestInSignatures: tokens of an authority in process and of one over HTTP stand in every kind of signature, over its value by its own hash, within the
// room kept for them; an authority that takes one hash only is asked with that.
func TestInSignatures(t *testing.T) {
	p := testpki.New(t)
	local := newAuthority(t, p, hsm.SM2, nil)
	remote := serve(t, newAuthority(t, p, hsm.RSAPKCS1, nil))
	for _, s := range stampables(t, p) {
		for name, c := range map[string]struct {
			source timestamp.Source
			hash   string
		}{
			"in process":   {local, s.hash},
			"over HTTP":    {newClient(t, remote, tsa.Options{}), s.hash},
			"SHA-512 only": {profiled(t, tsa.Profile{URL: remote, PrivateAddresses: true, Hash: "sha512"}, tsa.Options{}), "SHA-512"},
		} {
			digest := make([]byte, 32)
			der, err := s.container.Encode(context.Background(), sign.Act{Digest: digest, Property: "x", Time: p.Now}, s.key, c.source)
			if err != nil {
				t.Fatalf("%s, %s: %v", s.name, name, err)
			}
			if room := s.container.Size(c.source.MaxTokenBytes()); len(der) > room {
				t.Errorf("%s, %s: %d bytes, room for %d", s.name, name, len(der), room)
			}
			value, token := s.read(t, der)
			parsed, err := timestamp.Parse(token)
			if err != nil {
				t.Fatal(err)
			}
			if f, err := parsed.Check(cms.DigestOf(value)); err != nil || !f.Intact() || f.Hash != c.hash {
				t.Errorf("%s, %s: %v, %+v over %s", s.name, name, err, f.Failures, f.Hash)
			}
			if f, err := parsed.Check(cms.DigestOf(der)); err != nil || f.Imprint {
				t.Errorf("%s, %s: holds over something else", s.name, name)
			}
		}
	}
}
