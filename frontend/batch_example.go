package frontend

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// exampleView shows what a file for a template may look like.
type exampleView struct {
	page
	Template string // its name; empty where there is none
	Columns  []exampleColumn
	Rows     [][]string
	Sample   string // the address of the same as a file
}

// exampleColumn is a column of the example.
type exampleColumn struct {
	Name  string
	Needs string // a message: whether it has to be there
}

// Invented people: no municipality has the code X000.
func exampleCodes() [2]string { return [2]string{"BNCMRC40A01X000X", "LCCPDR41B42X000Q"} }

// byteOrderMark tells Excel that a file is UTF-8.
const byteOrderMark = "\uFEFF"

func newExampleView(template *gateway.TemplateView, p page) exampleView {
	shown := exampleView{page: p}
	if template == nil {
		return shown
	}

	shown.Template = template.Name
	shown.Sample = batchesPath + "/sample.csv?" + url.Values{paramTemplate: {template.ID}}.Encode()

	table := exampleTable(template.Placeholders)
	placeholders := len(template.Placeholders)

	for i, name := range table[0] {
		needs := "upload.column.optional"
		if i == 0 || i > 1 && i < 2+placeholders {
			needs = "upload.column.required"
		}

		shown.Columns = append(shown.Columns, exampleColumn{Name: name, Needs: p.T(needs)})
	}

	shown.Rows = table[1:]

	return shown
}

// exampleTable has the names of the columns and two rows. The names and values are Italian in any case: the file is read
// by its columns' names, and written by Italian offices.
func exampleTable(placeholders []string) [][]string {
	codes := exampleCodes()
	names := []string{"codice_fiscale", "telefono"}
	first := []string{codes[0], "3331234567"}
	second := []string{codes[1], ""}

	for _, placeholder := range placeholders {
		names = append(names, placeholder)
		first = append(first, inventedValue(placeholder, 0))
		second = append(second, inventedValue(placeholder, 1))
	}

	for _, column := range [][3]string{
		{"riferimento", "PRATICA-0001", "PRATICA-0002"},
		{"scadenza", "31/12/2026", ""},
		{"numero_avviso", "302000100000009421", ""},
		{"importo", "123,45", ""},
	} {
		// Two columns of one name would make the reader ask which is which.
		if slices.Contains(names, column[0]) {
			continue
		}

		names = append(names, column[0])
		first = append(first, column[1])
		second = append(second, column[2])
	}

	return [][]string{names, first, second}
}

// inventedValue stands for a placeholder's value in examples and previews: something of the kind where its name tells,
// else its name again.
func inventedValue(placeholder string, person int) string {
	key := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(placeholder))

	for _, known := range []struct {
		part   string
		values [2]string
	}{
		{"cognome", [2]string{"Bianchi", "Lucci"}},
		{"nome", [2]string{"Marco", "Piera"}},
		{"indirizzo", [2]string{"Via Roma 1", "Piazza Garibaldi 12"}},
		{"importo", [2]string{"123,45 €", "80,00 €"}},
		{"scadenza", [2]string{"31/12/2026", "31/12/2026"}},
		{"data", [2]string{"15/12/2026", "16/12/2026"}},
		{"ora", [2]string{"10:30", "11:00"}},
		{"anno", [2]string{"2026", "2026"}},
		{"rata", [2]string{"1", "2"}},
	} {
		if strings.Contains(key, known.part) {
			return known.values[person]
		}
	}

	return placeholder
}

// sampleFile is the example as a file that Excel opens in Italy.
func (f *Frontend) sampleFile(c echo.Context) error {
	template, err := f.gateway.Template(c.Request().Context(), actor(c), c.QueryParam(paramTemplate), 0)
	if err != nil {
		return fmt.Errorf("reading a template: %w", err)
	}

	var text strings.Builder

	text.WriteString(byteOrderMark)

	table := csv.NewWriter(&text)
	table.Comma = ';'
	table.UseCRLF = true

	if err := table.WriteAll(exampleTable(template.Placeholders)); err != nil {
		return fmt.Errorf("writing the sample file: %w", err)
	}

	attach(c.Response().Header(), "esempio.csv")

	return c.Blob(http.StatusOK, contentType(gateway.TableCSV), []byte(text.String()))
}
