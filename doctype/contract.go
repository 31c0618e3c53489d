package doctype

import "context"

// ContractFacts is what a contract says on its face.
type ContractFacts struct{}

func likelyContract(context.Context, *reading) (bool, error) { return false, nil }

func contractRules() []Rule { return nil }
