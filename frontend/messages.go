package frontend

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// catalogue holds the texts of the pages, by language and key.
type catalogue map[notification.Lang]map[string]string

func readCatalogue() (catalogue, error) {
	texts := catalogue{}

	for _, lang := range []notification.Lang{notification.Italian, notification.English} {
		texts[lang] = map[string]string{}

		names, err := fs.Glob(messageFiles, "messages/"+string(lang)+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("listing the messages in %q: %w", lang, err)
		}

		for _, name := range names {
			if err := texts.read(lang, name); err != nil {
				return nil, err
			}
		}
	}

	return texts, nil
}

// read adds the messages of one file. No two files may have the same key.
func (c catalogue) read(lang notification.Lang, name string) error {
	content, err := messageFiles.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}

	var messages map[string]string
	if err := json.Unmarshal(content, &messages); err != nil {
		return fmt.Errorf("parsing %s: %w", name, err)
	}

	for key, text := range messages {
		if _, taken := c[lang][key]; taken {
			return fmt.Errorf("%s has a key of another file, %q", name, key)
		}

		c[lang][key] = text
	}

	return nil
}

// text is the message under the key, with args filled in as fmt does; one that has no place for them, such as "send the
// one row", takes none. An unknown key is shown as it is, which a test of the templates rules out.
func (c catalogue) text(lang notification.Lang, key string, args ...any) string {
	message, known := c[lang][key]
	if !known {
		return key
	}

	if len(args) == 0 || !strings.Contains(message, "%") {
		return message
	}

	return fmt.Sprintf(message, args...)
}
