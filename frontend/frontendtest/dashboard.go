package frontendtest

import (
	"context"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// Dashboard counts what there is, without times, as if everything had been accepted today.
func (g *Gateway) Dashboard(_ context.Context, actor gateway.Actor, query gateway.DashboardQuery) (gateway.Dashboard, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	board := gateway.Dashboard{EnteID: query.EnteID, Days: make([]gateway.DayFigures, query.Days)}
	for i := range board.Days {
		board.Days[i].Day = query.Now.Truncate(24*time.Hour).AddDate(0, 0, i-query.Days+1)
	}

	today := &board.Days[query.Days-1]

	for _, view := range g.matching(actor, gateway.Query{EnteID: query.EnteID}) {
		switch view.Status {
		case notification.StatusDelivered:
			today.DeliveredOnIO++
		case notification.StatusNotDelivered:
			today.NotDelivered++
		case notification.StatusFailed:
			today.Failed++
		case notification.StatusExpired:
			today.Expired++
		case notification.StatusCancelled:
			today.Cancelled++
		case notification.StatusOnHold:
			today.OnHold++
		case notification.StatusAccepted, notification.StatusScheduled, notification.StatusInProgress:
			today.InProgress++
		}
	}

	board.Unused = today.Accepted() == 0

	return board, g.fault
}
