package yinxin_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yinxin/fault"
)

// module is the path of this module, as a type of its lowest floor has it: whoever hosts it may have renamed it.
func module() string { return strings.TrimSuffix(reflect.TypeFor[fault.Error]().PkgPath(), "/fault") }

// room is one package of the house: its floor, and which of our packages it may import. fault is open to all; a subpackage may also import its
// parent and whatever its parent may. docs/design/architecture.md says what each is for.
type room struct {
	floor   float64
	imports string // separated by spaces
}

// everything marks the one room that may import all: the command, which wires them together.
const everything = "*"

// house returns the table. Its arrows only point down, which TestHouseOnlyPointsDown holds.
func house() map[string]room {
	return map[string]room{
		"fault":    {1, ""},
		"durable":  {1, ""},
		"testdata": {1, ""}, // embeds the files of the demo, no code

		"gm": {2, ""}, "codes": {2, ""}, "font": {2, ""}, "document": {2, ""},

		"seal": {3, "gm codes"}, "seal/draw": {3.5, "font"}, "seal/draw/measure": {3.6, ""}, "seal/draw/scan": {3.7, "seal/draw/measure"},
		"cms": {3, "gm"}, "translog": {3, "gm"},
		"trust": {3, "gm"}, "trust/fetch": {3.5, ""},
		"hsm": {3, "gm"}, "hsm/keystore": {3.4, "durable"}, "hsm/profile": {3.4, ""},
		"hsm/soft": {3.5, "hsm/keystore"}, "hsm/token": {3.5, "hsm/keystore hsm/profile durable"}, "hsm/pkcs11": {3.5, "hsm/profile"},
		"hsm/pkcs11/metrics": {3.6, ""},
		"pdf/crypt":          {2.9, ""}, "pdf": {3, "document pdf/crypt"}, "ofd": {3, "document font"},
		"layout": {3, "font"}, "license": {3, "codes"}, "license/face": {3.5, "layout"}, "einvoice": {3, "codes"},

		"doctype": {4, "document codes license einvoice"},

		"registry": {4, "seal license codes"}, "timestamp": {4, "cms hsm gm"}, "timestamp/tsa": {4.5, ""},
		"access": {4, "codes"}, "access/oidc": {4.5, ""},

		"policy": {5, "registry access seal document"},
		"sign":   {5, "seal document cms timestamp trust hsm gm"},
		"verify": {5, "seal document cms trust timestamp translog doctype license codes gm einvoice"}, "verify/report": {5.5, "layout"},
		"verify/evidence": {5.5, ""}, "verify/batch": {5.6, "durable verify/evidence"},
		"store": {5, "registry access seal license translog"}, "store/storetest": {5.5, ""}, "store/postgres": {5.6, "store/storetest"},
		"store/sqlite": {5.6, "store/storetest"}, "store/files": {5.6, "store/storetest"}, "store/s3": {5.6, "store/storetest"},
		"ca": {5, "gm trust hsm"}, "ca/local": {5.5, "durable"}, "ca/csr": {5.5, ""},

		"stamp":       {6, "gm policy sign verify verify/evidence trust store registry access hsm timestamp translog seal document"},
		"stamp/batch": {6.2, "durable"},
		"issue": {6.5, "gm stamp policy sign verify verify/evidence store ca registry access hsm timestamp translog trust seal seal/draw license " +
			"license/face layout font document codes"},
		"contract":   {7, "stamp policy verify verify/evidence store registry access timestamp document layout"},
		"federation": {7, "verify verify/evidence trust store registry access translog cms gm"},

		"jobs": {8, "issue stamp contract federation store translog registry access"},
		"api":  {8, "issue stamp contract federation verify verify/report verify/evidence trust access registry store translog doctype document license codes"},
		"web":  {8, "issue stamp contract federation verify verify/report verify/evidence trust access registry store translog document license codes"},
		"demo": {8, "issue stamp verify ca ca/local hsm hsm/soft license layout font codes testdata document gm trust seal seal/draw"},

		"cmd/yinxin": {9, everything},
	}
}

