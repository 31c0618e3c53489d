package keystore

import (
	"bytes"
	"errors"
	"testing"

	"yinxin/hsm"
)

func FuzzDecodeStore(f *testing.F) {
	_, dir := newStore(f)
	data := []byte(readAll(f, dir)[storeName])
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte(`{"format":1,"kdf":{"name":"scrypt","n":32768,"r":8,"p":1,"salt":""},"nonce":"","kek":""}`))
	f.Add([]byte(`{"format": 1e400}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeStore(data)
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("%T is not the error of this parser: %v", err, err)
			}
			return
		}
		if !bytes.Equal(s.encode(), data) {
			t.Fatalf("decoded and written again differs: %s", data)
		}
		if s.KDF.N > maxScryptN || s.KDF.R != scryptR || s.KDF.P > maxScryptP {
			t.Fatalf("parameters out of bounds: %+v", s.KDF)
		}
	})
}

func FuzzDecodeKey(f *testing.F) {
	genuine := map[string]bool{}
	var kek []byte
	for _, k := range kinds(f) {
		kek = k.kek
		data := k.file.encode()
		genuine[string(data)] = true
		f.Add(data)
		f.Add(data[:len(data)-2])
		f.Add(bytes.ToUpper(data))
		other := *k.file
		other.Algorithm = "p256"
		f.Add(other.encode())
	}
	f.Add([]byte(`{"format":1,"name":"one","algorithm":"sm2","public":"MA==","nonce":"","sealed":""}`))
	f.Fuzz(func(t *testing.T, mutated []byte) {
		k, err := decodeKey(mutated)
		if err != nil {
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("%T is not the error of this parser: %v", err, err)
			}
			return
		}
		if !bytes.Equal(k.encode(), mutated) {
			t.Fatalf("decoded and written again differs: %s", mutated)
		}
		info, err := k.info()
		if err != nil || info.Spec.Check() != nil || info.Spec.String() != k.Algorithm {
			t.Fatalf("decoded and yet of no kind (%v): %s", err, mutated)
		}
		if _, err := k.open(kek); err == nil && !genuine[string(mutated)] {
			t.Fatalf("opens altered: %s", mutated)
		}
	})
}

// FuzzParsePrivate: what is sealed is authenticated before it is read, but whoever has the passphrase can seal anything. What is read is written
// again to the same bytes.
func FuzzParsePrivate(f *testing.F) {
	for i, k := range kinds(f) {
		private, err := k.private(f).bytes()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), private)
		f.Add(byte(i), private[1:])
		f.Add(byte(i), make([]byte, len(private)))
		f.Add(byte(i), bytes.Repeat([]byte{0xff}, len(private)))
	}
	f.Fuzz(func(t *testing.T, kind byte, private []byte) {
		spec := hsm.Specs()[int(kind)%len(hsm.Specs())]
		k, err := parsePrivate(spec, private)
		if err != nil {
			return
		}
		again, err := k.bytes()
		if err != nil || !bytes.Equal(again, private) {
			t.Fatalf("%s: read %x, written %x, %v", spec, private, again, err)
		}
	})
}
