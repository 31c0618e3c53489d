package verify_test

import (
	"bytes"
	"encoding/asn1"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/verify"
)

// TestMissingFacts: what a fact does not say is never taken for good.
func TestMissingFacts(t *testing.T) {
	p := testpki.New(t)
	sub := p.Authority("示例运营 CA")
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.IssuedBy(sub))
	dir := p.Directory()
	dir["ca/sub.crt"] = &fstest.MapFile{Data: gm.EncodePEM(sub.Cert)}
	dir["crl/sub.crl"] = &fstest.MapFile{Data: p.CRLOf(sub, p.Now.Add(-time.Hour), p.Now.AddDate(0, 0, 7))}
	file := testseal.Sealed(t, p, owner)
	for _, c := range []struct {
		name  string
		spoil func(*verify.SignatureFacts)
		want  verify.Verdict
		code  verify.Code
	}{
		{"nothing", func(*verify.SignatureFacts) {}, verify.Passed, ""},
		{"the signer's revocation", func(s *verify.SignatureFacts) { s.Signer.Revocations = nil }, verify.Indeterminate, "REVOCATION_UNKNOWN"},
		{"the maker's revocation", func(s *verify.SignatureFacts) { s.Seal.Maker.Revocations = nil }, verify.Indeterminate, "MAKER_REVOCATION_UNKNOWN"},
		{"the signer", func(s *verify.SignatureFacts) { s.Signer = nil }, verify.Failed, "NO_CERTIFICATE"},
		{"the maker", func(s *verify.SignatureFacts) { s.Seal.Maker = nil }, verify.Failed, "MAKER_CERTIFICATE"},
		{"the seal", func(s *verify.SignatureFacts) { s.Seal = nil }, verify.Failed, "SIG_FORMAT"},
		{"the coverage", func(s *verify.SignatureFacts) { s.Coverage = "" }, verify.Failed, "COVERAGE"},
		{"the comparison", func(s *verify.SignatureFacts) { s.Seal.Shown = "" }, verify.Indeterminate, "PICTURE_NOT_COMPARED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := gather(t, file, dir)
			c.spoil(&facts.Signatures[0])
			r := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour))
			if r.Verdict != c.want || c.code != "" && !found(r, c.code) {
				t.Errorf("%s, want %s %s: %+v", r.Verdict, c.want, c.code, r.Signatures[0].Findings)
			}
		})
	}
	t.Run("the issuer's revocation", func(t *testing.T) { // the chain goes on to the root, where the sub CA is no anchor
		facts := gather(t, file, dir)
		s := facts.Signatures[0].Signer
		s.Chain.Links = append(s.Chain.Links, s.Chain.Links[1])
		if r := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)); r.Verdict != verify.Indeterminate || !found(r, "REVOCATION_UNKNOWN") {
			t.Errorf("%s: %+v", r.Verdict, r.Signatures[0].Findings)
		}
	})
}

// TestPinned: a certificate that is an anchor itself can still be revoked, and without evidence nobody knows whether it is.
func TestPinned(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	file := testseal.Sealed(t, p, owner)
	pinned := func(dir fstest.MapFS) fstest.MapFS {
		delete(dir, "trust.yaml")
		dir["tsa/root.crt"] = dir["ca/root.crt"] // here, but no anchor for signers
		delete(dir, "ca/root.crt")
		dir["ca/owner.crt"] = &fstest.MapFile{Data: gm.EncodePEM(owner.Cert)}
		return dir
	}
	noIssuer := pinned(p.Directory())
	delete(noIssuer, "tsa/root.crt")
	noCRL := pinned(p.Directory())
	delete(noCRL, "crl/root.crl")
	for _, c := range []struct {
		name    string
		dir     fstest.MapFS
		verdict verify.Verdict
		sub     verify.Sub
	}{
		{"good", pinned(p.Directory()), verify.Passed, ""},
		{"revoked", pinned(p.Directory(testpki.Revocation{Cert: owner.Cert, At: p.Now.AddDate(0, 0, -1)})), verify.Failed, verify.SubRevoked},
		{"no revocation list", noCRL, verify.Indeterminate, verify.SubTryLater},
		{"its issuer is not here", noIssuer, verify.Indeterminate, verify.SubTryLater},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, judged(t, file, c.dir, p.Now.Add(time.Hour)), c.verdict, c.sub) })
	}
}

