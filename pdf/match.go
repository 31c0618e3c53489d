package pdf

import (
	"bytes"

	"yinxin/document"
)

var _ document.Format = Format{}

// headerWithin is how far from the start of a file its header may begin (ISO 32000-1, annex H.3, note 13).
const headerWithin = 1024

// Match reports whether a file that begins with head is a PDF.
func (Format) Match(head []byte) bool {
	i := bytes.Index(head, []byte("%PDF-"))
	return i >= 0 && i <= headerWithin
}
