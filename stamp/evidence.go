package stamp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
	"yinxin/verify"
)

// Lack is a certificate for which there is not the evidence that a level wants.
type Lack struct {
	fault.Public        // what is lacking, about whom, in words
	Signature    string // ID of the signature
	Cause        error  // what a source or the evidence itself said; may be nil
}

// collector looks for the chains of certificates and for what says that their links were not revoked, as verification will. Evidence is kept only where
// it says, judged with the anchors and the certificates at hand and nothing else, something of a link that counts.
type collector struct {
	set     *trust.Set
	bare    *trust.Set // the anchors of set alone
	sources []trust.Source
	carried trust.Evidence    // what document and signatures hold
	pool    []*gm.Certificate // of carried and from sources
	links   map[[2]string]kept
}

// kept is what is known of one certificate and what says so.
type kept struct {
	revocation trust.Revocation
	says       trust.Evidence
	failed     error // of sources that could not be asked
}

func newCollector(set *trust.Set, sources []trust.Source) (*collector, error) {
	bare, err := trust.NewSet(set.Anchors(), trust.Evidence{})
	return &collector{set: set, bare: bare, sources: sources, carried: trust.Evidence{Origin: trust.OriginEmbedded}, links: map[[2]string]kept{}}, err
}

// carry adds what a document or a value holds. Certificates that cannot be read help nobody.
func (c *collector) carry(certificates, crls, ocsps [][]byte) {
	for _, der := range certificates {
		if has(c.carried.Certificates, der) {
			continue
		}
		if cert, err := gm.ParseCertificate(der); err == nil {
			c.carried.Certificates = append(c.carried.Certificates, der)
			c.pool = append(c.pool, cert)
		}
	}
	c.carried.CRLs, c.carried.OCSPs = merge(c.carried.CRLs, crls), merge(c.carried.OCSPs, ocsps)
}

// certificate collects what there is about one certificate and those above it. lack says why that is not enough for a use at the moment.
func (c *collector) certificate(ctx context.Context, der []byte, use trust.Use, at time.Time) (e trust.Evidence, lack *Lack) {
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return e, &Lack{Public: fault.Public{Code: "certificate-malformed", ZH: "证书无法读取", EN: "the certificate cannot be read"}, Cause: err}
	}
	chain := c.chain(ctx, cert, use, at)
	name := called(cert)
	if !chain.Anchored {
		return e, lacking("certificate-untrusted", name, "没有通向信任目录 %s/ 中根证书的证书链", "no chain leads to an anchor in %s/ of the trust directory", use)
	}
	certs, err := chain.Certificates()
	if err != nil {
		return e, &Lack{Public: fault.Public{Code: "certificate-malformed", ZH: "证书无法读取", EN: "the certificate cannot be read"}, Cause: err}
	}
	for _, link := range certs {
		e.Certificates = append(e.Certificates, link.Raw)
	}
	if bad := amiss(chain, at); bad != "" {
		lack = lacking("certificate-chain", name, "证书链不能用：%s", "the chain cannot be used: %s", bad)
	}
	if len(certs) == 1 { // an anchor that is itself an end certificate has its revocation from who issued it
		issuer := c.set.Issuer(cert)
		if issuer == nil {
			return e, cmp.Or(lack, lacking("evidence-missing", name, "信任目录中没有其签发者，无从得知是否吊销%s", "who issued it is not in the trust directory, so nothing says whether it was revoked%s", ""))
		}
		certs = append(certs, issuer)
		e.Certificates = append(e.Certificates, issuer.Raw)
	}
	for i := 0; i+1 < len(certs); i++ {
		k := c.link(ctx, certs[i], certs[i+1])
		e.Certificates = merge(e.Certificates, k.says.Certificates)
		e.CRLs, e.OCSPs = merge(e.CRLs, k.says.CRLs), merge(e.OCSPs, k.says.OCSPs)
		lack = cmp.Or(lack, k.lack(called(certs[i]), at))
	}
	return e, lack
}

// amiss says what is wrong with a chain at a moment, in English; empty where nothing is. What is old and was not yet weak then is good.
func amiss(chain trust.Chain, at time.Time) string {
	for _, p := range chain.Problems {
		if p.Code != trust.WeakAlgorithm || !at.Before(p.Until) {
			return p.Detail
		}
	}
	if l := chain.ValidAt(at); l != nil {
		return fmt.Sprintf("%s is valid from %s to %s", l.Subject, l.NotBefore.UTC().Format(time.RFC3339), l.NotAfter.UTC().Format(time.RFC3339))
	}
	return ""
}

