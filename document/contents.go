package document

import "context"

// Contents is implemented by a Document that can be read as data, beside being shown. All it returns comes from a hostile file; the work is bounded.
type Contents interface {
	// Text is what a page, from 1, says as text. An error is a *fault.Error: the page cannot be read at all.
	Text(ctx context.Context, page int) (PageText, error)
	// Carried lists the files that the document carries as data.
	Carried() ([]Carried, error)
	// Read returns a carried file. One longer than most bytes is an error, a *fault.Error of kind Limit.
	Read(c Carried, most int64) ([]byte, error)
	// Labels are the entries under a name that describe the document: CustomDatas of an OFD (GB/T 33190, table 5), the information dictionary of a PDF.
	Labels() ([]Label, error)
}

// PageText is the text of one page as displayed, in the order in which it is drawn, seals and other annotations left out.
type PageText struct {
	Runs []Run
	// Unread is how many runs have characters that cannot be told, because the font says for its glyphs not what they mean.
	Unread int
	// Drawn reports that the page has pictures or filled shapes too, which may look like text and are none.
	Drawn bool
}

// Run is one piece of text drawn in one go. Text that looks like one line is often several.
type Run struct {
	Text   string
	X, Y   float64 // mm from the left and the top of the page, of the run's top left corner; Y is that of the line's upper edge, about
	Width  float64 // mm
	Height float64 // mm: the font's size
	Object Object  // of an OFD
}

// Object points to an object on a page of an OFD by the identifiers that the document gives them.
type Object struct{ Page, ID uint64 }

// CarriedAs says what a carried file is for.
type CarriedAs string

// What carried files are for.
const (
	Attachment CarriedAs = "attachment" // for people or programs to take out
	Tags       CarriedAs = "tags"       // names, for the objects of pages, what they mean (GB/T 33190, 17)
)

// Carried is a file inside a document.
type Carried struct {
	Name string // as people see it
	Path string // in the package, or the object of a PDF: tells files apart and says where something stood
	As   CarriedAs
	MIME string // as the document claims
	Size int64  // in bytes, as the document claims; -1 where it does not say
}

// Label is an entry under its name.
type Label struct{ Name, Value string }
