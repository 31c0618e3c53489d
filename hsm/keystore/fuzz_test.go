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
	s, dir := newStore(f)
	if _, err := s.Generate("one", hsm.SM2); err != nil {
		f.Fatal(err)
	}
	data := []byte(readAll(f, dir)["one.key"])
	f.Add(data)
	f.Add(data[:len(data)-2])
	f.Add(bytes.ToUpper(data))
	f.Add([]byte(`{"format":1,"name":"one","algorithm":"sm2","public":"MA==","nonce":"","sealed":""}`))
	kek := s.kek
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
		if _, err := k.open(kek); err == nil && !bytes.Equal(mutated, data) {
			t.Fatalf("opens altered: %s", mutated)
		}
	})
}
