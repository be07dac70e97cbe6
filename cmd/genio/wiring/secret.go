package wiring

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecretFile is more than any secret takes, in bytes.
const maxSecretFile = 64 << 10

// Secret gives a secret that is either known or in a file, such as the containers' platforms mount. Space around the
// file's content, such as the line's end, does not belong to it. Errors never repeat a secret.
func Secret(known, file string) (string, error) {
	switch {
	case known != "" && file != "":
		return "", errors.New("it is given twice, as it is and in a file")
	case known != "":
		return known, nil
	case file == "":
		return "", errors.New("it is empty")
	default:
		return secretIn(file)
	}
}

// optionalSecret is Secret for one that there need not be.
func optionalSecret(known, file string) (string, error) {
	if known == "" && file == "" {
		return "", nil
	}

	return Secret(known, file)
}

func secretIn(file string) (string, error) {
	opened, err := os.Open(file) //nolint:gosec // whoever starts the process names the file.
	if err != nil {
		return "", fmt.Errorf("opening its file: %w", err)
	}
	defer func() { _ = opened.Close() }()

	content, err := io.ReadAll(io.LimitReader(opened, maxSecretFile+1))
	if err != nil {
		return "", fmt.Errorf("reading its file: %w", err)
	}

	secret := strings.TrimSpace(string(content))

	switch {
	case len(content) > maxSecretFile:
		return "", errors.New("its file is too long")
	case secret == "":
		return "", errors.New("its file is empty")
	default:
		return secret, nil
	}
}
