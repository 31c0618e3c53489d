package stamp_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify/evidence"
)

// extending is an extension of in at a time.
func extending(t testing.TB, p party, in []byte, at time.Time) stamp.ExtendOrder {
	t.Helper()
	source, _ := authority(t, p.pki, hsm.SM2, func() time.Time { return at })
	return stamp.ExtendOrder{Format: pdf.Format{}, In: bytes.NewReader(in), Size: int64(len(in)), Timestamps: source, Trust: trusting(t, p.pki),
		Now: func() time.Time { return at }}
}

func extend(t testing.TB, o stamp.ExtendOrder, in []byte) ([]byte, stamp.Extended) {
	t.Helper()
	var out document.Memory
	r, err := stamp.Extend(t.Context(), o, &out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out.Bytes(), in) || r.Size != out.Size() {
		t.Errorf("the original bytes are no prefix, or %d is not the size %d", r.Size, out.Size())
	}
	return out.Bytes(), r
}

// TestExtend: a file of each lower level gets what it lacks, and is renewed; earlier bytes stay, signatures stay intact, nothing is added twice.
func TestExtend(t *testing.T) {
	p := newParty(t)
	base := testseal.PDF(t, 1)
	for _, level := range stamp.Levels() {
		t.Run(string(level), func(t *testing.T) {
			file, _ := lasting(t, p, base, level, hsm.SM2, func(o *stamp.Order) {
				if level == stamp.LevelB {
					o.Timestamps = nil
				}
			})
			before := len(listed(t, file))
			file, r := extend(t, extending(t, p, file, p.pki.Now.Add(time.Hour)), file)
			if r.Level != stamp.LevelLTA || r.Evidence != (level != stamp.LevelLT) || r.Timestamp == "" || r.Signatures != before || !r.Proven.Equal(p.pki.Now.Add(time.Hour)) {
				t.Errorf("%+v", r)
			}
			had := inside(t, file)
			file, r = extend(t, extending(t, p, file, p.pki.Now.Add(2*time.Hour)), file)
			if !r.Evidence || r.Signatures != before+1 { // of the first time stamp's authority
				t.Errorf("renewed: %+v", r)
			}
			e := inside(t, file)
			if len(listed(t, file)) != before+2 || len(e.CRLs) != len(had.CRLs) {
				t.Errorf("%d signatures, %d lists, %d before", len(listed(t, file)), len(e.CRLs), len(had.CRLs))
			}
		})
	}
}

// TestExtendLT: evidence alone, once; without a proven time it is no lt.
func TestExtendLT(t *testing.T) {
	p := newParty(t)
	file, _ := lasting(t, p, testseal.PDF(t, 1), stamp.LevelT, hsm.SM2, nil)
	o := extending(t, p, file, p.pki.Now)
	o.Level, o.Timestamps = stamp.LevelLT, nil
	file, r := extend(t, o, file)
	if r.Level != stamp.LevelLT || !r.Evidence || r.Timestamp != "" {
		t.Errorf("%+v", r)
	}
	o.In, o.Size = bytes.NewReader(file), int64(len(file))
	if _, err := stamp.Extend(t.Context(), o, new(document.Memory)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("again: %v", err)
	}
	bare := testseal.Stamp(t, p.order(testseal.PDF(t, 1)))
	o.In, o.Size = bytes.NewReader(bare), int64(len(bare))
	if _, err := stamp.Extend(t.Context(), o, new(document.Memory)); err == nil || !strings.Contains(err.Error(), "no time stamp proves") {
		t.Errorf("without a time: %v", err)
	}
}

// TestExtendExpired: what was collected in time still answers when every certificate of the signature is over.
func TestExtendExpired(t *testing.T) {
	p := newParty(t)
	file, _ := lasting(t, p, testseal.PDF(t, 1), stamp.LevelLTA, hsm.SM2, nil)
	now := p.pki.Now.AddDate(5, 0, 0)
	long := testpki.Validity(p.pki.Now, now.AddDate(1, 0, 0))
	// the first document time stamp is renewed while its authority is still known to be good, then long after
	first := extending(t, p, file, p.pki.Now.Add(24*time.Hour))
	first.Timestamps, _ = authority(t, p.pki, hsm.SM2, func() time.Time { return p.pki.Now.Add(24 * time.Hour) }, long)
	file, _ = extend(t, first, file)
	o := extending(t, p, file, p.pki.Now)
	o.Now = func() time.Time { return now }
	o.Timestamps, _ = authority(t, p.pki, hsm.SM2, o.Now, long)
	folder := p.pki.Directory()
	folder["tsa/root.crt"] = folder["ca/root.crt"]
	folder["crl/root.crl"].Data = p.pki.CRLOf(p.pki.Root, now.Add(-time.Hour), now.Add(time.Hour))
	var err error
	if o.Trust, err = trust.Load(folder); err != nil {
		t.Fatal(err)
	}
	_, r := extend(t, o, file)
	if !r.Evidence || r.Signatures != 3 {
		t.Errorf("%+v", r)
	}
}

