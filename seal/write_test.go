package seal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/seal"
)

func TestNotWritten(t *testing.T) {
	w := newWorld(t)
	tests := map[string]func(*seal.Info){
		"header of another version": func(i *seal.Info) { i.Header.Version = 5 },
		"no identifier":             func(i *seal.Info) { i.ESID = "" },
		"identifier not ASCII":      func(i *seal.Info) { i.ESID = "示例" },
		"no name":                   func(i *seal.Info) { i.Property.Name = "" },
		"name not UTF-8":            func(i *seal.Info) { i.Property.Name = "\xff" },
		"name too long":             func(i *seal.Info) { i.Property.Name = strings.Repeat("章", 2000) },
		"negative type":             func(i *seal.Info) { i.Property.Type = -1 },
		"type too large":            func(i *seal.Info) { i.Property.Type = 1 << 31 },
		"no signers":                func(i *seal.Info) { i.Property.Certs = nil },
		"list of no kind":           func(i *seal.Info) { i.Property.ListType = 0 },
		"digests among certs":       func(i *seal.Info) { i.Property.Digests = []seal.CertDigest{seal.DigestOf(nil)} },
		"digests of no kind":        func(i *seal.Info) { i.Property.ListType = seal.ListDigests },
		"signers by identifier":     func(i *seal.Info) { i.Property.Certs, i.Property.IDs = nil, []string{"1"} },
		"ends before it starts":     func(i *seal.Info) { i.Property.End = i.Property.Start.Add(-time.Second) },
		"no time":                   func(i *seal.Info) { i.Property.Created = time.Time{} },
		"year beyond 9999":          func(i *seal.Info) { i.Property.End = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"no picture":                func(i *seal.Info) { i.Picture.Data = nil },
		"picture of no type":        func(i *seal.Info) { i.Picture.Type = "" },
		"picture of another type":   func(i *seal.Info) { i.Picture.Type = "gif" },
		"picture of no size":        func(i *seal.Info) { i.Picture.Width = 0 },
		"extension without OID":     func(i *seal.Info) { i.Extensions[0].OID = nil },
		"too many extensions":       func(i *seal.Info) { i.Extensions = slices.Repeat(i.Extensions, 257) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			info := w.info()
			spoil(&info)
			if der, err := info.Marshal(seal.V4); err == nil || !errors.Is(err, fault.Invalid) {
				t.Errorf("%x, %v", der, err)
			}
		})
	}
}

func TestNotAssembled(t *testing.T) {
	w := newWorld(t)
	info, err := w.info().Marshal(seal.V4)
	if err != nil {
		t.Fatal(err)
	}
	cert, value := w.maker.Cert.Raw, w.sign(w.maker, info)
	rs, err := gm.RawSignature(value)
	if err != nil {
		t.Fatal(err)
	}
	alg, v := gm.OIDSM2WithSM3, seal.V4
	for name, f := range map[string]func() ([]byte, error){
		"raw value":          func() ([]byte, error) { return seal.Assemble(info, cert, alg, rs, nil, v) },
		"garbled value":      func() ([]byte, error) { return seal.Assemble(info, cert, alg, value[1:], nil, v) },
		"RSA":                func() ([]byte, error) { return seal.Assemble(info, cert, oidRSA256, value, nil, v) },
		"no certificate":     func() ([]byte, error) { return seal.Assemble(info, nil, alg, value, nil, v) },
		"broken certificate": func() ([]byte, error) { return seal.Assemble(info, cert[:len(cert)-1], alg, value, nil, v) },
		"token in v4":        func() ([]byte, error) { return seal.Assemble(info, cert, alg, value, []byte{1}, v) },
		"v4 info as v5":      func() ([]byte, error) { return seal.Assemble(info, cert, alg, value, nil, seal.V5) },
		"v1":                 func() ([]byte, error) { return seal.Assemble(info, cert, alg, value, nil, seal.V1) },
		"no info":            func() ([]byte, error) { return seal.Assemble(nil, cert, alg, value, nil, v) },
		"info with more": func() ([]byte, error) {
			return seal.Assemble(append(bytes.Clone(info), 5, 0), cert, alg, value, nil, v)
		},
		"signature, no tbs": func() ([]byte, error) { return seal.AssembleSignature(info, cert, alg, value, nil) },
		"signature, v1 tbs": func() ([]byte, error) {
			return seal.AssembleSignature(parseSignature(t, w.signatureV1(w.sealV1(w.v1()), nil)).RawTBS, cert, alg, value, nil)
		},
		"signature, raw":      func() ([]byte, error) { return seal.AssembleSignature(info, cert, alg, rs, nil) },
		"tbs, no seal":        func() ([]byte, error) { return w.tbs(nil, v).Marshal() },
		"tbs of another seal": func() ([]byte, error) { return w.tbs(w.seal(w.info(), seal.V5, nil), v).Marshal() },
		"tbs, v1 seal":        func() ([]byte, error) { return w.tbs(w.sealV1(w.v1()), seal.V1).Marshal() },
		"tbs, short hash": func() ([]byte, error) {
			x := w.tbs(w.seal(w.info(), v, nil), v)
			x.DataHash = x.DataHash[1:]
			return x.Marshal()
		},
		"tbs, property": func() ([]byte, error) {
			x := w.tbs(w.seal(w.info(), v, nil), v)
			x.Property = "文件"
			return x.Marshal()
		},
		"tbs, no property": func() ([]byte, error) {
			x := w.tbs(w.seal(w.info(), v, nil), v)
			x.Property = ""
			return x.Marshal()
		},
	} {
		if der, err := f(); !errors.Is(err, fault.Invalid) || der != nil {
			t.Errorf("%s: %x, %v", name, der, err)
		}
	}
}
