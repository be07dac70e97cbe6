package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// upload is what the gateway was handed, its file read.
type upload struct {
	gateway.BatchUpload

	content string
	failure error // of reading the file
}

func (g *gatewayInMemory) SubmitBulk(_ context.Context, actor gateway.Actor, bulk gateway.Bulk) (gateway.BulkReceipt, error) {
	if err := g.note(actor, func() { g.bulk = bulk }); err != nil {
		return gateway.BulkReceipt{}, err
	}

	receipt := gateway.BulkReceipt{Replayed: bulk.IdempotencyKey == "used-before"}
	for range bulk.Items {
		receipt.Items = append(receipt.Items, gateway.BulkResult{Receipt: gateway.Receipt{ID: knownID}})
	}

	if g.results != nil {
		receipt.Items = g.results()
	}

	return receipt, nil
}

func (g *gatewayInMemory) UploadBatch(_ context.Context, actor gateway.Actor, given gateway.BatchUpload) (gateway.BatchView, error) {
	if g.began != nil {
		g.began()
	}

	content, failure := g.read(given.File)
	given.File = nil

	if err := g.note(actor, func() { g.upload = upload{given, content, failure} }); err != nil {
		return gateway.BatchView{}, err
	}

	if failure != nil {
		// Whoever stores the file may say no more than that it was not read.
		return gateway.BatchView{}, errors.New("storing the file")
	}

	return gateway.BatchView{Batch: notification.Batch{
		ID: knownID, ServiceID: serviceID, TemplateID: templateID, TemplateVersion: 1, Name: "TARI 2026",
		Status: notification.BatchChecking, Priority: notification.PriorityBulk, Check: 1, CreatedAt: time.Now(),
	}}, nil
}

func (g *gatewayInMemory) read(file io.Reader) (string, error) {
	if g.counts {
		size, err := io.Copy(io.Discard, file)

		return strconv.FormatInt(size, 10), err
	}

	content, err := io.ReadAll(file)

	return string(content), err
}

func (g *gatewayInMemory) Batch(_ context.Context, actor gateway.Actor, id string) (gateway.BatchView, error) {
	if id != knownID {
		return gateway.BatchView{}, gateway.ErrNotFound
	}

	return viewOfBatch(), g.note(actor, func() {})
}

func (g *gatewayInMemory) Batches(_ context.Context, actor gateway.Actor, query gateway.BatchQuery) (gateway.BatchPage, error) {
	err := g.note(actor, func() { g.batches = query })

	return gateway.BatchPage{Items: []gateway.BatchView{viewOfBatch()}, Next: "bmV4dA"}, err
}

func (g *gatewayInMemory) BatchRows(_ context.Context, actor gateway.Actor, id string, query gateway.RowQuery) (gateway.RowPage, error) {
	if id != knownID {
		return gateway.RowPage{}, gateway.ErrNotFound
	}

	issue := gateway.IssueView{
		Issue:      batch.Issue{Column: 3, Field: batch.FieldNoticeNumber, Code: "leading_zeros"},
		ColumnName: "Numero avviso", Message: "has lost its leading zeros", Messaggio: "ha perso gli zeri iniziali",
	}

	return gateway.RowPage{Items: []gateway.RowView{
		{Number: 2, State: notification.RowGood, NotificationID: knownID, Repairs: []gateway.IssueView{issue}},
		{Number: 3, State: notification.RowBad, Issues: []gateway.IssueView{issue}},
		{Number: 4, State: notification.RowDuplicate, DuplicateOf: 2, NotificationID: knownID},
	}, Next: 4}, g.note(actor, func() { g.rows = query })
}

func (g *gatewayInMemory) BatchPreview(_ context.Context, actor gateway.Actor, id string, number int) (gateway.RowPreview, error) {
	if id != knownID || number > 3 {
		return gateway.RowPreview{}, gateway.ErrNotFound
	}

	due := time.Date(2026, 12, 31, 23, 59, 59, 0, time.FixedZone("CET", 3600))

	return gateway.RowPreview{
		Number: number, MaskedFiscalCode: "BNC***********5X", MaskedPhone: "+39*******567",
		Content: notification.Content{
			Subject: "Avviso TARI", Markdown: "Buongiorno Giulia", DueDate: &due,
			Payment: &notification.Payment{NoticeNumber: "301000000000012345", AmountCents: 12350},
			English: &notification.Translation{Subject: "Waste tax", Markdown: "Good morning Giulia"},
		},
		SMS: gateway.SMSPreview{
			Text: "È disponibile", Parts: 1, Unicode: true, Doubling: []gateway.Substitution{{Character: "È", Instead: "E'"}, {Character: "☎"}},
		},
		Following: 3,
	}, g.note(actor, func() {})
}

