// Package testpki is one SM2 public key infrastructure in a box, with a fixed clock, for the tests of every other package. PKI.Foreign puts an RSA or
// P-256 one beside it.
//
// Keys and serial numbers are fresh in every run, all times are fixed. Nothing here is good for anything but tests.
package testpki

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"yinxin/gm"
)

// Invented bodies with codes whose check character is right.
const (
	OwnerName = "云杉示例科技有限公司"
	OwnerUSCC = "91990000MA0000015Q"
	MakerName = "示例市印章制作中心"
	MakerUSCC = "91990000MA0000023K"
)

// Epoch is the moment every PKI lives at: 2026-03-02 08:00 UTC.
func Epoch() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// oidUSCC is organizationIdentifier of X.520, which carries the unified social credit code as its bare 18 characters.
var oidUSCC = asn1.ObjectIdentifier{2, 5, 4, 97}

// PKI is a root, a seal maker below it, and the means to make more.
type PKI struct {
	Now   time.Time // Epoch
	Root  *Holder   // keyCertSign and cRLSign, no path length limit, two years before Now to eight after
	Maker *Holder   // the seal maker: digitalSignature and nonRepudiation, one year before Now to three after

	t       testing.TB
	foreign []*Foreign // made so far
}

// Holder is a certificate with the key it speaks of.
type Holder struct {
	Cert *gm.Certificate
	Key  *Key
}

// Revocation is one line of a CRL.
type Revocation struct {
	Cert   *gm.Certificate
	At     time.Time // zero means one day before Now
	Reason int       // RFC 5280 5.3.1; 0 is unspecified and leaves the extension out
}

// New makes a PKI. Failures end the test t.
func New(t testing.TB) *PKI {
	t.Helper()
	p := &PKI{Now: Epoch(), t: t}
	p.Root = p.NewRoot("示例根证书 Test Root")
	p.Maker = p.Owner(MakerName, MakerUSCC, Validity(p.Now.AddDate(-1, 0, 0), p.Now.AddDate(3, 0, 0)))
	return p
}

// Clock returns Now, for fields of type func() time.Time.
func (p *PKI) Clock() time.Time { return p.Now }

// NewRoot makes a further self-signed root, of which Root knows nothing.
func (p *PKI) NewRoot(name string, opts ...Option) *Holder {
	p.t.Helper()
	s := p.spec(name, "", append([]Option{
		Validity(p.Now.AddDate(-2, 0, 0), p.Now.AddDate(8, 0, 0)),
		Usage(gm.KeyUsageCertSign | gm.KeyUsageCRLSign),
		authority,
	}, opts...))
	return p.make(s, nil)
}

// Authority makes an intermediate authority below Root, or below the holder IssuedBy names.
func (p *PKI) Authority(name string, opts ...Option) *Holder {
	p.t.Helper()
	s := p.spec(name, "", append([]Option{Usage(gm.KeyUsageCertSign | gm.KeyUsageCRLSign), authority}, opts...))
	return p.make(s, s.issuer)
}

// Owner makes an end certificate below Root, or below the holder IssuedBy names: digitalSignature and nonRepudiation, one year before Now to two
// after, unless the options say otherwise. An empty uscc leaves the attribute out.
func (p *PKI) Owner(name, uscc string, opts ...Option) *Holder {
	p.t.Helper()
	s := p.spec(name, uscc, opts)
	return p.make(s, s.issuer)
}

// SelfSigned makes an end certificate signed by its own key: what a forger has.
func (p *PKI) SelfSigned(name, uscc string, opts ...Option) *Holder {
	p.t.Helper()
	return p.make(p.spec(name, uscc, opts), nil)
}

func (p *PKI) spec(name, uscc string, opts []Option) *spec {
	s := &spec{issuer: p.Root, template: &gm.Certificate{
		SerialNumber:          p.serial(),
		Subject:               subject(name, uscc),
		NotBefore:             p.Now.AddDate(-1, 0, 0),
		NotAfter:              p.Now.AddDate(2, 0, 0),
		KeyUsage:              gm.KeyUsageDigitalSignature | gm.KeyUsageContentCommitment,
		BasicConstraintsValid: true,
	}}
	for _, o := range opts {
		o(s)
	}
	return s
}

