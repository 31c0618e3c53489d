package trust_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/trust"
)

// agreement is a chain that OpenSSL makes and judges: the extensions of one or two CAs below a root, and those of the leaf, in the words of its
// configuration. Where the two judges differ, differs says why.
type agreement struct {
	name    string
	cas     []string
	subject string // of the leaf; empty: /C=CN/O=Example/CN=leaf
	leaf    string
	good    bool // here
	problem trust.ProblemCode
	differs string
}

func nameAgreements() []agreement {
	const nc = "nameConstraints=critical,"
	outside := trust.NameConstraints
	return []agreement{
		{name: "nothing special", cas: []string{""}, good: true},
		{name: "dns permitted", cas: []string{nc + "permitted;DNS:example.org"}, leaf: "subjectAltName=DNS:a.example.org", good: true},
		{name: "dns not permitted", cas: []string{nc + "permitted;DNS:example.org"}, leaf: "subjectAltName=DNS:example.com", problem: outside},
		{name: "dns look-alike", cas: []string{nc + "permitted;DNS:example.org"}, leaf: "subjectAltName=DNS:badexample.org", problem: outside},
		{name: "dns case", cas: []string{nc + "permitted;DNS:EXAMPLE.org"}, leaf: "subjectAltName=DNS:a.example.ORG", good: true},
		{name: "dns excluded", cas: []string{nc + "excluded;DNS:example.org"}, leaf: "subjectAltName=DNS:a.example.org", problem: outside},
		{name: "one of two names excluded", cas: []string{nc + "excluded;DNS:example.org"}, leaf: "subjectAltName=DNS:a.example.com,DNS:example.org", problem: outside},
		{name: "wildcard beside an excluded host", cas: []string{nc + "excluded;DNS:a.example.org"}, leaf: "subjectAltName=DNS:*.example.org", problem: outside,
			differs: "the wildcard stands for the excluded host too; OpenSSL compares the letters"},
		{name: "mail host", cas: []string{nc + "permitted;email:example.org"}, leaf: "subjectAltName=email:a@example.org", good: true},
		{name: "mail below the host", cas: []string{nc + "permitted;email:example.org"}, leaf: "subjectAltName=email:a@sub.example.org", problem: outside},
		{name: "mail domain", cas: []string{nc + "permitted;email:.example.org"}, leaf: "subjectAltName=email:a@sub.example.org", good: true},
		{name: "mailbox", cas: []string{nc + "permitted;email:a@example.org"}, leaf: "subjectAltName=email:a@example.org", good: true},
		{name: "another mailbox", cas: []string{nc + "permitted;email:a@example.org"}, leaf: "subjectAltName=email:b@example.org", problem: outside},
		{name: "mail in the subject", cas: []string{nc + "permitted;email:example.org"}, subject: "/CN=leaf/emailAddress=a@example.com", problem: outside},
		{name: "uri host", cas: []string{nc + "permitted;URI:www.example.org"}, leaf: "subjectAltName=URI:https://www.example.org/x", good: true},
		{name: "uri domain", cas: []string{nc + "permitted;URI:.example.org"}, leaf: "subjectAltName=URI:https://www.example.org:8443/x", good: true},
		{name: "uri elsewhere", cas: []string{nc + "permitted;URI:.example.org"}, leaf: "subjectAltName=URI:https://example.com/", problem: outside},
		{name: "uri without a host", cas: []string{nc + "permitted;URI:.example.org"}, leaf: "subjectAltName=URI:urn:example:1", problem: outside},
		{name: "address", cas: []string{nc + "permitted;IP:10.0.0.0/255.0.0.0"}, leaf: "subjectAltName=IP:10.1.2.3", good: true},
		{name: "address outside", cas: []string{nc + "permitted;IP:10.0.0.0/255.0.0.0"}, leaf: "subjectAltName=IP:11.1.2.3", problem: outside},
		{name: "address of the other family", cas: []string{nc + "permitted;IP:10.0.0.0/255.0.0.0"}, leaf: "subjectAltName=IP:2001:db8::1", problem: outside},
		{name: "directory name", cas: []string{nc + "permitted;dirName:dn_org"}, good: true},
		{name: "directory name in other case and type", cas: []string{nc + "permitted;dirName:dn_case"}, good: true},
		{name: "directory name elsewhere", cas: []string{nc + "permitted;dirName:dn_other"}, problem: outside},
		{name: "directory name excluded", cas: []string{nc + "excluded;dirName:dn_org"}, problem: outside},
		{name: "two CAs narrow", cas: []string{nc + "permitted;DNS:example.org", nc + "permitted;DNS:a.example.org"}, leaf: "subjectAltName=DNS:b.example.org", problem: outside},
		{name: "two CAs, inside both", cas: []string{nc + "permitted;DNS:example.org", nc + "permitted;DNS:a.example.org"}, leaf: "subjectAltName=DNS:a.example.org", good: true},
		{name: "a form that is not known", cas: []string{nc + "permitted;otherName:1.2.3.4;UTF8:x"}, leaf: "subjectAltName=otherName:1.2.3.4;UTF8:x", problem: outside},
		{name: "a form not known that the leaf has not", cas: []string{nc + "permitted;RID:1.2.3"}, leaf: "subjectAltName=DNS:a.example.org", good: true},
	}
}

