package pdf

import (
	"errors"
	"fmt"
	"testing"
)

func TestSoundStructure(t *testing.T) {
	const long = 20_000
	chain := []string{"<</Type/StructTreeRoot/K 6 0 R>>"}
	for i := range long {
		chain = append(chain, fmt.Sprintf("<</S/P/P %d 0 R/K %d 0 R>>", 5+i, 7+i))
	}
	for name, c := range map[string]struct {
		objects []string
		loops   bool
	}{
		"none":                     {nil, false},
		"a tree":                   {[]string{"<</Type/StructTreeRoot/K[6 0 R 7 0 R]>>", "<</S/P/P 5 0 R/K[0 8 0 R]>>", "<</S/P/P 5 0 R/K 8 0 R>>", "<</S/Span/P 6 0 R/K 3>>"}, false},
		"its own kid":              {[]string{"<</Type/StructTreeRoot/K 6 0 R>>", "<</S/P/P 5 0 R/K 6 0 R>>"}, true},
		"the root below":           {[]string{"<</Type/StructTreeRoot/K 6 0 R>>", "<</S/P/P 5 0 R/K[<</S/Span/K 5 0 R>>]>>"}, true},
		"through a list":           {[]string{"<</Type/StructTreeRoot/K 6 0 R>>", "[0 7 0 R]", "<</S/P/P 5 0 R/K 6 0 R>>"}, true},
		"longer than any stack":    {append(chain, "null"), false},
		"long, and back to itself": {append(chain[:long:long], "<</S/P/K 6 0 R>>"), true},
	} {
		catalog := "/StructTreeRoot 5 0 R"
		if c.objects == nil {
			catalog = ""
		}
		d := openBytes(t, testPDF{pages: []string{a4Page}, catalog: catalog, objects: c.objects}.build())
		err := d.f.newest().soundStructure()
		var p *ParseError
		if errors.As(err, &p) != c.loops {
			t.Errorf("%s: %v", name, err)
		}
	}
}
