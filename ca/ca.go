// Package ca is what a certificate authority is to this project: certificates asked for, revoked and listed as revoked. Several authorities can
// stand side by side, each of a class that says what its certificates are worth outside (see trust.Class); ca/local is the one for seals that
// never leave the house.
package ca

import (
	"context"
	"crypto"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// Profile says what a certificate is for. An authority's own certificate has none: it is never asked for.
type Profile string

// The profiles. All are end certificates with the key usages digitalSignature and nonRepudiation, critical (RFC 5280 4.2.1.3).
const (
	Owner Profile = "owner" // signs documents: the certificate a seal lists
	Maker Profile = "maker" // signs seals: the certificate a seal was made with
	TSA   Profile = "tsa"   // signs time stamps, and nothing else: its extended key usage is timeStamping alone, critical (RFC 3161 2.3)
)

// Profiles lists the profiles.
func Profiles() []Profile { return []Profile{Owner, Maker, TSA} }

// Known reports whether p is one of Profiles.
func (p Profile) Known() bool { return slices.Contains(Profiles(), p) }

// Subject is who a certificate speaks of.
type Subject struct {
	CommonName         string // the full name; 64 characters at most, like the next two (RFC 5280 appendix A.1)
	Organization       string
	OrganizationalUnit string
	Country            string // two capital letters; empty is CN
	USCC               string // unified social credit code, 18 characters; empty for who has none
}

// Request asks for one certificate.
type Request struct {
	Profile   Profile
	Subject   Subject
	Public    crypto.PublicKey // whose private half the subject alone controls; the caller has seen proof of it
	NotBefore time.Time        // whole seconds count
	NotAfter  time.Time
}

// Authority issues certificates. Its methods may be used by several goroutines.
type Authority interface {
	// Class says what the certificates are worth.
	Class() trust.Class
	// Chain returns the issuing certificate and what stands above it, the root last.
	Chain() []*gm.Certificate
	// Issue makes a certificate. What the authority will not certify is fault.Invalid or fault.Denied. A certificate that is returned is on
	// the authority's books; where an error is returned the caller has none.
	Issue(ctx context.Context, r Request) (*gm.Certificate, error)
	// Revoke takes a certificate back for good, from at on. An unknown serial is fault.NotFound, a certificate revoked before fault.Conflict.
	Revoke(ctx context.Context, serial *big.Int, reason Reason, at time.Time) error
	// CRL returns a revocation list of this moment as DER.
	CRL(ctx context.Context) ([]byte, error)
}

// Check refuses, with fault.Invalid, what no authority could certify: an unknown profile, a name that is empty, too long or not plain text, a
// code that has not the shape of one, a period that ends before it begins. The check character of the code is not looked at, since codes that
// fail it are in use.
func (r Request) Check() error {
	if !r.Profile.Known() {
		return invalid("profile", fmt.Sprintf("证书用途 %.32q 不存在，应为 owner、maker 或 tsa", string(r.Profile)),
			fmt.Sprintf("there is no certificate profile %.32q: ask for owner, maker or tsa", string(r.Profile)))
	}
	if err := r.Subject.Check(); err != nil {
		return err
	}
	if r.Public == nil {
		return invalid("public-key", "缺少证书持有者的公钥", "the holder's public key is missing")
	}
	if !r.NotBefore.Truncate(time.Second).Before(r.NotAfter.Truncate(time.Second)) {
		return invalid("validity", "证书有效期的截止时间必须晚于起始时间", "the certificate's validity must end after it begins")
	}
	return nil
}

// Check refuses a subject no certificate could name (see Request.Check).
func (s Subject) Check() error {
	if strings.TrimSpace(s.CommonName) == "" {
		return invalid("name", "缺少证书持有者的名称", "the name of the certificate's holder is missing")
	}
	for _, f := range []struct{ zh, en, value string }{
		{"名称", "common name", s.CommonName}, {"组织", "organization", s.Organization}, {"部门", "organizational unit", s.OrganizationalUnit},
	} {
		if !plain(f.value) {
			return invalid("name", "证书持有者的"+f.zh+"超过 64 个字符，或含有控制字符或不是 UTF-8",
				"the holder's "+f.en+" is longer than 64 characters, holds control characters or is not UTF-8")
		}
	}
	if c := s.Country; c != "" && (len(c) != 2 || !capital(c[0]) || !capital(c[1])) {
		return invalid("country", "国家代码应为两个大写字母，例如 CN", "the country is written as two capital letters, CN for one")
	}
	if s.USCC != "" && !gm.IsUSCC(s.USCC) {
		return invalid("uscc", "统一社会信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z）",
			"a unified social credit code has 18 digits and capital letters (never I, O, S, V or Z)")
	}
	return nil
}

func invalid(what, zh, en string) error {
	return fault.New(fault.Invalid, "certificate-"+what, zh, en, nil)
}

// maxName is the upper bound of common names, organizations and organizational units in characters (RFC 5280 appendix A.1).
const maxName = 64

func plain(s string) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) || unicode.In(c, unicode.Bidi_Control, unicode.Zl, unicode.Zp) { // what shows a name other than it is
			return false
		}
	}
	return true
}

func capital(c byte) bool { return c >= 'A' && c <= 'Z' }
