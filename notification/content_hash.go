package notification

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"
)

// ContentHash is what a notification is recognised by when it comes a second time: SHA-256 over the service, the
// citizen and what the citizen would read. The text of the SMS is left out, because it changes with the Ente's name.
// The hash can be guessed by whoever knows the content, so it is stored under a key only.
func ContentHash(serviceID, fiscalCode string, content Content) []byte {
	var hashed hashedText

	hashed.add(serviceID, fiscalCode, content.Subject, content.Markdown)
	hashed.addTime(content.DueDate)
	hashed.addPayment(content.Payment)

	if content.English != nil {
		hashed.add(content.English.Subject, content.English.Markdown)
	}

	sum := sha256.Sum256(hashed)

	return sum[:]
}

// hashedText is made of parts, each behind its length: no two lists of parts run together to the same.
type hashedText []byte

func (t *hashedText) add(parts ...string) {
	for _, part := range parts {
		*t = binary.AppendUvarint(*t, uint64(len(part)))
		*t = append(*t, part...)
	}
}

// addTime counts seconds, since a database may keep no more of it than microseconds.
func (t *hashedText) addTime(moment *time.Time) {
	if moment == nil {
		t.add("")

		return
	}

	t.add(strconv.FormatInt(moment.Unix(), 10))
}

func (t *hashedText) addPayment(payment *Payment) {
	if payment == nil {
		t.add("")

		return
	}

	t.add(
		payment.NoticeNumber, strconv.FormatInt(payment.AmountCents, 10),
		strconv.FormatBool(payment.InvalidAfterDueDate), payment.PayeeFiscalCode,
	)
}