// make signs s.template with issuer's key, or with its own where issuer is nil.
func (p *PKI) make(s *spec, issuer *Holder) *Holder {
	p.t.Helper()
	h := &Holder{Key: s.key}
	if h.Key == nil {
		h.Key = NewKey(p.t)
	}
	subject := s.public
	if subject == nil {
		subject = h.Key.Public()
	}
	s.template.SubjectKeyId = keyID(p.t, subject)
	parent, signer := s.template, h.Key
	if issuer != nil {
		parent, signer = issuer.Cert, issuer.Key
	} else {
		s.template.AuthorityKeyId = s.template.SubjectKeyId
	}
	der, err := gm.CreateCertificate(s.template, parent, subject, signer.Public(), signer.quiet)
	if err != nil {
		p.t.Fatalf("testpki: make the certificate of %s: %v", s.template.Subject.CommonName, err)
	}
	if h.Cert, err = gm.ParseCertificate(der); err != nil {
		p.t.Fatalf("testpki: read back the certificate of %s: %v", s.template.Subject.CommonName, err)
	}
	return h
}

// CRL returns Root's revocation list as DER, number 1, made an hour before Now and good for seven days from then.
func (p *PKI) CRL(revoked ...Revocation) []byte {
	p.t.Helper()
	return p.CRLOf(p.Root, p.Now.Add(-time.Hour), p.Now.Add(-time.Hour).AddDate(0, 0, 7), revoked...)
}

// CRLOf returns a revocation list of any authority as DER.
func (p *PKI) CRLOf(issuer *Holder, thisUpdate, nextUpdate time.Time, revoked ...Revocation) []byte {
	p.t.Helper()
	list := &gm.RevocationList{Number: big.NewInt(1), ThisUpdate: thisUpdate, NextUpdate: nextUpdate}
	for _, r := range revoked {
		if r.At.IsZero() {
			r.At = p.Now.AddDate(0, 0, -1)
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, gm.RevocationListEntry{
			SerialNumber: r.Cert.SerialNumber, RevocationTime: r.At, ReasonCode: r.Reason,
		})
	}
	der, err := gm.CreateRevocationList(list, issuer.Cert, issuer.Key.quiet)
	if err != nil {
		p.t.Fatalf("testpki: make a revocation list: %v", err)
	}
	return der
}

func (p *PKI) serial() *big.Int {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		p.t.Fatal(err)
	}
	b[0] = b[0]&0x7f | 0x40 // positive, and always 16 bytes
	return new(big.Int).SetBytes(b)
}

func subject(name, uscc string) pkix.Name {
	n := pkix.Name{Country: []string{"CN"}, Organization: []string{name}, CommonName: name}
	if uscc != "" {
		n.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidUSCC, Value: uscc}}
	}
	return n
}

// keyID is method 1 of RFC 7093.
func keyID(t testing.TB, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := gm.MarshalPublicKey(pub)
	if err != nil {
		t.Fatalf("testpki: public key: %v", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		t.Fatalf("testpki: public key: %v", err)
	}
	sum := sha256.Sum256(info.Key.Bytes)
	return sum[:20]
}

// spec is a certificate about to be made.
type spec struct {
	template *gm.Certificate
	issuer   *Holder
	key      *Key
	public   crypto.PublicKey
}

// Option changes a certificate about to be made.
type Option func(*spec)

func authority(s *spec) { s.template.IsCA = true }

// Validity sets the period.
func Validity(notBefore, notAfter time.Time) Option {
	return func(s *spec) { s.template.NotBefore, s.template.NotAfter = notBefore, notAfter }
}

// Usage sets the key usage; 0 leaves the extension out.
func Usage(u gm.KeyUsage) Option { return func(s *spec) { s.template.KeyUsage = u } }

// ExtUsage sets the extended key usage (not critical).
func ExtUsage(u ...gm.ExtKeyUsage) Option { return func(s *spec) { s.template.ExtKeyUsage = u } }

// Named sets the whole subject.
func Named(n pkix.Name) Option { return func(s *spec) { s.template.Subject = n } }

// Extensions adds extensions as they are.
func Extensions(e ...pkix.Extension) Option {
	return func(s *spec) { s.template.ExtraExtensions = append(s.template.ExtraExtensions, e...) }
}

// PathLen sets the path length limit of an authority.
func PathLen(n int) Option {
	return func(s *spec) { s.template.MaxPathLen, s.template.MaxPathLenZero = n, n == 0 }
}

// IssuedBy names the issuer, any Holder.
func IssuedBy(h *Holder) Option { return func(s *spec) { s.issuer = h } }

// WithKey uses a key that exists: a reissued certificate, for one.
func WithKey(k *Key) Option { return func(s *spec) { s.key = k } }

// WithPublic certifies a public key whose private half is elsewhere, of any algorithm. The Holder's Key then is not the certificate's.
func WithPublic(pub crypto.PublicKey) Option { return func(s *spec) { s.public = pub } }

// Serial sets the serial number.
func Serial(n *big.Int) Option { return func(s *spec) { s.template.SerialNumber = n } }

// CRLPoint adds a CRL distribution point.
func CRLPoint(url string) Option {
	return func(s *spec) { s.template.CRLDistributionPoints = append(s.template.CRLDistributionPoints, url) }
}
