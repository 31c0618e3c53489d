package font

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"yinxin/fault"
)

// MaxFile bounds a font file, bytes. Collections with all of Chinese, Japanese and Korean in several weights have about 100 MB.
const MaxFile = 160 << 20

// Open reads face number face (0 is the first; a .ttf or .otf has no other) of the font file at path, whole, into memory.
//
// The errors are those of ParseFace, and further *fault.Error values: font-unreadable (NotFound where there is no such file, else Invalid) and
// font-too-large (Limit) beyond MaxFile.
func Open(path string, face int) (*Font, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close() // nothing was written
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return nil, unreadable(path, err)
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > MaxFile {
		return nil, fault.New(fault.Limit, "font-too-large",
			fmt.Sprintf("%s 超过 %d MB，不像字体文件。请检查文件名。", path, MaxFile>>20),
			fmt.Sprintf("%s is larger than %d MB, which is not like a font; check the name", path, MaxFile>>20), nil)
	}
	f, err := ParseFace(data, face)
	if err != nil {
		return nil, in(path, err)
	}
	return f, nil
}

// in puts the file's name before what is wrong with it.
func in(path string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return fmt.Errorf("read font %s: %w", path, err)
	}
	return fault.New(f.Kind, f.Public.Code, path+"："+f.Public.ZH, path+": "+f.Public.EN, err)
}

func unreadable(path string, err error) error {
	kind := fault.Invalid
	if errors.Is(err, fs.ErrNotExist) {
		kind = fault.NotFound
	}
	return fault.New(kind, "font-unreadable",
		"无法读取字体文件 "+path+"。请检查路径和权限。",
		"the font file "+path+" cannot be read; check the path and the permissions", err)
}

// faceOffset finds the table directory of a face.
func faceOffset(data []byte, face int) (int, error) {
	if len(data) < 12 {
		return 0, unsupported("文件过短，不是字体", "it is too short to be a font")
	}
	start, faces := 0, 1
	if binary.BigEndian.Uint32(data) == tagCollection {
		faces = u32(data, 8)
		if faces == 0 || faces > maxFaces || len(data) < 12+4*faces {
			return 0, broken("", 8, "a collection of %d faces", faces)
		}
		if face >= 0 && face < faces {
			start = u32(data, 12+4*face)
		}
		if start+12 > len(data) {
			return 0, broken("", 12+4*face, "face %d begins at byte %d, behind the end", face, start)
		}
	}
	if face < 0 || face >= faces {
		return 0, fault.New(fault.Invalid, "font-no-face",
			fmt.Sprintf("字体文件中没有第 %d 个字面（从 0 数起，共 %d 个）。请改用其中的序号。", face, faces),
			fmt.Sprintf("the font file has no face %d; it has %d, counted from 0", face, faces), nil)
	}
	switch binary.BigEndian.Uint32(data[start:]) {
	case tagTrueType, tagAppleTrue, tagOpenType:
		return start, nil
	case tagWOFF, tagWOFF2:
		return 0, unsupported("其为压缩的网页字体（WOFF）", "it is a compressed web font (WOFF)")
	}
	return 0, unsupported("文件不是字体", "it is no font")
}
