package verify_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/font"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/stamp"
)

// rules is what the first signature of a random file permits after itself.
type rules struct {
	certify int    // DocMDP permission, 0 for none
	action  string // of FieldMDP
	fields  []string
}

// locks reports whether a field of that full name may not change: to name a field is to name those below it.
func (r rules) locks(name string) bool {
	named := false
	for _, f := range r.fields {
		named = named || name == f || strings.HasPrefix(name, f+".")
	}
	switch r.action {
	case "All":
		return true
	case "Include":
		return named
	case "Exclude":
		return !named
	}
	return false
}

func (r rules) fills(name string) bool { return r.certify != 1 && !r.locks(name) }
func (r rules) seals() bool            { return r.certify != 1 && !r.locks("Seal9") }
func (r rules) annotates() bool        { return r.certify == 0 || r.certify == 3 }

// attempt is one random case: a signed file that is edited further and further.
type attempt struct {
	testing.TB
	*paper
	*plan
	rules
	rnd    *rand.Rand
	world  *sealWorld
	seals  int      // made so far behind the first signature
	asked  bool     // something was done that the rules leave open
	signed [3]int   // the first signature: its dictionary, its field, its appearance
	covers int      // bytes that it covers, with its hole
	did    []string // in order
}

// sealWorld is who seals in these tests.
type sealWorld struct {
	*testpki.PKI
	owner *testpki.Holder
	esl   []byte
}

func newSealWorld(t testing.TB) *sealWorld {
	w := &sealWorld{PKI: testpki.New(t)}
	w.owner = w.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	d, err := draw.New(draw.Design{Kind: draw.LegalName, Name: testpki.OwnerName}, font.Stack{font.Default()})
	if err != nil {
		t.Fatal(err)
	}
	info := testseal.Info(t, w.PKI, testpki.OwnerName, w.owner.Cert)
	if info.Picture.Data, err = d.PNG(draw.MinResolution); err != nil { // small: a thousand are compared with what is shown
		t.Fatal(err)
	}
	w.esl = testseal.Make(t, w.PKI, info, seal.V4)
	return w
}

// seal stamps data on a page at a place where neither fields nor notes are.
func (w *sealWorld) seal(rnd *rand.Rand, data []byte, pages int, change func(*stamp.Order)) ([]byte, error) {
	o := testseal.Order(data, w.esl, w.owner.Key, w.Now)
	o.Places = []document.Place{{Page: 1 + rnd.IntN(pages), X: 125 + 50*rnd.Float64(), Y: 80 + 170*rnd.Float64()}}
	change(&o)
	var out document.Memory
	_, err := stamp.Make(context.Background(), o, &out)
	return out.Bytes(), err
}

// sign takes over what a signer made of the file, and finds the signature.
func (a *attempt) sign(data []byte) {
	a.Helper()
	a.paper = a.grown(data)
	a.covers = len(data)
	for num, body := range a.bodies {
		if d, _ := dictionary(body); d.values["ByteRange"] != "" {
			a.signed[0] = num
		}
	}
	for num, body := range a.bodies {
		if d, _ := dictionary(body); refNum(d.values["V"]) == a.signed[0] && d.values["Rect"] != "" {
			a.signed[1], a.signed[2] = num, refNum(a.get(num, "AP", "N"))
		}
	}
	if a.signed[0] == 0 || a.signed[1] == 0 || a.signed[2] == 0 {
		a.Fatalf("signature not found: %v", a.signed)
	}
}

// edit is one kind of thing done behind a signature. do reports whether it could be done to this file under its rules.
type edit struct {
	name string
	do   func(a *attempt) bool
}

// revised is an edit that writes one revision.
func revised(name string, do func(a *attempt, i *increment) bool) edit {
	return edit{name, func(a *attempt) bool {
		i := a.begin(a.rnd)
		if !do(a, i) {
			return false
		}
		a.paper = i.write()
		return true
	}}
}

