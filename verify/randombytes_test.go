package verify_test

import (
	"bytes"
	"fmt"
)

// forged is an edit of the bytes themselves.
func forged(name string, do func(a *attempt, data []byte) []byte) edit {
	return edit{name, func(a *attempt) bool {
		changed := do(a, bytes.Clone(a.data))
		if changed != nil {
			a.data = changed
		}
		return changed != nil
	}}
}

// hole is where the value of the first signature stands, with its brackets.
func (a *attempt) hole() (from, to int) {
	var list [4]int
	for k, n := range items(a.get(a.signed[0], "ByteRange")) {
		list[k] = atoi(n)
	}
	return list[1], list[2]
}

func forbiddenBytes() []edit {
	flip := func(data []byte, from, to int, a *attempt) []byte {
		data[from+a.rnd.IntN(to-from)] ^= 1 << a.rnd.IntN(8)
		return data
	}
	return []edit{
		forged("bit before the value", func(a *attempt, data []byte) []byte {
			from, _ := a.hole()
			return flip(data, 0, from, a)
		}),
		forged("bit behind the value", func(a *attempt, data []byte) []byte {
			_, to := a.hole()
			return flip(data, to, a.covers, a)
		}),
		forged("bytes behind the end", func(a *attempt, data []byte) []byte { return append(data, "1 0 obj<<>>endobj"...) }),
		forged("an end behind the end", func(a *attempt, data []byte) []byte { return fmt.Appendf(data, "startxref\n%d\n%%%%EOF\n", a.section) }),
		forged("bytes before the header", func(a *attempt, data []byte) []byte { return append([]byte("GIF89a\n"), data...) }),
		forged("cut short", func(a *attempt, data []byte) []byte { return data[:len(data)-8-a.rnd.IntN(40)] }),
		forged("rolled back inside the signature", func(a *attempt, data []byte) []byte { _, to := a.hole(); return data[:to] }),
		forged("value of zeros", func(a *attempt, data []byte) []byte {
			from, to := a.hole()
			copy(data[from+1:], bytes.Repeat([]byte("0"), to-from-2))
			return data
		}),
		forged("two views", func(a *attempt, data []byte) []byte {
			if a.streams {
				return nil // a hybrid section begins with a table
			}
			page := a.get(a.pages[0])
			other := replaced(page, "[0 0 100 100]", []string{"MediaBox"})
			at := len(data) + 1
			data = fmt.Appendf(data, "\n%d 0 obj\n%s\nendobj\n", a.pages[0], page)
			hidden := len(data)
			data = fmt.Appendf(data, "%d 0 obj\n%s\nendobj\n", a.pages[0], other)
			section := len(data)
			index, row := stream([]entry{{a.pages[0], 1, hidden, 0}})
			size := fmt.Sprintf("/Size %d/Root %d 0 R", a.next+1, a.root)
			data = fmt.Appendf(data, "%d 0 obj\n%s\nendobj\n", a.next, streamOf("/Type/XRef/W[1 4 2]/Index"+index+size, row))
			start := len(data)
			return fmt.Appendf(data, "xref\n%strailer\n<<%s/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n",
				table([]entry{{a.pages[0], 1, at, 0}}), size, a.section, section, start)
		}),
	}
}