// codeRevoked is a certificate that was revoked at the moment, or is on hold.
const codeRevoked = "certificate-revoked"

// lack says why what is known of a certificate is not enough at the moment: nil where it is. A revocation after the moment speaks for it.
func (k kept) lack(name string, at time.Time) *Lack {
	r := k.revocation
	var l *Lack
	switch {
	case r.Status == trust.StatusRevoked && (r.OnHold || !r.Time.After(at)):
		return lacking(codeRevoked, name, "已于 %s 吊销", "was revoked at %s", r.Time.UTC().Format(time.RFC3339))
	case r.Status == trust.StatusUnknown:
		l = lacking("evidence-missing", name, "没有可用的吊销资料（%s）", "there is no revocation information that counts (%s)", r.Why)
	case r.Status == trust.StatusGood && !(trust.Freshness{}).Suits(r, at):
		l = lacking("evidence-stale", name, "吊销资料只到 %s，已经过期", "the revocation information was good until %s and is stale", trust.Freshness{}.Until(r).UTC().Format(time.RFC3339))
	default:
		return nil
	}
	var said []string
	for _, p := range r.Problems {
		said = append(said, string(p.Code)+": "+p.Detail)
	}
	if len(said) > 0 {
		l.Cause = errors.New(strings.Join(said, "; "))
	}
	l.Cause = errors.Join(l.Cause, k.failed)
	return l
}

func lacking(code, name, zh, en string, what any) *Lack {
	return &Lack{Public: fault.Public{Code: code, ZH: "证书“" + name + "”：" + fmt.Sprintf(zh, what), EN: "the certificate “" + name + "”: " + fmt.Sprintf(en, what)}}
}

// called is a certificate's name, fit to be shown.
func called(c *gm.Certificate) string {
	return verify.Clean(cmp.Or(c.Subject.CommonName, c.Subject.String()))
}

// maxRounds bounds how often issuers are looked for elsewhere.
const maxRounds = 6

// chain builds the chain, and where an issuer is missing asks the sources that know where to find one.
func (c *collector) chain(ctx context.Context, cert *gm.Certificate, use trust.Use, at time.Time) trust.Chain {
	chain := c.set.BuildAt(cert, c.pool, use, at)
	for range maxRounds {
		if chain.Anchored || chain.MissingIssuer == "" || len(chain.Links) == 0 {
			break
		}
		top, err := gm.ParseCertificate(chain.Links[len(chain.Links)-1].Raw)
		if err != nil || !c.issuers(ctx, top) {
			break
		}
		longer := c.set.BuildAt(cert, c.pool, use, at)
		if !longer.Anchored && len(longer.Links) <= len(chain.Links) {
			break // what was found did not issue it
		}
		chain = longer
	}
	return chain
}

// issuers asks the sources for who issued a certificate. One that does not answer is a missing issuer.
func (c *collector) issuers(ctx context.Context, cert *gm.Certificate) (found bool) {
	for _, s := range c.sources {
		known, ok := s.(trust.IssuerSource)
		if !ok {
			continue
		}
		list, err := known.Issuers(ctx, cert)
		if err != nil {
			continue
		}
		for _, issuer := range list {
			c.pool = append(c.pool, issuer)
			found = true
		}
	}
	return found
}

// link asks once what says anything of a certificate.
func (c *collector) link(ctx context.Context, cert, issuer *gm.Certificate) kept {
	key := [2]string{string(cert.Raw), string(issuer.Raw)}
	if k, ok := c.links[key]; ok {
		return k
	}
	var k kept
	all := make([]trust.Evidence, 0, len(c.sources)+2)
	own, err := c.set.Evidence(ctx, cert, issuer)
	all, k.failed = append(all, own), err
	for _, s := range c.sources {
		e, err := s.Evidence(ctx, cert, issuer)
		all, k.failed = append(all, e), errors.Join(k.failed, err)
		c.carry(e.Certificates, nil, nil)
	}
	all = append(all, c.carried)
	k.revocation = c.set.Revocation(cert, issuer, all...)
	if k.revocation.Status != trust.StatusUnknown {
		k.says = c.choose(cert, issuer, k.revocation, all)
	}
	c.links[key] = k
	return k
}

func has(list [][]byte, der []byte) bool {
	return slices.ContainsFunc(list, func(b []byte) bool { return bytes.Equal(b, der) })
}

// merge adds to list what it does not have.
func merge(list, more [][]byte) [][]byte {
	for _, der := range more {
		if !has(list, der) {
			list = append(list, der)
		}
	}
	return list
}
