package measure

// State is what became of a rule.
type State string

// The states. NotMeasurable is what the picture is too coarse for, does not show, or what no program can tell from it.
const (
	Kept          State = "kept"
	Differing     State = "differing"
	NotMeasurable State = "not-measurable"
)

// Words is a text in Chinese and English.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In returns the text in a language, "zh" or another.
func (w Words) In(lang string) string {
	if lang == "zh" {
		return w.ZH
	}
	return w.EN
}

// Rule is one rule for the picture of a kind of seal: a measure between Min and Max, give or take Tolerance, all in Unit.
type Rule struct {
	Code      string
	Name      Words
	Source    Words
	Custom    bool // of engravers, not of a regulation
	Essential bool // the picture is not judged without it
	Unit      string
	Min, Max  float64
	Tolerance float64
	Want      Words

	read func(*Measurement) reading
}

// reading is what a rule is about: a number, and its words where the number says nothing to people.
type reading struct {
	Value
	words Words
}

// Finding is what became of a rule on one picture.
type Finding struct {
	Rule  Rule
	State State
	Got   Value // Off is 0 where nothing was measured
	Words Words // what was found
}

// Judge holds a measurement against rules. A measure differs only where it does even with all that it may be off by; it cannot be measured where it
// may be off by more than three times the rule's tolerance.
func Judge(m Measurement, rules []Rule) []Finding {
	out := make([]Finding, len(rules))
	for i, r := range rules {
		got := r.read(&m)
		f := Finding{Rule: r, State: Kept, Got: got.Value, Words: got.words}
		low, high := r.Min-r.Tolerance, r.Max+r.Tolerance
		switch {
		case !got.known():
			f.State = NotMeasurable
		case got.Is-got.Off > high || got.Is+got.Off < low:
			f.State = Differing
		case got.Off > 3*r.Tolerance:
			f.State = NotMeasurable
		}
		if f.Words == (Words{}) {
			f.Words = inWords(got.Value, r.Unit)
		}
		out[i] = f
	}
	return out
}

// Verdict sums findings up: one that differs decides, then an essential one that could not be measured.
func Verdict(list []Finding) State {
	verdict := Kept
	for _, f := range list {
		if f.State == Differing {
			return Differing
		}
		if f.State == NotMeasurable && f.Rule.Essential {
			verdict = NotMeasurable
		}
	}
	return verdict
}
