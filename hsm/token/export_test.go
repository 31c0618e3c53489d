package token

import "context"

// CheapCreate is Create with PINs that cost nothing to try.
func CheapCreate(dir string, passphrase []byte, c Config) error { return create(dir, passphrase, c, 2) }

// Converse answers one connection without a socket.
var _ = context.Background
