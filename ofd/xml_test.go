package ofd

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// events reads XML with our scanner into lines; names without prefixes, texts joined.
func events(r io.Reader) ([]string, error) {
	var out []string
	s := newScanner(r, "test", 50, nil)
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, "text "+text)
		}
		text = ""
	}
	for {
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case textRun, dataRun:
			more, why := decode(t.text)
			if t.kind == dataRun {
				more, why = decodeData(t.text)
			}
			if why != "" {
				return nil, errors.New(why)
			}
			text += more
		case startTag:
			flush()
			id, ok, why := attribute(t.attrs, "ID")
			if why != "" {
				return nil, errors.New(why)
			}
			out = append(out, fmt.Sprintf("start %s %q %v", local(t.name), id, ok))
			if t.empty {
				out = append(out, "end "+string(local(t.name)))
			}
		case endTag:
			flush()
			out = append(out, "end "+string(local(t.name)))
		case endOfXML:
			return out, nil
		}
	}
}

// standard reads the same with encoding/xml.
func standard(data []byte) ([]string, error) {
	var out []string
	d := xml.NewDecoder(bytes.NewReader(data))
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, "text "+text)
		}
		text = ""
	}
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.CharData:
			if depth > 0 {
				text += string(t)
			}
		case xml.StartElement:
			depth++
			flush()
			id, ok := "", false
			for _, a := range t.Attr {
				if a.Name.Local == "ID" {
					id, ok = a.Value, true
				}
			}
			out = append(out, fmt.Sprintf("start %s %q %v", t.Name.Local, id, ok))
		case xml.EndElement:
			depth--
			flush()
			out = append(out, "end "+t.Name.Local)
		}
	}
}

// xmlText draws a well formed document.
func xmlText(t *rapid.T) string {
	var b strings.Builder
	if rapid.Bool().Draw(t, "declared") {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?>`)
	}
	var element func(depth int)
	element = func(depth int) {
		name := rapid.SampledFrom([]string{"a", "ofd:Page", "页", "x.y-z"}).Draw(t, "name")
		b.WriteString("<" + name)
		if rapid.Bool().Draw(t, "has ID") {
			quote := rapid.SampledFrom([]string{`"`, `'`}).Draw(t, "quote")
			b.WriteString(" x = 'y>z'\n\tID=" + quote + rapid.SampledFrom([]string{"", "1", "&lt;&#x4e00;&#65;", "a > b", "一"}).Draw(t, "value") + quote)
		}
		if rapid.IntRange(0, 3).Draw(t, "empty") == 0 {
			b.WriteString(" />")
			return
		}
		b.WriteString(">")
		for range rapid.IntRange(0, 4).Draw(t, "kids") {
			switch rapid.IntRange(0, 5).Draw(t, "kid") {
			case 0:
				b.WriteString("<!-- <no> -->")
			case 1:
				b.WriteString("<![CDATA[ <c> & ]] > ]]>")
			case 2:
				b.WriteString("<?target <no> ?>")
			case 3:
				b.WriteString(rapid.SampledFrom([]string{"text", "a &amp; b &gt;", "\n  ", "一二三", `"'`}).Draw(t, "text"))
			default:
				if depth < 5 {
					element(depth + 1)
				}
			}
		}
		b.WriteString("</" + name + " >")
	}
	element(0)
	b.WriteString("\n<!-- end -->\n")
	return b.String()
}

// Our scanner and the standard library's agree on what is well formed, however the bytes come in.
func TestScannerAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := xmlText(t)
		want, err := standard([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text)),
		} {
			got, err := events(r)
			if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("%s: %s\n%v\ngot  %q\nwant %q", name, text, err, got, want)
			}
		}
	})
}

// What it takes, the standard library takes too, but for what that is known to be stricter in: names and the text of comments.
func FuzzScanner(f *testing.F) {
	for _, file := range onePage() {
		f.Add([]byte(file.Data))
	}
	for _, s := range []string{"<a>&#x41;<b c='d'/></a>", "\xef\xbb\xbf<a/>", "<a><![CDATA[x]]></a>", "<!DOCTYPE a><a/>", "<a b='c' b='d'/>", "<a>&b;</a>", "<:a/>", "<a:b:c/>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := events(bytes.NewReader(data))
		again, errAgain := events(iotest.HalfReader(bytes.NewReader(data)))
		if (err == nil) != (errAgain == nil) || strings.Join(got, "\n") != strings.Join(again, "\n") {
			t.Fatalf("another reading: %q %v, %q %v", got, err, again, errAgain)
		}
		if err != nil {
			return
		}
		want, err := standard(data)
		if err == nil && !bytes.Contains(data, []byte("\r")) && strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("%q\ngot  %q\nwant %q", data, got, want)
		}
		if p, err := tree(&entry{name: "x"}, data, 50, 1000); err == nil && p.root.to > int64(len(data)) {
			t.Fatal("the root element ends behind the file")
		}
	})
}

func TestResolve(t *testing.T) {
	for _, test := range []struct{ from, loc, want string }{
		{"", "Doc_0/Document.xml", "Doc_0/Document.xml"}, {"Doc_0", "/OFD.xml", "OFD.xml"}, {"Doc_0/Signs", "Sign_0/Signature.xml", "Doc_0/Signs/Sign_0/Signature.xml"},
		{"Doc_0/Signs", "../Res/./a.png", "Doc_0/Res/a.png"}, {"Doc_0", " a.xml\n", "Doc_0/a.xml"}, {"Doc_0", "a//b", "Doc_0/a/b"}, {"a", "..", ""}, {"a", ".hidden", "a/.hidden"},
	} {
		if got, why := resolve(test.from, test.loc); got != test.want || why != "" {
			t.Errorf("resolve(%q, %q) = %q %s, want %q", test.from, test.loc, got, why, test.want)
		}
	}
	for _, loc := range []string{"../x", "/..", "a/../../x", `a\b`, "a\x00", strings.Repeat("a", maxName+1)} {
		if got, why := resolve("", loc); why == "" {
			t.Errorf("resolve(%q) = %q", loc, got)
		}
	}
}

func TestParseBox(t *testing.T) {
	if b, ok := parseBox(" 0.0 -5 2.1e2\t297 "); !ok || b != (box{0, -5, 210, 297}) {
		t.Errorf("%v %v", b, ok)
	}
	for _, s := range []string{"", "1 2 3", "1 2 3 4 5", "0 0 0 1", "0 0 1 -1", "0 0 NaN 1", "Inf 0 1 1", "a b c d", "0 0 1e300 1"} {
		if b, ok := parseBox(s); ok {
			t.Errorf("%q is %v", s, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var b box
		for i := range b {
			b[i] = float64(rapid.IntRange(1, 1<<20).Draw(t, "n")) / 1024
		}
		if got, ok := parseBox(b.String()); !ok || got != b {
			t.Fatalf("%v written as %s is read as %v", b, b, got)
		}
	})
}

func TestParseTime(t *testing.T) {
	for s, want := range map[string]string{
		"20200723130907.763Z": "2020-07-23T13:09:07.763Z", "20200817111329Z": "2020-08-17T11:13:29Z", "20201010151120": "2020-10-10T15:11:20+08:00",
		"2020-07-16 16:04:27": "2020-07-16T16:04:27+08:00", "2020-07-16T16:04:27Z": "2020-07-16T16:04:27Z", "": "0001-01-01T00:00:00Z", "soon": "0001-01-01T00:00:00Z",
	} {
		if got := parseTime(s).Format("2006-01-02T15:04:05.999Z07:00"); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}
