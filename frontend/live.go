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

// paramSeen tells which version of a thing the page was made of.
const paramSeen = "seen"

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
	Meaning string // what the status says
	Retry   string // whether another try can help; empty where nothing went wrong
	Away    bool   // Temporal is away: what needs it cannot be done now

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
	Meaning        string // what the status says
	Superseded     int    // the ordinal of the attempt that took its place; 0: none did
	ProviderStatus string // the provider's own word
	ProviderWord   string // what it means
	Provider       string // its name
	Told           []toldWord
	ProviderID     string
	Calls          int
	Segments       int
	Started, Ended moment
}

// toldWord is what a provider told by itself, in its word and in plain ones.
type toldWord struct {
	At      moment
	Word    string
	Meaning string
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

	if c.QueryParam(paramSeen) == shown.Version {
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
		Meaning: p.T("layer.status." + string(view.Status)),
		Retry:   retryHelps(view, p),
		Away:    timeline.Away,
	}

	// While Temporal is there, the rows tell everything of a notification that has not begun.
	if !timeline.Away && (view.Status == notification.StatusAccepted || view.Status == notification.StatusScheduled) {
		shown.Reduced = false
	}

	for i, attempt := range view.Attempts {
		shown.Attempts = append(shown.Attempts, f.attemptView(attempt, view, view.Attempts[i+1:], p))
	}

	// The rendered text itself is what must not have changed.
	text, err := f.render(partsOnly, "live", shown)
	if err != nil {
		return liveView{}, err
	}

	sum := sha256.Sum256(text)
	shown.Version = hex.EncodeToString(sum[:versionLength])
	shown.NewsAddress = shown.Address + "/live?" + url.Values{paramSeen: {shown.Version}}.Encode()

	return shown, nil
}

// retryHelps says whether another try can help, where something went wrong.
func retryHelps(view *gateway.View, p page) string {
	switch {
	case view.Reason == "" || view.Status != notification.StatusFailed && view.Status != notification.StatusNotDelivered:
		return ""
	case view.Status == notification.StatusFailed && view.Reason.Describe().Retryable:
		return p.T("layer.retry_helps")
	default:
		return p.T("layer.retry_is_no_use")
	}
}

func (f *Frontend) attemptView(
	attempt notification.Attempt, view *gateway.View, later []notification.Attempt, p page,
) attemptView {
	lang := p.Lang
	shown := attemptView{
		Channel:        attempt.Channel.Label(lang),
		Ordinal:        attempt.Ordinal,
		Status:         attemptMark(attempt.Status, lang),
		Reason:         explain(attempt.Reason, lang).Message,
		Meaning:        p.T("layer.attempt." + string(attempt.Status)),
		ProviderStatus: attempt.ProviderStatus,
		ProviderWord:   notification.ProviderWord(attempt.Channel, attempt.ProviderStatus, lang),
		ProviderID:     attempt.ProviderID,
		Calls:          attempt.Calls,
		Segments:       attempt.Segments,
		Started:        f.moment(attempt.StartedAt, lang),
		Ended:          f.moment(attempt.SettledAt, lang),
		Provider:       p.T("layer.provider." + string(attempt.Channel)),
	}

	for _, told := range view.ProviderWords[attempt.ID] {
		shown.Told = append(shown.Told, toldWord{
			At: f.moment(told.At, lang), Word: told.Word, Meaning: notification.ProviderWord(attempt.Channel, told.Word, lang),
		})
	}

	for _, other := range later {
		if other.Channel == attempt.Channel && other.Ordinal == attempt.Ordinal+1 {
			shown.Superseded = other.Ordinal
		}
	}

	return shown
}