// A fence keeps an import from everyone but the rooms named, or from the rooms named.
type fence struct {
	imports string   // a path and everything below it
	only    []string // the rooms (with what is below them) that may; empty: everyone but those in never
	never   []string
	except  []string // rooms below never that may all the same
	why     string
}

func fences() []fence {
	quiet := []string{"seal", "document", "cms", "trust", "policy", "registry", "license"}
	formats := []string{"pdf", "ofd"}
	list := []fence{
		{imports: "github.com/emmansun/gmsm", only: []string{"gm"}, why: "gm is the one door to the SM algorithms"},
		{imports: "github.com/pdfcpu/pdfcpu", only: []string{"layout"}, why: "pdfcpu generates pages, it never seals or judges"},
		{imports: "github.com/spf13", only: []string{"cmd/yinxin"}, why: "command lines are read by the command"},
		{imports: "github.com/miekg/pkcs11", only: []string{"hsm/pkcs11"}, why: "one driver loads foreign libraries"},
		{imports: "github.com/ThalesGroup/crypto11", only: []string{"hsm/pkcs11"}, why: "one driver loads foreign libraries"},
	}
	for _, db := range []string{"database/sql", "github.com/jackc", "github.com/riverqueue", "modernc.org/sqlite", "github.com/pressly/goose"} {
		list = append(list, fence{imports: db, only: []string{"store"}, why: "only the store's drivers know the database"})
	}
	for _, p := range []string{"net/http", "os"} {
		list = append(list, fence{imports: p, never: quiet, except: []string{"trust/fetch"}, why: "what judges and describes does no I/O of its own"})
	}
	for _, p := range []string{
		"crypto/rsa", "crypto/ecdsa", "crypto/ed25519", "crypto/elliptic", "crypto/ecdh", "crypto/x509", "crypto/dsa", "golang.org/x/crypto",
	} {
		list = append(list, fence{imports: p, never: formats, except: []string{"pdf/crypt"}, why: "a format is handed its hashes and knows no signatures"})
	}
	return list
}

// source is one Go file outside the tests: its room and what it imports.
type source struct {
	path, room string
	imports    []string
}

// complaint says why a file of a room may not import a path, and is empty where it may.
func complaint(table map[string]room, from, imported string) string {
	if own, ok := strings.CutPrefix(imported, module()+"/"); ok {
		return ownComplaint(table, from, own)
	}
	for _, f := range fences() {
		if !within(imported, f.imports) {
			continue
		}
		inside := func(r string) bool { return within(from, r) }
		if len(f.only) > 0 && !slices.ContainsFunc(f.only, inside) {
			return f.why
		}
		if slices.ContainsFunc(f.never, inside) && !slices.ContainsFunc(f.except, inside) {
			return f.why
		}
	}
	return ""
}

func ownComplaint(table map[string]room, from, imported string) string {
	if strings.HasPrefix(imported, "internal/") {
		return "internal packages serve tests only"
	}
	if _, known := table[imported]; !known {
		return "it is not a room of the house"
	}
	if imported == "fault" || table[from].imports == everything {
		return ""
	}
	for at := from; ; at = path.Dir(at) {
		r, known := table[at]
		if !known {
			return "its table does not list it"
		}
		if at != from && at == imported || slices.Contains(strings.Fields(r.imports), imported) {
			return ""
		}
	}
}

// within reports whether p is root or below it.
func within(p, root string) bool { return p == root || strings.HasPrefix(p, root+"/") }

