package issue_test

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/ca/local"
	"yinxin/codes"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/issue"
	"yinxin/license"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/testdata"
	"yinxin/trust"
	"yinxin/verify"
)

// vault is a key provider in memory that can be told to fail at its n-th key.
type vault struct {
	t         *testing.T
	keys      map[hsm.Ref]*testpki.Key
	destroyed []hsm.Ref
	failAt    int
}

var errVault = errors.New("vault is full")

func (v *vault) Key(_ context.Context, ref hsm.Ref) (hsm.Key, error) { return v.keys[ref], nil }

func (v *vault) Generate(_ context.Context, ref hsm.Ref, _ hsm.Spec) (hsm.Key, error) {
	if len(v.keys)+1 == v.failAt {
		return nil, errVault
	}
	k := testpki.NewKey(v.t)
	v.keys[ref] = k
	return k, nil
}

func (v *vault) Destroy(_ context.Context, ref hsm.Ref) error {
	delete(v.keys, ref)
	v.destroyed = append(v.destroyed, ref)
	return nil
}

func (v *vault) Close() error { return nil }

// books is an authority that counts and can be told to fail at its n-th certificate.
type books struct {
	*local.CA
	issued, revoked int
	failAt          int
}

var errBooks = errors.New("authority is closed")

func (b *books) Issue(ctx context.Context, r ca.Request) (*gm.Certificate, error) {
	if b.issued+1 == b.failAt {
		return nil, errBooks
	}
	b.issued++
	return b.CA.Issue(ctx, r)
}

func (b *books) Revoke(ctx context.Context, serial *big.Int, reason ca.Reason, at time.Time) error {
	b.revoked++
	return b.CA.Revoke(ctx, serial, reason, at)
}

type world struct {
	pki   *testpki.PKI
	vault *vault
	books *books
	order issue.Order
}

func setup(t *testing.T) *world {
	t.Helper()
	p := testpki.New(t)
	authority, err := local.Init(t.Context(), t.TempDir(), local.Options{Name: "示例根", Key: testpki.NewKey(t), Ref: "soft:root", Now: p.Clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { authority.Close() })
	agency := p.Owner("示例市登记管理局", "11990000MB0000019F")
	esl := testseal.Make(t, p, testseal.Info(t, p, "示例市登记管理局", agency.Cert), seal.V4)
	kind, err := license.ParseType(testdata.LicenceType)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{pki: p, vault: &vault{t: t, keys: map[hsm.Ref]*testpki.Key{}}, books: &books{CA: authority}}
	today := license.DayOf(p.Now)
	w.order = issue.Order{
		Type: kind, Issuer: issue.Issuer{Seal: esl, Key: agency.Key}, Maker: issue.Maker{Certificate: p.Maker.Cert.Raw, Key: p.Maker.Key, ID: "TEST"},
		Authority: w.books, Keys: w.vault, KeyPrefix: "holder", Years: 3, Formats: []document.Format{pdf.Format{}}, Fonts: font.Stack{font.Default()}, Version: seal.V5, Now: p.Clock,
		Specimen: true,
		License: license.Order{Issuer: license.Body{Name: "示例市登记管理局", USCC: "11990000MB0000019F"}, Serial: "1", Version: 1, Issued: today,
			Holder: license.Holder{Name: testpki.OwnerName, Code: testpki.OwnerUSCC, CodeType: license.HolderUSCC},
			Face: license.Face{Values: map[string]string{"name": testpki.OwnerName, "uscc": testpki.OwnerUSCC, "type": "有限责任公司", "legalRepresentative": "林一舟",
				"founded": "2020-05-18", "domicile": "示例市软件路 15 号", "scope": "软件开发。", "registrar": "示例市登记管理局", "approved": string(today)},
				Gaps: map[string]string{"capital": "not-recorded"}}},
	}
	for n := range 5 {
		c, err := codes.ParseSealCode("990000000010" + string(rune('0'+n)))
		if err != nil {
			t.Fatal(err)
		}
		w.order.Codes = append(w.order.Codes, c)
	}
	return w
}

// TestMake: one order leaves the record, the sealed face and five seals, each usable by its own key alone.
func TestMake(t *testing.T) {
	w := setup(t)
	var steps []issue.Step
	w.order.Progress = func(s issue.Step) { steps = append(steps, s) }
	b, err := issue.Make(t.Context(), w.order)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Seals) != 5 || len(w.vault.keys) != 5 || w.books.issued != 5 || w.books.revoked != 0 || len(steps) != 6 {
		t.Fatalf("%d seals, %d keys, %d certificates, %d revoked, %d steps", len(b.Seals), len(w.vault.keys), w.books.issued, w.books.revoked, len(steps))
	}
	for _, m := range b.Seals {
		s, err := seal.Parse(m.ESL)
		if err != nil {
			t.Fatal(err)
		}
		listed, err := s.Lists(m.Certificate.Raw)
		if err != nil || !listed || s.VerifyMaker() != nil || s.Version != seal.V5 || s.Info.ESID != m.Code.String() || len(s.Validate()) > 0 {
			t.Errorf("seal %s: listed %v, %v, version %v, id %s", m.Name, listed, err, s.Version, s.Info.ESID)
		}
		if gm.SubjectUSCC(m.Certificate) != testpki.OwnerUSCC || !w.vault.keys[m.Key].SM2().Equal(m.Certificate.PublicKey) {
			t.Errorf("seal %s: the certificate is not the holder's key's", m.Name)
		}
	}
	if again, err := license.ParseRecord(b.RecordJSON); err != nil || again.Identifier != b.Record.Identifier {
		t.Errorf("the record does not read back: %v", err)
	}
	if len(b.Faces) != 1 || b.Faces[0].Format != "PDF" {
		t.Fatalf("%d faces", len(b.Faces))
	}
	face(t, w, b.Faces[0].Data)
}

