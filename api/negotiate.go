package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// The forms in which a verdict is given.
const (
	asJSON  = "application/json"
	asWords = "text/plain"
	asPDF   = "application/pdf"
)

// maxAccept bounds what is read of a header that says what is wanted.
const maxAccept = 1000

// accepted picks the form of the answer (RFC 9110 12.5.1): that of the highest weight, JSON where nothing is said or two weigh the same.
func accepted(header string) (string, error) {
	if strings.TrimSpace(header) == "" {
		return asJSON, nil
	}
	best, weight := "", 0.0
	for _, form := range []string{asJSON, asWords, asPDF} {
		if q := weightOf(bounded(header), form); q > weight {
			best, weight = form, q
		}
	}
	if best == "" {
		return "", errAccept
	}
	return best, nil
}

// bounded drops what a header has beyond the room for it.
func bounded(header string) string {
	if len(header) <= maxAccept {
		return header
	}
	return header[:max(strings.LastIndexByte(header[:maxAccept], ','), 0)]
}

// weightOf is what the most precise range of a header says about a form.
func weightOf(header, form string) float64 {
	precision, weight := 0, 0.0
	for item := range strings.SplitSeq(header, ",") {
		kind, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		main, _, _ := strings.Cut(form, "/")
		exact := map[string]int{"*/*": 1, main + "/*": 2, form: 3}[kind]
		if exact <= precision {
			continue
		}
		precision, weight = exact, 1
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weight = q
		}
	}
	return weight
}

// languageOf is the language of an answer, "zh" or "en": that of the parameter lang, else of Accept-Language; Chinese where nothing is said, English
// where neither of the two is wanted.
func languageOf(r *http.Request) string {
	switch asked := r.URL.Query().Get("lang"); asked {
	case "zh", "en":
		return asked
	}
	header := r.Header.Get("Accept-Language")
	if strings.TrimSpace(header) == "" {
		return "zh"
	}
	tags, _, err := language.ParseAcceptLanguage(bounded(header))
	if err != nil {
		return "en"
	}
	_, i, confidence := language.NewMatcher([]language.Tag{language.English, language.Chinese, language.TraditionalChinese}).Match(tags...)
	if i > 0 && confidence > language.No {
		return "zh"
	}
	return "en"
}

// contentLanguage is a language as headers name it.
func contentLanguage(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return "en"
}
