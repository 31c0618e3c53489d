package pdf

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// standardHigh are the characters of StandardEncoding from 0xA1 on, a space where there is none (ISO 32000-1, annex D.2).
const standardHigh = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß"

// standardEncoding, winAnsi and macRoman are the encodings that simple fonts name (ISO 32000-1, annex D).
func standardEncoding() *simple {
	c := ascii()
	c['\''], c['`'] = '’', '‘'
	i := 0xa1
	for _, r := range standardHigh {
		if r != ' ' {
			c[i] = r
		}
		i++
	}
	return c
}

// ascii is what they have in common. Codes of controls show nothing.
func ascii() *simple {
	c := &simple{}
	for i := range 0x7f {
		if c[i] = rune(i); i < ' ' {
			c[i] = noGlyph
		}
	}
	return c
}

func winAnsi() *simple {
	c := ascii()
	for i := 0x80; i < 0x100; i++ {
		if c[i] = charmap.Windows1252.DecodeByte(byte(i)); c[i] < 0xa0 {
			c[i] = '•' // what the encoding leaves free is a bullet
		}
	}
	c[0x7f], c[0xa0], c[0xad] = '•', ' ', '-'
	return c
}

func macRoman() *simple {
	c := ascii()
	for i := 0x80; i < 0x100; i++ {
		c[i] = charmap.Macintosh.DecodeByte(byte(i))
	}
	c[0xca], c[0xdb] = ' ', '¤'
	return c
}

// symbolic is the encoding that the font Symbol has by itself, without the pieces that brackets are put together from.
func symbolic() *simple {
	c := ascii()
	for i, r := range []rune(symbolLow) {
		if c[0x22+i] = r; r == '_' {
			c[0x22+i] = 0
		}
	}
	i := 0xa1
	for _, r := range symbolHigh {
		if r != ' ' {
			c[i] = r
		}
		i++
	}
	return c
}

const (
	symbolLow = "∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"

	symbolHigh = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…  ↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑          〉∫⌠ ⌡"
)

// glyphNames are names of glyphs that are no letter with an accent and no other rule makes (Adobe Glyph List).
const glyphNames = `space   exclam ! quotedbl " numbersign # dollar $ percent % ampersand & quotesingle ' parenleft ( parenright ) asterisk * plus + comma ,
hyphen - minus − period . slash / zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 colon : semicolon ; less < equal = greater >
question ? at @ bracketleft [ backslash \ bracketright ] asciicircum ^ underscore _ grave ` + "`" + ` braceleft { bar | braceright } asciitilde ~
exclamdown ¡ cent ¢ sterling £ fraction ⁄ yen ¥ florin ƒ section § currency ¤ quotedblleft “ guillemotleft « guilsinglleft ‹ guilsinglright › fi ﬁ
fl ﬂ ff ﬀ ffi ﬃ ffl ﬄ endash – dagger † daggerdbl ‡ periodcentered · middot · paragraph ¶ bullet • quotesinglbase ‚ quotedblbase „ quotedblright ” guillemotright »
ellipsis … perthousand ‰ questiondown ¿ quoteleft ‘ quoteright ’ acute ´ circumflex ˆ tilde ˜ macron ¯ breve ˘ dotaccent ˙ dieresis ¨ ring ˚ cedilla ¸
hungarumlaut ˝ ogonek ˛ caron ˇ emdash — AE Æ ordfeminine ª Lslash Ł Oslash Ø OE Œ ordmasculine º ae æ dotlessi ı lslash ł oslash ø oe œ germandbls ß
Euro € brokenbar ¦ copyright © registered ® trademark ™ degree ° plusminus ± onesuperior ¹ twosuperior ² threesuperior ³ mu µ onequarter ¼ onehalf ½
threequarters ¾ multiply × divide ÷ Eth Ð eth ð Thorn Þ thorn þ logicalnot ¬ Dcroat Đ dcroat đ Hbar Ħ hbar ħ Tbar Ŧ tbar ŧ Eng Ŋ eng ŋ kgreenlandic ĸ
Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ
Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ nu ν xi ξ omicron ο pi π rho ρ sigma σ sigma1 ς
tau τ upsilon υ phi φ phi1 ϕ chi χ psi ψ omega ω theta1 ϑ omega1 ϖ lessequal ≤ greaterequal ≥ notequal ≠ infinity ∞ summation ∑ product ∏ integral ∫
radical √ partialdiff ∂ approxequal ≈ lozenge ◊ arrowleft ← arrowright → arrowup ↑ arrowdown ↓ arrowboth ↔ element ∈ universal ∀ existential ∃ emptyset ∅
nbspace   sfthyphen - Idot İ`

// accents of glyph names, as combining characters.
const glyphAccents = "grave \u0300 acute \u0301 circumflex \u0302 tilde \u0303 macron \u0304 breve \u0306 dotaccent \u0307 dieresis \u0308 ring \u030a " +
	"hungarumlaut \u030b caron \u030c commaaccent \u0326 cedilla \u0327 ogonek \u0328"

var namedGlyphs, namedAccents = pairs(glyphNames), pairs(glyphAccents)

// pairs reads names, each followed by its character.
func pairs(list string) map[string]rune {
	out := map[string]rune{"space": ' ', "nbspace": ' '}
	words := strings.Fields(list)
	for i := 0; i+1 < len(words); i++ {
		if r, n := utf8.DecodeRuneInString(words[i+1]); n == len(words[i+1]) {
			out[words[i]] = r
			i++
		}
	}
	return out
}

// glyphRune is the character that a glyph's name stands for, by the rules of the Adobe Glyph List as far as one character goes.
func glyphRune(name Name) (rune, bool) {
	s, _, _ := strings.Cut(string(name), ".")
	if r, n := utf8.DecodeRuneInString(s); n == len(s) && n > 0 && r < utf8.RuneSelf {
		return r, true
	}
	if r, ok := namedGlyphs[s]; ok {
		return r, true
	}
	for _, prefix := range []string{"uni", "u"} {
		hex, ok := strings.CutPrefix(s, prefix)
		if !ok || len(hex) < 4 || len(hex) > 6 || prefix == "uni" && len(hex) != 4 {
			continue
		}
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil && utf8.ValidRune(rune(v)) {
			return rune(v), true
		}
	}
	if s == "" {
		return 0, false
	}
	for _, mark := range []rune{namedAccents[s[1:]], '\u0327'} { // what is named after a comma may be a cedilla
		if mark == 0 || mark == '\u0327' && !strings.HasSuffix(s, "commaaccent") && !strings.HasSuffix(s, "cedilla") {
			continue
		}
		composed := norm.NFC.String(s[:1] + string(mark))
		if r, n := utf8.DecodeRuneInString(composed); n == len(composed) {
			return r, true
		}
	}
	return 0, false
}
