package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// columnsForm says what each column of a file holds. It shows no cell: the names of the columns are enough, and cells
// are personal data.
type columnsForm struct {
	page
	Address string // of the batch
	Columns []columnView
	Missing []string // labels of the fields that a column has to be found for
	Header  bool
	Check   int
	Once    string
	// Problems are whole messages.
	Problems []string
}

// columnView is one column and what it may hold.
type columnView struct {
	Name    string // of the select
	Label   string
	Choices []choice
	Problem string // a whole message
}

// columnsPage changes the columns of a draft.
type columnsPage struct {
	page
	Name string
	Form columnsForm
}

func newColumnsForm(view *gateway.BatchView, p page) columnsForm {
	form := columnsForm{page: p, Address: batchAddress(view.ID), Header: view.Layout.Header, Check: view.Check, Once: newOnceKey()}

	for i, column := range view.Layout.Columns {
		form.Columns = append(form.Columns, columnView{
			Name: columnParam(i), Label: columnLabel(i, column.Header, p), Choices: fieldChoices(column.Field, view.Placeholders, p),
		})
	}

	for _, field := range view.Unmapped {
		form.Missing = append(form.Missing, fieldLabel(field, view.Placeholders, p))
	}

	return form
}

func columnParam(i int) string { return "column-" + strconv.Itoa(i) }

// columnLabel names a column as spreadsheets do, and by its header where it has one.
func columnLabel(i int, header string, p page) string {
	if header == "" {
		return p.T("columns.column", columnLetters(i))
	}

	return p.T("columns.column_named", columnLetters(i), header)
}

// columnLetters is A for 0, Z for 25, AA for 26.
func columnLetters(i int) string {
	const letters = 26

	name := ""
	for i++; i > 0; i = (i - 1) / letters {
		name = string(rune('A'+(i-1)%letters)) + name
	}

	return name
}

// columnFields are what a column may hold beside the placeholders, in the order of the selection.
func columnFields() []batch.Field {
	return []batch.Field{
		batch.FieldFiscalCode, batch.FieldPhone, batch.FieldReference, batch.FieldDueDate, batch.FieldNoticeNumber,
		batch.FieldAmountEuro, batch.FieldAmountCents, batch.FieldInvalidAfter, batch.FieldPayee, batch.FieldSendAt,
	}
}

func fieldChoices(chosen batch.Field, placeholders []string, p page) []choice {
	choices := []choice{{Value: "", Label: p.T("columns.unused"), Chosen: chosen == ""}}

	fields := columnFields()
	for _, placeholder := range placeholders {
		fields = append(fields, batch.Value(placeholder))
	}

	for _, field := range fields {
		choices = append(choices, choice{Value: string(field), Label: fieldLabel(field, placeholders, p), Chosen: field == chosen})
	}

	return choices
}

func fieldLabel(field batch.Field, placeholders []string, p page) string {
	for _, placeholder := range placeholders {
		if field == batch.Value(placeholder) {
			return p.T("columns.placeholder", placeholder)
		}
	}

	return p.T("columns.field." + string(field))
}

func (f *Frontend) columns(c echo.Context) error {
	view, err := f.readBatch(c)
	if err != nil {
		return err
	}

	if !view.Possible.Remap {
		f.leaveNotice(c, toneWarning, "batch.too_late")

		return redirect(c, batchAddress(view.ID))
	}

	return f.showColumns(c, http.StatusOK, &view, nil)
}

// showColumns shows the form; invalid are the problems of what is chosen in view's layout.
func (f *Frontend) showColumns(c echo.Context, status int, view *gateway.BatchView, invalid notification.FieldErrors) error {
	p := f.page(c, "columns.title")
	shown := columnsPage{page: p, Name: view.Name, Form: newColumnsForm(view, p)}

	names := map[string]string{}
	for i := range view.Layout.Columns {
		names["columns["+strconv.Itoa(i)+"]"] = columnParam(i)
	}

	problems, rest := sortProblems(invalid, names, p.Lang)
	shown.Form.Problems = rest

	for i := range shown.Form.Columns {
		shown.Form.Columns[i].Problem = problems[shown.Form.Columns[i].Name]
	}

	return f.show(c, status, "batch_columns_page.html", shown)
}

// remap has the file read again with the columns that a person chose.
func (f *Frontend) remap(c echo.Context) error {
	form, err := f.readBatchForm(c, func(p gateway.BatchPossible) bool { return p.Remap })
	if form == nil {
		return err
	}

	view, values := form.view, form.values

	choose(&view, values)

	return f.readAgain(c, &view, values.Get("once"))
}

// choose puts what the form says into the layout.
func choose(view *gateway.BatchView, values url.Values) {
	view.Layout.Header = values.Get("header") != ""
	view.Layout.Columns = slices.Clone(view.Layout.Columns)

	for i := range view.Layout.Columns {
		view.Layout.Columns[i].Field = batch.Field(values.Get(columnParam(i)))
	}
}

func (f *Frontend) readAgain(c echo.Context, view *gateway.BatchView, once string) error {
	author := actor(c)
	if !f.done.use(author.ID, once) {
		return redirect(c, batchAddress(view.ID))
	}

	columns := make(map[int]batch.Field, len(view.Layout.Columns))
	for i, column := range view.Layout.Columns {
		columns[i] = column.Field
	}

	err := f.gateway.RemapBatch(c.Request().Context(), author, view.ID, view.Check, columns, &view.Layout.Header)
	if err != nil {
		f.done.release(author.ID, once)
	}

	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case refused:
		return f.showColumns(c, http.StatusUnprocessableEntity, view, invalid)
	case errors.Is(err, gateway.ErrState):
		return f.batchTooLate(c, view.ID, false)
	case err != nil:
		return fmt.Errorf("changing a batch's columns: %w", err)
	}

	return redirect(c, batchAddress(view.ID))
}
