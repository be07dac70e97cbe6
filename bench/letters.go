package main

import (
	"encoding/json"
	"fmt"

	"github.com/genio-gateway/genio/simulator"
)

// letter is the body of POST /notifications as an Ente's application sends it: a payment notice for an invented citizen.
type letter struct {
	// IdempotencyKey is of an item of a bulk; a single one has it in its header.
	IdempotencyKey    string          `json:"idempotency_key,omitempty"`
	ServiceID         string          `json:"service_id"`
	ExternalReference string          `json:"external_reference"`
	Recipient         letterRecipient `json:"recipient"`
	Content           letterContent   `json:"content"`
}

type letterRecipient struct {
	FiscalCode string `json:"fiscal_code"`
	Phone      string `json:"phone"`
}

type letterContent struct {
	Subject  string        `json:"subject"`
	Markdown string        `json:"markdown"`
	DueDate  string        `json:"due_date"`
	Payment  letterPayment `json:"payment"`
}

type letterPayment struct {
	NoticeNumber string `json:"notice_number"`
	AmountCents  int    `json:"amount_cents"`
}

// letterText is about as long as such a notice is.
const letterText = "È disponibile l'avviso di pagamento della **tassa sui rifiuti** (TARI) per il 2026, relativo all'immobile " +
	"di via Roma 12.\n\n" +
	"Può pagare direttamente dall'app IO, in un'unica soluzione o in due rate, entro la data di scadenza indicata. " +
	"Per chiarimenti l'ufficio tributi risponde dal lunedì al venerdì, dalle 9 alle 12, e riceve su appuntamento.\n\n" +
	"Se ha già pagato, non tenga conto di questo avviso."

// letterTo is a notice for the n-th citizen of an outcome.
func (e *ente) letterTo(outcome simulator.CitizenOutcome, n int) letter {
	const least, differences = 5000, 30_000 // in cents

	return letter{
		ServiceID: e.service, ExternalReference: fmt.Sprintf("TARI-2026-%07d", n),
		Recipient: letterRecipient{
			FiscalCode: simulator.FiscalCode(outcome, n), Phone: simulator.Phone(simulator.PhoneDelivered, n),
		},
		Content: letterContent{
			Subject: "Avviso di pagamento TARI 2026", Markdown: letterText, DueDate: "2027-06-16T21:59:59Z",
			Payment: letterPayment{NoticeNumber: fmt.Sprintf("3%017d", n), AmountCents: least + n%differences},
		},
	}
}

// requestsFor are single requests for citizens from the first-th on, of one Ente after the other.
func requestsFor(enti []*ente, outcome simulator.CitizenOutcome, first, count int) ([]request, error) {
	requests := make([]request, count)

	for i := range requests {
		one := enti[i%len(enti)]

		body, err := json.Marshal(one.letterTo(outcome, first+i))
		if err != nil {
			return nil, fmt.Errorf("encoding a notification: %w", err)
		}

		requests[i] = request{apiKey: one.apiKey, idempotencyKey: fmt.Sprintf("single-%d", first+i), body: body}
	}

	return requests, nil
}

// bulksFor are requests with so many notifications each.
func bulksFor(enti []*ente, outcome simulator.CitizenOutcome, first, count, each int) ([]request, error) {
	return bulksOf(enti, first, count, each, func(sender *ente, n int) (letter, error) { return sender.letterTo(outcome, n), nil })
}

// bulksOf are requests with so many notifications each, of one Ente after the other, that say what write writes for the n-th citizen.
func bulksOf(enti []*ente, first, count, each int, write func(sender *ente, n int) (letter, error)) (requests []request, err error) {
	for begin := first; begin < first+count; begin += each {
		sender := enti[len(requests)%len(enti)]
		items := make([]letter, min(each, first+count-begin))

		for i := range items {
			if items[i], err = write(sender, begin+i); err != nil {
				return nil, err
			}

			items[i].IdempotencyKey = fmt.Sprintf("item-%d", begin+i)
		}

		body, err := json.Marshal(map[string]any{"items": items})
		if err != nil {
			return nil, fmt.Errorf("encoding a bulk: %w", err)
		}

		requests = append(requests, request{apiKey: sender.apiKey, idempotencyKey: fmt.Sprintf("bulk-%d", begin), body: body})
	}

	return requests, nil
}
