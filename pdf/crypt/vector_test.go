package crypt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// vector is an encryption dictionary with its passwords, published with the tests of pdf.js (for R 5 and 6 P is here what Perms says); the one of
// 40 bits was made by qpdf.
type vector struct {
	name        string
	p           Parameters
	user, owner string // owner "" where it is not known
}

const (
	keyR5 = "3f7288d1573d0c1ef901ba90fef8a3999733850a5098ce0f48bbe721e0ef0dd5"
	keyR6 = "2adad527495b484f4326f88512bd3d226b4f1d383bb5d576712241d257ae16ef"
)

func vectors() []vector {
	return []vector{
		{"R2, 40 bits", Parameters{V: 1, R: 2, Length: 40, P: -4, EncryptMetadata: true,
			O:  unhex("94e8094419662a774442fb072e3d9f19e9d130ec09a4d0061e78fe920f7ab62f"),
			U:  unhex("a26648c6166223154a44562b6644d3f7c37973ac6474d02ce236800a7bed90e6"),
			ID: unhex("4dbae99e225acda9df798b754e393699"),
		}, "user", "owner"},
		{"R3, 128 bits", Parameters{V: 2, R: 3, Length: 128, P: -1028, EncryptMetadata: true,
			O:  unhex("80c30496916f20736c3ae61b135491f20d5612e3ff5ebbe9564fd86b9aca7c5d"),
			U:  unhex("6a0c8d3e591900bc6a647d91bdaa001800000000000000000000000000000000"),
			ID: unhex("f6c6af17f372528d524d9a80d1efdf18"),
		}, "123456", "654321"},
		{"R4, empty user password", Parameters{V: 4, R: 4, Length: 128, P: -1084, EncryptMetadata: true,
			Filters: map[string]string{"StdCF": "AESV2"}, Streams: "StdCF", Strings: "StdCF",
			O:  unhex("734614762e793527db970a3522b3e1d4adbd9b3cb4a5897515b259f168d9e9f4"),
			U:  unhex("930489a9bf8a45a688a2dbc2a0a8676e00000000000000000000000000000000"),
			ID: unhex("3c4c5f3a4496af409a9db33c781c76ac"),
		}, "", ""},
		{"R5", Parameters{V: 5, R: 5, Length: 256, P: -4, EncryptMetadata: true,
			Filters: map[string]string{"StdCF": "AESV3"}, Streams: "StdCF", Strings: "StdCF",
			O:  unhex("3c6289233365c898d2b2e2e486cda318cc7eb1246a32247dd2acab78de6c8b73f37647998011653ec8f5f20cda7b1878"),
			U:  unhex("83f28fa057028a864ffdbdade04990f1be51c50ff96991970fc24103017ebbdd75a904209f6516dca85ed7c06426bc28"),
			OE: unhex("d5ca0ebd6e4c46bf06c30abe9d649055083e7bb29ce53228e5d836de22266adf"),
			UE: unhex("2396c3a9f53333ff9e9e21f2e74b7dbe197eac72c3f489f5eaa52a4a3c261111"), Perms: unhex("d8fc8434e5650d425d7f66fd3c4f4d4d"),
		}, "user", "owner"},
		{"R6", Parameters{V: 5, R: 6, Length: 256, P: -4, EncryptMetadata: true,
			Filters: map[string]string{"StdCF": "AESV3"}, Streams: "StdCF", Strings: "StdCF",
			O:  unhex("58e83e36f51af5d1897bdd48c73125d91f4a73a77f9eb04d2da3572f275ad98d8ee8a9d0cad605b91dd0b92e0b4c8795"),
			U:  unhex("5ee6cd4ba663fa4cdb801155391121a4962e67b0a09cbbe9a6dfa3fd93eb5fb853f59265c6f722c6bf0b105eedd814af"),
			OE: unhex("d149e04d679bc9b5be44df143e5a38d205f0b280ee7c44fefdf43e6cd0870afb"),
			UE: unhex("79d002b5e6599c3cfd8fd41c54b4c4b1ad80dd6b2e145eba87335f1814dffe24"), Perms: unhex("6cad0fa0eb4d86574d3ecbb5e058c937"),
		}, "user", "owner"},
		{"R5, empty user password", Parameters{V: 5, R: 5, Length: 256, P: -4, EncryptMetadata: true,
			Filters: map[string]string{"StdCF": "AESV3"}, Streams: "StdCF", Strings: "StdCF",
			O:  unhex("b87004c36726fc57cc4ed416a1e89530595ac99eb12d97f3fe03131966665a6e8ff5ebeccc3573561065ce6cb5e947c1"),
			U:  unhex("83d47a69f14f30963112cc82cbcabf3579fd21ebe4d1b51dd6fa14f3be8f7173ef88dee2e8dcf535e4b816c8148d651e"),
			OE: unhex("8f19e8d427d507cac6a111a6615b74f4df0f84290fe4ef46375b5b11a08f1765"),
			UE: unhex("81f55db02881e47f5f7c8f8562a07e10d0886c787b7e4a5e9132b664122705f6"), Perms: unhex("861536320daea2fb5d3b223d7112b248"),
		}, "", ""},
		{"R6, empty user password", Parameters{V: 5, R: 6, Length: 256, P: -4, EncryptMetadata: true,
			Filters: map[string]string{"StdCF": "AESV3"}, Streams: "StdCF", Strings: "StdCF",
			O:  unhex("f7db9955a64dac6bafcfd7414677e9c191cb4467492352cf0c1572d7340dcee99140e4985146bf887e6adead8ff440c1"),
			U:  unhex("1aa9dc913883936b295b1137b136dbe88efe28e589d40ead123b7d4e5f3666657a8b471805594f687d5a48a35a87172a"),
			OE: unhex("a4618820681b7fcdd5ca63d85283e5d61cd2980798344241af1bb47f51f81e557d"),
			UE: unhex("a00a5a55271d272c0bfe0ea24cf9625ea1b9d6763762b236a94e99f1a4446571"), Perms: unhex("03f269070dc3f9f22880b7f5ddd163eb"),
		}, "", ""},
	}
}

