package ca

import (
	"crypto/x509/pkix"

	"yinxin/gm"
)

// Name returns the subject as it goes into a certificate. The code is organizationIdentifier (2.5.4.97) with the bare 18 characters as its value:
// X.520 made that attribute for the code of an organisation, while serialNumber (2.5.4.5) tells persons and devices apart and in certificates met
// in the field holds identity card numbers too. The prefix NTRCN- of ETSI EN 319 412-1 is read but not written, because a certificate may only
// use it together with a statement that it does.
func (s Subject) Name() pkix.Name {
	one := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	n := pkix.Name{CommonName: s.CommonName, Organization: one(s.Organization), OrganizationalUnit: one(s.OrganizationalUnit), Country: one(s.Country)}
	if s.Country == "" {
		n.Country = []string{"CN"}
	}
	if s.USCC != "" {
		n.ExtraNames = []pkix.AttributeTypeAndValue{{Type: gm.OIDOrganizationIdentifier, Value: s.USCC}}
	}
	return n
}
