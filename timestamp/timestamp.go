// Package timestamp holds the types of RFC 3161 time stamps. Making, reading and checking tokens comes with a later stage; until then a signature
// without a token is the only kind the project makes, and a token found in a file is reported as not judged.
package timestamp

import "context"

// Source gives tokens over a digest.
type Source interface {
	// Token returns a DER TimeStampToken over the imprint, the SM3 digest of the bytes to be stamped.
	Token(ctx context.Context, imprint []byte) ([]byte, error)
	// MaxTokenBytes is the longest token this source has promised, learnt by a probe.
	MaxTokenBytes() int
}