// walk calls fn for the files of the repository, with slash-separated paths. What tools and runs leave behind is passed over.
func walk(t *testing.T, fn func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == ".git" || base == "bin" || base == "out" || base == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			fn(filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources reads the imports of every Go file that the table rules.
func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	walk(t, func(name string) {
		dir := path.Dir(name)
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || within(dir, "internal") || strings.Contains(dir, "/testdata") ||
			within(dir, "testdata/consumer") { // a module of its own, that of somebody who uses this one
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(name), nil, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		list = append(list, source{name, dir, importsOf(t, file)})
	})
	return list
}

func importsOf(t *testing.T, file *ast.File) []string {
	t.Helper()
	var list []string
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// Fewer files than these mean that the test looked in the wrong place.
const (
	fewestFiles = 60
	fewestRooms = 15
)

func TestBorders(t *testing.T) {
	table := house()
	list := sources(t)
	rooms := map[string]bool{}
	for _, s := range list {
		if _, known := table[s.room]; !known && !rooms[s.room] {
			t.Errorf("%s is in package %s, which is not a room of the house: add it to the table in border_test.go and docs/design/architecture.md",
				s.path, s.room)
		}
		rooms[s.room] = true
		for _, imported := range s.imports {
			if why := complaint(table, s.room, imported); why != "" {
				t.Errorf("%s imports %s: not allowed, %s (docs/design/architecture.md)", s.path, imported, why)
			}
		}
	}
	if len(list) < fewestFiles || len(rooms) < fewestRooms {
		t.Errorf("read %d files of %d packages, expected at least %d of %d: is this the module's root?", len(list), len(rooms), fewestFiles, fewestRooms)
	}
	if _, err := os.Stat("docs/design/architecture.md"); err != nil {
		t.Errorf("the page that explains the table is missing: %v", err)
	}
}

func TestHouseOnlyPointsDown(t *testing.T) {
	table := house()
	for name, r := range table {
		if parent := path.Dir(name); parent != "." && parent != "cmd" {
			if up, known := table[parent]; !known || up.floor >= r.floor && !slices.Contains(strings.Fields(up.imports), name) {
				t.Errorf("%s does not stand above its parent", name)
			}
		}
		if r.imports == everything {
			continue
		}
		for _, imported := range strings.Fields(r.imports) {
			if below, known := table[imported]; !known || below.floor >= r.floor {
				t.Errorf("the arrow from %s (floor %g) to %s (floor %g) does not point down", name, r.floor, imported, below.floor)
			}
		}
	}
}

// The rules themselves, on imports that must be refused and imports that must not.
func TestBorderRules(t *testing.T) {
	tests := []struct {
		from, imported string
		allowed        bool
	}{
		{"pdf", "yinxin/document", true},
		{"pdf", "yinxin/gm", false},
		{"pdf", "yinxin/ofd", false},
		{"pdf", "crypto/x509", false},
		{"pdf", "crypto/md5", true},
		{"pdf/crypt", "crypto/rsa", true},
		{"seal", "yinxin/fault", true},
		{"seal", "yinxin/seal/draw", false},
		{"seal/draw", "yinxin/seal", true},
		{"seal/draw", "yinxin/gm", true},
		{"seal/draw", "yinxin/font", true},
		{"seal/draw", "os", false},
		{"hsm/soft", "yinxin/hsm/keystore", true},
		{"hsm/pkcs11", "yinxin/hsm/profile", true},
		{"hsm/pkcs11", "github.com/miekg/pkcs11", true},
		{"hsm/soft", "github.com/miekg/pkcs11", false},
		{"verify", "yinxin/sign", false},
		{"verify/report", "yinxin/stamp", false},
		{"verify/report", "yinxin/verify", true},
		{"trust", "net/http", false},
		{"trust/fetch", "net/http", true},
		{"cms", "github.com/emmansun/gmsm/sm2", false},
		{"gm", "github.com/emmansun/gmsm/sm2", true},
		{"pdf", "github.com/pdfcpu/pdfcpu/pkg/api", false},
		{"layout", "github.com/pdfcpu/pdfcpu/pkg/api", true},
		{"store/sqlite", "database/sql", true},
		{"stamp", "database/sql", false},
		{"stamp", "yinxin/internal/testpki", false},
		{"cmd/yinxin", "yinxin/pdf", true},
		{"cmd/yinxin", "yinxin/internal/need", false},
		{"cmd/yinxin", "yinxin/helpers", false},
		{"unknown", "yinxin/pdf", false},
	}
	for _, tt := range tests {
		imported := tt.imported
		if own, ok := strings.CutPrefix(imported, "yinxin/"); ok { // as this module was called first
			imported = module() + "/" + own
		}
		if why := complaint(house(), tt.from, imported); (why == "") != tt.allowed {
			t.Errorf("%s imports %s: allowed %v, want %v (%s)", tt.from, tt.imported, why == "", tt.allowed, why)
		}
	}
}
