package verify_test

import (
	"fmt"
	"strings"
)

// script is an action that a reader runs.
const script = "<</S/JavaScript/JS(app.alert(1))>>"

func forbiddenEdits() []edit {
	list := forbiddenPages()
	for _, more := range [][]edit{forbiddenCatalog(), forbiddenForm(), forbiddenFields(), forbiddenSeal(), forbiddenNotes(), forbiddenStores(), forbiddenBytes()} {
		list = append(list, more...)
	}
	return list
}

// always is an edit that any file takes.
func always(name string, do func(a *attempt, i *increment)) edit {
	return revised(name, func(a *attempt, i *increment) bool {
		do(a, i)
		return true
	})
}

// where is an edit of what a file may lack: num is 0 then.
func where(name string, num func(a *attempt) int, do func(i *increment, num int)) edit {
	return revised(name, func(a *attempt, i *increment) bool {
		n := num(a)
		if n != 0 {
			do(i, n)
		}
		return n != 0
	})
}

func forbiddenPages() []edit {
	page := func(a *attempt) int { return a.pages[a.rnd.IntN(len(a.pages))] }
	contents := func(a *attempt) int { return a.contents[a.rnd.IntN(len(a.contents))] }
	image := func(a *attempt) int { one, _ := pick(a, a.images); return one }
	return []edit{
		always("page added", func(a *attempt, i *increment) {
			page := i.add(fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox%s>>", a.node, pageBox))
			i.setList(a.node, append(i.list(a.node, "Kids"), ref(page)), "Kids")
			i.set(a.node, fmt.Sprint(len(a.pages)+1), "Count")
		}),
		revised("page removed", func(a *attempt, i *increment) bool {
			kids := i.list(a.node, "Kids")
			i.setList(a.node, kids[1:], "Kids")
			i.set(a.node, fmt.Sprint(len(a.pages)-1), "Count")
			return len(kids) > 1
		}),
		revised("pages swapped", func(a *attempt, i *increment) bool {
			kids := i.list(a.node, "Kids")
			if len(kids) > 1 {
				kids[0], kids[1] = kids[1], kids[0]
				i.setList(a.node, kids, "Kids")
			}
			return len(kids) > 1
		}),
		always("page exchanged for another", func(a *attempt, i *increment) {
			kids := i.list(a.node, "Kids")
			kids[0] = ref(i.add(replaced(i.get(a.pages[0]), ref(i.add(streamOf("", "0 g 9 9 99 99 re f"))), []string{"Contents"})))
			i.setList(a.node, kids, "Kids")
		}),
		always("page tree type", func(a *attempt, i *increment) { i.set(a.node, "/Page", "Type") }),
		where("contents replaced", contents, func(i *increment, n int) { i.put(n, streamOf("", "1 g 0 0 595 842 re f")) }),
		where("contents freed", contents, func(i *increment, n int) { i.put(n, "") }),
		where("contents elsewhere", page, func(i *increment, n int) { i.set(n, ref(i.add(streamOf("", "0 g 9 9 99 99 re f"))), "Contents") }),
		where("contents added", page, func(i *increment, n int) {
			was := i.get(n, "Contents")
			i.set(n, listOf(append(items("["+strings.Trim(was, "[]")+"]"), ref(i.add(streamOf("", "0 g 9 9 99 99 re f"))))), "Contents")
		}),
		where("font of a page exchanged", page, func(i *increment, n int) {
			i.set(n, ref(i.add("<</Type/Font/Subtype/Type1/BaseFont/Symbol>>")), "Resources", "Font", "F1")
		}),
		where("font replaced", func(a *attempt) int { return a.fonts[0] }, func(i *increment, n int) { i.set(n, "/Symbol", "BaseFont") }),
		where("font freed", func(a *attempt) int { return a.fonts[0] }, func(i *increment, n int) { i.put(n, "") }),
		where("image replaced", image, func(i *increment, n int) {
			i.put(n, streamOf("/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceGray", "\xff\x80\x40\x00"))
		}),
		where("page box", page, func(i *increment, n int) { i.set(n, "[0 0 300 300]", "MediaBox") }),
		where("page turned", page, func(i *increment, n int) { i.set(n, "180", "Rotate") }),
		where("page with a script", page, func(i *increment, n int) { i.set(n, "<</O"+script+">>", "AA") }),
		where("page type", page, func(i *increment, n int) { i.set(n, "/Template", "Type") }),
	}
}

func forbiddenCatalog() []edit {
	entry := func(name, value string, path ...string) edit {
		return always(name, func(a *attempt, i *increment) { i.set(i.root, value, path...) })
	}
	return []edit{
		entry("open action", script, "OpenAction"),
		entry("catalog actions", "<</WC"+script+">>", "AA"),
		entry("named script", "<</Names[(x)"+script+"]>>", "Names", "JavaScript"),
		entry("catalog type", "/Pages", "Type"),
		entry("version unknown", "/9.9", "Version"),
		always("file embedded", func(a *attempt, i *increment) {
			file := i.add(streamOf("/Type/EmbeddedFile", "data"))
			i.set(i.root, fmt.Sprintf("<</Names[(a.txt)<</Type/Filespec/F(a.txt)/EF<</F %d 0 R>>>>]>>", file), "Names", "EmbeddedFiles")
		}),
		where("layer switched off", func(a *attempt) int { return a.layer }, func(i *increment, n int) {
			i.set(i.root, fmt.Sprintf("<</ON[]/OFF[%d 0 R]>>", n), "OCProperties", "D")
		}),
		revised("permission taken away", func(a *attempt, i *increment) bool {
			there := i.get(i.root, "Perms") != "" // what locks all says P=1 in the lock of its field, and certifies nothing
			i.set(i.root, "", "Perms")
			return there
		}),
		always("another page tree", func(a *attempt, i *increment) {
			node := i.reserve()
			page := i.add(fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox%s>>", node, pageBox))
			i.put(node, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", page))
			i.set(i.root, ref(node), "Pages")
		}),
	}
}

func forbiddenForm() []edit {
	fresh := func(name, entries string) edit { // a field that is no empty signature field of a name of its own
		return always(name, func(a *attempt, i *increment) {
			entries := strings.NewReplacer("SIGNED", ref(a.signed[0]), "SEALNAME", i.get(a.signed[1], "T"), "LOOK", ref(i.add(fieldLook("x")))).Replace(entries)
			num := i.add(fmt.Sprintf("<<%s/Type/Annot/Subtype/Widget/Rect[20 20 90 40]/F 4/P %d 0 R>>", entries, a.pages[0]))
			i.setList(i.root, append(i.list(i.root, "AcroForm", "Fields"), ref(num)), "AcroForm", "Fields")
			i.setList(a.pages[0], append(i.list(a.pages[0], "Annots"), ref(num)), "Annots")
		})
	}
	return []edit{
		fresh("text field added", "/FT/Tx/T(New)/V(x)"),
		fresh("field of the seal's name", "/FT/Sig/TSEALNAME"),
		fresh("value shared later", "/FT/Sig/T(New)/V SIGNED"),
		fresh("looks like a seal", "/FT/Sig/T(New)/AP<</N LOOK>>"),
		fresh("seal with a script", "/FT/Sig/T(New)/AA<</U"+script+">>"),
		always("form removed", func(a *attempt, i *increment) { i.set(i.root, "", "AcroForm") }),
		always("fields emptied", func(a *attempt, i *increment) { i.setList(i.root, nil, "AcroForm", "Fields") }),
		always("dynamic form", func(a *attempt, i *increment) { i.set(i.root, ref(i.add(streamOf("", "<xdp/>"))), "AcroForm", "XFA") }),
		always("flags of signatures", func(a *attempt, i *increment) { i.set(i.root, "0", "AcroForm", "SigFlags") }),
		revised("order of calculation", func(a *attempt, i *increment) bool {
			f, ok := a.fieldOf("Tx", anyName)
			i.set(i.root, listOf([]string{ref(f.num)}), "AcroForm", "CO")
			return ok
		}),
	}
}

func forbiddenFields() []edit {
	of := func(name, kind string, suits func(*attempt, string) bool, do func(a *attempt, i *increment, f field)) edit {
		return revised(name, func(a *attempt, i *increment) bool {
			f, ok := a.fieldOf(kind, func(n string) bool { return suits(a, n) })
			if ok {
				do(a, i, f)
			}
			return ok
		})
	}
	all := func(*attempt, string) bool { return true }
	entry := func(name, value string, path ...string) edit {
		return of(name, "Tx", all, func(a *attempt, i *increment, f field) { i.set(f.num, value, path...) })
	}
	return []edit{
		of("locked field filled", "Tx", func(a *attempt, n string) bool { return a.locks(n) }, func(a *attempt, i *increment, f field) { i.fill(f) }),
		of("locked box ticked", "Btn", func(a *attempt, n string) bool { return a.locks(n) }, func(a *attempt, i *increment, f field) {
			i.set(f.num, "/Yes", "V")
			i.set(f.widget, "/On", "AS")
		}),
		of("filled though nothing may be", "Tx", func(a *attempt, n string) bool { return a.certify == 1 }, func(a *attempt, i *increment, f field) { i.fill(f) }),
		of("widget moved", "Tx", all, func(a *attempt, i *increment, f field) { i.set(f.widget, "[300 500 420 520]", "Rect") }),
		of("widget enlarged", "Tx", all, func(a *attempt, i *increment, f field) { i.set(f.widget, pageBox, "Rect") }),
		of("widget hidden", "Btn", all, func(a *attempt, i *increment, f field) { i.set(f.widget, "2", "F") }),
		of("widget off its page", "Tx", all, func(a *attempt, i *increment, f field) {
			i.setList(f.page, without(i.list(f.page, "Annots"), ref(f.widget)), "Annots")
		}),
		of("look without a value", "Tx", func(a *attempt, n string) bool { return a.certify != 3 && formEntry(a, "NeedAppearances") == "" }, func(a *attempt, i *increment, f field) {
			i.set(f.widget, fmt.Sprintf("<</N %s>>", ref(i.add(fieldLook("1000000")))), "AP")
		}),
		of("field freed", "Tx", all, func(a *attempt, i *increment, f field) { i.put(f.num, "") }),
		entry("field of another kind", "/Btn", "FT"),
		entry("field renamed", "(Other)", "T"),
		entry("field type", "/Page", "Type"),
		entry("field with a script", "<</K"+script+">>", "AA"),
		entry("default value", "(x)", "DV"),
		entry("value of another type", "/Name", "V"),
		where("group cut", func(a *attempt) int { return a.group }, func(i *increment, n int) { i.setList(n, i.list(n, "Kids")[1:], "Kids") }),
		where("group of another parent", func(a *attempt) int { return a.groupKid }, func(i *increment, n int) { i.set(n, "", "Parent") }),
	}
}

// formEntry is an entry of the form as it is before the edit.
func formEntry(a *attempt, key string) string { return a.get(a.root, "AcroForm", key) }

func forbiddenSeal() []edit {
	entry := func(name string, part int, value string, path ...string) edit {
		return always(name, func(a *attempt, i *increment) { i.set(a.signed[part], value, path...) })
	}
	return []edit{
		entry("reason replaced", 0, "(Another reason)", "Reason"),
		entry("name replaced", 0, "(Another)", "Name"),
		entry("byte range replaced", 0, "[0 9 99 999]", "ByteRange"),
		entry("value emptied", 0, "<>", "Contents"),
		entry("seal moved", 1, "[20 20 90 90]", "Rect"),
		entry("seal enlarged", 1, pageBox, "Rect"),
		entry("seal hidden", 1, "2", "F"),
		entry("seal renamed", 1, "(Other)", "T"),
		entry("seal without its value", 1, "", "V"),
		entry("seal's field type", 1, "/Tx", "FT"),
		entry("seal locks later", 1, "<</Type/SigFieldLock/Action/All>>", "Lock"),
		always("value freed", func(a *attempt, i *increment) { i.put(a.signed[0], "") }),
		always("seal's look exchanged", func(a *attempt, i *increment) { i.set(a.signed[1], ref(i.add(fieldLook("other"))), "AP", "N") }),
		always("seal's look replaced", func(a *attempt, i *increment) { i.put(a.signed[2], fieldLook("other")) }),
		revised("seal's picture replaced", func(a *attempt, i *increment) bool {
			pictures, _ := dictionary(i.resolve(i.get(a.signed[2], "Resources", "XObject")))
			for _, k := range pictures.keys {
				i.put(refNum(pictures.values[k]), streamOf("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "x"))
			}
			return len(pictures.keys) > 0
		}),
		always("seal off its page", func(a *attempt, i *increment) {
			page := refNum(i.get(a.signed[1], "P"))
			i.setList(page, without(i.list(page, "Annots"), ref(a.signed[1])), "Annots")
		}),
	}
}

func forbiddenNotes() []edit {
	note := func(name, entries, rect string, suits func(a *attempt) bool) edit {
		return revised(name, func(a *attempt, i *increment) bool {
			page := a.pages[0]
			if rect == "" {
				page, rect = refNum(i.get(a.signed[1], "P")), i.get(a.signed[1], "Rect")
			}
			i.note(page, entries, rect)
			return suits(a)
		})
	}
	always := func(*attempt) bool { return true }
	return []edit{
		note("stamp over the seal", "/Subtype/Stamp", "", always),
		note("square over the page", "/Subtype/Square", pageBox, always),
		note("note though none may be", "/Subtype/FreeText/Contents(x)", "[200 790 240 810]", func(a *attempt) bool { return !a.annotates() }),
		note("note with a script", "/Subtype/Text/A"+script, "[200 790 240 810]", always),
		note("file attached to a page", "/Subtype/FileAttachment", "[200 790 240 810]", always),
		note("widget of no field", "/Subtype/Widget", "[200 790 240 810]", always),
	}
}

func forbiddenStores() []edit {
	stored := func(name string, do func(i *increment)) edit {
		return revised(name, func(a *attempt, i *increment) bool {
			if i.get(i.root, "DSS") == "" {
				return false
			}
			do(i)
			return true
		})
	}
	return []edit{
		stored("evidence removed", func(i *increment) { i.set(i.root, "", "DSS") }),
		stored("evidence no dictionary", func(i *increment) { i.set(i.root, "(text)", "DSS") }),
		stored("evidence that is no stream", func(i *increment) {
			i.setList(i.root, append(i.list(i.root, "DSS", "Certs"), ref(i.add("<<>>"))), "DSS", "Certs")
		}),
		stored("evidence that is something else", func(i *increment) { i.set(i.root, ref(i.add(fieldLook("x"))), "DSS", "More") }),
		always("description with entities", func(a *attempt, i *increment) {
			xmp := `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>`
			i.set(i.root, ref(i.add(streamOf("/Type/Metadata/Subtype/XML", xmp))), "Metadata")
		}),
		always("information with a page", func(a *attempt, i *increment) {
			i.info = i.add("<</Title " + ref(a.pages[0]) + ">>")
		}),
		revised("structure removed", func(a *attempt, i *increment) bool {
			i.set(i.root, "", "StructTreeRoot")
			return len(a.elements) > 0
		}),
		revised("structure with another text", func(a *attempt, i *increment) bool {
			one, ok := pick(a, a.elements)
			if ok {
				i.set(one, "(other)", "ActualText")
			}
			return ok
		}),
	}
}
