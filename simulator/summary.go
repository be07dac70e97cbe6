package simulator

import (
	"slices"
	"strings"
)

// maxListedDuplicates bounds the list in a [Summary]; its total counts them all.
const maxListedDuplicates = 1000

// Summary is what tests and load tests ask of the ledger.
type Summary struct {
	Stored map[Channel]int `json:"stored"`
	// ByStatus counts by channel, then by the provider's word.
	ByStatus map[Channel]map[string]int `json:"by_status"`
	// ByKey counts the messages on IO by key, with the service that the key belongs to.
	ByKey []KeyUse `json:"by_key"`

	// DuplicateCount is how many contents may reach their recipient more than once. Sending again what was REJECTED,
	// FAILED or undelivered makes no duplicate.
	DuplicateCount int         `json:"duplicate_count"`
	Duplicates     []Duplicate `json:"duplicates"`
	// CrossKeyCount is how many contents reached one recipient through keys of more than one service.
	CrossKeyCount int      `json:"cross_key_count"`
	CrossKey      []string `json:"cross_key"` // their content hashes

	Counters Counters `json:"counters"`
	// Usage is how each Ente has used its quota of calls to IO, since the simulator was started or reset.
	Usage map[string]Usage `json:"usage"`
}

// KeyUse is how many messages a key sent.
type KeyUse struct {
	Key       string `json:"key"`
	EnteID    string `json:"ente_id"`
	ServiceID string `json:"service_id"`
	Messages  int    `json:"messages"`
}

// Duplicate is a content that one recipient may get more than once.
type Duplicate struct {
	Channel     Channel  `json:"channel"`
	Recipient   string   `json:"recipient"`
	Text        string   `json:"text"`
	ContentHash string   `json:"content_hash"`
	Times       int      `json:"times"`
	ProviderIDs []string `json:"provider_ids"`
}

func summarise(entries []Entry, counters Counters) Summary {
	summary := Summary{
		Stored: map[Channel]int{}, ByStatus: map[Channel]map[string]int{ChannelIO: {}, ChannelTwilio: {}},
		ByKey: keyUses(entries), Duplicates: []Duplicate{}, CrossKey: []string{}, Counters: counters,
	}

	for _, entry := range entries {
		summary.Stored[entry.Channel]++
		summary.ByStatus[entry.Channel][entry.Status]++
	}

	for _, sameContent := range groupByContent(entries) {
		summary.addGroup(sameContent)
	}

	return summary
}

func (s *Summary) addGroup(sameContent []Entry) {
	services := map[string]bool{}
	duplicate := Duplicate{
		Channel: sameContent[0].Channel, Recipient: sameContent[0].Recipient,
		Text: sameContent[0].Text, ContentHash: sameContent[0].ContentHash,
	}

	for _, entry := range sameContent {
		services[entry.EnteID+"/"+entry.ServiceID] = true

		if entry.MayReach {
			duplicate.Times++
			duplicate.ProviderIDs = append(duplicate.ProviderIDs, entry.ProviderID)
		}
	}

	if len(services) > 1 {
		s.CrossKeyCount++
		if len(s.CrossKey) < maxListedDuplicates {
			s.CrossKey = append(s.CrossKey, duplicate.ContentHash)
		}
	}

	if duplicate.Times > 1 {
		s.DuplicateCount++
		if len(s.Duplicates) < maxListedDuplicates {
			s.Duplicates = append(s.Duplicates, duplicate)
		}
	}
}

// groupByContent keeps the order of the first entry of each content.
func groupByContent(entries []Entry) [][]Entry {
	place := make(map[string]int, len(entries))

	var groups [][]Entry

	for _, entry := range entries {
		i, known := place[entry.ContentHash]
		if !known {
			i = len(groups)
			place[entry.ContentHash] = i

			groups = append(groups, nil)
		}

		groups[i] = append(groups[i], entry)
	}

	return groups
}

func keyUses(entries []Entry) []KeyUse {
	byKey := map[string]KeyUse{}

	for _, entry := range entries {
		if entry.Channel != ChannelIO {
			continue
		}

		use := byKey[entry.Key]
		use.Key, use.EnteID, use.ServiceID = entry.Key, entry.EnteID, entry.ServiceID
		use.Messages++
		byKey[entry.Key] = use
	}

	uses := make([]KeyUse, 0, len(byKey))
	for _, use := range byKey {
		uses = append(uses, use)
	}

	slices.SortFunc(uses, func(a, b KeyUse) int { return strings.Compare(a.Key, b.Key) })

	return uses
}
