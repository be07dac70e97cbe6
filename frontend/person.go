package frontend

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/fiscalcode"
)

// A search by codice fiscale or by phone has to survive "back", "reload" and "next page" without either ever being in
// an address. So it stays in the session, sealed with a key made from the session's token: the store knows
// the token's digest at most, and the browser never gets the sealed text.
const (
	personKeyPurpose = "genio backoffice: codice fiscale of a search"
	personKeyLength  = 32
)

// whoIs writes down whom a search is for: a codice fiscale, a phone number in E.164, or both.
func whoIs(fiscalCode, phone string) string { return strings.TrimSpace(fiscalCode + " " + phone) }

// fiscalCodeAndPhone reads what whoIs wrote. Only a phone number begins with +.
func fiscalCodeAndPhone(whom string) (fiscalCode, phone string) {
	for part := range strings.FieldsSeq(whom) {
		if strings.HasPrefix(part, "+") {
			phone = part
		} else {
			fiscalCode = part
		}
	}

	return fiscalCode, phone
}

// maskedPerson is whom a search is for, as the page may show it.
func maskedPerson(whom string) string {
	const shown = 3

	fiscalCode, phone := fiscalCodeAndPhone(whom)

	masked := fiscalcode.Mask(fiscalCode)
	if len(phone) > shown {
		masked += " " + strings.Repeat("•", len(phone)-shown) + phone[len(phone)-shown:]
	}

	return strings.TrimSpace(masked)
}

// keepPerson remembers whom the person at the screen is looking for, see whoIs.
func (f *Frontend) keepPerson(ctx context.Context, whom string) error {
	seal, err := f.personSeal(ctx)
	if err != nil {
		return err
	}

	nonce := make([]byte, seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("making a nonce: %w", err)
	}

	f.sessions.Put(ctx, sessionPerson, seal.Seal(nonce, nonce, []byte(whom), nil))

	return nil
}

// keptPerson is whom the current search is for, empty where there is none (any more).
func (f *Frontend) keptPerson(ctx context.Context) string {
	sealed := f.sessions.GetBytes(ctx, sessionPerson)

	seal, err := f.personSeal(ctx)
	if err != nil || len(sealed) < seal.NonceSize() {
		return ""
	}

	whom, err := seal.Open(nil, sealed[:seal.NonceSize()], sealed[seal.NonceSize():], nil)
	if err != nil {
		return ""
	}

	return string(whom)
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
