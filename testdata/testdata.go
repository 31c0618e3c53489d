// Package testdata holds the files that the demonstration and tests share. Every body, person, address and code in them is invented.
package testdata

import _ "embed"

// Contract is a purchase contract of several pages in the markup of package layout.
//
//go:embed contract.txt
var Contract []byte

// LicenceType is an invented licence type, as package license reads it.
//
//go:embed licence-type.yaml
var LicenceType []byte