// TestOwnerAsMaker: an owner makes a seal in another's name. Where the root of owners vouches for makers too nothing tells them apart, so
// nothing is concluded; where the maker itself is the anchor the forgery is found.
func TestOwnerAsMaker(t *testing.T) {
	p := testpki.New(t)
	thief := p.Owner("别处示例有限公司", testpki.MakerUSCC)
	forged := testseal.Unchecked(t, testseal.PDF(t, 1), forger{version: seal.V4, signer: thief,
		seal: testseal.MakeBy(t, thief, testseal.Info(t, p, testpki.OwnerName, thief.Cert), seal.V4)}, thief.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
	apart, mixed := p.Directory(), p.Directory()
	mixed["maker/root.crt"] = mixed["ca/root.crt"]
	at := p.Now.Add(time.Hour)
	if r := judged(t, forged, mixed, at); r.Verdict != verify.Indeterminate || !found(r, "MAKER_NOT_SET_APART") {
		t.Errorf("one root for both: %+v", r.Signatures[0].Findings)
	}
	if r := judged(t, forged, apart, at); r.Verdict != verify.Indeterminate || !found(r, "MAKER_UNKNOWN") {
		t.Errorf("maker set apart: %s, %+v", r.Verdict, r.Signatures[0].Findings)
	}
	good := testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	if r := judged(t, good, apart, at); r.Verdict != verify.Passed || found(r, "MAKER_NOT_SET_APART") {
		t.Errorf("the maker's own: %s, %+v", r.Verdict, r.Signatures[0].Findings)
	}
}

// TestSealsNotUnderstood: an extension that must be understood, a time that is not yet, two certificates in the list.
func TestSealsNotUnderstood(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	other := p.Owner("别处示例有限公司", testpki.MakerUSCC)
	extended := func(critical bool) func(*seal.Info) {
		return func(i *seal.Info) {
			i.Extensions = []seal.Extension{{OID: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: critical, Value: []byte{5, 0}}}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*seal.Info)
		want   verify.Verdict
		code   verify.Code
	}{
		{"extension", extended(false), verify.Passed, ""},
		{"critical extension", extended(true), verify.Indeterminate, "EXTENSION_CRITICAL"},
		{"made later", func(i *seal.Info) { i.Property.Created = p.Now.AddDate(0, 0, 3) }, verify.Failed, "SEAL_CREATED_LATER"},
		{"two signers", func(i *seal.Info) { i.Property.Certs = append(i.Property.Certs, other.Cert.Raw) }, verify.Passed, ""},
	} {
		info := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
		c.change(&info)
		f := forger{version: seal.V4, signer: owner, seal: testseal.Make(t, p, info, seal.V4)}
		file := testseal.Unchecked(t, testseal.PDF(t, 1), f, owner.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
		if r := judged(t, file, p.Directory(), p.Now.Add(time.Hour)); r.Verdict != c.want || c.code != "" && !found(r, c.code) {
			t.Errorf("%s: %s, %+v", c.name, r.Verdict, r.Signatures[0].Findings)
		}
	}
	info := testseal.Info(t, p, testpki.OwnerName, owner.Cert, other.Cert)
	swapped := forger{version: seal.V4, signer: &testpki.Holder{Cert: other.Cert, Key: owner.Key}, seal: testseal.Make(t, p, info, seal.V4)}
	file := testseal.Unchecked(t, testseal.PDF(t, 1), swapped, owner.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
	if r := judged(t, file, p.Directory(), p.Now.Add(time.Hour)); r.Verdict != verify.Failed || !found(r, "SIG_VALUE") {
		t.Errorf("the other signer's certificate: %s, %+v", r.Verdict, r.Signatures[0].Findings)
	}
	mixed := forger{version: seal.V5, spoil: func(b []byte) []byte { return bytes.Replace(b, []byte{2, 1, 5}, []byte{2, 1, 4}, 1) }, signer: owner, seal: testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5)}
	file = testseal.Unchecked(t, testseal.PDF(t, 1), mixed, owner.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
	if r := judged(t, file, p.Directory(), p.Now.Add(time.Hour)); r.Verdict != verify.Failed || !found(r, "SIG_VERSION") {
		t.Errorf("a v4 signature round a v5 seal: %s, %+v", r.Verdict, r.Signatures[0].Findings)
	}
}

// elsewhere is a forger's value under another SubFilter.
type elsewhere struct {
	forger
	profile string
}

func (e elsewhere) Profile() string { return e.profile }

// TestSubFilters: a value counts only under the name of its own kind.
func TestSubFilters(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	f := forger{version: seal.V4, signer: owner, seal: testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V4)}
	for profile, want := range map[string]verify.Verdict{"GM.sm2seal": verify.Passed, "adbe.pkcs7.detached": verify.Failed, "ETSI.CAdES.detached": verify.Failed,
		"GM.sm2cms.detached": verify.Failed, "ETSI.RFC3161": verify.Failed, "adbe.pkcs7.sha1": verify.Failed, "adbe.x509.rsa_sha1": verify.Failed, "GM.SM2SEAL": verify.Indeterminate} {
		file := testseal.Unchecked(t, testseal.PDF(t, 1), elsewhere{f, profile}, owner.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
		if r := judged(t, file, p.Directory(), p.Now.Add(time.Hour)); r.Verdict != want {
			t.Errorf("%s: %s, %+v", profile, r.Verdict, r.Signatures[0].Findings)
		}
	}
}
