package ofd

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// maxName is the longest name of a part in bytes.
const maxName = 1024

// checkName says why an archive may not have an entry of this name; empty where it may.
func checkName(name string) string {
	switch {
	case name == "" || len(name) > maxName:
		return "the name is empty or too long"
	case strings.ContainsAny(name, "\\\x00"):
		return "the name has a backslash or a zero"
	case name[0] == '/' || len(name) > 1 && name[1] == ':':
		return "the name is absolute"
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] == 0x7f {
			return "the name has a control character"
		}
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "the name has an empty segment, . or .."
		}
	}
	return ""
}

// display is a name for people: as it is where it is UTF-8, else as GBK, which older products write without saying so.
func display(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	if s, err := simplifiedchinese.GBK.NewDecoder().String(name); err == nil && !strings.ContainsRune(s, utf8.RuneError) {
		return s
	}
	return fmt.Sprintf("%+q", name)
}

// fold maps names that lax readers take for the same to one key.
func fold(name string) string {
	return strings.TrimSuffix(strings.ToLower(display(name)), "/")
}

// folder is where a part lies, without slashes at its ends.
func folder(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i]
	}
	return ""
}

// isPlain reports a path that has only segments with names.
func isPlain(path string) bool {
	return path != "" && path[0] != '.' && path[0] != '/' && path[len(path)-1] != '/' && !strings.Contains(path, "//") && !strings.Contains(path, "/.")
}

// resolve reads an ST_Loc (GB/T 33190, table 3): from the root of the package where it begins with a slash, else from a folder. It returns the name of
// the entry. why says what is wrong with it, empty where nothing is.
func resolve(from, loc string) (name, why string) {
	loc = strings.TrimSpace(loc)
	if strings.ContainsAny(loc, "\\\x00") || len(loc) > maxName {
		return "", "the path has a backslash or a zero, or is too long"
	}
	if strings.HasPrefix(loc, "/") {
		from = ""
	}
	if plain := strings.TrimPrefix(loc, "/"); isPlain(plain) { // as nearly all are
		if from == "" {
			return plain, ""
		}
		return from + "/" + plain, ""
	}
	var segments []string
	if from != "" {
		segments = strings.Split(from, "/")
	}
	for segment := range strings.SplitSeq(loc, "/") {
		switch segment {
		case "", ".":
		case "..":
			if len(segments) == 0 {
				return "", "the path leads out of the package"
			}
			segments = segments[:len(segments)-1]
		default:
			segments = append(segments, segment)
		}
	}
	return strings.Join(segments, "/"), ""
}
