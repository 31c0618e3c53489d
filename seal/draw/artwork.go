package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"yinxin/fault"
	"yinxin/font"
)

// Bounds on artwork. A state emblem traced with care has some thousands of segments.
const (
	MaxArtwork      = 1 << 20 // bytes of the file
	maxArtDepth     = 16      // elements within elements
	maxArtPaths     = 1000
	maxArtSegments  = 40_000
	maxArtNumber    = 1e6
	maxArtAspect    = 60.0 // longer side to shorter
	artEdge         = 1e-3 // how far ink may reach over the viewBox, as a share of its longer side
	svgNamespace    = "http://www.w3.org/2000/svg"
	xmlNamespaceURI = "http://www.w3.org/XML/1998/namespace"
)

// Artwork is a picture of one colour given by the operator: an emblem, or a line of text in a script that is not ours to set. It does not change, and is
// safe for use by several goroutines.
type Artwork struct {
	paths []font.Outline // in the units of the viewBox, each to be filled by itself
	box   font.Rect      // the viewBox
}

// ArtworkError says where artwork is not what ParseArtwork reads.
type ArtworkError struct {
	Offset int64 // bytes from the start of the file: of the element, or behind it
	Reason string
}

// Error returns the place and the reason.
func (e *ArtworkError) Error() string { return fmt.Sprintf("artwork, byte %d: %s", e.Offset, e.Reason) }

// artRefusal is why artwork is refused, in both languages; the offset is added where it is known.
type artRefusal struct{ zh, en string }

func (r *artRefusal) Error() string { return r.en }

func refuse(zh, en string) error { return &artRefusal{zh, en} }

// ParseArtwork reads vector artwork from a small, safe part of SVG. data may be hostile.
//
// The file is UTF-8, at most MaxArtwork bytes: an svg element with a viewBox, in it g and path elements (title, desc, metadata and empty defs are passed
// over). Paths are filled, all in one colour, with fill-rule nonzero; which colour does not matter, as the seal's ink takes its place. All ink lies in
// the viewBox, which is what the sizes of a Design measure. There are no strokes, transforms, opacities, patterns, style sheets, scripts, document
// types, entities or references: a drawing program's "object to path", "stroke to path" and "plain SVG" give such a file.
//
// The error is a *fault.Error of kind Invalid with the code seal-artwork-invalid, wrapping an *ArtworkError.
func ParseArtwork(data []byte) (*Artwork, error) {
	r := artReader{decoder: xml.NewDecoder(bytes.NewReader(data))}
	var err error
	if len(data) > MaxArtwork {
		err = refuse(fmt.Sprintf("文件超过 %d KB", MaxArtwork>>10), fmt.Sprintf("it is larger than %d KB", MaxArtwork>>10))
	} else {
		err = r.read()
	}
	if err == nil {
		return &Artwork{paths: r.paths, box: r.box}, nil
	}
	var why *artRefusal
	if !errors.As(err, &why) {
		why = &artRefusal{"不是完好的 XML", "it is not sound XML"}
	}
	return nil, fault.New(fault.Invalid, "seal-artwork-invalid",
		fmt.Sprintf("矢量图无法使用：%s（文件第 %d 字节附近）。请在绘图软件中将对象和描边转为路径、合并变换，另存为普通 SVG。", why.zh, r.at),
		fmt.Sprintf("the artwork cannot be used: %s (near byte %d of the file); in a drawing program turn objects and strokes into paths, apply the transforms "+
			"and save as plain SVG", why.en, r.at), &ArtworkError{Offset: r.at, Reason: err.Error()})
}

// artReader walks the elements.
type artReader struct {
	decoder  *xml.Decoder
	at       int64
	fills    []string // in force, by depth
	color    string   // of the first path
	box      font.Rect
	paths    []font.Outline
	segments int
}

func (r *artReader) read() error {
	root := false
	for {
		r.at = r.decoder.InputOffset()
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			return refuse("其中有文档类型声明", "it has a document type")
		case xml.ProcInst:
			if t.Target != "xml" || r.at != 0 {
				return refuse("其中有处理指令", "it has a processing instruction")
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return refuse("其中有文字，须转为路径", "it has text, which must become paths")
			}
		case xml.EndElement:
			r.fills = r.fills[:len(r.fills)-1]
		case xml.StartElement:
			if len(r.fills) == 0 && root {
				return refuse("有多个根元素", "it has several roots")
			}
			root = true
			if err := r.element(t); err != nil {
				return err
			}
		}
	}
	r.at = 0
	if len(r.paths) == 0 {
		return refuse("其中没有路径", "it has no path")
	}
	return r.checkInk()
}

