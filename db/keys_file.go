package db

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// LoadOrCreateKeys reads keys from a file, or makes new ones and writes them there with mode 0600. Of
// several processes that find no file, one writes and all get its keys.
func LoadOrCreateKeys(file string) (*Keys, error) {
	keys, err := LoadKeys(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}

	keys, err = NewKeys()
	if err != nil {
		return nil, err
	}

	err = keys.writeNew(file)
	if errors.Is(err, fs.ErrExist) {
		return LoadKeys(file)
	}

	if err != nil {
		return nil, err
	}

	return keys, nil
}

// writeNew writes beside the file and links the result to its name, which fails with fs.ErrExist where there
// is one: nobody ever reads half a file, and no keys are ever overwritten.
func (k *Keys) writeNew(file string) error {
	document, err := k.JSON()
	if err != nil {
		return err
	}

	draft, err := os.CreateTemp(filepath.Dir(file), ".genio-keys-*")
	if err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()

	if err := writeSynced(draft, document); err != nil {
		return err
	}

	if err := os.Link(draft.Name(), file); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	return syncFolder(filepath.Dir(file))
}

func writeSynced(file *os.File, content []byte) error {
	_, writeErr := file.Write(content)

	if err := errors.Join(writeErr, file.Chmod(keysFileMode), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	return nil
}

// syncFolder makes a new name survive a power cut: keys that are lost take every notification with them.
func syncFolder(folder string) error {
	opened, err := os.Open(folder) //nolint:gosec // The operator names the file that is in it.
	if err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	if err := errors.Join(opened.Sync(), opened.Close()); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	return nil
}

// ErrKeysChanged means that somebody else changed the file of keys at the same time; nothing was written.
var ErrKeysChanged = errors.New("the file of keys was changed by somebody else meanwhile; try again")

// ReplaceKeys changes the keys in a file. Whoever reads the file finds either the keys from before or those from after, and
// its mode and owner stay. Change gets the keys as they are and gives those that are to be there; its error comes back as it
// is, with nothing written.
func ReplaceKeys(file string, change func(*Keys) (*Keys, error)) error {
	const doing = "changing the keys"

	info, err := os.Lstat(file)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %s is no ordinary file: a store of secrets may keep it; change a copy, and give that to the store",
			doing, file)
	}

	keys, err := LoadKeys(file)
	if err != nil {
		return err
	}

	changed, err := change(keys)
	if err != nil {
		return err
	}

	return changed.writeOver(file, info, keys)
}

func (k *Keys) writeOver(file string, before fs.FileInfo, old *Keys) error {
	document, err := k.JSON()
	if err != nil {
		return err
	}

	draft, err := os.CreateTemp(filepath.Dir(file), ".genio-keys-*")
	if err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()

	if err := writeSynced(draft, document); err != nil {
		return err
	}

	if err := takeOver(draft.Name(), before); err != nil {
		return err
	}

	present, err := LoadKeys(file)
	if err != nil {
		return err
	}

	if !present.same(old) {
		return ErrKeysChanged
	}

	if err := os.Rename(draft.Name(), file); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	return syncFolder(filepath.Dir(file))
}

// takeOver gives a file the mode and the owner of its predecessor: the service's account could not read one of root's.
func takeOver(file string, before fs.FileInfo) error {
	if err := os.Chmod(file, before.Mode().Perm()); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}

	owner, known := before.Sys().(*syscall.Stat_t)
	if !known || (int(owner.Uid) == os.Geteuid() && int(owner.Gid) == os.Getegid()) {
		return nil
	}

	if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("writing the keys: giving them to the owner of the file: %w", err)
	}

	return nil
}

// Follow reads the keys' file again, and puts what it holds in the place of these keys if that is something else. Where it
// fails, these keys stay.
func (k *Keys) Follow(file string) (changed bool, err error) {
	fresh, err := LoadKeys(file)
	if err != nil || fresh.same(k) {
		return false, err
	}

	k.present.Store(fresh.now())

	return true, nil
}

func (k *Keys) same(other *Keys) bool {
	ours, err := k.JSON()
	theirs, otherErr := other.JSON()

	return err == nil && otherErr == nil && bytes.Equal(ours, theirs)
}
