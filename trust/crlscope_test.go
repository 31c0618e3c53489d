package trust_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/trust"
)

// line is one entry of a CRL to make.
type line struct {
	of     *entity
	reason int
	issuer *entity // named in the entry, for an indirect CRL
}

// list makes a CRL with a number, a base for a delta CRL, and further extensions.
func (e *entity) list(t testing.TB, number, base int64, at time.Time, lines []line, extensions ...pkix.Extension) []byte {
	t.Helper()
	template := &gm.RevocationList{Number: big.NewInt(number), ThisUpdate: at, NextUpdate: at.AddDate(0, 1, 0), ExtraExtensions: extensions}
	if base > 0 {
		value, err := asn1.Marshal(base)
		if err != nil {
			t.Fatal(err)
		}
		template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: value})
	}
	for _, l := range lines {
		entry := gm.RevocationListEntry{SerialNumber: l.of.cert.SerialNumber, RevocationTime: at.Add(-time.Hour), ReasonCode: l.reason}
		if l.issuer != nil {
			names := der(t, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(explicit(4), func(b *cryptobyte.Builder) { b.AddBytes(l.issuer.cert.RawSubject) })
				})
			})
			entry.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: names}}
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, entry)
	}
	out, err := gm.CreateRevocationList(template, e.cert, e.sign)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// someReasons is an issuing distribution point that lists the reasons of a ReasonFlags.
func someReasons(t testing.TB, flags ...byte) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tagged(3), func(b *cryptobyte.Builder) {
				b.AddUint8(0)
				b.AddBytes(flags)
			})
		})
	})}
}

// leftTo makes the CRL distribution point of a certificate whose revocation another authority announces.
func leftTo(t testing.TB, name []byte) change {
	return withExtension(asn1.ObjectIdentifier{2, 5, 29, 31}, false, der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(explicit(2), func(b *cryptobyte.Builder) {
					b.AddASN1(explicit(4), func(b *cryptobyte.Builder) { b.AddBytes(name) })
				})
			})
		})
	}))
}

func revocation(t *testing.T, s *trust.Set, cert, issuer *entity, crls [][]byte, certs ...*entity) trust.Revocation {
	t.Helper()
	e := trust.Evidence{CRLs: crls, Origin: trust.OriginEmbedded}
	for _, c := range certs {
		e.Certificates = append(e.Certificates, c.cert.Raw)
	}
	return s.Revocation(cert.cert, issuer.cert, e)
}

