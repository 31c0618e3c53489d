// Package doctype tells what kind of document a file is (an e-invoice, a licence, a proof, a contract), reads what it says, and holds it against the
// rules of its kind.
//
//	facts, err := doctype.Read(ctx, doc, doctype.Unknown) // what the document says; nothing is judged
//	list := doctype.Check(&facts, signers, at)            // does it agree with itself, and with who sealed it?
//
// A type is recognised by content, never by a file's name, and with a Certainty: data made for programs is certain, words on the face are likely at
// best. What is only likely never fails a document; see Check. Nothing is guessed into a pass: what could not be read is said to be so.
//
// Whether the signatures hold is not asked here: a Signer says what package verify found.
package doctype

import (
	"slices"
	"time"

	"yinxin/fault"
)

// Type is a kind of document.
type Type string

// The types.
const (
	Unknown  Type = ""          // no type with rules was recognised; not an error
	Invoice  Type = "e-invoice" // 电子发票
	License  Type = "license"   // 电子证照
	Proof    Type = "proof"     // 电子证明
	Contract Type = "contract"  // 电子合同
)

// Types lists the types that have rules.
func Types() []Type { return []Type{Invoice, License, Proof, Contract} }

// ParseType reads the name of a type as people write it: invoice, license (or licence), proof, contract; empty is Unknown.
func ParseType(s string) (t Type, ok bool) {
	switch s {
	case "":
		return Unknown, true
	case "invoice":
		return Invoice, true
	case "licence":
		return License, true
	}
	return Type(s), slices.Contains(Types(), Type(s))
}

// Words names the type in both languages.
func (t Type) Words() Words {
	switch t {
	case Invoice:
		return Words{"电子发票", "e-invoice"}
	case License:
		return Words{"电子证照", "e-licence"}
	case Proof:
		return Words{"电子证明", "e-certificate"}
	case Contract:
		return Words{"电子合同", "e-contract"}
	}
	return Words{"其他文件", "other document"}
}

// Words is one thing said in both languages.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Certainty says how a type became known.
type Certainty string

// The certainties.
const (
	Told    Certainty = "told"    // whoever asked said so
	Certain Certainty = "certain" // data made for programs says so
	Likely  Certainty = "likely"  // words on the face say so
)

// Facts is what a document says of itself, read and not judged. It marshals to JSON.
type Facts struct {
	Type      Type      `json:"type"`
	Certainty Certainty `json:"certainty,omitempty"`
	Why       Words     `json:"why,omitzero"` // what the type was told by
	Untested  bool      `json:"untested,omitempty"`
	Fields    []Field   `json:"fields,omitempty"` // what people ask for first, in the order to be shown

	Invoice  *InvoiceFacts  `json:"invoice,omitempty"`
	License  *LicenseFacts  `json:"license,omitempty"`
	Proof    *ProofFacts    `json:"proof,omitempty"`
	Contract *ContractFacts `json:"contract,omitempty"`
}

// Field is one thing a document says, as written there, cut to a readable length.
type Field struct {
	Key   Key    `json:"key"`
	Label Words  `json:"label"`
	Value string `json:"value"`
	From  string `json:"from,omitempty"` // the part of the file, "page 1"
}

// Key names a field; a key never changes its meaning.
type Key string

// The keys that tables have columns for. Types may have further fields.
const (
	KeyNumber     Key = "number"
	KeyCode       Key = "code" // of an invoice of the older form
	KeyDate       Key = "date"
	KeyIssuer     Key = "issuer"
	KeySeller     Key = "seller"
	KeySellerCode Key = "seller_code"
	KeyBuyer      Key = "buyer"
	KeyBuyerCode  Key = "buyer_code"
	KeyHolder     Key = "holder"
	KeyHolderCode Key = "holder_code"
	KeyNet        Key = "net"
	KeyTax        Key = "tax"
	KeyTotal      Key = "total"
	KeyParties    Key = "parties"
	KeyUntil      Key = "until"
)

// Signer is what is known of one signature of the document.
type Signer struct {
	ID string

	Name         string // common name of the certificate's subject
	Organization string // of the subject, where it has one
	USCC         string // of the subject, where it has one

	Seal     bool // the signature is that of a seal
	SealName string
	SealType int // as package seal numbers them

	Intact  bool // the protected bytes are what was signed
	Trusted bool // a chain ends at an anchor given for this use
	Tax     bool // that anchor is one for tax authorities
	Time    time.Time
}

// Level says what a finding does to a judgement.
type Level string

// The levels.
const (
	Fail      Level = "fail"      // the document contradicts itself, or who sealed it
	Undecided Level = "undecided" // a rule could not be held against it: never to be shown as passed
	Warn      Level = "warn"      // calls for a second look
	Inform    Level = "inform"
)

// Finding is one thing that a rule has to say. Its code never changes once released.
type Finding struct {
	fault.Public
	Level Level `json:"level"`
	Next  Words `json:"next,omitzero"`  // what to do about it, where something can be done
	Field Key   `json:"field,omitzero"` // what it is about, where that is one field
}
