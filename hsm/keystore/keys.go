package keystore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"

	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// Private is an opened key. It is for hsm/soft and hsm/token alone: everything else asks an hsm.Key.
type Private struct {
	hsm.Info
	SM2 *gm.PrivateKey
}

// Zero clears the key. Nobody may be using it.
func (p *Private) Zero() { zero(p.SM2) }

// Generate makes a key. A name that is no file name is fault.Invalid (see hsm.Ref), one in use is fault.Conflict: of several processes that
// make the same name at once exactly one succeeds. An algorithm other than hsm.SM2 is fault.Invalid.
func (s *Store) Generate(name string, alg hsm.Algorithm) (hsm.Info, error) {
	if _, err := checkName(name); err != nil {
		return hsm.Info{}, err
	}
	if alg != hsm.SM2 {
		return hsm.Info{}, fault.New(fault.Invalid, "key-algorithm",
			fmt.Sprintf("密钥库不能生成算法为 %.32q 的密钥，只支持 sm2", string(alg)),
			fmt.Sprintf("the key store cannot make a key of algorithm %.32q, only sm2", string(alg)), nil)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return hsm.Info{}, errClosed()
	}
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		return hsm.Info{}, fmt.Errorf("generate key %s: %w", name, err)
	}
	defer zero(key)
	f, err := newKeyFile(name, alg, s.Now(), s.kek, key)
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

func (f *keyFile) info() (hsm.Info, error) {
	pub, err := f.public()
	if err != nil {
		return hsm.Info{}, err
	}
	return hsm.Info{Ref: hsm.Ref("soft:" + f.Name), Algorithm: f.Algorithm, Public: pub}, nil
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
	key, err := f.open(s.kek)
	if err != nil {
		return nil, damaged(s.dir, file, err)
	}
	info, err := f.info()
	if err != nil {
		return nil, damaged(s.dir, file, err)
	}
	return &Private{Info: info, SM2: key}, nil
}

// Destroy removes a key for good. No such key is fault.NotFound.
func (s *Store) Destroy(name string) error {
	if _, err := checkName(name); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return errClosed()
	}
	err := s.root.Remove(name + keySuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return noKey(name)
	}
	if err == nil {
		err = durable.SyncDir(s.root, ".")
	}
	if err != nil {
		return unavailable(s.dir, err)
	}
	return nil
}

func noKey(name string) error {
	return fault.New(fault.NotFound, "key-missing",
		"密钥库里没有密钥 "+name+"：请检查名称，或先生成它",
		"the key store holds no key "+name+": check the name, or generate it first", nil)
}

// checkName holds names to the rule of soft refs; a scheme is no part of a name.
func checkName(name string) (string, error) { return hsm.Ref("soft:" + name).Soft() }
