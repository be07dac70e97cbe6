package simulator

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// Ledger lists what was received and stored, oldest first, with each message's status as of now.
func (s *Simulator) Ledger() []Entry { return s.ledger.entries(time.Now()) }

// Counters are the counts of calls.
func (s *Simulator) Counters() Counters { return s.ledger.snapshot() }

// Summary gives totals, duplicates and use of keys.
func (s *Simulator) Summary() Summary {
	summary := summarise(s.Ledger(), s.Counters())
	summary.Usage = s.quota.used()

	return summary
}

// Reset empties the ledger, the counters, the webhook receiver and the memory of the outcomes "at first … then
// fine". Messages stay readable and callbacks under way go on. A journal is emptied with them: after another [Open]
// the messages from before the reset are gone as well. It fails, and resets nothing, where the journal cannot be
// emptied.
func (s *Simulator) Reset() error {
	return s.journal.empty(func() {
		s.ledger.reset()
		s.quota.forget()
		s.refusals.reset()
		s.webhooks.reset()
	})
}

type ledgerPage struct {
	// Total counts the entries that match, Entries are the newest of them up to the limit, oldest first.
	Total    int      `json:"total"`
	Entries  []Entry  `json:"entries"`
	Counters Counters `json:"counters"`
}

func (s *Simulator) getLedger(c echo.Context) error {
	channel, recipient := Channel(c.QueryParam("channel")), c.QueryParam("recipient")
	matching := []Entry{}

	for _, entry := range s.Ledger() {
		if (channel == "" || entry.Channel == channel) && (recipient == "" || entry.Recipient == recipient) {
			matching = append(matching, entry)
		}
	}

	page := ledgerPage{Total: len(matching), Entries: matching, Counters: s.Counters()}

	if limit := c.QueryParam("limit"); limit != "" {
		number, err := strconv.Atoi(limit)
		if err != nil || number < 0 {
			return echo.NewHTTPError(http.StatusBadRequest, "limit is not a number of entries")
		}

		page.Entries = matching[max(0, len(matching)-number):]
	}

	return c.JSON(http.StatusOK, page)
}

func (s *Simulator) getSummary(c echo.Context) error { return c.JSON(http.StatusOK, s.Summary()) }

func (s *Simulator) resetLedger(c echo.Context) error {
	if err := s.Reset(); err != nil {
		return echo.NewHTTPError(http.StatusInternalServerError, err.Error())
	}

	return c.NoContent(http.StatusNoContent)
}
