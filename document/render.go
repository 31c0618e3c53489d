package document

import (
	"context"
	"io"
)

// Renderer is implemented by a Document that can show its pages.
type Renderer interface {
	// Render writes page number page, from 1, as one SVG file that stands alone: its size is the page's in mm, and it holds neither script nor reference to
	// anything outside. The pictures of seals are handed in, since a format knows no seal; nil shows none. What could not be shown is listed. An error is a
	// *fault.Error: the page cannot be shown at all, or costs too much; what was written by then is of no use. Showing is not judging: a page looks the same
	// whether its signatures hold or not.
	Render(ctx context.Context, w io.Writer, page int, pictures Pictures) ([]Omission, error)
}

// Pictures gives the picture of the seal that a signature shows.
type Pictures func(Signature) (Picture, error)

// Omission is something on a page that was not shown, or not as it should look.
type Omission struct {
	Code   string // stable: lower case words joined by hyphens, e.g. image-format
	Object string // what it is: a part of the file, an object's ID, a font's name
}
