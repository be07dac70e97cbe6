package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/genio-gateway/genio/simulator"
)

// heard is what the simulators received.
func (s *stack) heard(ctx context.Context) (simulator.Summary, error) {
	var summary simulator.Summary

	err := fetch(ctx, s.ledger("/ledger/summary"), &summary)

	return summary, err
}

// receivedBy are the messages of a recipient.
func (s *stack) receivedBy(ctx context.Context, fiscalCode string) ([]simulator.Entry, error) {
	var page struct {
		Entries []simulator.Entry `json:"entries"`
	}

	err := fetch(ctx, s.ledger("/ledger?channel=io&recipient="+fiscalCode), &page)

	return page.Entries, err
}

func fetch(ctx context.Context, url string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("decoding the simulator's answer: %w", err)
	}

	return nil
}

// usageOf is how an Ente used its quota: the simulator makes an Ente of each key.
func (e *ente) usageOf(summary simulator.Summary) simulator.Usage {
	for _, use := range summary.ByKey {
		if use.Key == e.ioKey {
			return summary.Usage[use.EnteID]
		}
	}

	return simulator.Usage{}
}

// share is how much of IO's quota the Ente used from its first call to its last.
func share(usage simulator.Usage) float64 {
	quota := simulator.DefaultConfig().IOQuota
	windows := usage.Last.Sub(usage.First).Seconds() / quota.Window.Seconds()

	if windows <= 0 {
		return 0
	}

	return float64(usage.Calls) / (windows * float64(quota.Calls))
}
