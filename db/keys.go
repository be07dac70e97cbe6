package db

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys are the two Tink keysets that protect personal data at rest: one encrypts it (AES-256-GCM), the
// other makes the keyed hashes it is searched by (HMAC-SHA256). A keyset may hold retired keys: they
// still decrypt and search, the primary key does everything new.
//
// Keys that were changed elsewhere can be put in the place of these while they are in use, see [Keys.Follow]. It is safe for
// concurrent use.
type Keys struct{ present atomic.Pointer[keysets] }

// keysets are the two keysets at one moment. They never change.
type keysets struct {
	encryption *keyset.Handle
	index      *keyset.Handle

	aead tink.AEAD
	prfs *prf.Set
}

// NewKeys makes fresh random keys.
func NewKeys() (*Keys, error) {
	encryption, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, errors.New("making an encryption key: the generator failed")
	}

	index, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, errors.New("making an index key: the generator failed")
	}

	return newKeys(encryption, index)
}

func newKeys(encryption, index *keyset.Handle) (*Keys, error) {
	cipher, err := aead.New(encryption)
	if err != nil {
		return nil, errors.New("the encryption keyset is not one of AEAD keys")
	}

	prfs, err := prf.NewPRFSet(index)
	if err != nil {
		return nil, errors.New("the index keyset is not one of PRF keys")
	}

	var keys Keys

	keys.present.Store(&keysets{encryption: encryption, index: index, aead: cipher, prfs: prfs})

	return &keys, nil
}

func (k *Keys) now() *keysets { return k.present.Load() }

// String hides the keys from any log.
func (k *Keys) String() string { return "db.Keys(secret)" }

// GoString hides the keys from %#v.
func (k *Keys) GoString() string { return k.String() }

// keysDocument is the JSON form of Keys: two keysets in Tink's own JSON.
type keysDocument struct {
	Encryption json.RawMessage `json:"encryption"`
	Index      json.RawMessage `json:"index"`
}

// KeysFromJSON reads what [Keys.JSON] wrote. Its errors never repeat the document.
func KeysFromJSON(document []byte) (*Keys, error) {
	var parts keysDocument
	if err := json.Unmarshal(document, &parts); err != nil {
		return nil, errors.New("the keys are not a JSON object with two keysets")
	}

	encryption, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(parts.Encryption)))
	if err != nil {
		return nil, errors.New(`"encryption" is not a Tink keyset`)
	}

	index, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(parts.Index)))
	if err != nil {
		return nil, errors.New(`"index" is not a Tink keyset`)
	}

	return newKeys(encryption, index)
}

// JSON is the keys in the clear, as {"encryption": keyset, "index": keyset}.
func (k *Keys) JSON() ([]byte, error) {
	var encryption, index bytes.Buffer

	present := k.now()

	if err := insecurecleartextkeyset.Write(present.encryption, keyset.NewJSONWriter(&encryption)); err != nil {
		return nil, errors.New("writing the encryption keyset as JSON failed")
	}

	if err := insecurecleartextkeyset.Write(present.index, keyset.NewJSONWriter(&index)); err != nil {
		return nil, errors.New("writing the index keyset as JSON failed")
	}

	document, err := json.MarshalIndent(keysDocument{Encryption: encryption.Bytes(), Index: index.Bytes()}, "", "  ")
	if err != nil {
		return nil, errors.New("writing the keys as JSON failed")
	}

	return append(document, '\n'), nil
}

// Permissions of a file of keys: made for its owner alone, refused where anybody else may touch it. A
// group may read it, because that is how Kubernetes hands a secret to a process.
const (
	keysFileMode   fs.FileMode = 0o600
	othersMayTouch fs.FileMode = 0o027
)

// LoadKeys reads keys from a file. It refuses a file that others than its owner and group may read, or
// others than its owner may write.
func LoadKeys(file string) (*Keys, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}

	if info.Mode().Perm()&othersMayTouch != 0 {
		return nil, fmt.Errorf("reading the keys: %s has mode %04o: others may touch it; use 0600 or 0640", file, info.Mode().Perm())
	}

	document, err := os.ReadFile(file) //nolint:gosec // The operator names the file.
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}

	keys, err := KeysFromJSON(document)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}

	return keys, nil
}
