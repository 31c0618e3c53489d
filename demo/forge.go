package demo

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// forgedOFD is a copy of the sealed licence in which one digit of the address differs, and which is a whole and valid package all the same: nothing but
// the signature tells.
func forgedOFD(data []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("read the licence: %w", err)
	}
	var b bytes.Buffer
	out, changed := zip.NewWriter(&b), false
	for _, f := range in.File {
		if !strings.HasSuffix(f.Name, "/Content.xml") {
			if err := out.Copy(f); err != nil {
				return nil, fmt.Errorf("copy %s: %w", f.Name, err)
			}
			continue
		}
		page, err := readEntry(f)
		if err != nil {
			return nil, err
		}
		forged := bytes.Replace(page, []byte(addressNumber), []byte(forgedNumber), 1)
		changed = changed || !bytes.Equal(page, forged)
		to, err := out.Create(f.Name)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.Name, err)
		}
		if _, err := to.Write(forged); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	if !changed {
		return nil, errors.New("the licence has no address to forge")
	}
	if err := out.Close(); err != nil {
		return nil, fmt.Errorf("write the forged licence: %w", err)
	}
	return b.Bytes(), nil
}

// The number in the buyer's address, and another one.
const (
	addressNumber = "软件路 15 号"
	forgedNumber  = "软件路 16 号"
)

func readEntry(f *zip.File) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	return data, nil
}