func (r *artReader) element(t xml.StartElement) error {
	if len(r.fills) >= maxArtDepth {
		return refuse("元素嵌套过深", "its elements nest too deep")
	}
	name := t.Name.Local
	if (len(r.fills) == 0) != (name == "svg" && t.Name.Space == svgNamespace) {
		return refuse("根元素须为 svg（命名空间 "+svgNamespace+"），且仅有一个", "its root must be one svg element of "+svgNamespace)
	}
	if t.Name.Space != svgNamespace {
		return r.decoder.Skip() // a drawing program's own notes: nothing of them is drawn
	}
	switch name {
	case "title", "desc", "metadata":
		return r.decoder.Skip()
	case "svg", "g", "path", "defs":
	default:
		return refuse("不接受元素 "+clip(name), "it has an element "+clip(name))
	}
	fill := ""
	if n := len(r.fills); n > 0 {
		fill = r.fills[n-1]
	}
	d := ""
	for _, a := range t.Attr {
		switch {
		case a.Name.Space != "" && a.Name.Space != svgNamespace:
			if a.Name.Space != xmlNamespaceURI && a.Name.Space != "xmlns" && strings.Contains(strings.ToLower(a.Name.Local), "href") {
				return refuse("其中有外部引用", "it has a reference")
			}
		case name == "svg" && a.Name.Local == "viewBox":
			if err := r.viewBox(a.Value); err != nil {
				return err
			}
		case name == "path" && a.Name.Local == "d":
			d = a.Value
		default:
			if err := attribute(a.Name.Local, a.Value, &fill); err != nil {
				return err
			}
		}
	}
	r.fills = append(r.fills, fill)
	switch name {
	case "svg":
		if r.box == (font.Rect{}) {
			return refuse("缺少 viewBox", "it has no viewBox")
		}
	case "defs":
		return r.emptyDefs()
	case "path":
		return r.path(d, fill)
	}
	return nil
}

// emptyDefs passes over the empty defs that drawing programs write.
func (r *artReader) emptyDefs() error {
	for {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.EndElement:
			r.fills = r.fills[:len(r.fills)-1]
			return nil
		case xml.StartElement:
			return refuse("不接受 defs 中的内容", "it has something in defs")
		}
	}
}

func (r *artReader) viewBox(s string) error {
	fields := strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	var v [4]float64
	ok := len(fields) == 4
	for i := range min(len(fields), 4) {
		n, err := strconv.ParseFloat(fields[i], 64)
		v[i], ok = n, ok && err == nil && within(n, -maxArtNumber, maxArtNumber)
	}
	if !ok || v[2] <= 0 || v[3] <= 0 || max(v[2], v[3]) > maxArtAspect*min(v[2], v[3]) {
		return refuse("viewBox 须为四个数，宽高均大于零且比例不过分悬殊", "its viewBox is not four numbers with a width and height above zero and of like size")
	}
	r.box = font.Rect{MinX: v[0], MinY: v[1], MaxX: v[0] + v[2], MaxY: v[1] + v[3]}
	return nil
}

func (r *artReader) path(d, fill string) error {
	if fill == "" {
		fill = "black"
	}
	if r.color == "" {
		r.color = fill
	}
	switch {
	case fill == "none" || fill == "transparent":
		return refuse("有路径不填充", "it has a path without a fill")
	case fill != r.color:
		return refuse("填充颜色不止一种（"+clip(r.color)+"、"+clip(fill)+"）", "it has more than one colour ("+clip(r.color)+", "+clip(fill)+")")
	case len(r.paths) == maxArtPaths:
		return refuse(fmt.Sprintf("路径超过 %d 条", maxArtPaths), fmt.Sprintf("it has more than %d paths", maxArtPaths))
	}
	o, err := parsePath(d, maxArtSegments-r.segments)
	if err != nil {
		return err
	}
	if r.segments += len(o); len(o) > 0 {
		r.paths = append(r.paths, o)
	}
	return nil
}

// checkInk holds that what a viewer shows is what the seal will have.
func (r *artReader) checkInk() error {
	slack := artEdge * max(r.box.Width(), r.box.Height())
	for _, o := range r.paths {
		b := o.Bounds()
		if b.MinX < r.box.MinX-slack || b.MinY < r.box.MinY-slack || b.MaxX > r.box.MaxX+slack || b.MaxY > r.box.MaxY+slack {
			return refuse("图形超出 viewBox", "its ink reaches over the viewBox")
		}
	}
	return nil
}

// attribute reads what is neither the viewBox nor a path; fill is the colour in force.
func attribute(name, value string, fill *string) error {
	switch name {
	case "id", "class", "xmlns", "version", "baseProfile", "width", "height", "x", "y", "lang", "space", "preserveAspectRatio":
		return nil
	case "style":
		for part := range strings.SplitSeq(value, ";") {
			if k, v, ok := strings.Cut(part, ":"); ok {
				if err := property(strings.TrimSpace(k), v, fill); err != nil {
					return err
				}
			} else if strings.TrimSpace(part) != "" {
				return refuse("style 属性无法识别", "its style is not understood")
			}
		}
		return nil
	}
	return property(name, value, fill)
}

// property reads one property of the painting. What would make a viewer show something else than the filled path is refused.
func property(name, value string, fill *string) error {
	v := strings.ToLower(strings.TrimSpace(value))
	ok := false
	switch {
	case strings.Contains(v, "url("):
	case name == "fill":
		if v != "inherit" {
			*fill = v
		}
		ok = true
	case name == "fill-rule" || name == "clip-rule":
		ok = v == "nonzero"
	case name == "stroke":
		ok = v == "none"
	case name == "opacity" || name == "fill-opacity":
		n, err := strconv.ParseFloat(v, 64)
		ok = err == nil && n == 1
	case name == "display":
		ok = v == "inline"
	case name == "visibility":
		ok = v == "visible"
	default:
		for _, harmless := range []string{"stroke-", "font", "-inkscape-", "text-", "letter-", "word-", "line-", "paint-order", "white-space", "color", "writing-mode"} {
			ok = ok || strings.HasPrefix(name, harmless)
		}
	}
	if !ok {
		return refuse("不接受属性 "+clip(name)+"="+clip(v), "it has "+clip(name)+"="+clip(v))
	}
	return nil
}

// clip keeps what a message quotes short and printable.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}
