package license

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"yinxin/fault"
)

// MaxTypeBytes is the largest description ParseType reads.
const MaxTypeBytes = 256 << 10

// ParseError says where a licence type or a record could not be read.
type ParseError struct {
	Offset int64 // bytes from the start, -1 where unknown
	Line   int   // from 1, 0 where unknown
	Err    error
}

// Error gives the place and the cause.
func (e *ParseError) Error() string {
	switch {
	case e.Line > 0:
		return fmt.Sprintf("license: line %d: %v", e.Line, e.Err)
	case e.Offset >= 0:
		return fmt.Sprintf("license: byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("license: %v", e.Err)
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Err }

// ParseType reads a licence type from YAML and validates it. Unknown and repeated fields, aliases and further documents are refused. The error is a
// fault.Invalid that names the line, with a *ParseError as its cause.
func ParseType(data []byte) (Type, error) {
	root, err := parseNode(data)
	if err != nil {
		return Type{}, badType(data, err)
	}
	var t Type
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&t); err != nil {
		return Type{}, badType(data, err)
	}
	if p := t.problems(); len(p) > 0 {
		for i := range p {
			if n := lineOf(root, p[i].Where); n > 0 {
				p[i].Where = fmt.Sprintf("line %d, %s", n, p[i].Where)
			}
		}
		return Type{}, badType(data, p)
	}
	return t, nil
}

// parseNode reads the one document of data. It refuses aliases, so that nothing is expanded.
func parseNode(data []byte) (*yaml.Node, error) {
	if len(data) > MaxTypeBytes {
		return nil, fmt.Errorf("the description is larger than %d bytes", MaxTypeBytes)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("the description is not UTF-8")
	}
	if deep(data) {
		return nil, errors.New("the description is nested too deeply")
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one document")
	}
	return &root, refuseAliases(&root)
}

// deep reports flow collections or indentation beyond what a licence type can need: the YAML parser recurses over both.
func deep(data []byte) bool {
	const most = 64
	flow := 0
	for line := range bytes.Lines(data) {
		if n := len(line) - len(bytes.TrimLeft(line, " \t-?:")); n > 2*most {
			return true
		}
		flow += bytes.Count(line, []byte{'['}) + bytes.Count(line, []byte{'{'})
		flow -= bytes.Count(line, []byte{']'}) + bytes.Count(line, []byte{'}'})
		flow = max(flow, 0)
		if flow > most || bytes.Count(line, []byte{'['}) > most {
			return true
		}
	}
	return false
}

func refuseAliases(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return &ParseError{Offset: -1, Line: n.Line, Err: errors.New("anchors and aliases are not allowed")}
	}
	for _, c := range n.Content {
		if err := refuseAliases(c); err != nil {
			return err
		}
	}
	return nil
}

// lineOf finds the line of a path such as fields[3].kind, or of the nearest thing around it that is there.
func lineOf(n *yaml.Node, path string) int {
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	line := 0
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		if n = child(n, step); n == nil {
			break
		}
		line = n.Line
	}
	return line
}

func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

var linePattern = regexp.MustCompile(`line (\d+)`)

// badType makes the one error of ParseType. The YAML reader says the line only inside its message.
func badType(data []byte, cause error) error {
	var pe *ParseError
	if !errors.As(cause, &pe) {
		pe = &ParseError{Offset: -1, Err: cause}
		if m := linePattern.FindStringSubmatch(cause.Error()); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil {
				pe.Line = n
			}
		}
	}
	pe.Offset = lineStart(data, pe.Line)
	detail := strings.TrimPrefix(pe.Err.Error(), "yaml: ")
	zh := detail
	var p Problems
	if errors.As(pe.Err, &p) {
		zh = strings.ReplaceAll(p.zh(), "line ", "行 ")
	} else if pe.Line > 0 {
		zh = fmt.Sprintf("第 %d 行：%s", pe.Line, detail)
	}
	if pe.Line > 0 && !strings.Contains(detail, "line ") {
		detail = fmt.Sprintf("line %d: %s", pe.Line, detail)
	}
	return fault.New(fault.Invalid, "license-type",
		"证照类型描述有误，请改正后重新载入："+zh, "the licence type is not usable, correct it and load it again: "+detail, pe)
}

// lineStart returns the offset of a line's first byte, -1 where the line is unknown.
func lineStart(data []byte, line int) int64 {
	if line < 1 {
		return -1
	}
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return int64(at)
}
