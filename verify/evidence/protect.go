package evidence

import (
	"maps"
	"slices"

	"yinxin/gm"
	"yinxin/timestamp"
	"yinxin/verify"
)

// Protect returns the bundle with a time stamp over all that it holds now: token is asked for one over octets, a manifest, which is kept with it. Where the
// bundle has nothing that is new since its last such time stamp, this renews that one.
func (b Bundle) Protect(token func(octets []byte) ([]byte, error)) (Bundle, error) {
	bare := b
	bare.Document.Name, bare.Document.File = "", nil // what the file is called, and whether it is enclosed, may change
	m, _, err := bare.manifest()
	if err != nil {
		return b, invalid("evidence-invalid", "要保存的证据不完整或自相矛盾", "the evidence to be kept is incomplete or contradicts itself", err)
	}
	octets, err := m.encode()
	if err != nil {
		return b, err
	}
	value, err := token(octets)
	if err != nil {
		return b, err
	}
	b.Add(Values{Tokens: [][]byte{value}, Manifests: [][]byte{octets}})
	return b, nil
}

// Beside is the evidence as verify takes it. Whether it is about the file that is verified, Bind says.
func (b Bundle) Beside() *verify.Beside {
	all := b.all()
	out := &verify.Beside{Evidence: all.Trust(), Tokens: map[Digest][][]byte{}, Stamps: b.stamps(all), Unjudged: all.unjudged()}
	for _, s := range b.Signatures {
		if len(s.Tokens) > 0 {
			out.Tokens[s.SM3] = s.Tokens
		}
	}
	return out
}

// all is what is kept, for whatever.
func (b Bundle) all() Values {
	all := b.Values
	for _, s := range b.Signatures {
		all.Add(s.Values)
	}
	return all
}

// maxStamps bounds the time stamps of a bundle that are looked at, the latest.
const maxStamps = 24

// stamps finds what each time stamp of the document is over: a manifest about this very document.
func (b Bundle) stamps(all Values) []verify.BesideStamp {
	var tokens []*timestamp.Token
	for _, der := range b.Tokens {
		if t, err := timestamp.Parse(der); err == nil { // others are counted with what is not judged
			tokens = append(tokens, t)
		}
	}
	slices.SortStableFunc(tokens, func(x, y *timestamp.Token) int { return x.Info.Time.Compare(y.Info.Time) })
	tokens = tokens[max(0, len(tokens)-maxStamps):]
	var out []verify.BesideStamp
	manifests, pieces := b.manifests(tokens), all.pieces()
	for _, t := range tokens {
		s := verify.BesideStamp{Token: t.Raw(), Over: manifests[imprintOf(t.Info.Imprint)]}
		if m, err := decodeManifest(s.Over); err == nil && b.Document.is(m.Document) {
			s.Protects = pieces.named(m.Entries).Trust()
		} else {
			s.Over = nil
		}
		out = append(out, s)
	}
	return out
}

// is reports whether a manifest speaks of the document.
func (d Document) is(m manifestDocument) bool {
	sum, ok := parseDigest(m.SM3)
	return ok && sum == d.SM3 && m.Size == d.Size
}

func imprintOf(i timestamp.Imprint) string { return i.Hash.String() + " " + string(i.Digest) }

// manifests are the earlier manifests by their imprint, with each hash that tokens use.
func (b Bundle) manifests(tokens []*timestamp.Token) map[string][]byte {
	out, done := map[string][]byte{}, map[string]bool{}
	for _, t := range tokens {
		hash := t.Info.Imprint.Hash
		if done[hash.String()] {
			continue
		}
		done[hash.String()] = true
		for _, octets := range b.Manifests {
			if imprint, err := timestamp.Over(hash, octets); err == nil && len(octets) <= maxManifest {
				out[imprintOf(imprint)] = octets
			}
		}
	}
	return out
}

// pieces are evidence by the name of their entry.
type pieces map[string]func(*Values)

func (v Values) pieces() pieces {
	out := pieces{}
	for i, list := range v.lists() {
		for _, value := range *list {
			out[entryName(known[i], gm.SM3(value))] = func(to *Values) { *to.lists()[i] = append(*to.lists()[i], value) }
		}
	}
	return out
}

// named are those of the pieces that a manifest has.
func (p pieces) named(entries []manifestEntry) (v Values) {
	for _, e := range entries {
		if put := p[e.Name]; put != nil {
			put(&v)
		}
	}
	return v
}

// unjudged counts what is kept and not judged, by kind.
func (v Values) unjudged() (out []verify.Unjudged) {
	count := func(zh, en string, n int) {
		if n > 0 {
			out = append(out, verify.Unjudged{Kind: verify.Text{ZH: zh, EN: en}, Count: n})
		}
	}
	count("日志证明", "proofs of a log", len(v.Proofs))
	count("签名答复", "signed answers", len(v.Answers))
	unread := 0
	for _, der := range v.Tokens {
		if _, err := timestamp.Parse(der); err != nil {
			unread++
		}
	}
	count("不能读取的时间戳", "time stamps that cannot be read", unread)
	others := map[string]int{}
	for _, o := range v.Others {
		others[o.Folder]++
	}
	for _, folder := range slices.Sorted(maps.Keys(others)) {
		count("“"+folder+"”", "“"+folder+"”", others[folder])
	}
	return out
}
