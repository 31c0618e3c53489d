package pdf

import (
	"fmt"
	"strconv"
	"strings"

	"yinxin/document"
)

const (
	// maxFields bounds the work a form can cost; forms of tens of thousands of fields exist.
	maxFields = 200_000
	// maxFieldNames bounds the bytes of all full names: a long name is repeated in each field below it.
	maxFieldNames = 64 << 20
)

// form is the interactive form of the newest revision as a writer needs it (ISO 32000-1, 12.7).
type form struct {
	ref       Ref  // of the AcroForm dictionary; zero where the catalog holds it directly or there is none
	dict      Dict // nil where there is no form
	fieldsRef Ref  // of the Fields array; zero where AcroForm holds it directly
	fields    Array
	names     map[string]bool // full names, also of fields that only group others
	signable  []signField
}

// signField is a signature field.
type signField struct {
	leafField
	signature Dict // nil where the field is empty
}

// readForm reads the form and the names of its fields.
func (f *file) readForm(catalog Dict) (*form, error) {
	v := f.newest()
	fm := &form{names: map[string]bool{}}
	var err error
	if fm.dict, err = v.dict(catalog["AcroForm"]); err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	if fm.dict == nil {
		return fm, nil
	}
	fm.ref, _ = catalog["AcroForm"].(Ref)
	if fm.fields, err = v.array(fm.dict["Fields"]); err != nil {
		return nil, fmt.Errorf("read the fields of the form: %w", err)
	}
	if fm.fields != nil {
		fm.fieldsRef, _ = fm.dict["Fields"].(Ref)
	}
	count, bytes := 0, 0
	err = v.eachField(func(field leafField) error {
		count, bytes = count+1, bytes+len(field.name)
		if count > maxFields || bytes > maxFieldNames {
			return limitError("pdf-form-too-large", "表单字段过多", "its form has too many fields", nil)
		}
		fm.enter(field.name)
		if field.kind != "Sig" {
			return nil
		}
		s := signField{leafField: field}
		value, err := v.resolve(field.value)
		if err != nil {
			return err
		}
		if d, ok := value.(Dict); ok {
			s.signature = d
		} else if value != nil {
			s.signature = Dict{} // a value that is no signature is a value all the same
		}
		fm.signable = append(fm.signable, s)
		return nil
	})
	return fm, err
}

// enter remembers a full name and the groups it is in.
func (fm *form) enter(name string) {
	for !fm.names[name] {
		fm.names[name] = true
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return
		}
		name = name[:i]
	}
}

// signatures counts the signatures; shown at several places each is one.
func (fm *form) signatures() int {
	n, seen := 0, map[Ref]bool{}
	for i := range fm.signable {
		ref, indirect := fm.signable[i].value.(Ref)
		if fm.signable[i].signature == nil || seen[ref] {
			continue
		}
		n, seen[ref] = n+1, indirect
	}
	return n
}

// find returns the signature field of that full name, nil where there is none.
func (fm *form) find(name string) *signField {
	for i := range fm.signable {
		if fm.signable[i].name == name {
			return &fm.signable[i]
		}
	}
	return nil
}

// freeName returns the first of Seal1, Seal2, …, of Timestamp1 and so on for a time stamp, that no field has.
func (fm *form) freeName(kind document.Kind) string {
	own := "Seal"
	if kind == document.Timestamp {
		own = "Timestamp"
	}
	for n := 1; ; n++ {
		if name := own + strconv.Itoa(n); !fm.names[name] {
			return name
		}
	}
}
