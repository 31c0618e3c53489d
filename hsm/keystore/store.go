// Package keystore keeps private keys at rest in a directory, sealed under one passphrase.
//
// The directory (0700) holds store.json and one file a key, name.key (0600 all). The passphrase goes through scrypt into a key that seals, with
// SM4-GCM, one random key-encryption key; that one seals the private keys. So a passphrase is stretched once per process, and changing it
// rewrites store.json alone. Every file is JSON of one canonical form and is refused when a single byte differs from it; what names a key (its
// name, algorithm, public half and date) is authenticated with it, so that files cannot be renamed, swapped or carried to another store.
//
// What it does not promise: a key that was opened has been in the memory of this process, and clearing reaches only the copies this package holds,
// not what the libraries have computed from the key: the standard library keeps an RSA key a second time in a form of its own.
// A destroyed key can still be in backups and in freed blocks of the disk, sealed.
package keystore

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"yinxin/durable"
	"yinxin/fault"
)

// Store is an opened directory of keys. It may be used by several goroutines, and the directory by several processes.
type Store struct {
	// Now dates new keys. Set it before the first use.
	Now func() time.Time

	dir  string
	root *os.Root

	mu  sync.RWMutex
	kek []byte // nil once closed
}

// Create makes a store in dir, which is made (0700) where it does not exist, and opens it. The passphrase has 8 characters or more (else
// fault.Invalid) and is cleared. A directory that holds a store, or keys without one, is fault.Conflict.
func Create(dir string, passphrase []byte) (*Store, error) {
	defer clear(passphrase)
	if err := checkNewPassphrase(passphrase); err != nil {
		return nil, err
	}
	if err := durable.MakeDir(dir); err != nil {
		return nil, unavailable(dir, err)
	}
	root, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	s, err := create(root, dir, passphrase)
	if err != nil {
		root.Close()
		return nil, err
	}
	return s, nil
}

func create(root *os.Root, dir string, passphrase []byte) (*Store, error) {
	names, err := keyNames(root)
	if err != nil {
		return nil, unavailable(dir, err)
	}
	if len(names) > 0 {
		if _, err := root.Lstat(storeName); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.Conflict, "key-store-lost",
				"目录 "+dir+" 里有密钥文件却没有 "+storeName+"：请先从备份恢复它，或换一个空目录；没有它这些密钥都打不开",
				"the directory "+dir+" holds key files but no "+storeName+": restore it from a backup or choose an empty directory; without it none of these keys opens", nil)
		}
	}
	kek, err := randomBytes(kekSize)
	if err != nil {
		return nil, err
	}
	f, err := wrap(kek, passphrase)
	if err != nil {
		clear(kek)
		return nil, err
	}
	if err := writeNew(root, storeName, f.encode()); err != nil {
		clear(kek)
		if errors.Is(err, fs.ErrExist) {
			return nil, fault.New(fault.Conflict, "key-store-exists",
				"目录 "+dir+" 里已有密钥库，没有改动；要使用它请直接打开",
				"the directory "+dir+" holds a key store already; it was left as it is, open it instead", nil)
		}
		return nil, unavailable(dir, err)
	}
	return &Store{Now: time.Now, dir: dir, root: root, kek: kek}, nil
}

// Open opens the store in dir and clears the passphrase. No store is fault.NotFound; a wrong passphrase, and permissions that let others than the
// owner in, are fault.Denied; a damaged store.json is fault.Invalid.
func Open(dir string, passphrase []byte) (*Store, error) {
	defer clear(passphrase)
	root, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	kek, err := openKEK(root, dir, passphrase)
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Store{Now: time.Now, dir: dir, root: root, kek: kek}, nil
}

// openKEK reads store.json and unwraps the key-encryption key.
func openKEK(root *os.Root, dir string, passphrase []byte) ([]byte, error) {
	data, err := readPrivate(root, dir, storeName, maxStoreFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noStore(dir)
	}
	if err != nil {
		return nil, err
	}
	f, err := decodeStore(data)
	if err != nil {
		return nil, damaged(dir, storeName, err)
	}
	kek, err := f.unwrap(passphrase)
	if errors.Is(err, errUnseal) {
		return nil, fault.New(fault.Denied, "key-passphrase",
			"密钥库 "+dir+" 打不开：口令不对，或 "+storeName+" 已损坏；请核对口令后重试",
			"the key store "+dir+" does not open: the passphrase is wrong, or "+storeName+" is damaged; check the passphrase and try again", nil)
	}
	if err != nil {
		return nil, err
	}
	return kek, nil
}

// Rewrap changes the passphrase: store.json is written anew and no key file is touched. Both passphrases are cleared. Of two changes at once one
// is fault.Conflict.
func (s *Store) Rewrap(old, replacement []byte) error {
	defer clear(old)
	defer clear(replacement)
	if err := checkNewPassphrase(replacement); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return errClosed()
	}
	// The new file's own name is the lock: whoever makes it may change store.json, and reads it only after that.
	err := reserve(s.root, rewrapName)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "key-store-busy",
			"密钥库 "+s.dir+" 的口令正在被另一个进程更改；若没有，说明上次更改中断了，请删除 "+rewrapName+" 后重试",
			"another process is changing the passphrase of the key store "+s.dir+"; if none is, a change was interrupted: delete "+rewrapName+" and try again", nil)
	}
	if err != nil {
		return unavailable(s.dir, err)
	}
	f, err := s.rewrapped(old, replacement)
	if err != nil {
		s.root.Remove(rewrapName)
		return err
	}
	if err := replace(s.root, rewrapName, storeName, f.encode()); err != nil {
		return unavailable(s.dir, err)
	}
	return nil
}

func (s *Store) rewrapped(old, replacement []byte) (*storeFile, error) {
	kek, err := openKEK(s.root, s.dir, old)
	if err != nil {
		return nil, err
	}
	defer clear(kek)
	return wrap(kek, replacement)
}

// Close clears the key-encryption key. Keys opened before stay open; every other use of the store is an error from now on.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kek == nil {
		return nil
	}
	clear(s.kek)
	s.kek = nil
	return s.root.Close()
}

func errClosed() error {
	return fault.New(fault.Unavailable, "key-store-closed", "密钥库已关闭", "the key store is closed", nil)
}

func noStore(dir string) error {
	return fault.New(fault.NotFound, "key-store-missing",
		"目录 "+dir+" 里没有密钥库（缺 "+storeName+"）：请检查路径，或先建立密钥库",
		"the directory "+dir+" holds no key store ("+storeName+" is missing): check the path, or create a store first", nil)
}

func damaged(dir, name string, err error) error {
	return fault.New(fault.Invalid, "key-file-damaged",
		"密钥库 "+dir+" 里的文件 "+name+" 已损坏或被改动：请从备份恢复",
		"the file "+name+" in the key store "+dir+" is damaged or was altered: restore it from a backup", err)
}

func unavailable(dir string, err error) error {
	return fault.New(fault.Unavailable, "key-store-io",
		"读写密钥库 "+dir+" 失败：请检查磁盘空间、权限和文件系统",
		"the key store "+dir+" cannot be read or written: check disk space, permissions and the file system", err)
}