func TestVectors(t *testing.T) {
	for _, v := range vectors() {
		user, err := Open(v.p, typed(v.user))
		if err != nil || user.Owner() {
			t.Errorf("%s: the user's password: %v", v.name, err)
			continue
		}
		if want := map[int]string{5: keyR5, 6: keyR6}[v.p.R]; want != "" && v.user != "" && hex.EncodeToString(user.key) != want {
			t.Errorf("%s: the key is %x", v.name, user.key)
		}
		if v.owner != "" {
			owner, err := Open(v.p, typed(v.owner))
			if err != nil || !owner.Owner() || !bytes.Equal(owner.key, user.key) || !owner.MayAddFields() {
				t.Errorf("%s: the owner's password: %v", v.name, err)
			}
		}
		if user.Damaged() {
			t.Errorf("%s: Perms does not agree", v.name)
		}
		// A wrong password opens what the empty one does.
		for _, wrong := range []string{"wrong", "USER", "user "} {
			if h, err := Open(v.p, typed(wrong)); (v.user == "") != (err == nil) || v.user != "" && !errors.Is(err, ErrPassword) || err == nil && h.Owner() {
				t.Errorf("%s: the password %q: %v", v.name, wrong, err)
			}
		}
		if _, err := Open(v.p, Password{}); (err == nil) != (v.user == "") {
			t.Errorf("%s: no password: %v", v.name, err)
		}
	}
}

func typed(s string) Password { return Password{Text: s, Doc: []byte(s)} }

// TestWithoutSign: P is written with and without a sign.
func TestWithoutSign(t *testing.T) {
	for _, v := range vectors() {
		v.p.P += 1 << 32
		if h, err := Open(v.p, typed(v.user)); err != nil || h.Damaged() {
			t.Errorf("%s: %v", v.name, err)
		}
	}
}

func TestPermsTampered(t *testing.T) {
	for _, v := range vectors() {
		if v.p.R < 5 {
			v.p.P = -8
			if _, err := Open(v.p, typed(v.user)); !errors.Is(err, ErrPassword) {
				t.Errorf("%s: the key does not depend on P: %v", v.name, err)
			}
			continue
		}
		for name, change := range map[string]func(*Parameters){
			"P":               func(p *Parameters) { p.P = -1084 },
			"EncryptMetadata": func(p *Parameters) { p.EncryptMetadata = false },
			"Perms":           func(p *Parameters) { p.Perms[3] ^= 1 },
		} {
			p := v.p
			p.Perms = bytes.Clone(p.Perms)
			change(&p)
			if h, err := Open(p, typed(v.user)); err != nil || !h.Damaged() {
				t.Errorf("%s: %s changed: %v", v.name, name, err)
			}
		}
	}
}
