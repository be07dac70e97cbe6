package frontend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const batchesPath = "/batches"

// BatchGateway is what the pages ask of the use cases of batches.
type BatchGateway interface {
	UploadBatch(ctx context.Context, actor gateway.Actor, upload gateway.BatchUpload) (gateway.BatchView, error)
	Batch(ctx context.Context, actor gateway.Actor, id string) (gateway.BatchView, error)
	Batches(ctx context.Context, actor gateway.Actor, query gateway.BatchQuery) (gateway.BatchPage, error)
	BatchRows(ctx context.Context, actor gateway.Actor, id string, query gateway.RowQuery) (gateway.RowPage, error)
	BatchPreview(ctx context.Context, actor gateway.Actor, id string, number int) (gateway.RowPreview, error)

	RemapBatch(ctx context.Context, actor gateway.Actor, id string, check int, columns map[int]batch.Field, header *bool) error
	SampleBatch(ctx context.Context, actor gateway.Actor, id string) error
	ConfirmBatch(ctx context.Context, actor gateway.Actor, id string, confirmation gateway.Confirmation) error
	PauseBatch(ctx context.Context, actor gateway.Actor, id string) error
	ResumeBatch(ctx context.Context, actor gateway.Actor, id string) error
	CancelBatch(ctx context.Context, actor gateway.Actor, id string) error
	DiscardBatch(ctx context.Context, actor gateway.Actor, id string) error

	WriteRejects(ctx context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat) error
	WriteResults(ctx context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat, lang notification.Lang) error
}

// batchListPage shows one page of batches.
type batchListPage struct {
	page
	Statuses  []choice
	Services  []choice
	Rows      []batchRow
	ShowEnte  bool // the reader sees several Enti
	MayUpload bool

	Previous, Next string // addresses; empty where there is none
	Clear          string // the address without filters; empty where none is active
	Problem        string // a whole message, where the list could not be read as asked
}

// batchRow is one batch of the list.
type batchRow struct {
	Address   string
	Name      string
	FileName  string
	Status    mark
	Ente      string
	Service   string
	Rows      string
	Bad       string // empty where there is none
	Progress  *progressBar
	CreatedAt moment
}

// progressBar is how far a batch has come, for the eye and in words.
type progressBar struct {
	Done, All int
	Text      string
}

// batchFilter is what the list of batches shows, as its address says it.
type batchFilter struct {
	trail

	Status    notification.BatchStatus
	ServiceID string
}

func readBatchFilter(values url.Values) batchFilter {
	read := batchFilter{
		Status: notification.BatchStatus(values.Get(paramStatus)), ServiceID: values.Get(paramService), trail: readTrail(values),
	}

	if !isBatchStatus(read.Status) {
		read.Status = ""
	}

	return read
}

func (l batchFilter) address() string {
	values := url.Values{}

	if l.Status != "" {
		values.Set(paramStatus, string(l.Status))
	}

	if l.ServiceID != "" {
		values.Set(paramService, l.ServiceID)
	}

	l.write(values)

	return addressWith(batchesPath, values)
}

func (l batchFilter) at(place trail) batchFilter {
	l.trail = place

	return l
}

func (l batchFilter) query() gateway.BatchQuery {
	query := gateway.BatchQuery{Cursor: l.Cursor}

	if l.Status != "" {
		query.Statuses = []notification.BatchStatus{l.Status}
	}

	if l.ServiceID != "" {
		query.ServiceIDs = []string{l.ServiceID}
	}

	return query
}

func (f *Frontend) batchList(c echo.Context) error {
	wanted := readBatchFilter(c.QueryParams())
	shown := batchListPage{page: f.page(c, "batches.title"), ShowEnte: account(c).EnteID == "", MayUpload: actor(c).MayChange()}

	if err := f.fillBatchList(c, wanted, &shown); err != nil {
		return err
	}

	status := http.StatusOK
	if shown.Problem != "" {
		status = http.StatusUnprocessableEntity
	}

	return f.show(c, status, "batches.html", shown)
}

func (f *Frontend) fillBatchList(c echo.Context, wanted batchFilter, shown *batchListPage) error {
	ctx, reader := c.Request().Context(), actor(c)

	for _, status := range batchStatuses() {
		shown.Statuses = append(shown.Statuses, choice{
			Value: string(status), Label: batchMark(status, shown.page).Label, Chosen: status == wanted.Status,
		})
	}

	services, err := f.serviceChoices(ctx, reader, wanted.ServiceID, everyService)
	if err != nil {
		return err
	}

	shown.Services = services

	if wanted.Status != "" || wanted.ServiceID != "" {
		shown.Clear = batchesPath
	}

	found, err := f.gateway.Batches(ctx, reader, wanted.query())
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problem = fieldProblem(invalid, shown.Lang)

		return nil
	}

	if err != nil {
		return fmt.Errorf("listing batches: %w", err)
	}

	for i := range found.Items {
		shown.Rows = append(shown.Rows, f.batchRow(&found.Items[i], shown.page))
	}

	if found.Next != "" {
		shown.Next = wanted.at(wanted.next(found.Next)).address()
	}

	if wanted.Cursor != "" {
		shown.Previous = wanted.at(wanted.previous()).address()
	}

	return nil
}

func (f *Frontend) batchRow(view *gateway.BatchView, p page) batchRow {
	shown := batchRow{
		Address: batchAddress(view.ID), Name: view.Name, FileName: view.FileName, Status: batchMark(view.Status, p),
		Ente: view.EnteName, Service: view.ServiceName, CreatedAt: f.moment(view.CreatedAt, p.Lang),
	}

	if view.Counts.Rows > 0 {
		shown.Rows = count(view.Counts.Rows, p.Lang)
	}

	if view.Counts.Bad > 0 {
		shown.Bad = p.N("batches.bad", view.Counts.Bad)
	}

	if wasConfirmed(view.Status) {
		shown.Progress = progressOf(view.Progress, p)
	}

	return shown
}

func batchAddress(id string) string { return batchesPath + "/" + url.PathEscape(id) }

func progressOf(progress notification.BatchProgress, p page) *progressBar {
	ended, all := progress.Ended(), progress.ToSend

	return &progressBar{
		Done: ended, All: max(all, 1),
		Text: p.T("batches.progress_text", count(ended, p.Lang), count(all, p.Lang), percent(ended, all)),
	}
}

// percent rounds down, so that nothing is complete before it is, and nothing that is there is none.
func percent(part, whole int) string {
	const hundred = 100

	switch {
	case whole <= 0 || part == 0:
		return "0\u00a0%"
	case part*hundred < whole:
		return "<\u00a01\u00a0%"
	default:
		return fmt.Sprintf("%d\u00a0%%", part*hundred/whole)
	}
}
