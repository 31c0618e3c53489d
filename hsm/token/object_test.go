package token

import (
	"bytes"
	"strings"
	"testing"
)

// TestTemplates: what every key here is may be said, anything else may not.
func TestTemplates(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	yes, no := flag(true), flag(false)
	tests := []struct {
		name            string
		public, private template
		want            rv
	}{
		{"all that is so", publicTemplate(attribute{ckaVerify, yes}, attribute{ckaPrivate, no}, attribute{ckaKeyType, ulong(k.face.KeyType)}),
			privateTemplate(attribute{ckaSign, yes}, attribute{ckaSensitive, yes}, attribute{ckaExtractable, no}, attribute{ckaDerive, no}), rvOK},
		{"no curve", template{{ckaToken, yes}}, privateTemplate(), rvOK},
		{"extractable", publicTemplate(), privateTemplate(attribute{ckaExtractable, yes}), rvTemplateInconsistent},
		{"not sensitive", publicTemplate(), privateTemplate(attribute{ckaSensitive, no}), rvTemplateInconsistent},
		{"not private", publicTemplate(), template{{ckaToken, yes}, {ckaPrivate, no}}, rvTemplateInconsistent},
		{"of the session", publicTemplate(), template{{ckaToken, no}}, rvTemplateInconsistent},
		{"of the session, unsaid", publicTemplate(), template{}, rvTemplateInconsistent},
		{"signs and decrypts", publicTemplate(), privateTemplate(attribute{ckaSign, yes}, attribute{ckaDecrypt, yes}), rvTemplateInconsistent},
		{"does nothing", publicTemplate(), privateTemplate(attribute{ckaSign, no}), rvTemplateInconsistent},
		{"unwraps", publicTemplate(), privateTemplate(attribute{ckaUnwrap, yes}), rvTemplateInconsistent},
		{"another type", publicTemplate(), privateTemplate(attribute{ckaKeyType, ulong(ckkEC)}), rvTemplateInconsistent},
		{"another curve", template{{ckaToken, yes}, {ckaECParams, curveOID("p256")}}, privateTemplate(), rvCurveNotSupported},
		{"a value", publicTemplate(), privateTemplate(attribute{ckaValue, make([]byte, 32)}), rvAttributeTypeInvalid},
		{"said twice", publicTemplate(), privateTemplate(attribute{ckaToken, yes}), rvTemplateInconsistent},
		{"no truth value", publicTemplate(), privateTemplate(attribute{ckaSign, []byte{2}}), rvAttributeValueInvalid},
		{"a long label", template{{ckaToken, yes}, {ckaLabel, make([]byte, maxName+1)}}, privateTemplate(), rvAttributeValueInvalid},
		{"a holder without always", publicTemplate(), privateTemplate(attribute{ckaHolder, []byte{1}}), rvTemplateInconsistent},
		{"a holder that is no key", publicTemplate(), privateTemplate(attribute{ckaHolder, []byte{1}}, attribute{ckaAlwaysAuth, yes}), rvAttributeValueInvalid},
	}
	for _, tt := range tests {
		if got, _ := c.ask(opGeneratePair, k.face.KeyGen, "", tt.public, tt.private); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	luna, err := Pose("luna")
	if err != nil {
		t.Fatal(err)
	}
	k.face, k.offers = luna, mechanisms(luna)
	c.gives(rvTemplateIncomplete, opGeneratePair, luna.KeyGen, "", template{{ckaToken, yes}}, privateTemplate())
}

// TestAttributes reads what a private key shows, and not its value; private objects are there for the user alone.
func TestAttributes(t *testing.T) {
	k, dir := newTokenIn(t)

	c := user(t, k)
	_, private := c.sm2()
	shows := template{
		{ckaClass, ulong(ckoPrivateKey)}, {ckaToken, flag(true)}, {ckaPrivate, flag(true)}, {ckaSensitive, flag(true)}, {ckaExtractable, flag(false)},
		{ckaNeverExtractable, flag(true)}, {ckaAlwaysSensitive, flag(true)}, {ckaLocal, flag(true)}, {ckaSign, flag(true)}, {ckaDecrypt, flag(false)},
		{ckaAlwaysAuth, flag(false)}, {ckaKeyGenMechanism, ulong(k.face.KeyGen)}, {ckaLabel, []byte("k")},
	}
	for _, a := range shows {
		if got := c.ok(opGetAttributes, private, uint32(1), a.Type).bytes(); !bytes.Equal(got, a.Value) {
			t.Errorf("attribute %#x is %x, want %x", a.Type, got, a.Value)
		}
	}
	for kind, want := range map[uint64]rv{ckaValue: rvAttributeSensitive, ckaModulus: rvAttributeTypeInvalid, 0x7777: rvAttributeTypeInvalid} {
		r := c.gives(want, opGetAttributes, private, uint32(2), kind, uint64(ckaSign))
		if n := r.u32(); n != unavailableAttribute {
			t.Errorf("attribute %#x has %d bytes", kind, n)
		}
		if got := r.bytes(); !bytes.Equal(got, flag(true)) {
			t.Errorf("what stands behind %#x is %x", kind, got)
		}
	}
	c.gives(rvAttributeReadOnly, opSetAttributes, private, template{{ckaSign, flag(false)}})
	c.ok(opSetAttributes, private, template{{ckaLabel, []byte("renamed")}})
	c.ok(opCreateObject, template{{ckaClass, ulong(ckoData)}, {ckaToken, flag(true)}, {ckaPrivate, flag(true)}, {ckaLabel, []byte("d")}, {ckaValue, []byte("data")}})
	c.ok(opCreateObject, template{{ckaClass, ulong(ckoCertificate)}, {ckaToken, flag(true)}, {ckaID, []byte{1}}, {ckaCertificateType, ulong(0)}, {ckaSubject, nil}, {ckaValue, []byte("cert")}})
	c.gives(rvTemplateInconsistent, opCreateObject, template{{ckaClass, ulong(ckoPrivateKey)}, {ckaToken, flag(true)}, {ckaValue, make([]byte, 32)}})
	c.gives(rvDeviceMemory, opCreateObject, template{{ckaClass, ulong(ckoData)}, {ckaToken, flag(true)}, {ckaApplication, make([]byte, maxValue)}, {ckaValue, []byte("data")}})
	c.s.close()

	k = restart(t, k, dir)
	c = dial(t, k, "program").open(ckfRWSession)
	count := func(search template) uint32 {
		c.ok(opFindInit, search)
		n := c.ok(opFind, uint32(100)).u32()
		c.ok(opFindFinal)
		return n
	}
	if n := count(template{}); n != 2 { // public key, certificate
		t.Errorf("the public sees %d objects, want 2", n)
	}
	c.user()
	for _, tt := range []struct {
		search template
		want   uint32
	}{
		{template{}, 4}, {template{{ckaLabel, []byte("renamed")}}, 1}, {template{{ckaLabel, []byte("k")}, {ckaClass, ulong(ckoPrivateKey)}}, 0},
		{template{{ckaSign, flag(true)}}, 1}, {template{{ckaKeyType, ulong(k.face.KeyType)}}, 2}, {template{{ckaClass, ulong(ckoData)}}, 1},
		{template{{ckaValue, []byte("cert")}}, 1}, {template{{ckaID, []byte(strings.Repeat("x", 20))}}, 0},
	} {
		if n := count(tt.search); n != tt.want {
			t.Errorf("%v finds %d, want %d", tt.search, n, tt.want)
		}
	}
	c.gives(rvObjectHandleInvalid, opGetAttributes, private, uint32(1), uint64(ckaLabel)) // a handle of the run before
}

// TestDestroy: a destroyed key is gone at once for a signature that was begun, and from the disk.
func TestDestroy(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	_, private := c.sm2()
	c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
	other := dial(t, k, "program").open(ckfRWSession)
	other.ok(opDestroyObject, private)
	c.gives(rvKeyHandleInvalid, opSign, make([]byte, 32))
	other.gives(rvObjectHandleInvalid, opDestroyObject, private)
	if keys, err := k.store.List(); err != nil || len(keys) != 0 {
		t.Errorf("%d keys are left, %v", len(keys), err)
	}
}
