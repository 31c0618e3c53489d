package ofd

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"yinxin/document"
)

// What an SVG written here may hold: elements, their attributes, and what each attribute looks like. Nothing else is inert by being known.
const (
	aNumber = `-?[0-9]+(\.[0-9]+)?`
	aList   = aNumber + `( ` + aNumber + `)*`
	aLength = aNumber + `mm`
	anID    = `[cgis][0-9]+`
	aPaint  = `none|#[0-9a-f]{6}|url\(#s[0-9]+\)`
	aPath   = `[MLQCAZ0-9. \-]*`
	aMatrix = `matrix\(` + aNumber + `( ` + aNumber + `){5}\)`
	aFamily = `[^<>"&;:{}()@\\]*`
)

// rules are those of allowed, ready for use.
var rules = sync.OnceValue(func() map[string]map[string]*regexp.Regexp {
	out := map[string]map[string]*regexp.Regexp{}
	for element, attrs := range allowed() {
		out[element] = map[string]*regexp.Regexp{}
		for name, pattern := range attrs {
			out[element][name] = regexp.MustCompile(`^(` + pattern + `)$`)
		}
	}
	return out
})

var insideReference = regexp.MustCompile(`^(?:#([cgis][0-9]+)|url\(#([cs][0-9]+)\))$`)

func allowed() map[string]map[string]string {
	paints := map[string]string{"fill": aPaint, "fill-opacity": aNumber, "stroke": aPaint, "stroke-opacity": aNumber, "stroke-width": aNumber, "stroke-linejoin": "round|bevel"}
	with := func(base map[string]string, more ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	numbers := func(names ...string) map[string]string {
		out := map[string]string{}
		for _, n := range names {
			out[n] = aNumber
		}
		return out
	}
	return map[string]map[string]string{
		"svg":            {"xmlns": `http://www\.w3\.org/2000/svg`, "width": aLength, "height": aLength, "viewBox": aList},
		"defs":           {},
		"rect":           with(numbers("x", "y", "width", "height"), "fill", "#ffffff"),
		"g":              with(paints, "transform", aMatrix, "opacity", aNumber, "clip-path", `url\(#c[0-9]+\)`, "style", "mix-blend-mode:multiply"),
		"path":           with(paints, "id", anID, "d", aPath, "transform", aMatrix, "fill-rule", "evenodd", "clip-rule", "evenodd", "stroke-linecap", "round|square", "stroke-miterlimit", aNumber, "stroke-dasharray", aList, "stroke-dashoffset", aNumber),
		"clipPath":       {"id": anID},
		"use":            {"href": "#" + anID, "transform": aMatrix},
		"image":          {"id": anID, "width": "1", "height": "1", "preserveAspectRatio": "none", "href": `data:image/(png|jpeg);base64,[A-Za-z0-9+/]*=*`},
		"text":           {"x": aList, "y": aList, "font-size": aNumber, "fill": "#000000", "fill-opacity": "0", "stroke": "none", "space": "preserve", "font-family": aFamily, "aria-hidden": "true"},
		"stop":           {"offset": aNumber, "stop-color": "#[0-9a-f]{6}", "stop-opacity": aNumber},
		"linearGradient": with(numbers("x1", "y1", "x2", "y2"), "id", anID, "gradientUnits", "userSpaceOnUse", "spreadMethod", "repeat|reflect"),
		"radialGradient": with(numbers("fx", "fy", "fr", "cx", "cy", "r"), "id", anID, "gradientUnits", "userSpaceOnUse", "spreadMethod", "repeat|reflect"),
	}
}

// checkSVG holds a file against the list, and returns the text that can be selected in it, one string for each element.
func checkSVG(data []byte) (texts []string, err error) {
	rules := rules()
	ids, uses := map[string]bool{}, map[string]bool{}
	d := xml.NewDecoder(bytes.NewReader(data))
	inText := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch v := t.(type) {
		case xml.StartElement:
			attrs, ok := rules[v.Name.Local]
			if !ok {
				return nil, fmt.Errorf("the element %s", v.Name.Local)
			}
			inText = v.Name.Local == "text"
			hidden := false
			for _, a := range v.Attr {
				pattern, ok := attrs[a.Name.Local]
				if !ok || !pattern.MatchString(a.Value) {
					return nil, fmt.Errorf("%s has %s=%.200q", v.Name.Local, a.Name.Local, a.Value)
				}
				hidden = hidden || a.Name.Local == "aria-hidden"
				if a.Name.Local == "id" {
					if ids[a.Value] {
						return nil, fmt.Errorf("two elements %s", a.Value)
					}
					ids[a.Value] = true
				}
				if m := insideReference.FindStringSubmatch(a.Value); m != nil {
					uses[m[1]+m[2]] = true
				}
			}
			if inText && !hidden {
				texts = append(texts, "")
			}
			inText = inText && !hidden
		case xml.CharData:
			if inText {
				texts[len(texts)-1] += string(v)
			} else if s := strings.TrimSpace(string(v)); s != "" && len([]rune(s)) > 1 {
				return nil, fmt.Errorf("text outside of text: %.100q", s)
			}
		case xml.EndElement:
			inText = false
		default:
			return nil, fmt.Errorf("a %T", t)
		}
	}
	for id := range uses {
		if !ids[id] {
			return nil, fmt.Errorf("nothing is called %s", id)
		}
	}
	return texts, nil
}

// shown renders a page and holds it against the list.
func shown(t testing.TB, d *Document, page int, pictures document.Pictures) (svg string, texts []string, omitted []document.Omission) {
	t.Helper()
	var b bytes.Buffer
	omitted, err := d.Render(context.Background(), &b, page, pictures)
	if err != nil {
		t.Fatal(err)
	}
	if texts, err = checkSVG(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	return b.String(), texts, omitted
}

// opened is openBytes that must succeed.
func opened(t testing.TB, data []byte) *Document {
	t.Helper()
	d, err := openBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
