package einvoice

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/internal/need"
)

// Every field that the samples' expected.json names is extracted and equal; the data adds up and agrees with the labels in OFD.xml.
func TestSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string]string
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) < 2 {
		t.Fatalf("%d invoices are expected", len(expected))
	}
	for name, want := range expected {
		parts := unzip(t, filepath.Join(dir, name))
		found, err := Parse("original_invoice.xml", parts["Doc_0/Attachs/original_invoice.xml"])
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %d invoices, %v", name, len(found), err)
			continue
		}
		inv := &found[0]
		day, _ := ParseDate(want["date"])
		got := map[string]string{
			"code": inv.Code.Value, "number": inv.Number.Value, "date": inv.Date.Raw, "check_code": inv.CheckCode.Value, "buyer_code": inv.Buyer.TaxID.Value,
			"seller_code": inv.Seller.TaxID.Value, "seller_name": inv.Seller.Name.Value, "total_exclusive": inv.Net.Value.String(),
			"tax": inv.Tax.Value.String(), "total_inclusive": inv.Total.Value.String(), "type": string(inv.Kind) + "-e-invoice",
		}
		if inv.Date.Value != day {
			t.Errorf("%s: the date is %s", name, inv.Date.Value)
		}
		for field, w := range want {
			if g, ok := got[field]; !ok || g != w {
				t.Errorf("%s: %s is %q, want %q", name, field, g, w)
			}
		}
		for _, f := range Check(inv, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			if f.Level == Fail || f.Level == Undecided {
				t.Errorf("%s: %s %s", name, f.Code, f.EN)
			}
		}
		for _, f := range Compare(inv, labels(t, parts["OFD.xml"])) {
			t.Errorf("%s: %s %s", name, f.Code, f.EN)
		}
		sampleTags(t, name, inv, parts)
	}
}

func labels(t *testing.T, ofd []byte) *Invoice {
	t.Helper()
	root, err := parseXML("OFD.xml", ofd)
	if err != nil {
		t.Fatal(err)
	}
	var list []Label
	for _, n := range root.all("DocBody/DocInfo/CustomDatas/CustomData") {
		list = append(list, Label{n.attr("Name"), n.text})
	}
	inv := FromLabels("OFD.xml", list)
	return &inv
}

// sampleTags reads the custom tags over the texts of the pages.
func sampleTags(t *testing.T, name string, inv *Invoice, parts map[string][]byte) {
	t.Helper()
	files, err := TagParts("CustomTags.xml", parts["Doc_0/Tags/CustomTags.xml"])
	if err != nil || len(files) != 1 {
		t.Errorf("%s: %q %v", name, files, err)
		return
	}
	texts := map[string]string{}
	for part, data := range parts {
		if !strings.HasSuffix(part, "/Content.xml") {
			continue
		}
		root, err := parseXML(part, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range root.all("Content/Layer/TextObject") {
			for _, c := range n.all("TextCode") {
				texts[n.attr("ID")] += c.text
			}
		}
	}
	face, err := ParseTags(files[0], parts["Doc_0/Tags/"+files[0]], func(r ObjectRef) (string, bool) {
		s, ok := texts[Decimal{Unscaled: int64(r.Object)}.String()]
		return s, ok
	})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	found := Compare(inv, &face)
	if len(parts["Doc_0/Tags/"+files[0]]) < 200 { // the tags of one file name nothing
		if len(found) != 1 || found[0].Code != "invoice-nothing-compared" {
			t.Errorf("%s: empty tags: %+v", name, found)
		}
		return
	}
	for _, f := range found {
		t.Errorf("%s: %s %s", name, f.Code, f.EN)
	}
}

func unzip(t *testing.T, path string) map[string][]byte {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	parts := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = data
	}
	return parts
}
