package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// The encryption dictionary of an AES-128 file whose user has no password, published with the tests of pdf.js. Its permissions let fields be filled,
// not made.
const (
	handID    = "/ID[<3c4c5f3a4496af409a9db33c781c76ac><00>]"
	handOU    = "/O<734614762e793527db970a3522b3e1d4adbd9b3cb4a5897515b259f168d9e9f4>/U<930489a9bf8a45a688a2dbc2a0a8676e00000000000000000000000000000000>"
	handCF    = "/CF<</StdCF<</CFM/AESV2/Length 16/AuthEvent/DocOpen>>>>/StmF/StdCF/StrF/StdCF"
	handDict  = "<</Filter/Standard/V 4/R 4/Length 128/P -1084" + handOU + handCF + ">>"
	handNum   = 6
	handForm  = "/AcroForm<</Fields[7 0 R]>>"
	handField = "<</FT/Sig/T<>/Type/Annot/Subtype/Widget/Rect[100 100 220 220]/F 4/P 4 0 R>>"
)

// handLocked is an encrypted file made by hand. more are objects from number 8 on.
func handLocked(encrypt, trailer string, more ...string) []byte {
	return testPDF{
		pages: []string{a4Page + "/Annots[7 0 R]", a4Page}, catalog: handForm, trailer: trailer,
		objects: append([]string{encrypt, handField}, more...),
	}.build()
}

const handTrailer = "/Encrypt 6 0 R" + handID

// TestEncryptionDictionaries: what is not the standard security handler as the standard has it is refused, and nothing is read as if not encrypted.
func TestEncryptionDictionaries(t *testing.T) {
	dict := func(old, with string) string {
		if strings.Count(handDict, old) != 1 {
			t.Fatalf("%q", old)
		}
		return strings.Replace(handDict, old, with, 1)
	}
	for _, c := range []struct{ name, dict, trailer, code, why string }{
		{"as it should be", handDict, handTrailer, "", ""},
		{"the wrong identifier", handDict, "/Encrypt 6 0 R/ID[<00><00>]", "pdf-password", ""},
		{"no identifier", handDict, "/Encrypt 6 0 R", "pdf-password", ""},
		{"an indirect identifier", handDict, "/Encrypt 6 0 R/ID 8 0 R", "pdf-malformed", "ID of an encrypted file"},
		{"direct", handDict, "/Encrypt" + handDict + handID, "pdf-malformed", "no reference"},
		{"a string", handDict, "/Encrypt(x)" + handID, "pdf-malformed", "no reference"},
		{"no object", handDict, "/Encrypt 99 0 R" + handID, "pdf-malformed", "does not exist"},
		{"another object", handDict, "/Encrypt 3 1 R" + handID, "pdf-malformed", "does not exist"},
		{"an array", "[]", handTrailer, "pdf-malformed", "is none"},
		{"a stream", stream(handDict[2:len(handDict)-2], ""), handTrailer, "pdf-malformed", "is none"},
		{"empty", "<<>>", handTrailer, "pdf-malformed", "no security handler"},
		{"a key twice", dict("/V 4", "/V 4/V 4"), handTrailer, "pdf-malformed", "twice"},
		{"certificates", dict("/Standard", "/Adobe.PubSec"), handTrailer, "pdf-encrypted", "Adobe.PubSec"},
		{"V 3", dict("/V 4", "/V 3"), handTrailer, "pdf-encrypted", "V 3"},
		{"no V", dict("/V 4", ""), handTrailer, "pdf-encrypted", "V 0"},
		{"V is a string", dict("/V 4", "/V(4)"), handTrailer, "pdf-malformed", "V of the encryption dictionary is a string"},
		{"O is a name", strings.Replace(handDict, "/O<", "/O/X/Was<", 1), handTrailer, "pdf-malformed", "O of the encryption dictionary is a name"},
		{"no O", strings.Replace(handDict, "/O<", "/Was<", 1), handTrailer, "pdf-malformed", "O has 0 bytes"},
		{"CF is a number", dict("/CF<<", "/CF 1/Was<<"), handTrailer, "pdf-malformed", "CF of the encryption dictionary"},
		{"a crypt filter is a number", dict("/StdCF<<", "/StdCF 7/Was<<"), handTrailer, "pdf-malformed", "a dictionary was expected"},
		{"an unknown crypt filter", dict("/StmF/StdCF", "/StmF/Other"), handTrailer, "pdf-malformed", "StmF"},
		{"an unknown method", dict("/CFM/AESV2", "/CFM/AESV9"), handTrailer, "pdf-encrypted", "AESV9"},
		{"P too large", dict("/P -1084", "/P 99999999999"), handTrailer, "pdf-malformed", "P has more than"},
		{"EncryptMetadata is a name", dict("/V 4", "/V 4/EncryptMetadata/X"), handTrailer, "pdf-malformed", "EncryptMetadata"},
	} {
		_, err := openReader(handLocked(c.dict, c.trailer, "[<3c4c5f3a4496af409a9db33c781c76ac><00>]"))
		if codeOf(err) != c.code || (err == nil) != (c.code == "") || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v", c.name, err)
		}
		if kind := map[string]fault.Kind{"pdf-malformed": fault.Invalid, "pdf-password": fault.Denied, "pdf-encrypted": fault.Denied}[c.code]; err != nil && !errors.Is(err, kind) {
			t.Errorf("%s: kind %v", c.name, fault.KindOf(err))
		}
	}
}

