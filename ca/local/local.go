// Package local is an internal certificate authority in a directory: one root that issues owners' and makers' certificates for seals that never
// leave the house. Its class is trust.ClassInternal and stays so; nothing it issues is recognised outside.
//
// The root's key is SM2, or RSA or P-256 for the signatures that readers without SM2 are to check. The holder's key may be any of the three under any
// root, but a chain is only as widely read as its narrowest algorithm: who wants to be read without SM2 keeps a root for it.
//
// The directory holds root.crt, ca.json (name, key reference, CRL number), index.jsonl, issued/SERIAL.crt and, once asked for, root.crl. The index
// is the authority's book: it only grows, one line for a certificate issued and one for it revoked, and each line is on the disk before anything
// follows from it. A line holds the certificate itself, so the files in issued/ can always be made again. Several processes may work on one
// directory; a lock file keeps their writes apart.
package local

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"

	"yinxin/ca"
	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/trust"
)

// Names in the directory.
const (
	rootName   = "root.crt"
	configName = "ca.json"
	indexName  = "index.jsonl"
	issuedName = "issued"
	crlName    = "root.crl"
	lockName   = "lock"
)

// MaxYears is the longest life of a root.
const MaxYears = 30

// Options for Init.
type Options struct {
	Name    string           // common name and organization of the root, 64 characters at most
	Years   int              // life of the root from now on; 0 means 10, MaxYears at most
	Key     hsm.Key          // the root's key: SM2, RSA of 2048 to 8192 bits, or P-256
	Ref     hsm.Ref          // where Key can be opened again; remembered in ca.json
	CRLDays int              // how long a revocation list is good for; 0 means 7, 366 at most
	CRLURL  string           // http or https address put into certificates as CRL distribution point; empty for none
	Now     func() time.Time // nil means time.Now
}

// CA is an opened authority. It may be used by several goroutines.
type CA struct {
	dir  string
	root *os.Root
	cert *gm.Certificate
	key  hsm.Key
	now  func() time.Time
}

var _ ca.Authority = (*CA)(nil)

// Init makes an authority in dir, which is made (0700) where it does not exist, and opens it. A directory that holds anything is fault.Conflict
// and left as it is, and the key is not used.
func Init(ctx context.Context, dir string, o Options) (*CA, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	if err := durable.MakeDir(dir); err != nil {
		return nil, unavailable(dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unavailable(dir, err)
	}
	c := &CA{dir: dir, root: root, key: o.Key, now: clock(o.Now)}
	if err := c.init(ctx, cfg, o.years()); err != nil {
		root.Close()
		return nil, err
	}
	return c, nil
}

func (c *CA) init(ctx context.Context, cfg config, years int) error {
	unlock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return unavailable(c.dir, err)
	}
	for _, e := range entries {
		if e.Name() != lockName {
			return fault.New(fault.Conflict, "ca-exists",
				"目录 "+c.dir+" 里已有内容（"+e.Name()+"），没有改动；请换一个空目录",
				"the directory "+c.dir+" is not empty (it holds "+e.Name()+") and was left as it is; choose an empty one", nil)
		}
	}
	if c.cert, err = c.selfSign(ctx, cfg.Name, years); err != nil {
		return err
	}
	// ca.json comes last: without it the directory is no authority.
	err = c.root.Mkdir(issuedName, 0o700)
	for _, f := range []struct {
		name string
		data []byte
	}{{indexName, nil}, {rootName, gm.EncodePEM(c.cert)}, {configName, cfg.encode()}} {
		if err == nil {
			err = durable.Replace(c.root, f.name, f.data)
		}
	}
	if err != nil {
		return unavailable(c.dir, err)
	}
	return nil
}

// Open opens the authority in dir with its key (see KeyRef). No authority is fault.NotFound, another key fault.Invalid. Files of issued
// certificates that are missing are made again from the index.
func Open(ctx context.Context, dir string, key hsm.Key, now func() time.Time) (*CA, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(dir)
	}
	if err != nil {
		return nil, unavailable(dir, err)
	}
	c := &CA{dir: dir, root: root, key: key, now: clock(now)}
	if err := c.open(ctx); err != nil {
		root.Close()
		return nil, err
	}
	return c, nil
}

func (c *CA) open(ctx context.Context) error {
	if _, err := c.config(); err != nil {
		return err
	}
	data, err := readFile(c.root, rootName, maxRoot)
	if err != nil {
		return damaged(c.dir, rootName, err)
	}
	certs, err := gm.ParseCertificates(data)
	if err == nil && len(certs) != 1 {
		err = fmt.Errorf("%d certificates, want one", len(certs))
	}
	if err == nil {
		c.cert = certs[0]
		err = checkRoot(c.cert)
	}
	if err != nil {
		return damaged(c.dir, rootName, err)
	}
	if _, err := rootSpec(c.key); err != nil {
		return err
	}
	if !equal(c.key.Public(), c.cert.PublicKey) {
		return fault.New(fault.Invalid, "ca-key-mismatch",
			"给出的密钥不是 "+c.dir+" 的根证书的密钥：请按 "+configName+" 中的 key 打开密钥",
			"the key given is not that of the root certificate in "+c.dir+": open the one "+configName+" names under key", nil)
	}
	return c.restore(ctx)
}

