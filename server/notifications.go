package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// operations carries out the contract's operations. It only translates: every rule is the gateway's. Ids are passed on
// in lower case, as they are made; RFC 9562 lets a caller write them in upper case too.
type operations struct {
	gateway Gateway
	form    schemaCheck // of what is handed in with a batch's file
	limiter *limiter
	bulks   *gateway.AtOnce
}

var _ api.StrictServerInterface = (*operations)(nil)

// CreateNotification hands a notification in.
func (a *operations) CreateNotification(
	ctx context.Context, request api.CreateNotificationRequestObject,
) (api.CreateNotificationResponseObject, error) {
	if broken := textErrors(*request.Body); len(broken) > 0 {
		return nil, fail(ProblemInvalidRequest, broken...)
	}

	receipt, err := a.gateway.Submit(ctx, actorOf(ctx), submissionOf(*request.Body, request.Params.IdempotencyKey))
	if err != nil {
		return nil, fmt.Errorf("submitting a notification: %w", err)
	}

	links := linksOf(receipt.ID)

	return api.CreateNotification202JSONResponse{
		Body:    api.Receipt{ID: receipt.ID, Status: api.ReceiptStatusAccepted, Links: links},
		Headers: api.CreateNotification202ResponseHeaders{Location: links.Self, IdempotencyReplayed: receipt.Replayed},
	}, nil
}

// textErrors tells where a notification has not exactly one source of its text. The contract cannot say so without
// losing the names of the fields.
func textErrors(body api.NotificationRequest) notification.FieldErrors {
	// The contract requires a subject within a content, so that an empty one means no content.
	hasContent, hasTemplate := body.Content.Subject != "", body.TemplateID != ""

	switch {
	case hasContent && hasTemplate:
		return notification.FieldErrors{rule(
			"template_id", ruleNotTogether, "must not be given together with content", "non può essere indicato insieme a content",
		)}
	case !hasContent && !hasTemplate:
		return notification.FieldErrors{rule(
			"content", ruleRequired, "is required, unless template_id is given", "è obbligatorio, se non è indicato template_id",
		)}
	case hasTemplate:
		return nil
	}

	var broken notification.FieldErrors

	for field, isGiven := range map[string]bool{
		"template_version": body.TemplateVersion != 0, "personalisation": body.Personalisation != nil,
	} {
		if isGiven {
			broken = append(broken, rule(
				field, ruleNotTogether, "can be given with template_id only", "si può indicare solo insieme a template_id",
			))
		}
	}

	return tidy(broken)
}

func submissionOf(body api.NotificationRequest, idempotencyKey string) gateway.Submission {
	return gateway.Submission{
		ServiceID:         strings.ToLower(body.ServiceID),
		ExternalReference: body.ExternalReference,
		FiscalCode:        body.Recipient.FiscalCode,
		Phone:             body.Recipient.Phone,
		Content:           contentOf(body.Content),
		Template:          personalisedOf(body),
		Priority:          notification.Priority(body.Priority),
		SendAt:            body.SendAt,
		ExpiresAt:         body.ExpiresAt,
		IdempotencyKey:    idempotencyKey,
	}
}

func contentOf(body api.Content) notification.Content {
	content := notification.Content{Subject: body.Subject, Markdown: body.Markdown, SMSText: body.SmsText}

	if !body.DueDate.IsZero() {
		content.DueDate = &body.DueDate
	}

	// The contract requires a notice number within a payment, so that an empty one means no payment.
	if body.Payment.NoticeNumber != "" {
		content.Payment = &notification.Payment{
			NoticeNumber:        body.Payment.NoticeNumber,
			AmountCents:         body.Payment.AmountCents,
			InvalidAfterDueDate: body.Payment.InvalidAfterDueDate,
			PayeeFiscalCode:     body.Payment.PayeeFiscalCode,
		}
	}

	return content
}

func personalisedOf(body api.NotificationRequest) *gateway.Personalised {
	if body.TemplateID == "" {
		return nil
	}

	return &gateway.Personalised{
		TemplateID:      strings.ToLower(body.TemplateID),
		TemplateVersion: int(body.TemplateVersion),
		Values:          body.Personalisation,
	}
}