// TestExtendRefuses: what is unsigned, broken or not trusted is not extended; in part it is, with what lacks named.
func TestExtendRefuses(t *testing.T) {
	p := newParty(t)
	sealed := testseal.Stamp(t, p.order(testseal.PDF(t, 1)))
	broken := bytes.Clone(sealed)
	broken[len(testseal.PDF(t, 1))/2] ^= 1
	for name, c := range map[string]struct {
		in     []byte
		code   string
		change func(*stamp.ExtendOrder)
	}{
		"unsigned":    {testseal.PDF(t, 1), "nothing-signed", nil},
		"broken":      {broken, "earlier-signature-broken", nil},
		"not trusted": {sealed, "level-unreached", func(o *stamp.ExtendOrder) { o.Trust = without(t, p.pki, "ca/root.crt") }},
		"no list":     {sealed, "level-unreached", func(o *stamp.ExtendOrder) { o.Trust = without(t, p.pki, "crl/root.crl") }},
		"authority":   {sealed, "level-unreached", func(o *stamp.ExtendOrder) { o.Trust = without(t, p.pki, "tsa/root.crt") }},
		"nobody":      {sealed, "level-needs-trust", func(o *stamp.ExtendOrder) { o.Trust = nil }},
		"no source":   {sealed, "level-needs-timestamp", func(o *stamp.ExtendOrder) { o.Level, o.Timestamps = stamp.LevelLTA, nil }},
		"level t":     {sealed, "level", func(o *stamp.ExtendOrder) { o.Level = stamp.LevelT }},
	} {
		o := extending(t, p, c.in, p.pki.Now)
		if c.change != nil {
			c.change(&o)
		}
		_, err := stamp.Extend(t.Context(), o, new(document.Memory))
		if public, _ := fault.PublicOf(err); public.Code != c.code {
			t.Errorf("%s: %v (%s), want %s", name, err, public.Code, c.code)
		}
	}
	o := extending(t, p, sealed, p.pki.Now)
	o.Trust, o.Partial = without(t, p.pki, "ca/root.crt"), true
	if _, r := extend(t, o, sealed); len(r.Lacks) != 1 || r.Level != "" || r.Lacks[0].Code != "certificate-untrusted" || r.Lacks[0].Signature == "" {
		t.Errorf("%+v", r.Lacks)
	}
}

// TestLastingJudges: programs that are not ours take a file at lta that was renewed, and the RSA token in it.
func TestLastingJudges(t *testing.T) {
	p := newParty(t)
	file, _ := lasting(t, p, testseal.PDF(t, 1), stamp.LevelLTA, hsm.RSAPKCS1, func(o *stamp.Order) { o.Also = signer(p.rsa) })
	o := extending(t, p, file, p.pki.Now)
	o.Timestamps, _ = authority(t, p.pki, hsm.RSAPKCS1, p.pki.Clock)
	file, _ = extend(t, o, file)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	path := write("lta.pdf", file)
	if code, said := clean(t, path); code != 0 {
		t.Errorf("qpdf: %s", said)
	}
	said := listing(t, path)
	if n := strings.Count(said, "Signed Ranges:"); n != 4 || strings.Count(said, wholeFile) != 1 || !strings.Contains(said, "Field Name: Timestamp2") {
		t.Errorf("pdfsig lists %d:\n%s", n, said)
	}
	if err := api.ValidateFile(path, nil); err != nil {
		t.Errorf("pdfcpu: %v", err)
	}
	root := write("root.pem", gm.EncodePEM(p.rsa.Root.Cert))
	list := listed(t, file)
	o.In, o.Size = bytes.NewReader(file), int64(len(file))
	b, _, err := stamp.Beside(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	opensslJudges(t, write, root, file, list, b)
	if c, err := sign.Read(list[1]); err != nil || c.Hash != "SHA-256" {
		t.Errorf("%v: %+v", err, c.Hash)
	}
}

// opensslJudges has openssl verify each kind of token over what it is over, and over something else.
func opensslJudges(t *testing.T, write func(string, []byte) string, root string, file []byte, list []document.Signature, b evidence.Bundle) {
	t.Helper()
	sealed, err := seal.ParseSignature(list[0].Value())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := cms.Parse(list[1].Value())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ token, over []byte }{
		"the document's":       {list[len(list)-1].Value(), protectedBytes(t, file)},
		"the seal's":           {sealed.TimeStamp, sealed.Value},
		"the signed data's":    {signed.Signers[0].TimeStampTokens()[0], signed.Signers[0].Value},
		"that on the evidence": {b.Tokens[0], b.Manifests[0]},
	} {
		for _, other := range []bool{false, true} {
			over := bytes.Clone(c.over)
			if other {
				over[0] ^= 1
			}
			openssl := exec.Command(need.Tool(t, "openssl"), "ts", "-verify", "-data", write("over", over), "-in", write("token", c.token), "-token_in", "-CAfile", root, "-attime", "1772438400")
			if out, err := openssl.CombinedOutput(); (err == nil) == other || !other && !bytes.Contains(out, []byte("Verification: OK")) {
				t.Errorf("openssl on %s time stamp, over other bytes: %v: %v\n%s", name, other, err, out)
			}
		}
	}
}

// protectedBytes are what the newest signature of a PDF is over.
func protectedBytes(t testing.TB, file []byte) []byte {
	t.Helper()
	all := regexp.MustCompile(`/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)`).FindAllSubmatch(file, -1)
	if len(all) == 0 {
		t.Fatal("no ByteRange")
	}
	var r [4]int
	for i, digits := range all[len(all)-1][1:] {
		n, err := strconv.Atoi(string(digits))
		if err != nil {
			t.Fatal(err)
		}
		r[i] = n
	}
	return slices.Concat(file[r[0]:r[0]+r[1]], file[r[2]:r[2]+r[3]])
}
