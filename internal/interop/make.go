package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Order is a document to be signed as programs in the field do it: laid out by PDFBox, with an RSA value of BouncyCastle, shown on page 1.
type Order struct {
	In      []byte
	Certify int      // DocMDP permission 1..3, 0 for none
	Action  string   // of FieldMDP: All, Include, Exclude; empty for none
	Fields  []string // full names that Include and Exclude speak of
}

// Sign signs all documents in one run of a JVM and returns them in order.
func (j *Judge) Sign(t testing.TB, orders []Order) [][]byte {
	t.Helper()
	dir := t.TempDir()
	var list strings.Builder
	outs := make([]string, len(orders))
	for i, o := range orders {
		in := filepath.Join(dir, fmt.Sprintf("in%d.pdf", i))
		outs[i] = filepath.Join(dir, fmt.Sprintf("out%d.pdf", i))
		if err := os.WriteFile(in, o.In, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%s\t%s\t%d\t%s\t%s\n", in, outs[i], o.Certify, o.Action, strings.Join(o.Fields, ","))
	}
	name := filepath.Join(dir, "orders")
	if err := os.WriteFile(name, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), j.java, append(quick(), "-cp", j.classPath, "Make", name)...).CombinedOutput(); err != nil {
		t.Fatalf("interop: sign with PDFBox: %v\n%s", err, out)
	}
	signed := make([][]byte, len(orders))
	for i, o := range outs {
		var err error
		if signed[i], err = os.ReadFile(o); err != nil {
			t.Fatal(err)
		}
	}
	return signed
}
