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

// formatJSON is of files that are no tables.
const formatJSON gateway.TableFormat = "json"

func erasureAddress(id string) string { return erasuresPath + "/" + url.PathEscape(id) }

// erasureListPage shows one page of requests.
type erasureListPage struct {
	page
	Crumbs         []crumb
	Rows           []erasureRow
	Previous, Next string
	ShowEnte       bool
	Problem        string
}

// erasureRow is one request of the list.
type erasureRow struct {
	Address   string
	Why       string
	Ente      string
	Status    mark
	By        string
	CreatedAt moment
	Erased    string
}

func (f *Frontend) erasureList(c echo.Context) error {
	place := readTrail(c.QueryParams())
	p := f.page(c, "erasures.title")
	shown := erasureListPage{page: p, Crumbs: privacyCrumbs(p), ShowEnte: account(c).EnteID == ""}

	found, err := f.gateway.Erasures(c.Request().Context(), actor(c), place.Cursor)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		shown.Problem = fieldProblem(invalid, p.Lang)

		return f.show(c, http.StatusUnprocessableEntity, "erasures.html", shown)
	}

	if err != nil {
		return fmt.Errorf("listing erasures: %w", err)
	}

	for i := range found.Items {
		view := &found.Items[i]
		shown.Rows = append(shown.Rows, erasureRow{
			Address: erasureAddress(view.ID), Why: view.Why, Ente: erasureScope(view, p), Status: erasureMark(view.Status, p), By: view.ByName,
			CreatedAt: f.moment(view.CreatedAt, p.Lang), Erased: count(view.Erased.Notifications, p.Lang),
		})
	}

	address := func(place trail) string {
		values := url.Values{}
		place.write(values)

		return addressWith(erasuresPath, values)
	}

	if found.Next != "" {
		shown.Next = address(place.next(found.Next))
	}

	if place.Cursor != "" {
		shown.Previous = address(place.previous())
	}

	return f.show(c, http.StatusOK, "erasures.html", shown)
}

func erasureScope(view *gateway.ErasureView, p page) string {
	if view.EnteID == "" {
		return p.T("citizen.scope.all")
	}

	return view.EnteName
}

func erasureMark(status notification.ErasureStatus, p page) mark {
	if status == notification.ErasureCompleted {
		return mark{Label: p.T("erasure.status.completed"), Icon: iconDone, Tone: toneSuccess}
	}

	return mark{Label: p.T("erasure.status.running"), Icon: iconRefresh, Tone: toneInfo}
}

// erasurePage follows one request.
type erasurePage struct {
	page
	Crumbs  []crumb
	Status  mark
	Text    string
	Facts   []fact
	Waiting string // what has to end first; empty: nothing
	Drafts  []crumb
	Proof   string
	Running bool
	Here    string
}

func (f *Frontend) erasure(c echo.Context) error {
	view, err := f.gateway.Erasure(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading an erasure: %w", err)
	}

	p := f.page(c, "erasure.title")
	shown := erasurePage{
		page: p, Crumbs: privacyCrumbs(p, crumb{Address: erasuresPath, Label: p.T("erasures.title")}), Status: erasureMark(view.Status, p),
		Text: p.T("erasure.text." + string(view.Status)), Proof: erasureAddress(view.ID) + "/proof", Here: erasureAddress(view.ID),
		Running: view.Status == notification.ErasureRunning,
	}

	if view.Waiting > 0 {
		shown.Waiting = p.N("erasure.waiting", view.Waiting)
	}

	for _, id := range view.Drafts {
		shown.Drafts = append(shown.Drafts, crumb{Address: batchAddress(id), Label: id})
	}

	shown.Facts = named([]fact{
		{Name: "citizen.why", Value: view.Why},
		{Name: labelEnte, Value: erasureScope(&view, p)},
		{Name: "erasure.by", Value: view.ByName},
		{Name: "erasure.created_at", Value: f.moment(view.CreatedAt, p.Lang).String()},
		{Name: "erasure.ended_at", Value: orDash(f.moment(view.EndedAt, p.Lang).String())},
		{Name: "erasure.open_ones", Value: p.T("citizen.open." + string(view.OpenOnes))},
		{Name: "erasure.found", Value: count(view.Found, p.Lang)},
		{Name: "erasure.notifications", Value: count(view.Erased.Notifications, p.Lang)},
		{Name: "erasure.batch_rows", Value: count(view.Erased.BatchRows, p.Lang)},
		{Name: "erasure.checks", Value: count(view.Erased.Checks, p.Lang)},
		{Name: "erasure.id", Value: view.ID, Code: true},
	}, p)

	return f.show(c, http.StatusOK, "erasure.html", shown)
}

// erasureProof is what can be handed to whoever asked, or filed: it says nothing about whom.
func (f *Frontend) erasureProof(c echo.Context) error {
	return f.hand(c, "genio-erasure-"+c.Param("id")+".json", formatJSON, func(ctx context.Context, w io.Writer, _ gateway.TableFormat) error {
		return f.gateway.WriteErasureProof(ctx, actor(c), c.Param("id"), w)
	})
}
