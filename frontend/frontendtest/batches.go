package frontendtest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// BatchEntry is one batch with its rows.
type BatchEntry struct {
	View gateway.BatchView
	Rows []gateway.RowView

	since time.Time // when what goes on by itself began; zero: nothing does
}

// sendTime is how long a confirmed batch takes.
const sendTime = 20 * time.Second

// UploadBatch takes a file and checks nothing of it but its size.
func (g *Gateway) UploadBatch(_ context.Context, actor gateway.Actor, upload gateway.BatchUpload) (gateway.BatchView, error) {
	size, err := io.Copy(io.Discard, upload.File)
	if err != nil {
		return gateway.BatchView{}, fmt.Errorf("reading the upload: %w", err)
	}

	g.mutex.Lock()
	defer g.mutex.Unlock()

	if g.fault != nil {
		return gateway.BatchView{}, g.fault
	}

	g.calls = append(g.calls, "upload "+strconv.FormatInt(size, 10))

	if id, known := g.uploads[upload.IdempotencyKey]; known {
		return g.found(actor, id)
	}

	entry, invalid := g.newBatch(actor, upload, size)
	if len(invalid) > 0 {
		return gateway.BatchView{}, invalid
	}

	g.uploads[upload.IdempotencyKey] = entry.View.ID
	g.batches = append([]BatchEntry{entry}, g.batches...)

	return entry.View, nil
}

func (g *Gateway) newBatch(actor gateway.Actor, upload gateway.BatchUpload, size int64) (BatchEntry, notification.FieldErrors) {
	sender := service(upload.ServiceID)

	if !actor.SeesEnte(sender.EnteID) {
		return BatchEntry{}, fieldError("service_id", "unknown service", "servizio sconosciuto")
	}

	used := slices.IndexFunc(g.templates, func(template gateway.TemplateView) bool { return template.ID == upload.TemplateID })
	if used < 0 || g.templates[used].EnteID != sender.EnteID {
		return BatchEntry{}, fieldError("template_id", "not a template of the service's Ente", "non è un modello dell'Ente del servizio")
	}

	if size > batch.MaxBytes {
		return BatchEntry{}, fieldError("file", "too large", "troppo grande")
	}

	entry := SampleBatch(100+len(g.uploads), upload.ServiceID, notification.BatchChecking, g.Clock())
	entry.View.Name, entry.View.FileName, entry.View.FileSize = upload.Name, upload.FileName, size
	entry.View.Priority = upload.Priority
	entry.since = g.Clock()

	if entry.View.Name == "" {
		entry.View.Name = upload.FileName
	}

	return entry, nil
}

func fieldError(field, message, messaggio string) notification.FieldErrors {
	return notification.FieldErrors{{Field: field, Code: "invalid", Message: message, Messaggio: messaggio}}
}

// Batch reads one, as it is by now.
func (g *Gateway) Batch(_ context.Context, actor gateway.Actor, id string) (gateway.BatchView, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	return g.found(actor, id)
}

func (g *Gateway) found(actor gateway.Actor, id string) (gateway.BatchView, error) {
	entry, err := g.findBatch(actor, id)
	if err != nil {
		return gateway.BatchView{}, err
	}

	return entry.seenBy(actor), nil
}

func (g *Gateway) findBatch(actor gateway.Actor, id string) (*BatchEntry, error) {
	if g.fault != nil {
		return nil, g.fault
	}

	for i := range g.batches {
		if entry := &g.batches[i]; entry.View.ID == id && actor.SeesEnte(entry.View.EnteID) {
			entry.progress(g.Clock())

			return entry, nil
		}
	}

	return nil, gateway.ErrNotFound
}

// Batches filters as the real one does; a cursor is the number of batches before the page.
func (g *Gateway) Batches(_ context.Context, actor gateway.Actor, query gateway.BatchQuery) (gateway.BatchPage, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	if g.fault != nil {
		return gateway.BatchPage{}, g.fault
	}

	first, err := strconv.Atoi("0" + query.Cursor)
	if err != nil {
		return gateway.BatchPage{}, fieldError("cursor", "not a cursor", "non è un cursore")
	}

	var matching []gateway.BatchView

	for i := range g.batches {
		entry := &g.batches[i]
		entry.progress(g.Clock())

		if actor.SeesEnte(entry.View.EnteID) && matchesBatch(entry.View, query) {
			matching = append(matching, entry.seenBy(actor))
		}
	}

	last := min(first+defaultLimit, len(matching))
	page := gateway.BatchPage{Items: matching[min(first, last):last]}

	if last < len(matching) {
		page.Next = strconv.Itoa(last)
	}

	return page, nil
}

func matchesBatch(view gateway.BatchView, query gateway.BatchQuery) bool {
	return (len(query.Statuses) == 0 || slices.Contains(query.Statuses, view.Status)) &&
		(len(query.ServiceIDs) == 0 || slices.Contains(query.ServiceIDs, view.ServiceID))
}

// BatchRows filters as the real one does.
func (g *Gateway) BatchRows(_ context.Context, actor gateway.Actor, id string, query gateway.RowQuery) (gateway.RowPage, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	entry, err := g.findBatch(actor, id)
	if err != nil {
		return gateway.RowPage{}, err
	}

	var page gateway.RowPage

	for _, row := range entry.Rows {
		if row.Number <= query.After || query.Repaired && len(row.Repairs) == 0 ||
			len(query.States) > 0 && !slices.Contains(query.States, row.State) {
			continue
		}

		if len(page.Items) == defaultLimit {
			page.Next = page.Items[len(page.Items)-1].Number

			break
		}

		page.Items = append(page.Items, row)
	}

	return page, nil
}

// BatchPreview fills the sample template for an invented citizen.
func (g *Gateway) BatchPreview(_ context.Context, actor gateway.Actor, id string, number int) (gateway.RowPreview, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	entry, err := g.findBatch(actor, id)
	if err != nil {
		return gateway.RowPreview{}, err
	}

	good := slices.DeleteFunc(slices.Clone(entry.Rows), func(row gateway.RowView) bool { return row.State == notification.RowBad })

	at := slices.IndexFunc(good, func(row gateway.RowView) bool { return number == 0 || row.Number == number })
	if at < 0 {
		return gateway.RowPreview{}, gateway.ErrNotFound
	}

	preview := SamplePreview(entry.View.CreatedAt)
	preview.Number = good[at].Number

	if at > 0 {
		preview.Previous = good[at-1].Number
	}

	if at+1 < len(good) {
		preview.Following = good[at+1].Number
	}

	return preview, nil
}