func face(t *testing.T, w *world, data []byte) {
	t.Helper()
	set, err := trust.Load(w.pki.Directory())
	if err != nil {
		t.Fatal(err)
	}
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set}
	facts, err := v.Gather(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r := verify.Judge(facts, verify.Policy{}, w.pki.Now.Add(time.Hour))
	if r.Verdict != verify.Passed || len(r.Signatures) != 1 || r.Signatures[0].Seal.Name != "示例市登记管理局" {
		t.Errorf("the face is %s with %d signatures", r.Verdict, len(r.Signatures))
	}
}

// TestAllOrNothing: whatever part fails, nothing is returned, every key is destroyed and every certificate revoked.
func TestAllOrNothing(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"third key":           func(w *world) { w.vault.failAt = 3 },
		"fourth certificate":  func(w *world) { w.books.failAt = 4 },
		"maker's key":         func(w *world) { w.pki.Maker.Key.Fail(errors.New("device gone")) },
		"issuing body's key":  func(w *world) { w.order.Issuer.Key.(*testpki.Key).Fail(errors.New("device gone")) },
		"issuing body's seal": func(w *world) { w.order.Issuer.Seal = []byte("no seal") },
		"layout": func(w *world) {
			w.order.License.Face.Values["scope"] = "软件\U0001F409"
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			spoil(w)
			b, err := issue.Make(t.Context(), w.order)
			if err == nil || b.Faces != nil || b.Seals != nil || b.RecordJSON != nil {
				t.Fatalf("error %v, bundle %+v", err, b.Record)
			}
			if len(w.vault.keys) != 0 || w.books.issued != w.books.revoked {
				t.Errorf("%d keys left, %d certificates issued and %d revoked", len(w.vault.keys), w.books.issued, w.books.revoked)
			}
		})
	}
}

// paper is a format that no face is written in.
type paper struct{ pdf.Format }

func (paper) Name() string { return "PAPER" }

// TestRefusedBeforeAnything: an order that cannot be carried out makes nothing at all.
func TestRefusedBeforeAnything(t *testing.T) {
	for name, spoil := range map[string]func(*issue.Order){
		"gap without a reason":  func(o *issue.Order) { o.License.Face.Gaps = nil },
		"no format":             func(o *issue.Order) { o.Formats = nil },
		"a format nobody knows": func(o *issue.Order) { o.Formats = append(o.Formats, paper{}) },
		"too few seal codes":    func(o *issue.Order) { o.Codes = o.Codes[:4] },
		"field missing":         func(o *issue.Order) { delete(o.License.Face.Values, "scope") },
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			spoil(&w.order)
			if _, err := issue.Make(t.Context(), w.order); fault.KindOf(err) != fault.Invalid {
				t.Errorf("error %v", err)
			}
			if len(w.vault.keys)+len(w.vault.destroyed)+w.books.issued > 0 {
				t.Error("something was made")
			}
		})
	}
}
