package keystore

import (
	"errors"
	"fmt"
	"io/fs"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// Private is an opened key. It is for hsm/soft and hsm/token alone: everything else asks an hsm.Key.
type Private struct {
	hsm.Info
	key privateKey // nil once cleared
}

// Sign is hsm.Key's, without a context. It may be asked by several goroutines, but not beside Zero.
func (p *Private) Sign(digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := p.Spec.Algorithm.Accepts(digest, alg); err != nil {
		return nil, err
	}
	if p.key == nil {
		return nil, errCleared()
	}
	sig, err := p.key.sign(digest)
	if err != nil {
		return nil, fmt.Errorf("sign with key %s: %w", p.Ref, err)
	}
	return sig, nil
}

// Decrypt opens what was encrypted to an SM2 key: C1‖C3‖C2 with C1 uncompressed (04), or its DER form (30). A key of another kind, and what does not
// open, is fault.Invalid, with one answer for every reason.
func (p *Private) Decrypt(ciphertext []byte) ([]byte, error) {
	if p.key == nil {
		return nil, errCleared()
	}
	k, ok := p.key.(sm2Key)
	if !ok {
		return nil, fault.New(fault.Invalid, "key-algorithm", "只有 SM2 密钥可以解密", "only SM2 keys decrypt", nil)
	}
	plain, err := gm.Decrypt(k.key, ciphertext)
	if err != nil {
		return nil, fault.New(fault.Invalid, "key-ciphertext", "密文无法用这把密钥解开", "the ciphertext does not open with this key", nil)
	}
	return plain, nil
}

// Zero clears the key, as far as the package comment says. Nobody may be using it.
func (p *Private) Zero() {
	if p.key != nil {
		p.key.zero()
		p.key = nil
	}
}

func errCleared() error {
	return fault.New(fault.Unavailable, "key-closed", "密钥已关闭或已销毁，请重新打开", "the key was closed or destroyed; open it again", nil)
}

// Generate makes a key. A name that is no file name is fault.Invalid (see hsm.Ref), one in use is fault.Conflict: of several processes that
// make the same name at once exactly one succeeds. A kind that is not one of hsm.Specs is fault.Invalid. An RSA key takes about half a second.
func (s *Store) Generate(name string, spec hsm.Spec) (hsm.Info, error) {
	if _, err := checkName(name); err != nil {
		return hsm.Info{}, err
	}
	if err := spec.Check(); err != nil {
		return hsm.Info{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return hsm.Info{}, errClosed()
	}
	key, err := newPrivate(spec)
	if err != nil {
		return hsm.Info{}, fmt.Errorf("generate key %s: %w", name, err)
	}
	defer key.zero()
	f, err := newKeyFile(name, spec, s.Now(), s.kek, key)
	if err != nil {
		return hsm.Info{}, fmt.Errorf("generate key %s: %w", name, err)
	}
	if err := writeNew(s.root, name+keySuffix, f.encode()); errors.Is(err, fs.ErrExist) {
		return hsm.Info{}, fault.New(fault.Conflict, "key-exists",
			"密钥 "+name+" 已存在，没有改动；请换一个名称",
			"the key "+name+" exists already and was left as it is; choose another name", nil)
	} else if err != nil {
		return hsm.Info{}, unavailable(s.dir, err)
	}
	return f.info()
}

// List describes all keys, sorted by name. Each is opened and closed again, so that what is listed would open.
func (s *Store) List() ([]hsm.Info, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return nil, errClosed()
	}
	names, err := keyNames(s.root)
	if err != nil {
		return nil, unavailable(s.dir, err)
	}
	out := make([]hsm.Info, 0, len(names))
	for _, name := range names {
		p, err := s.private(name)
		if fault.KindOf(err) == fault.NotFound {
			continue // destroyed since the directory was read
		}
		if err != nil {
			return nil, err
		}
		p.Zero()
		out = append(out, p.Info)
	}
	return out, nil
}

// Private opens a key. No such key is fault.NotFound; a file that is damaged, altered, renamed or from another store is fault.Invalid; one that
// others than the owner may read is fault.Denied.
func (s *Store) Private(name string) (*Private, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return nil, errClosed()
	}
	return s.private(name)
}

func (s *Store) private(name string) (*Private, error) {
	if _, err := checkName(name); err != nil {
		return nil, err
	}
	file := name + keySuffix
	data, err := readPrivate(s.root, s.dir, file, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noKey(name)
	}
	if err != nil {
		return nil, err
	}
	f, err := decodeKey(data)
	if err != nil {
		return nil, damaged(s.dir, file, err)
	}
	if f.Name != name {
		return nil, damaged(s.dir, file, errors.New("it holds the key of another name"))
	}
	p, err := f.open(s.kek)
	if err != nil {
		return nil, damaged(s.dir, file, err)
	}
	return p, nil
}

// Destroy removes a key for good. No such key is fault.NotFound.
func (s *Store) Destroy(name string) error {
	return s.remove(name, keySuffix, func() error { return noKey(name) })
}

func noKey(name string) error {
	return fault.New(fault.NotFound, "key-missing",
		"密钥库里没有密钥 "+name+"：请检查名称，或先生成它",
		"the key store holds no key "+name+": check the name, or generate it first", nil)
}

// checkName holds names to the rule of soft refs; a scheme is no part of a name.
func checkName(name string) (string, error) { return hsm.Ref("soft:" + name).Soft() }
