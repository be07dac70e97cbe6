package integration_test

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
)

// confidential stands in every text that is submitted, so that one word finds them all.
const confidential = "Riservatissimo"

// secrets are the words that may stand nowhere outside the encrypted columns of the database.
type secrets struct {
	mu    sync.Mutex
	words map[string]string // the word, and what it is
}

func newSecrets() *secrets { return &secrets{words: map[string]string{confidential: "content"}} }

func (s *secrets) add(what, word string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.words[word] = what
}

func (s *secrets) addOrder(order order) {
	s.add("fiscal code", order.Recipient.FiscalCode)

	if order.Recipient.Phone != "" {
		// Without the country's prefix, as an Italian would write it.
		s.add("phone", strings.TrimPrefix(order.Recipient.Phone, "+39"))
	}

	if order.Content.Payment != nil {
		s.add("notice number", order.Content.Payment.NoticeNumber)
	}
}

// foundIn names the kinds of secrets that stand in some bytes, in clear or in base64.
func (s *secrets) foundIn(data []byte) []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var found []string

	hidden := decodedFrom(data)

	for word, what := range s.words {
		if bytes.Contains(data, []byte(word)) || bytes.Contains(hidden, []byte(word)) {
			found = append(found, what)
		}
	}

	return found
}

// decodedFrom is everything in some bytes that reads as base64, decoded.
func decodedFrom(data []byte) []byte {
	var decoded bytes.Buffer

	for _, token := range regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`).FindAll(data, -1) {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			// A token may begin in the middle of a group of four.
			for shift := range 4 {
				part := token[min(shift, len(token)):]
				part = part[:len(part)/4*4]

				if text, err := encoding.DecodeString(string(part)); err == nil {
					decoded.Write(text)
					decoded.WriteByte('\n')
				}
			}
		}
	}

	return decoded.Bytes()
}
