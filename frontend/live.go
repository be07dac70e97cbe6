package frontend

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// liveView is the part of a notification's page that changes while somebody looks at it.
type liveView struct {
	page
	ID      string
	Address string // of the notification's page
	Status  mark
	Reason  explanation
	Channel string
	Settled moment
	Acts    []actLink

	Attempts []attemptView
	Days     []timelineDay
	Reduced  bool // the timeline comes from the database alone

	// Open asks for news until the notification is final. Version names what is shown, so that the server
	// can answer that there are none; NewsAddress carries it.
	Open        bool
	Version     string
	NewsAddress string
}

// attemptView is one attempt to reach the citizen.
type attemptView struct {
	Channel        string
	Ordinal        int
	Status         mark
	Reason         string
	ProviderStatus string
	ProviderID     string
	Calls          int
	Segments       int
	Started, Ended moment
}

const versionLength = 8 // bytes

// live answers with the changing part alone, or with 204 where nothing has changed.
func (f *Frontend) live(c echo.Context) error {
	if !isFragment(c) {
		return redirect(c, notificationAddress(c.Param("id")))
	}

	view, timeline, err := f.readNotification(c)
	if err != nil {
		return err
	}

	shown, err := f.liveView(f.page(c, "detail.title", ""), &view, timeline)
	if err != nil {
		return err
	}

	if c.QueryParam("seen") == shown.Version {
		return c.NoContent(http.StatusNoContent)
	}

	text, err := f.render(partsOnly, "live", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) liveView(p page, view *gateway.View, timeline notification.Timeline) (liveView, error) {
	shown := liveView{
		page: p, ID: view.ID, Address: notificationAddress(view.ID),
		Status:  statusMark(view.Status, p.Lang),
		Reason:  explain(view.Reason, p.Lang),
		Channel: view.Channel.Label(p.Lang),
		Settled: f.moment(view.SettledAt, p.Lang),
		Acts:    possibleActs(view, p),
		Days:    f.timelineDays(timeline.Entries, p),
		Reduced: timeline.Source == notification.TimelineFromDatabase,
		Open:    !view.Status.Final(),
	}

	for _, attempt := range view.Attempts {
		shown.Attempts = append(shown.Attempts, f.attemptView(attempt, p.Lang))
	}

	// The rendered text itself is what must not have changed.
	text, err := f.render(partsOnly, "live", shown)
	if err != nil {
		return liveView{}, err
	}

	sum := sha256.Sum256(text)
	shown.Version = hex.EncodeToString(sum[:versionLength])
	shown.NewsAddress = shown.Address + "/live?" + url.Values{"seen": {shown.Version}}.Encode()

	return shown, nil
}

func (f *Frontend) attemptView(attempt notification.Attempt, lang notification.Lang) attemptView {
	return attemptView{
		Channel:        attempt.Channel.Label(lang),
		Ordinal:        attempt.Ordinal,
		Status:         attemptMark(attempt.Status, lang),
		Reason:         explain(attempt.Reason, lang).Message,
		ProviderStatus: attempt.ProviderStatus,
		ProviderID:     attempt.ProviderID,
		Calls:          attempt.Calls,
		Segments:       attempt.Segments,
		Started:        f.moment(attempt.StartedAt, lang),
		Ended:          f.moment(attempt.SettledAt, lang),
	}
}
