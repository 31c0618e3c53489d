package doctype

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"yinxin/einvoice"
)

// part is what a signer is to an invoice.
type part int

const (
	stranger  part = iota // another body than the seller, by a certificate that is trusted here
	claims                // another body than the seller, by a certificate that nobody here vouches for
	unclear               // its certificate says nothing that could be compared with the seller
	seller                // it is named as the seller is
	authority             // a tax authority, by an anchor that the verifier keeps for tax authorities
	posing                // named like a tax authority, and not under such an anchor
)

// invoicePart tells what a signer is to an invoice of a seller. Whether its certificate is trusted is for other rules to say: a name in one that is not
// trusted is a claim, and its signature is INDETERMINATE for that.
func invoicePart(s Signer, name, code string) part {
	if s.Trusted && s.Tax {
		return authority
	}
	if sameInvoiceBody(s, name, code) == same {
		return seller
	}
	if called := fold(s.Organization + s.Name); strings.Contains(called, "税务局") || strings.Contains(called, "税务总局") || strings.Contains(called, "发票监制章") {
		return posing
	}
	switch m := sameInvoiceBody(s, name, code); {
	case m == other && s.Trusted:
		return stranger
	case m == other:
		return claims
	}
	return unclear
}

// sameInvoiceBody is sameBody for the names that products give to certificates: 051@名称@代码@1.
func sameInvoiceBody(s Signer, name, code string) match {
	if len(fold(code)) != 18 {
		code = "" // a taxpayer number of before the unified codes is compared with none
	}
	if words := strings.Split(s.Name, "@"); len(words) > 1 && s.USCC == "" {
		for _, word := range words {
			if word = fold(word); word != "" && (word == fold(name) || word == fold(code)) {
				return same
			}
		}
	}
	return sameBody(s, name, code)
}

// certified is who the certificate names, and nothing that only the seal says.
func (s Signer) certified() string {
	if s.Organization == "" || fold(s.Organization) == fold(s.Name) {
		return s.Name
	}
	return s.Name + "（" + s.Organization + "）"
}

// seller is who the invoice says sold: by the most reliable source that says so.
func (f *InvoiceFacts) seller() (name, code string) {
	for _, inv := range f.sources() {
		if inv.Seller.Name.Given() {
			name = cmp.Or(name, inv.Seller.Name.Value)
		}
		if inv.Seller.TaxID.Given() {
			code = cmp.Or(code, inv.Seller.TaxID.Value)
		}
	}
	return name, code
}

// digital reports whether it is a 数电票, which a tax authority signs, and vat whether it is of the older form, which carries the seal of supervision
// and the seller's; neither where nothing tells.
func (f *InvoiceFacts) form() (digital, vat bool) {
	for _, inv := range f.sources() {
		switch {
		case inv.Kind == einvoice.Digital, inv.Number.Given() && len(inv.Number.Value) == 20:
			return true, false
		case inv.Kind == einvoice.VAT, inv.Code.Given(), inv.Number.Given() && len(inv.Number.Value) == 8:
			return false, true
		}
	}
	return false, false
}

// invoiceSigner: somebody who signed is the seller, or a tax authority. Where one is, others may have signed too.
func invoiceSigner(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.Invoice == nil || len(signers) == 0 {
		return nil
	}
	name, code := f.Invoice.seller()
	var parts []part
	for _, s := range signers {
		parts = append(parts, invoicePart(s, name, code))
	}
	owned := slices.Contains(parts, seller) || slices.Contains(parts, authority)
	var list []complaint
	for i, s := range signers {
		who, sold := clip(s.certified()), clip(cmp.Or(name, code))
		switch {
		case parts[i] == posing:
			list = append(list, posingComplaint(s))
		case owned && parts[i] < seller:
			list = append(list, complaint{level: Inform, zh: "另有“" + who + "”的签名，不是票面销售方", en: "“" + who + "” signed too, who is not the seller on the face"})
		case owned:
		case name == "" && code == "":
			list = append(list, complaint{level: Undecided, field: KeySeller, zh: "没有读到销售方，无法核对签名者“" + who + "”", en: "the seller could not be read, so the signer “" + who + "” was not compared", next: askIssuer()})
		case parts[i] == stranger:
			list = append(list, complaint{field: KeySeller, zh: "签名者是“" + who + "”，既不是票面销售方“" + sold + "”，也不是税务机关",
				en: "“" + who + "” signed, who is neither the seller on the face, “" + sold + "”, nor a tax authority", next: askIssuer()})
		case parts[i] == claims:
			list = append(list, complaint{level: Undecided, field: KeySeller, zh: "签名者自称“" + who + "”，与票面销售方“" + sold + "”不同",
				en: "the signer calls itself “" + who + "”, which is not the seller on the face, “" + sold + "”", next: askIssuer()})
		default:
			list = append(list, complaint{level: Undecided, field: KeySeller, zh: "签名者“" + who + "”的证书没有可与票面销售方“" + sold + "”核对的名称或代码；印章名称不能作为依据",
				en: "the certificate of the signer “" + who + "” has no name or code to compare with the seller on the face, “" + sold + "”; the name of a seal proves nothing", next: askIssuer()})
		}
	}
	return list
}

// posingComplaint is about a signer named like a tax authority that is not known as one. One that is not trusted at all leaves the signature undecided by
// itself; one that is trusted as any signer is not thereby a tax authority.
func posingComplaint(s Signer) complaint {
	who := clip(s.certified())
	c := complaint{level: Inform, zh: "“" + who + "”自称税务机关，信任目录的 tax 中没有它的证书", en: "“" + who + "” calls itself a tax authority, and tax/ of the trust directory does not know its certificate",
		next: Words{"向税务机关核对指纹后，用 yinxin trust add 证书文件 --dir 信任目录 --use tax 加入信任目录再核验。",
			"Check its fingerprint with the tax authority, add it with yinxin trust add CERT --dir DIR --use tax, and verify again."}}
	if s.Trusted {
		c.level = Undecided
	}
	return c
}

// invoiceSignatures: an invoice of the older form carries the seal of supervision and then the seller's, a digital one the tax authority's signature. Files
// of the field carry one of the two often enough, so that a missing one calls for a look and no more.
func invoiceSignatures(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.Invoice == nil || f.Invoice.Pages == 0 {
		return nil
	}
	if len(signers) == 0 {
		return []complaint{{level: Undecided, zh: "发票没有签名，无从知道出自何处、是否改动过", en: "the invoice is not signed, so nothing tells where it comes from or whether it was changed", next: askIssuer()}}
	}
	name, code := f.Invoice.seller()
	sold, supervised := -1, -1
	for i, s := range signers {
		switch p := invoicePart(s, name, code); {
		case p == seller && sold < 0:
			sold = i
		case p >= authority && supervised < 0:
			supervised = i
		}
	}
	digital, vat := f.Invoice.form()
	switch {
	case digital && supervised < 0:
		return []complaint{{zh: "没有税务机关的签名；数电票由税务机关签名", en: "there is no tax authority's signature, which a fully digital invoice has"}}
	case !vat:
	case sold >= 0 && supervised < 0:
		return []complaint{{zh: "只有销售方的签名，没有发票监制章", en: "there is the seller's signature alone, without the seal of supervision"}}
	case supervised >= 0 && sold < 0:
		return []complaint{{zh: "只有发票监制章，没有销售方的签名", en: "there is the seal of supervision alone, without the seller's signature"}}
	case sold >= 0 && sold < supervised:
		return []complaint{{zh: "销售方在发票监制章之前签名，次序应相反", en: "the seller signed before the seal of supervision; it should be the other way round"}}
	}
	return nil
}