func policyAgreements() []agreement {
	const policies, explicit = "certificatePolicies=", "policyConstraints=critical,requireExplicitPolicy:0"
	required := trust.PolicyRequired
	return []agreement{
		{name: "policy required and there", cas: []string{policies + "1.2.3\n" + explicit}, leaf: policies + "1.2.3", good: true},
		{name: "policy required, none", cas: []string{policies + "1.2.3\n" + explicit}, problem: required},
		{name: "policy required, another", cas: []string{policies + "1.2.3\n" + explicit}, leaf: policies + "1.2.4", problem: required},
		{name: "policy not required, none", cas: []string{policies + "1.2.3"}, good: true},
		{name: "any policy of the CA", cas: []string{policies + "2.5.29.32.0\n" + explicit}, leaf: policies + "1.2.4", good: true},
		{name: "any policy of the leaf", cas: []string{policies + "1.2.3\n" + explicit}, leaf: policies + "2.5.29.32.0", good: true},
		{name: "any policy inhibited", cas: []string{policies + "1.2.3\n" + explicit + "\ninhibitAnyPolicy=critical,0"}, leaf: policies + "2.5.29.32.0", problem: required},
		{name: "mapped", cas: []string{policies + "1.2.3\n" + explicit + "\npolicyMappings=1.2.3:1.2.9"}, leaf: policies + "1.2.9", good: true},
		{name: "mapped away", cas: []string{policies + "1.2.3\n" + explicit + "\npolicyMappings=1.2.3:1.2.9"}, leaf: policies + "1.2.3", problem: required},
		{name: "mapping inhibited above", cas: []string{policies + "1.2.3\npolicyConstraints=critical,requireExplicitPolicy:0,inhibitPolicyMapping:0",
			policies + "1.2.3\npolicyMappings=1.2.3:1.2.9"}, leaf: policies + "1.2.9", problem: required},
		{name: "any policy mapped", cas: []string{policies + "2.5.29.32.0\npolicyMappings=2.5.29.32.0:1.2.9"}, leaf: policies + "1.2.9", problem: trust.PolicyMapping},
		{name: "required beyond the leaf", cas: []string{"policyConstraints=critical,requireExplicitPolicy:3", ""}, good: true},
		{name: "required from the leaf on", cas: []string{"policyConstraints=critical,requireExplicitPolicy:2", ""}, problem: required},
		{name: "required one below", cas: []string{"policyConstraints=critical,requireExplicitPolicy:1", ""}, problem: required},
	}
}

