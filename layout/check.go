package layout

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/fault"
	"yinxin/font"
)

// Limits of a document. They bound what a document made from foreign data can cost.
const (
	MaxPages      = 2000
	MaxItems      = 20000 // on one page
	MaxExtent     = 5000  // mm, width and height of a page and distance of anything from its corner
	MaxSize       = 2000  // points
	MaxPixels     = 32 << 20
	MaxPicture    = 32 << 20 // bytes of one PNG
	MaxAttachment = 64 << 20 // bytes of one attachment
)

// Error says what is wrong with a document, and where. It is the cause of the fault.Invalid that WritePDF returns.
type Error struct {
	Page, Item int // from 1; 0 where it is about the document
	Reason     string
}

// Error gives place and reason.
func (e *Error) Error() string {
	switch {
	case e.Item > 0:
		return fmt.Sprintf("page %d, item %d: %s", e.Page, e.Item, e.Reason)
	case e.Page > 0:
		return fmt.Sprintf("page %d: %s", e.Page, e.Reason)
	}
	return e.Reason
}

func invalid(e *Error) error {
	where := "文件信息"
	if e.Page > 0 {
		where = fmt.Sprintf("第 %d 页", e.Page)
	}
	if e.Item > 0 {
		where += fmt.Sprintf("第 %d 项", e.Item)
	}
	return fault.New(fault.Invalid, "layout-document", "版面数据有误（"+where+"），文件未生成，请改正："+e.Reason,
		"the page description is wrong, nothing was written, correct it", e)
}

// check refuses a document no writer should write.
func check(doc Document, fonts font.Stack) error {
	if e := checkHead(doc); e != nil {
		return invalid(e)
	}
	var text strings.Builder
	for i, p := range doc.Pages {
		if !(p.Width > 0 && p.Height > 0 && p.Width <= MaxExtent && p.Height <= MaxExtent) {
			return invalid(&Error{Page: i + 1, Reason: fmt.Sprintf("a page of %g by %g mm", p.Width, p.Height)})
		}
		if len(p.Items) > MaxItems {
			return invalid(&Error{Page: i + 1, Reason: fmt.Sprintf("%d items", len(p.Items))})
		}
		for j, item := range p.Items {
			if err := checkItem(item); err != nil {
				return invalid(&Error{Page: i + 1, Item: j + 1, Reason: err.Error()})
			}
			if t, ok := item.(Text); ok {
				text.WriteString(t.String)
			}
		}
	}
	return fonts.Check(text.String())
}

func checkHead(doc Document) *Error {
	for _, s := range []string{doc.Title, doc.Author, doc.Subject, doc.Language} {
		if !plain(s) {
			return &Error{Reason: "title, author, subject or language holds control characters or is not UTF-8"}
		}
	}
	if doc.Created.IsZero() || doc.Created.Year() < 1900 || doc.Created.Year() > 9999 {
		return &Error{Reason: "the time of creation is missing or out of range"}
	}
	if len(doc.Pages) == 0 || len(doc.Pages) > MaxPages {
		return &Error{Reason: fmt.Sprintf("%d pages where 1 to %d are allowed", len(doc.Pages), MaxPages)}
	}
	names := map[string]bool{}
	for _, a := range doc.Attached {
		switch {
		case a.Name == "" || a.Name == "." || a.Name == ".." || strings.ContainsAny(a.Name, `/\`) || !plain(a.Name) || names[a.Name]:
			return &Error{Reason: fmt.Sprintf("an attachment's name %q is empty, a path or used twice", a.Name)}
		case !plain(a.Description) || len(a.Data) > MaxAttachment:
			return &Error{Reason: fmt.Sprintf("attachment %q is too large or its description holds control characters", a.Name)}
		case !validMIME(a.MIME):
			return &Error{Reason: fmt.Sprintf("attachment %q has no media type", a.Name)}
		}
		names[a.Name] = true
	}
	return nil
}

func validMIME(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && token(kind) && token(sub)
}

func token(s string) bool {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!#$&^_.+-", c)) {
			return false
		}
	}
	return s != ""
}

// plain reports whether s is UTF-8 without control characters.
func plain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

func checkItem(item Item) error {
	switch v := item.(type) {
	case Text:
		switch {
		case !plain(v.String):
			return errors.New("text holds control characters or is not UTF-8")
		case !(v.Size > 0 && v.Size <= MaxSize):
			return fmt.Errorf("type size %g points", v.Size)
		case v.Align > Right:
			return fmt.Errorf("alignment %d", v.Align)
		}
		return finite(v.X, v.Y, v.Spacing, v.Angle)
	case Line:
		if !(v.Width > 0) {
			return fmt.Errorf("line width %g mm", v.Width)
		}
		return finite(v.X1, v.Y1, v.X2, v.Y2, v.Width)
	case Box:
		if !(v.Width > 0 && v.Height > 0 && v.Stroke >= 0) {
			return fmt.Errorf("a box of %g by %g mm with a frame of %g mm", v.Width, v.Height, v.Stroke)
		}
		return finite(v.X, v.Y, v.Width, v.Height, v.Stroke)
	case Picture:
		return checkPicture(v)
	case Shape:
		return checkShape(v)
	}
	return fmt.Errorf("unknown item %T", item)
}

func checkPicture(v Picture) error {
	if !(v.Width > 0 && v.Height > 0) {
		return fmt.Errorf("a picture of %g by %g mm", v.Width, v.Height)
	}
	if len(v.PNG) > MaxPicture {
		return fmt.Errorf("a picture of %d bytes", len(v.PNG))
	}
	c, err := png.DecodeConfig(bytes.NewReader(v.PNG))
	if err != nil {
		return fmt.Errorf("the picture is not a PNG image: %w", err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxPixels/c.Height {
		return fmt.Errorf("a picture of %d by %d pixels", c.Width, c.Height)
	}
	return finite(v.X, v.Y, v.Width, v.Height)
}

func checkShape(v Shape) error {
	if len(v.Outline) == 0 {
		return errors.New("an empty shape")
	}
	open := false
	for i := range v.Outline {
		s := &v.Outline[i]
		switch {
		case s.Op > font.Close:
			return fmt.Errorf("segment %d has an unknown operation", i+1)
		case s.Op == font.Move:
			open = true
		case !open:
			return fmt.Errorf("segment %d comes before a contour begins", i+1)
		case s.Op == font.Close:
			open = false
		}
		for _, p := range s.Points() {
			if err := finite(p.X, p.Y); err != nil {
				return err
			}
		}
	}
	return nil
}

// finite refuses numbers that are no place on or near a page.
func finite(numbers ...float64) error {
	for _, n := range numbers {
		if math.IsNaN(n) || math.Abs(n) > MaxExtent {
			return fmt.Errorf("the number %g is no length on a page", n)
		}
	}
	return nil
}
