package evidence

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"yinxin/gm"
	"yinxin/timestamp"
	"yinxin/trust"
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
	out := &verify.Beside{Evidence: b.trust(nil), Tokens: map[Digest][][]byte{}, Stamps: b.stamps(), Unjudged: b.unjudged()}
	for _, s := range b.Signatures {
		if len(s.Tokens) > 0 {
			out.Tokens[s.SM3] = s.Tokens
		}
	}
	return out
}

// trust is what package trust judges: all of it, or those pieces that are named.
func (b Bundle) trust(named map[string]bool) trust.Evidence {
	all := b.Values
	for _, s := range b.Signatures {
		all.Add(s.Values)
	}
	if named == nil {
		return all.Trust()
	}
	var kept Values
	for i, list := range all.lists() {
		for _, value := range *list {
			if named[entryName(known[i], gm.SM3(value))] {
				*kept.lists()[i] = append(*kept.lists()[i], value)
			}
		}
	}
	return kept.Trust()
}

// maxStamps bounds the time stamps of a bundle that are looked at, the latest, and the manifests they may be over.
const maxStamps = 24

// stamps finds what each time stamp of the document is over: a manifest about this very document.
func (b Bundle) stamps() (out []verify.BesideStamp) {
	times := map[string]time.Time{}
	for _, token := range b.Tokens {
		if t, err := timestamp.Parse(token); err == nil {
			times[string(token)] = t.Info.Time
		}
	}
	tokens := slices.SortedFunc(slices.Values(b.Tokens), func(x, y []byte) int {
		return cmp.Or(times[string(x)].Compare(times[string(y)]), bytes.Compare(x, y))
	})
	for _, token := range tokens[max(0, len(tokens)-maxStamps):] {
		s := verify.BesideStamp{Token: token}
		if octets, m := b.under(token); m != nil {
			named := make(map[string]bool, len(m.Entries))
			for _, e := range m.Entries {
				named[e.Name] = true
			}
			s.Over, s.Protects = octets, b.trust(named)
		}
		out = append(out, s)
	}
	return out
}

// under finds the manifest that a token is over.
func (b Bundle) under(token []byte) ([]byte, *manifest) {
	t, err := timestamp.Parse(token)
	if err != nil {
		return nil, nil
	}
	for _, octets := range b.Manifests[:min(len(b.Manifests), 2*maxStamps)] {
		imprint, err := timestamp.Over(t.Info.Imprint.Hash, octets)
		if err != nil || !bytes.Equal(imprint.Digest, t.Info.Imprint.Digest) {
			continue
		}
		m, err := decodeManifest(octets)
		if err != nil || m.Document.Size != b.Document.Size {
			continue
		}
		if sum, _ := parseDigest(m.Document.SM3); sum == b.Document.SM3 {
			return octets, m
		}
	}
	return nil, nil
}

// unjudged counts what is kept and not judged, by kind.
func (b Bundle) unjudged() (out []verify.Unjudged) {
	all := b.Values
	for _, s := range b.Signatures {
		all.Add(s.Values)
	}
	count := func(zh, en string, n int) {
		if n > 0 {
			out = append(out, verify.Unjudged{Kind: verify.Text{ZH: zh, EN: en}, Count: n})
		}
	}
	count("日志证明", "proofs of a log", len(all.Proofs))
	count("签名答复", "signed answers", len(all.Answers))
	others := map[string]int{}
	for _, o := range all.Others {
		others[o.Folder]++
	}
	for _, folder := range slices.Sorted(maps.Keys(others)) {
		count("“"+folder+"”", "“"+folder+"”", others[folder])
	}
	return out
}
