package frontend

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// A search by codice fiscale has to survive "back", "reload" and "next page" without the code ever being in
// an address. So it stays in the session, sealed with a key made from the session's token: the store knows
// the token's digest at most, and the browser never gets the sealed text.
const (
	personKeyPurpose = "genio backoffice: codice fiscale of a search"
	personKeyLength  = 32
)

// keepPerson remembers the codice fiscale that the person at the screen is looking for.
func (f *Frontend) keepPerson(ctx context.Context, fiscalCode string) error {
	seal, err := f.personSeal(ctx)
	if err != nil {
		return err
	}

	nonce := make([]byte, seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("making a nonce: %w", err)
	}

	f.sessions.Put(ctx, sessionPerson, seal.Seal(nonce, nonce, []byte(fiscalCode), nil))

	return nil
}

// keptPerson is the codice fiscale of the current search, empty where there is none (any more).
func (f *Frontend) keptPerson(ctx context.Context) string {
	sealed := f.sessions.GetBytes(ctx, sessionPerson)

	seal, err := f.personSeal(ctx)
	if err != nil || len(sealed) < seal.NonceSize() {
		return ""
	}

	fiscalCode, err := seal.Open(nil, sealed[:seal.NonceSize()], sealed[seal.NonceSize():], nil)
	if err != nil {
		return ""
	}

	return string(fiscalCode)
}

func (f *Frontend) forgetPerson(ctx context.Context) { f.sessions.Remove(ctx, sessionPerson) }

func (f *Frontend) personSeal(ctx context.Context) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(f.sessions.Token(ctx)), nil, personKeyPurpose, personKeyLength)
	if err != nil {
		return nil, fmt.Errorf("deriving the search's key: %w", err)
	}

	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing the search's cipher: %w", err)
	}

	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("preparing the search's seal: %w", err)
	}

	return seal, nil
}
