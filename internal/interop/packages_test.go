package interop_test

import (
	"testing"

	"yinxin/document"
	"yinxin/internal/testofd"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
)

// packages are OFDs: sealed in two generations, signed in two containers, with a riding seal, and with one of each over the other.
func (w *world) packages(t *testing.T) {
	t.Helper()
	stamped := func(in []byte, change ...func(*stamp.Order)) []byte {
		o := testseal.Order(in, testseal.Make(t, w.pki, w.info, seal.V4), w.owner.Key, w.pki.Now)
		for _, c := range change {
			c(&o)
		}
		return testseal.Stamp(t, o)
	}
	v5 := func(o *stamp.Order) { o.Seal = testseal.Make(t, w.pki, w.info, seal.V5) }
	riding := func(o *stamp.Order) { o.Places, o.Lay = nil, document.Riding{Group: 2}.Places }
	signing := func(p stamp.Profile) func(*stamp.Order) {
		return func(o *stamp.Order) { o.Profile, o.Seal, o.Places, o.Certificate = p, nil, nil, w.owner.Cert.Raw }
	}
	locked := func(o *stamp.Order) { o.Lock = []string{document.LockAll} }
	base := testseal.OFD(5)
	v4 := stamped(base)
	mix := stamped(stamped(v4, v5), signing(stamp.GBT35275), locked)

	seals := []string{"archive", "references", "cover", "version", "digest", "value", "listed", "time", "path-named", "seal-stored", "shown", "seal-maker"}
	signs := []string{"archive", "references", "cover", "cms-form", "detached", "digest-algorithm", "value"}
	for name, p := range map[string]struct {
		data   []byte
		checks []string
		value  string // the checks that fail where the last byte of the last value is another
	}{
		"sealed-v4": {v4, seals, "value"}, "sealed-v5": {stamped(base, v5), seals, "value"}, "riding": {stamped(base, riding), seals, "value"},
		"gb": {stamped(base, signing(stamp.GBT35275)), append(signs, "gb-form", "value-mapped"), "value value-mapped"}, "cms": {stamped(base, signing(stamp.CMS)), signs, "value"},
		"mix": {mix, append(append(signs, seals...), "gb-form", "value-mapped"), "value value-mapped"},
	} {
		files := testofd.Unpack(t, p.data)
		edited := func(name string, change func([]byte) []byte) func([]byte) []byte {
			return func([]byte) []byte { return files.With(name, string(change([]byte(files.Get(t, name))))).Build() }
		}
		spoils := []spoil{
			{"value", edited(files[len(files)-1].Name, last), p.value},
			{"page", edited("Doc_0/Pages/Page_3/Content.xml", after("a &lt; b", -1)), "references"},
			{"more", func([]byte) []byte { return files.With("Doc_0/more.xml", "<x/>").Build() }, "cover"},
		}
		if name == "sealed-v4" {
			spoils = append(spoils, spoil{"seal", edited("Doc_0/Signs/Sign_0/Seal.esl", last), "references seal-stored"})
		}
		w.add(name+".ofd", p.data, p.checks, spoils...)
	}
}
