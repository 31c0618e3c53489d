package doctype

import "context"

// LicenseFacts is what a licence says, by its record and on its face.
type LicenseFacts struct{}

func certainLicense(context.Context, *reading) (bool, error) { return false, nil }

func likelyLicense(context.Context, *reading) (bool, error) { return false, nil }

func licenseRules() []Rule { return nil }
