package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// grownPages are the pages whose growth is measured, and what the chart calls them.
func grownPages() []struct{ page, name string } {
	return []struct{ page, name string }{
		{pageFirst, "list"},
		{pageEnte, "list by Ente"},
		{pageStatus, "list by status"},
		{pageSearch, "search by codice fiscale"},
		{pageOne, "one notification"},
		{pageDashboard, "dashboard"},
	}
}

// pagesGrow measures each page at each number of rows: the 95th percentile in milliseconds.
func (c *scaleCommand) pagesGrow(ctx context.Context) (panel, error) {
	grown := panel{
		title: "How long pages take", xLabel: "notifications in the database", yLabel: "p95 in ms",
		limit: inMilliseconds(pageGoal), limitName: "goal",
	}

	for _, one := range grownPages() {
		grown.series = append(grown.series, series{name: one.name})
	}

	for _, rows := range c.Rows {
		progressf("measuring pages over %d notifications", rows)

		times, err := c.pagesOver(ctx, rows)
		if err != nil {
			return panel{}, fmt.Errorf("measuring pages over %d notifications: %w", rows, err)
		}

		grown.steps = append(grown.steps, thousands(rows))

		for i := range grown.series {
			grown.series[i].values = append(grown.series[i].values, times[i])
		}
	}

	return grown, nil
}

// pagesOver measures the pages on a PostgreSQL of their own.
func (c *scaleCommand) pagesOver(ctx context.Context, rows int) (times []float64, err error) {
	server, err := startPostgres(ctx)
	if err != nil {
		return nil, err
	}

	defer func() { err = errors.Join(err, server.stop()) }()

	var folding table // which is list's affair

	err = onPages(ctx, server.url(), rows, &folding, func(pages *officePages) error {
		all, err := pages.pages(ctx)
		if err != nil {
			return err
		}

		for _, one := range grownPages() {
			page := all[slices.IndexFunc(all, func(page measured) bool { return page.name == one.page })]

			took, err := page.measure(ctx, c.Requests)
			if err != nil {
				return err
			}

			times = append(times, inMilliseconds(quantileOf(took, goalPercent)))
		}

		return nil
	})

	return times, err
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// thousands writes a number as people do, such as 1,000,000.
func thousands(number int) string { return message.NewPrinter(language.English).Sprintf("%d", number) }
