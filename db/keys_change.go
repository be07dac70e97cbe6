package db

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
)

// KeySet names one of the two keysets.
type KeySet string

// The keysets.
const (
	KeySetEncryption KeySet = "encryption"
	KeySetIndex      KeySet = "index"
)

// KeySets lists both.
func KeySets() []KeySet { return []KeySet{KeySetEncryption, KeySetIndex} }

// KeyInfo is what may be told of a key: nothing of the key itself.
type KeyInfo struct {
	Set KeySet
	ID  uint32
	// Primary: it does everything new.
	Primary bool
	// Retired keys are still there, but not used any more, as if they were not.
	Retired bool
}

// Errors of changing keys.
var (
	ErrUnknownKey = errors.New("there is no such key")
	ErrPrimaryKey = errors.New("the primary key is in use; promote another one first")
	ErrRetiredKey = errors.New("the key is retired; restore it first")
	ErrLiveKey    = errors.New("the key is not retired; retire it first")
)

// List tells of every key, those of the encryption first, each keyset from its oldest key on.
func (k *Keys) List() []KeyInfo {
	var infos []KeyInfo

	for _, set := range KeySets() {
		handle := k.now().handle(set)

		for i := range handle.Len() {
			entry, err := handle.Entry(i)
			if err != nil {
				continue // not of a place that exists
			}

			infos = append(infos, KeyInfo{
				Set: set, ID: entry.KeyID(), Primary: entry.IsPrimary(), Retired: entry.KeyStatus() != keyset.Enabled,
			})
		}
	}

	return infos
}

// Primary gives the id of a keyset's primary key.
func (k *Keys) Primary(set KeySet) uint32 {
	for _, info := range k.List() {
		if info.Set == set && info.Primary {
			return info.ID
		}
	}

	return 0
}

// Key tells of one key; [ErrUnknownKey] where there is none of this id.
func (k *Keys) Key(set KeySet, id uint32) (KeyInfo, error) {
	for _, info := range k.List() {
		if info.Set == set && info.ID == id {
			return info, nil
		}
	}

	return KeyInfo{}, fmt.Errorf("%s key %d: %w", set, id, ErrUnknownKey)
}

// Add gives the keys with a new one, which is not the primary key yet: it has to be known everywhere before anything is
// written with it.
func (k *Keys) Add(set KeySet) (with *Keys, id uint32, err error) {
	template := aead.AES256GCMKeyTemplate()
	if set == KeySetIndex {
		template = prf.HMACSHA256PRFKeyTemplate()
	}

	with, err = k.change(set, func(manager *keyset.Manager) error {
		id, err = manager.Add(template)

		return err //nolint:wrapcheck // change says what was being done.
	})

	return with, id, err //nolint:wrapcheck // it is change's
}

// Promote gives the keys with another primary key.
func (k *Keys) Promote(set KeySet, id uint32) (*Keys, error) {
	key, err := k.Key(set, id)
	if err != nil {
		return nil, err
	}

	if key.Retired {
		return nil, fmt.Errorf("%s key %d: %w", set, id, ErrRetiredKey)
	}

	return k.change(set, func(manager *keyset.Manager) error { return manager.SetPrimary(id) })
}

// Retire gives the keys with one that is not used any more, although it is still there.
func (k *Keys) Retire(set KeySet, id uint32) (*Keys, error) {
	key, err := k.Key(set, id)
	if err != nil {
		return nil, err
	}

	if key.Primary {
		return nil, fmt.Errorf("%s key %d: %w", set, id, ErrPrimaryKey)
	}

	return k.change(set, func(manager *keyset.Manager) error { return manager.Disable(id) })
}

// Restore takes Retire back.
func (k *Keys) Restore(set KeySet, id uint32) (*Keys, error) {
	if _, err := k.Key(set, id); err != nil {
		return nil, err
	}

	return k.change(set, func(manager *keyset.Manager) error { return manager.Enable(id) })
}

// Remove gives the keys without one that was retired.
func (k *Keys) Remove(set KeySet, id uint32) (*Keys, error) {
	key, err := k.Key(set, id)
	if err != nil {
		return nil, err
	}

	if !key.Retired {
		return nil, fmt.Errorf("%s key %d: %w", set, id, ErrLiveKey)
	}

	return k.change(set, func(manager *keyset.Manager) error { return manager.Delete(id) })
}

func (k *Keys) change(set KeySet, change func(*keyset.Manager) error) (*Keys, error) {
	present := *k.now()

	if set != KeySetEncryption && set != KeySetIndex {
		return nil, fmt.Errorf("changing the keys: no such keyset: %w", ErrInvalid)
	}

	manager := keyset.NewManagerFromHandle(present.handle(set))
	if err := change(manager); err != nil {
		return nil, fmt.Errorf("changing the %s keys: %w", set, ErrInvalid)
	}

	changed, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("changing the %s keys: %w", set, ErrInvalid)
	}

	if set == KeySetEncryption {
		return newKeys(changed, present.index)
	}

	return newKeys(present.encryption, changed)
}

func (s *keysets) handle(set KeySet) *keyset.Handle {
	if set == KeySetIndex {
		return s.index
	}

	return s.encryption
}

// A ciphertext of Tink's begins with a version and the id of its key (https://developers.google.com/tink/wire-format).
const (
	cipherPrefix  = 5
	cipherVersion = 1
)

// cipherKey is the id of the key that something was encrypted with; false: it is no ciphertext of ours.
func cipherKey(sealed []byte) (id uint32, ok bool) {
	if len(sealed) < cipherPrefix || sealed[0] != cipherVersion {
		return 0, false
	}

	return binary.BigEndian.Uint32(sealed[1:cipherPrefix]), true
}

// pinned are the keys as they are now, which stay so.
func (k *Keys) pinned() *Keys {
	var pinned Keys

	pinned.present.Store(k.now())

	return &pinned
}
