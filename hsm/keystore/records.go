package keystore

import (
	"errors"
	"fmt"
	"io/fs"

	"yinxin/durable"
	"yinxin/fault"
)

// Records are what whoever serves the keys has to remember of them: who may use one, how often a PIN was wrong. They lie beside the keys and are
// sealed under the same key-encryption key, so that they can be neither read nor altered without the passphrase, nor swapped for one another. An older
// copy of a record put back in its place is not noticed.
const (
	recordSuffix  = ".record"
	recordFormat  = 1
	maxRecordFile = 96 << 10

	// MaxRecord bounds a record in bytes.
	MaxRecord = maxRecordFile - 1 - nonceSize - tagSize
)

// PutRecord writes a record durably, in place of an older one of that name. Names are those of keys. More than MaxRecord bytes is fault.Limit.
func (s *Store) PutRecord(name string, data []byte) error {
	if _, err := checkName(name); err != nil {
		return err
	}
	if len(data) > MaxRecord {
		return fault.New(fault.Limit, "key-record-long", fmt.Sprintf("记录太长：至多 %d 字节", MaxRecord), fmt.Sprintf("the record is too long: %d bytes at most", MaxRecord), nil)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return errClosed()
	}
	nonce, err := randomBytes(nonceSize)
	if err != nil {
		return err
	}
	sealed, err := seal(s.kek, nonce, data, recordAAD(name))
	if err != nil {
		return err
	}
	file := append(append([]byte{recordFormat}, nonce...), sealed...)
	if err := durable.Replace(s.root, name+recordSuffix, file); err != nil {
		return unavailable(s.dir, err)
	}
	return nil
}

// Record reads a record. No such record is fault.NotFound; one that is damaged, altered, renamed or from another store is fault.Invalid.
func (s *Store) Record(name string) ([]byte, error) {
	if _, err := checkName(name); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return nil, errClosed()
	}
	file, err := readPrivate(s.root, s.dir, name+recordSuffix, maxRecordFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "key-record-missing", "密钥库里没有记录 "+name, "the key store holds no record "+name, nil)
	}
	if err != nil {
		return nil, err
	}
	data, err := openRecord(s.kek, name, file)
	if err != nil {
		return nil, damaged(s.dir, name+recordSuffix, err)
	}
	return data, nil
}

func openRecord(kek []byte, name string, file []byte) ([]byte, error) {
	if len(file) < 1+nonceSize+tagSize {
		return nil, &ParseError{Offset: int64(len(file)), Reason: "shorter than a record"}
	}
	if file[0] != recordFormat {
		return nil, &ParseError{Reason: fmt.Sprintf("format %d is not known here", file[0])}
	}
	return unseal(kek, file[1:1+nonceSize], file[1+nonceSize:], recordAAD(name))
}

func recordAAD(name string) []byte { return bind("yinxin record", number(recordFormat), []byte(name)) }

// Records lists the names of all records, sorted.
func (s *Store) Records() ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return nil, errClosed()
	}
	names, err := names(s.root, recordSuffix)
	if err != nil {
		return nil, unavailable(s.dir, err)
	}
	return names, nil
}

// DestroyRecord removes a record. No such record is fault.NotFound.
func (s *Store) DestroyRecord(name string) error {
	return s.remove(name, recordSuffix, func() error {
		return fault.New(fault.NotFound, "key-record-missing", "密钥库里没有记录 "+name, "the key store holds no record "+name, nil)
	})
}

// remove takes a file away for good; missing is the error where there is none.
func (s *Store) remove(name, suffix string, missing func() error) error {
	if _, err := checkName(name); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.kek == nil {
		return errClosed()
	}
	err := s.root.Remove(name + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return missing()
	}
	if err == nil {
		err = durable.SyncDir(s.root, ".")
	}
	if err != nil {
		return unavailable(s.dir, err)
	}
	return nil
}
