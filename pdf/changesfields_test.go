package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// words are what a table says, in a form that can be compared.
func (t *fieldTable) words() []string {
	var out []string
	for r, f := range t.fields {
		out = append(out, fmt.Sprint(r, f.name, f.kind, source(f.value), f.widgets, f.ref, source(f.dict), f.group, f.signed, f.filled, f.shown))
	}
	for n, f := range t.kids {
		out = append(out, fmt.Sprint("kids ", n, f.name))
	}
	out = append(out, slices.Collect(maps.Keys(t.names))...)
	slices.Sort(out)
	return out
}

// advance is what revisions do, and whether the table is carried on over them.
type advance struct {
	name    string
	carried bool
	do      []later
}

func advances() []advance {
	with := func(more string) later {
		return func(e *editor) {
			e.set(richForm, "Fields", strings.Replace(source(e.form()["Fields"]), "]", " "+more+"]", 1))
		}
	}
	return []advance{
		{"nothing", true, []later{func(*editor) {}}},
		{"filled", true, []later{func(e *editor) { e.set(richText, "V", "(new)") }}},
		{"filled twice", true, []later{func(e *editor) { e.set(richText, "V", "(new)") }, func(e *editor) { e.set(richText, "V", "(newer)") }}},
		{"a look", true, []later{func(e *editor) { e.put(richTextLook, anotherLook) }}},
		{"a widget", true, []later{func(e *editor) { e.set(richKid, "AP", "<</N 15 0 R>>") }}},
		{"ticked", true, []later{func(e *editor) { e.set(richCheck, "AS", "/On"); e.set(richCheck, "V", "/On") }}},
		{"emptied", false, []later{func(e *editor) { e.set(richText, "V", "") }}},
		{"a field more", true, []later{both(with("60 0 R"), func(e *editor) { e.put(60, "<</FT/Sig/T(New)/V 61 0 R>>"); e.put(61, value) })}},
		{"and another", true, []later{both(with("60 0 R"), func(e *editor) { e.put(60, "<</FT/Sig/T(New)>>") }), both(with("61 0 R"), func(e *editor) { e.put(61, "<</FT/Sig/T(Newer)>>") })}},
		{"a group more", true, []later{both(with("60 0 R"), func(e *editor) { e.put(60, "<</T(G)/Kids[61 0 R]>>"); e.put(61, "<</T(a)/FT/Sig/Parent 60 0 R>>") })}},
		{"an old field twice", true, []later{with("6 0 R")}},
		{"a field less", false, []later{func(e *editor) { e.set(richForm, "Fields", "[6 0 R]") }}},
		{"in another order", false, []later{func(e *editor) { e.set(richForm, "Fields", "[7 0 R 6 0 R]") }}},
		{"renamed", false, []later{func(e *editor) { e.set(richText, "T", "(Other)") }}},
		{"another kind", false, []later{func(e *editor) { e.set(richText, "FT", "/Sig") }}},
		{"kids", false, []later{func(e *editor) { e.set(richGroup, "Kids", "[10 0 R]") }}},
		{"a widget that is a field", false, []later{func(e *editor) { e.set(richKid, "T", "(x)") }}},
		{"freed", false, []later{func(e *editor) { e.put(richText, "") }}},
		{"freed and back", false, []later{func(e *editor) { e.put(richText, "") }, func(e *editor) { e.put(richText, "<</FT/Tx/T(Text)>>") }}},
		{"no form", false, []later{func(e *editor) { e.set(1, "AcroForm", "") }}},
		{"a name apart", false, []later{both(with("60 0 R"), func(e *editor) { e.put(60, "<</FT/Tx/T 50 0 R>>") }), func(e *editor) { e.put(50, "(Else)") }}},
		{"kids behind two references", false, []later{both(with("54 0 R"), func(e *editor) { e.put(54, "<</FT/Tx/T(Far)/Kids 52 0 R>>") }), func(e *editor) { e.put(51, "[]") }}},
		{"a kid that was nothing", false, []later{both(with("60 0 R"), func(e *editor) { e.put(60, "<</FT/Tx/T(N)/Kids[61 0 R]>>") }),
			func(e *editor) { e.put(61, "<</Subtype/Widget/Parent 60 0 R>>") }}},
		{"note", true, []later{func(e *editor) { e.set(richNote, "C", "[0 0 1]") }}},
	}
}

// TestFieldTableAdvances: a table that is carried on says what one says that is read anew, or is not carried on.
func TestFieldTableAdvances(t *testing.T) {
	base := revised(t, richBase(t), "", object{50, "(Apart)"}, object{51, "[53 0 R]"}, object{52, "51 0 R"},
		object{53, "<</Parent 54 0 R/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"})
	for _, c := range advances() {
		t.Run(c.name, func(t *testing.T) {
			b := chained(t, base, c.do...)
			d := openBytes(t, b)
			if err := d.list(); err != nil {
				t.Fatal(err)
			}
			first := len(d.f.revisions) - 1 - len(c.do)
			refs, err := d.f.at(first).references()
			if err != nil {
				t.Fatal(err)
			}
			var table, anew fieldTable
			for k := first + 1; k < len(d.f.revisions); k++ {
				s := step{d: d, f: d.f, rev: k, old: d.f.at(k - 1), now: d.f.at(k), refs: refs, fieldTable: &table}
				if err := s.run(); err != nil {
					t.Fatal(err)
				}
			}
			if carried := table.walk != nil && table.walk.rev == d.f.newest().rev; carried != c.carried {
				t.Errorf("carried on: %v", carried)
			} else if carried {
				if err := anew.bring(d.f.newest()); err != nil || !slices.Equal(table.words(), anew.words()) || !equalArrays(table.roots, anew.roots) {
					t.Errorf("it says\n%q\nand anew\n%q\n%v", table.words(), anew.words(), err)
				}
			}
		})
	}
}

// form is the form of a file.
func (e *editor) form() Dict {
	d, err := e.d.f.dict(Ref{Num: richForm})
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

// TestManyFields: sixty revisions that fill fields of a large form, or sign once more, cost little more than reading it once.
func TestManyFields(t *testing.T) {
	const fields, revisions = 10_000, 60
	objects := []string{"<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>", ""}
	var list strings.Builder
	for i := range fields {
		fmt.Fprintf(&list, "%d 0 R ", 5+i)
		objects = append(objects, fmt.Sprintf("<</FT/Tx/T(f%d)/V(x)>>", i))
	}
	objects[3] = "<</Fields[" + list.String() + "]>>"
	r := sealRequest(t)
	r.Places = nil
	b := sealed(t, raw(objects...), r)
	for k := range revisions {
		if k%20 == 0 {
			b = sealed(t, b, r)
		}
		b = revised(t, b, "", object{5 + k, fmt.Sprintf("<</FT/Tx/T(f%d)/V(y%d)>>", k, k)})
	}
	d := openBytes(t, b)
	signed, err := d.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	listed := d.f.work
	changes, err := signed[0].Changes()
	if err != nil || len(changes) < revisions {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	for _, c := range changes {
		if c.Level.Rank() > 2 {
			t.Errorf("%+v", c)
		}
	}
	if cost := d.f.work - listed; cost > 4*listed {
		t.Errorf("to list the signatures costs %d bytes of work, to compare the revisions %d", listed, cost)
	}
}
