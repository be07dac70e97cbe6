package frontend

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// rowPage shows one row as the citizen will see it.
type rowPage struct {
	page
	Crumbs    []crumb
	Batch     string // the address
	Number    string
	Recipient []fact
	Message   messageView
	SMS       smsView
	Languages []shortcut // none where the template has one language only

	Previous, Following string // addresses; empty where there is no good row
}

func (f *Frontend) previewRow(c echo.Context) error {
	number, err := strconv.Atoi(c.Param("row"))
	if err != nil || number < 0 {
		return echo.ErrNotFound
	}

	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	preview, err := f.gateway.BatchPreview(c.Request().Context(), actor(c), view.ID, number)
	if err != nil {
		return fmt.Errorf("previewing a batch's row: %w", err)
	}

	p := f.page(c, "preview.title", count(preview.Number, languageOf(c.Request())))

	return f.show(c, http.StatusOK, "batch_row.html", f.rowPage(&view, preview, p, wantedLanguage(c, preview)))
}

// wantedLanguage is Italian unless the citizen's English text is asked for, and there.
func wantedLanguage(c echo.Context, preview gateway.RowPreview) notification.Lang {
	if preview.Content.English != nil && notification.Lang(c.QueryParam("lang")) == notification.English {
		return notification.English
	}

	return notification.Italian
}

func (f *Frontend) rowPage(view *gateway.BatchView, preview gateway.RowPreview, p page, lang notification.Lang) rowPage {
	shown := rowPage{
		page: p, Crumbs: batchCrumbs(view, p), Batch: batchAddress(view.ID), Number: count(preview.Number, p.Lang),
		Message: f.messageView(preview.Content, lang, p), SMS: newSMSView(preview.SMS, p),
		Recipient: named([]fact{
			{Name: "detail.recipient", Value: preview.MaskedFiscalCode, Code: true},
			{Name: labelPhone, Value: orNone(preview.MaskedPhone, p)},
		}, p),
	}

	shown.Message.Ente, shown.Message.Service = view.EnteName, view.ServiceName

	if lang == notification.English && preview.Content.English.SMSText != "" {
		shown.SMS = smsView{page: p, Written: lang, Text: preview.Content.English.SMSText}
	}

	if preview.Content.English != nil {
		for _, offered := range []notification.Lang{notification.Italian, notification.English} {
			shown.Languages = append(shown.Languages, shortcut{
				mark: mark{Label: p.T("preview.lang." + string(offered))}, Address: rowInLanguage(view.ID, preview.Number, offered),
				Current: offered == lang,
			})
		}
	}

	if preview.Previous > 0 {
		shown.Previous = rowInLanguage(view.ID, preview.Previous, lang)
	}

	if preview.Following > 0 {
		shown.Following = rowInLanguage(view.ID, preview.Following, lang)
	}

	return shown
}

func rowInLanguage(id string, number int, lang notification.Lang) string {
	if lang == notification.Italian {
		return rowAddress(id, number)
	}

	return rowAddress(id, number) + "?" + url.Values{"lang": {string(lang)}}.Encode()
}

func orNone(text string, p page) string {
	if text == "" {
		return p.T("preview.no_phone")
	}

	return text
}

// findRow leads to the preview of the row whose number somebody typed.
func (f *Frontend) findRow(c echo.Context) error {
	number, err := strconv.Atoi(strings.TrimSpace(c.QueryParam("number")))
	if err != nil || number < 1 {
		f.leaveNotice(c, toneWarning, "row.no_number")

		return redirect(c, batchAddress(c.Param("id")))
	}

	return redirect(c, rowAddress(c.Param("id"), number))
}