func (g *gatewayInMemory) RemapBatch(
	_ context.Context, actor gateway.Actor, id string, check int, columns map[int]batch.Field, header *bool,
) error {
	var what strings.Builder

	fmt.Fprintf(&what, "columns %d", check)

	for _, number := range slices.Sorted(maps.Keys(columns)) {
		fmt.Fprintf(&what, " %d=%s", number, columns[number])
	}

	if header != nil {
		fmt.Fprintf(&what, " header=%t", *header)
	}

	return g.act(actor, id, what.String())
}

func (g *gatewayInMemory) SampleBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "sample")
}

func (g *gatewayInMemory) ConfirmBatch(_ context.Context, actor gateway.Actor, id string, confirmation gateway.Confirmation) error {
	at := "at once"
	if !confirmation.SendAt.IsZero() {
		at = confirmation.SendAt.UTC().Format(time.RFC3339)
	}

	return g.act(actor, id, fmt.Sprintf("confirm %d %s %t", confirmation.Check, at, confirmation.IncludeDuplicates))
}

func (g *gatewayInMemory) PauseBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "pause batch")
}

func (g *gatewayInMemory) ResumeBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "resume batch")
}

func (g *gatewayInMemory) CancelBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "cancel batch")
}

func (g *gatewayInMemory) DiscardBatch(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "discard")
}

func (g *gatewayInMemory) WriteRejects(
	_ context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat,
) error {
	return g.write(actor, id, w, "rejects "+string(format))
}

func (g *gatewayInMemory) WriteResults(
	_ context.Context, actor gateway.Actor, id string, w io.Writer, format gateway.TableFormat, lang notification.Lang,
) error {
	return g.write(actor, id, w, "results "+string(format)+" "+string(lang))
}

// write hands the table out, and fails at its end where it is to fail.
func (g *gatewayInMemory) write(actor gateway.Actor, id string, w io.Writer, what string) error {
	if id != knownID {
		return gateway.ErrNotFound
	}

	if _, err := io.WriteString(w, g.content); err != nil {
		return err
	}

	return g.act(actor, id, what)
}

func viewOfBatch() gateway.BatchView {
	created := time.Date(2026, 12, 1, 9, 0, 0, 0, time.FixedZone("CET", 3600))

	return gateway.BatchView{
		Batch: notification.Batch{
			ID: knownID, EnteID: enteID, ServiceID: serviceID, TemplateID: templateID, TemplateVersion: 3,
			Name: "TARI 2026", FileName: "tari.csv", FileSize: 1234, Status: notification.BatchDraft,
			Priority: notification.PriorityBulk, Check: 2,
			Counts: notification.BatchCounts{
				Rows: 10, Good: 7, Bad: 2, Duplicates: 1, WithPhone: 5, SMSParts: 6, Doubled: 1, Doubling: "È", Repaired: 3,
			},
			Sample:    notification.BatchSample{State: notification.SampleDone, Asked: 7, OnIO: 4, NotOnIO: 2, Unreachable: 1},
			CreatedAt: created, CheckedAt: created.Add(time.Second),
		},
		ServiceName: "Tributi", TemplateName: "Avviso TARI",
		Layout: batch.Layout{
			Format: batch.FormatCSV, Encoding: batch.EncodingWindows1252, Separator: ";", Header: true,
			Columns: []batch.Column{{Header: "CF", Field: batch.FieldFiscalCode}, {Header: "Note"}},
		},
		Unmapped: []batch.Field{batch.Value("nome")}, Placeholders: []string{"nome"},
		Progress: notification.BatchProgress{ToSend: 7, Queued: 7},
		Forecast: gateway.Forecast{ToSend: 7, Duration: 90 * time.Second, Rate: 28.5, Sampled: true, SMS: 2, SMSParts: 3, CostMicros: 142_500},
		Possible: gateway.BatchPossible{Remap: true, Sample: true, Confirm: true, Discard: true},
	}
}
