package document_test

import (
	"fmt"

	"yinxin/document"
)

// A riding seal of 42 mm over a contract of five A4 pages, in two groups, 60 mm below the top edge. The places go into a Request (or a stamping order) as
// they are, beside those of whole seals: one signature shows them all.
func ExampleRiding_Places() {
	contract := []document.Page{{Width: 210, Height: 297}, {Width: 210, Height: 297}, {Width: 297, Height: 210}, {Width: 210, Height: 297}, {Width: 210, Height: 297}}
	places, err := document.Riding{Side: document.Right, Offset: 60, Group: 2}.Places(contract, 42, 42)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range places {
		shown := p.Shown()
		fmt.Printf("page %d: %g to %g mm of the seal, %g mm from the left\n", p.Page, p.Clip.X, p.Clip.X+p.Clip.Width, shown.X-shown.Width/2)
	}
	// Output:
	// page 1: 0 to 21 mm of the seal, 189 mm from the left
	// page 2: 21 to 42 mm of the seal, 189 mm from the left
	// page 3: 0 to 14 mm of the seal, 283 mm from the left
	// page 4: 14 to 28 mm of the seal, 196 mm from the left
	// page 5: 28 to 42 mm of the seal, 196 mm from the left
}

func ExampleParsePages() {
	pages, err := document.ParsePages("1,5-7,last", 12)
	fmt.Println(pages, err)
	_, err = document.ParsePages("13", 12)
	fmt.Println(err)
	// Output:
	// [1 5 6 7 12] <nil>
	// there is no page 13: the document has 12
}
