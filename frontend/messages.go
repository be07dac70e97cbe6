package frontend

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// catalogue holds the texts of the pages, by language and key.
type catalogue map[notification.Lang]map[string]string

func readCatalogue() (catalogue, error) {
	texts := catalogue{}

	for _, lang := range []notification.Lang{notification.Italian, notification.English} {
		content, err := messageFiles.ReadFile("messages/" + string(lang) + ".json")
		if err != nil {
			return nil, fmt.Errorf("reading the messages in %q: %w", lang, err)
		}

		var messages map[string]string
		if err := json.Unmarshal(content, &messages); err != nil {
			return nil, fmt.Errorf("parsing the messages in %q: %w", lang, err)
		}

		texts[lang] = messages
	}

	return texts, nil
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
