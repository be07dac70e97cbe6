package frontend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const exportPath = notificationsPath + "/export"

// exportPage says what is about to be exported, and asks how.
type exportPage struct {
	page
	Back      string // the list's address
	Query     string // the list's parameters
	Facts     []fact
	Rows      string // how many, in words
	None      bool
	More      string // empty unless there are more than a file holds
	MayReveal bool
	Problem   string // a whole sentence
}

// confirmExport is the page before a file: what it will hold, and whether with recipients in clear.
func (f *Frontend) confirmExport(c echo.Context) error {
	return f.showExport(c, http.StatusOK, readFilter(c.QueryParams()).firstPage(), "")
}

// wantedExport is the query of a filter; the problem says why there is none.
func (f *Frontend) wantedExport(c echo.Context, wanted filter, p page) (query gateway.Query, whom, problem string) {
	if wanted.Person {
		if whom = f.keptPerson(c.Request().Context()); whom == "" {
			return query, whom, p.T("list.filter.person_gone")
		}
	}

	query, problems := wanted.query(f.reading(p.Lang), whom)
	for _, key := range problems {
		problem = p.T(key)
	}

	return query, whom, problem
}

func (f *Frontend) showExport(c echo.Context, status int, wanted filter, problem string) error {
	ctx, reader := c.Request().Context(), actor(c)
	p := f.page(c, "export.title")

	query, whom, unreadable := f.wantedExport(c, wanted, p)
	if problem == "" {
		problem = unreadable
	}

	form, err := f.searchForm(ctx, reader, wanted, p)
	if err != nil {
		return err
	}

	form.Person = maskedPerson(whom)
	shown := exportPage{
		page: p, Back: wanted.address(), Query: wanted.values().Encode(), Facts: form.words(p),
		MayReveal: p.May(gateway.PermissionReveal), Problem: problem,
	}

	if unreadable == "" {
		if problem, err = f.countExport(ctx, reader, query, &shown); err != nil {
			return err
		}

		if problem != "" {
			shown.Problem = problem
		}
	}

	shown.None = shown.Rows == ""
	if shown.Problem != "" {
		status = http.StatusUnprocessableEntity
	}

	return f.show(c, status, "export.html", shown)
}

// countExport tells how many notifications there are; the problem says why they could not be counted.
func (f *Frontend) countExport(
	ctx context.Context, reader gateway.Actor, query gateway.Query, shown *exportPage,
) (problem string, err error) {
	rows, more, err := f.gateway.CountForExport(ctx, reader, query)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return sentence(invalid[0], shown.Lang), nil
	}

	if err != nil {
		return "", fmt.Errorf("counting what is exported: %w", err)
	}

	if rows > 0 {
		shown.Rows = shown.N("export.rows", rows)
	}

	if more {
		shown.More = shown.T("export.more", count(gateway.MaxExport, shown.Lang))
	}

	return "", nil
}

// export streams the file. A fault after its beginning cuts the connection, see [Frontend.download].
func (f *Frontend) export(c echo.Context) error {
	values, err := url.ParseQuery(c.FormValue("query"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	wanted := readFilter(values).firstPage()
	p := f.basePage(c.Request(), account(c))

	format := gateway.TableFormat(c.FormValue("format"))
	if format != gateway.TableCSV && format != gateway.TableXLSX {
		return f.showExport(c, http.StatusUnprocessableEntity, wanted, p.T("export.choose_format"))
	}

	query, _, problem := f.wantedExport(c, wanted, p)
	if problem != "" {
		return f.showExport(c, http.StatusUnprocessableEntity, wanted, problem)
	}

	name := p.T("export.file_name") + "-" + f.clock().In(f.timeZone).Format("2006-01-02-1504") + "." + string(format)

	err = f.hand(c, name, format, func(ctx context.Context, w io.Writer, format gateway.TableFormat) error {
		return f.gateway.ExportNotifications(ctx, actor(c), query, w, gateway.Export{
			Format: format, Lang: p.Lang, Clear: c.FormValue("clear") != "",
		})
	})
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showExport(c, http.StatusUnprocessableEntity, wanted, sentence(invalid[0], p.Lang))
	}

	return err
}