func otherAgreements() []agreement {
	return []agreement{
		{name: "path length", cas: []string{"basicConstraints=critical,CA:TRUE,pathlen:0", ""}, problem: trust.PathLength},
		{name: "key usage of a CA", cas: []string{"keyUsage=critical,digitalSignature"}, problem: trust.NoCertSign},
		{name: "no CA", cas: []string{"basicConstraints=critical,CA:FALSE"}, problem: trust.NotCA},
		{name: "unknown critical extension", cas: []string{""}, leaf: "1.2.3.4=critical,DER:0500", problem: trust.UnknownCritical},
		{name: "for servers only", cas: []string{""}, leaf: "extendedKeyUsage=serverAuth", problem: trust.ExtKeyUsage,
			differs: "OpenSSL is not asked about a purpose here; documents are not signed as servers"},
		{name: "for mail", cas: []string{"extendedKeyUsage=emailProtection,clientAuth"}, leaf: "extendedKeyUsage=emailProtection", good: true},
	}
}

const agreeConfig = `
[req]
distinguished_name = dn
[dn]
[dn_org]
C = CN
O = Example
[dn_case]
C = cn
O = EXAMPLE
[dn_other]
C = CN
O = Elsewhere
[ext]
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
`

// TestOpenSSLVerdicts: name constraints, policies and the rest of path validation are judged here as OpenSSL judges them, or the difference is known.
func TestOpenSSLVerdicts(t *testing.T) {
	o := openssl{t, t.TempDir()}
	o.write("base.cnf", []byte(agreeConfig+"basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"))
	for _, key := range []string{"root", "ca0", "ca1", "leaf"} {
		o.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key+".key")
	}
	o.run("req", "-x509", "-new", "-config", "base.cnf", "-extensions", "ext", "-key", "root.key", "-subj", "/CN=root", "-days", "60", "-out", "root.crt")
	root := o.cert("root.crt")
	set, err := trust.NewSet([]trust.Anchor{{Certificate: root, Use: trust.UseCA}}, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(nameAgreements(), policyAgreements(), otherAgreements()) {
		t.Run(c.name, func(t *testing.T) {
			leaf, pool, there := c.make(openssl{t, o.dir})
			chain := set.Build(leaf, pool, trust.UseCA)
			if !chain.Anchored || chain.Good() != c.good || c.problem != "" && !chain.Has(c.problem) {
				t.Errorf("here %v, want %v %s: %+v", chain.Good(), c.good, c.problem, chain.Problems)
			}
			if (there == c.good) != (c.differs == "") {
				t.Errorf("OpenSSL says %v and this %v: a difference %q", there, c.good, c.differs)
			}
		})
	}
}

// make has OpenSSL make the chain and judge it.
func (c agreement) make(o openssl) (leaf *gm.Certificate, pool []*gm.Certificate, good bool) {
	o.t.Helper()
	issue := func(name, issuer, subject, extensions, ordinary string) *gm.Certificate {
		for _, line := range strings.Split(ordinary, "\n") {
			if key, _, _ := strings.Cut(line, "="); !strings.Contains(extensions, key+"=") {
				extensions += "\n" + line
			}
		}
		o.write(name+".cnf", []byte(agreeConfig+extensions+"\n"))
		o.run("req", "-x509", "-new", "-config", name+".cnf", "-extensions", "ext", "-key", name+".key", "-CA", issuer+".crt", "-CAkey", issuer+".key", "-subj", subject,
			"-days", "30", "-out", name+".crt")
		return o.cert(name + ".crt")
	}
	issuer, bundle := "root", []byte(nil)
	for i, ca := range c.cas {
		name := fmt.Sprintf("ca%d", i)
		cert := issue(name, issuer, "/C=CN/O=Example/CN="+name, ca, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign")
		issuer, pool, bundle = name, append(pool, cert), append(bundle, gm.EncodePEM(cert)...)
	}
	o.write("pool.pem", bundle)
	subject := c.subject
	if subject == "" {
		subject = "/C=CN/O=Example/CN=leaf"
	}
	leaf = issue("leaf", issuer, subject, c.leaf, "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature")
	verify := exec.Command(need.Tool(o.t, "openssl"), "verify", "-policy_check", "-policy", "2.5.29.32.0", "-x509_strict", "-CAfile", "root.crt", "-untrusted", "pool.pem",
		"leaf.crt") // without a policy named OpenSSL wants none instead of any
	verify.Dir = o.dir
	return leaf, pool, verify.Run() == nil
}
