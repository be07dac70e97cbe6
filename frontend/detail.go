package frontend

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// labelPhone is the message that names the citizen's phone.
const labelPhone = "detail.phone"

// labelEnte is the message that names the Ente.
const labelEnte = "detail.ente"

// workflowIDPrefix is how the engine names a notification's workflow.
const workflowIDPrefix = "notification/"

// detailPage tells everything about one notification.
type detailPage struct {
	page
	Live liveView
	Data []fact

	// Removed says that the content is not there any more, and why; empty: it is.
	Removed  string
	Subject  string
	Markdown string
	SMSText  string
	DueDate  moment
	Payment  []fact

	Again    string // the address at which the same can be written again; empty where it is not for the reader
	Workflow string // the address in Temporal's Web UI; empty where it is not for the reader
	Reveal   string // the address at which the recipient can be seen unmasked; empty where it is not for the reader
	Same     string // the address that searches for the same citizen
}

// fact is one line of a list of data.
type fact struct {
	Name    string
	Value   string
	Code    bool   // an identifier, shown in a fixed-width type
	Address string // where the value leads; empty: nowhere
}

func notificationAddress(id string) string { return notificationsPath + "/" + url.PathEscape(id) }

func (f *Frontend) detail(c echo.Context) error {
	view, timeline, err := f.readNotification(c)
	if err != nil {
		return err
	}

	removed := f.removedContent(c, &view)
	if removed != "" {
		view.Content.Subject = f.basePage(c.Request(), nil).T("detail.no_subject")
	}

	p := f.page(c, "detail.title", view.Content.Subject)

	live, err := f.liveView(p, &view, timeline)
	if err != nil {
		return err
	}

	shown := detailPage{
		page: p, Live: live, Data: f.facts(&view, p),
		Removed: removed, Subject: view.Content.Subject, Markdown: view.Content.Markdown, SMSText: view.Content.SMSText,
		Payment: paymentFacts(view.Content.Payment, p), Workflow: f.workflowAddress(p, view.ID),
	}
	if p.May(gateway.PermissionSend) && removed == "" {
		shown.Again = composePath + "?" + url.Values{"from": {view.ID}}.Encode()
	}

	if view.Content.DueDate != nil {
		shown.DueDate = f.moment(*view.Content.DueDate, p.Lang)
	}

	if !view.ErasedAt.IsZero() {
		// There is nobody to be shown or searched for.
		return f.show(c, http.StatusOK, "detail.html", shown)
	}

	shown.Same = notificationAddress(view.ID) + "/" + sameCitizen
	if p.May(gateway.PermissionReveal) {
		shown.Reveal = notificationAddress(view.ID) + "/reveal"
	}

	return f.show(c, http.StatusOK, "detail.html", shown)
}

// removedContent says why there is no content; empty where there is.
func (f *Frontend) removedContent(c echo.Context, view *gateway.View) string {
	p := f.basePage(c.Request(), account(c))

	switch {
	case !view.ErasedAt.IsZero():
		return p.T("detail.erased", f.moment(view.ErasedAt, p.Lang).Date)
	case !view.ContentRemovedAt.IsZero():
		return p.T("detail.content_removed", f.moment(view.ContentRemovedAt, p.Lang).Date)
	}

	return ""
}

func (f *Frontend) readNotification(c echo.Context) (gateway.View, notification.Timeline, error) {
	ctx, id := c.Request().Context(), c.Param("id")

	view, err := f.gateway.Notification(ctx, actor(c), id)
	if err != nil {
		return gateway.View{}, notification.Timeline{}, fmt.Errorf("reading a notification: %w", err)
	}

	timeline, err := f.gateway.Timeline(ctx, actor(c), id)
	if err != nil {
		return gateway.View{}, notification.Timeline{}, fmt.Errorf("reading a notification's timeline: %w", err)
	}

	return view, timeline, nil
}

// facts lists what is known of the notification beside its content; unknown lines are left out.
func (f *Frontend) facts(view *gateway.View, p page) []fact {
	all := []fact{
		{Name: "detail.recipient", Value: view.MaskedFiscalCode},
		{Name: labelPhone, Value: view.MaskedPhone},
		{Name: labelEnte, Value: view.EnteName},
		{Name: "detail.service", Value: view.ServiceName},
		{Name: "detail.reference", Value: view.ExternalReference, Code: true},
		{Name: "detail.batch", Value: batchLabel(view.BatchID, p), Address: batchAddress(view.BatchID)},
		{Name: "detail.priority", Value: view.Priority.Label(p.Lang)},
		{Name: "detail.accepted_at", Value: f.moment(view.AcceptedAt, p.Lang).String()},
		{Name: "detail.send_at", Value: f.moment(view.SendAt, p.Lang).String()},
		{Name: "detail.expires_at", Value: f.moment(view.ExpiresAt, p.Lang).String()},
		{Name: "detail.id", Value: view.ID, Code: true},
	}

	return named(slices.DeleteFunc(all, func(line fact) bool { return line.Value == "" }), p)
}

// batchLabel is what the link to a notification's batch says; empty where it has none.
func batchLabel(batchID string, p page) string {
	if batchID == "" {
		return ""
	}

	return p.T("detail.open_batch")
}

func paymentFacts(payment *notification.Payment, p page) []fact {
	if payment == nil {
		return nil
	}

	lines := []fact{
		{Name: "detail.notice_number", Value: payment.NoticeNumber, Code: true},
		{Name: "detail.amount", Value: amount(payment.AmountCents, p.Lang)},
	}
	if payment.PayeeFiscalCode != "" {
		lines = append(lines, fact{Name: "detail.payee", Value: payment.PayeeFiscalCode, Code: true})
	}

	if payment.InvalidAfterDueDate {
		lines = append(lines, fact{Name: "detail.after_due_date", Value: p.T("detail.not_payable")})
	}

	return named(lines, p)
}

// named puts the message in each key's place.
func named(lines []fact, p page) []fact {
	for i := range lines {
		lines[i].Name = p.T(lines[i].Name)
	}

	return lines
}

// workflowAddress leads those who can make sense of it to the workflow itself.
func (f *Frontend) workflowAddress(p page, id string) string {
	if f.temporalUI == "" || !p.May(gateway.PermissionDiagnose) {
		return ""
	}

	return f.temporalUI + "/workflows/" + url.PathEscape(workflowIDPrefix+id)
}
