package frontend

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// batchForm is a form about what a reading of a batch's file found.
type batchForm struct {
	view   gateway.BatchView
	values url.Values
}

// readBatchForm takes in a form that acts once, and only on the reading that the person saw. Where there is another one
// since, or the act is not possible any more, it answers so and gives no form.
func (f *Frontend) readBatchForm(c echo.Context, possible func(gateway.BatchPossible) bool) (*batchForm, error) {
	values, err := c.FormParams()
	if err != nil || !isOnceKey(values.Get("once")) {
		return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	check, err := strconv.Atoi(values.Get("check"))
	if err != nil {
		return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	view, err := f.readBatch(c)
	if err != nil {
		return nil, err
	}

	author := actor(c)
	if !author.MayChange() {
		return nil, gateway.ErrForbidden
	}

	if !possible(view.Possible) || view.Check != check {
		return nil, f.batchTooLate(c, view.ID, f.done.wasUsed(author.ID, values.Get("once")))
	}

	return &batchForm{view: view, values: values}, nil
}