// TestIndirectCRL: another authority speaks of a certificate only where that says so, where it stands below the same authority, and of the issuer it names.
func TestIndirectCRL(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	sub, other := authority(t, root, nil, "示例运营"), authority(t, root, nil, "示例他方")
	announcer := authority(t, root, nil, "示例公告")
	stranger := authority(t, nil, nil, "示例公告")
	leaf := issue(t, sub, nil, "李示例", leftTo(t, announcer.cert.RawSubject))
	twin := issue(t, other, nil, "王示例", func(c *gm.Certificate) { c.SerialNumber = leaf.cert.SerialNumber })
	plain := issue(t, sub, nil, "赵示例")
	s := set(t, trust.Evidence{}, root)
	indirect := issuingPoint(t, "", 4)
	for _, c := range []struct {
		name   string
		cert   *entity
		crl    []byte
		with   *entity
		status trust.Status
	}{
		{"silent", leaf, announcer.list(t, 1, 0, epoch, nil, indirect), announcer, trust.StatusGood},
		{"listed", leaf, announcer.list(t, 1, 0, epoch, []line{{leaf, 1, sub}}, indirect), announcer, trust.StatusRevoked},
		{"listed after another of the issuer", leaf, announcer.list(t, 1, 0, epoch, []line{{plain, 1, sub}, {leaf, 1, nil}}, indirect), announcer, trust.StatusRevoked},
		{"the same number of another issuer", leaf, announcer.list(t, 1, 0, epoch, []line{{twin, 1, other}}, indirect), announcer, trust.StatusGood},
		{"the same number of the announcer", leaf, announcer.list(t, 1, 0, epoch, []line{{twin, 1, nil}}, indirect), announcer, trust.StatusGood},
		{"not an indirect CRL", leaf, announcer.list(t, 1, 0, epoch, nil), announcer, trust.StatusUnknown},
		{"of a certificate that does not say so", plain, announcer.list(t, 1, 0, epoch, nil, indirect), announcer, trust.StatusUnknown},
		{"by a stranger of the name", leaf, stranger.list(t, 1, 0, epoch, nil, indirect), stranger, trust.StatusUnknown},
		{"the announcer's certificate is missing", leaf, announcer.list(t, 1, 0, epoch, nil, indirect), leaf, trust.StatusUnknown},
	} {
		if r := revocation(t, s, c.cert, sub, [][]byte{c.crl}, c.with); r.Status != c.status || c.status == trust.StatusGood && (r.Signer == nil || !r.Signer.Delegated) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// TestDeltaCRL: a delta CRL brings the complete one it adds to up to date, and no other.
func TestDeltaCRL(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	leaf := issue(t, root, nil, "李示例")
	s := set(t, trust.Evidence{}, root)
	later := epoch.Add(48 * time.Hour)
	gone, held, freed := []line{{leaf, 1, nil}}, []line{{leaf, 6, nil}}, []line{{leaf, 8, nil}}
	for _, c := range []struct {
		name   string
		crls   [][]byte
		status trust.Status
		at     time.Time
		hold   bool
	}{
		{"adds nothing", [][]byte{root.list(t, 5, 0, epoch, nil), root.list(t, 6, 5, later, nil)}, trust.StatusGood, later, false},
		{"adds a revocation", [][]byte{root.list(t, 5, 0, epoch, nil), root.list(t, 6, 5, later, gone)}, trust.StatusRevoked, later, false},
		{"adds a hold", [][]byte{root.list(t, 5, 0, epoch, nil), root.list(t, 6, 5, later, held)}, trust.StatusRevoked, later, true},
		{"lifts a hold", [][]byte{root.list(t, 5, 0, epoch, held), root.list(t, 6, 5, later, freed)}, trust.StatusGood, later, false},
		{"turns a hold into a revocation", [][]byte{root.list(t, 5, 0, epoch, held), root.list(t, 6, 5, later, gone)}, trust.StatusRevoked, later, false},
		{"for a newer base", [][]byte{root.list(t, 5, 0, epoch, held), root.list(t, 9, 7, later, freed)}, trust.StatusRevoked, epoch, true},
		{"older than the base", [][]byte{root.list(t, 5, 0, later, held), root.list(t, 4, 3, epoch, freed)}, trust.StatusRevoked, later, true},
		{"of another scope", [][]byte{root.list(t, 5, 0, epoch, held), root.list(t, 6, 5, later, freed, issuingPoint(t, "", 1))}, trust.StatusRevoked, epoch, true},
		{"without its base", [][]byte{root.list(t, 6, 5, later, nil)}, trust.StatusUnknown, time.Time{}, false},
		{"the newest of two", [][]byte{root.list(t, 5, 0, epoch, held), root.list(t, 7, 5, later, freed), root.list(t, 6, 5, epoch, held)}, trust.StatusGood, later, false},
	} {
		if r := revocation(t, s, leaf, root, c.crls); r.Status != c.status || !r.ThisUpdate.Equal(c.at) || r.OnHold != c.hold {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// TestReasonsAddUp: CRLs for some reasons say good only together, and then as of the oldest.
func TestReasonsAddUp(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	leaf := issue(t, root, nil, "李示例")
	s := set(t, trust.Evidence{}, root)
	later := epoch.Add(time.Hour)
	keys, rest := someReasons(t, 0x60, 0), someReasons(t, 0x1f, 0x80)
	first, second := root.list(t, 1, 0, later, nil, keys), root.list(t, 1, 0, epoch, nil, rest)
	if r := revocation(t, s, leaf, root, [][]byte{first}); r.Status != trust.StatusUnknown || r.Problems[0].Code != trust.OutOfScope {
		t.Errorf("half: %+v", r)
	}
	if r := revocation(t, s, leaf, root, [][]byte{first, second}); r.Status != trust.StatusGood || !r.ThisUpdate.Equal(epoch) || len(r.Problems) > 0 {
		t.Errorf("both: %+v", r)
	}
	if r := revocation(t, s, leaf, root, [][]byte{first, root.list(t, 1, 0, epoch, []line{{leaf, 4, nil}}, rest)}); r.Status != trust.StatusRevoked {
		t.Errorf("listed in one: %+v", r)
	}
}

// TestAfterExpiry: what is younger than the certificate's end need not list it, unless it says it does.
func TestAfterExpiry(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	leaf := issue(t, root, nil, "李示例", func(c *gm.Certificate) { c.NotAfter = epoch.AddDate(1, 0, 0) })
	s := set(t, trust.Evidence{}, root)
	after := epoch.AddDate(1, 0, 1)
	kept := func(since time.Time) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: der(t, func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(since) })}
	}
	for name, c := range map[string]struct {
		crl    []byte
		status trust.Status
	}{
		"before the end": {root.list(t, 1, 0, epoch.AddDate(0, 11, 0), nil), trust.StatusGood}, "after the end": {root.list(t, 1, 0, after, nil), trust.StatusUnknown},
		"after the end, still listed":        {root.list(t, 1, 0, after, nil, kept(epoch)), trust.StatusGood},
		"after the end, listed from then on": {root.list(t, 1, 0, after, nil, kept(after)), trust.StatusUnknown},
		"revoked after the end":              {root.list(t, 1, 0, after, []line{{leaf, 1, nil}}), trust.StatusRevoked},
	} {
		if r := revocation(t, s, leaf, root, [][]byte{c.crl}); r.Status != c.status || c.status == trust.StatusUnknown && r.Problems[0].Code != trust.AfterExpiry {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
