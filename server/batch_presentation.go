package server

import (
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

// batchOf is a batch as lists show it, without how its file is laid out.
func batchOf(view gateway.BatchView) api.Batch {
	return api.Batch{
		ID:                view.ID,
		ServiceID:         view.ServiceID,
		ServiceName:       view.ServiceName,
		TemplateID:        view.TemplateID,
		TemplateVersion:   count(view.TemplateVersion),
		TemplateName:      view.TemplateName,
		Name:              view.Name,
		FileName:          view.FileName,
		FileSize:          view.FileSize,
		Status:            api.BatchStatus(view.Status),
		Problem:           view.Problem,
		Priority:          api.Priority(view.Priority),
		Check:             count(view.Check),
		Counts:            countsOf(view.Counts),
		Sample:            sampleOf(view.Sample),
		IncludeDuplicates: view.IncludeDuplicates,
		Progress:          progressOf(view.Progress),
		Forecast:          forecastOf(view.Forecast),
		Actions:           batchActionsOf(view.Possible),
		CreatedAt:         utc(view.CreatedAt),
		CheckedAt:         utc(view.CheckedAt),
		ConfirmedAt:       utc(view.ConfirmedAt),
		SendAt:            utc(view.SendAt),
		StartedAt:         utc(view.StartedAt),
		EndedAt:           utc(view.EndedAt),
		Links:             batchLinksOf(view.ID),
	}
}

func countsOf(counts notification.BatchCounts) api.BatchCounts {
	return api.BatchCounts{
		Rows:         count(counts.Rows),
		Good:         count(counts.Good),
		Bad:          count(counts.Bad),
		Duplicates:   count(counts.Duplicates),
		Repaired:     count(counts.Repaired),
		WithPhone:    count(counts.WithPhone),
		SmsParts:     count(counts.SMSParts),
		Doubled:      count(counts.Doubled),
		Doubling:     counts.Doubling,
		WholeAmounts: counts.WholeAmounts,
		MonthFirst:   count(counts.MonthFirst),
	}
}

func sampleOf(sample notification.BatchSample) api.BatchSample {
	return api.BatchSample{
		State:       api.BatchSampleState(sample.State),
		Asked:       count(sample.Asked),
		OnIo:        count(sample.OnIO),
		NotOnIo:     count(sample.NotOnIO),
		Unreachable: count(sample.Unreachable),
		Unknown:     count(sample.Unknown),
	}
}

func progressOf(progress notification.BatchProgress) api.BatchProgress {
	return api.BatchProgress{
		ToSend:       count(progress.ToSend),
		Queued:       count(progress.Queued),
		InProgress:   count(progress.InProgress),
		OnHold:       count(progress.OnHold),
		DeliveredIo:  count(progress.DeliveredIO),
		DeliveredSms: count(progress.DeliveredSMS),
		NotDelivered: count(progress.NotDelivered),
		Failed:       count(progress.Failed),
		Cancelled:    count(progress.Cancelled),
		Expired:      count(progress.Expired),
	}
}

func forecastOf(forecast gateway.Forecast) api.Forecast {
	return api.Forecast{
		ToSend:          count(forecast.ToSend),
		DurationSeconds: int64(forecast.Duration.Round(time.Second) / time.Second),
		RatePerMinute:   forecast.Rate,
		EndsAt:          utc(forecast.EndsAt),
		Sampled:         forecast.Sampled,
		Sms:             count(forecast.SMS),
		SmsParts:        count(forecast.SMSParts),
		Unreachable:     count(forecast.Unreachable),
		CostMicros:      forecast.CostMicros,
	}
}

func layoutOf(layout batch.Layout) api.BatchLayout {
	if layout.Format == "" { // not known yet
		return api.BatchLayout{}
	}

	columns := make([]api.BatchColumn, len(layout.Columns))
	for i, column := range layout.Columns {
		columns[i] = api.BatchColumn{Number: count(i + 1), Header: column.Header, Field: string(column.Field)}
	}

	return api.BatchLayout{
		Format:    api.BatchLayoutFormat(layout.Format),
		Encoding:  api.BatchLayoutEncoding(layout.Encoding),
		Separator: layout.Separator,
		Sheet:     layout.Sheet,
		Header:    layout.Header,
		Govio:     layout.GovIO,
		Columns:   columns,
	}
}

func batchActionsOf(possible gateway.BatchPossible) []api.BatchActions {
	actions := []api.BatchActions{}

	for _, action := range []struct {
		name     api.BatchActions
		possible bool
	}{
		{api.BatchActionsColumns, possible.Remap},
		{api.BatchActionsSample, possible.Sample},
		{api.BatchActionsConfirm, possible.Confirm},
		{api.BatchActionsPause, possible.Pause},
		{api.BatchActionsResume, possible.Resume},
		{api.BatchActionsCancel, possible.Cancel},
		{api.BatchActionsDiscard, possible.Discard},
	} {
		if action.possible {
			actions = append(actions, action.name)
		}
	}

	return actions
}

func batchLinksOf(id string) api.BatchLinks {
	self := apiPath + "/batches/" + id

	return api.BatchLinks{
		Self:          self,
		Rows:          self + "/rows",
		Rejects:       self + "/rejects",
		Results:       self + "/results",
		Notifications: apiPath + "/notifications?batch_id=" + id,
	}
}

func rowOf(row gateway.RowView) api.BatchRow {
	return api.BatchRow{
		Number:         count(row.Number),
		State:          api.RowState(row.State),
		NotificationID: row.NotificationID,
		DuplicateOf:    count(row.DuplicateOf),
		Issues:         issuesOf(row.Issues),
		Repairs:        issuesOf(row.Repairs),
	}
}

func issuesOf(issues []gateway.IssueView) []api.RowIssue {
	shown := make([]api.RowIssue, len(issues))
	for i, issue := range issues {
		shown[i] = api.RowIssue{
			Column:     count(issue.Column),
			ColumnName: issue.ColumnName,
			Field:      string(issue.Field),
			Code:       issue.Code,
			Message:    issue.Message,
			Messaggio:  issue.Messaggio,
		}
	}

	return shown
}
