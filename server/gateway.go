package server

import (
	"context"
	"io"
	"net/url"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

var _ Gateway = (*gateway.Gateway)(nil)

// Gateway is what the API asks of the use cases; *gateway.Gateway fulfils it.
type Gateway interface {
	NotificationGateway
	BatchGateway
	TemplateGateway

	CheckRecipient(ctx context.Context, actor gateway.Actor, serviceID, fiscalCode string) (gateway.Reachability, error)
	Services(ctx context.Context, actor gateway.Actor) ([]notification.Service, error)

	// AuthenticateKey gives whose a key is; address is where the request came from.
	AuthenticateKey(ctx context.Context, token, address string) (gateway.Actor, error)
	// RecordTwilioStatus takes in a status callback. requestURI is the path with the query as it was called; the
	// signature covers both.
	RecordTwilioStatus(ctx context.Context, requestURI string, form url.Values, signature string) error
	Health(ctx context.Context) gateway.Health
	// Ready asks the database alone; an error where it cannot be reached.
	Ready(ctx context.Context) error
}

// NotificationGateway is the use cases about notifications.
type NotificationGateway interface {
	Submit(ctx context.Context, actor gateway.Actor, submission gateway.Submission) (gateway.Receipt, error)
	SubmitBulk(ctx context.Context, actor gateway.Actor, bulk gateway.Bulk) (gateway.BulkReceipt, error)
	Notification(ctx context.Context, actor gateway.Actor, id string) (gateway.View, error)
	Notifications(ctx context.Context, actor gateway.Actor, query gateway.Query) (gateway.Page, error)
	Timeline(ctx context.Context, actor gateway.Actor, id string) (notification.Timeline, error)

	Cancel(ctx context.Context, actor gateway.Actor, id string, reason notification.Reason) error
	Hold(ctx context.Context, actor gateway.Actor, id string) error
	Resume(ctx context.Context, actor gateway.Actor, id string) error
	Decide(ctx context.Context, actor gateway.Actor, id string, decision gateway.Decision) error
	Retry(ctx context.Context, actor gateway.Actor, id string) error
}

// BatchGateway is the use cases about files with many notifications.
type BatchGateway interface {
	UploadBatch(ctx context.Context, actor gateway.Actor, upload gateway.BatchUpload) (gateway.BatchView, error)
	Batch(ctx context.Context, actor gateway.Actor, id string) (gateway.BatchView, error)
	Batches(ctx context.Context, actor gateway.Actor, query gateway.BatchQuery) (gateway.BatchPage, error)
	BatchRows(ctx context.Context, actor gateway.Actor, id string, query gateway.RowQuery) (gateway.RowPage, error)
	BatchPreview(ctx context.Context, actor gateway.Actor, id string, number int) (gateway.RowPreview, error)

	// RemapBatch has the file read again with columns by their numbers, of which 0 is the leftmost. A nil header leaves
	// it as it was whether the first row names the columns.
	RemapBatch(ctx context.Context, actor gateway.Actor, id string, check int, columns map[int]batch.Field, header *bool) error
	SampleBatch(ctx context.Context, actor gateway.Actor, id string) error
	ConfirmBatch(ctx context.Context, actor gateway.Actor, id string, confirmation gateway.Confirmation) error
	PauseBatch(ctx context.Context, actor gateway.Actor, id string) error
	ResumeBatch(ctx context.Context, actor gateway.Actor, id string) error
	CancelBatch(ctx context.Context, actor gateway.Actor, id string) error
	DiscardBatch(ctx context.Context, actor gateway.Actor, id string) error

	WriteRejects(ctx context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat) error
	WriteResults(
		ctx context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat, lang notification.Lang,
	) error
}

// TemplateGateway is the use cases about texts with placeholders.
type TemplateGateway interface {
	CreateTemplate(ctx context.Context, actor gateway.Actor, draft gateway.TemplateDraft) (gateway.TemplateView, error)
	// ReviseTemplate adds a version after the one that its author saw; gateway.ErrState where there is another one since.
	ReviseTemplate(ctx context.Context, actor gateway.Actor, id string, seen int, draft gateway.TemplateDraft) (gateway.TemplateView, error)
	Template(ctx context.Context, actor gateway.Actor, id string, version int) (gateway.TemplateView, error)
	Templates(ctx context.Context, actor gateway.Actor, query gateway.TemplateQuery) ([]gateway.TemplateView, error)
	ArchiveTemplate(ctx context.Context, actor gateway.Actor, id string) error
	PreviewTemplate(
		ctx context.Context, actor gateway.Actor, draft gateway.TemplateDraft, values map[string]string,
	) (gateway.TemplatePreview, error)
}
