package face

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/layout"
	"yinxin/license"
	"yinxin/ofd"
)

// ofdOf writes the face as OFD; with YINXIN_KEEP naming a folder also there, to be looked at.
func ofdOf(t testing.TB, name string, doc layout.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := layout.WriteOFD(&b, doc, fonts()); err != nil {
		t.Fatal(err)
	}
	if keep := os.Getenv("YINXIN_KEEP"); keep != "" {
		if err := os.WriteFile(filepath.Join(keep, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// svgOf shows the page of an OFD.
func svgOf(t testing.TB, data []byte) string {
	t.Helper()
	d, err := ofd.Format{}.Open(t.Context(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, ok := d.(document.Renderer)
	if !ok {
		t.Fatal("it cannot be shown")
	}
	var b strings.Builder
	omitted, err := r.Render(t.Context(), &b, 1, nil)
	if err != nil || len(omitted) != 0 {
		t.Fatalf("%v %v", omitted, err)
	}
	return b.String()
}

// textOf is the text of an SVG in its order.
func textOf(t testing.TB, svg string) string {
	t.Helper()
	var b strings.Builder
	inside := false
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return squeeze(b.String())
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			inside = v.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				b.Write(v)
			}
		}
	}
}

// The text of the OFD's page, as SVG, is that of the record: every field with its label and its value, and what is not recorded with the reason.
func TestOFDTextIsTheRecord(t *testing.T) {
	for name, change := range map[string]func(*license.Order){"plain": nil, "full": full} {
		doc, _, r := describe(t, change, false)
		ty, _ := example(t, change)
		text := textOf(t, svgOf(t, ofdOf(t, "face-"+name+".ofd", doc)))
		fields := 0
		for _, f := range ty.Fields {
			value, ok := r.Face.Values[f.Key]
			if ok {
				value = f.Kind.Shown(value)
			} else if code, gap := r.Face.Gaps[f.Key]; gap {
				reason, _ := ty.Reason(code)
				value, ok = "—（"+reason.ZH+"）", true
			}
			if !ok {
				continue
			}
			fields++
			if want := squeeze(f.Label.ZH + value); strings.Count(text, want) != 1 {
				t.Errorf("%s: %q is there %d times in\n%s", name, want, strings.Count(text, want), text)
			}
		}
		for _, want := range []string{r.Identifier, r.Issuer.Name, r.Issued.Chinese()} {
			if !strings.Contains(text, squeeze(want)) {
				t.Errorf("%s: no %q", name, want)
			}
		}
		if fields < 10 {
			t.Errorf("%s: %d fields looked for", name, fields)
		}
	}
}

// The attached record is the one the face was made from.
func TestOFDRecord(t *testing.T) {
	doc, _, r := describe(t, nil, false)
	data := ofdOf(t, "face.ofd", doc)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		in, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		out, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var list struct {
		Attachment struct {
			Name    string `xml:",attr"`
			FileLoc string
		}
	}
	if err := xml.Unmarshal(read("Doc_0/Attachs/Attachments.xml"), &list); err != nil || list.Attachment.Name != RecordName {
		t.Fatalf("%+v %v", list, err)
	}
	back, err := license.ParseRecord(read("Doc_0/Attachs/" + list.Attachment.FileLoc))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, back); d != "" {
		t.Error(d)
	}
}

// An independent reader decodes the code from the OFD's page as another program shows it.
func TestOFDCodeScans(t *testing.T) {
	zbar := need.Tool(t, "zbarimg")
	doc, _, r := describe(t, nil, true)
	image := filepath.Join(t.TempDir(), "page.png")
	viewer := exec.Command(need.Tool(t, "rsvg-convert"), "-d", "150", "-p", "150", "-o", image)
	viewer.Stdin = strings.NewReader(svgOf(t, ofdOf(t, "face-specimen.ofd", doc)))
	if out, err := viewer.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	out, err := exec.Command(zbar, "-q", "--raw", image).Output()
	if err != nil || strings.TrimSpace(string(out)) != r.QR {
		t.Errorf("%q %v, want %q", out, err, r.QR)
	}
}
