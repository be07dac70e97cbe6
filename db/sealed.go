package db

import "github.com/genio-gateway/genio/notification"

// Sealed is a notification's personal data as its row keeps it: encrypted, and as keyed hashes to search by.
type Sealed struct {
	Recipient, Content, FiscalCodeHash []byte
	PhoneHash                          []byte // nil where there is no phone
}

// Seal gives what the row of a notification keeps of its personal data, for programs that write very many rows by themselves,
// such as benchmarks.
func (k *Keys) Seal(n notification.Notification) (Sealed, error) {
	if err := checkIDs(n.ID); err != nil {
		return Sealed{}, err
	}

	var row notificationRow
	if err := (&Store{keys: k}).sealPersonalData(&row, n); err != nil {
		return Sealed{}, err
	}

	sealed := Sealed{Recipient: row.Recipient, Content: row.Content, FiscalCodeHash: row.FiscalCodeHash}
	if row.PhoneHash.Valid {
		sealed.PhoneHash = row.PhoneHash.V
	}

	return sealed, nil
}