// TestEncryptedInEveryRevision: Encrypt is the same in all revisions, or readers could take the file for two.
func TestEncryptedInEveryRevision(t *testing.T) {
	base, plain := handLocked(handDict, handTrailer), handLocked(handDict, handID)
	page := object{5, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"}
	other := strings.Replace(handDict, "/P -1084", "/P -1028", 1)
	for _, c := range []struct {
		name    string
		base    []byte
		trailer string
		object  object
		why     string // "" where the file is read
	}{
		{"kept", base, "/Encrypt 6 0 R", page, ""},
		{"written again as it was", base, "/Encrypt 6 0 R", object{handNum, handDict}, ""},
		{"dropped", base, "", page, "in some revisions only"},
		{"null", base, "/Encrypt null", page, "in some revisions only"},
		{"added", plain, "/Encrypt 6 0 R", page, "in some revisions only"},
		{"another object", base, "/Encrypt 8 0 R", object{8, handDict}, "not the same in all revisions"},
		{"changed", base, "/Encrypt 6 0 R", object{handNum, other}, "not the same in all revisions"},
		{"freed", base, "/Encrypt 6 0 R", object{handNum, ""}, "does not exist"},
		{"direct", base, "/Encrypt" + handDict, page, "no reference"},
	} {
		b := revised(t, c.base, c.trailer, c.object)
		_, err := openReader(b)
		if (err == nil) != (c.why == "") || err != nil && (codeOf(err) != "pdf-malformed" || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestPermissions: who has the user's password may do what P says; the dictionary here lets fields be filled.
func TestPermissions(t *testing.T) {
	base := handLocked(handDict, handTrailer)
	placed, invisible := sealRequest(t), sealRequest(t)
	invisible.Places = nil
	for name, r := range map[string]document.Request{"a new field": placed, "an invisible field": invisible} {
		if _, err := sealLocked(t, base, r, ""); codeOf(err) != "pdf-permissions" || !errors.Is(err, fault.Denied) || !strings.Contains(err.Error(), "owner password") {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := mustOpenWith(t, base, "")
	if err := d.f.permitAccess(true); err != nil {
		t.Errorf("a field that is there: %v", err)
	}
	d.f.trailer["AuthCode"] = Dict{}
	if err := d.f.permitAccess(true); codeOf(err) != "pdf-encrypted" {
		t.Errorf("with an integrity code: %v", err)
	}
}

// TestPermissionsOfOthers seals files that qpdf restricted, with each password.
func TestPermissionsOfOthers(t *testing.T) {
	for _, c := range []struct {
		args               []string
		inField, elsewhere bool // what the user may do
	}{
		{[]string{"40", "--annotate=n", "--modify=n"}, false, false},
		{[]string{"40", "--annotate=y", "--modify=n"}, true, false},
		{[]string{"128", "--use-aes=y", "--modify=none"}, false, false},
		{[]string{"128", "--use-aes=n", "--modify=form"}, true, false},
		{[]string{"256", "--modify=annotate"}, true, false},
		{[]string{"256", "--modify=all"}, true, true},
		{[]string{"256", "--modify=none"}, false, false},
	} {
		k := lockedKind{args: c.args, owner: "owner"}
		b := locked(t, lockable(), k)
		placed, inField := sealRequest(t), sealRequest(t)
		inField.Field, inField.Places = "签章", nil
		for password, may := range map[string][2]bool{"": {c.inField, c.elsewhere}, "owner": {true, true}} {
			for i, r := range []document.Request{inField, placed} {
				_, err := sealLocked(t, b, r, password)
				if (err == nil) != may[i] || err != nil && codeOf(err) != "pdf-permissions" {
					t.Errorf("%v, password %q, new field %v: %v", c.args, password, i == 1, err)
				}
			}
		}
	}
}

// TestPermissionsTampered: who changes P, but not its sealed copy, gets a file that is read and not sealed.
func TestPermissionsTampered(t *testing.T) {
	b := locked(t, lockable(), lockedKind{args: []string{"256", "--modify=none"}, owner: "owner"})
	changed := regexp.MustCompile(`/P -\d+`).ReplaceAllFunc(b, func(p []byte) []byte { return fmt.Appendf(nil, "/P -%0*d", len(p)-len("/P -"), 4) })
	if bytes.Equal(b, changed) || len(b) != len(changed) {
		t.Fatal("P is not where it was expected")
	}
	d := mustOpenWith(t, changed, "")
	checkUnlocked(t, d)
	if !d.f.security.Damaged() || d.f.strict() == nil {
		t.Error("the change was not found")
	}
	for _, password := range []string{"", "owner"} {
		if _, err := sealLocked(t, changed, sealRequest(t), password); codeOf(err) != damage {
			t.Errorf("password %q: %v", password, err)
		}
	}
}

// TestManyStrings: strings that take a key each cannot cost without bound.
func TestManyStrings(t *testing.T) {
	b := handLocked(handDict, handTrailer, "["+strings.Repeat("<00>", 1<<20)+"]", stream("/Type/XRef/A["+strings.Repeat("<00>", 1<<10)+"]", "x"))
	d := mustOpenWith(t, b, "")
	before := d.f.work
	list, err := d.f.array(Ref{8, 0})
	if err != nil || len(list) != 1<<20 || d.f.work-before < stringCost<<20 {
		t.Errorf("%d strings for %d, %v", len(list), d.f.work-before, err)
	}
	d.f.work = workAtLeast + workPerByte*d.f.size - stringCost<<19
	clear(d.f.cache)
	if _, err := d.f.array(Ref{8, 0}); !errors.Is(err, fault.Limit) {
		t.Errorf("beyond the limit: %v", err)
	}
}

// TestPlainInLocked: what is not encrypted although the file is, is read as it stands, and a file whose strings are not as it says is not sealed.
func TestPlainInLocked(t *testing.T) {
	h := mustOpenWith(t, handLocked(handDict, handTrailer), "").f.security
	secret := func(num int, s string) string { return source(String(h.Encrypt(h.Strings(), num, 0, []byte(s)))) }
	cipher := func(num int, s string) string { return string(h.Encrypt(h.Streams(), num, 0, []byte(s))) }
	b := handLocked(handDict, handTrailer,
		"["+secret(8, "secret")+"()(plain)]",
		stream("/Filter/Crypt", "as it is"),
		stream("/Filter[/Crypt/ASCIIHexDecode]/DecodeParms[<</Name/StdCF>>null]", cipher(10, "4142>")),
		stream("/Filter[/ASCIIHexDecode/Crypt]", cipher(11, "4142>")),
		stream("/Filter/Crypt/DecodeParms<</Name/Nobody>>", "x"),
		stream("", "seventeen bytes.."),
		stream("/Type/XRef", "a stray one"),
		"<</ByteRange[0 1 2 3]/Contents<3000>/Reason"+secret(15, "why")+">>",
	)
	d := mustOpenWith(t, b, "")
	v := d.f.newest()
	list, err := v.array(Ref{8, 0})
	if err != nil || source(list) != "[(secret)()(plain)]" {
		t.Errorf("the strings are %s, %v", source(list), err)
	}
	if d.f.strict() == nil {
		t.Error("a plain string was not noted")
	}
	for num, want := range map[int]string{9: "as it is", 10: "AB", 14: "a stray one"} {
		if got := plainText(t, v, Ref{num, 0}); got != want {
			t.Errorf("stream %d is %q, want %q", num, got, want)
		}
	}
	for num, want := range map[int]string{11: "not the first", 12: "not known", 13: "not whole blocks"} {
		st, err := v.stream(Ref{num, 0})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.f.decode(st); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stream %d: %v, want %q", num, err, want)
		}
	}
	signature, err := v.dict(Ref{15, 0})
	if err != nil || source(signature["Contents"]) != "<3000>" && !bytes.Equal(signature["Contents"].(String), []byte{0x30, 0}) || v.text(signature["Reason"]) != "why" {
		t.Errorf("the signature dictionary is %s, %v", source(signature), err)
	}
	if again := d.f.security.encryptObject(signature, Ref{15, 0}).(Dict); !equalObjects(again["Contents"], signature["Contents"]) ||
		equalObjects(again["Reason"], signature["Reason"]) {
		t.Error("the value of a signature is encrypted, or its reason is not")
	}
	if dict, err := v.dict(Ref{handNum, 0}); err != nil || len(dict["O"].(String)) != 32 {
		t.Errorf("the encryption dictionary itself: %v", err)
	}
}

// TestPackNeedsItself: a filter or length inside the object stream that it describes is an error, not a recursion without end.
func TestPackNeedsItself(t *testing.T) {
	for _, c := range []struct{ old, with string }{{"/Filter/FlateDecode", "/Filter 2 0 R      "}, {"/N 2", "/N 2 0 R"}} {
		b := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Kids[]/Count 0>>"}}, "/Root 1 0 R")
		shift := len(c.with) - len(c.old)
		at := bytes.Index(b, []byte("4 0 obj"))
		b = bytes.Replace(b, fmt.Appendf(nil, "startxref\n%d", at), fmt.Appendf(nil, "startxref\n%d", at+shift), 1)
		d, err := openReader(bytes.Replace(b, []byte(c.old), []byte(c.with), 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Pages(); err == nil || !strings.Contains(err.Error(), "needs itself") {
			t.Errorf("%s: %v", c.with, err)
		}
	}
}
