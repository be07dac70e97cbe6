package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

const (
	csvMediaType  = "text/csv"
	xlsxMediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	// tableBuffer is what is held back: a failure within it is answered as any other.
	tableBuffer = 32 << 10
)

// GetBatchRejects hands the rows out that are not sent.
func (a *operations) GetBatchRejects(
	ctx context.Context, request api.GetBatchRejectsRequestObject,
) (api.GetBatchRejectsResponseObject, error) {
	id := strings.ToLower(request.ID)
	wish := tableWishOf(ctx, request.Params.Format)

	return tableAnswer{name: "batch-" + id + "-rejects", format: wish.format, write: func(w io.Writer) error {
		return a.gateway.WriteRejects(ctx, actorOf(ctx), id, w, wish.format)
	}}, nil
}

// GetBatchResults hands out what became of each row.
func (a *operations) GetBatchResults(
	ctx context.Context, request api.GetBatchResultsRequestObject,
) (api.GetBatchResultsResponseObject, error) {
	id := strings.ToLower(request.ID)
	wish := tableWishOf(ctx, request.Params.Format)

	return tableAnswer{name: "batch-" + id + "-results", format: wish.format, write: func(w io.Writer) error {
		return a.gateway.WriteResults(ctx, actorOf(ctx), id, w, wish.format, wish.lang)
	}}, nil
}

// tableWish is what the headers of a request ask for.
type tableWish struct {
	format gateway.TableFormat
	lang   notification.Lang
}

type tableWishKey struct{}

// negotiateTable reads the headers that say how a table is to be written: the generated handlers are given none.
func negotiateTable(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Request().Header
		wish := tableWish{format: gateway.TableCSV, lang: preferredLanguage(header.Get("Accept-Language"))}

		if prefersXLSX(header.Get(echo.HeaderAccept)) {
			wish.format = gateway.TableXLSX
		}

		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), tableWishKey{}, wish)))

		return next(c)
	}
}

// tableWishOf is what is asked for; a format in the address counts more than the headers.
func tableWishOf(ctx context.Context, format api.TableFormat) tableWish {
	wish, _ := ctx.Value(tableWishKey{}).(tableWish)

	if format != "" {
		wish.format = gateway.TableFormat(format)
	}

	return wish
}

// prefersXLSX reads an Accept header (RFC 9110, 12.5.1). Whoever names no Excel gets CSV.
func prefersXLSX(header string) bool {
	var csv, xlsx float64

	for part := range strings.SplitSeq(header, ",") {
		mediaType, parameters, _ := strings.Cut(part, ";")

		switch strings.ToLower(strings.TrimSpace(mediaType)) {
		case csvMediaType:
			csv = max(csv, quality(parameters))
		case xlsxMediaType:
			xlsx = max(xlsx, quality(parameters))
		}
	}

	return xlsx > csv
}

// tableAnswer is a table that is written while it is read. It begins with the first bytes, so that what fails before
// them is answered as a problem; what fails afterwards cuts the connection.
type tableAnswer struct {
	name   string // without its ending
	format gateway.TableFormat
	write  func(w io.Writer) error
}

// VisitGetBatchRejectsResponse writes the table.
func (t tableAnswer) VisitGetBatchRejectsResponse(w http.ResponseWriter) error { return t.writeTo(w) }

// VisitGetBatchResultsResponse writes the table.
func (t tableAnswer) VisitGetBatchResultsResponse(w http.ResponseWriter) error { return t.writeTo(w) }

func (t tableAnswer) writeTo(w http.ResponseWriter) error {
	sending := &tableWriter{answer: t, response: w, connection: http.NewResponseController(w)}
	buffered := bufio.NewWriterSize(sending, tableBuffer)

	if err := t.write(buffered); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}

	sending.begin()

	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("writing the end of a table: %w", err)
	}

	return nil
}

// tableWriter sends a table. Each piece has its own time: a long table may take longer than any other answer, a client
// that reads nothing may not.
type tableWriter struct {
	answer     tableAnswer
	response   http.ResponseWriter
	connection *http.ResponseController
	hasBegun   bool
}

// Write sends a piece.
func (t *tableWriter) Write(piece []byte) (int, error) {
	t.begin()
	// While nothing is read from the connection, the end of its time would count as the client's leaving.
	moveDeadlines(t.connection, time.Now().Add(readTimeout))

	return t.response.Write(piece) //nolint:wrapcheck // a writer's errors are its caller's to understand
}

func (t *tableWriter) begin() {
	if t.hasBegun {
		return
	}

	t.hasBegun = true

	mediaType := csvMediaType + "; charset=utf-8"
	if t.answer.format == gateway.TableXLSX {
		mediaType = xlsxMediaType
	}

	header := t.response.Header()
	header.Set(echo.HeaderContentType, mediaType)
	header.Set(echo.HeaderContentDisposition, `attachment; filename="`+t.answer.name+"."+string(t.answer.format)+`"`)
	header.Add(echo.HeaderVary, "Accept, Accept-Language")
	t.response.WriteHeader(http.StatusOK)
}