func checkRoot(cert *gm.Certificate) error {
	if !cert.IsCA || cert.KeyUsage&gm.KeyUsageCertSign == 0 || cert.KeyUsage&gm.KeyUsageCRLSign == 0 {
		return errors.New("not the certificate of an authority")
	}
	return gm.CheckCertificateSignature(cert, cert)
}

// KeyRef returns the reference of the root's key, to be opened before Open.
func KeyRef(dir string) (hsm.Ref, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", missing(dir)
	}
	if err != nil {
		return "", unavailable(dir, err)
	}
	defer root.Close()
	cfg, err := (&CA{dir: dir, root: root}).config()
	return cfg.Key, err
}

// Class is trust.ClassInternal.
func (c *CA) Class() trust.Class { return trust.ClassInternal }

// Chain returns the root alone.
func (c *CA) Chain() []*gm.Certificate { return []*gm.Certificate{c.cert} }

// Close lets go of the directory. The key stays its owner's.
func (c *CA) Close() error { return c.root.Close() }

// selfSign makes the root certificate: keyCertSign and cRLSign, critical, and a path length of 0, critical: below it stand end certificates only.
func (c *CA) selfSign(ctx context.Context, name string, years int) (*gm.Certificate, error) {
	pub := c.key.Public()
	id, err := keyID(pub)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	from := c.now().UTC().Truncate(time.Second)
	template := &gm.Certificate{
		SerialNumber:          serial,
		Subject:               ca.Subject{CommonName: name, Organization: name}.Name(),
		NotBefore:             from,
		NotAfter:              from.AddDate(years, 0, 0),
		KeyUsage:              gm.KeyUsageCertSign | gm.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		SubjectKeyId:          id,
		AuthorityKeyId:        id,
	}
	return c.sign(ctx, template, template, pub)
}

// sign makes a certificate, reads it back and makes sure that the key's answer is a signature.
func (c *CA) sign(ctx context.Context, template, parent *gm.Certificate, subject crypto.PublicKey) (*gm.Certificate, error) {
	der, err := gm.CreateCertificate(template, parent, subject, c.key.Public(), c.answer(ctx))
	if err != nil {
		return nil, fmt.Errorf("sign the certificate of %s: %w", template.Subject.CommonName, err)
	}
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back the certificate of %s: %w", template.Subject.CommonName, err)
	}
	issuer := c.cert
	if issuer == nil {
		issuer = cert // the root itself
	}
	if err := gm.CheckCertificateSignature(cert, issuer); err != nil {
		return nil, badAnswer(err)
	}
	return cert, nil
}

// answer asks the key once, for the algorithm that is its own.
func (c *CA) answer(ctx context.Context) gm.SignFunc {
	return func(digest []byte) ([]byte, error) {
		spec, err := rootSpec(c.key)
		if err != nil {
			return nil, err
		}
		return c.key.Sign(ctx, digest, spec.Algorithm)
	}
}

func badAnswer(err error) error {
	return fault.New(fault.Unavailable, "ca-key-answer",
		"根密钥返回的签名不正确，没有签发任何东西：请检查密钥设备",
		"the root's key answered with a wrong signature and nothing was issued: check the key's device", err)
}

// The sizes of RSA keys, in bits, that sign and are certified here: what package trust takes for neither weak nor a waste of time.
const (
	leastRSA = 2048
	mostRSA  = 8192
)

// usable returns the kind of a public key that may sign or be certified here.
func usable(pub crypto.PublicKey) (hsm.Spec, bool) {
	spec, err := hsm.SpecOf(pub)
	return spec, err == nil && (spec.Algorithm != hsm.RSAPKCS1 || spec.Bits >= leastRSA && spec.Bits <= mostRSA)
}

func rootSpec(key hsm.Key) (hsm.Spec, error) {
	if key != nil {
		if spec, ok := usable(key.Public()); ok {
			return spec, nil
		}
	}
	return hsm.Spec{}, fault.New(fault.Invalid, "ca-key",
		fmt.Sprintf("根密钥必须是 SM2、P-256 或 %d 至 %d 位的 RSA 密钥", leastRSA, mostRSA),
		fmt.Sprintf("the root's key must be SM2, P-256, or RSA of %d to %d bits", leastRSA, mostRSA), nil)
}

func equal(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// keyID is method 1 of RFC 7093: the leftmost 160 bits of the SHA-256 digest of the public key's bits.
func keyID(pub crypto.PublicKey) ([]byte, error) {
	der, err := gm.MarshalPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("encode a public key: %w", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("encode a public key: %w", err)
	}
	sum := sha256.Sum256(info.Key.Bytes)
	return sum[:20], nil
}

// newSerial returns 16 random bytes as a positive number that needs all of them.
func newSerial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b), nil
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}