// pick is a random one of a list.
func pick[T any](a *attempt, list []T) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[a.rnd.IntN(len(list))], true
}

// fieldOf is a random field of a kind that suits.
func (a *attempt) fieldOf(kind string, suits func(name string) bool) (field, bool) {
	var list []field
	for _, f := range a.plan.fields {
		if f.kind == kind && suits(f.name) {
			list = append(list, f)
		}
	}
	return pick(a, list)
}

func anyName(string) bool { return true }

// fill gives a text field another value, and a look that shows it.
func (i *increment) fill(f field) {
	text := fmt.Sprintf("value %d", i.rnd.IntN(1e6))
	i.set(f.num, "("+text+")", "V")
	if look := refNum(i.get(f.widget, "AP", "N")); look != 0 && i.rnd.IntN(2) == 0 {
		i.put(look, fieldLook(text))
		return
	}
	i.set(f.widget, fmt.Sprintf("<</N %s>>", ref(i.add(fieldLook(text)))), "AP")
}

// note adds an annotation to the first page.
func (i *increment) note(page int, entries, rect string) {
	source := fmt.Sprintf("<</Type/Annot%s/Rect%s/F 4/P %d 0 R/AP<</N %s>>>>", entries, rect, page, ref(i.add(fieldLook("new"))))
	i.setList(page, append(i.list(page, "Annots"), ref(i.add(source))), "Annots")
}

func allowedEdits() []edit {
	return append(append(allowedFillings(), allowedNotes()...), allowedRest()...)
}

func allowedFillings() []edit {
	return []edit{
		{"further seal", func(a *attempt) bool {
			if a.seals > 2 || !a.rules.seals() {
				return false
			}
			return a.seal("")
		}},
		{"empty field sealed", func(a *attempt) bool {
			f, ok := a.fieldOf("Sig", a.fills)
			if !ok || a.get(f.num, "V") != "" {
				return false
			}
			return a.seal(f.name)
		}},
		revised("text filled", func(a *attempt, i *increment) bool {
			f, ok := a.fieldOf("Tx", a.fills)
			if ok {
				i.fill(f)
			}
			return ok
		}),
		revised("box ticked", func(a *attempt, i *increment) bool {
			f, ok := a.fieldOf("Btn", a.fills)
			if ok {
				to := map[string]string{"/On": "/Off", "/Off": "/On"}[i.get(f.num, "V")]
				i.set(f.num, to, "V")
				i.set(f.widget, to, "AS")
			}
			return ok
		}),
		revised("all fields filled", func(a *attempt, i *increment) bool {
			n := 0
			for _, f := range a.plan.fields {
				if f.kind == "Tx" && a.fills(f.name) {
					i.fill(f)
					n++
				}
			}
			return n > 1
		}),
		revised("readers draw the form", func(a *attempt, i *increment) bool {
			if a.certify == 1 || len(a.plan.fields) == 0 {
				return false
			}
			i.set(i.root, "true", "AcroForm", "NeedAppearances")
			return true
		}),
		revised("font for fields", func(a *attempt, i *increment) bool {
			if len(a.plan.fields) == 0 || i.get(i.root, "AcroForm", "DR", "Font", "ZaDb") != "" {
				return false
			}
			i.set(i.root, ref(i.add("<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>")), "AcroForm", "DR", "Font", "ZaDb")
			return true
		}),
	}
}

// seal stamps once more, into a field that is there or a new one.
func (a *attempt) seal(into string) bool {
	data, err := a.world.seal(a.rnd, a.data, len(a.pages), func(o *stamp.Order) { o.Field = into })
	if err != nil {
		a.Errorf("sealing is refused behind %q: %v", a.did, err)
		return false
	}
	a.paper = a.grown(data)
	a.seals++
	return true
}

