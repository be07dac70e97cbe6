package frontendtest

import (
	"fmt"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	sampleRows      = 10_000
	sampleBad       = 188
	sampleDuplicate = 40
	sampleRepaired  = 12
	sampleParts     = 11_410
	listedBad       = 30
	sampleFileSize  = 1_312_000
	microsPerPart   = 72_000
)

// SampleBatch makes one batch of the service in the status, uploaded at the time: payment notices of 10,000 citizens.
func SampleBatch(number int, serviceID string, status notification.BatchStatus, created time.Time) BatchEntry {
	sender := service(serviceID)
	template := TARI(created)
	good := sampleRows - sampleBad - sampleDuplicate
	view := gateway.BatchView{
		Batch: notification.Batch{
			ID: fmt.Sprintf("01936f6e-0000-7000-a000-%012d", number), EnteID: sender.EnteID, ServiceID: serviceID,
			TemplateID: template.ID, TemplateVersion: template.Version, Name: "TARI 2026, seconda rata",
			FileName: "tari-2026.csv", FileSize: sampleFileSize, Status: status, Priority: notification.PriorityBulk, Check: 1, CreatedAt: created,
		},
		EnteName: enteName(sender.EnteID), ServiceName: sender.Name, TemplateName: template.Name, Placeholders: template.Placeholders,
		Layout: batch.Layout{Format: batch.FormatCSV, Encoding: batch.EncodingWindows1252, Separator: ";", Header: true, Columns: []batch.Column{
			{Header: "CF", Field: batch.FieldFiscalCode},
			{Header: "Cellulare", Field: batch.FieldPhone},
			{Header: "Nominativo"},
			{Header: "Avviso", Field: batch.FieldNoticeNumber},
			{Header: "Importo", Field: batch.FieldAmountEuro},
			{Header: "Scadenza", Field: batch.Value("scadenza")},
		}},
	}
	entry := BatchEntry{View: view}

	switch status {
	case notification.BatchChecking, notification.BatchDiscarded:
	case notification.BatchMapping:
		entry.View.Unmapped = []batch.Field{batch.Value("nome")}
	case notification.BatchUnreadable:
		entry.View.Problem = "file_encrypted"
	default:
		entry.check(good, created)
	}

	entry.advance(good, created)

	return entry
}

func (e *BatchEntry) check(good int, created time.Time) {
	e.View.CheckedAt = created.Add(time.Minute)
	e.View.Counts = notification.BatchCounts{
		Rows: sampleRows, Good: good, Bad: sampleBad, Duplicates: sampleDuplicate, WithPhone: good / 2, SMSParts: sampleParts,
		Doubled: good / 2, Doubling: "’", Repaired: sampleRepaired, WholeAmounts: true, MonthFirst: 1,
	}
	e.View.Doubling = gateway.Substitution{Character: "’", Instead: "'"}
	e.View.Layout.Columns[2].Field = batch.Value("nome")
	e.View.Forecast = gateway.Forecast{
		ToSend: good, Duration: 18 * time.Minute, Rate: 560, SMS: good / 2, SMSParts: sampleParts, CostMicros: sampleParts * microsPerPart,
	}
	e.Rows = rowsOf()
}

// advance gives a confirmed batch its progress.
func (e *BatchEntry) advance(good int, created time.Time) {
	begun := notification.BatchProgress{
		ToSend: good, Queued: 6_000, InProgress: 150, OnHold: 3, DeliveredIO: 2_900, DeliveredSMS: 500, NotDelivered: 140, Failed: 79,
	}
	ended := notification.BatchProgress{ToSend: good, DeliveredIO: 8_300, DeliveredSMS: 1_100, NotDelivered: 272, Failed: 60, Expired: 40}

	switch e.View.Status {
	case notification.BatchScheduled:
		e.View.Progress = notification.BatchProgress{ToSend: good, Queued: good}
		e.View.SendAt = created.Add(24 * time.Hour)
	case notification.BatchSending, notification.BatchPaused:
		e.View.Progress = begun
		e.View.StartedAt = created.Add(time.Hour)
		e.View.Forecast.EndsAt = created.Add(2 * time.Hour)
	case notification.BatchCompleted:
		e.View.Progress = ended
		e.View.StartedAt, e.View.EndedAt = created.Add(time.Hour), created.Add(2*time.Hour)
	case notification.BatchCancelled:
		e.View.Progress = begun
		e.View.Progress.Queued, e.View.Progress.InProgress, e.View.Progress.OnHold = 0, 0, 0
		e.View.Progress.Cancelled = begun.Queued + begun.InProgress + begun.OnHold
	default:
		return
	}

	e.View.ConfirmedAt = created.Add(time.Hour)
}

func sampleResult() notification.BatchSample {
	return notification.BatchSample{State: notification.SampleDone, Asked: 200, OnIO: 152, NotOnIO: 30, Unreachable: 15, Unknown: 3}
}

// rowsOf are the first rows of a file, with every finding that there is.
func rowsOf() []gateway.RowView {
	rows := []gateway.RowView{
		{Number: 2, State: notification.RowGood, NotificationID: "01936f6e-0000-7000-9000-000000000001"},
		{Number: 3, State: notification.RowGood, Repairs: []gateway.IssueView{issue(
			"Avviso", "The leading zero that the spreadsheet took away was put back.",
			"Lo zero iniziale tolto dal foglio di calcolo è stato rimesso.",
		)}},
		{Number: 4, State: notification.RowDuplicate, DuplicateOf: 2},
		{Number: 5, State: notification.RowDuplicate},
		{Number: 6, State: notification.RowBad, Issues: []gateway.IssueView{
			issue("CF", "The check character is wrong: compare with the card.", "Il carattere di controllo non torna: confrontare con la tessera."),
			issue(
				"Importo", "1.234 may be one euro or a thousand: write 1234,00 or 1,23.",
				"Il punto può separare le migliaia o i decimali: scrivere l'importo con due decimali, come 1234,00.",
			),
		}},
	}

	for i := range listedBad {
		rows = append(rows, gateway.RowView{Number: 10 + i, State: notification.RowBad, Issues: []gateway.IssueView{
			issue("Cellulare", "The number is too short: write all its digits.", "Il numero è troppo corto: scrivere tutte le cifre."),
		}})
	}

	return append(rows, gateway.RowView{Number: 10 + listedBad, State: notification.RowGood})
}

func issue(column, message, messaggio string) gateway.IssueView {
	return gateway.IssueView{Issue: batch.Issue{Column: 1, Code: "sample"}, ColumnName: column, Message: message, Messaggio: messaggio}
}

// SampleBatches is a batch in every status, the latest first; each has its number.
func SampleBatches(now time.Time) []BatchEntry {
	statuses := []notification.BatchStatus{
		notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		notification.BatchScheduled, notification.BatchSending, notification.BatchPaused, notification.BatchCompleted,
		notification.BatchCancelled, notification.BatchDiscarded,
	}

	var entries []BatchEntry
	for i, status := range statuses {
		entries = append(entries, SampleBatch(i+1, TributiID, status, now.Add(-time.Duration(i)*time.Hour)))
	}

	foreign := SampleBatch(len(statuses)+1, SaluteID, notification.BatchDraft, now.Add(-24*time.Hour))
	foreign.View.Name = "Inviti agli screening"

	return append(entries, foreign)
}
