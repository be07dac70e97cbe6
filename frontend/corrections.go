package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// CorrectionGateway is what the pages ask of the use cases of corrections.
type CorrectionGateway interface {
	CorrectBatch(ctx context.Context, actor gateway.Actor, id string, wish gateway.CorrectionWish) (gateway.BatchView, error)
}

func (f *Frontend) mountCorrections(r *routes) {
	r.get(batchesPath+"/:id/correct", gateway.PermissionIntervene, f.correctionForm)
	r.post(batchesPath+"/:id/correct", gateway.PermissionIntervene, f.correct)
}

// correctionPage asks of which template a correction is made, and for whom.
type correctionPage struct {
	page
	Crumbs    []crumb
	Address   string // of the batch
	Sentence  string
	Open      string // the words of the choice to reach those under way, too; empty where there are none
	OpenToo   bool
	Templates []choice
	Once      string
	Problems  map[string]string // whole messages, by field
	Summary   []string
}

func (f *Frontend) correctionForm(c echo.Context) error {
	return f.showCorrectionForm(c, http.StatusOK, gateway.CorrectionWish{}, nil)
}

func (f *Frontend) showCorrectionForm(c echo.Context, status int, wish gateway.CorrectionWish, invalid notification.FieldErrors) error {
	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	ctx, author := c.Request().Context(), actor(c)

	links := view.Links
	if !links.MayCorrect {
		return f.batchTooLate(c, view.ID, false)
	}

	templates, err := f.gateway.Templates(ctx, author, gateway.TemplateQuery{})
	if err != nil {
		return fmt.Errorf("listing the templates: %w", err)
	}

	p := f.page(c, "correction.title")
	shown := correctionPage{
		page: p, Crumbs: batchCrumbs(&view, p), Address: batchAddress(view.ID), Once: newOnceKey(), OpenToo: wish.Open,
		Sentence: p.N("correction.delivered", links.Audience.Delivered),
	}

	if links.Audience.Open > 0 {
		shown.Open = p.N("correction.open", links.Audience.Open)
	}

	for _, template := range templates {
		if template.EnteID == view.EnteID {
			shown.Templates = append(shown.Templates, choice{
				Value: template.ID, Label: template.Name, Chosen: template.ID == wish.TemplateID,
			})
		}
	}

	shown.Problems, shown.Summary = sortProblems(invalid, map[string]string{"template_id": "template"}, p.Lang)

	return f.show(c, status, "batch_correct.html", shown)
}

// correct makes the draft of the correction, once for each form.
func (f *Frontend) correct(c echo.Context) error {
	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	author, key := actor(c), c.FormValue("once")
	wish := gateway.CorrectionWish{TemplateID: c.FormValue(paramTemplate), Open: c.FormValue("open") != ""}

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, batchAddress(view.ID))
	}

	made, err := f.gateway.CorrectBatch(c.Request().Context(), author, view.ID, wish)
	if err != nil {
		f.done.release(author.ID, key)
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.showCorrectionForm(c, http.StatusUnprocessableEntity, wish, invalid)
	case errors.Is(err, gateway.ErrState):
		return f.batchTooLate(c, view.ID, false)
	case err != nil:
		return fmt.Errorf("correcting a batch: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "correction.made")

	return redirect(c, batchAddress(made.ID))
}

// correctionLinks are the facts and the act that a batch's page shows of corrections.
func correctionLinks(view *gateway.BatchView, p page) (facts []fact, offered []actLink) {
	links := view.Links

	if links.Corrects != nil {
		facts = append(facts, fact{Name: "correction.corrects", Value: links.Corrects.Name, Address: batchAddress(links.Corrects.ID)})
	}

	for _, correction := range links.Corrections {
		facts = append(facts, fact{Name: "correction.corrected_by", Value: correction.Name, Address: batchAddress(correction.ID)})
	}

	if links.MayCorrect {
		offered = append(offered, actLink{
			Address: batchAddress(view.ID) + "/correct", Label: p.T("correction.button"), Tone: toneSecondary,
		})
	}

	return named(facts, p), offered
}
