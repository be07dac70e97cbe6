package gateway

import (
	"crypto/sha256"
	"encoding/json"
	"errors"

	"github.com/genio-gateway/genio/notification"
)

// keptResult is a result as it is kept for a repetition. Answers outlive the program that wrote them: names stay.
type keptResult struct {
	ID       string       `json:"id,omitempty"`
	Replayed bool         `json:"replayed,omitempty"`
	Conflict bool         `json:"conflict,omitempty"`
	Errors   []keptFields `json:"errors,omitempty"`
}

type keptFields struct {
	Field     string `json:"field"`
	Code      string `json:"code"`
	Message   string `json:"message"`
	Messaggio string `json:"messaggio"`
}

func encodeAnswer(results []BulkResult) ([]byte, error) {
	kept := make([]keptResult, len(results))

	for i, result := range results {
		kept[i] = keptResult{ID: result.ID, Replayed: result.Replayed, Conflict: result.Conflict}

		for _, field := range result.Errors {
			kept[i].Errors = append(kept[i].Errors, keptFields(field))
		}
	}

	encoded, err := json.Marshal(kept)
	if err != nil {
		return nil, errors.New("an answer that cannot be encoded")
	}

	return encoded, nil
}

func decodeAnswer(encoded []byte) ([]BulkResult, error) {
	var kept []keptResult

	if err := json.Unmarshal(encoded, &kept); err != nil {
		return nil, errors.New("a kept answer that cannot be read")
	}

	results := make([]BulkResult, len(kept))

	for i, result := range kept {
		results[i] = BulkResult{Receipt: Receipt{ID: result.ID, Replayed: result.Replayed}, Conflict: result.Conflict}

		for _, field := range result.Errors {
			results[i].Errors = append(results[i].Errors, notification.FieldError(field))
		}
	}

	return results, nil
}

// keyedSubmission is an item with its key, which is a part of what was submitted.
type keyedSubmission struct {
	Submission

	Key string `json:"idempotency_key,omitempty"`
}

// bulkHash tells a repeated bulk from another one under the same key.
func bulkHash(items []Submission) ([]byte, error) {
	keyed := make([]keyedSubmission, len(items))
	for i, item := range items {
		keyed[i] = keyedSubmission{Submission: item, Key: item.IdempotencyKey}
	}

	encoded, err := json.Marshal(keyed)
	if err != nil {
		// The encoder's words could repeat a value.
		return nil, errors.New("a bulk that cannot be encoded")
	}

	hash := sha256.Sum256(encoded)

	return hash[:], nil
}
