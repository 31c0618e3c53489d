package pdf

import (
	"reflect"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// TestCarriedFiles: embedded files are found wherever they are named, each once, and what is none is left out.
func TestCarriedFiles(t *testing.T) {
	file := raw(
		"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>/AF[6 0 R 8 0 R]>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 9 9]>>",
		"<</Type/Page/Parent 2 0 R/AF 99 0 R/Annots[<</Subtype/FileAttachment/FS<</F(c)/EF<</F 12 0 R>>>>>> <</Subtype/Text/FS 6 0 R>> 7]>>",
		"<</Kids[4 0 R 5 0 R 5 0 R (x) 99 0 R]>>",
		"<</Names[(a) 6 0 R (b) 7 0 R (url) <</FS/URL/F(http)>> (none) <</EF<</F 99 0 R>>>> (odd)]>>",
		"<</F(a.txt)/UF<feff7968 002e 0074>/EF<</F 9 0 R/UF 9 0 R/DOS 10 0 R>>>>",
		"<</F(b)/EF<</F 10 0 R>>>>",
		"<</UF(both)/EF<</UF 9 0 R/F 11 0 R>>>>",
		stream("/Type/EmbeddedFile/Subtype/text#2Fplain/Params<</Size 3>>", "abc"),
		stream("/Filter/ASCIIHexDecode/Params<</Size -1>>", strings.Repeat("41", 100)+">"),
		stream("/Filter/DCTDecode/Params<</Size(x)>>", "jpeg"),
		stream("", ""),
	)
	d := openBytes(t, file)
	got, err := d.Carried()
	want := []document.Carried{
		{Name: "票.t", Path: "9 0 R", As: document.Attachment, MIME: "text/plain", Size: 3},
		{Name: "b", Path: "10 0 R", As: document.Attachment, Size: -1},
		{Name: "both", Path: "11 0 R", As: document.Attachment, Size: -1},
		{Name: "c", Path: "12 0 R", As: document.Attachment, Size: -1},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, c := range []struct {
		path string
		most int64
		want string
		kind fault.Kind
	}{
		{"9 0 R", 3, "abc", 0}, {"9 0 R", 2, "", fault.Limit}, {"10 0 R", 100, strings.Repeat("A", 100), 0}, {"10 0 R", 99, "", fault.Limit},
		{"12 0 R", 0, "", 0}, {"11 0 R", 100, "", fault.Invalid}, {"6 0 R", 9, "", fault.Invalid}, {"99 0 R", 9, "", fault.NotFound},
		{"", 9, "", fault.NotFound}, {"9 0", 9, "", fault.NotFound}, {"-9 0 R", 9, "", fault.NotFound}, {"9 0 R", -1, "", fault.Limit},
	} {
		data, err := d.Read(document.Carried{Path: c.path}, c.most)
		if string(data) != c.want || fault.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
			t.Errorf("%s, at most %d: %q, %v", c.path, c.most, data, err)
		}
	}
	if d.f.lim.Stream != defaultStream {
		t.Error("the limit of one reading stayed")
	}
}

func TestLabels(t *testing.T) {
	base := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", "(by reference)",
		"<</Title<FEFF7968>/Author<EFBBBFE58DB0>/Subject(caf\xe9 \x80)/Own 3 0 R/Trapped/True/Number 7/Empty()/List[(x)]>>")
	d := openBytes(t, revised(t, base, "/Info 4 0 R"))
	got, err := d.Labels()
	want := []document.Label{{Name: "Author", Value: "印"}, {Name: "Empty"}, {Name: "Own", Value: "by reference"}, {Name: "Subject", Value: "café •"},
		{Name: "Title", Value: "票"}, {Name: "Trapped", Value: "True"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := openBytes(t, base).Labels(); err != nil || got != nil {
		t.Errorf("no dictionary: %+v, %v", got, err)
	}
}

// TestContentsLeaveNoTrace: what is tolerated for reading text is no reason to refuse a document afterwards.
func TestContentsLeaveNoTrace(t *testing.T) {
	file := saying(courier, "/X Do", "<</A 1/A 2>>", "<</B 1/B 2>>")
	file = revised(t, file, "", object{3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources 5 0 R/AF[6 0 R]>>"})
	d := openBytes(t, file)
	for range 2 {
		if _, err := d.Text(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Carried(); err != nil {
			t.Fatal(err)
		}
		if err := d.Tolerated(); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Pages(); err != nil {
		t.Error(err)
	}
}