func allowedNotes() []edit {
	return []edit{
		revised("annotation added", func(a *attempt, i *increment) bool {
			page, _ := pick(a, a.pages)
			if !a.annotates() {
				return false
			}
			a.asked = true
			i.note(page, "/Subtype/FreeText/DA(/Helv 9 Tf)/Contents(note)", "[200 790 240 810]")
			return true
		}),
		revised("annotation changed", func(a *attempt, i *increment) bool {
			note, ok := pick(a, a.notes)
			if !ok || !a.annotates() || i.get(note) == "" {
				return false
			}
			a.asked = true
			i.set(note, "[0 0 1]", "C")
			return true
		}),
		revised("annotation removed", func(a *attempt, i *increment) bool {
			note, ok := pick(a, a.notes)
			if !ok || !a.annotates() || i.get(note) == "" {
				return false
			}
			a.asked = true
			page := refNum(i.get(note, "P"))
			i.setList(page, without(i.list(page, "Annots"), ref(note)), "Annots")
			i.put(note, "")
			return true
		}),
	}
}

func without(list []string, one string) (out []string) {
	for _, o := range list {
		if o != one {
			out = append(out, o)
		}
	}
	return out
}

func allowedRest() []edit {
	return []edit{
		revised("evidence stored", func(a *attempt, i *increment) bool {
			if i.get(i.root, "DSS") != "" {
				return false
			}
			certs := ref(i.add(listOf([]string{ref(i.add(streamOf("", string(a.world.Root.Cert.Raw))))})))
			crls := listOf([]string{ref(i.add(streamOf("", string(a.world.CRL()))))})
			i.set(i.root, ref(i.add("<</Certs "+certs+"/CRLs "+crls+">>")), "DSS")
			return true
		}),
		revised("evidence grown in place", func(a *attempt, i *increment) bool {
			if i.get(i.root, "DSS") == "" {
				return false
			}
			i.setList(i.root, append(i.list(i.root, "DSS", "Certs"), ref(i.add(streamOf("", string(a.world.owner.Cert.Raw))))), "DSS", "Certs")
			return true
		}),
		revised("information", func(a *attempt, i *increment) bool {
			if i.info == 0 {
				i.info = i.add("<</Producer(Sample)>>")
			}
			i.set(i.info, fmt.Sprintf("(D:202603%02d080000Z)", 1+i.rnd.IntN(30)), "ModDate")
			return true
		}),
		revised("description", func(a *attempt, i *increment) bool {
			xmp := streamOf("/Type/Metadata/Subtype/XML", fmt.Sprintf(`<x:xmpmeta xmlns:x="adobe:ns:meta/">%d</x:xmpmeta>`, i.rnd.Int()))
			if is := refNum(i.get(i.root, "Metadata")); is != 0 && i.rnd.IntN(2) == 0 {
				i.put(is, xmp)
			} else {
				i.set(i.root, ref(i.add(xmp)), "Metadata")
			}
			return true
		}),
		revised("equal objects written again", func(a *attempt, i *increment) bool {
			for _, num := range slices.Sorted(maps.Keys(a.bodies)) {
				body := a.bodies[num]
				if body != "" && num != a.signed[0] && !strings.Contains(body, "/ByteRange") && i.rnd.IntN(3) == 0 {
					i.put(num, body)
				}
			}
			return len(i.pending) > 0
		}),
		revised("extension declared", func(a *attempt, i *increment) bool {
			i.set(i.root, fmt.Sprintf("<</BaseVersion/1.7/ExtensionLevel %d>>", 5+len(a.did)), "Extensions", "ESIC")
			return true
		}),
		revised("unused object", func(a *attempt, i *increment) bool {
			i.add(fieldLook("unused"))
			return true
		}),
		revised("nothing", func(a *attempt, i *increment) bool { return true }),
		revised("catalog renumbered", func(a *attempt, i *increment) bool {
			i.root = i.add(i.bodies[i.root])
			return true
		}),
	}
}
