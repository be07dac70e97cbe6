package frontend

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// batchPage follows one batch, from its upload to its last citizen.
type batchPage struct {
	page
	Name string
	Live batchLive
	Data []fact
	// Corrections leads to what sets the batch right; empty where that makes no sense.
	Corrections []actLink
}

// batchLive is the part of a batch's page that changes while somebody looks at it.
type batchLive struct {
	page
	ID      string
	Address string // of the batch's page
	Refresh string // the address that shows the same place again
	State   notification.BatchStatus
	Status  mark
	// Explanation says what the state means and what comes next.
	Explanation string
	// Times are moments that matter in this state.
	Times []fact
	Acts  []actLink
	Again string // the address of another upload, where this file is of no use

	Columns  *columnsForm
	Check    *checkView
	Progress *progressView

	// Open asks for news while something goes on by itself. Version names what is shown, so that the server
	// can answer that there are none; NewsAddress carries it.
	Open        bool
	Version     string
	NewsAddress string
}

func (f *Frontend) batch(c echo.Context) error {
	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	p := f.page(c, "batch.title", view.Name)

	live, err := f.batchLive(c, p, &view)
	if err != nil {
		return err
	}

	links, offered := correctionLinks(&view, p)

	return f.show(c, http.StatusOK, "batch.html", batchPage{
		page: p, Name: view.Name, Live: live, Data: append(f.batchFacts(&view, p), links...), Corrections: offered,
	})
}

func (f *Frontend) readBatch(c echo.Context) (gateway.BatchView, error) {
	view, err := f.gateway.Batch(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.BatchView{}, fmt.Errorf("reading a batch: %w", err)
	}

	return view, nil
}

// batchNews answers with the changing part alone, or with 204 where nothing has changed.
func (f *Frontend) batchNews(c echo.Context) error {
	if !isFragment(c) {
		return redirect(c, batchAddress(c.Param("id")))
	}

	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	shown, err := f.batchLive(c, f.page(c, "batch.title", view.Name), &view)
	if err != nil {
		return err
	}

	if c.QueryParam(paramSeen) == shown.Version {
		return c.NoContent(http.StatusNoContent)
	}

	text, err := f.render("batch.html", "batch-live", shown)
	if err != nil {
		return err
	}

	return c.HTMLBlob(http.StatusOK, text)
}

func (f *Frontend) batchLive(c echo.Context, p page, view *gateway.BatchView) (batchLive, error) {
	wanted := readRowFilter(c.QueryParams())
	shown := batchLive{
		page: p, ID: view.ID, Address: batchAddress(view.ID), Refresh: wanted.address(view.ID), State: view.Status,
		Status: batchMark(view.Status, p), Explanation: p.T("batch.explain." + string(view.Status)),
		Times: f.batchTimes(view, p), Acts: possibleBatchActs(view, p), Open: changesByItself(view),
	}

	switch {
	case view.Status == notification.BatchMapping && view.Possible.Remap:
		form := newColumnsForm(view, p)
		shown.Columns = &form
	case view.Status == notification.BatchUnreadable:
		shown.Explanation = batch.ProblemText(view.Problem, p.Lang)
		shown.Again = uploadAddress(view.ServiceID, view.TemplateID)
	case view.Status == notification.BatchDraft:
		check, err := f.checkView(c, p, view, wanted)
		if err != nil {
			return batchLive{}, err
		}

		shown.Check = &check
	case wasConfirmed(view.Status):
		shown.Progress = f.progressView(view, p, actor(c).MayChange())
	}

	err := f.nameVersion(&shown, wanted)

	return shown, err
}

// nameVersion lets the server tell whether there is any news. The rendered text itself is what must not have changed.
func (f *Frontend) nameVersion(shown *batchLive, wanted rowFilter) error {
	if !shown.Open {
		return nil
	}

	text, err := f.render("batch.html", "batch-live", shown)
	if err != nil {
		return err
	}

	sum := sha256.Sum256(text)
	shown.Version = hex.EncodeToString(sum[:versionLength])
	values := wanted.values()
	values.Set(paramSeen, shown.Version)
	shown.NewsAddress = shown.Address + "/live?" + values.Encode()

	return nil
}

// changesByItself tells whether the page has news without anybody doing anything.
func changesByItself(view *gateway.BatchView) bool {
	switch view.Status {
	case notification.BatchChecking, notification.BatchScheduled, notification.BatchSending, notification.BatchPaused:
		return true
	case notification.BatchDraft:
		return view.Sample.State == notification.SampleWanted || view.Sample.State == notification.SampleRunning
	case notification.BatchCancelled:
		return view.Progress.Ended() < view.Progress.ToSend
	default:
		return false
	}
}

// batchTimes are the moments that matter in the batch's state.
func (f *Frontend) batchTimes(view *gateway.BatchView, p page) []fact {
	var times []fact

	add := func(name string, at moment) {
		if at.Set {
			times = append(times, fact{Name: name, Value: at.String()})
		}
	}

	if view.Status == notification.BatchScheduled {
		add("batch.send_at", f.moment(view.SendAt, p.Lang))
	}

	if wasConfirmed(view.Status) {
		add("batch.started_at", f.moment(view.StartedAt, p.Lang))
		add("batch.ended_at", f.moment(view.EndedAt, p.Lang))
	}

	return named(times, p)
}

// batchFacts lists what is known of the batch beside its state; unknown lines are left out.
func (f *Frontend) batchFacts(view *gateway.BatchView, p page) []fact {
	all := []fact{
		{Name: "batch.ente", Value: view.EnteName},
		{Name: "batch.service", Value: view.ServiceName},
		{Name: "batch.template", Value: view.TemplateName, Address: templateVersionAddress(view.TemplateID, view.TemplateVersion)},
		{Name: "batch.template_version", Value: count(view.TemplateVersion, p.Lang)},
		{Name: "batch.file", Value: view.FileName},
		{Name: "batch.file_size", Value: fileSize(view.FileSize, p.Lang)},
		{Name: "batch.priority", Value: view.Priority.Label(p.Lang)},
		{Name: "batch.created_at", Value: f.moment(view.CreatedAt, p.Lang).String()},
		{Name: "batch.checked_at", Value: f.moment(view.CheckedAt, p.Lang).String()},
		{Name: "batch.confirmed_at", Value: f.moment(view.ConfirmedAt, p.Lang).String()},
		{Name: "batch.id", Value: view.ID, Code: true},
	}

	return named(slices.DeleteFunc(all, func(line fact) bool { return line.Value == "" }), p)
}

func uploadAddress(serviceID, templateID string) string {
	values := url.Values{}

	if serviceID != "" {
		values.Set(paramService, serviceID)
	}

	if templateID != "" {
		values.Set(paramTemplate, templateID)
	}

	return addressWith(batchesPath+"/new", values)
}
