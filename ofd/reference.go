package ofd

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

// oidSM3 is the digest written: the form most products take and all understand.
const oidSM3 = "1.2.156.10197.1.401"

// digestName maps the ways to write a digest to one.
func digestName(alg string) string {
	if strings.EqualFold(alg, "SM3") {
		return oidSM3
	}
	return alg
}

// insecure lists what is refused whoever is asked: digests for which another file can be found, and keyed ones, whose key is not in the file.
func insecure(alg string) bool {
	return slices.Contains([]string{
		"", "MD5", "SHA1", "SHA-1", "MD2", "MD4", "1.2.840.113549.2.5", "1.3.14.3.2.26", "1.2.840.113549.2.2", "1.2.840.113549.2.4",
		"1.2.156.10197.1.401.2", // SM3 with a key
	}, strings.ToUpper(strings.TrimSpace(alg)))
}

// References digests the files the signature lists. h is asked for CheckMethod as written.
func (s *signature) References(h document.Hasher) ([]document.Reference, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.checked != nil {
		return slices.Clone(s.checked), nil
	}
	if insecure(s.told.method) {
		name := s.told.method
		if name == "" {
			name = "MD5 (CheckMethod is absent)"
		}
		return nil, fault.New(fault.Denied, "ofd-digest-insecure", "签名的摘要算法不安全，不能证明文件未被修改："+name,
			"the digests of the signature are of a kind that protects nothing: "+name,
			fmt.Errorf("%w: %.60s", document.ErrDigestInsecure, name))
	}
	if _, err := h(s.told.method); err != nil {
		return nil, fault.New(fault.Denied, "ofd-digest-unknown", "签名的摘要算法无法识别或不安全："+s.told.method,
			fmt.Sprintf("the digests of the signature are of a kind that is not known or not secure: %.60q", s.told.method),
			fmt.Errorf("%w: %.60q: %w", document.ErrDigestUnknown, s.told.method, err))
	}
	out := make([]document.Reference, 0, len(s.told.refs))
	for _, p := range s.told.refs {
		r, err := s.check(p, h)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	s.checked = out
	return slices.Clone(out), nil
}

func (s *signature) check(p protected, h document.Hasher) (document.Reference, error) {
	path, why := resolve(folder(s.path), p.loc)
	r := document.Reference{Path: "/" + path, Want: p.sum, State: document.Unreadable, Why: why}
	if why != "" {
		r.Path = p.loc
		return r, nil
	}
	e := s.d.zip.find(path)
	if e == nil {
		r.State = document.Missing
		if other := s.d.zip.loose(path); other != nil {
			r.State, r.Why = document.Unreadable, nameCase(other.name, path).Error()
		}
		return r, nil
	}
	sum, err := s.d.hashed(e, s.told.method, h)
	var parse *ParseError
	switch {
	case errors.As(err, &parse):
		r.Why = parse.Error()
		return r, nil
	case err != nil:
		return r, err
	case p.sum == nil:
		r.Why = "the digest in the signature is no Base64"
		return r, nil
	}
	r.Got, r.State = sum, document.Altered
	if bytes.Equal(sum, p.sum) {
		r.State = document.Unchanged
	}
	return r, nil
}

// covered is the set of files that the signature lists and that are there.
func (s *signature) covered() map[*entry]bool {
	if s.covers != nil {
		return s.covers
	}
	s.covers = make(map[*entry]bool, len(s.told.refs))
	for _, p := range s.told.refs {
		if path, why := resolve(folder(s.path), p.loc); why == "" {
			if e := s.d.zip.find(path); e != nil {
				s.covers[e] = true
			}
		}
	}
	return s.covers
}
