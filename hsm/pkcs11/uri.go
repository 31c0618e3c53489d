package pkcs11

import (
	"encoding/hex"
	"fmt"
	"strings"

	"yinxin/fault"
	"yinxin/hsm"
)

const (
	scheme = "pkcs11:"
	maxURI = 1024
)

// URI is what an RFC 7512 address says of a key. Empty fields say nothing.
type URI struct {
	Token  string // the token's label
	Serial string
	Object string // the key's label
	ID     []byte
}

// ParseURI reads the path part of a pkcs11: URI. What a reference must not do is refused as fault.Invalid: name a slot by number, hold a PIN, or name
// the library and its PIN's place, which the configuration does.
func ParseURI(s string) (URI, error) {
	var u URI
	rest, ok := strings.CutPrefix(s, scheme)
	if !ok || len(s) > maxURI {
		return u, badURI(s, "它不以 pkcs11: 开头，或太长", "it does not begin with pkcs11:, or is too long")
	}
	path, _, asks := strings.Cut(rest, "?")
	if asks {
		return u, badURI(scheme+"…?…", "库与口令的位置写在配置文件里，不写在引用里", "the library and the place of the PIN are named in the configuration, not in a reference")
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(path, ";") {
		if part == "" && path == "" {
			break
		}
		name, value, ok := strings.Cut(part, "=")
		text, good := unescape(value)
		if !ok || !good || seen[name] {
			return URI{}, badURI(s, "“"+name+"”写法不对或重复", "“"+name+"” is malformed or given twice")
		}
		seen[name] = true
		if zh, en := u.set(name, text); en != "" {
			return URI{}, badURI(s, zh, en)
		}
	}
	return u, nil
}

// set takes one attribute; the sentences say why it cannot.
func (u *URI) set(name, text string) (zh, en string) {
	switch name {
	case "token":
		u.Token = text
	case "serial":
		u.Serial = text
	case "object":
		u.Object = text
	case "id":
		u.ID = []byte(text)
	case "type":
		if text != "private" {
			return "type 只能是 private", "type is private or absent"
		}
	case "slot-id", "slot-description", "slot-manufacturer":
		return "令牌按标签或序列号指定，不按槽位", "a token is named by label or serial, never by its slot"
	default:
		return "不认识属性“" + name + "”", "the attribute “" + name + "” is not known"
	}
	return "", ""
}

// badURI shows the reference, unless somebody has put a PIN into it.
func badURI(s, zh, en string) error {
	if strings.Contains(s, "pin") {
		s = scheme + "…"
	}
	return fault.New(fault.Invalid, "hsm-uri", fmt.Sprintf("密钥引用 %.80q 不可用：%s", s, zh), fmt.Sprintf("the key reference %.80q is not usable: %s", s, en), nil)
}

// unescape undoes %XX (RFC 3986 2.1); every other byte stands for itself.
func unescape(s string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		b, err := hex.DecodeString(s[i+1 : i+3])
		if err != nil {
			return "", false
		}
		out.Write(b)
		i += 2
	}
	return out.String(), true
}

// Ref writes the address as a reference; ParseURI reads it back.
func (u URI) Ref() hsm.Ref {
	var parts []string
	for _, a := range []struct{ name, text string }{{"token", escape(u.Token)}, {"serial", escape(u.Serial)}, {"object", escape(u.Object)}, {"id", escapeAll(u.ID)}} {
		if a.text != "" {
			parts = append(parts, a.name+"="+a.text)
		}
	}
	return hsm.Ref(scheme + strings.Join(parts, ";"))
}

// escape leaves the unreserved characters of RFC 3986 as they are.
func escape(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func escapeAll(id []byte) string {
	var out strings.Builder
	for _, b := range id {
		fmt.Fprintf(&out, "%%%02X", b)
	}
	return out.String()
}
