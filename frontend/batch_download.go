package frontend

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

// chunkTime is how long a browser may take for one piece of a report.
const chunkTime = time.Minute

// rejects hands out the rows that are not sent, with the reason of each.
func (f *Frontend) rejects(c echo.Context) error {
	return f.download(c, gateway.BatchRejects, func(ctx context.Context, w io.Writer, format gateway.TableFormat) error {
		return f.gateway.WriteRejects(ctx, actor(c), c.Param("id"), w, format)
	})
}

// results hands out what became of each citizen's notification.
func (f *Frontend) results(c echo.Context) error {
	return f.download(c, gateway.BatchResults, func(ctx context.Context, w io.Writer, format gateway.TableFormat) error {
		return f.gateway.WriteResults(ctx, actor(c), c.Param("id"), w, format, languageOf(c.Request()))
	})
}

// download streams a report. Once it has begun, a fault can only cut the connection: the browser then says that the
// file is not whole, where an orderly end would pass off a part as the whole.
func (f *Frontend) download(
	c echo.Context, kind gateway.BatchTable, write func(context.Context, io.Writer, gateway.TableFormat) error,
) error {
	format := gateway.TableFormat(c.Param("format"))
	if format != gateway.TableCSV && format != gateway.TableXLSX {
		return echo.ErrNotFound
	}

	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	return f.hand(c, gateway.BatchFileName(view, kind, format), format, write)
}

// hand streams a report under a name.
func (f *Frontend) hand(
	c echo.Context, name string, format gateway.TableFormat, write func(context.Context, io.Writer, gateway.TableFormat) error,
) error {
	file := &report{to: c.Response(), name: name, format: format}

	return f.sendReport(c, file, func(w io.Writer) error { return write(c.Request().Context(), w, format) })
}

// sendReport streams a table. Once it has begun, a fault can only cut the connection.
func (f *Frontend) sendReport(c echo.Context, file *report, write func(io.Writer) error) error {
	err := write(file)
	if err == nil {
		file.begin() // a report without a single byte is a file, too

		return nil
	}

	if !file.begun {
		return err
	}

	f.log.Error("a report broke off", zap.String("route", c.Path()), requestID(c.Response()), zap.Error(err))

	return cut(c)
}

// cut ends the connection without an orderly end of the answer.
func cut(c echo.Context) error {
	connection, _, err := http.NewResponseController(c.Response()).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own way to break off an answer, for connections that cannot be taken over
	}

	_ = connection.Close()

	return nil
}

// report sends its headers with its first bytes, so that a fault before them still gets a page.
type report struct {
	to     *echo.Response
	name   string
	format gateway.TableFormat
	begun  bool
}

func (r *report) begin() {
	if r.begun {
		return
	}

	r.begun = true
	attach(r.to.Header(), r.name)
	r.to.Header().Set(echo.HeaderContentType, contentType(r.format))
	r.to.WriteHeader(http.StatusOK)
}

func (r *report) Write(p []byte) (int, error) {
	r.begin()

	// A server that knows no deadlines has none to prolong.
	_ = http.NewResponseController(r.to).SetWriteDeadline(time.Now().Add(chunkTime))

	return r.to.Write(p)
}

// attach makes the browser keep the answer as a file.
func attach(header http.Header, name string) {
	header.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

func contentType(format gateway.TableFormat) string {
	switch format {
	case gateway.TableXLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case formatJSON:
		return "application/json"
	case gateway.TableCSV:
	}

	return "text/csv; charset=utf-8"
}