// ListNotifications lists by filters that may stand in an address.
func (a *operations) ListNotifications(
	ctx context.Context, request api.ListNotificationsRequestObject,
) (api.ListNotificationsResponseObject, error) {
	filter := request.Params

	page, err := a.page(ctx, api.NotificationSearch{
		Cursor:            filter.Cursor,
		Limit:             filter.Limit,
		Status:            filter.Status,
		ServiceID:         filter.ServiceID,
		BatchID:           filter.BatchID,
		ExternalReference: filter.ExternalReference,
		AcceptedFrom:      filter.AcceptedFrom,
		AcceptedTo:        filter.AcceptedTo,
	})
	if err != nil {
		return nil, err
	}

	return api.ListNotifications200JSONResponse{NotificationPageJSONResponse: page}, nil
}

// SearchNotifications lists by filters that must not stand in an address.
func (a *operations) SearchNotifications(
	ctx context.Context, request api.SearchNotificationsRequestObject,
) (api.SearchNotificationsResponseObject, error) {
	page, err := a.page(ctx, *request.Body)
	if err != nil {
		return nil, err
	}

	return api.SearchNotifications200JSONResponse{NotificationPageJSONResponse: page}, nil
}

func (a *operations) page(ctx context.Context, filter api.NotificationSearch) (api.NotificationPageJSONResponse, error) {
	page, err := a.gateway.Notifications(ctx, actorOf(ctx), queryOf(filter))
	if err != nil {
		return api.NotificationPageJSONResponse{}, fmt.Errorf("listing notifications: %w", err)
	}

	items := make([]api.Notification, len(page.Items))
	for i, view := range page.Items {
		items[i] = notificationOf(view)
	}

	return api.NotificationPageJSONResponse{Items: items, NextCursor: page.Next}, nil
}

func queryOf(filter api.NotificationSearch) gateway.Query {
	query := gateway.Query{
		BatchID:           strings.ToLower(filter.BatchID),
		ExternalReference: filter.ExternalReference,
		FiscalCode:        filter.FiscalCode,
		From:              filter.AcceptedFrom,
		To:                filter.AcceptedTo,
		Cursor:            filter.Cursor,
		Limit:             int(filter.Limit),
	}

	if filter.ServiceID != "" {
		query.ServiceIDs = []string{strings.ToLower(filter.ServiceID)}
	}

	for _, status := range filter.Status {
		query.Statuses = append(query.Statuses, notification.Status(status))
	}

	return query
}

// GetNotification reads one notification.
func (a *operations) GetNotification(
	ctx context.Context, request api.GetNotificationRequestObject,
) (api.GetNotificationResponseObject, error) {
	view, err := a.gateway.Notification(ctx, actorOf(ctx), strings.ToLower(request.ID))
	if err != nil {
		return nil, fmt.Errorf("reading a notification: %w", err)
	}

	found := notificationOf(view)
	for _, attempt := range view.Attempts {
		found.Attempts = append(found.Attempts, attemptOf(attempt))
	}

	return api.GetNotification200JSONResponse(found), nil
}

// GetTimeline reads one notification's story.
func (a *operations) GetTimeline(
	ctx context.Context, request api.GetTimelineRequestObject,
) (api.GetTimelineResponseObject, error) {
	timeline, err := a.gateway.Timeline(ctx, actorOf(ctx), strings.ToLower(request.ID))
	if err != nil {
		return nil, fmt.Errorf("reading a timeline: %w", err)
	}

	entries := make([]api.TimelineEntry, len(timeline.Entries))
	for i, entry := range timeline.Entries {
		entries[i] = entryOf(entry)
	}

	return api.GetTimeline200JSONResponse{Source: api.TimelineSource(timeline.Source), Entries: entries}, nil
}

// utc is the moment as answers show it; the zero moment stays zero and is left out.
func utc(at time.Time) time.Time {
	if at.IsZero() {
		return time.Time{}
	}

	return at.UTC()
}
