package integration_test

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/prototext"
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

// fractions are seconds and the like: 0.437000000000000012 holds the digits of a phone number by chance.
var fractions = regexp.MustCompile(`\b\d+\.\d{6,}`)

// foundIn names the kinds of secrets that stand in some bytes, in clear or in base64, in small letters or capitals.
func (s *secrets) foundIn(data []byte) []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var found []string

	hidden := bytes.ToUpper(decodedFrom(data))
	plain := bytes.ToUpper(data)
	whole := fractions.ReplaceAll(plain, []byte("0.0"))

	for word, what := range s.words {
		visible := plain
		if what == "phone" {
			visible = whole
		}

		sought := bytes.ToUpper([]byte(word))
		if bytes.Contains(visible, sought) || bytes.Contains(hidden, sought) {
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

// The search that every proof of privacy rests on does find what stands there.
func TestSecretsThatStandThereAreFound(t *testing.T) {
	t.Parallel()

	hidden := newSecrets()
	hidden.addOrder(order{Recipient: recipient{FiscalCode: "XXXAAA00A01H501X", Phone: "+393700000001"}})
	hidden.add("IO key", "0123456789abcdef0123456789abcdef")

	payload := func(text string) string {
		return prototext.Format(&commonpb.Payload{Data: []byte(base64.StdEncoding.EncodeToString([]byte(text)))})
	}

	for place, planted := range map[string]struct{ text, what string }{
		"a line of the log":   {`{"msg":"sent","to":"XXXAAA00A01H501X"}`, "fiscal code"},
		"small letters":       {"/messages/xxxaaa00a01h501x/01", "fiscal code"},
		"with the prefix":     {"To=%2B393700000001", "phone"},
		"without the prefix":  {"to: 3700000001", "phone"},
		"a payload":           {payload(`{"subject":"` + confidential + `"}`), "content"},
		"within other base64": {base64.RawURLEncoding.EncodeToString([]byte(`{"a":1,"key":"0123456789abcdef0123456789abcdef"}`)), "IO key"},
		"a label of a metric": {`genio_x{key="0123456789ABCDEF0123456789ABCDEF"} 1`, "IO key"},
	} {
		require.Equal(t, []string{planted.what}, hidden.foundIn([]byte("before "+planted.text+" after")), place)
	}

	require.Empty(t, hidden.foundIn([]byte("genio_x_seconds_sum 0.4370000000100000002 1.3700000001e-05")))
	require.Empty(t, hidden.foundIn([]byte("notification 019ac4d4-26ee-7d1c-a6a3-0e3b2d8c5f11 io_profile_not_found 370000000")))
}
