package batch

import (
	"encoding/binary"
	"hash/maphash"
	"strconv"
)

// fingerprint hashes who gets what and when: a citizen who would read the same twice is a duplicate, whatever phone or
// reference the rows have. The seed is the process's own, so nobody can make two contents look alike; that two of 100,000
// do by chance happens once in four billion files.
func (c *checker) fingerprint(s *slot) {
	words := c.words[:0]
	words = appendText(words, s.Recipient.FiscalCode)
	words = appendNumber(words, s.SendAt.Unix())

	if s.DueDate != nil {
		words = appendNumber(words, s.DueDate.Unix())
	}

	if s.Payment != nil {
		words = appendText(words, s.Payment.NoticeNumber)
		words = appendText(words, s.Payment.PayeeFiscalCode)
		words = appendNumber(words, s.Payment.AmountCents)
		words = strconv.AppendBool(words, s.Payment.InvalidAfterDueDate)
	}

	for _, value := range s.Values {
		words = appendText(words, value)
	}

	s.content = maphash.Bytes(c.seed, words)
	c.words = words
}

// appendText says the length first, so that no text runs into the next one.
func appendText(words []byte, text string) []byte {
	return append(appendNumber(words, int64(len(text))), text...)
}

func appendNumber(words []byte, number int64) []byte {
	return binary.LittleEndian.AppendUint64(words, uint64(number)) //nolint:gosec // any bits do for a hash
}
